/* View 1: the needle of power iteration, and how its two errors fall. */

import { chart } from "../kit/chart.js";
import { button, hint, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { curve, points } from "../kit/marks.js";
import { clamp, decimal } from "../kit/numbers.js";
import { buildPlanes } from "./ellipses.js";
import { MOST_ROUNDS, predicted, run } from "./matrices.js";
import { buildNumbers, inWords, measured } from "./readings.js";

const FLOOR = 1e-8;
const PLAYED = 12;
const TICKS = [[0, "1"], [-2, "0.01"], [-4, "10⁻⁴"], [-6, "10⁻⁶"]];

/* The matrix with these singular values, its vectors turned by these angles. */
const turned = (one, other, [s, t]) => [
  s * Math.cos(one) * Math.cos(other) - t * Math.sin(one) * Math.sin(other),
  -s * Math.cos(one) * Math.sin(other) - t * Math.sin(one) * Math.cos(other),
  s * Math.sin(one) * Math.cos(other) + t * Math.cos(one) * Math.sin(other),
  -s * Math.sin(one) * Math.sin(other) + t * Math.cos(one) * Math.cos(other),
];

const PRESETS = {
  "Almost equal": { matrix: turned(0.5, 0.9, [1, 0.98]), start: 58 },
  Stuck: { matrix: [2, 0, 0, 1], start: 90 },
  "Rank one": { matrix: [1.5, 0.75, 0.8, 0.4], start: 110 },
};

/* The errors over the rounds, on a logarithmic scale; dashed what the theorem says. */
function buildErrors(page, parent) {
  const errors = chart(page, parent, {
    label: "The errors of the angle and of the value over the rounds", height: 196, left: 44, right: 52,
    x: { domain: [0, PLAYED], ticks: [0, 4, 8, 12], name: "_k_" },
    y: { domain: [-7, 1.5], ticks: TICKS, name: ["error after _k_ rounds; dashed: Theorem 14.7, for a _W_ that stays", "error after _k_ rounds"] },
  });
  const exact = ["real", "generated"].map((role) => {
    const each = curve(errors, { role: "ink", dashed: true, label: " " });
    const end = errors.ends.find((name) => name.curve === each);
    end.text.dataset.role = role;
    return { node: each.node, set: each.set, end };
  });
  const drawn = ["real", "generated"].map((role) => curve(errors, { role }));
  const spots = ["real", "generated"].map((role) => points(errors, { role, radius: 3.5 }));
  const log = (value) => Math.log10(clamp(value, FLOOR, 1e2));
  return ({ looks, svd }, { drifting }) => {
    const last = looks.length > PLAYED + 1 ? MOST_ROUNDS : PLAYED;
    errors.rescale("x", [0, last], last === PLAYED ? [0, 4, 8, 12] : [0, 10, 20, 30, 40]);
    const all = Array.from({ length: last + 1 }, (_, k) => k);
    const said = all.map((k) => predicted(svd, looks[0].tangent, k));
    const rows = drifting ? ["missing", "forgotten"] : ["tangent", "missing"];
    rows.forEach((name, which) => {
      const from = drifting || which === 1 ? 1 : 0;
      const found = looks.slice(from).map((each, k) => [from + k, log(each[name])]);
      drawn[which].set(found.map(([k]) => k), found.map(([, value]) => value));
      spots[which].set(found);
      /* What drifts has no prediction; its names stand where its own lines end. */
      const line = drifting ? found.slice(-1) : said.slice(from).map((each, k) => [from + k, log(each[name])]);
      const seen = line.length ? line : [[last, which - 2]];
      exact[which].set(seen.map(([k]) => k), seen.map(([, value]) => value));
      exact[which].node.style.display = drifting ? "none" : "";
      exact[which].end.label = [(drifting ? ["kept", "first"] : ["angle", "value"])[which]];
    });
  };
}

export function buildNeedle(page, state, parent, { restart, go, reset }) {
  const { plot, side } = page.row(parent);
  side.classList.add("explorer-steady"); /* the rows below come and go */
  const drawPlanes = buildPlanes(page, state, plot, restart);
  const drawErrors = buildErrors(page, plot);
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Round", name: "One round", primary: true, press: () => go(state.halves % 2 === 0 ? 2 : 1) });
  button(page, bar, { label: "Half", name: "Half a round", press: () => go(1) });
  button(page, bar, { label: "Play", press: () => go(2 * PLAYED - (state.halves % 2)) });
  button(page, bar, { label: "Reset", press: reset });
  const others = element(side, "div", { class: "explorer-buttons", role: "group", "aria-label": "Examples" });
  for (const [label, preset] of Object.entries(PRESETS)) {
    button(page, others, { label, press: () => page.change(() => restart(() => Object.assign(state, { ...preset, drifting: false }))) });
  }
  const drift = button(page, others, { label: "Let _W_ drift", press: () => page.change(() => restart(() => { state.drifting = !state.drifting; })) });
  const start = slider(page, side, {
    label: "start, degrees", name: "start in degrees", role: "real", min: 0, max: 180, step: 1,
    input: (value) => restart(() => { state.start = value; }),
  });
  const drawNumbers = buildNumbers(side);
  hint(side, "Drag the ends of the two columns, and the start on the rim.", "By keyboard: Tab, then arrows.");
  return () => {
    const made = run(state);
    const numbers = measured(made, state);
    state.shown = made.now;
    drawPlanes(made);
    drawErrors(made, state);
    drawNumbers(numbers, state);
    start.set(state.start, decimal(state.start, 0));
    drift.setAttribute("aria-pressed", String(state.drifting));
    return { words: inWords(state, numbers), run: { u: made.u, v: made.v, now: made.now, looks: made.looks } };
  };
}
