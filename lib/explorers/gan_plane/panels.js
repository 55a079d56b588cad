/* What stands beside and below the plane: the two bars, the numbers, and the strip of the run. */

import { chart, mark } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { element, shape } from "../kit/elements.js";
import { curve } from "../kit/marks.js";
import { clamp, decimal } from "../kit/numbers.js";

const share = (value) => `${(100 * clamp(value / Math.LN2, 0, 1)).toFixed(2)}%`;

/* A number over its bar, all bars on one axis from 0 to log 2. */
function bar(parent, options) {
  const shown = readout(parent, options);
  const track = element(parent, "div", { class: "explorer-track", "data-role": options.role, "aria-hidden": "true" });
  return { set: (value, ahead = 0) => {
    shown.set(value);
    track.style.setProperty("--share", share(value));
    track.style.setProperty("--ahead", share(ahead));
  } };
}

export function buildBars(parent) {
  const js = bar(parent, { label: "JS on the raster", quantity: "js", digits: 2, role: "ink", mark: "dashed" });
  const proved = bar(parent, { label: "what _D_ certifies of it", quantity: "certificate", digits: 2, role: "third", mark: "strong" });
  const ends = element(parent, "div", { class: "explorer-ends", "aria-hidden": "true" });
  element(ends, "span", {}, "0");
  element(ends, "span", {}, "log 2");
  return (now) => {
    js.set(now.js);
    proved.set(now.certificate, now.js);
  };
}

const NUMBERS = [
  ["w1", "_W_₁ of 128 points", "generated", (value) => decimal(value, 3)],
  ["w1_floor", "_W_₁, two real samples", "real", (value) => decimal(value, 3)],
  ["right", "_D_ is right about", "third", (value) => `${decimal(100 * value, 0)} %`],
  ["slope_minimax", "mean arrow, minimax", "ink", (value) => decimal(value, 3)],
  ["slope_other", "mean arrow, −log _D_", "ink", (value) => decimal(value, 3)],
  ["moves", "steps of both", "ink", (value) => decimal(value, 0)],
];

export function buildNumbers(parent) {
  const rows = NUMBERS.map(([quantity, label, role, print]) => ({ quantity, print, row: readout(parent, { label, quantity, role }) }));
  return (now) => rows.forEach(({ quantity, print, row }) => row.set(now[quantity], print(now[quantity])));
}

/* The run so far: JS, the certificate and W₁ at every look, and a tick wherever a setting was changed. */
export function buildStrip(page, parent) {
  const strip = chart(page, parent, {
    label: "The run so far", height: 190, right: 78, left: 40,
    x: { domain: [0, 200], ticks: [0, 200] }, y: { domain: [0, 0.7], ticks: [0, [Math.LN2, "log 2"]], name: ["over the steps of both players", "over all steps"] },
  });
  const changed = shape(strip.plot, "path", { class: "explorer-rule", "data-role": "quiet" });
  const marks = mark(strip, changed, (places) => changed.setAttribute("d", places.map((x) => `M${strip.sx(x).toFixed(1)} 0v${strip.height}`).join("")));
  const distance = curve(strip, { role: "generated", label: "_W_₁" });
  const js = curve(strip, { role: "ink", dashed: true, label: "JS" });
  const proved = curve(strip, { role: "third", label: ["certified", "cert."] });
  return ({ history, marks: places }) => {
    const moves = history.map((each) => each.moves);
    const [first, last] = [moves[0], Math.max(moves[moves.length - 1], moves[0] + 1)];
    const size = 10 ** Math.floor(Math.log10(last));
    const end = Math.max(200, [1, 2, 3, 4, 5, 6, 8, 10].map((each) => each * size).find((each) => each >= last));
    strip.rescale("x", [first, end], [first, end]);
    const lines = [[distance, "w1"], [js, "js"], [proved, "certificate"]];
    for (const [line, key] of lines) line.set(moves, history.map((each) => clamp(each[key], 0, 0.7)));
    marks.set(places.filter((each) => each >= first));
  };
}
