/* Critics in one plane: the field, the arrows of its gradient beside those of the exact plan, on old points and on fresh ones.
 * Nothing is trained here and nothing is judged: lib/experiments/critics/pictures.py did both. */

import { button, hint, readout, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal } from "../kit/numbers.js";
import { angleBetween, pairs, readPicture } from "./pictures.js";
import { buildPlane } from "./plane.js";
import { LINE, PARTS, buildTable, inWords } from "./telling.js";

const CHOICES = ["problem", "critic", "deep", "wide", "eights", "orthonormal", "moment", "points", "chosen"];
const PROBLEMS = [["ring", "ring"], ["gaussians", "gaussians"]];
const SWITCHES = [
  ["deep", "5 layers, not 2"], ["wide", "64 units, not 32"], ["eights", "groups of 8, not 2"], ["orthonormal", "orthonormal, not spectral"],
];
const MOMENTS = ["untrained", "10 %", "30 %", "trained"];

/* The name under which the chosen critic is stored. */
export function nameOf({ critic, deep, wide, eights, orthonormal }) {
  if (critic !== PARTS) return critic;
  return `${deep ? 5 : 2}×${wide ? 64 : 32}, groups of ${eights ? 8 : 2}, ${orthonormal ? "orthonormal" : "spectral"}`;
}

function buildChoices(page, state, parent, first, { kinds, rulers }) {
  const problem = select(page, parent, { label: "problem", options: PROBLEMS, choose: (value) => { state.problem = value; } });
  /* The select is narrow: the whole name stands in the sentence. */
  const options = [...kinds, ...rulers, PARTS].map((each) => [each, each.replace("orthonormal, GroupSort, renewed", "GroupSort, renewed")]);
  const critic = select(page, parent, { label: "critic", options, choose: (value) => { state.critic = value; } });
  const bar = (name) => element(parent, "div", { class: "explorer-buttons", role: "group", "aria-label": name });
  const parts = bar("Parts of the critic");
  const switches = SWITCHES.map(([name, label]) => [name, button(page, parts, { label, press: () => page.change(() => { state[name] = !state[name]; }) })]);
  const moment = slider(page, parent, { label: "training", name: "training", min: 0, max: 3, step: 1, input: (value) => { state.moment = value; } });
  const where = bar("Points");
  const choices = [["home", "Training points"], ["fresh", "Fresh points"]].map(([value, label]) => [
    value, button(page, where, { label, press: () => page.change(() => { state.points = value; }) }),
  ]);
  button(page, where, { label: "Reset", press: () => page.change(() => Object.assign(state, first)) });
  return (isRuler) => {
    problem.set(state.problem);
    critic.set(state.critic);
    parts.hidden = state.critic !== PARTS;
    for (const [name, each] of switches) each.setAttribute("aria-pressed", String(state[name]));
    moment.show(!isRuler);
    moment.set(state.moment, MOMENTS[state.moment]);
    for (const [value, each] of choices) each.setAttribute("aria-pressed", String(state.points === value));
  };
}

function buildReadouts(side) {
  const rows = {
    length: readout(side, { label: "its arrow, |∇_T_| ÷ K̂", quantity: "arrow", mark: "line", role: "third", digits: 2 }),
    angle: readout(side, { label: "angle to the true one", quantity: "angle", digits: 0 }),
    far: readout(side, { label: "to its partner in the plan", quantity: "far", mark: "dashed", digits: 2 }),
    exact: readout(side, { label: "_W_₁ of the training points", quantity: "exact" }),
    fresh: readout(side, { label: "_W_₁, mean of 5 fresh draws", quantity: "fresh_exact" }),
    climb: readout(side, { label: "steepest climb, K̂", quantity: "climb" }),
  };
  return ({ length, angle, far, exact, fresh, climb }) => {
    rows.length.set(length);
    rows.angle.set(angle ?? 0, angle === null ? "no arrow" : `${decimal(angle, 0)}°`);
    rows.far.set(far);
    rows.exact.set(exact);
    rows.fresh.set(fresh);
    rows.climb.set(climb, climb < 0.01 ? climb.toExponential(1).replace("e-", "·10⁻").replace(/\d$/, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]) : decimal(climb, 2));
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "critic_plane", title: "Critics in one plane",
    instruction: "Which critic proves most on its training points and loses most on fresh ones, and where does its field show it? In the critic built from four parts: which of them straightens the arrows?",
  });
  const read = () => Object.fromEntries(CHOICES.map((name) => [name, model.get(name)]));
  const first = read();
  const state = { ...first };
  let made = model.get("made");
  const kept = new Map();
  const pictureOf = (problem, name, moment) => {
    const all = made.pictures[problem][name];
    const key = `${problem} ${name} ${moment}`;
    if (!kept.has(key)) kept.set(key, readPicture(all[Math.min(moment, all.length - 1)]));
    return kept.get(key);
  };
  const { plot, side } = page.row();
  side.classList.add("explorer-steady");
  const plane = buildPlane(page, state, plot);
  const drawChoices = buildChoices(page, state, side, first, made);
  const drawReadouts = buildReadouts(side);
  hint(side, "Touch a generated point.", "Or Tab to it, then the arrow keys.");
  const drawTable = buildTable(page.root);
  element(page.root, "p", { class: "explorer-hint critics-legend" },
    "Blue rings are real points, orange dots generated ones. A purple arrow is ∇_T_ ÷ K̂ at its dot; the dashed line from the same dot leads towards its partner in the exact plan, and is as long as slope 1. The thin lines are levels of _T_/K̂, ½ apart; between blue and orange the level is 0. Beside the critic: itself before the first step, and the straight line from mean to mean.");
  const words = sentence(page, page.root);
  page.draws(() => {
    const [name, isRuler] = [nameOf(state), made.rulers.includes(state.critic)];
    const { field, arrows, numbers } = pictureOf(state.problem, name, state.moment);
    const setting = made.settings[state.problem];
    const [points, partners, real] = ["generated", "partners", "real"].map((each) => pairs(setting[state.points][each]));
    const towards = points.map(([x, y], k) => [partners[k][0] - x, partners[k][1] - y]);
    const far = towards.map(([dx, dy]) => Math.hypot(dx, dy));
    const which = state.chosen - 1;
    const arrow = arrows[state.points][which];
    const angle = angleBetween(arrow, towards[which]);
    const length = Math.hypot(...arrow);
    const said = angle === null ? `point ${state.chosen}: no gradient` : `point ${state.chosen}: ${decimal(angle, 0)} degrees off, length ${decimal(length, 2)}`;
    plane.draw({
      window: setting.window, points, partners, real, field, said,
      towards: towards.map(([dx, dy], k) => [dx / far[k], dy / far[k]]), arrows: arrows[state.points],
    });
    drawChoices(isRuler);
    const beside = {
      line: pictureOf(state.problem, LINE, 0).numbers,
      start: pictureOf(state.problem, name, 0).numbers,
    };
    drawReadouts({ length, angle, far: far[which], exact: setting.home.exact, fresh: setting.fresh.exact, climb: numbers.climb });
    drawTable({ numbers, ...beside, points: state.points, isRuler });
    words.set(inWords({ ...state, name, isRuler, numbers, lengths: made.lengths?.[state.problem][name], ...beside }));
    page.publish({ ...state, name, numbers, angle, length });
  });
  page.saves(() => Object.fromEntries(CHOICES.map((name) => [name, state[name]])));
  page.follow([...CHOICES, "made"], () => {
    Object.assign(state, read());
    made = model.get("made");
    kept.clear();
  });
  return page.close;
}

export default { render };
