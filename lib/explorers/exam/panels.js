/* The three pictures: the bells of the codes, the losses over the difficulty, and the bars. */

import { chart } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { area, band, curve, note, rule } from "../kit/marks.js";
import { clamp, decimal, linspace, logGaussian, roundLimit } from "../kit/numbers.js";
import { LIMITS, marks } from "./marks.js";

const DOMAIN = [-4, 4];
const GRID = linspace(...DOMAIN, 801);
const HEIGHTS = [0.6, 1, 2, 4, 8, 16, 24];
const LOGS = LIMITS.s.map(Math.log);
const VS = linspace(...LOGS, 161);
const LENGTHS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 80, 120, 200];
const LEFT = 34;

/* One bell for each pupil; its mean is a handle on the axis. */
export function buildBells(page, state, parent) {
  const top = chart(page, parent, {
    label: "The codes of the pupils over z", height: 224, left: LEFT,
    x: { domain: DOMAIN, ticks: [-4, -2, 0, 2, 4], name: "_z_" },
    y: { domain: [0, 1], ticks: [], name: ["each pupil's codes, as wide as the exam is hard, and the prior, grey", "each pupil's codes; prior grey"] },
  });
  const prior = curve(top, { role: "quiet" });
  const pupils = state.means.map((_, i) => ({
    fill: area(top, { role: "generated" }),
    line: curve(top, { role: "generated" }),
    answer: rule(top, { role: "real" }),
    knob: handle(top, {
      role: "generated", label: `Pupil ${i + 1}`, x: [...LIMITS.m, 0.1],
      move: ([m]) => page.change(() => {
        state.means = state.means.map((each, k) => (k === i ? Number(m.toFixed(4)) : each));
      }),
    }),
  }));
  for (const { answer } of pupils) answer.node.style.strokeWidth = "3";
  const heights = GRID.map((z) => Math.exp(logGaussian(z, 0, 1)));
  return () => {
    const most = roundLimit(1.05 / (state.s * Math.sqrt(2 * Math.PI)), HEIGHTS);
    top.rescale("y", [0, most], [0, most / 2, most]);
    prior.set(GRID, heights);
    pupils.forEach(({ fill, line, answer, knob }, i) => {
      const m = state.means[i];
      const bell = GRID.map((z) => Math.exp(logGaussian(z, m, state.s)));
      fill.set(GRID, bell);
      line.set(GRID, bell);
      answer.set(state.points[i], 0, state.points[i], 0.16 * most);
      knob.set(m, 0, `code mean ${decimal(m, 2)}, its data point ${decimal(state.points[i], 2)}`);
    });
  };
}

/* Reconstruction, the teacher's term and their total, over the difficulty. */
export function buildLosses(page, state, parent) {
  const plot = chart(page, parent, {
    label: "The losses over the difficulty", height: 230, left: LEFT, right: 76,
    x: { domain: LOGS, ticks: [0.02, 0.05, 0.1, 0.2, 0.5, 1].map((s) => [Math.log(s), String(s)]), name: "_s_" },
    y: { domain: [0, 8], ticks: [], name: ["loss for each pupil in nats, over the difficulty _s_", "loss in nats, over _s_"] },
  });
  const teacher = curve(plot, { role: "quiet", label: ["_β_ · teacher", "teacher"] });
  const reconstruction = curve(plot, { role: "third", label: ["reconstr.", "reconstr."] });
  const total = curve(plot, { role: "generated", label: "total" });
  const optimum = rule(plot, { dashed: true });
  const word = note(plot, { role: "ink" });
  const knob = handle(plot, {
    role: "generated", label: "Difficulty on the curve", x: [...LOGS, 0.1],
    move: ([v]) => page.change(() => { state.s = clamp(Math.exp(v), ...LIMITS.s); }),
  });
  return ({ numbers }) => {
    const all = Array.from(VS, (v) => marks(state, Math.exp(v)));
    const most = roundLimit(1.02 * Math.max(numbers.total, marks(state, LIMITS.s[1]).total, 2), LENGTHS);
    plot.rescale("y", [0, most], [0, most / 2, most]);
    reconstruction.set(VS, all.map((each) => each.reconstruction));
    teacher.set(VS, all.map((each) => each.charged));
    total.set(VS, all.map((each) => each.total));
    const there = numbers.best > LIMITS.s[0];
    optimum.node.style.display = there ? "" : "none";
    word.node.style.display = there ? "" : "none";
    const at = Math.log(Math.max(numbers.best, LIMITS.s[0]));
    optimum.set(at, 0, at, most);
    word.set(at + 0.06, 0.92 * most, "best", "start");
    knob.set(Math.log(state.s), numbers.total, `difficulty ${decimal(state.s, 2)}, total ${decimal(numbers.total, 2)}`);
  };
}

/* Both terms, end to end, and the least there is. */
export function buildBars(page) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "Reconstruction plus the teacher's term is the total", height: 136, top: 4, left: LEFT,
    x: { domain: [0, 8], ticks: [0], name: "nats" }, y: { domain: [0, 4] },
  });
  const zero = rule(bars, {});
  const reconstruction = band(bars, { role: "third", strong: true });
  const teacher = band(bars, { role: "quiet", strong: true });
  const total = band(bars, { role: "generated", strong: true });
  const least = rule(bars, { dashed: true });
  const rows = [
    ["reconstruction", "reconstruction", "strong", "third"],
    ["charged", "+ _β_ · teacher", "strong", "quiet"],
    ["total", "= total", "strong", "generated"],
    ["least", "least total, whatever _s_ is", "dashed", "ink"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return ({ numbers }) => {
    const most = roundLimit(1.03 * Math.max(numbers.total, numbers.reconstruction), LENGTHS);
    bars.rescale("x", [0, most], [0, most / 2, most]);
    zero.set(0, 0, 0, 4);
    reconstruction.set(0, 3.82, numbers.reconstruction, 3.18);
    teacher.set(numbers.reconstruction, 2.82, numbers.total, 2.18);
    total.set(0, 1.82, numbers.total, 1.18);
    least.set(numbers.least, 0.1, numbers.least, 1.95);
    for (const [quantity, each] of rows) each.set(numbers[quantity]);
  };
}
