/* The three pictures: the hills with the bells, the divergence over all bells, and two bars. */

import { landscape } from "../elbo_bars/map.js";
import { chart } from "../kit/chart.js";
import { hint, readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { element, write } from "../kit/elements.js";
import { area, band, curve, note, points, rule } from "../kit/marks.js";
import { clamp, decimal, linspace, logGaussian, roundLimit } from "../kit/numbers.js";
import { LIMITS, ROWS, bottoms, logHills, print, roughly } from "./bells.js";

const DOMAIN = [-4, 4];
const TICKS = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
const [LEFT, RIGHT] = [40, 48];
const GRID = linspace(...DOMAIN, 401);
const P = GRID.map((x) => Math.exp(logHills(x)));
const LOGS = LIMITS.scale.map(Math.log);
const MEANS = linspace(...DOMAIN, 97);
const VS = linspace(...LOGS, 49);
const LENGTHS = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const topOf = (scale) => 1 / (scale * Math.sqrt(2 * Math.PI));
const bellOf = ({ mean, scale }) => GRID.map((x) => Math.exp(logGaussian(x, mean, scale)));

const bellInWords = ({ mean, scale }) => `mean ${decimal(mean, 2)}, scale ${decimal(scale, 2)}`;

/* p, the nearest bell, and q with its top in the reader's hand. */
export function buildBells(page, state, parent) {
  const top = chart(page, parent, {
    label: "Two hills, your bell, and the nearest bell", height: 240, left: LEFT, right: RIGHT, x: { domain: DOMAIN, ticks: TICKS, name: "_x_" },
    y: { domain: [0, 0.95], ticks: [0, 0.3, 0.6, 0.9], name: ["densities: the hills _p_, your bell _q_, the nearest bell (dashed)", "_p_, _q_, and the nearest (dashed)"] },
  });
  const fills = ["real", "generated"].map((role) => area(top, { role }));
  const [hills, own] = ["real", "generated"].map((role) => curve(top, { role }));
  const nearest = curve(top, { role: "ink", dashed: true });
  const names = ["real", "generated"].map((role) => note(top, { role, lift: 14 }));
  for (const each of names) each.node.classList.add("explorer-price");
  const peak = handle(top, {
    role: "generated", label: "Top of your bell", x: [...LIMITS.mean, 0.1],
    y: [topOf(LIMITS.scale[1]), topOf(LIMITS.scale[0]), 0.02], straight: true,
    move: ([mean, height]) => page.change(() => {
      state.mean = mean;
      if (Math.abs(height - topOf(state.scale)) > 1e-9) state.scale = clamp(topOf(height), ...LIMITS.scale);
    }),
  });
  fills[0].set(GRID, P);
  hills.set(GRID, P);
  return () => {
    const density = bellOf(state);
    fills[1].set(GRID, density);
    own.set(GRID, density);
    nearest.set(GRID, bellOf(bottoms(state.row)[0]));
    peak.set(state.mean, topOf(state.scale), bellInWords(state));
    /* The hills have their name at the one that is farther from the bell. */
    const at = state.mean > 0.25 ? -1.5 : 2;
    names[0].set(at, Math.exp(logHills(at)), "_p_");
    names[1].set(state.mean, topOf(state.scale), "_q_", "start");
  };
}

const maps = new Map();

/* How far above the least every bell is, in units of the row. */
function heights(row) {
  if (!maps.has(row)) {
    const least = bottoms(row)[0].distance;
    const excess = (mean, v) => (roughly(row, mean, Math.exp(v)) - least) / ROWS[row].unit;
    maps.set(row, Array.from(VS, (v) => Array.from(MEANS, (mean) => excess(mean, v))));
  }
  return maps.get(row);
}

/* The divergence over all bells: the reader drags the point, the bottoms are marked. */
export function buildMap(page, state) {
  const { plot, side } = page.row();
  const map = chart(page, plot, {
    label: "The divergence over the mean and the scale of the bell", height: 236, left: LEFT, right: RIGHT,
    x: { domain: DOMAIN, ticks: TICKS, name: "mean" },
    y: { domain: LOGS, ticks: [0.5, 1, 2].map((scale) => [Math.log(scale), String(scale)]), name: "scale, logarithmic" },
  });
  const land = landscape(map, { role: "generated" });
  const dots = points(map, { role: "ink", radius: 4 });
  const point = handle(map, {
    role: "generated", label: "Your bell in the map", x: [...LIMITS.mean, 0.1], y: [...LOGS, 0.1],
    move: ([mean, v]) => page.change(() => { Object.assign(state, { mean, scale: clamp(Math.exp(v), ...LIMITS.scale) }); }),
  });
  const legend = element(side, "p", { class: "explorer-hint" });
  hint(side, "Drag the point, or the top of the bell: sideways it moves, upwards it narrows.", "By keyboard: Tab, then arrows.");
  const box = element(side, "div");
  const rows = ["mean", "scale"].map((quantity) => readout(box, { label: `${quantity} of the nearest bell`, quantity: `nearest_${quantity}`, mark: "dashed" }));
  return () => {
    const found = bottoms(state.row);
    const { unit } = ROWS[state.row];
    land.set(MEANS, VS, heights(state.row));
    dots.set(found.map(({ mean, scale }) => [mean, Math.log(scale)]));
    point.set(state.mean, Math.log(state.scale), bellInWords(state));
    const lines = `Along the lines it is ${decimal(unit / 8, 3)} above the least, then twice as much, up to ${decimal(16 * unit, 2)}.`;
    write(legend, `The divergence of every bell: the stronger the colour, the nearer. ${lines} Dots: where every small move leads away.`);
    rows[0].set(found[0].mean);
    rows[1].set(found[0].scale);
  };
}

/* The divergence of the reader's bell and the least. */
export function buildBars(page, state) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "The divergence of your bell, and the least", height: 82, top: 4, left: LEFT, right: RIGHT,
    x: { domain: [0, 1], ticks: [] }, y: { domain: [0, 2] },
  });
  const zero = rule(bars, {});
  const own = band(bars, { role: "generated", strong: true });
  const least = band(bars, { role: "ink" });
  const edge = rule(bars, { dashed: true });
  const readouts = [
    readout(side, { label: "your bell", quantity: "own", mark: "strong", role: "generated" }),
    readout(side, { label: "the nearest bell", quantity: "least", mark: "dashed" }),
  ];
  side.classList.add("explorer-sum");
  return ({ distance }) => {
    const [nearest] = bottoms(state.row);
    const high = roundLimit(distance, LENGTHS);
    bars.rescale("x", [0, high], [0, high / 2, high]);
    zero.set(0, 0, 0, 2);
    own.set(0, 1.82, Math.min(distance, 1.2 * high), 1.18);
    least.set(0, 0.82, nearest.distance, 0.18);
    edge.set(nearest.distance, 0, nearest.distance, 1.82);
    [distance, nearest.distance].forEach((each, k) => readouts[k].set(each, print(each)));
  };
}
