/* View 2: a kernel is not its matrix. */

import { chart, mark } from "../kit/chart.js";
import { button, hint, readout, select, slider } from "../kit/controls.js";
import { gesture, keyed } from "../kit/drag.js";
import { element, shape } from "../kit/elements.js";
import { band, rule } from "../kit/marks.js";
import { clamp, decimal, roundLimit } from "../kit/numbers.js";
import { kernelOf, norms, widthOf } from "./kernels.js";

const PIXELS_FOR_ONE = 60;
const STEP = 0.1;

/* The weights as squares that are painted: dragged upwards they grow. */
function buildCells(page, state, parent) {
  const grid = element(parent, "div", { class: "spectral-kernel", role: "group", "aria-label": "The weights of the kernel" });
  let cells = [];
  const paint = (k, value) => page.change(() => { state.weights[k] = Number(clamp(value, -1, 1).toFixed(2)); });
  const make = (k, size) => {
    const name = `Weight in row ${Math.floor(k / size) + 1}, column ${(k % size) + 1}`;
    const attributes = { role: "slider", tabindex: 0, "aria-label": name, "aria-valuemin": -1, "aria-valuemax": 1, "aria-orientation": "vertical" };
    const node = element(grid, "div", { class: "spectral-weight", ...attributes });
    let from = [0, 0];
    gesture(page, node, {
      start: (event) => {
        from = [event.clientY, state.weights[k]];
        node.focus({ preventScroll: true, focusVisible: false });
      },
      move: (event) => paint(k, from[1] + Math.round((from[0] - event.clientY) / (STEP * PIXELS_FOR_ONE)) * STEP),
    });
    node.addEventListener("keydown", (event) => {
      const key = keyed(event);
      if (!key) return;
      event.preventDefault();
      if (key.end) paint(k, key.end === "Home" ? -1 : 1);
      else paint(k, state.weights[k] + STEP * (key.steps[0] + key.steps[1]));
    }, { signal: page.signal });
    return node;
  };
  return () => {
    const size = widthOf(state.stride);
    if (cells.length !== state.weights.length) {
      grid.replaceChildren();
      grid.style.setProperty("--columns", size);
      cells = state.weights.map((_, k) => make(k, size));
    }
    cells.forEach((node, k) => {
      const weight = state.weights[k];
      const text = decimal(weight, Number.isInteger(weight) ? 0 : Number.isInteger(10 * weight) ? 1 : 2);
      node.textContent = text;
      node.dataset.role = weight < 0 ? "generated" : "real";
      node.style.setProperty("--heat", `${Math.round(46 * Math.abs(weight))}%`);
      node.setAttribute("aria-valuenow", weight);
      node.setAttribute("aria-valuetext", text);
    });
  };
}

/* How much each frequency is stretched, from −π to π in both directions; the largest framed. */
function buildMap(page, parent) {
  const ticks = [[-Math.PI, "−π"], [-Math.PI / 2, "−π/2"], [0, "0"], [Math.PI / 2, "π/2"]];
  const map = chart(page, parent, {
    label: "How much each frequency is stretched", height: (width) => width, left: 36, right: 10,
    x: { domain: [-Math.PI, Math.PI], ticks }, y: { domain: [-Math.PI, Math.PI], ticks, name: "the stretch of each frequency" },
  });
  map.svg.classList.add("spectral-map");
  const group = shape(map.plot, "g", { "data-role": "third", "shape-rendering": "crispEdges" });
  const frame = shape(map.plot, "rect", { class: "explorer-rule spectral-frame", "data-role": "ink", fill: "none" });
  const drawn = mark(map, group, (found) => {
    const side = found.length;
    while (group.childElementCount > side * side) group.lastChild.remove();
    while (group.childElementCount < side * side) shape(group, "rect", { class: "explorer-band explorer-strong" });
    const most = Math.max(...found.flat(), 1e-12);
    const step = (2 * Math.PI) / side;
    /* A frequency stands in the middle of its square; π is −π again. */
    const put = (node, i, j) => {
      const [row, column] = [i, j].map((each) => (each < side / 2 ? each : each - side) * step);
      const box = { x: map.sx(column - step / 2), y: map.sy(row + step / 2), width: map.sx(step) - map.sx(0), height: map.sy(0) - map.sy(step) };
      for (const [key, value] of Object.entries(box)) node.setAttribute(key, value);
    };
    let best = [0, 0];
    found.forEach((row, i) => row.forEach((gain, j) => {
      const node = group.children[i * side + j];
      put(node, i, j);
      node.style.fillOpacity = (0.04 + (0.86 * gain) / most).toFixed(3);
      if (gain > found[best[0]][best[1]] + 1e-9) best = [i, j];
    }));
    put(frame, ...best);
  });
  return ({ gains }) => {
    const half = Math.PI / gains.length;
    for (const axis of ["x", "y"]) map.rescale(axis, [-Math.PI - half, Math.PI - half], ticks);
    drawn.set(gains);
  };
}

