/* The c-transform staircase: its state, its steps and its buttons. What is computed stands in staircase.js. */

import { button, readout, select, sentence } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { buildLaws, buildPrices, buildStaircase } from "./panels.js";
import { another, inWords, play } from "./staircase.js";

const TRAITS = ["support", "p", "q", "f", "g"];

const CASES = {
  own: { name: "two laws" },
  pair: { name: "X = {0, 1}", support: [0, 1], p: [1, 0], q: [0, 1], f: [10, 0], g: [-10, -9] },
};

function readState(model) {
  return Object.fromEntries(TRAITS.map((name) => [name, [...model.get(name)]]));
}

/* The axis that holds both prices, in round numbers, so that it stays while a point is dragged. */
function room({ f, g }) {
  const all = [...f, ...g.map((each) => -each)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const by = high - low > 5 ? 2 : 1;
  return [by * Math.floor(low / by - 0.5), by * Math.ceil(high / by + 0.5)];
}

function buildSide(page, state, side, first) {
  const cases = select(page, side, {
    label: "example", options: Object.entries(CASES).map(([value, { name }]) => [value, name]),
    choose: (value) => begin(state, value === "own" ? first : CASES[value], value),
  });
  const go = (step) => {
    if (step > state.step) page.animate((share) => { Object.assign(state, { step, share }); });
    else page.change(() => { Object.assign(state, { step, share: 1 }); });
  };
  const steps = element(side, "div", { class: "explorer-buttons explorer-steps", role: "group", "aria-label": "Steps" });
  const buttons = [
    ["0  the pair (_f_, _g_)", "Step 0: the pair f and g"],
    ["1  replace _g_ by _f_ᶜ", "Step 1: replace g by the c-transform of f"],
    ["2  replace _f_ by −_f_ᶜ", "Step 2: replace f by minus the c-transform of f"],
  ].map(([label, name], step) => button(page, steps, { label, name, press: () => go(step) }));
  const hint = element(side, "p", { class: "explorer-hint" });
  const steepest = readout(side, { label: "steepest slope of _f_", quantity: "steepest", digits: 2 });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Another pair", press: () => page.change(() => begin(state, another(state), state.example)) });
  button(page, bar, {
    label: "Reset",
    press: () => page.change(() => begin(state, state.example === "own" ? first : CASES[state.example], state.example)),
  });
  return (made) => {
    cases.set(state.example);
    buttons.forEach((each, step) => each.setAttribute("aria-pressed", String(step === state.step)));
    write(hint, state.step === 0
      ? "Drag the points up and down. Each stops where _f_(_x_) + _g_(_y_) ≤ |_x_ − _y_| would break."
      : "Pale: what it was before. Go back to step 0 to drag.");
    steepest.set(made.numbers.steepest);
  };
}

function begin(state, { support, p, q, f, g }, example) {
  Object.assign(state, { support: [...support], p: [...p], q: [...q], f: [...f], g: [...g], example, step: 0, share: 1 });
  state.room = room(state);
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "c_transform", title: "The c-transform staircase",
    instruction: "Any two prices below the distance earn at most _W_. Two steps turn them into one 1-Lipschitz function that earns no less.",
  });
  const first = readState(model);
  const state = {};
  begin(state, first, "own");
  const { plot, side } = page.row();
  const drawPrices = buildPrices(page, state, plot);
  const drawLaws = buildLaws(page, state, plot);
  const drawSide = buildSide(page, state, side, first);
  const drawStairs = buildStaircase(page);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    const [from, to] = [made.pairs[Math.max(0, state.step - 1)], made.pairs[state.step]];
    const between = (name) => to[name].map((end, k) => (state.share === 1 ? end : from[name][k] + state.share * (end - from[name][k])));
    drawPrices(made, { f: between("f"), g: between("g"), share: state.share });
    drawLaws();
    drawSide(made);
    drawStairs(made, state.step);
    words.set(inWords({ step: state.step, numbers: made.numbers }));
    page.publish({ ...state, shown: { f: between("f"), g: between("g") } });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => begin(state, readState(model), "own"));
  return page.close;
}

export default { render };
