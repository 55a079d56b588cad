/* Two hills p, a bell q = N(mean, scale²), and how far apart they are by eight divergences.
 *
 *   p = 0.65 N(−1.5, 0.6²) + 0.35 N(2, 0.5²),   D = ∫ q f(p/q) dx, written in p, q and their logarithms.
 *
 * Seven are integrals by the trapezoid rule over all of the line that counts. Pearson's ∫ p²/q − 1 is a sum of integrals of
 * exponentials of parabolas, and is taken in closed form: its integrand may have its mass far outside every picture.
 * Bells are moved downhill in (mean, log scale) in steps so short that no ridge is crossed. */

import { decimal, linspace, logGaussian, logSum, softplus } from "../kit/numbers.js";

export const LIMITS = { mean: [-3.5, 3.5], scale: [0.45, 2.5] };
const HILLS = [[-1.5, 0.6, 0.65], [2, 0.5, 0.35]];
const MOMENTS = [-0.275, Math.sqrt(0.65 * 0.36 + 0.35 * 0.25 + 0.65 * 0.35 * 3.5 ** 2)];
const { abs, exp, hypot, log, sqrt } = Math;

export const logHills = (x) => logSum(HILLS.map(([mean, width, weight]) => log(weight) + logGaussian(x, mean, width)));

const gridOf = (count) => {
  const x = linspace(-21, 21, count);
  const logs = x.map(logHills);
  return { x, step: x[1] - x[0], logs, p: logs.map(exp) };
};
const FINE = gridOf(4201);
const COARSE = gridOf(421);

/* How a divergence is called, what lies under its integral, and eight times the height of the map's first line above the least. */
export const ROWS = {
  kl: { name: "KL", unit: 1 / 4, of: (p, q, lp, lq) => p * (lp - lq) },
  pearson: { name: "Pearson", unit: 1 / 4 },
  "jensen-shannon": {
    name: "Jensen–Shannon", unit: 1 / 64,
    of: (p, q, lp, lq) => (p * (Math.LN2 - softplus(lq - lp)) + q * (Math.LN2 - softplus(lp - lq))) / 2,
  },
  "squared hellinger": { name: "squared Hellinger", unit: 1 / 32, of: (p, q) => (sqrt(p) - sqrt(q)) ** 2 },
  jeffrey: { name: "Jeffrey", unit: 1 / 4, of: (p, q, lp, lq) => (p - q) * (lp - lq) },
  "total variation": { name: "total variation", unit: 1 / 32 },
  "softened reverse kl": {
    name: "softened reverse KL", unit: 1 / 8, of: (p, q, lp, lq) => (p + q) * (softplus(lq - lp) - Math.LN2),
  },
  "reverse kl": { name: "reverse KL", unit: 1 / 8, of: (p, q, lp, lq) => q * (lq - lp) },
};

/* ½ ∫ |p − q|: between two points of the grid the difference is taken as straight, through zero too. What the trapezoid rule
 * misses of the curved pieces, ∫ h² d″/12, is known from the slopes d′ at their ends, where they pass zero. */
function totalVariation({ x, step, p }, mean, scale) {
  let [sum, before] = [0, 0];
  x.forEach((each, i) => {
    const now = p[i] - exp(logGaussian(each, mean, scale));
    const both = abs(before) + abs(now);
    sum += before * now < 0 ? (before ** 2 + now ** 2) / both + both / 3 : both;
    before = now;
  });
  return (sum * step) / 4;
}

/* ∫ p²/q − 1, for 2 scale² above the square of each hill's width. */
function pearson(mean, scale) {
  let sum = 0;
  for (const [a, s, v] of HILLS) {
    for (const [b, t, w] of HILLS) {
      const bend = s ** -2 + t ** -2 - scale ** -2;
      const tilt = a / s ** 2 + b / t ** 2 - mean / scale ** 2;
      const level = (a / s) ** 2 + (b / t) ** 2 - (mean / scale) ** 2;
      sum += ((v * w * scale) / (s * t * sqrt(bend))) * exp((tilt ** 2 / bend - level) / 2);
    }
  }
  return sum - 1;
}

