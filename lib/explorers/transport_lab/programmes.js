/* The true programme and the wrong ones, each solved as it stands. */

import { decimal, inner } from "../kit/numbers.js";
import { costOf, distances, NOTHING, solve } from "./solver.js";

export const indexed = (letter, index) => `_${letter}_${"₁₂₃₄₅₆"[index]}`;

/* Each programme takes the true solution and gives what it makes of it: plan, potentials, the two values, and words. */
export const PROGRAMMES = {
  true: {
    name: "the true one", parameter: "shift", shows: ["gap"],
    rule: "_f_(_x_) + _g_(_y_) ≤ _c_(_x_, _y_) for every pair. The shift _a_ turns (_f_, _g_) into (_f_ + _a_, _g_ − _a_).",
    make: ({ best, cost, shift }) => ({ ...best, ...shifted(best, shift), more: {}, words: ({ primal, dual, moved }) => {
      const pairs = `${moved} of the ${cost.length * cost[0].length} pairs`;
      return `The cheapest plan costs ${decimal(primal)} and the best prices earn ${decimal(dual)}: each proves the other`
        + ` optimal. Mass moves along ${pairs}, and each of these has slack 0.`;
    } }),
  },
  reversed: {
    name: "≥ instead of ≤", parameter: "along", shows: ["value_along", "dearest"],
    rule: "_f_(_x_) + _g_(_y_) ≥ _c_(_x_, _y_): the wrong way round.",
    make: ({ best, cost, p, q, along }) => {
      const most = solve(cost.map((row) => row.map((each) => -each)), p, q);
      const [f, g] = [most.f.map((each) => along - each), most.g.map((each) => -each)];
      const more = { value_along: inner(p, f) + inner(q, g), dearest: -most.primal };
      return { ...best, f, g, dual: Infinity, more, words: () => "With ≥ the dual has no maximum: _t_ more on every"
        + ` _f_(_x_) keeps all constraints, and the value grows by _t_ without end, while the plan still costs`
        + ` ${decimal(best.primal)}. Minimised instead, it is the cost of the dearest plan, ${decimal(-most.primal)}.` };
    },
  },
  positive: {
    name: "Γ > 0", parameter: "epsilon", shows: ["excess", "rate"],
    rule: "Γ > 0 instead of Γ ≥ 0, here as Γ ≥ _ε_ _pq_ᵀ with _ε_ > 0.",
    make: ({ best, cost, p, q, epsilon, shift }) => {
      const plan = best.plan.map((row, i) => row.map((mass, j) => (1 - epsilon) * mass + epsilon * p[i] * q[j]));
      const primal = costOf(plan, cost);
      const rate = costOf(p.map((each) => q.map((other) => each * other)), cost) - best.primal;
      const words = () => {
        if (rate < 1e-9) return "The exception: spreading the mass costs nothing here, so that a plan with Γ > 0 is optimal.";
        if (epsilon === 0) return `Only here, at _ε_ = 0, is ${decimal(best.primal)} reached, and here Γ has zeros, which Γ > 0 forbids.`;
        return `With every Γ at least _ε_ _pq_ᵀ the cheapest plan costs ${decimal(primal - best.primal)} too much, exactly`
          + ` _ε_ × ${decimal(rate)}. With Γ > 0 one comes as near to ${decimal(best.primal)} as one likes and never there.`;
      };
      return { ...best, ...shifted(best, shift), plan, primal, more: { excess: primal - best.primal, rate }, words };
    },
  },
  paired: {
    name: "only i = j", parameter: "along", shows: ["value_along", "excess"],
    rule: "_f_(_xᵢ_) + _g_(_yᵢ_) ≤ _c_(_xᵢ_, _yᵢ_), for pairs of one number only.",
    make: onlyPaired,
  },
  below: {
    name: "g ≤ f", parameter: "shift", shows: ["fails_wrong", "fails_right"],
    rule: "“_c_(_x_, _x_) = 0 gives _g_ ≤ _f_”. It gives _g_ ≤ −_f_. Both are tested at all points, each taken as an _x_ and as a _y_.",
    make: ({ best, real, generated, norm, shift }) => {
      const all = [...real, ...generated];
      const own = distances(all, all, norm);
      const f = distances(all, generated, norm).map((row) => shift + Math.min(...row.map((d, j) => d - best.g[j])));
      const g = own.map((row) => Math.min(...row.map((d, k) => d - f[k])));
      const fails = (limit) => f.filter((value, k) => g[k] > limit(value) + 1e-9).length;
      const more = { fails_wrong: fails((value) => value), fails_right: fails((value) => -value) };
      return { ...best, ...shifted(best, shift), more, words: ({ dual }) => `_g_ ≤ _f_ fails at ${more.fails_wrong} of the`
        + ` ${all.length} points; move _a_, and that changes, while the dual value stays ${decimal(dual)}.`
        + ` _g_ ≤ −_f_ fails at ${more.fails_right || "none"}, whatever _a_ is.` };
    },
  },
};

