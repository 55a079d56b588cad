/* The laboratory of conjugates: a function f with the line below it, and two laws with a critic made of such slopes.
 * What is computed stands in divergences.js and laws.js. */

import { button, hint, readout, select, sentence, slider } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { clamp, decimal } from "../kit/numbers.js";
import { ROWS } from "./divergences.js";
import { LIMITS, drawn, play } from "./laws.js";
import { buildBars, buildCritic, buildCurve, buildLaws, print } from "./panels.js";

const TRAITS = ["row", "slope", "ratio", "mean", "width", "power"];

const readState = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/* One number of the state. */
function lever(page, state, side, trait, label, name, role) {
  const [min, max] = LIMITS[trait];
  const made = slider(page, side, { label, name, role, min, max, step: 0.01, input: (value) => { state[trait] = value; } });
  return () => made.set(state[trait]);
}

function buildChoice(page, state, side) {
  const choice = select(page, side, {
    label: "divergence", options: Object.entries(ROWS).map(([value, { name }]) => [value, name]),
    choose: (name) => { state.row = name; },
  });
  const formula = element(side, "p", { class: "explorer-hint" });
  return () => {
    const { formula: f, end, closed } = ROWS[state.row];
    choice.set(state.row);
    const slopes = end === Infinity ? "a line for every _t_" : `a line for _t_ ${closed ? "≤" : "<"} ${Number(end.toFixed(3))}`;
    write(formula, `_f_(_u_) = ${f}; ${slopes.replace("-", "−")}.`);
  };
}

/* What the line says, at the reader's ratio and at 1. */
function buildSaid(side) {
  const box = element(side, "div");
  const rows = [
    ["cost", "_f_*(_t_)", "", "third"],
    ["height", "_f_ at your ratio", "line", "ink"],
    ["says", "the line there", "line", "third"],
    ["gap", "gap", "pale", "third"],
    ["at_one", "the line at the ratio 1", "", "third"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(box, { label, quantity, mark, role })]);
  return ({ numbers }) => rows.forEach(([quantity, each]) => each.set(numbers[quantity], print(numbers[quantity])));
}

function buildButtons(page, state, side, first) {
  const glide = (u) => {
    const [from, to] = [state.slope, clamp(ROWS[state.row].slope(u), ...LIMITS.slope)];
    if (Math.abs(to - from) < 1e-9) page.change(() => { state.slope = to; });
    else page.animate((share) => { state.slope = share === 1 ? to : from + share * (to - from); });
  };
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Touch _f_ at your ratio", press: () => glide(state.ratio) });
  button(page, bar, { label: "Touch _f_ at 1", press: () => glide(1) });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, first)) });
}

function ofTheLine({ slope, ratio }, { cost, gap, says, height }) {
  if (cost === Infinity) {
    return `Every line of slope ${decimal(slope, 2)} cuts _f_, however low: it slides down without end, and _f_*(_t_) is infinite.`;
  }
  if (gap < 5e-7) return `At the ratio ${decimal(ratio, 2)} the line touches _f_: no slope says more there.`;
  return `At the ratio ${decimal(ratio, 2)} the line says ${print(says, 2)}, and _f_ is ${print(height, 2)}: the gap is ${print(gap, 2)}.`;
}

function ofTheCritic({ power, row }, { bound, exact, missing }) {
  if (missing < 5e-7) return "The critic proves all there is.";
  if (power === 0) return `A critic that says the same everywhere proves ${print(ROWS[row].f(1), 2)}, whatever the laws.`;
  const how = power < 1 ? "too timid" : "too bold";
  return `The critic is ${how}: it proves that _D_ is at least ${print(bound)}, and _D_ is ${print(exact)}.`;
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "conjugate_lab", title: "A function, its tangents, and a bound",
    instruction: "Roll the line along _f_. Which slope catches _f_ at the ratio 2, and what does that line say at the ratio 1?",
  });
  const first = readState(model);
  const state = { ...first };
  const [curve, laws, critic] = [page.row(), page.row(), page.row()];
  const draws = [buildCurve(page, state, curve.plot), buildChoice(page, state, curve.side)];
  draws.push(lever(page, state, curve.side, "slope", "slope _t_", "slope of the line", "third"));
  draws.push(lever(page, state, curve.side, "ratio", "your ratio _u_", "your ratio", "ink"), buildSaid(curve.side));
  buildButtons(page, state, curve.side, first);
  draws.push(buildLaws(page, state, laws.plot));
  draws.push(lever(page, state, laws.side, "mean", "mean of _Q_", "mean of Q", "generated"));
  draws.push(lever(page, state, laws.side, "width", "width of _Q_", "width of Q", "generated"));
  hint(laws.side, "Drag the points: in the curve sideways, in _q_ upwards too.", "By keyboard: Tab, then arrows.");
  draws.push(buildCritic(page, state, critic.plot));
  draws.push(lever(page, state, critic.side, "power", "power _k_", "power of the critic", "third"));
  element(
    critic.side, "p", { class: "explorer-hint" },
    "At each place _x_ the critic picks a slope. It takes the ratio for _p_/_q_ to the power _k_, and touches _f_ there: at _k_ = 0 everywhere at 1, at _k_ = 1 where it should.",
  );
  draws.push(buildBars(page));
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = drawn(state);
    const numbers = play(state, made);
    for (const draw of draws) draw({ numbers, made });
    words.set(`${ofTheLine(state, numbers)} ${ofTheCritic(state, numbers)}`);
    page.publish(state);
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
