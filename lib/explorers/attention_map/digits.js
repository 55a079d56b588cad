/* The view of the digits: an image, where one of its places looks, and numbers at one time of training. */

import { chart, mark } from "../kit/chart.js";
import { button, hint, readout, select, slider } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { element, shape } from "../kit/elements.js";
import { clamp, decimal, roundLimit } from "../kit/numbers.js";
import { GREYS, PIXELS, PLACES, SIDE, countOf, inkOf, meanCount, meanRow, readMap, rowOf } from "./maps.js";

const FULL = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1];
const EVEN = 1 / PLACES;
const put = (node, attributes) => { for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value); };
const named = (place) => `row ${Math.floor(place / SIDE) + 1}, column ${(place % SIDE) + 1}`;

/* A square of 8×8 places, row 1 on top. */
function square(page, parent, label, name) {
  const plot = chart(page, element(parent, "div"), {
    label, height: (width) => width, left: 4, right: 4, bottom: 6,
    x: { domain: [0, SIDE], ticks: [] }, y: { domain: [0, SIDE], ticks: [], name },
  });
  plot.svg.classList.add("explorer-bare");
  return plot;
}

/* The image in the colour of ink, a path for each grey, neighbours of one grey in one rectangle. */
function buildImage(plot, pale) {
  const group = shape(plot.plot, "g", { "data-role": "ink", "shape-rendering": "crispEdges", opacity: pale ? 0.35 : 1 });
  const layers = Array.from({ length: GREYS }, (_, k) => shape(group, "path", { class: "explorer-spot", "fill-opacity": ((k + 1) / GREYS).toFixed(3) }));
  return mark(plot, group, (greys) => {
    const texts = layers.map(() => "");
    const at = (k) => ((k * plot.width) / PIXELS).toFixed(2);
    for (let row = 0; row < PIXELS; row += 1) {
      for (let from = 0, to = 0; from < PIXELS; from = to) {
        const grey = greys[row * PIXELS + from];
        for (to = from + 1; to < PIXELS && greys[row * PIXELS + to] === grey; to += 1);
        if (grey) texts[grey - 1] += `M${at(from)} ${at(row)}H${at(to)}V${at(row + 1)}H${at(from)}Z`;
      }
    }
    layers.forEach((each, k) => each.setAttribute("d", texts[k]));
  });
}

/* One coloured square for each place: set(row, full), where `full` gets the whole colour. */
function buildHeat(plot) {
  const group = shape(plot.plot, "g", { "data-role": "third", "shape-rendering": "crispEdges" });
  const nodes = Array.from({ length: PLACES }, () => shape(group, "rect", { class: "explorer-spot attention-heat" }));
  return mark(plot, group, (row, full) => nodes.forEach((node, k) => {
    const [wide, high] = [plot.width / SIDE, plot.height / SIDE];
    put(node, {
      x: ((k % SIDE) * wide).toFixed(2), y: (Math.floor(k / SIDE) * high).toFixed(2), width: wide.toFixed(2), height: high.toFixed(2),
      "fill-opacity": (0.9 * Math.min(1, row[k] / full)).toFixed(4),
    });
  }));
}

/* The edge of the image, and the frame around the place that looks. */
function buildFrame(plot) {
  const edge = shape(plot.plot, "rect", { class: "attention-edge", x: 0, y: 0 });
  const border = mark(plot, edge, () => put(edge, { width: plot.width, height: plot.height }));
  const rings = ["attention-halo", "attention-around"].map((kind) => shape(plot.plot, "rect", { class: kind }));
  const frame = mark(plot, rings[1], (place, visible) => rings.forEach((node) => {
    const wide = plot.width / SIDE;
    node.style.display = visible ? "" : "none";
    put(node, { x: (place % SIDE) * wide, y: Math.floor(place / SIDE) * wide, width: wide, height: wide });
  }));
  return (place, visible) => {
    border.set();
    frame.set(place, visible);
  };
}

function buildPictures(page, state, parent) {
  const pair = element(parent, "div", { class: "attention-pair" });
  const image = square(page, pair, "The digit, as the generator paints it", "who looks");
  const map = square(page, pair, "Where the chosen place looks", "where it looks");
  const legend = element(parent, "p", { class: "attention-legend" });
  const [inked, pale, heat] = [buildImage(image, false), buildImage(map, true), buildHeat(map)];
  const frames = [image, map].map(buildFrame);
  const choose = ([across, up]) => page.change(() => {
    const [column, row] = [across, SIDE - up].map((each) => clamp(Math.floor(each), 0, SIDE - 1));
    Object.assign(state, { looks: row * SIDE + column, everybody: false });
  });
  for (const plot of [image, map]) {
    const surface = shape(plot.over, "rect", { class: "explorer-target attention-surface", "aria-hidden": "true" });
    mark(plot, surface, () => put(surface, { width: plot.width, height: plot.height })).set();
    surface.addEventListener("click", (event) => choose(plot.at(event)), { signal: page.signal });
  }
  const ends = [0.5, SIDE - 0.5, 1];
  const knob = handle(image, { role: "ink", label: "Place that looks", x: ends, y: ends, move: choose });
  knob.node.classList.add("attention-looks");
  return ({ greys, row }) => {
    const full = roundLimit(Math.max(...row), FULL);
    for (const each of [inked, pale]) each.set(greys);
    heat.set(row, full);
    for (const each of frames) each(state.looks, !state.everybody);
    knob.set((state.looks % SIDE) + 0.5, SIDE - Math.floor(state.looks / SIDE) - 0.5, named(state.looks));
    legend.textContent = `Full purple: ${decimal(full, 3)} of the weight. Even shares: ${decimal(EVEN, 3)}.`;
  };
}

