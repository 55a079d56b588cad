/* The bound: a log-likelihood, and what a normal law Q = N(μ, s²) over the latent point says of it.
 *
 *   P(z) = N(0, 1),   P(x|z) = N(x; G(z), s_x²),   log P(x) = log ∫ P(z) P(x|z) dz,
 *   ELBO(Q) = E_Q log P(x|z) − KL(Q‖P(z)),   gap = KL(Q‖P(z|x)),   ELBO + gap = log P(x).
 *
 * The bound is in closed form, since the decoders G(z) = 1.2z + 0.5 and G(z) = z² are polynomials; the log-likelihood and
 * the gap are integrals, each taken for itself: the bars meet because the identity holds.
 *
 * The bound is climbed in (μ, v = log s). With E = E_Q (x − G(z))² it is −E/(2s_x²) − ½(μ² + s² − 2v) and a constant.
 */

import { decimal, integral, linspace, logGaussian, logSum } from "../kit/numbers.js";

export const NOISE = 0.5;
export const LIMITS = { mu: [-3, 3], s: [0.05, 2], x: [0, 3] };
const [SLOPE, OFFSET] = [1.2, 0.5];
const Z = linspace(-8, 8, 1601);
/* Where a standard normal law has all its mass, for integrals under Q. */
const XI = linspace(-11, 11, 881);
const WEIGHTS = XI.map((xi) => Math.exp(logGaussian(xi, 0, 1)));

/* Each decoder: its mean, and E with its derivatives by μ, v; μμ, μv, vv. */
export const DECODERS = {
  straight: {
    name: "straight, 1.2 z + 0.5",
    mean: (z) => SLOPE * z + OFFSET,
    error: (x, mu, s) => {
      const miss = x - OFFSET - SLOPE * mu;
      const spread = (SLOPE * s) ** 2;
      return [miss ** 2 + spread, [-2 * SLOPE * miss, 2 * spread], [2 * SLOPE ** 2, 0, 4 * spread]];
    },
  },
  bent: {
    name: "bent, z²",
    mean: (z) => z ** 2,
    error: (x, mu, s) => {
      const [m, q] = [mu ** 2, s ** 2];
      return [
        x ** 2 - 2 * x * (m + q) + m ** 2 + 6 * m * q + 3 * q ** 2,
        [4 * mu * (m + 3 * q - x), 4 * q * (3 * m + 3 * q - x)],
        [12 * (m + q) - 4 * x, 24 * mu * q, 8 * q * (3 * m + 6 * q - x)],
      ];
    },
  },
};

const logJoint = (model, x, z) => logGaussian(z, 0, 1) + logGaussian(x, DECODERS[model].mean(z), NOISE);

export function logLikelihood(model, x) {
  return logSum(Z.map((z) => logJoint(model, x, z))) + Math.log(Z[1] - Z[0]);
}

/* The two halves of the bound at (μ, s). */
export function halves(model, x, mu, s) {
  const [error] = DECODERS[model].error(x, mu, s);
  const reconstruction = -error / (2 * NOISE ** 2) - Math.log(2 * Math.PI * NOISE ** 2) / 2;
  return { reconstruction, to_prior: (mu ** 2 + s ** 2 - 1 - 2 * Math.log(s)) / 2 };
}

export function elbo(model, x, mu, s) {
  const { reconstruction, to_prior } = halves(model, x, mu, s);
  return reconstruction - to_prior;
}

/* Everything that is printed. */
export function play({ model, x, mu, s }) {
  const log_likelihood = logLikelihood(model, x);
  const apart = XI.map((xi, i) => {
    const z = mu + s * xi;
    return WEIGHTS[i] * (logGaussian(z, mu, s) - (logJoint(model, x, z) - log_likelihood));
  });
  const { reconstruction, to_prior } = halves(model, x, mu, s);
  return { reconstruction, to_prior, elbo: reconstruction - to_prior, gap: integral(apart, XI), log_likelihood };
}

