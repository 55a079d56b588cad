/* The pictures: the plane of order and place with the paths and the rule, and the law that the balls stand for. */

import { chart, mark } from "../kit/chart.js";
import { gesture, handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { curve, note, path, rule } from "../kit/marks.js";
import { clamp, decimal } from "../kit/numbers.js";
import { field } from "./field.js";
import { BALLS, FIRST, LAST, density } from "./laws.js";
import { FIELD, GRID } from "./play.js";

const PLACES = { domain: [-3.6, 3.6], ticks: [-3, -2, -1, 0, 1, 2, 3] };
/* How far to the right of the rule a density of 1 hangs. */
const HUNG = 0.36;
const TAPPED = 15;
const MOVED = 5;

const put = (node, attributes) => { for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value); };
const heightOf = (page) => () => (page.root.clientWidth < 600 ? 230 : 300);

/* A path, broken where it jumps from one end to the other, and written anew only where it is another. */
function thread(plane, role, strong) {
  const node = shape(plane.plot, "path", { class: `explorer-curve ${strong ? "explorer-followed" : "explorer-path"}`, "data-role": role });
  let drawn = [];
  return mark(plane, node, (along, places) => {
    const now = [places, plane.width, plane.height];
    if (now.every((each, k) => each === drawn[k])) return;
    drawn = now;
    const pieces = [];
    let from = 0;
    for (let k = 1; k <= places.length; k += 1) {
      if (k < places.length && !(Math.abs(places[k] - places[k - 1]) > 2.5)) continue;
      const part = Array.from({ length: k - from }, (_, i) => from + i).filter((i) => Number.isFinite(places[i]));
      pieces.push(path(plane, part.map((i) => along[i]), part.map((i) => places[i])));
      from = k;
    }
    node.setAttribute("d", pieces.join(""));
  });
}

/* The balls on the rule: the larger, the faster. */
function buildBalls(plane) {
  const group = shape(plane.plot, "g");
  const dots = BALLS.map(() => shape(group, "circle", { class: "explorer-ball" }));
  return mark(plane, group, (c, balls, marked) => dots.forEach((dot, k) => {
    const { x, speed } = balls[k];
    put(dot, {
      cx: plane.sx(c), cy: plane.sy(clamp(x, -8, 8)), r: 2.7 + 2 * Math.min(1, Math.abs(speed)), "data-role": k === marked ? "third" : "generated",
    });
  }));
}

/* Anywhere in the plane the rule is taken; a tap on a ball marks it. */
function buildSurface(page, state, plane, read) {
  const surface = shape(plane.over, "rect", { class: "explorer-target explorer-slide", "aria-hidden": "true" });
  mark(plane, surface, () => put(surface, { width: plane.width, height: plane.height })).set();
  const ballAt = (event) => {
    const [c, x] = plane.at(event);
    if (Math.abs(plane.sx(c) - plane.sx(state.order)) > TAPPED) return 0;
    const far = read().map((each) => Math.abs(plane.sy(clamp(each.x, -8, 8)) - plane.sy(x)));
    const nearest = Math.min(...far);
    return nearest <= TAPPED ? far.indexOf(nearest) + 1 : 0;
  };
  const go = (event) => page.change(() => { state.order = Number(clamp(plane.at(event)[0], FIRST, LAST).toFixed(3)); });
  let [from, before, tapped] = [null, 0, 0];
  gesture(page, surface, {
    start: (event) => {
      [from, before, tapped] = [event, state.order, ballAt(event)];
      state.playing = false;
      if (!tapped) go(event);
    },
    move: (event) => {
      if (tapped && Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < MOVED) return;
      tapped = 0;
      go(event);
    },
    end: () => {
      if (tapped) page.change(() => { state.ball = tapped; });
      tapped = 0;
    },
    /* The finger was meant for the page, which scrolls. */
    cancel: () => page.change(() => { [state.order, tapped] = [before, 0]; }),
  });
  /* Not every browser asks `touch-action` inside a drawing: a finger that goes sideways is told to stay here. */
  const options = { signal: page.signal, passive: false };
  let began = null;
  surface.addEventListener("touchstart", (event) => { [began] = event.touches; }, options);
  surface.addEventListener("touchmove", (event) => {
    const [now] = event.touches;
    if (event.cancelable && Math.abs(now.clientX - began.clientX) > Math.abs(now.clientY - began.clientY)) event.preventDefault();
  }, options);
}

