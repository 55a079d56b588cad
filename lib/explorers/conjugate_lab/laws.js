/* Two laws on [−4, 4], and what a critic proves about them.
 *
 *   D = ∫ q f(p/q) dx,   bound = ∫ p T − q f*(T) dx <= D,   T = f′(r) with r = (p/q) to the power k:
 *
 * a critic that believes in the ratio r where it is p/q. Each integral is taken for itself, by Simpson's rule. */

import { clamp, linspace, logGaussian } from "../kit/numbers.js";
import { ROWS, conjugate } from "./divergences.js";

export const LIMITS = { slope: [-4, 4], ratio: [0.5, 3], mean: [-1.5, 1.5], width: [0.8, 1.5], power: [0, 1.5] };
export const DOMAIN = [-4, 4];
export const GRID = linspace(...DOMAIN, 1601);
const [MEAN, WIDTH] = [0.3, 1];
const STEP = GRID[1] - GRID[0];
const SIMPSON = GRID.map((_, i) => (STEP / 3) * (i === 0 || i === GRID.length - 1 ? 1 : i % 2 ? 4 : 2));

const integral = (values) => values.reduce((sum, each, i) => sum + SIMPSON[i] * each, 0);

function logLaw(mean, width) {
  const logs = GRID.map((x) => logGaussian(x, mean, width));
  const mass = Math.log(integral(logs.map(Math.exp)));
  return logs.map((each) => each - mass);
}

export const LOG_P = logLaw(MEAN, WIDTH);
export const P = LOG_P.map(Math.exp);

/* The law q, and the critic with its value at every x. */
export function drawn({ row, mean, width, power }) {
  const logs = logLaw(mean, width);
  const ratios = logs.map((each, i) => Math.exp(LOG_P[i] - each));
  const { slope } = ROWS[row];
  return { q: logs.map(Math.exp), ratios, critic: ratios.map((u) => slope(u ** power)), best: ratios.map(slope) };
}

/* Everything that is printed. */
export function play(state, { q, ratios, critic } = drawn(state)) {
  const { slope, ratio, power } = state;
  const row = ROWS[state.row];
  const [cost, height] = [conjugate(row, slope), row.f(ratio)];
  const exact = integral(q.map((each, i) => each * row.f(ratios[i])));
  const bound = integral(q.map((each, i) => P[i] * critic[i] - each * row.cost(ratios[i] ** power)));
  const says = ratio * slope - cost;
  return { cost, height, says, gap: height - says, at_one: slope - cost, bound, missing: exact - bound, exact };
}

/* The width at which the peak of q has this height. */
export function widthFor(mean, height) {
  let width = 1;
  for (let round = 0; round < 12; round += 1) {
    const mass = integral(GRID.map((x) => Math.exp(logGaussian(x, mean, width))));
    width = clamp(1 / (height * mass * Math.sqrt(2 * Math.PI)), ...LIMITS.width);
  }
  return width;
}
