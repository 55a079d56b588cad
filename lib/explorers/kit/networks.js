/* Small networks of dense layers, forwards and backwards, many inputs at once, equal to PyTorch's in float64.
 *
 *   h_l = W_l a_{l−1} + b_l,   a_l = ρ(h_l),   a_0 = x,   y = h_L          forwards
 *   m_l = W_l t_{l−1},   t_l = ρ′(h_l) m_l,   ẏ = m_L                      along directions t_0: ẏ = y′(x) t_0
 *
 * A network is data: { layers: [{ rows, columns, weight, bias }, …], between: "relu" }, W row after row; `between` is
 * any name of activations.js. n vectors lie one after the other in one Float64Array.
 *
 *   const critic = network([2, 64, 64, 1], "leaky_relu", dice(7));        weights as PyTorch draws them
 *   const adam = optimiser("adam", critic.layers, { rate: 1e-3 });
 *   const pass = forward(critic, points);                                 pass.outputs: a score for each point
 *   const { gradients, inputs } = backward(critic, pass, byOutputs);      ∂loss/∂score in, ∂loss/∂weights, ∂loss/∂points out
 *   adam.step(gradients);
 *
 * A generator learns through a critic by that `inputs`: backward(generator, drawn, inputs). The slope of a critic at
 * points is `inputs` for byOutputs = 1. What depends on slopes (a gradient penalty, R1) is differentiated along
 * directions: with g = ∇f(x) and a loss φ(g), take t = ∂φ/∂g at every point and hold it, then
 *
 *   backward(critic, forward(critic, points, t), null, ones).gradients    is ∂φ/∂weights.
 */

import { activation } from "./activations.js";

/* A network whose weights and biases are uniform within ±1/√inputs, as those of torch.nn.Linear. */
export function network(widths, between, random) {
  const layers = widths.slice(1).map((rows, l) => {
    const columns = widths[l];
    const draw = () => (2 * random() - 1) / Math.sqrt(columns);
    const weight = Float64Array.from({ length: rows * columns }, draw);
    return { rows, columns, weight, bias: Float64Array.from({ length: rows }, draw) };
  });
  return { layers, between };
}

/* Layers of the same shapes, all zero: gradients to add to, moments of an optimiser. */
export function zerosLike(layers) {
  return layers.map(({ rows, columns, weight, bias }) => ({
    rows, columns, weight: new Float64Array(weight.length), bias: new Float64Array(bias.length),
  }));
}

/* All parameters, layer by layer: weight, bias, weight, bias, … */
export const arrays = (layers) => layers.flatMap(({ weight, bias }) => [weight, bias]);

/* Outputs at n inputs, and what `backward` needs; with `directions`, also how the outputs move along them. */
export function forward({ layers, between }, inputs, directions = null) {
  const count = inputs.length / layers[0].columns;
  if (!Number.isInteger(count)) {
    throw new Error(`inputs: got ${inputs.length} numbers, expected vectors of ${layers[0].columns} each.`);
  }
  let [values, tangents] = [inputs, directions];
  const steps = layers.map(({ rows, columns, weight, bias }, l) => {
    const step = { values, tangents, heights: product(values, count, weight, rows, columns, bias), moved: null };
    if (tangents) step.moved = product(tangents, count, weight, rows, columns);
    if (l + 1 < layers.length) {
      const { value, push } = activation(between, rows);
      values = value(step.heights);
      if (tangents) tangents = push(step.heights, step.moved);
    }
    return step;
  });
  const last = steps[steps.length - 1];
  return { count, steps, outputs: last.heights, tangents: last.moved };
}

/* The derivatives of a loss from those by the outputs and by their tangents (null where it knows none of them). */
export function backward({ layers, between }, { count, steps }, byOutputs, byTangents = null) {
  const gradients = [];
  let [byHeights, byMoved] = [byOutputs, byTangents];
  let inputs = null;
  for (let l = layers.length - 1; l >= 0; l -= 1) {
    const { rows, columns, weight } = layers[l];
    const { values, tangents } = steps[l];
    gradients[l] = gradientOf(count, rows, columns, [[byHeights, values], [byMoved, tangents]], byHeights);
    const across = transposed(weight, rows, columns);
    const back = (delta) => delta && product(delta, count, across, columns, rows);
    [byHeights, byMoved] = [back(byHeights), back(byMoved)];
    if (l > 0) [byHeights, byMoved] = through(activation(between, columns), steps[l - 1], byHeights, byMoved);
    else inputs = byHeights;
  }
  return { gradients, inputs };
}

