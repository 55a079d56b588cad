/* The LP lab: two weighted clouds in the plane, the cheapest plan between them, and the prices that prove it so.
 *
 *   primal  min { Σ Γ_ij c_ij | Γ ≥ 0 with row sums p, column sums q }
 *   dual    max { Σ p_i f_i + Σ q_j g_j | f_i + g_j ≤ c_ij for all i, j }
 *
 * Both sums are computed each from its own solution; they meet because strong duality holds. The wrong variants of the
 * programme are solved as honestly: what is unbounded comes with the direction along which it grows.
 */

import { alternatives, button, readout, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { buildPlane, PLANE, SIDES } from "./plane.js";
import { play, PROGRAMMES } from "./programmes.js";
import { total } from "../kit/numbers.js";
import { buildTables } from "./tables.js";

const TRAITS = ["real", "generated", "real_weights", "generated_weights", "norm", "programme"];
const UNEQUAL = { real: [6, 2, 4, 5, 3, 4], generated: [2, 7, 3, 4, 5, 4] };

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const side of SIDES) {
    state[side] = state[side].map((point) => [...point]);
    const weights = state[`${side}_weights`];
    state[`${side}_weights`] = weights.map((each) => each / total(weights));
  }
  return state;
}

const isEqual = (weights) => Math.max(...weights) - Math.min(...weights) < 1e-9;

/* Equal weights, or the unequal ones that Python gave, or else some. */
function weightsFor(kind, first, side) {
  const given = first[`${side}_weights`];
  if (kind === "equal") return given.map(() => 1 / given.length);
  if (!isEqual(given)) return given;
  const some = UNEQUAL[side].slice(0, given.length);
  return some.map((each) => each / total(some));
}

/* What the reader chooses, and the numbers. */
function buildSide(page, state, side, first) {
  const programme = select(page, side, {
    label: "programme", options: Object.entries(PROGRAMMES).map(([value, { name }]) => [value, name]),
    choose: (value) => { state.programme = value; },
  });
  const told = alternatives(side, Object.fromEntries(Object.entries(PROGRAMMES).map(([key, { rule }]) => [key, rule])));
  const place = element(side, "div", { class: "explorer-steady-line" });
  const parameter = (key, label, name, [min, max, step]) => slider(page, place, {
    label, name, min, max, step, input: (value) => { state[key] = value; },
  });
  const parameters = {
    shift: parameter("shift", "shift _a_", "shift a of the prices", [-1, 1, 0.01]),
    epsilon: parameter("epsilon", "floor _ε_", "floor epsilon of the plan", [0, 0.5, 0.01]),
    along: parameter("along", "step _t_", "step t along the direction", [0, 5, 0.05]),
  };
  const norm = select(page, side, {
    label: "distance _c_", options: [["1", "ℓ₁, along the axes"], ["2", "ℓ₂, straight"], ["inf", "ℓ∞, the larger side"]],
    choose: (value) => { state.norm = value; },
  });
  const weights = select(page, side, {
    label: "weights", options: [["equal", "equal"], ["unequal", "unequal"]],
    choose: (kind) => SIDES.forEach((each) => { state[`${each}_weights`] = weightsFor(kind, first, each); }),
  });
  /* Four lines high whichever are shown, so that the tables below stay where they are. */
  const numbers = element(side, "div", { class: "explorer-numbers", style: "min-height: 5.8em" });
  const line = (quantity, label, options = {}) => [quantity, readout(numbers, { label, quantity, ...options })];
  const lines = Object.fromEntries([
    line("primal", "primal ΣΓ_c_", { mark: "strong", role: "third" }),
    line("dual", "dual Σ_pf_ + Σ_qg_", { mark: "dashed" }),
    line("gap", "primal − dual"),
    line("value_along", "dual at this _t_"),
    line("dearest", "dearest plan"),
    line("excess", "too much by"),
    line("rate", "too much ÷ _ε_"),
    line("fails_wrong", "_g_ ≤ _f_ fails at", { digits: 0 }),
    line("fails_right", "_g_ ≤ −_f_ fails at", { digits: 0 }),
  ]);
  return (made) => {
    const { parameter: wanted, shows } = PROGRAMMES[state.programme];
    const still = made.bounded === true;
    told.set(state.programme);
    programme.set(state.programme);
    norm.set(state.norm);
    weights.set(SIDES.every((each) => isEqual(state[`${each}_weights`])) ? "equal" : "unequal");
    for (const [key, control] of Object.entries(parameters)) {
      control.set(state[key]);
      control.show(key === wanted && !still);
    }
    const shown = shows.filter((key) => still ? key !== "value_along" : Number.isFinite(made.numbers[key]));
    for (const [key, each] of Object.entries(lines)) {
      const here = ["primal", "dual", ...shown].includes(key);
      const value = here ? made.numbers[key] : 0;
      each.show(here);
      if (Number.isFinite(value)) each.set(value);
      else each.set(value, "+∞");
    }
  };
}

function buildButtons(page, state, side, first) {
  const glide = (target) => {
    const start = SIDES.map((each) => state[each]);
    page.animate((share) => SIDES.forEach((each, k) => {
      state[each] = start[k].map((point, i) => point.map((from, axis) => (
        share === 1 ? target[each][i][axis] : from + share * (target[each][i][axis] - from))));
    }));
  };
  const anywhere = ({ x, y }) => [x, y].map(([low, high]) => Number((0.9 * (low + (high - low) * Math.random())).toFixed(2)));
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, {
    label: "Shuffle",
    press: () => glide(Object.fromEntries(SIDES.map((each) => [each, state[each].map(() => anywhere(PLANE))]))),
  });
  button(page, bar, {
    label: "Reset",
    press: () => {
      page.change(() => Object.assign(state, { ...first, real: state.real, generated: state.generated }));
      glide(first);
    },
  });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "transport_lab", title: "The LP lab",
    instruction: "Drag the points. The plan is the cheapest way to carry _p_ to _q_; the prices _f_ and _g_ prove that nothing is cheaper.",
  });
  const state = { ...readState(model), shift: 0, epsilon: 0.1, along: 1 };
  const first = { ...readState(model), shift: 0, epsilon: 0.1, along: 1 };
  const { plot, side } = page.row();
  const drawPlane = buildPlane(page, state, plot);
  const drawSide = buildSide(page, state, side, first);
  buildButtons(page, state, side, first);
  const drawTables = buildTables(page, state);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    drawPlane(made);
    drawSide(made);
    drawTables(made);
    words.set(made.words);
    const { plan, f, g, slack } = made;
    page.publish({ ...state, plan, f, g, slack });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
