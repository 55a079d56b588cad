/* The GAN game: three charts over one axis, and the state behind them. What is computed stands in game.js. */

import { chart } from "../kit/chart.js";
import { button, hint, readout, sentence } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { freehand } from "../kit/freehand.js";
import { explorer } from "../kit/kit.js";
import { area, curve } from "../kit/marks.js";
import { clamp, joined, roundLimit } from "../kit/numbers.js";
import { DOMAIN, EDGE, GRID, inWords, play } from "./game.js";
import { buildLaw, buildSum } from "./panels.js";

const BY_HAND = [0.005, 0.995];
const LAWS = ["real", "generated"];
const PARTS = ["mean", "second_mean", "width", "second_weight"];
const TRAITS = [...LAWS.flatMap((law) => PARTS.map((part) => `${law}_${part}`)), "discriminator"];

/* The state of the explorer, read from the traits of the Python class. */
function readState(model) {
  const law = (name) => Object.fromEntries(PARTS.map((part) => [part, model.get(`${name}_${part}`)]));
  const discriminator = joined(model.get("discriminator"), GRID).map((d) => clamp(d, EDGE, 1 - EDGE));
  return { real: law("real"), generated: law("generated"), discriminator };
}

/* The same traits again, for Python. */
function traits(state) {
  const values = { discriminator: Array.from(state.discriminator, (d) => Number(d.toFixed(6))) };
  for (const law of LAWS) for (const part of PARTS) values[`${law}_${part}`] = state[law][part];
  return values;
}

function buildButtons(page, state, side) {
  const glide = (target) => {
    const start = Float64Array.from(state.discriminator);
    page.animate((share) => {
      state.discriminator = start.map((from, i) => (share === 1 ? target[i] : from + share * (target[i] - from)));
    });
  };
  const first = readState(page.model);
  const best = () => play(state.real, state.generated, state.discriminator).best;
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Make _D_ optimal", press: () => glide(best().map((d) => clamp(d, EDGE, 1 - EDGE))) });
  button(page, bar, { label: "_D_ = ½", press: () => glide(GRID.map(() => 0.5)) });
  button(page, bar, {
    label: "Reset",
    press: () => {
      page.change(() => LAWS.forEach((law) => Object.assign(state[law], first[law])));
      glide(first.discriminator);
    },
  });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "gan_game", title: "The GAN game",
    instruction: "Move the two laws by their peaks, then draw your own _D_ over the dashed one. How close can you get?",
  });
  const state = readState(model);
  const x = { domain: DOMAIN, ticks: [-6, -4, -2, 0, 2, 4, 6], name: "_x_" };

  const [laws, choice, cost] = [page.row(), page.row(), page.row()];
  const top = chart(page, laws.plot, {
    label: "The two densities", height: 200, x,
    y: { domain: [0, 0.95], ticks: [0, 0.3, 0.6, 0.9], name: "density" },
  });
  const drawLaws = [
    buildLaw(page, state, top, laws.side, "real", "p", "the real law"),
    buildLaw(page, state, top, laws.side, "generated", "q", "the generated law"),
  ];

  const middle = chart(page, choice.plot, {
    label: "The discriminator", height: 210, x,
    y: { domain: [0, 1], ticks: [0, [0.5, "½"], 1], name: "_D_(_x_): how sure that _x_ is real" },
  });
  const own = curve(middle, { role: "third", label: "_D_" });
  const best = curve(middle, { role: "ink", dashed: true, label: "_D_*" });
  freehand(middle, {
    role: "third", label: "Your D", grid: GRID, range: BY_HAND,
    read: () => state.discriminator, write: (values) => { state.discriminator = values; },
  });
  hint(choice.side, "Draw across the picture.", "By keyboard: Tab to the curve, ←\u00a0→ choose a point, ↑\u00a0↓ move it.");
  buildButtons(page, state, choice.side);
  const value = readout(choice.side, { label: "game value _V_(_D_)", quantity: "value", mark: "line", role: "third" });

  const bottom = chart(page, cost.plot, {
    label: "What D loses at each x", height: 120, x,
    y: { domain: [0, 0.2], ticks: [0, 0.2], name: "what _D_ loses at _x_" },
  });
  const loss = area(bottom, { role: "third" });
  const lossLine = curve(bottom, { role: "third" });
  element(cost.side, "p", { class: "explorer-hint" }, "This area is what _D_ leaves on the table.");
  const deficit = readout(cost.side, {
    label: "deficit _V_(_D_*) − _V_(_D_)", quantity: "deficit", mark: "pale", role: "third",
  });

  const drawSum = buildSum(page);
  const words = sentence(page, page.root);

  page.draws(() => {
    const now = play(state.real, state.generated, state.discriminator);
    drawLaws[0](now.p, state.generated, now.q);
    drawLaws[1](now.q, state.real, now.p);
    best.set(GRID, now.best);
    own.set(GRID, state.discriminator);
    const limit = roundLimit(Math.max(...now.loss), [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);
    bottom.rescale("y", [0, limit], [0, limit]);
    loss.set(GRID, now.loss);
    lossLine.set(GRID, now.loss);
    value.set(now.numbers.value);
    deficit.set(now.numbers.deficit);
    drawSum(now);
    words.set(inWords(now.numbers));
    page.publish({ domain: DOMAIN, ...state, discriminator: Array.from(state.discriminator) });
  });
  page.saves(() => traits(state));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
