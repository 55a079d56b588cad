/* The order slider: the same noise pushed through G(·, c) while c slides. What is computed stands in play.js. */

import { alternatives, button, group, readout, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal } from "../kit/numbers.js";
import { FIRST, LAST, BALLS } from "./laws.js";
import { buildLaw, buildPlane } from "./panels.js";
import { inWords, player } from "./play.js";
import { slides, trains } from "./running.js";
import { STEPS, UNITS, trainer } from "./training.js";

const TRAITS = ["order", "generator", "ball", "pairs", "units", "start", "steps"];
const STEPS_A_PRESS = 60;

const KINDS = {
  quantile: ["by quantile", "_F_⁻¹(_z_ | _c_): every ball keeps its rank."],
  rolled: ["rolled", "_F_⁻¹(_z_ + _c_/2 mod 1 | _c_): the order rolls the ranks on, and whoever leaves at the top comes back at the bottom."],
  affine: ["affine", "_a_ Φ⁻¹(_z_) + _wc_ + _b_ with the best _a_, _w_ and _b_ there are. Is there an order at which it is right?"],
  network: ["network", "A hidden layer of tanh units on (Φ⁻¹(_z_), _c_). It learns where the balls belong at nine orders."],
};

const readState = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

function buildOrder(page, state, parent, first) {
  const order = slider(page, parent, {
    label: "order _c_", name: "order c", min: FIRST, max: LAST, step: 0.01,
    input: (value) => Object.assign(state, { order: value, playing: false }),
  });
  const ball = slider(page, parent, {
    label: "ball _z_", name: "marked ball z", role: "third", min: BALLS[0], max: BALLS[BALLS.length - 1], step: 0.05,
    input: (value) => { state.ball = Math.round(20 * value); },
  });
  const bar = element(parent, "div", { class: "explorer-buttons" });
  const slide = slides(page, state);
  const play = button(page, bar, { label: "Play", primary: true, press: slide });
  const pairs = button(page, bar, { label: "Best _D_ of pairs", press: () => page.change(() => { state.pairs = !state.pairs; }) });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, first, { playing: false, training: false })) });
  return () => {
    order.set(state.order);
    ball.set(BALLS[state.ball - 1]);
    play.textContent = state.playing ? "Pause" : "Play";
    pairs.setAttribute("aria-pressed", String(state.pairs));
  };
}

/* Which generator, and what it is; the network has controls of its own. */
function buildGenerator(page, state, parent) {
  const box = group(parent, { title: "the generator _G_", role: "generated" });
  const bar = element(box, "div", { class: "explorer-buttons" });
  const kinds = Object.entries(KINDS).map(([kind, [label]]) => button(page, bar, {
    label, press: () => page.change(() => Object.assign(state, { generator: kind, training: false })),
  }));
  const told = alternatives(parent, Object.fromEntries(Object.entries(KINDS).map(([kind, [, text]]) => [kind, text])));
  const own = element(parent, "div", { class: "explorer-half" });
  const units = select(page, own, {
    label: "hidden units", options: UNITS.map((each) => [String(each), String(each)]),
    choose: (value) => Object.assign(state, { units: Number(value), steps: 0, training: false }),
  });
  const work = element(own, "div", { class: "explorer-buttons" });
  const train = button(page, work, { label: "Train", press: trains(page, state) });
  button(page, work, { label: `${STEPS_A_PRESS} steps`, press: () => page.change(() => {
    Object.assign(state, { steps: Math.min(STEPS, state.steps + STEPS_A_PRESS), training: false });
  }) });
  button(page, work, { label: "New start", press: () => page.change(() => {
    Object.assign(state, { start: (state.start % 999) + 1, steps: 0, training: false });
  }) });
  const field = element(parent, "p", { class: "explorer-hint" },
    "Colour: _D_*(_x_, _c_) = _p_ / (_p_ + _q_). Blue above ½, where the real law is the denser; orange below; none at ½. Paler where hardly anything lies.");
  return () => {
    field.hidden = !state.pairs;
    kinds.forEach((each, k) => each.setAttribute("aria-pressed", String(Object.keys(KINDS)[k] === state.generator)));
    told.set(state.generator);
    own.hidden = state.generator !== "network";
    units.set(String(state.units));
    train.textContent = state.training ? "Pause" : "Train";
  };
}

function buildNumbers(parent) {
  const bill = element(parent, "div", { class: "explorer-bill" });
  const heading = (text) => element(bill, "div", { class: "explorer-heading" }, text);
  const rows = {};
  const row = (quantity, label, role, mark) => { rows[quantity] = readout(bill, { label, quantity, role, mark }); };
  heading("the marked ball");
  row("x", "place _x_ = _G_(_z_, _c_)", "third", "line");
  row("speed", "speed ∂_x_/∂_c_", "third", "");
  heading("at this order");
  row("variance_law", "variance _s_² + _c_²", "ink", "dashed");
  row("variance", "variance of _G_(_z_, _c_)", "generated", "line");
  row("w1", "_W_₁ of the two laws", "ink", "");
  heading("over all orders");
  row("mean_w1", "mean of _W_₁", "ink", "");
  row("value", "max _V_ = 2 E JS − 2 log 2", "ink", "");
  return ({ numbers }) => Object.entries(rows).forEach(([quantity, each]) => {
    const value = numbers[quantity];
    each.set(value, Number.isFinite(value) ? decimal(value, quantity === "value" ? 4 : 3) : value > 0 ? "∞" : "−∞");
  });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "order_slider", title: "The order slider",
    instruction: "The same nineteen balls of noise, whatever is ordered. Slide the order: how far does each ball move, and which one moves fastest?",
  });
  const first = readState(model);
  const state = { ...first, playing: false, training: false };
  const play = player(trainer());
  const pictures = element(page.root, "div", { class: "explorer-beside" });
  const halves = element(page.root, "div", { class: "explorer-row explorer-halves" });
  const [left, right] = [0, 1].map(() => element(halves, "div", { class: "explorer-half" }));
  const draws = [
    buildPlane(page, state, element(pictures, "div", { class: "explorer-plot" })),
    buildLaw(page, element(pictures, "div", { class: "explorer-plot" })),
    buildOrder(page, state, left, first), buildGenerator(page, state, left), buildNumbers(right),
  ];
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    for (const draw of draws) draw(made);
    words.set(inWords(made, state));
    page.publish({ ...state, balls: made.balls });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model), { playing: false, training: false }));
  return page.close;
}

export default { render };
