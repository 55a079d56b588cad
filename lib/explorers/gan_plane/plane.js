/* The plane: D's field, the bent grid of latents, real and generated points, and where each fake is told to go. */

import { chart, mark } from "../kit/chart.js";
import { element, shape } from "../kit/elements.js";
import { forward } from "../kit/networks.js";
import { through } from "./game.js";
import { EDGE, SIDE } from "./laws.js";
import { FOLLOWED, sure } from "./measuring.js";
import { contour, evens, scoresOn } from "./raster.js";

const LINES = 13;
const FINE = 4;
const ACROSS = FINE * (LINES - 1) + 1;
const SHADES = 6;
/* Lengths as shares of the plane's width: the median arrow, and the longest. */
const ARROW = 0.044;
const LONGEST = 0.11;
const STRONGEST = 0.38;
/* Places kept of the way of one fake, and pixels within which a tap means it. */
const TRAIL = 60;
const NEAR = 22;

/* Latents of the net: ACROSS × ACROSS crossings, of which every FINE-th belongs to a line. */
const NET = Float64Array.from({ length: 2 * ACROSS * ACROSS }, (_, k) => {
  const at = k >> 1;
  return 2 * ((k % 2 ? Math.floor(at / ACROSS) : at % ACROSS) / (ACROSS - 1)) - 1;
});

/* Colours as the page shows them now: a canvas knows no variables. */
function hues(root) {
  const probe = element(root, "span", { hidden: "" });
  const read = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  };
  return () => ({ real: read("real"), generated: read("generated") });
}