function buildControls(page, state, parent, reset) {
  const run = () => state.maps.find((each) => each.seed === state.trained);
  const digit = select(page, parent, {
    label: "asked for", options: state.maps[0].digits.map((each) => [String(each), `a ${each}`]), choose: (value) => { state.digit = Number(value); },
  });
  const seed = select(page, parent, {
    label: "training", options: state.maps.map((each) => [String(each.seed), `seed ${each.seed}`]), choose: (value) => { state.trained = Number(value); },
  });
  const time = slider(page, parent, {
    label: "moves learnt", name: "moves of training", min: 0, max: run().moves.length - 1, step: 1, input: (value) => { state.moves = run().moves[value]; },
  });
  const bar = element(parent, "div", { class: "explorer-buttons" });
  const all = button(page, bar, { label: "Mean over all places", press: () => page.change(() => { state.everybody = !state.everybody; }) });
  button(page, bar, { label: "Reset", press: reset });
  return () => {
    digit.set(String(state.digit));
    seed.set(String(state.trained));
    time.set(run().moves.indexOf(state.moves), decimal(state.moves, 0));
    all.setAttribute("aria-pressed", String(state.everybody));
  };
}

function buildNumbers(side) {
  const rows = {
    count: readout(side, { label: `places that count, of ${PLACES}`, quantity: "count", mark: "strong", role: "third", digits: 1 }),
    counts: readout(side, { label: "the same, mean of all rows", quantity: "counts", role: "third", digits: 1 }),
    most: readout(side, { label: "most to one place", quantity: "most", role: "third", digits: 3 }),
    even: readout(side, { label: "if all were asked alike", quantity: "even", mark: "dashed", digits: 3 }),
    ink: readout(side, { label: "to the quarter with most ink", quantity: "ink", role: "third", digits: 2 }),
    quarter: readout(side, { label: "if all were asked alike", quantity: "quarter", mark: "dashed", digits: 2 }),
    gamma: readout(side, { label: "the gate, _γ_", quantity: "gamma", digits: 3 }),
    heard: readout(side, { label: "heard ÷ what was there", quantity: "heard", digits: 3 }),
    frechet: readout(side, { label: "distance to held-out digits", quantity: "frechet", digits: 0 }),
  };
  return (numbers) => { for (const [name, row] of Object.entries(rows)) row.set(numbers[name]); };
}

function inWords({ moves, looks, everybody }, row, { count, counts, most, heard }) {
  const gate = moves === 0 ? "The gate stands at 0: nothing of it is heard." : `What is heard amounts to ${decimal(100 * heard, 1)} % of what was there.`;
  if (everybody) return `Taken together, the places of this digit ask ${decimal(count, 1)} of ${PLACES}; one alone asks ${decimal(counts, 1)} on average. ${gate}`;
  const top = row.indexOf(most);
  const where = top === looks ? "to itself" : `to ${named(top)}`;
  return `For the place in ${named(looks)}, ${decimal(count, 1)} of ${PLACES} places count. It gives most, ${decimal(most, 3)}, ${where}. ${gate}`;
}

export function buildDigits(page, state, parent, reset) {
  const { plot, side } = page.row(parent);
  side.classList.add("explorer-steady");
  const drawPictures = buildPictures(page, state, plot);
  const drawControls = buildControls(page, state, element(plot, "div", { class: "attention-controls" }), reset);
  const drawNumbers = buildNumbers(side);
  hint(parent, "Touch a place of the digit: the right picture shows, over the same digit made pale, where it looks. Each of the 8×8 places stands for 4×4 pixels. The gate, what is heard and the distance are numbers of the whole training, over 898 images.", "By keyboard: Tab, then arrows.");
  return () => {
    const { moves, digits, looks } = state.maps.find((each) => each.seed === state.trained);
    const now = looks[moves.indexOf(state.moves)];
    const { greys, table } = readMap(now, digits.indexOf(state.digit));
    const row = state.everybody ? meanRow(table) : rowOf(table, state.looks);
    const inked = inkOf(greys).most.reduce((sum, place) => sum + row[place], 0);
    const { gamma, heard, frechet } = now.numbers;
    const numbers = { count: countOf(row), counts: meanCount(table), most: Math.max(...row), even: EVEN, ink: inked, quarter: 1 / 4, gamma, heard, frechet };
    drawPictures({ greys, row });
    drawControls();
    drawNumbers(numbers);
    return { words: inWords(state, row, numbers), numbers, row: [...row] };
  };
}
