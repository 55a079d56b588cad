/* A network on the line whose activation bends only at kinks is straight between them: its pieces and their slopes. */

import { forward } from "../kit/networks.js";

/* What changes its sign at a kink of the activation, from the heights of one layer. */
const SIGNS = {
  identity: () => [],
  relu: (h) => h,
  maxmin: (h) => h.filter((_, k) => k % 2 === 0).map((first, pair) => first - h[2 * pair + 1]),
};

/* f at each of xs. */
export const scores = (network, xs) => forward(network, Float64Array.from(xs)).outputs;

/* f′ at each of xs. */
export const slopes = (network, xs) => forward(network, Float64Array.from(xs), new Float64Array(xs.length).fill(1)).tangents;

/* The ends of the straight pieces of f between `from` and `to`, both included: within a piece every height of the next
 * layer runs straight, so that where it changes its sign follows from its two ends. */
export function kinks(network, from, to) {
  const { layers, between } = network;
  let ends = [from, to];
  for (let depth = 0; depth + 1 < layers.length; depth += 1) {
    const { heights } = forward({ layers: layers.slice(0, depth + 1), between }, Float64Array.from(ends)).steps[depth];
    const { rows } = layers[depth];
    const signs = ends.map((_, k) => SIGNS[between](Array.from(heights.subarray(k * rows, (k + 1) * rows))));
    const found = ends.slice(1).flatMap((right, k) => signs[k].flatMap((low, unit) => {
      const high = signs[k + 1][unit];
      return low * high < 0 ? [ends[k] + ((right - ends[k]) * low) / (low - high)] : [];
    }));
    ends = [...ends, ...found].sort((one, other) => one - other);
  }
  return ends;
}

/* The largest |f′| between the ends of all pieces: exact, since f′ is constant on each. */
export function steepest(network, ends) {
  const middles = ends.slice(1).map((right, k) => (ends[k] + right) / 2);
  return slopes(network, middles).reduce((most, each) => Math.max(most, Math.abs(each)), 0);
}
