/* Spectral norm: a matrix over its largest singular value σ, which then stretches no vector.
 *
 *   W̄ = W/σ,   σ = uᵀWv,   ∂σ/∂W = uvᵀ,   ∂/∂W = (∂/∂W̄ − ⟨∂/∂W̄, W̄⟩ uvᵀ) / σ
 */

/* The layers with every matrix over its σ; each also holds σ, u and v. */
export function normalisedLayers(layers) {
  return layers.map((layer) => {
    const found = largest(layer);
    return { ...layer, ...found, weight: layer.weight.map((each) => each / found.sigma) };
  });
}

/* The derivatives by the weights themselves from those by the normalised ones. */
export function throughNorm(gradients, hard) {
  return gradients.map((gradient, l) => {
    const { weight, sigma, u, v, columns } = hard[l];
    const along = gradient.weight.reduce((sum, each, k) => sum + each * weight[k], 0);
    const turned = gradient.weight.map((each, k) => (each - along * u[Math.floor(k / columns)] * v[k % columns]) / sigma);
    return { ...gradient, weight: turned };
  });
}

/* The largest singular value of a layer and its two vectors. WᵀW is squared again and again: the power method, with
 * 2ⁿ steps for the price of n. Where two values tie, any of their vectors serves. */
export function largest({ weight, rows, columns }) {
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
  const image = Float64Array.from({ length: rows }, (_, i) => v.reduce((sum, each, j) => sum + weight[i * columns + j] * each, 0));
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