/* D on the raster, one pixel a cell, from the generated hue through nothing to the real one. */
function buildField(page, parent) {
  const canvas = element(parent, "canvas", { class: "explorer-field", width: SIDE, height: SIDE, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  const colours = hues(page.root);
  return (chances) => {
    const { real, generated } = colours();
    chances.forEach((chance, cell) => {
      const at = 4 * ((SIDE - 1 - Math.floor(cell / SIDE)) * SIDE + (cell % SIDE));
      const hue = chance > 0.5 ? real : generated;
      for (let k = 0; k < 3; k += 1) image.data[at + k] = hue[k];
      image.data[at + 3] = 255 * STRONGEST * Math.abs(2 * chance - 1);
    });
    context.putImageData(image, 0, 0);
  };
}

/* A path that is written anew from pieces of text. */
function strokes(plane, attributes, text) {
  const node = shape(plane.plot, "path", attributes);
  return mark(plane, node, (...data) => node.setAttribute("d", text(...data)));
}

const at = (plane, points, k) => [plane.sx(points[2 * k]), plane.sy(points[2 * k + 1])];
const spot = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/* The net of latents as G bends it: lines, and cells the denser the smaller they have become. */
function buildNet(plane) {
  const node = shape(plane.plot, "g", { "data-role": "generated", class: "explorer-net" });
  const cells = Array.from({ length: SHADES }, (_, k) => shape(node, "path", { class: "explorer-cell", "fill-opacity": 0.5 * ((k + 1) / SHADES) }));
  const lines = shape(node, "path", { class: "explorer-thread" });
  return mark(plane, node, (made) => {
    const texts = cells.map(() => "");
    let threads = "";
    const corner = (i, j) => at(plane, made, j * ACROSS + i);
    const flat = 1 / ((LINES - 1) * EDGE) ** 2;
    for (let j = 0; j + 1 < ACROSS; j += FINE) {
      for (let i = 0; i + 1 < ACROSS; i += FINE) {
        const round = [[i, j], [i + FINE, j], [i + FINE, j + FINE], [i, j + FINE]].map(([a, b]) => corner(a, b));
        const twice = round.reduce((sum, [x, y], k) => sum + x * round[(k + 1) % 4][1] - y * round[(k + 1) % 4][0], 0);
        const area = Math.abs(twice) / 2 / plane.width ** 2;
        const shade = Math.min(SHADES - 1, Math.floor((SHADES * 0.12 * flat) / (area + 1e-9)));
        texts[shade] += `M${round.map(spot).join("L")}Z`;
      }
    }
    for (let line = 0; line < ACROSS; line += FINE) {
      for (const way of [(k) => corner(line, k), (k) => corner(k, line)]) {
        threads += `M${Array.from({ length: ACROSS }, (_, k) => spot(way(k))).join("L")}`;
      }
    }
    cells.forEach((each, k) => each.setAttribute("d", texts[k]));
    lines.setAttribute("d", threads);
  });
}

const dots = (plane) => (points) => {
  const radius = plane.wide() ? 3.1 : 2.4;
  let text = "";
  for (let k = 0; k < points.length / 2; k += 1) {
    const [x, y] = at(plane, points, k);
    text += `M${(x - radius).toFixed(1)} ${y.toFixed(1)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;
  }
  return text;
};

/* How a median arrow becomes ARROW of the width: what one unit of slope becomes, in steps of a digit, so that it rests. */
export function scaleOf(slopes) {
  const lengths = Array.from({ length: slopes.length / 2 }, (_, k) => Math.hypot(slopes[2 * k], slopes[2 * k + 1])).sort((a, b) => a - b);
  const wanted = ARROW / Math.max(lengths[lengths.length >> 1], 1e-12);
  return Number(wanted.toPrecision(1));
}

/* Against the slope of its own loss a fake is sent; every second one has an arrow, and every fourth where there is little room. */
const arrows = (plane) => (points, slopes, scale) => {
  let text = "";
  for (let k = 0; k < points.length / 2; k += plane.wide() ? 2 : 4) {
    const [x, y] = at(plane, points, k);
    const long = Math.hypot(slopes[2 * k], slopes[2 * k + 1]);
    if (long * scale < 0.004) continue;
    const size = plane.width * Math.min(scale, LONGEST / long);
    const [dx, dy] = [-slopes[2 * k] * size, slopes[2 * k + 1] * size];
    const tip = [x + dx, y + dy];
    const [ux, uy] = [dx, dy].map((each) => (each / Math.hypot(dx, dy)) * Math.min(5, 0.4 * long * size));
    const barb = (side) => spot([tip[0] - ux + side * 0.6 * uy, tip[1] - uy - side * 0.6 * ux]);
    text += `M${spot([x, y])}L${spot(tip)}M${barb(1)}L${spot(tip)}L${barb(-1)}`;
  }
  return text;
};

const segments = (plane) => (found) => found.map(([a, b, c, d]) => `M${spot([plane.sx(a), plane.sy(b)])}L${spot([plane.sx(c), plane.sy(d)])}`).join("");

export function buildPlane(page, state, arena, parent) {
  const box = element(parent, "div", { class: "explorer-ground" });
  const drawField = buildField(page, box);
  const plane = chart(page, box, {
    label: "The plane: D's field, real and generated points", height: (width) => width, left: 1, right: 1, top: 1, bottom: 1,
    x: { domain: [-EDGE, EDGE] }, y: { domain: [-EDGE, EDGE] },
  });
  const net = buildNet(plane);
  const level = strokes(plane, { class: "explorer-level", "data-role": "quiet" }, segments(plane));
  const optimum = strokes(plane, { class: "explorer-optimum", "data-role": "ink" }, segments(plane));
  const arrow = strokes(plane, { class: "explorer-arrows", "data-role": "ink" }, arrows(plane));
  const real = strokes(plane, { class: "explorer-curve explorer-hollow", "data-role": "real" }, dots(plane));
  const fake = strokes(plane, { class: "explorer-spot explorer-fakes", "data-role": "generated" }, dots(plane));
  const way = strokes(plane, { class: "explorer-way", "data-role": "ink" }, (places) => (
    places.length > 1 ? `M${places.map(([x, y]) => spot([plane.sx(x), plane.sy(y)])).join("L")}` : ""));
  const ring = shape(plane.plot, "circle", { class: "explorer-way", "data-role": "ink", r: 8 });
  const picked = mark(plane, ring, (x, y) => {
    ring.setAttribute("cx", plane.sx(x));
    ring.setAttribute("cy", plane.sy(y));
  });
  const words = shape(plane.names, "text", { class: "explorer-name explorer-scale" });
  const scale = mark(plane, words, (text) => {
    words.textContent = text;
    words.setAttribute("x", 8);
    words.setAttribute("y", plane.height - 9);
  });
  const seen = { plane, scale: 0, places: [], follows: "", fakes: [], score: 0 };
  /* Where the fake that is followed was when it was last drawn, until another one is chosen or all begin anew. */
  const follow = (scores, moves) => {
    const which = state.followed - 1;
    const now = `${state.followed} ${state.seed} ${state.data}`;
    if (now !== seen.follows || moves < seen.moves) seen.places = [];
    const here = which < 0 ? [2, 2] : [seen.fakes[2 * which], seen.fakes[2 * which + 1]];
    if (which >= 0 && moves !== seen.places.at) seen.places = Object.assign([...seen.places.slice(-TRAIL), here], { at: moves });
    Object.assign(seen, { follows: now, moves, score: which < 0 ? 0 : scores[which] });
    ring.style.display = which < 0 ? "none" : "";
    picked.set(...here);
    way.set(which < 0 ? [] : seen.places);
  };
  /* The fake that is drawn nearest to the pointer, as it is counted from 1; 0 where none is near. */
  seen.nearest = (event) => {
    const [x, y] = plane.at(event).map((each, axis) => (axis ? plane.sy(each) : plane.sx(each)));
    const far = Array.from({ length: seen.fakes.length / 2 }, (_, k) => Math.hypot(plane.sx(seen.fakes[2 * k]) - x, plane.sy(seen.fakes[2 * k + 1]) - y));
    const least = Math.min(...far);
    return least < NEAR ? far.indexOf(least) + 1 : 0;
  };
  seen.draw = () => {
    const { game, task, now } = arena;
    const chances = scoresOn(game.critic).map((score) => sure(score, state.loss));
    drawField(chances);
    level.set(contour(chances, 0.5));
    net.node.style.display = state.grid ? "" : "none";
    if (state.grid) net.set(forward(game.generator, NET).outputs);
    optimum.set(state.best ? evens(task.mass, now.made) : []);
    const fakes = forward(game.generator, FOLLOWED).outputs;
    const { inputs, scores } = through(game.critic, fakes, state.loss);
    seen.fakes = fakes;
    follow(scores, game.stepsD + game.stepsG);
    seen.scale = scaleOf(inputs);
    /* In units of the plane: an arrow that is twice as long as its slope is drawn × 2. */
    scale.set(state.arrows ? `arrows × ${Number((2 * EDGE * seen.scale).toPrecision(2))}` : "");
    arrow.set(state.arrows && !state.drawing ? fakes : [], inputs, seen.scale);
    real.set(state.drawing ? [] : task.real);
    fake.set(fakes);
  };
  return seen;
}
