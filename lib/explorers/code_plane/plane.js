/* The plane of codes: real digits as dots, the cursor, two digits with the line between them, and the grid of images. */

import { chart, mark } from "../kit/chart.js";
import { gesture, handle, keyed } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { note, points, rule } from "../kit/marks.js";
import { clamp, decimal } from "../kit/numbers.js";
import { SIDE, aDigit, decodeGrid } from "./decoder.js";
import { sheet } from "./images.js";

const NARROW = 12;

/* The box of the codes with a margin, so that no dot lies on an edge. */
const widened = ([low, high]) => [low - 0.05 * (high - low), high + 0.05 * (high - low)];

/* At most five round numbers in an interval. */
function ticksIn([low, high]) {
  const rough = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(6)));
}

/* Nodes that are placed anew only where something they depend on has changed: set(key, …). */
function lasting(plane, node, put) {
  let drawn = "";
  return mark(plane, node, (key, ...data) => {
    const now = `${key} ${plane.width} ${plane.height}`;
    if (now !== drawn) put(...data);
    drawn = now;
  });
}

function filled(node, count, make) {
  while (node.childElementCount > count) node.lastChild.remove();
  while (node.childElementCount < count) make();
}

const put = (node, attributes) => { for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value); };

/* A dot for every real digit; where the encoder gives standard deviations, an ellipse of one of them around it. */
function buildDots(plane) {
  const around = shape(plane.plot, "g", { "data-role": "real", fill: "var(--role)", "fill-opacity": 0.07 });
  const node = shape(plane.plot, "g", { "data-role": "real" });
  const ellipses = lasting(plane, around, (codes, deviations) => {
    filled(around, deviations.length, () => shape(around, "ellipse"));
    const [across, down] = [plane.sx(1) - plane.sx(0), plane.sy(0) - plane.sy(1)];
    deviations.forEach(([a, b], k) => put(around.children[k], {
      cx: plane.sx(codes[k][0]), cy: plane.sy(codes[k][1]), rx: a * across, ry: b * down,
    }));
  });
  const dots = lasting(plane, node, (codes, strong, radius) => {
    filled(node, codes.length, () => shape(node, "circle", { class: "explorer-spot" }));
    codes.forEach(([x, y], k) => put(node.children[k], {
      cx: plane.sx(x).toFixed(1), cy: plane.sy(y).toFixed(1), r: strong(k) ? radius : 0.7 * radius,
      "fill-opacity": strong(k) ? 0.85 : 0.25,
    }));
  });
  return ({ model, labels, marked, grid, which }) => {
    const strong = (k) => (marked === "all" ? !grid : String(labels[k]) === marked);
    around.style.display = grid ? "none" : "";
    ellipses.set(which, model.codes, model.deviations);
    dots.set([which, marked, grid], model.codes, strong, plane.wide() ? 3 : 2.4);
  };
}

/* The images of a grid of codes, fewer where there is little room, each on a ground that tells the holes. */
function buildGrid(plane) {
  const holes = shape(plane.plot, "g", { "data-role": "generated" });
  const ground = shape(holes, "path", { fill: "var(--role)", "fill-opacity": 0.3, "shape-rendering": "crispEdges" });
  const drawings = sheet(plane.plot);
  const drawn = lasting(plane, holes, (model, pictures, grid) => {
    const count = plane.wide() ? SIDE : NARROW;
    const { distances, images } = grid ? decodeGrid(model, pictures, count) : { distances: [], images: [] };
    const [[left, right], [low, high]] = model.box;
    const [width, height] = [(plane.sx(right) - plane.sx(left)) / count, (plane.sy(low) - plane.sy(high)) / count];
    const corner = (k) => ({ x: plane.sx(left) + (k % count) * width, y: plane.sy(high) + Math.floor(k / count) * height });
    ground.setAttribute("d", distances.map((each, k) => {
      const { x, y } = corner(k);
      return each > pictures.far ? `M${x.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(2)}v${height.toFixed(2)}h${(-width).toFixed(2)}Z` : "";
    }).join(""));
    const { pixels } = pictures;
    const size = 0.94 * Math.min(width, height);
    drawings.set(distances.map((_, k) => {
      const { x, y } = corner(k);
      const at = { x: x + (width - size) / 2, y: y + (height - size) / 2, width: size, height: size };
      return { pixels: images.subarray(k * pixels, (k + 1) * pixels), ...at };
    }));
  });
  return ({ model, pictures, grid, which }) => drawn.set([which, grid], model, pictures, grid);
}

