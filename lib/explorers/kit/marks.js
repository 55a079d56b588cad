/* What a chart shows: areas, curves, points, rules, bands and words. Each keeps its data and draws it when it is asked to. */

import { mark } from "./chart.js";
import { lengthOf, shape, write } from "./elements.js";
import { clamp } from "./numbers.js";

export function path(chart, xs, ys) {
  let text = "";
  for (let index = 0; index < xs.length; index += 1) {
    text += `${index ? "L" : "M"}${chart.sx(xs[index]).toFixed(1)} ${chart.sy(ys[index]).toFixed(1)}`;
  }
  return text;
}

/* The region between a curve and the axis: set(xs, ys). */
export function area(chart, { role, strong = false }) {
  const kind = strong ? "explorer-area explorer-strong" : "explorer-area";
  const node = shape(chart.plot, "path", { class: kind, "data-role": role });
  return mark(chart, node, (xs, ys) => {
    const base = chart.sy(Math.max(0, chart.y.domain[0])).toFixed(1);
    const [first, last] = [xs[0], xs[xs.length - 1]].map((each) => chart.sx(each).toFixed(1));
    node.setAttribute("d", `${path(chart, xs, ys)}L${last} ${base}L${first} ${base}Z`);
  });
}

/* A curve: set(xs, ys). `label` is put beside its right end; a pair gives a long form and one for narrow pages. */
export function curve(chart, { role, dashed = false, label = null }) {
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

/* Points: set([[x, y], …]). */
export function points(chart, { role, radius = 3 }) {
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
export function rule(chart, { role = "ink", dashed = false }) {
  const kind = dashed ? "explorer-rule explorer-dashed" : "explorer-rule";
  const node = shape(chart.plot, "line", { class: kind, "data-role": role });
  return mark(chart, node, (x1, y1, x2, y2) => {
    const at = { x1: chart.sx(x1), y1: chart.sy(y1), x2: chart.sx(x2), y2: chart.sy(y2) };
    for (const [key, value] of Object.entries(at)) node.setAttribute(key, value);
  });
}

/* A filled rectangle: set(x1, y1, x2, y2), corners in any order. */
export function band(chart, { role, strong = false }) {
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

/* Words in the plot: set(x, y, text, anchor, further), lifted by `lift` + `further` pixels. Two that would meet are put one above the other. */
export function note(chart, { role = "ink", lift = 0 }) {
  const node = shape(chart.names, "text", { class: "explorer-note", "data-role": role });
  const self = mark(chart, node, (x, y, text, anchor = "middle", further = 0) => {
    write(node, text);
    node.setAttribute("text-anchor", anchor);
    /* Words stay on the page where their point is near its edge. */
    const length = lengthOf(node);
    const before = { start: 0, middle: length / 2, end: length }[anchor];
    const at = clamp(chart.sx(x), before, chart.width + chart.right - length + before);
    self.box = { left: at - before, right: at - before + length, y: chart.sy(y) - lift - further };
    node.setAttribute("x", at);
  });
  chart.notes.push(self);
  return self;
}