/* Slope and curvature of the bound in (μ, v). */
function bends(model, x, mu, v) {
  const s = Math.exp(v);
  const [, [em, ev], [emm, emv, evv]] = DECODERS[model].error(x, mu, s);
  const scale = 2 * NOISE ** 2;
  return {
    slope: [-em / scale - mu, -ev / scale - s ** 2 + 1],
    curve: [-emm / scale - 1, -emv / scale, -evv / scale - 2 * s ** 2],
  };
}

const isHill = ([a, b, d]) => a < 0 && a * d - b * b > 0;

/* The top of the hill on which (μ, s) stands: Newton's steps where the bound bends down, else steps uphill; all of them
 * short and none that goes down, so that no other hill is reached. */
export function climb(model, x, mu, s) {
  /* On the ridge between two hills, to the right. */
  let at = [Math.abs(mu) < 1e-6 ? 1e-3 : mu, Math.log(s)];
  const height = ([m, v]) => elbo(model, x, m, Math.exp(v));
  for (let round = 0; round < 300; round += 1) {
    const { slope: [g, h], curve } = bends(model, x, ...at);
    const [a, b, d] = curve;
    const wish = isHill(curve) ? [(b * h - d * g) / (a * d - b * b), (b * g - a * h) / (a * d - b * b)] : [g, h];
    const long = Math.hypot(...wish);
    if (long < 1e-13) break;
    let step = Math.min(1, 0.15 / long);
    const next = () => at.map((each, k) => each + step * wish[k]);
    while (step > 1e-9 && height(next()) < height(at)) step /= 2;
    at = next();
  }
  return { mu: at[0], s: Math.exp(at[1]) };
}

/* All hills of the bound, the highest first. */
export function hills(model, x) {
  const starts = [[1.5, 0.3], [-1.5, 0.3], [0.02, 0.6]];
  const tops = starts.map(([mu, s]) => climb(model, x, mu, s)).filter((top, k, all) => (
    all.findIndex((other) => Math.abs(other.mu - top.mu) < 1e-4) === k && isHill(bends(model, x, top.mu, Math.log(top.s)).curve)));
  return tops.sort((one, other) => elbo(model, x, other.mu, other.s) - elbo(model, x, one.mu, one.s));
}

export const posterior = (model, x, grid, log_likelihood) => grid.map((z) => Math.exp(logJoint(model, x, z) - log_likelihood));

/* The normal law with the mean and the variance of the posterior. */
export function moments(model, x) {
  const density = posterior(model, x, Z, logLikelihood(model, x));
  const mu = integral(density.map((each, i) => each * Z[i]), Z);
  return { mu, s: Math.sqrt(integral(density.map((each, i) => each * (Z[i] - mu) ** 2), Z)) };
}

/* Two humps of the posterior of the bent decoder part where z² = x − s_x²/2 has solutions. */
const hasHumps = (model, x) => model === "bent" && x > NOISE ** 2 / 2;

export function inWords({ model, x, mu, s, numbers, tops, least }) {
  const { elbo: bound, gap, log_likelihood } = numbers;
  const print = (value) => decimal(value, 2);
  if (gap < 5e-7) return `No gap is left: _Q_ is the posterior, and the bound is log _P_(_x_) itself, ${print(log_likelihood)}.`;
  const onTop = tops.some((each) => Math.hypot(each.mu - mu, Math.log(each.s / s)) < 1e-3);
  if (!onTop) return `The bound says ${print(bound)}, log _P_(_x_) is ${print(log_likelihood)}: it falls short by the gap, ${print(gap)} nats.`;
  const start = `No small move of _Q_ raises the bound, and the gap is ${print(gap)}`;
  if (!hasHumps(model, x)) return `${start}: the posterior is no normal law.`;
  const [here, there] = Math.abs(mu) > 0.1 ? ["on one hump of the posterior", "over both"] : ["over both humps of the posterior", "on one"];
  return `${start}: _Q_ lies ${here}.${gap - least > 0.005 ? ` Had it gone ${there}, it would be ${print(least)}.` : ""}`;
}
