/* What the reader takes hold of in the plane: the points, and the line. */

import { mark } from "../kit/chart.js";
import { gesture, handle, keyed, knob } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { clamp, decimal } from "../kit/numbers.js";
import { PLANE } from "./clouds.js";
import { RADIAN, folded } from "./line.js";

const FAR = 20;
const ARM = 2.3;
const REACH = 13;

/* One point is held: its handle moves it. A mouse or a finger takes hold of any other by dragging it, the keyboard by
 * Page Up and Page Down, so that a cloud of any size is one stop of the Tab key. */
export function buildHolding(page, state, plane) {
  const put = (at) => page.change(() => {
    state.points[state.held] = at.map((each, axis) => Number(clamp(each, ...PLANE["xy"[axis]]).toFixed(4)));
  });
  const surface = shape(plane.over, "rect", { class: "explorer-target", "aria-hidden": "true" });
  mark(plane, surface, () => {
    surface.setAttribute("width", plane.width);
    surface.setAttribute("height", plane.height);
  }).set();
  const nearest = (event) => {
    const [x, y] = plane.at(event);
    const far = state.points.map((each) => Math.hypot(plane.sx(each[0]) - plane.sx(x), plane.sy(each[1]) - plane.sy(y)));
    const index = far.indexOf(Math.min(...far));
    return far[index] <= REACH ? index : -1;
  };
  let dragged = false;
  gesture(page, surface, {
    start: (event) => {
      const index = nearest(event);
      dragged = index >= 0;
      if (dragged) page.change(() => { state.held = index; });
    },
    move: (event) => dragged && put(plane.at(event)),
  });
  surface.addEventListener("pointermove", (event) => {
    surface.style.cursor = nearest(event) >= 0 ? "grab" : "";
  }, { signal: page.signal });
  /* A finger on a point moves the point; between them it scrolls the page. */
  surface.addEventListener("touchstart", (event) => {
    if (event.cancelable && nearest(event.touches[0]) >= 0) event.preventDefault();
  }, { signal: page.signal, passive: false });
  const held = handle(plane, { role: "real", label: "Point", x: [...PLANE.x, 0.1], y: [...PLANE.y, 0.1], move: put });
  held.node.addEventListener("keydown", (event) => {
    const by = { PageUp: 1, PageDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const count = state.points.length;
    page.change(() => { state.held = (state.held + by + count) % count; });
  }, { signal: page.signal, capture: true });
  return () => {
    const [x, y] = state.points[state.held];
    held.set(x, y, `point ${state.held + 1} of ${state.points.length}, at ${decimal(x, 2)}, ${decimal(y, 2)}`);
  };
}

/* The knob that turns the line: it stays under the hand, at either end, while the angle is that of the line. */
export function buildTurning(page, state, plane) {
  const node = knob(plane.over, { role: "third", label: "Turn the line" });
  const range = { "aria-valuemin": 0, "aria-valuemax": 180, "aria-orientation": "horizontal" };
  for (const [key, value] of Object.entries(range)) node.setAttribute(key, value);
  let centre = [0, 0];
  const turn = (angle) => page.change(() => {
    state.flipped = angle < 0 || angle >= 180;
    state.angle = folded(angle);
  });
  gesture(page, node, {
    start: () => node.focus({ preventScroll: true, focusVisible: false }),
    move: (event) => {
      const [x, y] = plane.at(event);
      turn(Math.atan2(y - centre[1], x - centre[0]) / RADIAN);
    },
  });
  node.addEventListener("touchstart", (event) => event.preventDefault(), { signal: page.signal, passive: false });
  node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    if (!key) return;
    event.preventDefault();
    page.change(() => {
      state.angle = key.end ? { Home: 0, End: 180 }[key.end] : folded(state.angle + key.steps[0] + key.steps[1]);
    });
  }, { signal: page.signal });
  const place = mark(plane, node, (x, y) => node.setAttribute("transform", `translate(${plane.sx(x)} ${plane.sy(y)})`));
  return (now) => {
    centre = now;
    const side = state.flipped ? -1 : 1;
    const g = [side * Math.cos(state.angle * RADIAN), side * Math.sin(state.angle * RADIAN)];
    /* Where the arm would leave the picture, the knob stays at its edge. */
    const edges = g.map((each, axis) => PLANE["xy"[axis]][each > 0 ? 1 : 0]);
    const room = g.map((each, axis) => (Math.abs(each) < 1e-9 ? FAR : (edges[axis] - now[axis]) / each));
    const arm = Math.max(0.3, Math.min(ARM, ...room.map((each) => each - 0.25)));
    place.set(now[0] + arm * g[0], now[1] + arm * g[1]);
    node.setAttribute("aria-valuenow", state.angle.toFixed(2));
    node.setAttribute("aria-valuetext", `${decimal(state.angle, 0)} degrees`);
  };
}
