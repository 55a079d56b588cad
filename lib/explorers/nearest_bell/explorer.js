/* The nearest bell: one bell for two hills, and eight ways to say how near. What is computed stands in bells.js. */

import { button, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { clamp, decimal } from "../kit/numbers.js";
import { LIMITS, ROWS, bottoms, distance, downhill, inWords } from "./bells.js";
import { buildBars, buildBells, buildMap } from "./panels.js";

const TRAITS = ["row", "mean", "scale"];

const readState = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/* Who measures, and the two numbers of the bell. */
function buildLevers(page, state, side) {
  const row = select(page, side, {
    label: "divergence", options: Object.entries(ROWS).map(([value, { name }]) => [value, name]),
    choose: (name) => { state.row = name; },
  });
  const mean = slider(page, side, {
    label: "mean", name: "mean of your bell", role: "generated", min: LIMITS.mean[0], max: LIMITS.mean[1], step: 0.01,
    input: (value) => { state.mean = value; },
  });
  const [least, most] = LIMITS.scale.map(Math.log);
  const scale = slider(page, side, {
    label: "scale", name: "scale of your bell", role: "generated", min: least, max: most, step: 0.001,
    input: (value) => { state.scale = clamp(Math.exp(value), ...LIMITS.scale); },
  });
  return () => {
    row.set(state.row);
    mean.set(state.mean);
    scale.set(Math.log(state.scale), decimal(state.scale, 2));
  };
}

function buildButtons(page, state, side, first) {
  const glide = (target) => {
    const { mean, scale } = state;
    const move = (share) => Object.assign(state, share === 1 ? target : {
      mean: mean + share * (target.mean - mean), scale: scale * (target.scale / scale) ** share,
    });
    /* Where it stands already there is no way to be seen. */
    if (Math.hypot(target.mean - mean, target.scale - scale) < 1e-6) page.change(() => move(1));
    else page.animate(move);
  };
  const nearest = () => {
    const [{ mean, scale }] = bottoms(state.row);
    return { mean, scale };
  };
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Nearest bell", press: () => glide(nearest()) });
  button(page, bar, { label: "Downhill", press: () => glide(downhill(state.row, state.mean, state.scale)) });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, first)) });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "nearest_bell", title: "The nearest bell",
    instruction: "Bring your bell as near to the two hills as you can. Then let another divergence measure: which way is down now?",
  });
  const first = readState(model);
  const state = { ...first };
  const { plot, side } = page.row();
  const draws = [buildBells(page, state, plot), buildLevers(page, state, side)];
  buildButtons(page, state, side, first);
  draws.push(buildMap(page, state), buildBars(page, state));
  const words = sentence(page, page.root);
  page.draws(() => {
    const own = distance(state.row, state.mean, state.scale);
    for (const draw of draws) draw({ distance: own });
    words.set(inWords(state, own));
    page.publish({ ...state, bottoms: bottoms(state.row) });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
