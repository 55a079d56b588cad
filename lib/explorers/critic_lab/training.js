/* Four critics of one shape, 1–16–16–1, and how each is kept from becoming steep while it climbs
 *
 *   mean f(real) − mean f(generated)   [− λ mean (|f′(x̂)| − 1)²,   x̂ between a real and a generated point]
 *
 * All points at every step, Adam, ascending. The dice are seeded: the same start gives the same run.
 */

import { dice } from "../kit/dice.js";
import { arrays, backward, forward } from "../kit/networks.js";
import { clamp } from "../kit/numbers.js";
import { optimiser } from "../kit/optimisers.js";
import { normalisedLayers, throughNorm } from "../kit/spectral.js";

export const WIDTHS = [1, 16, 16, 1];

export const CRITICS = {
  affine: { name: "affine", between: "identity", constraint: "clip" },
  clipped: { name: "clipped", between: "relu", constraint: "clip" },
  penalty: { name: "gradient penalty", between: "relu", constraint: "penalty" },
  spectral: { name: "spectral norm", between: "relu", constraint: "spectral" },
};
export const KINDS = Object.keys(CRITICS);
const KINKS = 3;
const BETAS = [0.5, 0.99];
const RATE = 0.01;
/* Steps since something else was moved, after which the rate is half of what it was. */
const HALVED = 200;
/* With clipping the box is the only unit of length that the weights have. */
const SHARE_OF_BOX = 0.05;

/* A critic before its first step: the kinks of the first layer spread over the line, the later weights as He et al. draw
 * them, uniform within ±√(6 / inputs), so that the slope starts in many pieces. */
export function newCritic(kind, { seed, activation, clip_bound: bound }) {
  const random = dice(1000 * seed + 17 * KINDS.indexOf(kind));
  const layers = WIDTHS.slice(1).map((rows, l) => {
    const columns = WIDTHS[l];
    const [weight, bias] = [new Float64Array(rows * columns), new Float64Array(rows)];
    for (let k = 0; k < weight.length; k += 1) {
      if (l > 0) weight[k] = (2 * random() - 1) * Math.sqrt(6 / columns);
      else {
        weight[k] = random() < 0.5 ? -1 : 1;
        bias[k] = (-weight[k] * KINKS * (2 * random() - 1)) / (kind === "spectral" ? 4 : 1);
      }
    }
    return { rows, columns, weight, bias };
  });
  const { constraint, between } = CRITICS[kind];
  if (constraint === "clip") clip(layers, bound);
  const adam = optimiser("adam", layers, { betas: BETAS, maximise: true });
  return { kind, constraint, activation: kind === "spectral" ? activation : between, layers, random, adam, steps: 0, between: [] };
}

/* The same weights before another task: Adam forgets, and its rate is whole again. */
export function renew(critic) {
  critic.adam.forget();
}

export function clip(layers, bound) {
  for (const values of arrays(layers)) values.forEach((each, k) => { values[k] = clamp(each, -bound, bound); });
}

/* The network that scores: with spectral norm every matrix over its largest singular value. */
export function networkOf({ layers, activation, constraint }) {
  return { layers: constraint === "spectral" ? normalisedLayers(layers) : layers, between: activation };
}

/* Random points on the segments between pairs: matched, left to right, or thrown together as in the paper. */
function drawBetween(random, real, generated, pairs) {
  const [xs, ys] = [real, generated].map((each) => [...each].sort((one, other) => one - other));
  if (pairs === "random") {
    for (let k = ys.length - 1; k > 0; k -= 1) {
      const other = random.below(k + 1);
      [ys[k], ys[other]] = [ys[other], ys[k]];
    }
  }
  return xs.map((x, k) => {
    const share = random();
    return share * x + (1 - share) * ys[k];
  });
}

/* The derivatives of what the critic climbs, for the weights that are trained. */
export function gradientsOf(critic, real, generated, { penalty, sided }) {
  const network = networkOf(critic);
  const signs = [...real.map(() => 1 / real.length), ...generated.map(() => -1 / generated.length)];
  const pass = forward(network, Float64Array.from([...real, ...generated]));
  const { gradients } = backward(network, pass, Float64Array.from(signs));
  if (critic.constraint === "penalty") fine(network, critic.between, penalty, sided, arrays(gradients));
  return critic.constraint === "spectral" ? throughNorm(gradients, network.layers) : gradients;
}

/* What the penalty takes away from the derivatives. */
function fine(network, points, penalty, sided, gradients) {
  const pass = forward(network, Float64Array.from(points), new Float64Array(points.length).fill(1));
  const bySlopes = pass.tangents.map((slope) => {
    const excess = sided === "one" ? Math.max(0, Math.abs(slope) - 1) : Math.abs(slope) - 1;
    return (-2 * penalty * excess * Math.sign(slope)) / points.length;
  });
  arrays(backward(network, pass, null, bySlopes).gradients).forEach((part, which) => {
    part.forEach((each, k) => { gradients[which][k] += each; });
  });
}

/* One step of Adam upwards, then the box. */
export function climb(critic, real, generated, settings) {
  const { clip_bound: bound, pairs } = settings;
  critic.between = critic.constraint === "penalty" ? drawBetween(critic.random, real, generated, pairs) : [];
  const whole = critic.constraint === "clip" ? SHARE_OF_BOX * bound : RATE;
  critic.adam.step(gradientsOf(critic, real, generated, settings), whole / (1 + critic.adam.steps / HALVED));
  critic.steps += 1;
  if (critic.constraint === "clip") clip(critic.layers, bound);
}
