/* A curve that the reader draws by hand, or moves point by point with the keyboard. */

import { mark } from "./chart.js";
import { gesture, keyed, knob } from "./drag.js";
import { shape } from "./elements.js";
import { clamp, decimal } from "./numbers.js";

/* A curve over a grid, drawn by hand. `read()` gives its values, `write(values)` takes new ones within `range`.
 * The pointer draws; beyond the ends of a stroke the curve runs softly back to what it was (`soft`, in data units).
 * For the keyboard a row of points appears: left and right choose one, up and down move it, and its neighbours follow
 * in straight lines. The row is one stop of the Tab key, so that it does not stand in the way of the next control. */
export function freehand(chart, { role, label, grid, range, points: count = 13, soft = 0.25, step = 0.02, read, write: put }) {
  const surface = shape(chart.over, "rect", { class: "explorer-surface", "aria-hidden": "true", y: -8 });
  mark(chart, surface, () => {
    surface.setAttribute("width", chart.width);
    surface.setAttribute("height", chart.height + 16);
  }).set();
  penStrokes(chart, surface, { grid, range, soft, read, put });
  fingerDraws(chart.page, surface);
  keyboardRow(chart, { role, label, grid, range, count, step, read, put });
}

/* A finger that sets off up or down scrolls the page, as everywhere; one that sets off any other way draws, and the
 * page stays. */
function fingerDraws(page, surface) {
  const options = { signal: page.signal, passive: false };
  let [from, draws] = [null, null];
  surface.addEventListener("touchstart", (event) => {
    from = event.touches.length === 1 ? event.touches[0] : null;
    draws = null;
  }, { signal: page.signal, passive: true });
  surface.addEventListener("touchmove", (event) => {
    const [across, down] = from ? ["clientX", "clientY"].map((key) => Math.abs(event.touches[0][key] - from[key])) : [0, 0];
    if (Math.max(across, down) >= 3) draws ??= down <= 2 * across;
    if (draws && event.cancelable) event.preventDefault();
  }, options);
}

function penStrokes(chart, surface, { grid, range, soft, read, put }) {
  const { page } = chart;
  const gap = grid[1] - grid[0];
  const stroke = { base: null, values: new Float64Array(grid.length), from: 0, to: -1, last: [0, 0] };
  const nearest = (x) => clamp(Math.round((x - grid[0]) / gap), 0, grid.length - 1);
  const pen = (event) => {
    const [x, y] = chart.at(event);
    return [clamp(x, grid[0], grid[grid.length - 1]), clamp(y, ...range)];
  };
  const extend = (to) => {
    const from = stroke.last;
    const [low, high] = [nearest(Math.min(from[0], to[0])), nearest(Math.max(from[0], to[0]))];
    for (let index = low; index <= high; index += 1) {
      const share = low === high ? 1 : clamp((grid[index] - from[0]) / (to[0] - from[0]), 0, 1);
      stroke.values[index] = from[1] + share * (to[1] - from[1]);
    }
    stroke.from = Math.min(stroke.from, low);
    stroke.to = Math.max(stroke.to, high);
    stroke.last = to;
  };
  const result = () => stroke.base.map((old, index) => {
    if (index >= stroke.from && index <= stroke.to) return stroke.values[index];
    const end = index < stroke.from ? stroke.from : stroke.to;
    const edge = index < stroke.from ? 0 : grid.length - 1;
    /* A stroke that ends just short of the axis' end means to go all the way. */
    if (Math.abs(edge - end) * gap < 1.5 * soft) return stroke.values[end];
    const far = Math.abs(index - end) * gap / soft;
    const pull = far < 1 ? (1 - far) ** 2 * (1 + 2 * far) : 0;
    return pull * stroke.values[end] + (1 - pull) * old;
  });
  gesture(page, surface, {
    start: (event) => page.change(() => {
      const at = pen(event);
      Object.assign(stroke, { base: Float64Array.from(read()), from: nearest(at[0]), to: nearest(at[0]), last: at });
      extend(at);
      put(result());
    }),
    move: (event) => page.change(() => {
      for (const each of event.getCoalescedEvents?.() ?? []) extend(pen(each));
      extend(pen(event));
      put(result());
    }),
    /* The browser took the gesture for scrolling: what it left on the paper was no stroke. */
    cancel: () => page.change(() => put(stroke.base)),
  });
}

function keyboardRow(chart, { role, label, grid, range, count, step, read, put }) {
  const row = shape(chart.over, "g", { class: "explorer-keyboard-row", role: "group", "aria-label": label });
  const stride = (grid.length - 1) / (count - 1);
  const index = (which) => Math.round(which * stride);
  const shift = (which, value) => {
    const centre = index(which);
    const by = clamp(value, ...range) - read()[centre];
    put(read().map((old, at) => clamp(old + by * Math.max(0, 1 - Math.abs(at - centre) / stride), ...range)));
  };
  const knobs = Array.from({ length: count }, (_, which) => {
    const place = decimal(grid[index(which)], 1).replace(".0", "");
    const node = knob(row, { role, label: `${label} at ${place}` });
    node.setAttribute("tabindex", which === (count - 1) / 2 ? 0 : -1);
    node.setAttribute("aria-orientation", "vertical");
    node.setAttribute("aria-valuemin", range[0].toFixed(2));
    node.setAttribute("aria-valuemax", range[1].toFixed(2));
    return node;
  });
  const choose = (which) => knobs.forEach((node, at) => {
    node.setAttribute("tabindex", at === which ? 0 : -1);
    if (at === which) node.focus({ preventScroll: true });
  });
  row.addEventListener("keydown", (event) => {
    const which = knobs.indexOf(event.target);
    const key = keyed(event);
    if (!key || which < 0) return;
    event.preventDefault();
    const [right, up] = key.steps;
    if (key.end) chart.page.change(() => shift(which, key.end === "Home" ? range[0] : range[1]));
    else if (up) chart.page.change(() => shift(which, read()[index(which)] + up * step));
    else choose(clamp(which + right, 0, count - 1));
  }, { signal: chart.page.signal });
  mark(chart, row, () => knobs.forEach((node, which) => {
    const [x, y] = [grid[index(which)], read()[index(which)]];
    node.setAttribute("transform", `translate(${chart.sx(x)} ${chart.sy(y)})`);
    node.setAttribute("aria-valuenow", y.toFixed(2));
    node.setAttribute("aria-valuetext", decimal(y, 2));
  })).set();
}
