/* The worked network: three inputs, three hidden neurons, one output, sigmoids throughout, and a squared cost.
 *
 *   h_j⁽²⁾ = Σ_k W_jk⁽²⁾ x_k + b_j⁽²⁾,   a⁽²⁾ = sg(h⁽²⁾),   h⁽³⁾ and a⁽³⁾ likewise,   J = ½(a⁽³⁾ − y)² + ½λ Σ W²
 *
 * A network is data: { x, y, W2, b2, W3, b3, decay }, matrices row by row. A parameter has a name: "W2_jk" joins neuron k
 * of the layer below to neuron j, "b2_j" is a bias; both count from 1, as the book does. Texts mark symbols as the kit does.
 */

import { sigmoid } from "../kit/numbers.js";

export const LIMIT = 4;
export const EPSILON = 1e-5;

const THREE = [0, 1, 2];

/* Neuron by neuron: the weights that come in, then the bias. This is the order in which the arrow keys go. */
export const PARAMETERS = [
  ...THREE.flatMap((j) => [...THREE.map((k) => `W2_${j + 1}${k + 1}`), `b2_${j + 1}`]),
  ...THREE.map((k) => `W3_1${k + 1}`), "b3_1",
];

/* What a name says, with indices from 0: j is where it goes, k where it comes from, null for a bias. */
export function parsed(name) {
  const [matrix, indices] = name.split("_");
  const [j, k = null] = Array.from(indices, (each) => Number(each) - 1);
  return { matrix, layer: Number(matrix[1]), j, k, weight: matrix[0] === "W" };
}

export function valueOf(network, name) {
  const { matrix, j, k, weight } = parsed(name);
  return weight ? network[matrix][j][k] : network[matrix][j];
}

export function copied(network) {
  const rows = (matrix) => matrix.map((row) => [...row]);
  const { x, W2, b2, W3, b3 } = network;
  return { ...network, x: [...x], W2: rows(W2), b2: [...b2], W3: rows(W3), b3: [...b3] };
}

/* The same network with another value at `name`. */
export function changed(network, name, value) {
  const { matrix, j, k, weight } = parsed(name);
  const other = copied(network);
  if (weight) other[matrix][j][k] = value;
  else other[matrix][j] = value;
  return other;
}

const layer = (W, b, a) => W.map((row, j) => row.reduce((sum, weight, k) => sum + weight * a[k], b[j]));

export function forward({ x, W2, b2, W3, b3 }) {
  const h2 = layer(W2, b2, x);
  const a2 = h2.map(sigmoid);
  const h3 = layer(W3, b3, a2);
  return { h2, a2, h3, a3: h3.map(sigmoid) };
}

export function cost(network) {
  const [miss] = forward(network).a3.map((a) => a - network.y);
  const squares = [...network.W2, ...network.W3].flat().reduce((sum, weight) => sum + weight * weight, 0);
  return (miss * miss + network.decay * squares) / 2;
}

/* The truth beside every formula: two forward passes, with the parameter a little larger and a little smaller. */
export function quotient(network, name) {
  const at = (shift) => cost(changed(network, name, valueOf(network, name) + shift));
  return (at(EPSILON) - at(-EPSILON)) / (2 * EPSILON);
}

/* δ = ∂J/∂h of both layers, by the first two of the four equations. */
export function deltas(network) {
  const { a2, a3 } = forward(network);
  const output = (a3[0] - network.y) * a3[0] * (1 - a3[0]);
  return { d2: a2.map((a, j) => output * network.W3[0][j] * a * (1 - a)), d3: [output] };
}
