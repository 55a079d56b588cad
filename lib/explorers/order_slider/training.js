/* The joined network: one hidden layer of tanh units on the pair (Φ⁻¹(z), c). It learns, by squared error, where the
 * nineteen balls belong at nine orders; where no paths cross, this error is W₂² between balls and places, averaged over c. */

import { dice } from "../kit/dice.js";
import { backward, forward, network } from "../kit/networks.js";
import { linspace } from "../kit/numbers.js";
import { optimiser } from "../kit/optimisers.js";
import { BALLS, FIRST, LAST, quantile, standard } from "./laws.js";

export const UNITS = [2, 4, 16];
export const STEPS = 3000;
const RATE = 0.01;
const TAUGHT = Array.from(linspace(FIRST, LAST, 9));

const PAIRS = BALLS.flatMap((z) => TAUGHT.map((c) => [z, c]));
const INPUTS = Float64Array.from(PAIRS.flatMap(([z, c]) => [standard(z), c]));
const PLACES = Float64Array.from(PAIRS, ([z, c]) => quantile(z, c));

/* One step down the mean squared error. */
export function descend(learner, adam) {
  const pass = forward(learner, INPUTS);
  adam.step(backward(learner, pass, pass.outputs.map((made, k) => (2 * (made - PLACES[k])) / PLACES.length)).gradients);
}

/* The network after so many steps from a start: what was computed last is gone on from. */
export function trainer() {
  let [key, steps, learner, adam] = ["", 0, null, null];
  return ({ units, start, steps: wanted }) => {
    const asked = `${units} ${start}`;
    if (asked !== key || wanted < steps) {
      [key, steps, learner] = [asked, 0, network([2, units, 1], "tanh", dice(start))];
      adam = optimiser("adam", learner.layers, { rate: RATE });
    }
    for (; steps < wanted; steps += 1) descend(learner, adam);
    return learner;
  };
}
