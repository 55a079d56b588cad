/* The factors of a derivative along its path, by the right formula and by the wrong ones that people write.
 *
 *   ∂J/∂W_jk⁽²⁾ = x_k · sg′(h_j⁽²⁾) · W_1j⁽³⁾ · sg′(h_1⁽³⁾) · (a_1⁽³⁾ − y)  +  λ W_jk⁽²⁾,     sg′(h) = a(1 − a)
 *
 * From the weight to the cost: what came in along it, the slope of the hidden neuron, the weight that passes it on, the slope
 * of the output, and the miss. A bias has no first factor, the last layer neither second nor third, and biases do not decay.
 */

import { clamp, sigmoid } from "../kit/numbers.js";
import { changed, forward, LIMIT, PARAMETERS, parsed, valueOf } from "./network.js";

const SUBSCRIPTS = "₁₂₃";
const SUPERSCRIPTS = { 2: "⁽²⁾", 3: "⁽³⁾" };

/* W, h, a, b or δ with its layer and indices from 0. */
export const symbol = (letter, layer, ...indices) => `_${letter}_${SUPERSCRIPTS[layer]}${indices.map((each) => SUBSCRIPTS[each]).join("")}`;
export const input = (k) => `_x_${SUBSCRIPTS[k]}`;
export function symbolOf(name) {
  const { matrix, layer, j, k, weight } = parsed(name);
  return symbol(matrix[0], layer, ...(weight ? [j, k] : [j]));
}

const everywhere = () => true;
const hidden = ({ layer }) => layer === 2;
const crossed = ({ layer, weight, j, k }) => layer === 2 && weight && j !== k;

/* Each with the derivatives that it gets wrong, and where to look when the chosen one is right by accident. */
export const FORMULAS = {
  right: { name: "right", rule: "Each factor is one derivative on the way from the parameter to the cost.", touches: () => false, look: "" },
  slope_forgotten: {
    name: "hidden slope lost", rule: "The second equation without _a_(1 − _a_) of the hidden neuron: the sum comes back as it is.",
    touches: hidden, look: "Look at the hidden layer.",
  },
  slope_at_output: {
    name: "slope taken at a", rule: "sg′(_a_) for sg′(_h_): code that applies the sigmoid once more to what left it.",
    touches: everywhere, look: "",
  },
  wrong_weight: {
    name: "the wrong weight", rule: "The error comes back through the weight with the index _k_ of the input, and not through that of neuron _j_.",
    touches: crossed, look: "Look at a weight of the hidden layer with two different indices.",
  },
  transposed: {
    name: "transposed product", rule: "_a_δᵀ for δ_a_ᵀ: row and column of the hidden layer’s gradient change places.",
    touches: crossed, look: "Look at a weight of the hidden layer with two different indices.",
  },
  summed: {
    name: "δ summed", rule: "A sum over _j_ too many: every hidden neuron gets the δ of all three together.",
    touches: hidden, look: "Look at the hidden layer.",
  },
  shared_bias: {
    name: "one shared bias", rule: "Right if the three hidden biases were one number. Here each is free.",
    touches: (at) => hidden(at) && !at.weight, look: "Look at a bias of the hidden layer.",
  },
  squared: {
    name: "layer as a square", rule: "The little 2 of _a_⁽²⁾ is a layer. Written as _a_², it is read as a square.",
    touches: ({ layer, weight }) => layer === 3 && weight, look: "Look at a weight of the last layer.",
  },
  output_slope_dropped: {
    name: "output slope lost", rule: "δ⁽³⁾ = _a_ − _y_ belongs to cross-entropy. The squared cost has the slope of the output too.",
    touches: everywhere, look: "",
  },
  wrong_decay: {
    name: "another’s decay", rule: "λ times the weight of the last layer, where the hidden weight’s own decay belongs.",
    touches: ({ layer, weight }) => layer === 2 && weight, look: "Look at a weight of the hidden layer, with λ above 0.",
  },
  sign: { name: "sign lost", rule: "_y_ − _a_ for _a_ − _y_: the way up, and not the way down.", touches: everywhere, look: "" },
};

