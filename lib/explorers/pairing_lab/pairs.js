/* Pairings of m numbers z_1 ≤ … ≤ z_m with m shades y_1 ≤ … ≤ y_m: order[i] is the shade that number i is paired with.
 *
 *   cost = 1/m Σ (z_i − y_order[i])²     least where order[i] = i; when i and j exchange,
 *                                       −2/m (z_j − z_i)(y_order[i] − y_order[j]) is added
 *
 * A pair is wrong where order[i] ≠ i. If k pairs are chosen at random and their shades go round in a circle, each of them
 * gets any of the other m − 1 with the same probability, so that over all draws what answers z_i has
 *
 *   E[y] = (1 − k/m) y_i + k/m (Σy − y_i)/(m − 1),     which is (1 − k/(m − 1)) y_i where Σy = 0.
 */

import { mean, total } from "../kit/numbers.js";

/* As near to a shade as this is near. */
export const NEAR = 0.15;
export const SHADES = [-1, 1];

export const isNear = (value) => Math.abs(Math.abs(value) - 1) < NEAR;
export const inOrder = (count) => Array.from({ length: count }, (_, i) => i);
export const wrongOf = (order) => order.filter((shade, i) => shade !== i).length;

export function exchanged(order, i, j) {
  const next = [...order];
  [next[i], next[j]] = [order[j], order[i]];
  return next;
}

/* All of them thrown together. */
export function shuffled(count, random) {
  const order = inOrder(count);
  for (let k = count - 1; k > 0; k -= 1) {
    const other = random.below(k + 1);
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

/* Sorted pairs of which `wrong` are not: the first of a shuffled row pass their shades round. With the same dice one more
 * wrong pair leaves all others as they are, but for the one it stands next to. */
export function withWrong(wrong, count, random) {
  const [order, row] = [inOrder(count), shuffled(count, random).slice(0, wrong)];
  row.forEach((i, k) => { order[i] = row[(k + 1) % wrong]; });
  return order;
}

/* How often unlike shades are neighbours, in the order of the numbers; and how often on average, shuffled. */
export const crossingsOf = (values) => values.slice(1).filter((each, k) => each * values[k] < 0).length;
export function crossingsShuffled(shades) {
  const dark = shades.filter((each) => each < 0).length;
  return (2 * dark * (shades.length - dark)) / shades.length;
}

export const costOf = (numbers, shades, order) => mean(numbers.map((z, i) => (z - shades[order[i]]) ** 2));

/* What answers each number on average, over all draws with `wrong` wrong pairs. */
export function means(shades, wrong) {
  const [all, share] = [total(shades), wrong / shades.length];
  return shades.map((y) => (1 - share) * y + (share * (all - y)) / (shades.length - 1));
}

export const variance = (values) => total(values.map((each) => (each - mean(values)) ** 2)) / (values.length - 1);

/* The regression line: its slope, and its value at 0. */
export function line(numbers, values) {
  const [middle, level] = [mean(numbers), mean(values)];
  const slope = total(numbers.map((z, i) => (z - middle) * (values[i] - level))) / total(numbers.map((z) => (z - middle) ** 2));
  return { slope, start: level - slope * middle };
}

/* The standard deviation of that slope over all pairings. */
export const slopeDeviation = (numbers, shades) => Math.sqrt(variance(shades) / total(numbers.map((z) => (z - mean(numbers)) ** 2)));