/* The four numbers as bars, each beside its line of the bill. */
function buildBars(page, parent) {
  const { plot, side } = page.row(parent);
  const bars = chart(page, plot, {
    label: "The reshaped kernel, the convolution with zeros around it, the circular one, and the bound", height: 136, top: 4, left: 10, right: 20,
    x: { domain: [0, 9], ticks: [] }, y: { domain: [0, 4] },
  });
  const zero = rule(bars, {});
  const drawn = ["generated", "real", "third"].map((role) => band(bars, { role, strong: true }));
  const bound = rule(bars, { dashed: true });
  const edge = rule(bars, { dashed: true });
  const rows = [
    ["reshaped", "as a matrix, one row", "strong", "generated"],
    ["padded", "the convolution, zeros around", "strong", "real"],
    ["circular", "the convolution, circular", "strong", "third"],
    ["bound", "no more than", "dashed", "ink"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return (numbers) => {
    const most = roundLimit(1.001 * Math.max(numbers.bound, 0.5), [1, 2, 3, 4, 6, 8, 10, 12]);
    bars.rescale("x", [0, most], [0, most / 2, most]);
    zero.set(0, 0, 0, 4);
    ["reshaped", "padded", "circular"].forEach((name, k) => drawn[k].set(0, 3.8 - k, numbers[name], 3.2 - k));
    bound.set(0, 0.5, numbers.bound, 0.5);
    edge.set(numbers.bound, 0, numbers.bound, 4);
    rows.forEach(([quantity, each]) => each.set(numbers[quantity]));
  };
}

function inWords({ reshaped, padded, factor }) {
  if (reshaped < 1e-12) return "A kernel of zeros stretches nothing, either way.";
  const ratio = padded / reshaped;
  if (Math.abs(ratio - 1) < 5e-4) return `The convolution stretches as much as its matrix: here the reshaping does no harm. It could be ${factor} times as much.`;
  if (ratio < 1) return `The convolution stretches ${decimal(ratio, 2)} times as much as its matrix: no patch lies wholly inside so small an image.`;
  return `The convolution stretches ${decimal(ratio)} times as much as the matrix that stores it. More than ${factor} times is impossible.`;
}

export function buildKernel(page, state, parent) {
  const { plot, side } = page.row(parent);
  const pair = element(plot, "div", { class: "spectral-planes" });
  const left = element(pair, "div", { class: "spectral-half" });
  element(left, "p", { class: "spectral-title" }, "the weights of the kernel");
  const drawCells = buildCells(page, state, left);
  const drawMap = buildMap(page, element(pair, "div"));
  const chosen = (change) => {
    change();
    state.weights = kernelOf(state.kernel, state.stride);
  };
  const kernel = select(page, side, {
    label: "kernel", options: [["ones", "ones"], ["edge", "an edge"], ["random", "mixed"]],
    choose: (value) => chosen(() => { state.kernel = value; }),
  });
  const stride = select(page, side, {
    label: "stride", options: [["1", "1, with 3×3 weights"], ["2", "2, with 4×4 weights"]],
    choose: (value) => chosen(() => { state.stride = Number(value); }),
  });
  const across = slider(page, side, {
    label: "image, pixels", name: "side of the image in pixels", min: 4, max: 16, step: 2, input: (value) => { state.side = value; },
  });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "All zero", press: () => page.change(() => { state.weights = state.weights.map(() => 0); }) });
  button(page, bar, { label: "As it was", press: () => page.change(() => chosen(() => {})) });
  hint(side, "Drag a weight up or down. The picture beside it shows what each frequency is multiplied by; the largest is framed.", "By keyboard: Tab, then arrows.");
  const drawBars = buildBars(page, parent);
  let [key, numbers] = ["", null];
  return () => {
    const asked = JSON.stringify([state.weights, state.side, state.stride]);
    if (asked !== key) numbers = norms(state.weights, state.side, state.stride);
    key = asked;
    kernel.set(state.kernel);
    stride.set(String(state.stride));
    across.set(state.side, decimal(state.side, 0));
    drawCells();
    drawMap(numbers);
    drawBars(numbers);
    return { words: inWords(numbers), gains: numbers.gains };
  };
}
