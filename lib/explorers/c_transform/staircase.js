/* The staircase of the c-transform: from any two prices that keep below the distance to one 1-Lipschitz function.
 *
 *   f^c(y) = min_x [ |x − y| − f(x) ]        f^cc = −f^c
 *   value(f, g) = ∫ pf + ∫ qg  ≤  value(f, f^c)  ≤  value(−f^c, f^c)  ≤  W = ∫ |F_p − F_q|
 *
 * The pair is drawn as f and −g over one axis: f(x) + g(y) ≤ |x − y| says that f at x lies at most |x − y| above −g at y.
 * The c-transform lowers −g to the lowest 1-Lipschitz function above f, and a second one raises f to the same.
 */

import { decimal, inner } from "../kit/numbers.js";

const NOTHING = 1e-9;
export const transform = (f, xs) => xs.map((y) => Math.min(...xs.map((x, i) => Math.abs(x - y) - f[i])));

/* Everything that is drawn or printed: the pair after each step, the values, the tempting shortcut, and the truth. */
export function play({ support, p, q, f, g }) {
  const raised = transform(f, support);
  const single = transform(raised, support);
  const pairs = [{ f, g }, { f, g: raised }, { f: single, g: raised }];
  const [value, after_one, after_two] = pairs.map((pair) => inner(p, pair.f) + inner(q, pair.g));
  let ahead = 0;
  let exact = 0;
  for (let k = 0; k + 1 < support.length; k += 1) {
    ahead += p[k] - q[k];
    exact += Math.abs(ahead) * (support[k + 1] - support[k]);
  }
  const shortcut = inner(p, f) - inner(q, f);
  const steepest = Math.max(...support.slice(1).map((x, k) => Math.abs(f[k + 1] - f[k]) / (x - support[k])));
  return { pairs, numbers: { value, after_one, after_two, exact, shortcut, steepest } };
}

/* How far a price may move while the other one stays: the wall that a dragged point meets. */
export function walls(state, which, index) {
  const other = which === "f" ? state.g : state.f;
  return Math.min(...state.support.map((x, k) => Math.abs(x - state.support[index]) - other[k]));
}

export function inWords({ step, numbers }) {
  const { value, after_one, after_two, exact, shortcut } = numbers;
  const gained = (from, to) => (to - from < 5e-4 ? "gains nothing" : `gains ${decimal(to - from)}`);
  if (step === 0) {
    const start = `This pair earns ${decimal(value)} of _W_ = ${decimal(exact)}.`;
    if (shortcut > exact + NOTHING) {
      return `${start} The tempting shortcut ∫(_p_ − _q_)_f_ gives ${decimal(shortcut)}, more than _W_: (_f_, −_f_) is no`
        + " feasible pair, since _f_ is too steep.";
    }
    return `${start} The shortcut ∫(_p_ − _q_)_f_ gives ${decimal(shortcut)} here, no more than _W_: make _f_ steep, and it is too much.`;
  }
  if (step === 1) {
    return `Lower −_g_ as far as _f_ permits: −_f_ᶜ is the lowest 1-Lipschitz function above _f_. That ${gained(value, after_one)}.`;
  }
  const rest = exact - after_two < 5e-4 ? "which is all of _W_" : `of the ${decimal(exact)} that the best function earns`;
  return `Raise _f_ as far as −_f_ᶜ permits: it meets it everywhere. That ${gained(after_one, after_two)}, and one`
    + ` 1-Lipschitz function is left, worth ${decimal(after_two)}, ${rest}.`;
}

/* A rough pair that is feasible and loose: any f, and a g somewhat below its c-transform. */
export function another({ support, p, q }) {
  const reach = 0.35 * Math.min(6, support[support.length - 1] - support[0]) + 0.5;
  const rounded = (value) => Number(value.toFixed(2));
  const f = support.map(() => rounded(reach * (2 * Math.random() - 1)));
  const g = transform(f, support).map((most) => rounded(most - 0.05 - Math.random()));
  return { support, p, q, f, g };
}
