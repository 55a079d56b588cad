/* What the reader moves: handles, and a curve drawn by hand. Each works with a mouse, a finger, a pen and the keyboard. */

import { mark } from "./chart.js";
import { shape } from "./elements.js";
import { clamp, decimal } from "./numbers.js";

/* What a key asks for: steps to the right and upwards, or one end of the range. Shift takes five steps at once. */
export function keyed(event) {
  const size = event.shiftKey ? 5 : 1;
  const steps = {
    ArrowLeft: [-size, 0], ArrowRight: [size, 0], ArrowUp: [0, size], ArrowDown: [0, -size],
    PageUp: [0, 5], PageDown: [0, -5],
  };
  if (event.key === "Home" || event.key === "End") return { end: event.key, steps: [0, 0] };
  return steps[event.key] ? { end: "", steps: steps[event.key] } : null;
}

/* The visible knob, a ring that shows the keyboard's focus, and a target wide enough for a finger. */
export function knob(parent, { role, label, target = 14 }) {
  const node = shape(parent, "g", { class: "explorer-handle", "data-role": role, role: "slider", tabindex: 0 });
  node.setAttribute("aria-label", label);
  shape(node, "circle", { class: "explorer-target", r: target });
  shape(node, "circle", { class: "explorer-ring", r: 11 });
  shape(node, "circle", { class: "explorer-knob", r: 6 });
  return node;
}

/* A pointer gesture from press to release: start(event) once, then move(event); cancel() when the browser takes over. */
export function gesture(page, node, { start, move, cancel = () => {}, end = () => {} }) {
  const options = { signal: page.signal };
  let pointer = null;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    node.setPointerCapture(pointer);
    start(event);
  }, options);
  node.addEventListener("pointermove", (event) => event.pointerId === pointer && move(event), options);
  for (const [name, finish] of [["pointerup", end], ["pointercancel", cancel], ["lostpointercapture", end]]) {
    node.addEventListener(name, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      finish();
    }, options);
  }
}

/* A handle that moves along x, along y, or both. `x` and `y` are [min, max, step], or null where it is fixed.
 * move([x, y]) receives the wish, already within the limits; the explorer answers with set(x, y, text, aside), where
 * `aside` pixels downwards keep a handle from lying under another.
 * With `straight`, one gesture goes along one axis, the one it starts along: a hand that moves sideways also trembles
 * upwards, which matters where the two directions mean different things. */
export function handle(chart, { role, label, x = null, y = null, straight = false, move }) {
  const node = knob(chart.over, { role, label });
  const main = x ?? y;
  let now = [0, 0];
  let wished = null; /* what this frame has asked for already: a second key in the same frame goes on from there */
  let grip = [0, 0];
  let from = null;
  let axis = "";
  node.setAttribute("aria-valuemin", main[0]);
  node.setAttribute("aria-valuemax", main[1]);
  node.setAttribute("aria-orientation", x ? "horizontal" : "vertical");
  const within = (value, limits, fixed) => (limits ? clamp(value, limits[0], limits[1]) : fixed);
  const wish = (wanted) => {
    wished = [within(wanted[0], x, now[0]), within(wanted[1], y, now[1])];
    requestAnimationFrame(() => { wished = null; });
    move(wished);
  };
  gesture(chart.page, node, {
    start: (event) => {
      const at = chart.at(event);
      grip = [at[0] - now[0], at[1] - now[1]];
      from = straight ? event : null;
      axis = "";
      node.focus({ preventScroll: true, focusVisible: false });
    },
    move: (event) => {
      const at = chart.at(event);
      if (from && !axis) {
        const [right, down] = [Math.abs(event.clientX - from.clientX), Math.abs(event.clientY - from.clientY)];
        if (Math.max(right, down) < 4) return;
        axis = right >= down ? "x" : "y";
      }
      wish([axis === "y" ? now[0] : at[0] - grip[0], axis === "x" ? now[1] : at[1] - grip[1]]);
    },
  });
  /* A finger on the handle moves the handle and not the page. */
  const options = { signal: chart.page.signal, passive: false };
  node.addEventListener("touchstart", (event) => event.preventDefault(), options);
  node.addEventListener("keydown", (event) => {
    const key = keyed(event);
    if (!key) return;
    event.preventDefault();
    const origin = wished ?? now;
    if (key.end) {
      const value = key.end === "Home" ? main[0] : main[1];
      wish(x ? [value, origin[1]] : [origin[0], value]);
      return;
    }
    /* With one direction only, both pairs of arrows move along it. */
    const [right, up] = x && y ? key.steps : [key.steps[0] + key.steps[1], key.steps[0] + key.steps[1]];
    wish([origin[0] + right * (x?.[2] ?? 0), origin[1] + up * (y?.[2] ?? 0)]);
  }, { signal: chart.page.signal });
  const self = mark(chart, node, (across, up, text = decimal(x ? across : up, 2), aside = 0) => {
    now = [across, up];
    node.setAttribute("transform", `translate(${chart.sx(across)} ${chart.sy(up) + aside})`);
    node.setAttribute("aria-valuenow", (x ? across : up).toFixed(3));
    node.setAttribute("aria-valuetext", text);
  });
  self.show = (visible) => { node.style.display = visible ? "" : "none"; };
  return self;
}
