/* The GAN game on the line: two laws, the best discriminator between them, and the reader's own.
 *
 *   V(D) = ∫ p log D + q log(1 − D),    D* = p / (p + q),    V(D*) = 2 JS(p, q) − 2 log 2,
 *   V(D*) − V(D) = ∫ (p + q) KL(Bern D* ‖ Bern D)   so that   ½V(D) + log 2  +  ½ deficit  =  JS(p, q).
 *
 * The three terms of the last line are computed each by its own integral: the bars meet because the identity holds.
 *
 * D is a value at each point of GRID, joined by straight lines; FINE is where the integrals are taken, since log D
 * bends sharply where a hand drew D down to the axis.
 */

import { decimal, integral, joined, linspace, logGaussian, logSum, normalised, softplus } from "../kit/numbers.js";

export const DOMAIN = [-6, 6];
const STEPS = 4;
export const GRID = linspace(...DOMAIN, 801);
const FINE = linspace(...DOMAIN, 800 * STEPS + 1);
export const EDGE = 1e-6;
/* Nats that are none: two laws this near are the same, and a bound this near to zero is zero. */
const SAME = 1e-6;

/* The logarithms of what the two modes of a law add at x. */
const modes = ({ mean, second_mean, width, second_weight }, x) => [
  Math.log(1 - second_weight) + logGaussian(x, mean, width),
  Math.log(second_weight) + logGaussian(x, second_mean, width),
];

const logDensity = (law) => normalised(FINE.map((x) => logSum(modes(law, x))), FINE);

/* Pulling a peak up makes its law narrower: the width between `low` and `high` at which the mode `which` is so high, the
 * other mode included. Where no width reaches it, the one that comes nearest. */
export function widthFor(law, which, height, [low, high]) {
  let [narrow, wide] = [low, high];
  for (let round = 0; round < 50; round += 1) {
    const width = (narrow + wide) / 2;
    if (Math.exp(logSum(modes({ ...law, width }, law[which]))) > height) narrow = width;
    else wide = width;
  }
  return (narrow + wide) / 2;
}

/* Everything that is drawn or printed, from the two laws and the drawn D. */
export function play(real, generated, drawn) {
  const [logP, logQ] = [logDensity(real), logDensity(generated)];
  const [p, q] = [logP.map(Math.exp), logQ.map(Math.exp)];
  const logBest = FINE.map((_, i) => -softplus(logQ[i] - logP[i]));
  const logRest = FINE.map((_, i) => -softplus(logP[i] - logQ[i]));
  const own = joined(drawn, FINE);
  const [logD, logNot] = [own.map(Math.log), own.map((d) => Math.log1p(-d))];
  const loss = FINE.map((_, i) => Math.max(0, p[i] * (logBest[i] - logD[i]) + q[i] * (logRest[i] - logNot[i])));
  const gain = FINE.map((_, i) => p[i] * logD[i] + q[i] * logNot[i]);
  const apart = FINE.map((_, i) => p[i] * (logBest[i] + Math.LN2) + q[i] * (logRest[i] + Math.LN2));
  const [value, deficit, js] = [integral(gain, FINE), integral(loss, FINE), integral(apart, FINE) / 2];
  const numbers = { value, deficit, bound: value / 2 + Math.LN2, half_deficit: deficit / 2, js };
  const onGrid = (values) => values.filter((_, i) => i % STEPS === 0);
  return { p: onGrid(p), q: onGrid(q), best: onGrid(logBest).map(Math.exp), loss: onGrid(loss), numbers };
}

/* Two decimals where they say something, else the first two digits that do. */
function nats(value) {
  const size = Math.abs(value);
  return decimal(value, size >= 0.01 || size < SAME ? 2 : 1 - Math.floor(Math.log10(size)));
}

export function inWords({ bound, half_deficit, js }) {
  if (js < SAME) {
    return half_deficit > 2 * SAME
      ? `The two laws are the same, and your _D_ pays ${nats(half_deficit)} nats for seeing a difference.`
      : "The two laws are the same, and your _D_ rightly says one half wherever there is something to see.";
  }
  if (half_deficit < Math.max(2 * SAME, 0.002 * js)) return `Your _D_ is as good as any can be: it certifies all ${nats(js)} nats.`;
  if (bound < SAME) {
    const below = bound < -SAME ? `its bound, ${nats(bound)}, lies below zero` : "its bound is zero";
    return `Your _D_ certifies nothing: ${below}, while the two laws are ${nats(js)} nats apart.`;
  }
  if (nats(bound) === nats(js)) return `Your _D_ certifies nearly all of the ${nats(js)} nats that separate the two laws.`;
  return `Your _D_ certifies ${nats(bound)} of the ${nats(js)} nats that separate the two laws.`;
}
