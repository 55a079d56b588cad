/* Axes, and what a mark is. A chart keeps its marks' data and draws them again whenever its width or a domain changes. One unit
 * of the drawing is one pixel of the page, so that letters keep their size on a phone. `height` counts everything; where
 * both axes have one unit, it is a function of the width between the axes and counts what lies between them. The name of
 * the y axis may be a pair, as the label of a curve: a long form and one for narrow pages. */

import { lengthOf, shape, write } from "./elements.js";

export function chart(page, parent, { label, height, x, y, left = 32, right = 36, top = 28, bottom = 24 }) {
  const svg = shape(parent, "svg", { class: "explorer-chart", role: "group", "aria-label": label });
  const origin = shape(svg, "g", { transform: `translate(${left} ${top})` });
  const frame = shape(origin, "g", { class: "explorer-frame", "aria-hidden": "true" });
  const plot = shape(origin, "svg", { class: "explorer-marks", "aria-hidden": "true" });
  const names = shape(origin, "g", { class: "explorer-names", "aria-hidden": "true" });
  const over = shape(origin, "g", { class: "explorer-over" });
  const self = { page, svg, plot, names, over, marks: [], ends: [], notes: [], x, y, left, right, width: 0, height: 0 };
  const share = (axis, value) => (value - axis.domain[0]) / (axis.domain[1] - axis.domain[0]);
  self.sx = (value) => share(self.x, value) * self.width;
  self.sy = (value) => (1 - share(self.y, value)) * self.height;
  const rise = () => {
    self.height = typeof height === "function" ? height(self.width) : height - top - bottom;
    return self.height + top + bottom;
  };
  /* The pointer in data units, beyond the axes too. */
  self.at = (event) => {
    const box = svg.getBoundingClientRect();
    const across = (event.clientX - box.left - left) / self.width;
    const up = 1 - (event.clientY - box.top - top) / self.height;
    const [[x0, x1], [y0, y1]] = [self.x.domain, self.y.domain];
    return [x0 + across * (x1 - x0), y0 + up * (y1 - y0)];
  };
  self.wide = () => self.width >= 420;
  self.resize = () => {
    const width = parent.clientWidth || self.width + left + right;
    if (width === self.width + left + right) return;
    self.width = Math.max(80, width - left - right);
    layOut(self, plot, frame, self.width + left + right, rise());
    self.draw();
  };
  self.rescale = (axis, domain, ticks) => {
    if (String([self[axis].domain, self[axis].ticks]) === String([domain, ticks])) return;
    Object.assign(self[axis], { domain, ticks });
    drawFrame(self, frame);
  };
  self.draw = () => {
    self.marks.forEach((each) => each.draw());
    drawEnds(self);
    drawNotes(self);
  };
  page.charts.push(self);
  self.width = 640 - left - right;
  layOut(self, plot, frame, 640, rise());
  self.resize();
  return self;
}

/* Marks are cut a little outside the axes, so that a line which runs along an edge keeps its full width. */
function layOut(chart, plot, frame, across, down) {
  const margin = 3;
  const [width, height] = [chart.width + 2 * margin, chart.height + 2 * margin];
  const box = { x: -margin, y: -margin, width, height, viewBox: `${-margin} ${-margin} ${width} ${height}` };
  for (const [key, value] of Object.entries(box)) plot.setAttribute(key, value);
  chart.svg.setAttribute("viewBox", `0 0 ${across} ${down}`);
  chart.svg.setAttribute("height", down);
  drawFrame(chart, frame);
}

/* Ticks are numbers, or [number, text] where the text says more than the digits ("log 2"). */
function drawFrame(chart, frame) {
  frame.replaceChildren();
  const { width, height, x, y } = chart;
  const both = (tick) => (Array.isArray(tick) ? tick : [tick, String(tick).replace("-", "−")]);
  for (const [value, text] of (y.ticks ?? []).map(both)) {
    const at = chart.sy(value);
    shape(frame, "line", { class: "explorer-grid", x1: 0, x2: width, y1: at, y2: at });
    shape(frame, "text", { x: -8, y: at + 4, "text-anchor": "end" }, text);
  }
  for (const [value, text] of (x.ticks ?? []).map(both)) {
    const at = chart.sx(value);
    shape(frame, "line", { class: "explorer-tick", x1: at, x2: at, y1: height, y2: height + 4 });
    const words = shape(frame, "text", { x: at, y: height + 17, "text-anchor": "middle" }, text);
    /* The last one makes room for the name of the axis. */
    if (x.name) words.setAttribute("x", Math.min(at, width + 4 - lengthOf(words) / 2));
  }
  shape(frame, "line", { class: "explorer-axis", x1: 0, x2: width, y1: height, y2: height });
  if (x.name) shape(frame, "text", { class: "explorer-name", x: width + 11, y: height + 17 }, x.name);
  const [long, short = long] = [y.name ?? ""].flat();
  if (long) shape(frame, "text", { class: "explorer-name", x: -chart.left, y: -13 }, chart.wide() ? long : short);
}

/* The data of one mark, and how they become attributes. */
export function mark(chart, node, put) {
  let data = null;
  const self = { node, draw: () => data && put(...data), set: (...next) => { data = next; } };
  chart.marks.push(self);
  return self;
}

/* Labels at curve ends, pushed apart until each can be read. */
function drawEnds(chart) {
  const ends = chart.ends.filter((each) => each.curve.end !== undefined);
  ends.sort((one, other) => one.curve.end - other.curve.end);
  let above = -Infinity;
  const room = 17;
  ends.forEach((each, index) => {
    const floor = chart.height + 4 - room * (ends.length - 1 - index);
    const at = Math.max(above + room, Math.min(floor, Math.max(8, each.curve.end + 4)));
    above = at;
    write(each.text, chart.wide() ? each.label[0] : each.label[each.label.length - 1]);
    each.text.setAttribute("x", chart.width + 7);
    each.text.setAttribute("y", at);
  });
}

/* Words that would lie on one another: the lowest stay where they are, the others are lifted by a line. */
function drawNotes(chart) {
  const [line, gap] = [17, 6];
  const placed = [];
  for (const each of chart.notes.filter(({ box }) => box).sort((one, other) => other.box.y - one.box.y)) {
    const { left, right } = each.box;
    const meets = ({ box }) => left < box.right + gap && box.left < right + gap && Math.abs(box.y - each.box.y) < line;
    for (let other = placed.find(meets); other; other = placed.find(meets)) each.box.y = other.box.y - line;
    each.node.setAttribute("y", each.box.y);
    placed.push(each);
  }
}
