/* The critic lab: four critics between two clouds on the line, trained in the page, beside the exact answer.
 *
 *   W₁ = max { mean T(real) − mean T(generated) | |T(x) − T(y)| ≤ |x − y| } = ∫ |F_generated − F_real|
 *
 * An affine critic and a ReLU network with clipped weights, one with a gradient penalty, one with spectral norm. All four
 * are trained at once; the reader chooses which of them is drawn.
 */

import { button, fold, readout, select, sentence, slider } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { SIDES } from "./clouds.js";
import { laboratory } from "./laboratory.js";
import { play } from "./measuring.js";
import { buildMeter, buildProofs, inWords, measured } from "./panels.js";
import { buildClouds, buildCurves, NOTE } from "./plots.js";
import { CRITICS, KINDS } from "./training.js";

const TRAITS = ["real", "generated", "critic", "clip_bound", "penalty", "pairs", "sided", "activation", "seed"];

const EXAMPLES = {
  same: { name: "same mean", real: [-1.58, 1.58], generated: [-0.25, 0.25] },
  shifted: { name: "shifted", real: [-1.6, -0.4], generated: [0.4, 1.6] },
};

const KNOWN = {
  affine: "Three layers without anything between them are one straight line. Every weight is kept within ±_c_.",
  clipped: "ReLU between the layers; after each step every weight and bias is cut to [−_c_, _c_].",
  penalty: "ReLU; between real and generated points the slope is drawn towards 1, as strongly as λ says.",
  spectral: "Each matrix divided by its largest singular value, so that no layer stretches.",
};

const isExample = (state, { real, generated }) => String([state.real, state.generated]) === String([real, generated]);

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const side of SIDES) state[side] = [...state[side]];
  return state;
}

/* Which clouds, and which critic is drawn. */
function buildChoice(page, state, side, lab) {
  const example = select(page, side, {
    label: "the clouds", options: [...Object.entries(EXAMPLES).map(([value, { name }]) => [value, name]), ["own", "as you drag them"]],
    choose: (value) => value !== "own" && lab.begin({ real: [...EXAMPLES[value].real], generated: [...EXAMPLES[value].generated] }),
  });
  const bar = element(side, "div", { class: "explorer-buttons", role: "group", "aria-label": "The critic that is drawn" });
  const kinds = KINDS.map((kind) => button(page, bar, {
    label: CRITICS[kind].name, press: () => page.change(() => { state.critic = kind; }),
  }));
  return () => {
    example.set(Object.keys(EXAMPLES).find((key) => isExample(state, EXAMPLES[key])) ?? "own");
    kinds.forEach((each, k) => each.setAttribute("aria-pressed", String(KINDS[k] === state.critic)));
  };
}

function buildButtons(page, state, side, lab) {
  const bar = element(side, "div", { class: "explorer-buttons" });
  const train = button(page, bar, { label: "Train", primary: true, press: () => {
    lab.train();
    train.textContent = state.left > 0 ? "Pause" : "Train";
  } });
  button(page, bar, { label: "Step", name: "One step", press: () => page.change(() => { state.left = 0; lab.climb(1); }) });
  const scaled = button(page, bar, {
    label: "Draw _T_ ÷ _K_", press: () => page.change(() => { state.scaled[state.critic] = !state.scaled[state.critic]; }),
  });
  button(page, bar, { label: "Other weights", press: () => page.change(() => lab.begin({ seed: (state.seed % 999) + 1 })) });
  button(page, bar, { label: "Reset", press: () => page.change(lab.reset) });
  return (made) => {
    scaled.setAttribute("aria-pressed", String(state.scaled[state.critic]));
    train.textContent = made.isRunning ? "Pause" : "Train";
  };
}

/* What holds this critic back, with its number, and how far it has come. */
function buildControls(page, state, side, lab) {
  const hint = element(side, "p", { class: "explorer-hint" });
  const number = (key, label, name, [min, max]) => slider(page, side, {
    label, name, min, max, step: 0.05, input: (value) => lab.moved(() => { state[key] = Number((10 ** value).toPrecision(2)); }),
  });
  const bound = number("clip_bound", "bound _c_", "clip bound c", [-2, 0]);
  const weight = number("penalty", "weight λ", "weight lambda of the penalty", [-1, 2]);
  const choice = (key, label, options) => select(page, side, { label, options, choose: (value) => lab.chosen(key, value) });
  const selects = {
    sided: choice("sided", "penalty", [["two", "two-sided (paper)"], ["one", "one-sided, above 1"]]),
    pairs: choice("pairs", "pairs", [["random", "random (paper)"], ["matched", "matched in order"]]),
    activation: choice("activation", "between", [["relu", "ReLU"], ["maxmin", "MaxMin"]]),
  };
  const numbers = element(side, "div", { class: "explorer-numbers" });
  const steps = readout(numbers, { label: "steps of training", quantity: "steps", digits: 0 });
  const value = readout(numbers, { label: "value of the critic", quantity: "value", role: "third", mark: "line" });
  const theory = readout(numbers, { label: "_W_₁(1 + _W_₁ ÷ 2λ)", quantity: "theory", mark: "dashed" });
  return (made) => {
    const { critic } = state;
    write(hint, KNOWN[critic]);
    for (const [each, key] of [[bound, "clip_bound"], [weight, "penalty"]]) each.set(Math.log10(state[key]), String(state[key]));
    for (const [key, each] of Object.entries(selects)) each.set(state[key]);
    bound.show(made.isClipped);
    for (const each of [weight, selects.sided, selects.pairs]) each.show(critic === "penalty");
    selects.activation.show(critic === "spectral");
    steps.set(made.steps);
    value.set(made.chosen.value, measured(made.chosen.value));
    theory.show(critic === "penalty" && made.isShift);
    theory.set(made.exact * (1 + made.exact / (2 * state.penalty)));
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "critic_lab", title: "The critic lab",
    instruction: "Four critics learn to tell real from generated points. Train them, and drag the clumps: how much of _W_₁ does each one prove?",
  });
  const state = { left: 0 };
  const lab = laboratory(page, state, readState(model));
  lab.reset();
  const { plot, side } = page.row();
  side.classList.add("explorer-steady");
  const parts = [
    buildCurves(page, state, plot), buildClouds(page, state, plot, lab.moved), buildChoice(page, state, side, lab),
    buildButtons(page, state, side, lab), buildControls(page, state, side, lab), buildProofs(page, state), buildMeter(page),
  ];
  element(fold(page, plot, "How to read the picture"), "p", { class: "explorer-hint" }, NOTE);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state, lab.critics);
    parts.forEach((draw) => draw(made));
    words.set(inWords(made));
    const { layers } = lab.critics[state.critic];
    const network = layers.map(({ weight, bias }) => ({ weight: [...weight], bias: [...bias] }));
    page.publish({ ...state, network, between: made.between, points: { real: made.real, generated: made.generated }, best: made.best });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => lab.begin(readState(model)));
  return page.close;
}

export default { render };
