/* The plane of the game: generator and discriminator learn before the reader's eyes. What is computed stands in game.js,
 * laws.js, raster.js, assignment.js and measuring.js, what is drawn in plane.js and panels.js.
 */

import { alternatives, button, fold, select, sentence, slider } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { decimal, sigmoid } from "../kit/numbers.js";
import { buildDrawing } from "./draw.js";
import { MOST } from "./laws.js";
import { SEEN, inWords } from "./measuring.js";
import { buildBars, buildNumbers, buildStrip } from "./panels.js";
import { buildPlane } from "./plane.js";
import { SETTINGS, arena as newArena } from "./play.js";

const SHOWN = ["grid", "arrows", "best"];
const TRAITS = ["data", "centres", "seed", "speed", "compact", ...SETTINGS, ...SHOWN];

const DATA = [["eight", "eight Gaussians"], ["twenty-five", "25 Gaussians"], ["moons", "two moons"], ["bell", "one bell"]];
const PAIRS = [["minimax", "minimax"], ["non-saturating", "−log D"], ["hinge", "hinge"]];
const KNOWN = {
  minimax: "_G_ descends log(1 − _D_), its own term of the value.",
  "non-saturating": "_G_ climbs log _D_ in place of descending log(1 − _D_).",
  hinge: "The score has no unit: drawn as sg(2_T_).",
};
const NOTE = "On blue ground _D_ takes a point for real, on orange for generated; on the thin line _D_ = ½. Rings are real points. Dots are "
  + "generated, always from the same latents; the net is a square grid of latents as _G_ bends it, so that every mesh holds the same "
  + "mass. Arrows point where the loss sends a fake; the median one is always drawn equally long, and its true length stands among the "
  + "numbers. Both laws are counted on 48 × 48 cells, where no _D_ can certify more than their JS. JS is in nats, _W_₁ in the unit of the plane.";

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  return { ...state, centres: state.centres.map((each) => [...each]), drawing: false, sketch: [], cross: [0, 0], empty: false, followed: 0 };
}

/* Who moves. */
function buildHands(page, arena, state, parent) {
  const bar = element(parent, "div", { class: "explorer-buttons explorer-hands" });
  const play = button(page, bar, { label: "Play", primary: true, press: () => page.change(() => arena.play()) });
  const step = (label, what) => button(page, bar, { label, press: () => page.change(() => arena.step(what, state.speed)) });
  if (!state.compact) for (const [label, what] of [["Step both", "both"], ["Step D", "D"], ["Step G", "G"]]) step(label, what);
  button(page, bar, { label: "Other weights", press: () => page.change(() => {
    state.seed = (state.seed % 999) + 1;
    arena.begin();
  }) });
  return { bar, draw: () => { play.textContent = arena.isPlaying() ? "Pause" : "Play"; } };
}

/* The button that lays out an empty sheet, and what to do with it. */
function buildPen(page, state, bar, parent, drawing) {
  const pen = button(page, bar, { label: "Draw data", press: () => page.change(state.drawing ? drawing.finish : drawing.begin) });
  const asked = element(parent, "p", { class: "explorer-hint" });
  return () => {
    pen.textContent = state.drawing ? "Done" : "Draw data";
    pen.setAttribute("aria-pressed", String(state.drawing));
    asked.hidden = !state.drawing;
    asked.textContent = `${state.empty ? "Put at least one point. " : ""}Draw in the plane, or move the cross by the arrows and press Enter; Backspace takes one back. ${state.sketch.length} of ${MOST}.`;
  };
}

/* What is learnt, by which loss, and what is to be seen. */
function buildChoices(page, arena, state, parent, drawing) {
  const data = select(page, parent, { label: "the data", options: [...DATA, ["drawn", "drawn by you"]], choose: (value) => {
    if (value === "drawn" && state.centres.length === 0) return drawing.begin();
    Object.assign(state, { data: value, drawing: false });
    return arena.begin();
  } });
  const pen = buildPen(page, state, element(parent, "div", { class: "explorer-buttons" }), parent, drawing);
  const loss = select(page, parent, { label: "loss", options: PAIRS, choose: (value) => arena.set("loss", value) });
  const about = alternatives(parent, KNOWN);
  const speed = select(page, parent, { label: "steps at once", options: [1, 4, 16].map((each) => [String(each), String(each)]), choose: (value) => { state.speed = Number(value); } });
  const switches = element(parent, "div", { class: "explorer-buttons", role: "group", "aria-label": "What is shown" });
  const shown = [["latent grid", "grid"], ["arrows", "arrows"], ["best _D_", "best"]].map(([label, name]) => [
    name, button(page, switches, { label, press: () => page.change(() => { state[name] = !state[name]; }) }),
  ]);
  return () => {
    data.set(state.drawing ? "drawn" : state.data);
    pen();
    loss.set(state.loss);
    about.set(state.loss);
    speed.set(String(state.speed));
    for (const [name, each] of shown) each.setAttribute("aria-pressed", String(state[name]));
  };
}

/* One fake, by a tap on it or by its number: what D says of it, and how much of the slope of T each loss lets through. */
function buildFollowing(page, state, parent, plane) {
  const which = slider(page, parent, { label: "follow a fake", name: "fake to follow", role: "generated", min: 0, max: SEEN, step: 1, input: (value) => { state.followed = value; } });
  const told = element(parent, "p", { class: "explorer-hint explorer-steady-line" });
  plane.plane.svg.addEventListener("click", (event) => {
    if (state.drawing) return;
    const near = plane.nearest(event);
    page.change(() => { state.followed = near === state.followed ? 0 : near; });
  }, { signal: page.signal });
  return () => {
    which.set(state.followed, state.followed ? String(state.followed) : "none");
    const chance = sigmoid(plane.score);
    write(told, state.followed ? `_D_ = ${decimal(chance, 2)}: of the slope of _T_, minimax takes ${decimal(chance, 2)}, −log _D_ ${decimal(1 - chance, 2)}, hinge all.`
      : "Or tap a dot: its way is drawn.");
  };
}

