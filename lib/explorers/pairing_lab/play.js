/* Everything that is drawn, printed or said, from the pairs and the machine. */

import { decimal, linspace, mean } from "../kit/numbers.js";
import { STEPS, outputsOf, pairingAt } from "./machines.js";
import {
  costOf, crossingsOf, crossingsShuffled, inOrder, isNear, line, means, slopeDeviation, variance, wrongOf,
} from "./pairs.js";

const MANY = 1000;
const GRID = linspace(0.5 / MANY, 1 - 0.5 / MANY, MANY);
const NINE = linspace(0, 1, 9);

const shareNear = (values) => values.filter(isNear).length / values.length;

export function play(state, learner) {
  const { numbers, shades, order, anew, machine, steps } = state;
  const [count, wrong] = [numbers.length, wrongOf(order)];
  const pairing = pairingAt(machine === "bent" ? steps : 1, order, anew);
  const values = pairing.map((each) => shades[each]);
  const dashed = means(shades, wrong);
  /* What answers each number on average, and how much it varies: nothing where the pairs are kept. */
  const answers = anew ? dashed : order.map((each) => shades[each]);
  const floor = anew ? mean(means(shades.map((each) => each ** 2), wrong).map((each, i) => each - dashed[i] ** 2)) : 0;
  const answerTo = outputsOf(machine, numbers, answers, learner);
  const outputs = answerTo(GRID);
  return {
    grid: GRID, outputs, strip: answerTo(NINE), dashed, pairing, wrong, machine,
    numbers: {
      cost: costOf(numbers, shades, pairing), least: costOf(numbers, shades, inOrder(count)),
      crossings: crossingsOf(values), crossings_shuffled: crossingsShuffled(shades),
      loss: mean(answerTo(numbers).map((each, i) => (each - answers[i]) ** 2)) + floor, floor,
      near: shareNear(outputs), near_means: shareNear(dashed),
      spread: variance(outputs) / variance(shades), spread_means: variance(dashed) / variance(shades),
      slope: line(numbers, answers).slope, slope_deviation: slopeDeviation(numbers, shades),
    },
  };
}

const times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);

export function inWords({ outputs, wrong, numbers }, { anew, machine, steps, shades }) {
  const [near, count] = [`${decimal(100 * numbers.near, 0)} %`, shades.length];
  const left = decimal(1 - wrong / (count - 1), 2);
  const crosses = `crosses the grey ${times(crossingsOf(outputs))}`;
  if (machine === "straight") {
    return `A line has one slope, here ${decimal(numbers.slope, 2)}; over all pairings of these shades it is 0 ± ${decimal(numbers.slope_deviation, 2)}.`;
  }
  if (machine === "heart") {
    return anew && wrong > 0
      ? `What is dealt anew at every step cannot be learnt by heart: no answers are better than the means, ${left} of the shades.`
      : `By heart, the curve meets every pair. It ${crosses}: wherever unlike shades are neighbours.`;
  }
  const wrongs = wrong === 0 ? "All pairs stand in order" : `${wrong} of ${count} pairs are wrong`;
  if (steps === 0) return `${wrongs}. The machine has learnt nothing yet. What will its curve look like? Then press Train.`;
  const when = steps < STEPS ? `After ${steps} of ${STEPS} steps: ` : "";
  const crossed = `the curve ${crosses}, and ${near} of its outputs are near a shade.`;
  if (wrong === 0) return `${when}${wrongs}; ${crossed}`;
  return anew
    ? `${when}${wrongs}, others at every step. A number is answered by ${left} of its shade on average, and ${near} of the outputs are near a shade.`
    : `${when}${wrongs}, always the same; ${crossed}`;
}
