/* The plane: the field of T/K̂ with its level lines, real and generated points, ∇T at these and where the plan sends them. */

import { chart, mark } from "../kit/chart.js";
import { gesture, keyed, knob } from "../kit/drag.js";
import { element, shape } from "../kit/elements.js";
import { ARROWS, SIDE, crossings, neighbour, refined } from "./pictures.js";

const FINE = 4;
const PIXELS = (SIDE - 1) * FINE + 1;
const STRONGEST = 0.42;
const APART = 0.5;
/* An arrow of slope 1 in units of the plane. */
export const UNIT = 0.42;

/* Colours as the page shows them now: a canvas knows no variables. */
function hues(root) {
  const probe = element(root, "span", { hidden: "" });
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  return () => ({ real: read("real"), generated: read("generated") });
}

function buildField(page, parent) {
  const canvas = element(parent, "canvas", { class: "critics-field", width: PIXELS, height: PIXELS, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(PIXELS, PIXELS);
  const colours = hues(page.root);
  return (values) => {
    const { real, generated } = colours();
    refined(values, FINE).forEach((value, pixel) => {
      const hue = value > 0 ? real : generated;
      for (let k = 0; k < 3; k += 1) image.data[4 * pixel + k] = hue[k];
      image.data[4 * pixel + 3] = 255 * STRONGEST * Math.tanh(Math.abs(value) / 1.5);
    });
    context.putImageData(image, 0, 0);
  };
}

const spot = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;

function strokes(plane, attributes, text) {
  const node = shape(plane.plot, "path", attributes);
  return mark(plane, node, (...data) => node.setAttribute("d", text(...data)));
}

const dots = (plane, wide, narrow) => (points) => {
  const radius = plane.wide() ? wide : narrow;
  return points.map(([x, y]) => `M${spot([plane.sx(x) - radius, plane.sy(y)])}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`).join("");
};

const tips = (plane, points, arrows, k) => {
  const [[x, y], [dx, dy]] = [points[k], arrows[k]];
  return [[plane.sx(x), plane.sy(y)], [plane.sx(x + UNIT * dx), plane.sy(y + UNIT * dy)]];
};

/* Lines alone, or with barbs at their ends; `which` are drawn. */
const lines = (plane, barbed) => (points, arrows, which) => which.map((k) => {
  const [from, to] = tips(plane, points, arrows, k);
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const long = Math.hypot(dx, dy);
  if (long < 0.5) return "";
  const line = `M${spot(from)}L${spot(to)}`;
  if (!barbed) return line;
  const [ux, uy] = [dx, dy].map((each) => (each / long) * Math.min(plane.wide() ? 5 : 3.5, 0.45 * long));
  const barb = (side) => spot([to[0] - ux + side * 0.6 * uy, to[1] - uy - side * 0.6 * ux]);
  return `${line}M${barb(1)}L${spot(to)}L${barb(-1)}`;
}).join("");

/* The point that is looked at: by a tap, a finger that moves, or the arrow keys. */
function buildPicker(page, state, plane, seen) {
  const choose = (which) => page.change(() => { state.chosen = which + 1; });
  const surface = shape(plane.over, "rect", { class: "explorer-target critics-surface", "aria-hidden": "true" });
  mark(plane, surface, () => {
    surface.setAttribute("width", plane.width);
    surface.setAttribute("height", plane.height);
  }).set();
  const nearest = (event) => {
    const [x, y] = plane.at(event);
    const far = seen.points.map(([u, v]) => Math.hypot(u - x, v - y));
    return far.indexOf(Math.min(...far));
  };
  surface.addEventListener("click", (event) => choose(nearest(event)), { signal: page.signal });
  const node = knob(plane.over, { role: "ink", label: "Generated point" });
  node.classList.add("critics-picked");
  for (const [name, value] of [["min", 1], ["max", ARROWS]]) node.setAttribute(`aria-value${name}`, value);
  shape(node, "circle", { class: "critics-around", r: 8.5 });
  gesture(page, node, {
    start: () => node.focus({ preventScroll: true, focusVisible: false }),
    move: (event) => choose(nearest(event)),
  });
  node.addEventListener("touchstart", (event) => event.preventDefault(), { signal: page.signal, passive: false });
  node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    if (!key) return;
    event.preventDefault();
    const which = state.chosen - 1;
    if (key.end) return void choose(key.end === "Home" ? 0 : ARROWS - 1);
    if (event.key.startsWith("Page")) return void choose((which + Math.sign(key.steps[1]) + ARROWS) % ARROWS);
    choose(neighbour(seen.points, which, key.steps.map(Math.sign)));
  }, { signal: page.signal });
  return mark(plane, node, ([x, y], text) => {
    node.setAttribute("transform", `translate(${plane.sx(x)} ${plane.sy(y)})`);
    node.setAttribute("aria-valuenow", state.chosen);
    node.setAttribute("aria-valuetext", text);
  });
}

