/* What is true of two clouds on the line, and what a critic proves about them. */

import { mean, total } from "../kit/numbers.js";
import { largest } from "../kit/spectral.js";
import { cloudOf, DOMAIN, SIDES } from "./clouds.js";
import { kinks, scores, slopes as slopesOf, steepest } from "./pieces.js";
import { KINDS, networkOf, WIDTHS } from "./training.js";

/* W₁ = ∫ |F_generated − F_real|, and the best critic: it rises by 1 where F_generated > F_real, falls by 1 where it is
 * smaller, and where both are equal any slope from −1 to 1 is as good. `slopes[k]` belongs to [ends[k], ends[k + 1]], and `shares[k]`
 * is what this piece contributes to W₁. */
export function potential(real, generated, [from, to]) {
  const jumps = [...real.map((x) => [x, -1 / real.length]), ...generated.map((y) => [y, 1 / generated.length])];
  jumps.sort((one, other) => one[0] - other[0]);
  const ends = [from, ...jumps.map(([x]) => x), to];
  let [ahead, exact] = [0, 0];
  const [values, shares] = [[0], []];
  const slopes = ends.slice(1).map((right, k) => {
    if (k > 0) ahead += jumps[k - 1][1];
    const slope = Math.abs(ahead) < 1e-9 ? 0 : Math.sign(ahead);
    const length = right - ends[k];
    exact += length * Math.abs(ahead);
    shares.push(length * Math.abs(ahead));
    values.push(values[k] + slope * length);
    return slope;
  });
  return { ends, values, slopes, shares, exact };
}

/* How much of W₁ lies where the critic falls instead of rising, or rises instead of falling. */
export function turnedAway(network, { ends, slopes, shares, exact }) {
  const found = slopesOf(network, shares.map((_, k) => (ends[k] + ends[k + 1]) / 2));
  return exact > 0 ? total(shares.map((share, k) => (found[k] * slopes[k] < 0 ? share : 0))) / exact : 0;
}

/* Everything that is printed about one critic. The climb from generated to real points decides what its value proves:
 * mean f(real) − mean f(generated) ≤ climb · W₁, since every plan moves its mass along such pairs. */
export function measure(critic, real, generated, [from, to], bound) {
  const network = networkOf(critic);
  const [up, down] = [real, generated].map((cloud) => Array.from(scores(network, cloud)));
  const ends = kinks(network, from, to);
  let climb = 0;
  real.forEach((x, i) => generated.forEach((y, j) => {
    if (x !== y) climb = Math.max(climb, (up[i] - down[j]) / Math.abs(x - y));
  }));
  const value = mean(up) - mean(down);
  return {
    network, ends, level: mean([...up, ...down]), value, slope: steepest(network, ends),
    certified: climb > 0 ? Math.max(0, value / climb) : 0,
    product: network.layers.reduce((product, layer) => product * largest(layer).sigma, 1),
    beforehand: critic.constraint === "clip"
      ? WIDTHS.slice(1).reduce((product, rows, l) => product * bound * Math.sqrt(rows * WIDTHS[l]), 1) : 1,
  };
}

/* Everything that is drawn or printed. */
export function play(state, critics) {
  const [real, generated] = SIDES.map((side) => cloudOf(state[side]));
  const best = potential(real, generated, DOMAIN);
  const all = Object.fromEntries(KINDS.map((kind) => [kind, measure(critics[kind], real, generated, DOMAIN, state.clip_bound)]));
  const chosen = all[state.critic];
  const apart = real.map((x, k) => generated[k] - x);
  return {
    best, chosen, critics: all, exact: best.exact, kind: state.critic, steps: critics[state.critic].steps,
    real, generated, between: critics[state.critic].between, isRunning: state.left > 0, activation: state.activation,
    gap: Math.abs(mean(apart)), isShift: Math.max(...apart) - Math.min(...apart) < 1e-6,
    isClipped: critics[state.critic].constraint === "clip", bound: state.clip_bound, penalty: state.penalty,
    isTrapped: state.sided === "two" && critics.penalty.steps >= 200 && turnedAway(all.penalty.network, best) > 0.1,
  };
}
