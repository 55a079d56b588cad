/* Three machines for the same pairs. Each is given the mean of what answers every number, and makes its curve of it:
 *
 *   straight    the regression line
 *   heart       straight lines from each of these means to the next, which no loss is less than
 *   bent        two layers of 16 ReLUs, which do not see the mean but the pairs: full batches, Adam at a rate that falls
 *               to 0 along a straight line, from the same start every time
 */

import { dice } from "../kit/dice.js";
import { backward, forward, network } from "../kit/networks.js";
import { optimiser } from "../kit/optimisers.js";
import { line, withWrong, wrongOf } from "./pairs.js";

export const STEPS = 800;
const WIDTHS = [1, 16, 16, 1];
const RATE = 0.01;
const START = 3;
const DRAWS = 1000;

/* The pairing of one step: that of the reader, or as many wrong pairs, drawn anew. */
export const pairingAt = (step, order, anew) => (
  anew && step > 0 ? withWrong(wrongOf(order), order.length, dice(DRAWS + step)) : order);

/* Step number `step` down the mean squared error of a network on the pairs (zs, ys). */
export function descend(learner, adam, zs, ys, step) {
  const pass = forward(learner, zs);
  const { gradients } = backward(learner, pass, pass.outputs.map((made, i) => (2 * (made - ys[i])) / ys.length));
  adam.step(gradients, RATE * (1 - (step - 1) / STEPS));
}

/* The bent machine after so many steps: a matter of the pairs alone. What was computed last is gone on from. */
export function trainer() {
  let [key, steps, learner, adam] = ["", 0, null, null];
  return ({ numbers, shades, order, anew, steps: wanted }) => {
    const asked = JSON.stringify([numbers, shades, order, anew]);
    if (asked !== key || wanted < steps) {
      [key, steps, learner] = [asked, 0, network(WIDTHS, "relu", dice(START))];
      adam = optimiser("adam", learner.layers);
    }
    const zs = Float64Array.from(numbers);
    for (; steps < wanted; steps += 1) {
      descend(learner, adam, zs, pairingAt(steps + 1, order, anew).map((shade) => shades[shade]), steps + 1);
    }
    return learner;
  };
}

/* Straight lines between the points, level beyond the first and the last. */
function throughPoints(numbers, values) {
  return (z) => {
    const next = numbers.findIndex((each) => each > z);
    if (next <= 0) return values[next === 0 ? 0 : values.length - 1];
    const share = (z - numbers[next - 1]) / (numbers[next] - numbers[next - 1]);
    return (1 - share) * values[next - 1] + share * values[next];
  };
}

/* The outputs of a machine at many numbers. */
export function outputsOf(machine, numbers, answers, learner) {
  if (machine === "bent") return (zs) => Array.from(forward(learner, Float64Array.from(zs)).outputs);
  if (machine === "heart") return (zs) => Array.from(zs, throughPoints(numbers, answers));
  const { slope, start } = line(numbers, answers);
  return (zs) => Array.from(zs, (z) => start + slope * z);
}
