/* The exam in closed form: pupils i with data points x_i and codes drawn from N(m_i, s²), and the decoder G(z) = z with
 * noise of standard deviation s_x. For each pupil, on the average,
 *
 *   reconstruction = [(x_i − m_i)² + s²] / (2s_x²),   teacher = ½ (s² − 1 − log s² + m_i²),
 *   total = reconstruction + β teacher,   least at s² = β/(β + 1/s_x²), m_i = x_i (1/s_x²)/(β + 1/s_x²).
 *
 * Learning is the gradient flow of a pupil's total in m_i and v = log s²: with k = β + 1/s_x²,
 *
 *   m(t) = m* + (m(0) − m*) e^{−kt},   1/s²(t) = k/β + (1/s²(0) − k/β) e^{−βt/2},   and 1/s²(0) + kt/2 where β = 0.
 */

import { decimal, mean } from "../kit/numbers.js";

export const LIMITS = { s: [0.02, 1.5], beta: [0, 4], s_x: [0.25, 2], m: [-3, 3] };

export function marks({ points, means, beta, s_x }, s) {
  const reconstruction = mean(points.map((x, i) => (x - means[i]) ** 2 + s ** 2)) / (2 * s_x ** 2);
  const teacher = mean(means.map((m) => s ** 2 - 1 - 2 * Math.log(s) + m ** 2)) / 2;
  return { reconstruction, teacher, charged: beta * teacher, total: reconstruction + beta * teacher };
}

/* The difficulty of the least total: 0 without a teacher. */
export const best = ({ beta, s_x }) => Math.sqrt(beta / (beta + 1 / s_x ** 2));

/* Where the pupils' means come to rest. */
export const resting = ({ points, beta, s_x }) => points.map((x) => x / (s_x ** 2 * beta + 1));

/* The state after learning for a time t. */
export function learnt(state, t) {
  const { means, s, beta, s_x } = state;
  const k = beta + 1 / s_x ** 2;
  const rest = resting(state);
  const start = 1 / s ** 2;
  /* (1 − e^{−βt/2}) / β, also where β is 0. */
  const grown = beta === 0 ? t / 2 : -Math.expm1((-beta * t) / 2) / beta;
  return {
    means: means.map((m, i) => rest[i] + (m - rest[i]) * Math.exp(-k * t)),
    s: 1 / Math.sqrt(start * Math.exp((-beta * t) / 2) + k * grown),
  };
}

/* 1 − Φ(u) for u ≥ 0: a series near 0, a continued fraction far out. */
export function beyond(u) {
  if (u < 3) {
    let [term, sum] = [u, u];
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n += 1) {
      term *= u ** 2 / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (sum * Math.exp(-(u ** 2) / 2)) / Math.sqrt(2 * Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n -= 1) fraction = n / (u + fraction);
  return Math.exp(-(u ** 2) / 2) / Math.sqrt(2 * Math.PI) / (u + fraction);
}

/* The share of drawn codes that lie nearer to another pupil's mean than to their own: over each middle between two
 * neighbours, from both sides. */
export function mistaken({ means, s }) {
  const sorted = [...means].sort((one, other) => one - other);
  let sum = 0;
  for (let i = 0; i + 1 < sorted.length; i += 1) sum += 2 * beyond((sorted[i + 1] - sorted[i]) / (2 * s));
  return sum / means.length;
}

/* Everything that is printed. */
export function play(state) {
  const now = marks(state, state.s);
  const optimum = best(state);
  /* Without a teacher the least is that of s = 0, where its term, which weighs nothing, has no value. */
  const least = state.beta === 0 ? marks(state, 1).reconstruction - 1 / (2 * state.s_x ** 2) : marks(state, optimum).total;
  return { ...now, best: optimum, least, mistaken: mistaken(state) };
}

const print = (value) => decimal(value, 2);

export function inWords({ s, beta, numbers }) {
  const { best: optimum, total, least, mistaken: share } = numbers;
  const lost = `${decimal(100 * share, 0)} of 100 codes are taken for another pupil's`;
  if (beta === 0) {
    const start = "Without a teacher every smaller _s_ is better: the pupil sets the difficulty to nothing";
    return `${start}. Now it is ${print(s)}, and ${lost}.`;
  }
  const start = `With _β_ = ${print(beta)} the best difficulty is ${print(optimum)}`;
  if (Math.abs(Math.log(s / optimum)) < 0.01) return `${start}, and that is where it stands: ${lost}.`;
  const side = s < optimum ? "Easier, the teacher charges more than the answers gain" : "Harder, the answers lose more than the teacher gives back";
  return `${start}. ${side}: ${print(total - least)} nats over the least. Now ${lost}.`;
}
