/* How weights follow their gradients, by the formulas of PyTorch's optimisers of the same names.
 *
 *   const adam = optimiser("adam", critic.layers, { rate: 1e-3, betas: [0.5, 0.9], maximise: true });
 *   adam.step(gradients);          downhill, or uphill with `maximise`
 *   adam.step(gradients, 5e-4);    with another rate this once
 *   adam.forget();                 as if it had never made a step
 *
 *   "sgd"       v ← μv + g                                                      w ← w − rate v            momentum μ
 *   "rmsprop"   v ← αv + (1 − α)g²                                              w ← w − rate g/(√v + ε)   alpha
 *   "adam"      m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  m̂ = m/(1 − β₁ᵗ), …  w ← w − rate m̂/(√v̂ + ε)  betas
 */

import { arrays, zerosLike } from "./networks.js";

const RULES = {
  sgd: ({ momentum = 0 }) => (weights, gradient, rate, first) => {
    for (let k = 0; k < weights.length; k += 1) {
      first[k] = momentum * first[k] + gradient[k];
      weights[k] -= rate * first[k];
    }
  },
  rmsprop: ({ alpha = 0.99, epsilon = 1e-8 }) => (weights, gradient, rate, first, second) => {
    for (let k = 0; k < weights.length; k += 1) {
      second[k] = alpha * second[k] + (1 - alpha) * gradient[k] * gradient[k];
      weights[k] -= (rate * gradient[k]) / (Math.sqrt(second[k]) + epsilon);
    }
  },
  adam: ({ betas: [one, two] = [0.9, 0.999], epsilon = 1e-8 }) => (weights, gradient, rate, first, second, steps) => {
    const [scale, root] = [rate / (1 - one ** steps), Math.sqrt(1 - two ** steps)];
    for (let k = 0; k < weights.length; k += 1) {
      first[k] += (1 - one) * (gradient[k] - first[k]);
      second[k] += (1 - two) * (gradient[k] * gradient[k] - second[k]);
      weights[k] -= (scale * first[k]) / (Math.sqrt(second[k]) / root + epsilon);
    }
  },
};

export function optimiser(kind, layers, { rate = 1e-3, maximise = false, ...numbers } = {}) {
  if (!RULES[kind]) throw new Error(`optimiser: got "${kind}", expected ${Object.keys(RULES).join(", ")}.`);
  const rule = RULES[kind](numbers);
  const self = {
    forget() {
      self.steps = 0;
      [self.first, self.second] = [zerosLike(layers), zerosLike(layers)];
    },
    step(gradients, now = rate) {
      self.steps += 1;
      const [weights, slopes, first, second] = [layers, gradients, self.first, self.second].map(arrays);
      weights.forEach((each, k) => rule(each, slopes[k], maximise ? -now : now, first[k], second[k], self.steps));
    },
  };
  self.forget();
  return self;
}
