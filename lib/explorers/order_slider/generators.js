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
import { clamp, linspace, mean } from "../kit/numbers.js";
import {
  BALLS, CELL, EDGES, FIRST, LAST, NOISE, ORDERS,
  cells, cumulative, density, distribution, drift, masses, normal, overOrders, quantile, quantiles, standard,
} from "./laws.js";

const STANDARD = Float64Array.from(NOISE, standard);
/* Ranks beyond the first and the last of NOISE, so that tails are seen too. */
const FAR = [1e-6, 1e-5, 5e-5, 2e-4];
const RANKS = Float64Array.from([...FAR, ...NOISE, ...FAR.map((z) => 1 - z).reverse()]);
const DEALT = RANKS.map(standard);
const wrapped = (z) => z - Math.floor(z);
/* Where z + c/2 is a whole number up to rounding, the ball leaves at the top. */
const rolled = (z, c) => (Math.abs(z + c / 2 - Math.round(z + c / 2)) < 1e-12 ? 1 : wrapped(z + c / 2));

/* a = E_c ∫ Φ⁻¹(z) F⁻¹(z | c) dz, the slope of a regression line; by parts the inner integral is ∫ n(Φ⁻¹(F(x | c))) dx. */
let spread = 0;
export function bestSpread() {
  if (!spread) {
    const bent = (c) => EDGES.reduce((sum, x) => (x < 0 ? sum + 2 * normal(standard(distribution(x, c))) : sum), normal(0)) * CELL;
    spread = overOrders(Array.from(ORDERS, bent));
  }
  return spread;
}

/* A path for each ball, over orders that all of them share. */
const ALONG = linspace(FIRST, LAST, 101);
const tracks = (at, along = ALONG) => (zs) => ({ along, places: zs.map((z) => Array.from(along, (c) => at(z, c))) });

const QUANTILE = {
  at: quantile,
  paths: tracks(quantile),
  speed: (z, c) => drift(quantile(z, c), c),
  law: (c) => ({ sorted: NOISE.map((z) => quantile(z, c)), mass: masses(c) }),
  density: (c) => (x) => density(x, c),
};

const roll = (z, c) => quantile(rolled(z, c), c);

/* Where a ball leaves, at c = 2 − 2z, its path is followed as far as it can be seen. */
const LEAVING = BALLS.flatMap((z) => [1e-3, 1e-4, 1e-6, 1e-8, 2e-11].flatMap((off) => [2 - 2 * z - off, 2 - 2 * z + off]));
const CLOSE = Float64Array.from([...linspace(FIRST, LAST, 401), ...LEAVING]).sort();

/* Its noise is equally spaced on the circle of ranks, wherever it begins there. */
const ROLLED = {
  ...QUANTILE,
  at: roll,
  paths: tracks(roll, CLOSE),
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

/* The masses of a law that is known by its outputs at RANKS: what lies between two neighbours is spread evenly between them,
 * wherever the network takes them, and folds add up. */
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
  for (let k = 0; k < last; k += 1) deal(outputs[k], outputs[k + 1], RANKS[k + 1] - RANKS[k]);
  for (const end of [0, last]) deal(outputs[end], outputs[end], RANKS[0]);
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
    paths: (zs) => {
      const columns = Array.from(ALONG, (c) => outputs(zs.map(standard), c));
      return { along: ALONG, places: zs.map((_, k) => columns.map((each) => each[k])) };
    },
    speed: (z, c) => forward(learner, Float64Array.of(standard(z), c), Float64Array.of(0, 1)).tangents[0],
    law: (c) => {
      const made = outputs(DEALT, c);
      return { mass: dealt(made), sorted: made.slice(FAR.length, -FAR.length).sort() };
    },
    density: (c) => stepped(dealt(outputs(DEALT, c))),
  };
}

export const EXACT = { quantile: QUANTILE, rolled: ROLLED, affine: AFFINE };

/* How far a law is from the right one: the mean distance of their draws, both in rising order. */
export const wasserstein = (sorted, c) => mean(sorted.map((each, k) => Math.abs(each - quantiles(c)[k])));