/* Back through ρ. Where ρ is curved, the height decides how far a tangent is passed on. */
function through({ pull, bend }, { heights, moved }, byValues, byTangents) {
  let byHeights = byValues && pull(heights, byValues);
  const curvature = byTangents && bend(heights);
  if (curvature) {
    byHeights ??= new Float64Array(heights.length);
    for (let k = 0; k < heights.length; k += 1) byHeights[k] += curvature[k] * moved[k] * byTangents[k];
  }
  return [byHeights, byTangents && pull(heights, byTangents)];
}

/* ∂/∂W = Σ δ aᵀ over all inputs and over both pairs (δ by heights with values, δ by tangents with tangents). */
function gradientOf(count, rows, columns, pairs, byHeights) {
  const [weight, bias] = [new Float64Array(rows * columns), new Float64Array(rows)];
  for (const [deltas, values] of pairs) {
    if (!deltas) continue;
    const part = product(transposed(deltas, count, rows), rows, transposed(values, count, columns), columns, count);
    for (let k = 0; k < weight.length; k += 1) weight[k] += part[k];
  }
  if (byHeights) for (let k = 0, i = 0; k < byHeights.length; k += 1, i = i + 1 === rows ? 0 : i + 1) bias[i] += byHeights[k];
  return { rows, columns, weight, bias };
}

function transposed(matrix, rows, columns) {
  const out = new Float64Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i += 1) for (let j = 0; j < columns; j += 1, at += 1) out[j * rows + i] = matrix[at];
  return out;
}

/* A Bᵀ + bias for A (n × depth) and B (m × depth), both row after row: two rows by four at a time, so that each number
 * fetched serves several products. Every sum runs in the order of its indices, whatever n and m are. */
function product(a, n, b, m, depth, bias = null) {
  const out = new Float64Array(n * m);
  for (let j = 0; j < m; j += 4) {
    const wide = j + 4 <= m;
    const [b0, b1, b2, b3] = [j * depth, (j + 1) * depth, (j + 2) * depth, (j + 3) * depth];
    for (let i = 0; i < n; i += 2) {
      if (wide && i + 2 <= n) block(a, i * depth, (i + 1) * depth, b, b0, b1, b2, b3, depth, out, i * m + j, m);
      else single(a, i, Math.min(n, i + 2), b, j, Math.min(m, j + 4), depth, out, m);
    }
  }
  if (bias) for (let k = 0, j = 0; k < out.length; k += 1, j = j + 1 === m ? 0 : j + 1) out[k] += bias[j];
  return out;
}

function block(a, a0, a1, b, b0, b1, b2, b3, depth, out, at, m) {
  let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < depth; k += 1) {
    const [x, y] = [a[a0 + k], a[a1 + k]];
    const [w0, w1, w2, w3] = [b[b0 + k], b[b1 + k], b[b2 + k], b[b3 + k]];
    s0 += x * w0;
    s1 += x * w1;
    s2 += x * w2;
    s3 += x * w3;
    t0 += y * w0;
    t1 += y * w1;
    t2 += y * w2;
    t3 += y * w3;
  }
  out[at] = s0;
  out[at + 1] = s1;
  out[at + 2] = s2;
  out[at + 3] = s3;
  out[at + m] = t0;
  out[at + m + 1] = t1;
  out[at + m + 2] = t2;
  out[at + m + 3] = t3;
}

function single(a, from, to, b, first, last, depth, out, m) {
  for (let i = from; i < to; i += 1) {
    for (let j = first; j < last; j += 1) {
      let sum = 0;
      for (let k = 0; k < depth; k += 1) sum += a[i * depth + k] * b[j * depth + k];
      out[i * m + j] = sum;
    }
  }
}
