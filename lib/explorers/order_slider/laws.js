/* A family of laws on the line, one for each order c in [0, 2], and its inverse distribution functions.
 *
 *   P(·|c) = ½ N(−c, s²) + ½ N(c, s²),  s = ½,     F(x|c) = ½ Φ((x − c)/s) + ½ Φ((x + c)/s),     F⁻¹(z|c)
 *
 * Mass is counted in cells of the line, of which each holds a difference of F: nothing is lost between them. */

import { linspace, total } from "../kit/numbers.js";

export const SPREAD = 0.5;
export const FIRST = 0;
export const LAST = 2;
export const BALLS = Array.from({ length: 19 }, (_, k) => (k + 1) / 20);
/* Where averages over the orders are taken, over the noise, and over the line. */
export const ORDERS = linspace(FIRST, LAST, 41);
export const NOISE = Float64Array.from({ length: 999 }, (_, k) => (k + 0.5) / 999);
const REACH = 8;
export const EDGES = linspace(-REACH, REACH, 2001);
export const CELL = EDGES[1] - EDGES[0];

const { abs, exp, log, sqrt, tanh } = Math;

export const normal = (t) => exp((-t * t) / 2) / sqrt(2 * Math.PI);

/* Φ by the series t + t³/3 + t⁵/15 + …, whose terms all have one sign; beyond 8.3 it is 0 or 1 to sixteen digits. */
export function cumulative(t) {
  if (abs(t) > 8.3) return t > 0 ? 1 : 0;
  let [term, sum] = [t, t];
  for (let k = 3; abs(term) > 1e-17 * abs(sum); k += 2) {
    term *= (t * t) / k;
    sum += term;
  }
  return 0.5 + sum * normal(t);
}

/* Where an increasing function reaches z: Newton's steps from 0, halvings where one would leave what is known, or would not be
 * half as long as the one before. */
function inverse(share, density, z) {
  if (z < 1e-12) return -Infinity;
  if (z > 1 - 1e-12) return Infinity;
  let [low, high, x, last] = [-REACH, REACH, 0, 2 * REACH];
  for (let round = 0; round < 200; round += 1) {
    const off = share(x) - z;
    if (abs(off) < 2e-16) break;
    if (off < 0) low = x;
    else high = x;
    const newton = x - off / density(x);
    const isShort = Math.abs(newton - x) < last / 2 && newton > low && newton < high;
    const next = isShort ? newton : (low + high) / 2;
    if (next === x) break;
    [last, x] = [Math.abs(next - x), next];
  }
  return x;
}

export const standard = (z) => inverse(cumulative, normal, z);
export const density = (x, c) => (normal((x - c) / SPREAD) + normal((x + c) / SPREAD)) / (2 * SPREAD);
export const distribution = (x, c) => (cumulative((x - c) / SPREAD) + cumulative((x + c) / SPREAD)) / 2;
export const quantile = (z, c) => inverse((x) => distribution(x, c), (x) => density(x, c), z);
/* ∂F⁻¹/∂c = −∂F/∂c ÷ p, which comes out as this. */
export const drift = (x, c) => tanh((x * c) / SPREAD ** 2);
export const variance = (c) => SPREAD ** 2 + c ** 2;

/* What a function of c has made once it need not make again for the same order. */
function remembered(make) {
  const known = new Map();
  return (c) => {
    if (!known.has(c) && known.size > 200) known.clear();
    return known.get(c) ?? known.set(c, make(c)).get(c);
  };
}

/* F⁻¹ at all of NOISE; the law is the same to the left and to the right. */
export const quantiles = remembered((c) => {
  const half = Float64Array.from(NOISE.subarray(0, 500), (z) => quantile(z, c));
  return Float64Array.from(NOISE, (_, k) => (k < 500 ? half[k] : -half[998 - k]));
});

/* The mass of each cell under a distribution function. */
export function cells(share) {
  const below = EDGES.map(share);
  return Float64Array.from({ length: EDGES.length - 1 }, (_, k) => Math.max(0, below[k + 1] - below[k]));
}
export const masses = remembered((c) => cells((x) => distribution(x, c)));

/* The mean over orders that are uniform in [0, 2], from the values at ORDERS, by Simpson's rule. */
export function overOrders(values) {
  const last = values.length - 1;
  return total(values.map((each, k) => (k === 0 || k === last ? 1 : k % 2 ? 4 : 2) * each)) / (3 * last);
}

/* JS of two laws from the masses of their cells. */
export function jensenShannon(p, q) {
  const part = (one, both) => (one > 0 ? one * log((2 * one) / both) : 0);
  let sum = 0;
  for (let k = 0; k < p.length; k += 1) sum += part(p[k], p[k] + q[k]) + part(q[k], p[k] + q[k]);
  return sum / 2;
}

/* The variance of a law from the masses of its cells; that of a cell itself is taken off again. */
export function varianceOf(mass) {
  const at = (k) => (EDGES[k] + EDGES[k + 1]) / 2;
  const [whole, first, second] = [0, 1, 2].map((power) => mass.reduce((sum, each, k) => sum + each * at(k) ** power, 0));
  return second / whole - (first / whole) ** 2 - CELL ** 2 / 12;
}