/* A digit that is held: it moves from dot to dot. The arrows go to the nearest dot on their side. */
function buildEnd(page, state, plane, { name, label }) {
  const limits = [[0, 1, 0.1], [0, 1, 0.1]];
  const distance = ([x, y], [u, v]) => Math.hypot(plane.sx(x) - plane.sx(u), plane.sy(y) - plane.sy(v));
  const choose = (allowed, from) => {
    const { codes } = state.read.model;
    const found = codes.reduce((best, each, k) => (
      allowed(each, k) && (best < 0 || distance(each, from) < distance(codes[best], from)) ? k : best), -1);
    if (found >= 0) page.change(() => { state[name] = found; });
  };
  const held = handle(plane, { role: "real", label, x: limits[0], y: limits[1], move: (at) => choose(() => true, at) });
  held.node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    if (!key || key.end) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const from = state.read.model.codes[state[name]];
    const [right, up] = key.steps;
    const ahead = ([x, y]) => {
      const [across, rise] = [plane.sx(x) - plane.sx(from[0]), plane.sy(from[1]) - plane.sy(y)];
      const along = across * Math.sign(right) + rise * Math.sign(up);
      return along > 0 && along >= Math.abs(right ? rise : across);
    };
    choose((each, k) => k !== state[name] && ahead(each), from);
  }, { signal: page.signal, capture: true });
  const tag = note(plane, { role: "real", lift: 13 });
  tag.node.classList.add("explorer-price");
  return (box, labels) => {
    limits.forEach((each, axis) => each.splice(0, 2, ...box[axis]));
    const [x, y] = state.read.model.codes[state[name]];
    bounded(held.node, box[0]);
    held.set(x, y, `${aDigit(labels[state[name]])}, digit ${state[name] + 1} of ${labels.length}, at ${decimal(x, 2)}, ${decimal(y, 2)}`);
    tag.set(x, y, aDigit(labels[state[name]]));
  };
}

function bounded(node, [low, high]) {
  put(node, { "aria-valuemin": low.toFixed(3), "aria-valuemax": high.toFixed(3) });
}

export function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "The plane of codes", height: (width) => Math.min(430, 0.85 * width), left: 34, right: 12, top: 26,
    x: { domain: [0, 1], ticks: [], name: "" }, y: { domain: [0, 1], ticks: [], name: ["codes of the real digits", "codes"] },
  });
  const drawGrid = buildGrid(plane);
  const drawDots = buildDots(plane);
  const line = rule(plane, { role: "ink" });
  const between = points(plane, { role: "ink", radius: 4 });
  const way = rule(plane, { role: "real" });
  way.node.style.strokeDasharray = "3 3";
  const ring = shape(plane.plot, "circle", { "data-role": "real", fill: "none", stroke: "var(--role)", "stroke-width": 2, r: 7 });
  const nearest = mark(plane, ring, ([x, y]) => put(ring, { cx: plane.sx(x), cy: plane.sy(y) }));
  const surface = shape(plane.over, "rect", { class: "explorer-target", "aria-hidden": "true", style: "cursor: crosshair; touch-action: pan-y" });
  mark(plane, surface, () => put(surface, { width: plane.width, height: plane.height })).set();
  const ends = [["first", "First digit"], ["second", "Second digit"]].map(([name, label]) => buildEnd(page, state, plane, { name, label }));
  const limits = [[0, 1, 0.1], [0, 1, 0.1]];
  const go = (at) => page.change(() => {
    state.code = at.map((each, axis) => Number(clamp(each, limits[axis][0], limits[axis][1]).toPrecision(6)));
  });
  const follow = (event) => go(plane.at(event));
  let before = [];
  gesture(page, surface, {
    start: (event) => {
      before = state.code;
      follow(event);
    },
    move: follow,
    /* The finger was meant for the page, which scrolls. */
    cancel: () => page.change(() => { state.code = before; }),
  });
  const cursor = handle(plane, { role: "generated", label: "Cursor", x: limits[0], y: limits[1], move: go });
  return (made) => {
    const { model, labels } = made;
    const box = model.box.map(widened);
    ["x", "y"].forEach((axis, k) => {
      plane.rescale(axis, box[k], ticksIn(box[k]));
      limits[k].splice(0, 3, ...box[k], (box[k][1] - box[k][0]) / 50);
    });
    bounded(cursor.node, box[0]);
    drawGrid({ ...made, grid: state.grid });
    drawDots({ ...made, grid: state.grid, marked: state.marked });
    const [one, other] = [model.codes[state.first], model.codes[state.second]];
    line.set(...one, ...other);
    between.set([made.blend.code]);
    way.set(...state.code, ...model.codes[made.seen.index]);
    nearest.set(model.codes[made.seen.index]);
    for (const end of ends) end(box, labels);
    cursor.set(...state.code, `${state.code.map((each) => decimal(each, 2)).join(", ")}: ${decimal(made.seen.distance, 2)} from the nearest real digit, ${aDigit(labels[made.seen.index])}`);
  };
}
