/* Two-by-two matrices [a, b, c, d], row by row: their singular values, power iteration, and the gradient through W/σ(W).
 *
 *   W = σ₁u₁v₁ᵀ + σ₂u₂v₂ᵀ,   one round: v ← Wᵀu/‖Wᵀu‖, u ← Wv/‖Wv‖, value uᵀWv
 *   ∂V/∂W = (δaᵀ − λ u₁v₁ᵀ)/σ₁,   λ = δᵀWa/σ₁
 */

import { dice } from "../kit/dice.js";
import { clamp } from "../kit/numbers.js";

export const REACH = 2;
export const MOST_ROUNDS = 40;
const DRIFT = 0.06;
const SEED = 14;

export const times = ([a, b, c, d], [x, y]) => [a * x + b * y, c * x + d * y];
export const transposed = ([a, b, c, d]) => [a, c, b, d];
export const product = ([x, y], [s, t]) => [x * s, x * t, y * s, y * t];
export const dot = (one, other) => one.reduce((sum, each, k) => sum + each * other[k], 0);
const scaled = (vector, by) => vector.map((each) => each * by);
const plus = (one, other) => one.map((each, k) => each + other[k]);

/* A direction by its angle in degrees; along an axis exactly, so that what is stuck stays stuck. */
export function direction(degrees) {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)].map((each) => (Math.abs(each) < 1e-15 ? 0 : each));
}

/* Zero stays zero: from nothing comes no direction. */
function unit(vector) {
  const length = Math.hypot(...vector);
  return length === 0 ? [0, 0] : scaled(vector, 1 / length);
}

/* W is a multiple Q of a turn and a multiple R of a turned reflection: σ = Q ± R, and the angles add. */
export function svd2([a, b, c, d]) {
  const [e, f, g, h] = [a + d, a - d, c + b, c - b];
  const [q, r] = [Math.hypot(e, h) / 2, Math.hypot(f, g) / 2];
  const [mirror, turn] = [Math.atan2(g, f), Math.atan2(h, e)];
  const [left, right] = [(turn + mirror) / 2, (turn - mirror) / 2];
  const sign = q < r ? -1 : 1;
  return {
    sigma: [q + r, Math.abs(q - r)],
    u: [[Math.cos(left), Math.sin(left)], [-sign * Math.sin(left), sign * Math.cos(left)]],
    v: [[Math.cos(right), -Math.sin(right)], [Math.sin(right), Math.cos(right)]],
  };
}

export const towardsInput = (matrix, u) => unit(times(transposed(matrix), u));
export const towardsOutput = (matrix, v) => unit(times(matrix, v));

/* One whole round: the two vectors, and the value. */
export function round(matrix, from) {
  const v = towardsInput(matrix, from);
  const u = towardsOutput(matrix, v);
  return { u, v, value: dot(u, times(matrix, v)) };
}

/* What Theorem 14.7 says of round k from the tangent t of the start: the tangent of ũ, and what the value misses. */
export function predicted({ sigma }, t, k) {
  const kappa = sigma[0] > 0 ? sigma[1] / sigma[0] : 0;
  const tangent = kappa === 0 && k > 0 ? 0 : kappa ** (2 * k) * t;
  if (k === 0) return { tangent, missing: NaN };
  const weight = kappa === 0 ? 0 : t ** 2 * kappa ** (4 * k - 2);
  const lost = Number.isFinite(weight) ? (weight * (1 - kappa ** 2)) / (1 + weight) : 1 - kappa ** 2;
  return { tangent, missing: lost / (1 + Math.sqrt(1 - lost)) };
}

/* How far u is from ±u₁, and its value from σ₁. */
function look(matrix, u, value) {
  const { sigma, u: axes } = svd2(matrix);
  const [along, across] = axes.map((axis) => Math.abs(dot(axis, u)));
  const missing = sigma[0] > 0 ? Math.max(0, 1 - value / sigma[0]) : 0;
  return { tangent: along === 0 ? Infinity : across / along, missing, value };
}

/* A run: `halves` half rounds from the start; where the matrix drifts, by a seeded step before each round, a second needle
 * makes its one round from the start every time. */
export function run({ matrix, start, halves, drifting }) {
  const random = dice(SEED);
  const first = direction(start);
  let [now, u, v, before, again] = [matrix, first, null, null, null];
  const looks = [{ ...look(now, u, 0), forgotten: NaN }];
  for (let half = 0; half < halves; half += 1) {
    before = { u, v, again };
    if (half % 2 === 0) {
      if (drifting) now = now.map((each) => clamp(each + DRIFT * random.normal(), -REACH, REACH));
      v = towardsInput(now, u);
      continue;
    }
    u = towardsOutput(now, v);
    again = drifting ? round(now, first) : null;
    const forgotten = again ? look(now, again.u, again.value).missing : NaN;
    looks.push({ ...look(now, u, dot(u, times(now, v))), forgotten });
  }
  return { now, svd: svd2(now), u, v, before, again, looks };
}

/* What is wished, what is taken away from it, and what is left, for h = W̄a and δ = ∂V/∂h. */
export function gradient(matrix, [d1, d2, a1, a2]) {
  const { sigma: [sigma], u: [u], v: [v] } = svd2(matrix);
  if (sigma === 0) return null;
  const wish = product([d1, d2], [a1, a2]);
  const lambda = dot(wish, matrix) / sigma;
  const asked = scaled(wish, 1 / sigma);
  const taken = scaled(product(u, v), -lambda / sigma);
  const left = plus(asked, taken);
  const size = Math.hypot(...asked);
  return { asked, taken, left, lambda, along: dot(left, matrix), share: size > 0 ? Math.hypot(...left) / size : 0 };
}

/* W a step along the gradient, and divided by its norm. */
export const stepped = (matrix, left, rate) => plus(matrix, scaled(left, rate));
export function normalised(matrix) {
  const { sigma: [sigma] } = svd2(matrix);
  return sigma > 0 ? scaled(matrix, 1 / sigma) : matrix;
}
