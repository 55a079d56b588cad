/* The view of the twins: lines, combs, what is chosen and what is read off. */

import { button, hint, readout, select, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";
import { buildAsked, buildChanged, buildLed } from "./combs.js";
import { MANY, PLACES, noiseOf, painted, readGenerator, redrawn } from "./generators.js";
import { compared, judge, leaderOf } from "./judging.js";
import { SHOWN, buildLines } from "./lines.js";

const ARMS = [["attention", "with attention"], ["convolutions", "convolutions"], ["wide convolutions", "wide convolutions"]];
const MOST_DRAWS = 999;
const MOST_REDRAWS = 99;

/* Without attention there is one run, whatever seed is chosen. */
export function runOf({ runs, arm, seed }) {
  return runs.find((each) => each.arm === arm && each.seed === seed) ?? runs.find((each) => each.arm === arm);
}

/* What is asked for again is not computed again. */
function kept(compute) {
  let [key, value] = ["", null];
  return (now, ...given) => {
    if (now !== key) value = compute(...given);
    key = now;
    return value;
  };
}

function buildControls(page, state, side, reset) {
  const anew = (change) => (value) => {
    change(value);
    state.redrawn = 0;
  };
  const arm = select(page, side, { label: "generator", options: ARMS, choose: anew((value) => { state.arm = value; }) });
  const seed = select(page, side, {
    label: "run", options: [["1", "seed 1"], ["2", "seed 2"], ["3", "seed 3"]], choose: anew((value) => { state.seed = Number(value); }),
  });
  const step = slider(page, side, {
    label: "steps learnt", name: "steps of training", min: 0, max: 400, step: 100, input: anew((value) => { state.step = value; }),
  });
  const bar = element(side, "div", { class: "explorer-buttons" });
  const again = (dots) => page.change(() => Object.assign(state, { dots, redrawn: (state.redrawn % MOST_REDRAWS) + 1 }));
  const there = button(page, bar, { label: "New noise", primary: true, press: () => again(false) });
  const dots = button(page, bar, { label: "New noise at the dots", press: () => again(true) });
  button(page, bar, { label: "Draw", press: () => page.change(anew(() => { state.draw = (state.draw % MOST_DRAWS) + 1; })) });
  const gate = button(page, bar, { label: "Shut the gate", press: () => page.change(anew(() => { state.shut = !state.shut; })) });
  button(page, bar, { label: "Reset", press: reset });
  return ({ attentive }) => {
    arm.set(state.arm);
    seed.set(String(attentive ? state.seed : runOf(state).seed));
    seed.node.disabled = !attentive;
    step.set(state.step, decimal(state.step, 0));
    there.textContent = `New noise at place ${state.place}`;
    for (const each of [dots, gate]) each.hidden = !attentive;
    gate.setAttribute("aria-pressed", String(state.shut));
  };
}

/* Numbers, each beside what it should be compared with. */
function buildNumbers(side) {
  const rows = {
    covariance: readout(side, { label: `covariance of the signs, ${MANY} lines`, quantity: "covariance", mark: "strong", role: "generated", digits: 2 }),
    truth: readout(side, { label: "the twins’ own", quantity: "truth", mark: "dashed", digits: 0 }),
    proved: readout(side, { label: "proved for this one", quantity: "proved", mark: "dashed", digits: 0 }),
    leader: readout(side, { label: "in this line both ask most", quantity: "leader", role: "third", digits: 0 }),
    given: readout(side, { label: "and both give to it", quantity: "given", mark: "strong", role: "third", digits: 2 }),
    gives: readout(side, { label: `the same, mean of ${MANY} lines`, quantity: "gives", role: "third", digits: 2 }),
    even: readout(side, { label: "if all were asked alike", quantity: "even", mark: "dashed", digits: 2 }),
    gamma: readout(side, { label: "the gate, _γ_", quantity: "gamma", digits: 2 }),
    reach: readout(side, { label: "places that an output sees", quantity: "reach", digits: 0 }),
    touched: readout(side, { label: "places that changed", quantity: "touched", mark: "strong", role: "generated", digits: 0 }),
    both: readout(side, { label: `both twins turned, of ${SHOWN}`, quantity: "both", digits: 0 }),
    one: readout(side, { label: `one alone turned, of ${SHOWN}`, quantity: "one", digits: 0 }),
  };
  return ({ judged, leader, comparison, attentive }) => {
    const numbers = {
      covariance: judged.covariance, truth: 1, proved: 0, leader: leader?.place ?? 0, given: leader?.gives ?? 0, gives: judged.gives, even: 1 / PLACES,
      gamma: judged.gamma, reach: Math.min(PLACES, 2 * judged.reach + 1),
      touched: comparison?.touched ?? 0, both: comparison?.both ?? 0, one: comparison?.one ?? 0,
    };
    for (const [name, row] of Object.entries(rows)) row.set(numbers[name]);
    rows.proved.show(judged.apart);
    for (const name of ["leader", "given", "gives", "even", "gamma"]) rows[name].show(attentive);
    rows.reach.show(!attentive || judged.gamma === 0);
    for (const name of ["touched", "both", "one"]) rows[name].show(comparison !== null);
    return numbers;
  };
}

function turning({ place, dots }, { both, one, touched }) {
  const anew = dots ? "New noise at each line’s own dot" : `New noise at place ${place}`;
  if (touched === 0) return `${anew} changed nothing.`;
  if (both + one === 0) return `${anew} turned no twin.`;
  if (one === 0) return `${anew} turned both twins together in ${both} of ${SHOWN} lines, and never one alone.`;
  if (both === 0) return `${anew} turned one twin alone in ${one} of ${SHOWN} lines, and never both.`;
  return `${anew} turned both twins in ${both} of ${SHOWN} lines, and one alone in ${one}.`;
}

function inWords(state, { judged, leader, comparison, attentive }) {
  if (comparison) return turning(state, comparison);
  const { covariance, gives, led, reach } = judged;
  const chance = `within ${decimal(2 / Math.sqrt(MANY), 2)} of 0 in 95 of 100 draws`;
  if (judged.apart) {
    const heard = state.shut ? "With the gate shut they ask, and hear nothing." : "The gate stands at 0, where training begins: they ask, and hear nothing.";
    return `${attentive ? heard : "Here nobody can ask far away."} The twins’ windows do not meet, so their signs are independent, and the measured covariance lies ${chance}. Now it is ${decimal(covariance, 2)}.`;
  }
  if (!attentive) return `Each place sees ${reach} places to either side, so the twins’ windows overlap, and nothing forbids them to agree: the covariance is ${decimal(covariance, 2)}.`;
  if (gives < 0.2) return `Nobody in particular is asked by both twins: even the place asked most gets ${decimal(gives, 2)}, where equal shares would be ${decimal(1 / PLACES, 2)}.`;
  const leading = led.filter((each) => each > 0.05 * MANY).length;
  const rest = leading > 1 ? `In another line it may be another: ${leading} places lead more than 5 of 100 lines each.` : "So it is in nearly every line.";
  return `In line ${state.line} both twins ask place ${leader.place} most. ${rest}`;
}

export function buildTwins(page, state, parent, reset) {
  const { plot, side } = page.row(parent);
  side.classList.add("explorer-steady");
  const drawings = [buildLines, buildAsked, buildLed, buildChanged].map((build) => build(page, state, plot));
  const drawControls = buildControls(page, state, side, reset);
  const drawNumbers = buildNumbers(side);
  hint(side, "Orange lies above 0, grey below. Touch a square, and the first comb shows whom it asks. The purple dot of a line is the place that both its twins ask most, pale where they give it little. Move the knob below to the place whose noise is to be drawn anew, in all twelve lines. A full dot beside a line: both twins turned; a ring: one alone.", "By keyboard: Tab, then arrows.");
  const [noise, generator, judged, comparison] = [noiseOf, readGenerator, judge, compare].map(kept);
  return () => {
    const { weights, steps, seed } = runOf(state);
    const which = String([state.arm, seed, state.step, state.shut]);
    const given = noise(state.draw, state.draw);
    const now = generator(which, state.arm, weights[steps.indexOf(state.step)], state.shut);
    const found = judged(`${which} ${state.draw}`, now, given);
    const before = { lines: found.lines.slice(0, SHOWN), noise: given.slice(0, SHOWN) };
    const places = before.noise.map((_, k) => (state.dots && found.leaders ? found.leaders[k].place : state.place));
    const change = comparison(`${which} ${state.draw} ${places} ${state.redrawn}`, state, places, now, before);
    const [lines, tables, leaders] = change
      ? [change.lines, change.tables, change.leaders] : [before.lines, found.tables, found.leaders?.slice(0, SHOWN)];
    const made = { judged: found, leader: leaders?.[state.line - 1], comparison: change, attentive: now.attentive };
    drawings[0]({ lines, leaders, comparison: change });
    drawings[1]({ table: tables[state.line - 1], radius: now.dilations[0] + now.dilations[1] + now.dilations[2] });
    drawings[2](found);
    drawings[3]({ comparison: change, all: state.dots && change });
    drawControls(made);
    const numbers = drawNumbers(made);
    return { words: inWords(state, made), numbers, leaders: leaders?.map(({ place }) => place) ?? [] };
  };
}

/* The twelve lines with new noise at one place of each; null as long as nothing was drawn anew. */
function compare({ draw, redrawn: times }, places, generator, { lines, noise }) {
  if (times === 0) return null;
  const made = redrawn(noise, places, 1000 * draw + times).map((each) => painted(generator, each));
  const after = made.map(({ line }) => line);
  const tables = made.map(({ table }) => table);
  return { ...compared(lines, after), lines: after, tables, leaders: generator.attentive ? tables.map(leaderOf) : null };
}
