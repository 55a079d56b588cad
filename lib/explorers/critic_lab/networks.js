/* Small networks on the line, by hand: scores, slopes, and how both change with the weights.
 *
 *   h_l = W_l a_{l−1} + b_l,   a_l = ρ(h_l),   a_0 = x,   f(x) = h_L
 *   t_l = ρ′(h_l) W_l t_{l−1},   t_0 = 1                           forwards: how a_l moves with x
 *   δ_{l−1} = ρ′(h_{l−1}) W_lᵀ δ_l,   δ_L = 1                      backwards: how f moves with h_l
 *   ∂f/∂W_l = δ_l a_{l−1}ᵀ,   ∂f/∂b_l = δ_l,   ∂f′/∂W_l = δ_l t_{l−1}ᵀ,   ∂f′/∂b_l = 0
 *
 * ρ is nothing, ReLU or MaxMin: each passes on or drops, keeps or swaps, as the signs of h say, so that ρ′ is constant
 * between the kinks and the second line of derivatives is as exact as the first.
 */

/* What ρ does to any vector that comes along where the heights are h: its values, its tangents, its deltas. */
const PASSES = {
  none: (h, values) => values,
  relu: (h, values) => {
    const out = new Float64Array(h.length);
    for (let k = 0; k < h.length; k += 1) if (h[k] > 0) out[k] = values[k];
    return out;
  },
  maxmin: (h, values) => {
    const out = new Float64Array(h.length);
    for (let k = 0; k < h.length; k += 1) out[k] = h[k & ~1] >= h[k | 1] ? values[k] : values[k ^ 1];
    return out;
  },
};
/* What changes its sign at a kink of ρ. */
const SIGNS = {
  none: () => [],
  relu: (h) => h,
  maxmin: (h) => h.filter((_, k) => k % 2 === 0).map((first, pair) => first - h[2 * pair + 1]),
};

function times({ weight, rows, columns }, vector) {
  const out = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i += 1) {
    let sum = 0;
    for (let j = 0; j < columns; j += 1, at += 1) sum += weight[at] * vector[j];
    out[i] = sum;
  }
  return out;
}

function timesTransposed({ weight, rows, columns }, vector) {
  const out = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i += 1) {
    const factor = vector[i];
    if (factor === 0) at += columns;
    else for (let j = 0; j < columns; j += 1, at += 1) out[j] += weight[at] * factor;
  }
  return out;
}

function heightsAt(layer, values) {
  const out = times(layer, values);
  for (let i = 0; i < out.length; i += 1) out[i] += layer.bias[i];
  return out;
}

function score({ layers, activation }, x) {
  let values = Float64Array.of(x);
  layers.forEach((layer, l) => {
    const h = heightsAt(layer, values);
    values = l + 1 < layers.length ? PASSES[activation](h, h) : h;
  });
  return values[0];
}

/* Score and slope at x, and for each layer what its derivatives are made of. */
function trace({ layers, activation }, x) {
  const pass = PASSES[activation];
  let [values, tangents] = [Float64Array.of(x), Float64Array.of(1)];
  const parts = layers.map((layer) => {
    const h = heightsAt(layer, values);
    const part = { h, values, tangents, moved: times(layer, tangents) };
    [values, tangents] = [pass(h, h), pass(h, part.moved)];
    return part;
  });
  const last = parts.length - 1;
  let deltas = Float64Array.of(1);
  for (let l = last; l >= 0; l -= 1) {
    if (l < last) deltas = pass(parts[l].h, timesTransposed(layers[l + 1], deltas));
    parts[l].deltas = deltas;
  }
  return { score: parts[last].h[0], slope: parts[last].moved[0], parts };
}

/* Add `byScore` times the derivatives of f(x) and `bySlope` times those of f′(x), both at one traced point. */
function accumulate(gradients, { parts }, byScore, bySlope) {
  parts.forEach(({ deltas, values, tangents }, l) => {
    const { weight, bias } = gradients[l];
    const columns = values.length;
    const along = new Float64Array(columns);
    for (let j = 0; j < columns; j += 1) along[j] = byScore * values[j] + bySlope * tangents[j];
    for (let i = 0; i < deltas.length; i += 1) {
      const factor = deltas[i];
      if (factor === 0) continue;
      bias[i] += byScore * factor;
      for (let j = 0, at = i * columns; j < columns; j += 1, at += 1) weight[at] += factor * along[j];
    }
  });
}

/* The ends of the straight pieces of f between `from` and `to`, both included: within a piece every height of the next
 * layer runs straight, so that where it changes its sign follows from its two ends. */
function kinks({ layers, activation }, from, to) {
  let ends = [from, to];
  for (let depth = 0; depth + 1 < layers.length; depth += 1) {
    const below = { layers: layers.slice(0, depth + 1), activation };
    const signs = ends.map((x) => SIGNS[activation](Array.from(trace(below, x).parts[depth].h)));
    const found = ends.slice(1).flatMap((right, k) => signs[k].flatMap((low, unit) => {
      const high = signs[k + 1][unit];
      return low * high < 0 ? [ends[k] + ((right - ends[k]) * low) / (low - high)] : [];
    }));
    ends = [...ends, ...found].sort((one, other) => one - other);
  }
  return ends;
}

/* The largest |f′| between the ends of all pieces: exact, since f′ is constant on each. */
function steepest(network, ends) {
  let most = 0;
  for (let k = 0; k + 1 < ends.length; k += 1) {
    most = Math.max(most, Math.abs(trace(network, (ends[k] + ends[k + 1]) / 2).slope));
  }
  return most;
}

/* The largest singular value of a layer and its two vectors. WᵀW is squared again and again: the power method, with
 * 2ⁿ steps for the price of n. Where two values tie, any of their vectors serves. */
function largest(layer) {
  const { weight, rows, columns } = layer;
  let power = Float64Array.from({ length: columns * columns }, (_, at) => {
    const [j, k] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let i = 0; i < rows; i += 1) sum += weight[i * columns + j] * weight[i * columns + k];
    return sum;
  });
  const sizeOf = (square) => square.reduce((sum, each, at) => (at % (columns + 1) === 0 ? sum + each : sum), 0);
  for (let round = 0; round < 40; round += 1) {
    const size = sizeOf(power);
    if (size === 0) return { sigma: 0, u: new Float64Array(rows), v: new Float64Array(columns) };
    power = power.map((each) => each / size);
    /* The trace of the square is the sum of the squared shares: 1 when one direction is left. */
    if (1 - power.reduce((sum, each) => sum + each * each, 0) < 1e-15) break;
    power = squared(power, columns);
  }
  const longest = Array.from({ length: columns }, (_, k) => k).reduce((best, k) => (
    power[k * (columns + 1)] > power[best * (columns + 1)] ? k : best), 0);
  const column = power.slice(longest * columns, (longest + 1) * columns);
  const length = Math.hypot(...column);
  const v = column.map((each) => each / length);
  const image = times(layer, v);
  const sigma = Math.hypot(...image);
  return { sigma, u: image.map((each) => each / sigma), v };
}

function squared(matrix, size) {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1) {
    for (let k = 0; k < size; k += 1) {
      const factor = matrix[i * size + k];
      for (let j = 0; j < size; j += 1) out[i * size + j] += factor * matrix[k * size + j];
    }
  }
  return out;
}
