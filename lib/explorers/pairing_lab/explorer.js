/* The pairing lab: the reader ties numbers to shades, and a machine learns from the pairs by squared error. */

import { button, hint, select, sentence, slider } from "../kit/controls.js";
import { dice } from "../kit/dice.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal } from "../kit/numbers.js";
import { STEPS, trainer } from "./machines.js";
import { exchanged, inOrder, shuffled, withWrong, wrongOf } from "./pairs.js";
import { buildNumbers, buildPlane, buildStrip } from "./panels.js";
import { inWords, play } from "./play.js";
import { buildThreads } from "./threads.js";

const TRAITS = ["numbers", "shades", "order", "anew", "machine", "steps"];
const ROW = 323;
const STEPS_A_FRAME = 10;
const STEPS_A_PRESS = 20;

const MACHINES = { bent: "bent: a network", straight: "straight: a line", heart: "learns by heart" };

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  return { ...state, order: [...state.order], held: 0, marked: -1, hand: null, shuffles: 0, running: false };
}

/* What is done to the pairs. */
function buildPairs(page, state, parent, put) {
  const count = state.numbers.length;
  const bar = element(parent, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Sort", press: () => page.change(() => put(inOrder(count))) });
  button(page, bar, { label: "Shuffle", press: () => page.change(() => {
    state.shuffles += 1;
    put(shuffled(count, dice(state.shuffles)));
  }) });
  const share = slider(page, parent, {
    label: "share wrong, _r_", name: "pairs that are wrong", role: "third", min: 0, max: count, step: 1,
    /* One pair alone cannot be wrong. */
    input: (wrong) => {
      const two = wrongOf(state.order) < 2 ? 2 : 0;
      put(withWrong(wrong === 1 ? two : wrong, count, dice(ROW)));
    },
  });
  const kept = select(page, parent, {
    label: "wrong pairs", options: [["kept", "always the same"], ["anew", "others at every step"]],
    choose: (which) => { state.anew = which === "anew"; },
  });
  hint(parent, "Drag the upper end of a thread to another shade, or tap two threads: they exchange their shades.",
    "Or with Tab, arrows, and Enter on the one and on the other.");
  return ({ wrong }) => {
    share.set(wrong, decimal(wrong / count, 2));
    share.node.setAttribute("aria-valuetext", `${wrong} of ${count}, a share of ${decimal(wrong / count, 2)}`);
    kept.set(state.anew ? "anew" : "kept");
  };
}

/* Train runs to the last step and rests there; where motion is not welcome, it is there at once. */
function buildMachine(page, state, parent, reset) {
  const bar = element(parent, "div", { class: "explorer-buttons" });
  let run = 0;
  const go = (steps) => { state.steps = Math.min(STEPS, (state.steps < STEPS ? state.steps : 0) + steps); };
  const frame = (mine) => {
    if (mine !== run || !state.running || page.signal.aborted) return;
    page.change(() => {
      go(STEPS_A_FRAME);
      state.running = state.steps < STEPS;
    });
    requestAnimationFrame(() => frame(mine));
  };
  const train = button(page, bar, { label: "Train", primary: true, press: () => {
    run += 1;
    if (state.running) page.change(() => { state.running = false; });
    else if (page.isCalm()) page.change(() => { state.steps = STEPS; });
    else {
      state.running = true;
      frame(run);
    }
  } });
  const step = button(page, bar, { label: `${STEPS_A_PRESS} steps`, press: () => page.change(() => {
    state.running = false;
    go(STEPS_A_PRESS);
  }) });
  button(page, bar, { label: "Reset", press: () => page.change(reset) });
  const machine = select(page, parent, {
    label: "the machine", options: Object.entries(MACHINES),
    choose: (which) => Object.assign(state, { machine: which, running: false }),
  });
  return () => {
    machine.set(state.machine);
    train.textContent = state.running ? "Pause" : "Train";
    for (const each of [train, step]) each.disabled = state.machine !== "bent";
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "pairing_lab", title: "The pairing lab",
    instruction: "A machine learns which shade answers which number. How many pairs may be wrong before its curve goes grey?",
  });
  const state = readState(model);
  const first = readState(model);
  const learn = trainer();
  const put = (order) => Object.assign(state, { order, marked: -1, hand: null });
  let shown = state.order;
  /* Who exchanges two threads means those that are to be seen, and to keep them. */
  const exchange = (i, j) => {
    put(exchanged(shown, i, j));
    state.anew = false;
  };
  const halves = element(page.root, "div", { class: "explorer-row explorer-halves" });
  const [left, right] = [0, 1].map(() => element(halves, "div", { class: "explorer-half" }));
  const board = buildThreads(page, state, element(left, "div", { class: "explorer-plot" }), exchange);
  const pairs = buildPairs(page, state, left, put);
  const plane = buildPlane(page, state, element(right, "div", { class: "explorer-plot" }));
  const strip = buildStrip(page, element(right, "div", { class: "explorer-plot explorer-bare" }));
  const machine = buildMachine(page, state, right, () => Object.assign(state, { ...first, order: [...first.order] }));
  const numbers = buildNumbers(page);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state, state.machine === "bent" ? learn(state) : null);
    shown = made.pairing;
    for (const draw of [board, pairs, plane, machine, numbers]) draw(made);
    strip.set(made.strip);
    words.set(inWords(made, state));
    page.publish({ ...state, pairing: made.pairing, strip: made.strip });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
