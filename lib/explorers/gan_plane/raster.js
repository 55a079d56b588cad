/* Two laws on one raster, and what a critic certifies about them there: everything exact up to the raster.
 *
 *   JS(p, q) = ½ Σ p log(2p/(p + q)) + ½ Σ q log(2q/(p + q))                     at most log 2
 *   certificate(D) = ½ Σ (p log D + q log(1 − D)) + log 2                        never above JS, equal for D = p/(p + q)
 */

import { forward } from "../kit/networks.js";
import { softplus } from "../kit/numbers.js";
import { CELLS, EDGE, SIDE, cellOf } from "./laws.js";

/* The middles of side × side equal squares of [−edge, edge]². */
export function middles(side, edge) {
  const points = new Float64Array(2 * side * side);
  for (let k = 0; k < side * side; k += 1) {
    points[2 * k] = edge * ((2 * (k % side) + 1) / side - 1);
    points[2 * k + 1] = edge * ((2 * Math.floor(k / side) + 1) / side - 1);
  }
  return points;
}

const LATENTS = {};
const CENTRES = middles(SIDE, EDGE);

/* The generated law: equal squares of latents, sent by their middles. Four times finer squares, each way, change JS by less
 * than 0.005 of a nat. */
export function pushed(generator, side = 64) {
  LATENTS[side] ??= middles(side, 1);
  const { outputs, count } = forward(generator, LATENTS[side]);
  const mass = new Float64Array(CELLS);
  for (let k = 0; k < outputs.length; k += 2) mass[cellOf(outputs[k], outputs[k + 1])] += 1;
  return mass.map((each) => each / count);
}

/* The scores at the middles of the cells. The outer cell has none: there D is ½. */
export const scoresOn = (critic) => forward(critic, CENTRES).outputs;

export function jensenShannon(p, q) {
  let sum = 0;
  for (let k = 0; k < p.length; k += 1) {
    if (p[k] > 0) sum += p[k] * Math.log((2 * p[k]) / (p[k] + q[k]));
    if (q[k] > 0) sum += q[k] * Math.log((2 * q[k]) / (p[k] + q[k]));
  }
  return sum / 2;
}

/* From scores T, D = sg(T), by softplus: a sigmoid may be 1 in floating point, and its logarithm then loses everything. */
export function certificate(p, q, scores) {
  let sum = 0;
  for (let k = 0; k < p.length; k += 1) {
    const score = k < scores.length ? scores[k] : 0;
    if (p[k] > 0) sum -= p[k] * softplus(-score);
    if (q[k] > 0) sum -= q[k] * softplus(score);
  }
  return sum / 2 + Math.LN2;
}

/* The best D of each cell, p/(p + q); where neither law has mass it is nowhere asked, and ½. */
export const best = (p, q) => p.map((each, k) => (each + q[k] > 0 ? each / (each + q[k]) : 0.5));

/* Where the best D passes ½: where one law has more mass than the other, by more than a millionth in a cell. */
export const evens = (p, q) => contour(p.map((each, k) => each - q[k]), 1e-6);

/* Where values on the raster cross a level, as segments [x1, y1, x2, y2] between the middles of neighbouring cells. */
export function contour(values, level) {
  const segments = [];
  const at = (cell) => [CENTRES[2 * cell], CENTRES[2 * cell + 1]];
  const cross = (one, other) => {
    const [a, b] = [values[one] - level, values[other] - level];
    if (a > 0 === b > 0) return null;
    const share = a / (a - b);
    return at(one).map((from, axis) => from + share * (at(other)[axis] - from));
  };
  for (let row = 0; row + 1 < SIDE; row += 1) {
    for (let column = 0; column + 1 < SIDE; column += 1) {
      const cell = row * SIDE + column;
      const corners = [cell, cell + 1, cell + SIDE + 1, cell + SIDE];
      const found = corners.map((corner, k) => cross(corner, corners[(k + 1) % 4])).filter(Boolean);
      /* Four crossings are a saddle: the middle says which of them belong together. */
      if (found.length === 4 && (values[cell] > level) !== (corners.reduce((sum, k) => sum + values[k], 0) / 4 > level)) {
        found.push(found.shift());
      }
      for (let k = 0; k + 1 < found.length; k += 2) segments.push([...found[k], ...found[k + 1]]);
    }
  }
  return segments;
}
