/* The exam: what noise and the teacher do, pupil by pupil. What is computed stands in marks.js. */

import { button, hint, readout, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { clamp, decimal } from "../kit/numbers.js";
import { LIMITS, best, inWords, learnt, play } from "./marks.js";
import { buildBars, buildBells, buildLosses } from "./panels.js";

const TRAITS = ["points", "means", "s", "beta", "s_x"];
/* How long the pupils learn at a press. */
const TIME = 60;

const readState = (model) => Object.fromEntries(TRAITS.map((name) => {
  const value = model.get(name);
  return [name, Array.isArray(value) ? [...value] : value];
}));

/* The three numbers that the reader sets. */
function buildNumbers(page, state, side) {
  const [low, high] = LIMITS.s.map(Math.log);
  const difficulty = slider(page, side, {
    label: "_s_, difficulty", name: "difficulty s", role: "generated", min: low, max: high, step: 0.001,
    input: (value) => { state.s = clamp(Math.exp(value), ...LIMITS.s); },
  });
  const teacher = slider(page, side, {
    label: "_β_, teacher", name: "weight of the teacher, beta", min: LIMITS.beta[0], max: LIMITS.beta[1], step: 0.01,
    input: (value) => { state.beta = value; },
  });
  const noise = slider(page, side, {
    label: "decoder's noise", name: "noise of the decoder", role: "third", min: LIMITS.s_x[0], max: LIMITS.s_x[1], step: 0.01,
    input: (value) => { state.s_x = value; },
  });
  const share = readout(side, { label: "codes taken for another's", quantity: "mistaken" });
  hint(side, "Drag a pupil's code along the axis. Its blue tick is its data point _x_: from there the decoder makes no error of its own.", "By keyboard: Tab, then arrows.");
  return ({ numbers }) => {
    difficulty.set(Math.log(state.s), decimal(state.s, 2));
    teacher.set(state.beta);
    noise.set(state.s_x);
    share.set(numbers.mistaken);
  };
}

/* What can be asked for. */
function buildButtons(page, state, side, first) {
  const optimum = readout(side, { label: "best _s_ for this _β_", quantity: "best", mark: "dashed" });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "No teacher", press: () => page.change(() => { state.beta = 0; }) });
  button(page, bar, {
    label: "Best difficulty",
    press: () => {
      const from = state.s;
      const to = clamp(best(state), ...LIMITS.s);
      const move = (share) => { state.s = share === 1 ? to : from * (to / from) ** share; };
      /* Where it stands already there is no way to be seen. */
      if (from === to) page.change(() => move(1));
      else page.animate(move);
    },
  });
  button(page, bar, {
    label: "Let the pupils learn",
    press: () => {
      const from = { ...state };
      const at = (share) => {
        const after = learnt(from, TIME * share ** 3);
        return { means: after.means, s: clamp(after.s, ...LIMITS.s) };
      };
      const end = at(1);
      const far = Math.max(Math.abs(end.s - from.s), ...end.means.map((m, i) => Math.abs(m - from.means[i])));
      if (far < 1e-9) page.change(() => Object.assign(state, end));
      else page.animate((share) => Object.assign(state, at(share)), 900);
    },
  });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, { ...first, means: [...first.means] })) });
  element(
    side, "p", { class: "explorer-hint" },
    "The teacher does not set the difficulty: ½(_s_² − 1 − log _s_² + _m_²) is what every departure from _s_ = 1 and _m_ = 0 costs.",
  );
  return ({ numbers }) => optimum.set(numbers.best);
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "exam", title: "The exam",
    instruction: "Five pupils, each with a code blurred by the difficulty _s_. Which _s_ do they choose, and what if nobody charges them for an easy one?",
  });
  const first = readState(model);
  const state = readState(model);
  const [bells, losses] = [page.row(), page.row()];
  const draws = [
    buildBells(page, state, bells.plot), buildNumbers(page, state, bells.side),
    buildLosses(page, state, losses.plot), buildButtons(page, state, losses.side, first), buildBars(page),
  ];
  const words = sentence(page, page.root);
  page.draws(() => {
    const numbers = play(state);
    for (const draw of draws) draw({ numbers });
    words.set(inWords({ ...state, numbers }));
    page.publish(state);
  });
  page.saves(() => ({ means: [...state.means], s: state.s, beta: state.beta, s_x: state.s_x }));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