export function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "The paths of nineteen balls in the plane of order and place", height: heightOf(page), left: 30, right: 20,
    x: { domain: [FIRST, 2.32], ticks: [0, 0.5, 1, 1.5, 2], name: "_c_" },
    y: { ...PLACES, name: ["_x_ = _G_(_z_, _c_), a path for each ball _z_", "_x_ = _G_(_z_, _c_)"] },
  });
  const ground = field(plane, {});
  const threads = BALLS.map(() => thread(plane, "generated", false));
  const followed = thread(plane, "third", true);
  const hung = curve(plane, { role: "ink", dashed: true });
  const upright = rule(plane, { role: "ink" });
  const dots = buildBalls(plane);
  const name = note(plane, { role: "third", lift: 9 });
  name.node.classList.add("explorer-price");
  let balls = [];
  buildSurface(page, state, plane, () => balls);
  const knob = handle(plane, { role: "ink", label: "Order", x: [FIRST, LAST, 0.05], move: ([c]) => page.change(() => {
    Object.assign(state, { order: Number(c.toFixed(3)), playing: false });
  }) });
  return (made) => {
    balls = made.balls;
    const { c, marked, paths: { along, places } } = made;
    ground.set(made.field, FIELD.orders, FIELD.places);
    threads.forEach((each, k) => each.set(along, places[k]));
    followed.set(along, places[state.ball - 1]);
    const seen = GRID.filter((x) => density(x, c) > 0.002);
    hung.set(seen.map((x) => c + HUNG * density(x, c)), seen);
    upright.set(c, PLACES.domain[0], c, PLACES.domain[1]);
    dots.set(c, balls, state.ball - 1);
    name.node.style.display = Math.abs(marked.x) < 3.3 ? "" : "none";
    /* To the left of the balls, or, where there is no room, beyond the law that hangs on the rule. */
    const beside = c > 0.5 ? [c - 0.06, "end"] : [c + HUNG * density(marked.x, c) + 0.05, "start"];
    name.set(beside[0], clamp(marked.x, -3.3, 3.3), `_z_ = ${decimal(marked.z, 2)}`, beside[1]);
    knob.set(c, PLACES.domain[0], `order ${decimal(c, 2)}`);
  };
}

/* What lies between a density and the upright axis. */
function flank(chart, role) {
  const node = shape(chart.plot, "path", { class: "explorer-area", "data-role": role });
  return mark(chart, node, (densities, places) => {
    const [first, last] = [places[0], places[places.length - 1]].map((each) => chart.sy(each).toFixed(1));
    node.setAttribute("d", `${path(chart, densities, places)}L${chart.sx(0)} ${last}L${chart.sx(0)} ${first}Z`);
  });
}

export function buildLaw(page, parent) {
  const side = chart(page, parent, {
    label: "The density of the generator at this order, and the right one", height: heightOf(page), left: 30, right: 24,
    x: { domain: [0, 0.85], ticks: [0, 0.4, 0.8], name: "" },
    y: { ...PLACES, name: ["densities at this order", "densities at this order"] },
  });
  const fill = flank(side, "generated");
  const made = curve(side, { role: "generated" });
  const right = curve(side, { role: "ink", dashed: true });
  return ({ c, drawn }) => {
    fill.set(drawn, GRID);
    made.set(drawn, GRID);
    right.set(GRID.map((x) => density(x, c)), GRID);
  };
}