/* `at` says where the factor stands in the drawing: an input, a neuron, a weight (or all three of the last layer), or the cost. */
export function factorsOf(network, name, formula) {
  const pass = forward(network);
  const { layer, j, k, weight } = parsed(name);
  const wrong = FORMULAS[formula].touches(parsed(name)) ? formula : "right";
  /* In the transposed matrix both indices change places. */
  const [to, from] = wrong === "transposed" ? [k, j] : [j, k];
  const factors = [];
  if (weight) factors.push(incoming(network, pass, layer, from, wrong));
  if (layer === 2) factors.push(...throughHidden(network, pass, to, k, wrong));
  factors.push(slope(pass, 3, 0, wrong), miss(network, pass, wrong));
  return factors;
}

function incoming({ x }, { a2 }, layer, k, wrong) {
  if (layer === 2) return { term: input(k), words: "what came in", value: x[k], at: `x_${k + 1}`, wrong: wrong === "transposed" };
  const squared = wrong === "squared";
  const term = squared ? `(${symbol("a", 2, k)})²` : symbol("a", 2, k);
  return { term, words: "what came in", value: squared ? a2[k] ** 2 : a2[k], at: `a2_${k + 1}`, wrong: squared };
}

function throughHidden({ W3 }, pass, j, k, wrong) {
  if (wrong === "summed" || wrong === "shared_bias") {
    const value = pass.a2.reduce((sum, a, i) => sum + W3[0][i] * a * (1 - a), 0);
    return [{ term: "Σⱼ _W_⁽³⁾₁ⱼ _a_⁽²⁾ⱼ(1 − _a_⁽²⁾ⱼ)", words: "all three at once", value, at: "W3", wrong: true }];
  }
  const passing = wrong === "wrong_weight" ? k : j;
  const weight = {
    term: symbol("W", 3, 0, passing), words: "the next weight", value: W3[0][passing], at: `W3_1${passing + 1}`,
    wrong: wrong === "wrong_weight" || wrong === "transposed",
  };
  return [slope(pass, 2, j, wrong), weight];
}

function slope(pass, layer, j, wrong) {
  const a = pass[`a${layer}`][j];
  const letter = symbol("a", layer, j);
  const at = `a${layer}_${j + 1}`;
  const words = layer === 2 ? "the hidden slope" : "the output slope";
  if (wrong === (layer === 2 ? "slope_forgotten" : "output_slope_dropped")) return { term: "no slope", words, value: 1, at, wrong: true };
  if (wrong === "slope_at_output") return { term: `sg′(${letter})`, words, value: sigmoid(a) * sigmoid(-a), at, wrong: true };
  return { term: `${letter}(1 − ${letter})`, words, value: a * (1 - a), at, wrong: layer === 2 && wrong === "transposed" };
}

function miss({ y }, { a3: [a] }, wrong) {
  const letter = symbol("a", 3, 0);
  if (wrong === "sign") return { term: `_y_ − ${letter}`, words: "the miss", value: y - a, at: "J", wrong: true };
  return { term: `${letter} − _y_`, words: "the miss", value: a - y, at: "J", wrong: false };
}

/* The term that weight decay adds; biases have none. */
export function decayOf(network, name, formula) {
  const at = parsed(name);
  if (!at.weight) return { term: "a bias does not decay", words: "", value: 0, wrong: false };
  const other = formula === "wrong_decay" && at.layer === 2;
  const whose = other ? `W3_1${at.j + 1}` : name;
  return { term: `λ ${symbolOf(whose)}`, words: "weight decay", value: network.decay * valueOf(network, whose), wrong: other };
}

export function derivative(network, name, formula) {
  return factorsOf(network, name, formula).reduce((product, { value }) => product * value, 1) + decayOf(network, name, formula).value;
}

/* One step of gradient descent on all sixteen parameters at once; they stay where their sliders end. */
export function stepped(network, formula, rate) {
  return PARAMETERS.reduce((made, name) => {
    const wish = valueOf(network, name) - rate * derivative(network, name, formula);
    return changed(made, name, clamp(wish, -LIMIT, LIMIT));
  }, network);
}
