/* The plane of codes: the decoder runs in the page. What is computed stands in decoder.js. */

import { button, hint, select, sentence, slider } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { SIDE, blends, carried, decode, decodeGrid, inWords, nearest, readModel, readPictures } from "./decoder.js";
import { buildBar, buildPictures, buildStrips, buildWay } from "./panels.js";
import { buildPlane } from "./plane.js";

const MOVED = ["model", "code", "first", "second", "alpha", "grid"];
const GIVEN = ["pictures", "labels", "models"];

const readState = (model) => Object.fromEntries(MOVED.map((name) => [name, model.get(name)]));

/* What the traits give once and for all: pictures, classes, and models ready to run. */
function readGiven(model, round) {
  const pictures = readPictures(model.get("pictures"));
  const models = model.get("models").map(readModel);
  const holes = models.map(() => null);
  const countHoles = (which) => {
    holes[which] ??= decodeGrid(models[which], pictures, SIDE).holes;
    return holes[which];
  };
  return { pictures, labels: model.get("labels"), models, countHoles, round };
}

/* Everything that is drawn. */
function play(state, given) {
  const { pictures, labels } = given;
  const { model, which } = state.read;
  const image = decode(model, [state.code]);
  const ends = { first: state.first, second: state.second };
  return {
    model, which, pictures, labels, image, ends, alpha: state.alpha, seen: nearest(pictures, image),
    blend: blends(model, pictures, ends, state.alpha), holes: given.countHoles(state.model),
  };
}

/* Which model is shown, what is marked, and the grid. */
function buildChoices(page, state, side, given) {
  const names = given().models.map(({ name }, k) => [String(k), name]);
  const model = select(page, side, {
    label: "decoder of the", options: names,
    choose: (chosen) => {
      const [from, to] = [given().models[state.model], given().models[Number(chosen)]];
      Object.assign(state, { model: Number(chosen), code: carried(state.code, from.box, to.box) });
    },
  });
  const drawPictures = buildPictures(side);
  const classes = [...new Set(given().labels)].sort((one, other) => one - other);
  const marked = select(page, side, {
    label: "mark", options: [["all", "all digits"], ...classes.map((each) => [String(each), `only ${each}`])],
    choose: (chosen) => { state.marked = chosen; },
  });
  const bar = element(side, "div", { class: "explorer-buttons" });
  const grid = button(page, bar, { label: "Decode a grid of codes", press: () => page.change(() => { state.grid = !state.grid; }) });
  hint(side, "Press or drag anywhere in the plane; a ring marks the nearest real digit. Shaded in the grid: holes.", "By keyboard: Tab to the cursor, then arrows; a marked digit jumps to its neighbour.");
  return (made) => {
    model.set(String(state.model));
    model.show(names.length > 1);
    marked.set(state.marked);
    grid.setAttribute("aria-pressed", String(state.grid));
    drawPictures(made);
  };
}

/* Where on the line, and what can be asked for. */
function buildLine(page, state, side, first) {
  const blend = slider(page, side, {
    label: "_α_", name: "blend, alpha", role: "generated", min: 0, max: 1, step: 0.01,
    input: (value) => { state.alpha = value; },
  });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, {
    label: "Walk along the line",
    press: () => page.animate((share) => {
      const { codes } = state.read.model;
      const code = codes[state.first].map((each, axis) => share * each + (1 - share) * codes[state.second][axis]);
      Object.assign(state, { alpha: share, code });
    }),
  });
  button(page, bar, {
    label: "Swap",
    press: () => page.change(() => Object.assign(state, { first: state.second, second: state.first })),
  });
  button(page, bar, { label: "Reset", press: () => page.change(() => Object.assign(state, { ...first, marked: "all" })) });
  return () => blend.set(state.alpha);
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "code_plane", title: "The plane of codes",
    instruction: "Move the cursor over the plane: the decoder turns every point into an image. Where do its images stop being digits?",
  });
  let given = readGiven(model, 0);
  const first = readState(model);
  const state = { ...first, marked: "all" };
  const ready = () => { state.read = { model: given.models[state.model], which: [given.round, state.model] }; };
  ready();
  const { plot, side } = page.row();
  const draws = [buildPlane(page, state, plot), buildChoices(page, state, side, () => given), buildBar(page)];
  const strips = buildStrips(page);
  const drawLine = buildLine(page, state, strips.side, first);
  draws.push(strips.draw, drawLine, buildWay(page, state));
  const words = sentence(page, page.root);
  page.draws(() => {
    ready();
    const made = play(state, given);
    for (const draw of draws) draw(made);
    words.set(inWords({ ...made.seen, ...made.pictures, label: made.labels[made.seen.index] }));
    const { read, ...shown } = state;
    page.publish({ ...shown, nearest: made.seen.index, blended: made.blend.code });
  });
  page.saves(() => Object.fromEntries(MOVED.map((name) => [name, Array.isArray(state[name]) ? [...state[name]] : state[name]])));
  page.follow(MOVED, () => Object.assign(state, readState(model)));
  page.follow(GIVEN, () => { given = readGiven(model, given.round + 1); });
  return page.close;
}

export default { render };
