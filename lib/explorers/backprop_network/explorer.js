/* The worked network: choose a weight or a bias, see the factors of its gradient, and compare them with the truth.
 *
 * What is computed stands in network.js and formulas.js; the truth beside every formula is a quotient of two forward passes.
 */

import { hint, sentence } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { buildDiagram } from "./diagram.js";
import { decayOf, derivative, factorsOf, stepped } from "./formulas.js";
import { changed, copied, cost, deltas, forward, PARAMETERS, quotient, valueOf } from "./network.js";
import { buildBill, buildControls, buildDescent, buildTruth } from "./panels.js";
import { inParts, inWords } from "./words.js";

const NETWORK = ["x", "y", "W2", "b2", "W3", "b3", "decay"];
const TRAITS = [...NETWORK, "chosen", "formula", "learning_rate"];
const MOST_STEPS = 200;

function readState(model) {
  const network = copied(Object.fromEntries(NETWORK.map((name) => [name, model.get(name)])));
  return {
    network, goal: null, history: [cost(network)],
    chosen: model.get("chosen"), formula: model.get("formula"), rate: model.get("learning_rate"),
  };
}

function play({ network, chosen, formula, rate }) {
  const decay = decayOf(network, chosen, formula);
  const made = { chosen, formula, pass: forward(network), deltas: deltas(network), factors: factorsOf(network, chosen, formula) };
  return {
    ...made, parts: inParts(made), decay, shownDecay: network.decay > 0,
    analytic: derivative(network, chosen, formula), finite: quotient(network, chosen),
    now: cost(network), after: cost(stepped(network, formula, rate)),
  };
}

/* On the way from one network to another. */
const between = (from, to, share) => PARAMETERS.reduce((made, name) => {
  const [start, end] = [valueOf(from, name), valueOf(to, name)];
  return changed(made, name, start + share * (end - start));
}, from);

function takeStep(page, state) {
  if (state.goal) arrive(state); /* a hand quicker than the drawing */
  const from = state.network;
  state.goal = stepped(from, state.formula, state.rate);
  page.animate((share) => {
    if (share === 1) arrive(state);
    else state.network = between(from, state.goal, share);
  });
}

function arrive(state) {
  state.network = state.goal;
  state.goal = null;
  state.history = [...state.history, cost(state.network)].slice(-MOST_STEPS - 1);
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "backprop_network", title: "The worked network",
    instruction: "Choose a weight or a bias. The factors of its gradient light up on the way to the cost; two forward passes tell whether they are right.",
  });
  const state = readState(model);
  const first = { network: state.network, formula: state.formula, chosen: state.chosen };
  /* Whatever moves the network ends a step under way and begins a new history. */
  const begin = (network) => Object.assign(state, { network, goal: null, history: [cost(network)] });
  const drawNetwork = buildDiagram(page, element(page.root, "div"), (name) => page.change(() => {
    if (state.goal) arrive(state);
    state.chosen = name;
  }));
  hint(page.root, "Each dot is a parameter: on a line a weight, at the edge of a neuron its bias.", "By keyboard: Tab to the network, the arrows choose.");
  const { plot, side } = page.row();
  const drawBill = buildBill(plot);
  const drawTruth = buildTruth(plot, page);
  const drawControls = buildControls(page, state, side, (how) => begin(how(state.network)));
  const drawDescent = buildDescent(page, {
    take: () => takeStep(page, state),
    reset: () => page.change(() => { begin(first.network); Object.assign(state, { formula: first.formula, chosen: first.chosen }); }),
  });
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    drawNetwork.set(state.network, made.pass, made.deltas, made.now, state.chosen, made.factors);
    drawBill(made);
    drawTruth(made);
    drawControls();
    drawDescent(made, state.history);
    words.set(inWords(made));
    page.publish({ ...state.network, chosen: state.chosen, formula: state.formula, history: state.history });
  });
  page.saves(() => ({ ...state.goal ?? state.network, chosen: state.chosen, formula: state.formula }));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