function shifted({ f, g }, shift) {
  return { f: f.map((each) => each + shift), g: g.map((each) => each - shift) };
}

/* With the pairs i = j alone, only the sums f_i + g_i are held. What their prices disagree about grows without end. */
function onlyPaired({ best, cost, p, q, along }) {
  const both = (values, i) => values[i] ?? 0;
  const apart = Array.from({ length: Math.max(p.length, q.length) }, (_, i) => both(p, i) - both(q, i));
  const at = apart.reduce((most, each, i) => (Math.abs(each) > Math.abs(apart[most]) + NOTHING ? i : most), 0);
  const bounded = Math.abs(apart[at]) < 1e-9;
  const step = bounded ? 0 : along * Math.sign(apart[at]);
  const f = best.f.map((each, i) => each + (i === at ? step : 0));
  const g = best.g.map((each, j) => (j < p.length ? cost[j][j] - best.f[j] : each) - (j === at ? step : 0));
  const value = inner(p, f) + inner(q, g);
  const plan = cost.map((row, i) => row.map((_, j) => (bounded && i === j ? p[i] : 0)));
  const primal = bounded ? costOf(plan, cost) : Infinity;
  const over = cost.flatMap((row, i) => row.filter((d, j) => f[i] + g[j] > d + 1e-9)).length;
  const more = { value_along: value, excess: primal - best.primal };
  const words = () => {
    if (bounded && primal - best.primal < 1e-9) {
      return "Pairing by number happens to be the cheapest plan here. Drag a point until it is not.";
    }
    if (bounded) {
      return `With equal weights the maximum is the cost of pairing by number, ${decimal(primal)}: too much by`
        + ` ${decimal(primal - best.primal)}. Its prices ask more than _c_ for ${over} of the pairs that were forgotten.`;
    }
    const [up, down] = [["f", "x"], ["g", "y"]].map(([name, letter]) => `_${name}_(${indexed(letter, at)})`);
    const [rise, fall] = apart[at] > 0 ? [up, down] : [down, up];
    const second = at < Math.min(p.length, q.length) ? ` and ${fall} down` : "";
    return `${rise} up by _t_${second}: no constraint notices, and the value grows by ${decimal(Math.abs(apart[at]), 2)} _t_,`
      + " without end. The weights differ, so that no plan pairs by number either.";
  };
  return { plan, f, g, primal, dual: bounded ? value : Infinity, bounded, more, words };
}

/* Everything that is drawn or printed. */
export function play(state) {
  const { real, generated, real_weights: p, generated_weights: q, norm, programme, shift, epsilon, along } = state;
  const cost = distances(real, generated, norm);
  const best = solve(cost, p, q);
  const made = PROGRAMMES[programme].make({ best, cost, p, q, real, generated, norm, shift, epsilon, along });
  const dual = made.dual ?? inner(p, made.f) + inner(q, made.g);
  const slack = cost.map((row, i) => row.map((d, j) => d - made.f[i] - made.g[j]));
  const moved = made.plan.flat().filter((mass) => mass > 0).length;
  const numbers = { primal: made.primal, dual, gap: made.primal - dual, ...made.more };
  return { ...made, cost, slack, numbers, best: best.primal, words: made.words({ ...numbers, moved }) };
}