export function buildPlane(page, state, parent) {
  const box = element(parent, "div", { class: "critics-ground" });
  const drawField = buildField(page, box);
  const plane = chart(page, box, {
    label: "The plane: the critic's field, real and generated points, arrows", height: (width) => width, left: 1, right: 1, top: 1, bottom: 1,
    x: { domain: [-1, 1] }, y: { domain: [-1, 1] },
  });
  const [x, y] = [plane.sx, plane.sy];
  const along = ([from, to]) => (node) => from + (node / (SIDE - 1)) * (to - from);
  const segments = (found) => {
    const [across, up] = [along(plane.x.domain), along(plane.y.domain)];
    return found.map(([a, b, c, d]) => `M${spot([x(across(a)), y(up(b))])}L${spot([x(across(c)), y(up(d))])}`).join("");
  };
  const marks = {
    levels: strokes(plane, { class: "critics-level", "data-role": "quiet" }, segments),
    middle: strokes(plane, { class: "critics-level critics-middle", "data-role": "quiet" }, segments),
    real: strokes(plane, { class: "explorer-curve critics-hollow", "data-role": "real" }, dots(plane, 2.2, 1.7)),
    way: strokes(plane, { class: "critics-way", "data-role": "ink" }, ([from, to]) => `M${spot([x(from[0]), y(from[1])])}L${spot([x(to[0]), y(to[1])])}`),
    true: strokes(plane, { class: "critics-true", "data-role": "ink" }, lines(plane, false)),
    arrows: strokes(plane, { class: "explorer-curve critics-arrows", "data-role": "third" }, lines(plane, true)),
    generated: strokes(plane, { class: "explorer-spot critics-fakes", "data-role": "generated" }, dots(plane, 2.8, 2.2)),
    partner: strokes(plane, { class: "critics-partner", "data-role": "real" }, dots(plane, 5, 4.5)),
    one: strokes(plane, { class: "explorer-curve critics-one", "data-role": "third" }, lines(plane, true)),
  };
  const words = shape(plane.names, "text", { class: "explorer-name critics-said" });
  const corner = mark(plane, words, (text) => {
    words.textContent = text;
    words.setAttribute("x", 9);
    words.setAttribute("y", plane.height - 10);
  });
  const seen = { points: [], plane };
  const picked = buildPicker(page, state, plane, seen);
  const all = Array.from({ length: ARROWS }, (_, k) => k);
  seen.draw = ({ window: [across, up, half], points, partners, real, towards, field, arrows, said }) => {
    plane.rescale("x", [across - half, across + half]);
    plane.rescale("y", [up - half, up + half]);
    seen.points = points;
    const which = state.chosen - 1;
    drawField(field);
    const most = Math.floor(Math.max(...field.map(Math.abs)) / APART);
    const heights = Array.from({ length: 2 * most + 1 }, (_, k) => (k - most) * APART);
    marks.levels.set(heights.filter((height) => height !== 0).flatMap((height) => crossings(field, height)));
    marks.middle.set(crossings(field, 0));
    marks.real.set(real);
    marks.way.set([points[which], partners[which]]);
    marks.true.set(points, towards, all);
    marks.arrows.set(points, arrows, all.filter((k) => k !== which));
    marks.generated.set(points);
    marks.partner.set([partners[which]]);
    marks.one.set(points, arrows, [which]);
    picked.set(points[which], said);
    corner.set(state.points === "home" ? `training points, ${ARROWS} of 256` : `fresh points, ${ARROWS} of 1024`);
  };
  return seen;
}
