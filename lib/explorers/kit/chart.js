/* Axes and marks. A chart keeps its marks' data and draws them again whenever its width or a domain changes. One unit
 * of the drawing is one pixel of the page, so that letters keep their size on a phone. `height` counts everything; where
 * both axes have one unit, it is a function of the width between the axes and counts what lies between them. */

function chart(page, parent, { label, height, x, y, left = 32, right = 36, top = 28, bottom = 24 }) {
  const svg = shape(parent, "svg", { class: "explorer-chart", role: "group", "aria-label": label });
  const origin = shape(svg, "g", { transform: `translate(${left} ${top})` });
  const frame = shape(origin, "g", { class: "explorer-frame", "aria-hidden": "true" });
  const plot = shape(origin, "svg", { class: "explorer-marks", "aria-hidden": "true" });
  const names = shape(origin, "g", { class: "explorer-names", "aria-hidden": "true" });
  const over = shape(origin, "g", { class: "explorer-over" });
  const self = { page, svg, plot, names, over, marks: [], ends: [], x, y, left, right, width: 0, height: 0 };
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
    shape(frame, "text", { x: at, y: height + 17, "text-anchor": "middle" }, text);
  }
  shape(frame, "line", { class: "explorer-axis", x1: 0, x2: width, y1: height, y2: height });
  if (x.name) shape(frame, "text", { class: "explorer-name", x: width + 11, y: height + 17 }, x.name);
  if (y.name) shape(frame, "text", { class: "explorer-name", x: -chart.left, y: -13 }, y.name);
}

/* The data of one mark, and how they become attributes. */
function mark(chart, node, put) {
  let data = null;
  const self = { node, draw: () => data && put(...data), set: (...next) => { data = next; } };
  chart.marks.push(self);
  return self;
}

function path(chart, xs, ys) {
  let text = "";
  for (let index = 0; index < xs.length; index += 1) {
    text += `${index ? "L" : "M"}${chart.sx(xs[index]).toFixed(1)} ${chart.sy(ys[index]).toFixed(1)}`;
  }
  return text;
}

/* The region between a curve and the axis: set(xs, ys). */
function area(chart, { role, strong = false }) {
  const kind = strong ? "explorer-area explorer-strong" : "explorer-area";
  const node = shape(chart.plot, "path", { class: kind, "data-role": role });
  return mark(chart, node, (xs, ys) => {
    const base = chart.sy(Math.max(0, chart.y.domain[0])).toFixed(1);
    const [first, last] = [xs[0], xs[xs.length - 1]].map((each) => chart.sx(each).toFixed(1));
    node.setAttribute("d", `${path(chart, xs, ys)}L${last} ${base}L${first} ${base}Z`);
  });
}

/* A curve: set(xs, ys). `label` is put beside its right end; a pair gives a long form and one for narrow pages. */
function curve(chart, { role, dashed = false, label = null }) {
  const kind = dashed ? "explorer-curve explorer-dashed" : "explorer-curve";
  const node = shape(chart.plot, "path", { class: kind, "data-role": role });
  const self = mark(chart, node, (xs, ys) => {
    node.setAttribute("d", path(chart, xs, ys));
    self.end = chart.sy(ys[ys.length - 1]);
  });
  if (label) {
    const text = shape(chart.names, "text", { class: "explorer-name", "data-role": role });
    chart.ends.push({ curve: self, text, label: [label].flat() });
  }
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

/* Points: set([[x, y], …]). */
function points(chart, { role, radius = 3 }) {
  const node = shape(chart.plot, "g", { class: "explorer-points", "data-role": role });
  return mark(chart, node, (pairs) => {
    while (node.childElementCount > pairs.length) node.lastChild.remove();
    while (node.childElementCount < pairs.length) shape(node, "circle", { r: radius });
    pairs.forEach(([x, y], index) => {
      node.children[index].setAttribute("cx", chart.sx(x));
      node.children[index].setAttribute("cy", chart.sy(y));
    });
  });
}

/* A straight line between two points: set(x1, y1, x2, y2). */
function rule(chart, { role = "ink", dashed = false }) {
  const kind = dashed ? "explorer-rule explorer-dashed" : "explorer-rule";
  const node = shape(chart.plot, "line", { class: kind, "data-role": role });
  return mark(chart, node, (x1, y1, x2, y2) => {
    const at = { x1: chart.sx(x1), y1: chart.sy(y1), x2: chart.sx(x2), y2: chart.sy(y2) };
    for (const [key, value] of Object.entries(at)) node.setAttribute(key, value);
  });
}

/* A filled rectangle: set(x1, y1, x2, y2), corners in any order. */
function band(chart, { role, strong = false }) {
  const kind = strong ? "explorer-band explorer-strong" : "explorer-band";
  const node = shape(chart.plot, "rect", { class: kind, "data-role": role });
  return mark(chart, node, (x1, y1, x2, y2) => {
    const [[left, right], [top, bottom]] = [[x1, x2].map(chart.sx), [y1, y2].map(chart.sy)];
    node.setAttribute("x", Math.min(left, right));
    node.setAttribute("y", Math.min(top, bottom));
    node.setAttribute("width", Math.abs(right - left));
    node.setAttribute("height", Math.abs(bottom - top));
  });
}

/* Words in the plot: set(x, y, text, anchor), lifted by `lift` pixels. */
function note(chart, { role = "ink", lift = 0 }) {
  const node = shape(chart.names, "text", { class: "explorer-note", "data-role": role });
  return mark(chart, node, (x, y, text, anchor = "middle") => {
    write(node, text);
    node.setAttribute("text-anchor", anchor);
    /* Words stay on the page where their point is near its edge. */
    const length = node.getComputedTextLength?.() ?? 0;
    const before = { start: 0, middle: length / 2, end: length }[anchor];
    node.setAttribute("x", clamp(chart.sx(x), before, chart.width + chart.right - length + before));
    node.setAttribute("y", chart.sy(y) - lift);
  });
}
