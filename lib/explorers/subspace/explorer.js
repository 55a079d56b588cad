/* The subspace: a line that the reader turns through a cloud. What is computed stands in line.js. */

import { button, hint, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal } from "../kit/numbers.js";
import { CLOUDS, cloudOf } from "./clouds.js";
import { folded, inWords, learnt, leastLost, play, turnTo } from "./line.js";
import { buildBars, buildCurve, buildPlane } from "./panels.js";

const TRAITS = ["points", "angle", "centred"];
/* The time of learning of one press, in units in which λ₁ − λ₂ is 1: the tangent shrinks to a third. */
const TIME = 1.1;

function readState(model) {
  return { points: model.get("points").map((each) => [...each]), angle: model.get("angle"), centred: model.get("centred") };
}

/* Begin with a cloud; the last point is in the hand. */
function begin(state, first, cloud) {
  Object.assign(state, { points: cloudOf(cloud, first.points), cloud });
  state.held = cloud === "outlier" ? 0 : state.points.length - 1;
}

function buildSide(page, state, side, first) {
  const clouds = select(page, side, {
    label: "cloud", options: Object.entries(CLOUDS), choose: (name) => begin(state, first, name),
  });
  const through = select(page, side, {
    label: "line through", options: [["mean", "the mean"], ["zero", "the origin 0"]],
    choose: (where) => { state.centred = where === "mean"; },
  });
  const angle = slider(page, side, {
    label: "angle", name: "angle of the line", role: "third", min: 0, max: 180, step: 1,
    input: (value) => { state.angle = value; },
  });
  const truth = () => play(state);
  const glide = (by) => {
    const from = state.angle;
    page.animate((share) => { Object.assign(state, { angle: folded(from + share * by), learning: false }); });
  };
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Best line", press: () => glide(truth().round ? 0 : turnTo(state.angle, truth().numbers.best)) });
  button(page, bar, { label: "Worst line", press: () => glide(truth().round ? 0 : turnTo(state.angle, truth().numbers.best + 90)) });
  button(page, bar, {
    label: "Let it learn", name: "Let it learn, the autoencoder with one unit",
    press: () => {
      const [from, { numbers }] = [state.angle, truth()];
      const time = TIME / Math.max(numbers.first - numbers.second, 1e-9);
      const step = (share) => { Object.assign(state, { angle: learnt(from, numbers, share * time), learning: true }); };
      /* At the saddle and without a first direction nothing is learnt, and nothing moves. */
      if (learnt(from, numbers, time) === from) page.change(() => step(1));
      else page.animate(step, 600);
    },
  });
  button(page, bar, {
    label: "Reset",
    press: () => page.change(() => {
      begin(state, first, "own");
      Object.assign(state, { angle: first.angle, centred: first.centred, flipped: false, learning: false });
    }),
  });
  hint(side, "Drag the round knob of the line, or any point.", "Tab reaches both, arrows move them, Page Up and Page Down choose another point.");
  return () => {
    clouds.set(state.cloud);
    through.set(state.centred ? "mean" : "zero");
    angle.set(state.angle, `${decimal(state.angle, 0)}°`);
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "subspace", title: "A line through a cloud",
    instruction: "Turn the line until it keeps as much of the cloud's variance as it can. What becomes of what it does not keep?",
  });
  const first = readState(model);
  const state = { ...readState(model), flipped: false, learning: false };
  begin(state, first, "own");
  const { plot, side } = page.row();
  const drawPlane = buildPlane(page, state, plot);
  const drawSide = buildSide(page, state, side, first);
  const [drawBars, drawCurve] = [buildBars(page), buildCurve(page, state)];
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    drawPlane(made);
    drawSide();
    drawBars(made);
    drawCurve(made);
    words.set(inWords({ ...made, centred: state.centred, learning: state.learning, least: leastLost(state.points) }));
    page.publish(state);
  });
  page.saves(() => ({ points: state.points.map((each) => [...each]), angle: state.angle, centred: state.centred }));
  page.follow(TRAITS, () => {
    Object.assign(state, readState(model), { learning: false });
    state.held = Math.min(state.held, state.points.length - 1);
  });
  return page.close;
}

export default { render };
