/* The bars of the bound: four pictures of one Q, and the state behind them. What is computed stands in bound.js. */

import { button, hint, readout, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal } from "../kit/numbers.js";
import { DECODERS, LIMITS, climb, elbo, hills, inWords, moments, play } from "./bound.js";
import { buildBars, buildDecoder, buildLaws, buildMap } from "./panels.js";

const TRAITS = ["model", "x", "mu", "s"];

const readState = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/* The decoder, and what was observed. */
function buildObserved(page, state, side) {
  const decoder = select(page, side, {
    label: "decoder", options: Object.entries(DECODERS).map(([value, { name }]) => [value, name]),
    choose: (name) => { state.model = name; },
  });
  const observed = slider(page, side, {
    label: "_x_", name: "observed x", role: "real", min: LIMITS.x[0], max: LIMITS.x[1], step: 0.01,
    input: (value) => { state.x = value; },
  });
  return () => {
    decoder.set(state.model);
    observed.set(state.x);
  };
}

/* The two numbers of Q, and what can be asked for. */
function buildQ(page, state, side, first) {
  const mean = slider(page, side, {
    label: "_μ_ of _Q_", name: "mean of Q", role: "generated", min: LIMITS.mu[0], max: LIMITS.mu[1], step: 0.01,
    input: (value) => { state.mu = value; },
  });
  const [least, most] = LIMITS.s.map(Math.log);
  const scale = slider(page, side, {
    label: "_s_ of _Q_", name: "standard deviation of Q", role: "generated", min: least, max: most, step: 0.001,
    input: (value) => { state.s = Math.min(LIMITS.s[1], Math.max(LIMITS.s[0], Math.exp(value))); },
  });
  const glide = (target) => {
    const { mu, s } = state;
    const move = (share) => Object.assign(state, share === 1 ? target : {
      mu: mu + share * (target.mu - mu), s: s * (target.s / s) ** share,
    });
    /* Where it stands already there is no way to be seen. */
    if (Math.hypot(target.mu - mu, target.s - s) < 1e-9) page.change(() => move(1));
    else page.animate(move);
  };
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Make _Q_ the best", press: () => glide(climb(state.model, state.x, state.mu, state.s)) });
  button(page, bar, { label: "Match the moments", press: () => glide(moments(state.model, state.x)) });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, first)) });
  return () => {
    mean.set(state.mu);
    scale.set(Math.log(state.s), decimal(state.s, 2));
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "elbo_bars", title: "The bound and its gap",
    instruction: "Move _Q_ until the bound is as near to log _P_(_x_) as you can bring it. Which bars move, and which one never does?",
  });
  const first = readState(model);
  const state = { ...first };
  const [observed, laws, plane] = [page.row(), page.row(), page.row()];
  const draws = [buildDecoder(page, state, observed.plot), buildObserved(page, state, observed.side)];
  draws.push(buildLaws(page, state, laws.plot), buildQ(page, state, laws.side, first), buildMap(page, state, plane.plot));
  element(
    plane.side, "p", { class: "explorer-hint" },
    "The bound for every _Q_: the stronger the colour, the higher. Along the lines the gap is ⅛, ¼, ½, 1, 2, 4, 8, 16. Dots: the tops.",
  );
  hint(plane.side, "Drag the point, or the peak of _Q_ above: sideways it moves, upwards it narrows.", "By keyboard: Tab, then arrows.");
  const nearest = readout(plane.side, { label: "the least gap there is", quantity: "least", mark: "dashed" });
  draws.push(buildBars(page));
  const words = sentence(page, page.root);
  let [key, tops] = ["", []];
  page.draws(() => {
    const numbers = play(state);
    if (key !== `${state.model} ${state.x}`) {
      key = `${state.model} ${state.x}`;
      tops = hills(state.model, state.x);
    }
    for (const draw of draws) draw({ numbers, tops });
    const least = numbers.log_likelihood - elbo(state.model, state.x, tops[0].mu, tops[0].s);
    nearest.set(least);
    words.set(inWords({ ...state, numbers, tops, least }));
    page.publish({ ...state, tops });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
