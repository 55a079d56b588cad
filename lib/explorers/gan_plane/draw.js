/* Data drawn by the reader: strokes of a mouse, a pen or a finger, or a cross moved by the arrows. */

import { mark } from "../kit/chart.js";
import { gesture, handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { clamp, decimal } from "../kit/numbers.js";
import { MOST } from "./laws.js";

const APART = 0.06;
const kept = (point) => point.map((each) => Number(clamp(each, -1, 1).toFixed(3)));

/* The centres behind a stroke from its last one towards `to`: one every APART, until there are MOST. */
export function along(centres, to, begins) {
  if (begins || centres.length === 0) return [...centres, kept(to)].slice(0, MOST);
  const found = [...centres];
  for (let from = found[found.length - 1]; found.length < MOST; from = found[found.length - 1]) {
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (far < APART) break;
    const next = kept(from.map((each, axis) => each + (APART / far) * (to[axis] - each)));
    if (String(next) === String(from)) break;
    found.push(next);
  }
  return found;
}

export function buildDrawing(page, state, plane, { put, end }) {
  const surface = shape(plane.over, "rect", { class: "explorer-surface", "aria-hidden": "true", style: "touch-action: none" });
  const sheet = mark(plane, surface, () => {
    surface.setAttribute("width", plane.width);
    surface.setAttribute("height", plane.height);
  });
  sheet.set();
  const drawn = shape(plane.plot, "g", { class: "explorer-points", "data-role": "real" });
  const dots = mark(plane, drawn, (centres) => {
    drawn.replaceChildren();
    for (const [x, y] of centres) shape(drawn, "circle", { cx: plane.sx(x), cy: plane.sy(y), r: 4 });
  });
  let before = [];
  const stroke = (event, begins) => page.change(() => put(along(state.sketch, kept(plane.at(event)), begins)));
  gesture(page, surface, {
    start: (event) => {
      before = state.sketch;
      stroke(event, true);
    },
    move: (event) => {
      for (const each of event.getCoalescedEvents?.() ?? []) stroke(each, false);
      stroke(event, false);
    },
    cancel: () => page.change(() => put(before)),
  });
  surface.addEventListener("touchstart", (event) => event.preventDefault(), { signal: page.signal, passive: false });
  const cross = handle(plane, { role: "real", label: "Cross", x: [-1, 1, 0.05], y: [-1, 1, 0.05], move: (at) => page.change(() => { state.cross = kept(at); }) });
  cross.node.addEventListener("keydown", (event) => {
    const acts = {
      Enter: () => put(along(state.sketch, state.cross, true)), " ": () => put(along(state.sketch, state.cross, true)),
      Backspace: () => put(state.sketch.slice(0, -1)), Escape: end,
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    page.change(acts[event.key]);
  }, { signal: page.signal });
  return {
    focus: () => requestAnimationFrame(() => requestAnimationFrame(() => cross.node.focus({ preventScroll: true }))),
    draw: () => {
      surface.style.display = state.drawing ? "" : "none";
      cross.show(state.drawing);
      cross.set(...state.cross, `${state.cross.map((each) => decimal(each, 2)).join(", ")}; ${state.sketch.length} of ${MOST} points`);
      dots.set(state.drawing ? state.sketch : []);
    },
  };
}
