/* Twelve lines as rows of 32 squares, the two blocks framed; the reader chooses a place of one of them. */

import { chart, mark } from "../kit/chart.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { note } from "../kit/marks.js";
import { clamp } from "../kit/numbers.js";
import { BLOCKS, PLACES } from "./generators.js";

export const SHOWN = 12;
export const MARGINS = { left: 34, right: 22 };
export const ACROSS = [-0.5, PLACES - 0.5];

const put = (node, attributes) => { for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value); };

function buildSquares(plot) {
  const group = shape(plot.plot, "g", { "shape-rendering": "crispEdges" });
  const squares = Array.from({ length: SHOWN * PLACES }, () => shape(group, "rect", { class: "explorer-spot" }));
  return mark(plot, group, (lines) => {
    const [wide, high] = [plot.width / PLACES, plot.height / SHOWN];
    squares.forEach((node, k) => {
      const [row, place] = [Math.floor(k / PLACES), k % PLACES];
      const value = lines[row][place];
      node.dataset.role = value < 0 ? "quiet" : "generated";
      put(node, {
        x: (place * wide).toFixed(2), y: (row * high + 1).toFixed(2), width: wide.toFixed(2), height: (high - 2).toFixed(2),
        "fill-opacity": (0.95 * Math.min(1, Math.abs(value))).toFixed(3),
      });
    });
  });
}

/* The columns of the twins, framed and named. */
function buildFrames(plot) {
  return BLOCKS.map(([from, to], k) => {
    const node = shape(plot.plot, "rect", { class: "attention-twin", fill: "none" });
    const name = note(plot, { role: "ink", lift: 7 });
    const frame = mark(plot, node, () => put(node, {
      x: plot.sx(from - 0.5), width: plot.sx(to + 0.5) - plot.sx(from - 0.5), y: 0, height: plot.height,
    }));
    return () => {
      frame.set();
      name.set((from + to) / 2, SHOWN, ["left twin", "right twin"][k]);
    };
  });
}

/* A dot beside each line in which a twin has turned: full where both did, a ring where one did. */
function buildTurned(plot) {
  const group = shape(plot.names, "g", { "data-role": "ink" });
  const dots = Array.from({ length: SHOWN }, () => shape(group, "circle", { class: "attention-turned", r: 4 }));
  return mark(plot, group, (turned) => dots.forEach((dot, row) => {
    const [left, right] = turned ? turned[row] : [false, false];
    dot.style.display = left || right ? "" : "none";
    put(dot, { cx: plot.width + 11, cy: ((row + 0.5) * plot.height) / SHOWN, "data-both": left && right });
  }));
}

/* A dot on the place that both twins of a line ask most: the paler, the less both give to it. */
function buildLeaders(plot) {
  const group = shape(plot.plot, "g", { "data-role": "third" });
  const dots = Array.from({ length: SHOWN }, () => shape(group, "circle", { class: "explorer-spot attention-leader", r: 4.5 }));
  return mark(plot, group, (leaders) => {
    group.style.display = leaders ? "" : "none";
    leaders?.forEach(({ place, gives }, row) => put(dots[row], {
      cx: plot.sx(place), cy: ((row + 0.5) * plot.height) / SHOWN, "fill-opacity": Math.min(1, 0.15 + gives).toFixed(2),
    }));
  });
}

export function buildLines(page, state, parent) {
  const plot = chart(page, parent, {
    label: "Twelve lines, as the generator paints them", height: 226, top: 24, bottom: 4, ...MARGINS,
    x: { domain: ACROSS, ticks: [] }, y: { domain: [0, SHOWN], ticks: [] },
  });
  plot.svg.classList.add("explorer-bare");
  const squares = buildSquares(plot);
  const frames = buildFrames(plot);
  const dots = buildLeaders(plot);
  const turned = buildTurned(plot);
  const choose = ([across, up]) => page.change(() => {
    state.asks = clamp(Math.round(across), 0, PLACES - 1);
    state.line = clamp(SHOWN - Math.floor(up), 1, SHOWN);
  });
  const surface = shape(plot.over, "rect", { class: "explorer-target attention-surface", "aria-hidden": "true" });
  mark(plot, surface, () => put(surface, { width: plot.width, height: plot.height })).set();
  surface.addEventListener("click", (event) => choose(plot.at(event)), { signal: page.signal });
  const ring = handle(plot, {
    role: "ink", label: "Place that asks", x: [0, PLACES - 1, 1], y: [0.5, SHOWN - 0.5, 1], move: choose,
  });
  ring.node.classList.add("attention-ring");
  shape(ring.node, "circle", { class: "attention-around", r: 8.5 });
  return ({ lines, leaders, comparison }) => {
    squares.set(lines);
    dots.set(leaders);
    for (const each of frames) each();
    turned.set(comparison?.turned ?? null);
    ring.set(state.asks, SHOWN - state.line + 0.5, `place ${state.asks} of line ${state.line}`);
  };
}
