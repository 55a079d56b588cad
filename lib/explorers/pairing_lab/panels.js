/* What comes of the pairs: the plane with the machine's curve, the strip of its outputs, and the numbers with their truths. */

import { chart, mark } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { element, shape } from "../kit/elements.js";
import { band, curve } from "../kit/marks.js";
import { decimal } from "../kit/numbers.js";
import { NEAR, SHADES } from "./pairs.js";
import { inkOf } from "./threads.js";

/* Dots of the pairs: right ones and wrong ones. */
function spots(plane, role) {
  const node = shape(plane.plot, "g", { "data-role": role });
  return mark(plane, node, (pairs) => {
    node.replaceChildren();
    for (const [z, y] of pairs) shape(node, "circle", { class: "explorer-spot", cx: plane.sx(z), cy: plane.sy(y), r: 3.5 });
  });
}

export function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "The pairs, the curve of the machine, and the mean over all draws with as many wrong pairs", height: 270, right: 44,
    x: { domain: [0, 1], ticks: [0, 0.5, 1], name: "_z_" },
    y: { domain: [-1.6, 1.6], ticks: [-1, 0, 1], name: "pairs, and the curve _G_(_z_)" },
  });
  const bands = SHADES.map(() => band(plane, { role: "real" }));
  const theory = curve(plane, { role: "ink", dashed: true, label: "mean" });
  const [right, wrong] = [spots(plane, "real"), spots(plane, "third")];
  const made = curve(plane, { role: "generated", label: "_G_" });
  return ({ grid, outputs, dashed, pairing }) => {
    bands.forEach((each, k) => each.set(0, SHADES[k] - NEAR, 1, SHADES[k] + NEAR));
    const pairs = state.numbers.map((z, i) => [z, state.shades[pairing[i]], pairing[i] === i]);
    right.set(pairs.filter((each) => each[2]));
    wrong.set(pairs.filter((each) => !each[2]));
    theory.set(state.numbers, dashed);
    made.set(grid, outputs);
  };
}

/* What the machine draws for nine numbers: squares, from empty for −1 to full of ink for 1. */
export function buildStrip(page, parent) {
  const strip = chart(page, parent, {
    label: "What the machine draws for nine numbers", height: 64, top: 24, bottom: 6, right: 44,
    x: { domain: [0, 1] }, y: { domain: [0, 1], name: "what it draws: _G_(0), _G_(1/8), …, _G_(1)" },
  });
  const group = shape(strip.names, "g", { class: "explorer-shades explorer-strip" });
  return mark(strip, group, (shades) => {
    const size = Math.min(28, strip.width / shades.length - 3);
    while (group.childElementCount < shades.length) shape(group, "rect");
    shades.forEach((each, k) => {
      const at = { x: strip.sx(k / (shades.length - 1)) - size / 2, y: (strip.height - size) / 2, width: size, height: size };
      for (const [key, value] of Object.entries({ ...at, "fill-opacity": inkOf(each) })) group.children[k].setAttribute(key, value);
    });
  });
}

const percent = (share) => `${decimal(100 * share, 0)} %`;
const whole = (count) => decimal(count, 0);
const short = (value) => decimal(value, 3);

/* Each number, and below it what it would be if …. */
const NUMBERS = [
  ["cost", "cost of this pairing", "real", "least", "least: all in order", "ink", short],
  ["crossings", "unlike neighbours", "real", "crossings_shuffled", "if all are shuffled", "ink", whole],
  ["loss", "loss of _G_ on its pairs", "generated", "floor", "least of any curve", "ink", short],
  ["near", "outputs near a shade", "generated", "near_means", "of the dashed means", "ink", percent],
  ["spread", "spread ÷ that of shades", "generated", "spread_means", "of the dashed means", "ink", short],
  ["slope", "slope of the line", "generated", "slope_deviation", "over all pairings: 0 ±", "ink", short],
];

export function buildNumbers(page) {
  const table = element(page.root, "div", { class: "explorer-truths" });
  const rows = NUMBERS.map(([quantity, label, role, truth, words, ink, print]) => {
    const box = element(table, "div");
    return {
      box, quantity, truth, print,
      now: readout(box, { label, quantity, role, mark: "line" }),
      then: readout(box, { label: words, quantity: truth, role: ink, mark: "dashed" }),
    };
  });
  return ({ numbers, machine }) => rows.forEach(({ box, quantity, truth, print, now, then }) => {
    now.set(numbers[quantity], print(numbers[quantity]));
    then.set(numbers[truth], print(numbers[truth]));
    if (quantity === "slope") box.hidden = machine !== "straight";
  });
}
