/* What a convolution of one channel stretches: 3×3 with stride 1, or 4×4 with stride 2, padding 1, on side × side pixels.
 *
 *   reshaped     ‖K‖, the length of the kernel as one row
 *   circular     max over ω of √(Σ |K̂(ω′)|²) / s over the s² frequencies ω′ that stride s cannot tell apart
 *   padded       the norm with zeros around the image: Lanczos, which is power iteration that forgets nothing
 *   bound        √(⌈k/s⌉²) ‖K‖, Proposition 14.10
 */

import { dice } from "../kit/dice.js";

export const SIDES = [4, 6, 8, 10, 12, 14, 16];
/* Weights between −1 and 1, so that all can be painted; Python holds the same. */
const SOME = [0.8, -0.5, 0.3, -0.9, 0.6, 0.1, 0.4, -0.2, 0.7, -0.6, 0.5, -0.3, 0.2, 0.9, -0.8, -0.1];
export const widthOf = (stride) => (stride === 1 ? 3 : 4);

const MADE = {
  ones: () => 1,
  edge: (size, k) => (size === 3 ? 1 - Math.floor(k / 3) : k < 8 ? 1 : -1),
  random: (_, k) => SOME[k],
};
export const KERNELS = Object.keys(MADE);

export function kernelOf(name, stride) {
  const size = widthOf(stride);
  return Array.from({ length: size * size }, (_, k) => MADE[name](size, k));
}

/* K̂ at the frequency 2π(i, j)/side, squared. */
function power(kernel, size, side, i, j) {
  let [real, imaginary] = [0, 0];
  kernel.forEach((weight, k) => {
    const angle = (2 * Math.PI * (i * Math.floor(k / size) + j * (k % size))) / side;
    real += weight * Math.cos(angle);
    imaginary -= weight * Math.sin(angle);
  });
  return real ** 2 + imaginary ** 2;
}

/* How much each frequency is stretched: gains[i][j] at 2π(i, j)/side. */
export function gains(kernel, side, stride) {
  const size = widthOf(stride);
  const powers = Array.from({ length: side }, (_, i) => Array.from({ length: side }, (__, j) => power(kernel, size, side, i, j)));
  if (stride === 1) return powers.map((row) => row.map(Math.sqrt));
  const half = side / 2;
  const same = (i, j) => powers[i][j] + powers[(i + half) % side][j] + powers[i][(j + half) % side] + powers[(i + half) % side][(j + half) % side];
  return powers.map((row, i) => row.map((_, j) => Math.sqrt(same(i, j)) / 2));
}

/* Which pixels each output sees, with which weights. */
function patches(kernel, side, stride) {
  const size = widthOf(stride);
  const outputs = Math.floor((side + 2 - size) / stride) + 1;
  return Array.from({ length: outputs * outputs }, (_, place) => {
    const [top, left] = [stride * Math.floor(place / outputs) - 1, stride * (place % outputs) - 1];
    return kernel.flatMap((weight, k) => {
      const [row, column] = [top + Math.floor(k / size), left + (k % size)];
      const isInside = row >= 0 && row < side && column >= 0 && column < side;
      return isInside && weight !== 0 ? [[row * side + column, weight]] : [];
    });
  });
}

/* In a plain loop: it runs some thousand times for every weight that is moved. */
function dot(one, other) {
  let sum = 0;
  for (let k = 0; k < one.length; k += 1) sum += one[k] * other[k];
  return sum;
}

/* CᵀC of an image. */
function thereAndBack(seen, image) {
  const back = new Float64Array(image.length);
  for (const patch of seen) {
    let sum = 0;
    for (const [pixel, weight] of patch) sum += weight * image[pixel];
    for (const [pixel, weight] of patch) back[pixel] += weight * sum;
  }
  return back;
}

/* The largest eigenvalue of a tridiagonal matrix, between 0 and its largest row sum: as many pivots are negative below x
 * as there are eigenvalues under x. */
function largestOf(diagonal, beside) {
  let [low, high] = [0, Math.max(...diagonal.map((each, k) => each + (beside[k - 1] ?? 0) + (beside[k] ?? 0)))];
  const holdsAll = (x) => {
    let pivot = 1;
    return diagonal.every((each, k) => {
      pivot = each - x - (k > 0 ? beside[k - 1] ** 2 / pivot : 0);
      return pivot < 0;
    });
  };
  for (let halving = 0; halving < 60; halving += 1) {
    const middle = (low + high) / 2;
    if (holdsAll(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export function paddedNorm(kernel, side, stride, most = 40) {
  const seen = patches(kernel, side, stride);
  const random = dice(3);
  const draw = Float64Array.from({ length: side * side }, () => random.normal());
  const vectors = [draw.map((each) => each / Math.hypot(...draw))];
  const [diagonal, beside] = [[], []];
  while (diagonal.length < Math.min(most, side * side)) {
    const last = vectors[vectors.length - 1];
    const next = thereAndBack(seen, last);
    diagonal.push(dot(next, last));
    /* Twice, since the first time leaves rounding errors of what it takes away. */
    for (const each of [...vectors, ...vectors]) {
      const share = dot(next, each);
      for (let k = 0; k < next.length; k += 1) next[k] -= share * each[k];
    }
    const length = Math.hypot(...next);
    if (length < 1e-10) break;
    beside.push(length);
    vectors.push(next.map((each) => each / length));
  }
  return Math.sqrt(largestOf(diagonal, beside.slice(0, diagonal.length - 1)));
}

export function norms(kernel, side, stride) {
  const reshaped = Math.hypot(...kernel);
  const factor = Math.ceil(widthOf(stride) / stride);
  const found = gains(kernel, side, stride);
  return {
    gains: found, reshaped, factor, circular: Math.max(...found.flat()), padded: paddedNorm(kernel, side, stride), bound: factor * reshaped,
  };
}
