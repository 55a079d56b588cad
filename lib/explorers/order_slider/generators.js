/* Four generators, functions of one uniform number z and the order c.
 *
 *   quantile   F⁻¹(z | c)
 *   rolled     F⁻¹(z + c/2 mod 1 | c): the same laws, for a uniform number that is rolled round stays uniform
 *   affine     a Φ⁻¹(z), of all a Φ⁻¹(z) + w c + b the one with the least E_c W₂²: w = b = 0 since the laws are even
 *   network    U tanh(W (Φ⁻¹(z); c) + b) + u, in training.js
 *
 * Each gives, at an order, the place and the speed ∂x/∂c of a ball; of its law the outputs at 999 equally spaced z in rising
 * order, the mass of each cell, and a density to draw. */

import { forward } from "../kit/networks.js";
import { clamp, mean } from "../kit/numbers.js";
import {
  CELL, EDGES, NOISE, ORDERS, cells, cumulative, density, distribution, drift, masses, normal, overOrders, quantile, quantiles, standard,
} from "./laws.js";

const STANDARD = Float64Array.from(NOISE, standard);
const wrapped = (z) => z - Math.floor(z);
/* A rank that is a whole number up to rounding is that number: there the ball leaves at the top. */
const rolled = (z, c) => wrapped(Math.round((z + c / 2) * 1e12) / 1e12);

/* a = E_c ∫ Φ⁻¹(z) F⁻¹(z | c) dz, the slope of a regression line; by parts the inner integral is ∫ n(Φ⁻¹(F(x | c))) dx. */
let spread = 0;
export function bestSpread() {
  if (!spread) {
    const bent = (c) => EDGES.reduce((sum, x) => (x < 0 ? sum + 2 * normal(standard(distribution(x, c))) : sum), normal(0)) * CELL;
    spread = overOrders(Array.from(ORDERS, bent));
  }
  return spread;
}

/* A path for each ball. */
const tracks = (at) => (zs, orders) => zs.map((z) => Array.from(orders, (c) => at(z, c)));

const QUANTILE = {
  at: quantile,
  paths: tracks(quantile),
  speed: (z, c) => drift(quantile(z, c), c),
  law: (c) => ({ sorted: NOISE.map((z) => quantile(z, c)), mass: masses(c) }),
  density: (c) => (x) => density(x, c),
};

const roll = (z, c) => quantile(rolled(z, c), c);

/* Its noise is equally spaced on the circle of ranks, wherever it begins there. */
const ROLLED = {
  ...QUANTILE,
  at: roll,
  paths: tracks(roll),
  speed: (z, c) => {
    const x = roll(z, c);
    return Number.isFinite(x) ? drift(x, c) + 0.5 / density(x, c) : Infinity;
  },
  law: (c) => ({ sorted: NOISE.map((z) => roll(wrapped(z - c / 2), c)).sort(), mass: masses(c) }),
};

const level = (z) => bestSpread() * standard(z);
const AFFINE = {
  at: level,
  paths: tracks(level),
  speed: () => 0,
  law: () => ({ sorted: STANDARD.map((each) => bestSpread() * each), mass: cells((x) => cumulative(x / bestSpread())) }),
  density: () => (x) => normal(x / bestSpread()) / bestSpread(),
};

/* The masses of a law that is known by its outputs at STANDARD: what lies between two neighbours is spread evenly between
 * them, wherever the network takes them, and folds add up. Half of a share lies beyond either end. */
export function dealt(outputs) {
  const mass = new Float64Array(EDGES.length - 1);
  const cellOf = (x) => clamp(Math.floor((x - EDGES[0]) / CELL), 0, mass.length - 1);
  const deal = (one, other, whole) => {
    const [low, high] = one < other ? [one, other] : [other, one];
    const [from, to] = [cellOf(low), cellOf(high)];
    if (from === to) mass[from] += whole;
    else for (let k = from; k <= to; k += 1) mass[k] += (whole * (Math.min(high, EDGES[k + 1]) - Math.max(low, EDGES[k]))) / (high - low);
  };
  const last = outputs.length - 1;
  for (let k = 0; k < last; k += 1) deal(outputs[k], outputs[k + 1], 1 / outputs.length);
  for (const end of [0, last]) deal(outputs[end], outputs[end], 0.5 / outputs.length);
  return mass;
}

/* Five cells are one step of the drawing. */
const stepped = (mass) => (x) => {
  const from = clamp(5 * Math.floor((x - EDGES[0]) / (5 * CELL)), 0, mass.length - 5);
  return (mass[from] + mass[from + 1] + mass[from + 2] + mass[from + 3] + mass[from + 4]) / (5 * CELL);
};

const paired = (us, c) => Float64Array.from({ length: 2 * us.length }, (_, k) => (k % 2 ? c : us[k >> 1]));

export function networked(learner) {
  const outputs = (us, c) => forward(learner, paired(us, c)).outputs;
  return {
    at: (z, c) => outputs([standard(z)], c)[0],
    paths: (zs, orders) => {
      const columns = Array.from(orders, (c) => outputs(zs.map(standard), c));
      return zs.map((_, k) => columns.map((each) => each[k]));
    },
    speed: (z, c) => forward(learner, Float64Array.of(standard(z), c), Float64Array.of(0, 1)).tangents[0],
    law: (c) => {
      const made = outputs(STANDARD, c);
      return { mass: dealt(made), sorted: made.sort() };
    },
    density: (c) => stepped(dealt(outputs(STANDARD, c))),
  };
}

export const EXACT = { quantile: QUANTILE, rolled: ROLLED, affine: AFFINE };

/* How far a law is from the right one: the mean distance of their draws, both in rising order. */
export const wasserstein = (sorted, c) => mean(sorted.map((each, k) => Math.abs(each - quantiles(c)[k])));
