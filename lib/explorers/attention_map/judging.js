/* What many lines say: the signs of the twins, and the place that both of them ask in each. */

import { mean, total } from "../kit/numbers.js";
import { BLOCKS, PLACES, painted, reach } from "./generators.js";

/* The sign of each block's mean. */
export const signsOf = (line) => BLOCKS.map(([from, to]) => Math.sign(mean(line.subarray(from, to + 1))));

/* E s t − E s · E t over pairs of signs. */
export function covariance(pairs) {
  const [first, second] = [0, 1].map((k) => mean(pairs.map((each) => each[k])));
  return mean(pairs.map(([s, t]) => s * t)) - first * second;
}

/* The place to which both twins give most, and how much both give: max_i min(mean weight of either block). */
export function leaderOf(table) {
  const found = { place: 0, gives: -1 };
  for (let i = 0; i < PLACES; i += 1) {
    const given = BLOCKS.map(([from, to]) => {
      let sum = 0;
      for (let j = from; j <= to; j += 1) sum += table[j * PLACES + i];
      return sum / (to - from + 1);
    });
    if (Math.min(...given) > found.gives) Object.assign(found, { place: i, gives: Math.min(...given) });
  }
  return found;
}

/* Do the windows of the two blocks keep apart? Then Theorem 16.3 says that their signs are independent. */
export function apart(generator) {
  return BLOCKS[1][0] - BLOCKS[0][1] > 2 * reach(generator);
}

/* A generator judged on these lines of noise. */
export function judge(generator, noise) {
  const made = noise.map((each) => painted(generator, each));
  const found = { lines: made.map(({ line }) => line), tables: made.map(({ table }) => table) };
  const signs = found.lines.map(signsOf);
  const numbers = { covariance: covariance(signs), apart: apart(generator), reach: reach(generator), gamma: generator.gamma };
  if (!generator.attentive) return { ...found, signs, ...numbers, leaders: null, led: null, gives: 0, own: 0 };
  const leaders = found.tables.map(leaderOf);
  const led = new Float64Array(PLACES);
  for (const { place } of leaders) led[place] += 1;
  const own = BLOCKS.reduce((sum, [from, to]) => sum + total(led.subarray(from, to + 1)), 0) / leaders.length;
  return { ...found, signs, ...numbers, leaders, led, gives: mean(leaders.map((each) => each.gives)), own };
}

/* Lines before and after: how much each place changes on average, and in how many lines a twin changes its sign. */
export function compared(before, after) {
  const changes = new Float64Array(PLACES);
  before.forEach((line, k) => line.forEach((value, i) => { changes[i] += Math.abs(after[k][i] - value) / before.length; }));
  const turned = before.map((line, k) => {
    const [then, now] = [signsOf(line), signsOf(after[k])];
    return then.map((sign, block) => sign !== now[block]);
  });
  const count = (holds) => turned.filter(holds).length;
  return {
    changes, turned, touched: changes.filter((each) => each > 0).length,
    both: count(([left, right]) => left && right), one: count(([left, right]) => left !== right),
  };
}