/* What can be turned while they play. Rates and the penalty run over powers of ten; the penalty's left end is none. */
function buildSettings(page, arena, state, parent) {
  const power = (value) => Number((10 ** value).toPrecision(2));
  const line = (name, options, from, to = (value) => value, text = String) => {
    const each = slider(page, parent, { ...options, input: (value) => arena.set(name, from(value)) });
    return () => each.set(to(state[name]), text(state[name]));
  };
  const rate = (name, role, player) => line(
    name, { label: `rate of _${player}_`, name: `rate of ${player}`, role, min: -4, max: -2, step: 0.05 }, power, Math.log10);
  const draws = [
    line("inner", { label: "_D_ steps, _K_", name: "inner steps K", role: "third", min: 1, max: 10, step: 1 }, (value) => value),
    rate("rate_d", "third", "D"),
    rate("rate_g", "generated", "G"),
    line("penalty", { label: "R1, weight _γ_", name: "R1 weight gamma", role: "third", min: -3, max: 0, step: 0.05 },
      (value) => (value <= -3 ? 0 : power(value)), (value) => (value > 0 ? Math.log10(value) : -3)),
    line("noise", { label: "noise, width _s_", name: "noise s", role: "ink", min: 0, max: 0.3, step: 0.01 }, (value) => value, (value) => value, (value) => decimal(value, 2)),
  ];
  return () => draws.forEach((each) => each());
}

/* Drawing begins with an empty sheet, and an empty one is no law. The small version plays what was drawn at once. */
function pencil(page, arena, state) {
  const self = { focus: () => {} };
  self.begin = () => {
    arena.stop();
    Object.assign(state, { drawing: true, sketch: [], empty: false });
    self.focus();
  };
  self.finish = () => {
    if (state.sketch.length === 0) {
      state.empty = true;
      return;
    }
    Object.assign(state, { drawing: false, data: "drawn", centres: state.sketch });
    arena.begin();
    if (state.compact) arena.play();
  };
  self.end = () => (state.sketch.length ? self.finish() : Object.assign(state, { drawing: false }));
  self.put = (sketch) => Object.assign(state, { sketch, empty: false });
  return self;
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "gan_plane", title: "A game of two networks in the plane",
    instruction: "_G_ makes the dots, _D_ colours the ground. Press Play, or move one player at a time: which of them should you stop, and when?",
  });
  const state = readState(model);
  const arena = newArena(page, state);
  arena.begin();
  const stage = element(page.root, "div", { class: `explorer-stage${state.compact ? " explorer-compact" : ""}` });
  const area = (name) => element(stage, "div", { class: `explorer-${name}` });
  const plane = buildPlane(page, state, arena, area("board"));
  const hands = buildHands(page, arena, state, area("who"));
  const drawBars = buildBars(area("bars"));
  const parts = [plane.draw, hands.draw, () => drawBars(arena.now)];
  const words = sentence(page, area("said"));
  const drawing = pencil(page, arena, state);
  const pen = buildDrawing(page, state, plane.plane, drawing);
  drawing.focus = pen.focus;
  parts.push(pen.draw);
  if (state.compact) parts.push(buildPen(page, state, hands.bar, hands.bar.parentElement, drawing));
  else buildRest(page, arena, state, { area, hands, plane, parts, model, drawing });
  const draw = () => {
    for (const each of parts) each();
    words.set(inWords(arena.now, arena.task, arena.alone));
    const { made, ...numbers } = arena.now;
    const { stepsD, stepsG } = arena.game;
    page.publish({ ...state, ...numbers, playing: arena.isPlaying(), steps_d: stepsD, steps_g: stepsG, record: arena.record, began: arena.began, scale: plane.scale, score: plane.score });
  };
  page.draws(draw);
  repainted(page, () => page.draws(draw));
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, name === "centres" ? state.centres.map((each) => [...each]) : state[name]])));
  page.follow(TRAITS, () => {
    Object.assign(state, readState(model));
    arena.begin();
  });
  return page.close;
}

/* A canvas does not follow the theme by itself. */
function repainted(page, paint) {
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint, { signal: page.signal });
  const watcher = new MutationObserver(paint);
  for (const node of [document.documentElement, document.body]) watcher.observe(node, { attributes: true });
  page.signal.addEventListener("abort", () => watcher.disconnect());
}

/* All that the small version on the front page leaves out. */
function buildRest(page, arena, state, { area, hands, plane, parts, model, drawing }) {
  button(page, hands.bar, { label: "Reset", press: () => page.change(() => {
    Object.assign(state, readState(model), first);
    arena.begin();
  }) });
  const first = readState(model);
  const choices = buildChoices(page, arena, state, area("choices"), drawing);
  const following = buildFollowing(page, state, area("picked"), plane);
  const { plot, side } = page.row();
  side.classList.add("explorer-steady", "explorer-knobs");
  const past = fold(page, plot, "History and numbers");
  const strip = buildStrip(page, past);
  const numbers = buildNumbers(element(past, "div", { class: "explorer-figures" }));
  const settings = buildSettings(page, arena, state, element(fold(page, side, "Settings"), "div"));
  element(fold(page, page.root, "How to read the picture"), "p", { class: "explorer-hint" }, NOTE);
  parts.push(choices, following, () => strip(arena), () => numbers(arena.now), settings);
}

export default { render };