/* How far a bell is from the hills. */
export function distance(row, mean, scale, grid = FINE) {
  if (row === "pearson") return pearson(mean, scale);
  if (row === "total variation") return totalVariation(grid, mean, scale);
  const { x, step, logs, p } = grid;
  const { of } = ROWS[row];
  let sum = 0;
  for (let i = 0; i < x.length; i += 1) {
    const lq = logGaussian(x[i], mean, scale);
    sum += of(p[i], exp(lq), logs[i], lq);
  }
  return sum * step;
}

export const roughly = (row, mean, scale) => distance(row, mean, scale, COARSE);

/* The bottom of the valley in which a bell stands: a simplex of three bells that turns over its worst corner, or shrinks. */
export function downhill(row, mean, scale) {
  const height = ([m, v]) => {
    const inside = m >= LIMITS.mean[0] && m <= LIMITS.mean[1] && exp(v) >= LIMITS.scale[0] - 1e-9 && exp(v) <= LIMITS.scale[1] + 1e-9;
    return inside ? distance(row, m, exp(v)) : Infinity;
  };
  const corner = (at) => ({ at, height: height(at) });
  const inwards = (value, [low, high]) => (value > (low + high) / 2 ? -0.08 : 0.08);
  const v = log(scale);
  let corners = [[mean, v], [mean + inwards(mean, LIMITS.mean), v], [mean, v + inwards(v, LIMITS.scale.map(log))]].map(corner);
  for (let round = 0; round < 400; round += 1) {
    corners.sort((one, other) => one.height - other.height);
    const [best, good, worst] = corners;
    if (hypot(worst.at[0] - best.at[0], worst.at[1] - best.at[1]) < 1e-7) break;
    const along = (share) => corner(worst.at.map((each, k) => (best.at[k] + good.at[k]) / 2 + share * ((best.at[k] + good.at[k]) / 2 - each)));
    const turned = along(1);
    const halfway = turned.height < good.height ? turned : along(turned.height < worst.height ? 0.5 : -0.5);
    if (halfway.height < worst.height) corners[2] = halfway;
    else corners = corners.map((each) => corner(each.at.map((value, k) => (value + best.at[k]) / 2)));
  }
  return { mean: corners[0].at[0], scale: exp(corners[0].at[1]) };
}

const apart = (one, other) => hypot(one.mean - other.mean, log(one.scale / other.scale));

const known = new Map();

/* All bottoms of one divergence, the lowest first: those below the mean and deviation of the data, and below each hill. */
export function bottoms(row) {
  if (!known.has(row)) {
    const ends = [MOMENTS, ...HILLS].map(([mean, scale]) => downhill(row, mean, scale));
    const different = ends.filter((end, k) => ends.findIndex((each) => apart(each, end) < 1e-3) === k);
    const found = different.map((end) => ({ ...end, distance: distance(row, end.mean, end.scale) }));
    known.set(row, found.sort((one, other) => one.distance - other.distance));
  }
  return known.get(row);
}

/* A number that may have two hundred digits. */
export function print(value, digits = 3) {
  if (value < 1e4) return decimal(value, digits);
  const [head, power] = value.toExponential(1).split("e+");
  return `${head} · 10${[...power].map((each) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[each]).join("")}`;
}

export function inWords({ row, mean, scale }, own) {
  const [nearest, ...others] = bottoms(row);
  const { name } = ROWS[row];
  const at = (bell) => apart(bell, { mean, scale }) < 1e-3;
  const there = `mean ${decimal(nearest.mean, 2)}, scale ${decimal(nearest.scale, 2)}`;
  if (at(nearest)) return `By ${name}, no bell is nearer: ${print(own)} is the least there is.`;
  if (others.some(at)) {
    return `By ${name}, every small move leads further away, from ${print(own)}. Yet a bell elsewhere is at ${print(nearest.distance)}: ${there}.`;
  }
  return `By ${name}, your bell is ${print(own)} from the hills, and the nearest ${print(nearest.distance)}.`;
}
