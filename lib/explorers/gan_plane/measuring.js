/* The numbers of a moment, from the weights alone, and what they mean in words. */

import { dice } from "../kit/dice.js";
import { forward } from "../kit/networks.js";
import { decimal, sigmoid } from "../kit/numbers.js";
import { assignmentDistance } from "./assignment.js";
import { latents, through } from "./game.js";
import { lawOf, masses, reached, sample } from "./laws.js";
import { certificate, jensenShannon, middles, pushed, scoresOn } from "./raster.js";

export const SEEN = 128;
const FRESH = 256;
const COUNTED = middles(32, 1);

/* The k-th of the points that fill the square evenly (Halton 1960): digits in base 2 and in base 3, read backwards. */
function evenly(k, base) {
  let [rest, share, sum] = [k, 1, 0];
  for (; rest > 0; rest = Math.floor(rest / base)) {
    share /= base;
    sum += share * (rest % base);
  }
  return sum;
}
/* The latents of the fakes that are drawn: always the same ones, so that each can be followed. */
export const FOLLOWED = Float64Array.from({ length: 2 * SEEN }, (_, k) => 2 * evenly(1 + (k >> 1), k % 2 ? 3 : 2) - 1);

/* A law with all that does not change while it is learnt. */
export function task(name, drawn) {
  const law = lawOf(name, drawn);
  const [real, others] = [1, 2].map((seed) => sample(law, SEEN, dice(seed), true));
  return { law, mass: masses(law), real, floor: assignmentDistance(real, others) };
}

const meanOf = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

export function measure({ generator, critic, stepsD, stepsG, value }, { law, mass, real, floor }) {
  const made = pushed(generator);
  const fakes = forward(generator, FOLLOWED).outputs;
  const random = dice(7919 + stepsD + 1e6 * stepsG);
  const judged = [sample(law, FRESH, random), forward(generator, latents(FRESH, random)).outputs].map((points) => forward(critic, points).outputs);
  const correct = judged[0].filter((s) => s > 0).length + judged[1].filter((s) => s <= 0).length;
  const length = (loss) => {
    const { inputs } = through(critic, fakes, loss);
    return meanOf(Array.from({ length: SEEN }, (_, k) => Math.hypot(inputs[2 * k], inputs[2 * k + 1])));
  };
  const { modes, near } = reached(law, forward(generator, COUNTED).outputs);
  return {
    js: jensenShannon(mass, made), certificate: certificate(mass, made, scoresOn(critic)), made,
    w1: assignmentDistance(real, fakes), w1_floor: floor, right: correct / (2 * FRESH), value,
    slope_minimax: length("minimax"), slope_other: length("non-saturating"),
    modes, near, moves: stepsD + stepsG,
  };
}

/* How sure D is, as it is drawn: the hinge's score has no unit, and twice of it is taken for a logit. */
export const sure = (score, loss) => sigmoid(loss === "hinge" ? 2 * score : score);

const ALONE = 10;

/* One sentence, of what is so and not of why. `alone`: what G has done since D's last step. */
export function inWords(now, { law }, alone) {
  const { js, certificate: proved, right, modes, near, moves } = now;
  if (moves === 0) return "Two networks with random weights. Press Play, or move one player at a time.";
  const found = law.modes ? ` Modes reached: ${modes} of ${law.centres.length}, by ${decimal(100 * near, 0)} % of the fakes.` : "";
  return said(js, proved, right, alone) + found;
}

function said(js, proved, right, alone) {
  const gap = js - proved;
  if (alone.steps >= ALONE && js > alone.least + 0.01 && proved < alone.proved) {
    return `${alone.steps} steps of _G_ alone: the bound fell, the divergence rose. _D_ is out of date.`;
  }
  if (js > 0.99 * Math.LN2) return "The laws hardly touch: JS is at its end, whatever _G_ does.";
  if (right < 0.55 && js > 0.2) return "_D_ guesses, yet the laws differ: _D_ is the weak one.";
  if (gap < 0.02) return "_D_ is as good as one can be here.";
  if (gap > 0.1) return `_D_ misses ${decimal(gap, 2)} of ${decimal(js, 2)} nats: it could still learn.`;
  return `_D_ proves ${decimal(proved, 2)} of the ${decimal(js, 2)} nats between the laws.`;
}
