/* Below the lines, on the same places: whom the chosen place asks, and what new noise at one place changes. */

import { chart, mark } from "../kit/chart.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { band, note, rule } from "../kit/marks.js";
import { clamp, roundLimit } from "../kit/numbers.js";
import { BLOCKS, MANY, PLACES } from "./generators.js";
import { ACROSS, MARGINS } from "./lines.js";

const ASKED = ["what the chosen place gives to each; dashed: if all were asked alike", "whom the chosen place asks"];
const SEEN = ["what the chosen place sees", "what the chosen place sees"];
const TICKS = [0, 8, 16, 24, 31];

function comb(page, parent, options) {
  const plot = chart(page, parent, { ...MARGINS, ...options, x: { domain: ACROSS, ticks: TICKS } });
  const shades = BLOCKS.map(() => band(plot, { role: "quiet" }));
  return {
    plot,
    shade(top) { BLOCKS.forEach(([from, to], k) => shades[k].set(from - 0.5, 0, to + 0.5, top)); },
  };
}

/* One tooth for each place: set(values). */
function teeth(plot, role) {
  const group = shape(plot.plot, "g", { "data-role": role });
  const nodes = Array.from({ length: PLACES }, () => shape(group, "rect", { class: "explorer-spot" }));
  return mark(plot, group, (values) => nodes.forEach((node, i) => {
    const [x, y] = [plot.sx(i - 0.38), plot.sy(values[i])];
    for (const [key, value] of Object.entries({ x, y, width: plot.sx(i + 0.38) - x, height: Math.max(0, plot.sy(0) - y) })) {
      node.setAttribute(key, value.toFixed(2));
    }
  }));
}

export function buildAsked(page, state, parent) {
  const { plot, shade } = comb(page, parent, {
    label: "Whom the chosen place asks", height: 138,
    y: { domain: [0, 1], ticks: [0, 0.5, 1], name: ASKED },
  });
  const seen = band(plot, { role: "third" });
  const even = rule(plot, { dashed: true });
  const bars = teeth(plot, "third");
  const words = note(plot, { role: "ink" });
  return ({ table, radius }) => {
    const row = table ? table.subarray(state.asks * PLACES, (state.asks + 1) * PLACES) : new Float64Array(PLACES);
    const most = table ? roundLimit(Math.max(...row), [0.1, 0.25, 0.5, 1]) : 1;
    plot.y.name = table ? ASKED : SEEN;
    plot.rescale("y", [0, most], table ? [0, most / 2, most] : []);
    shade(most);
    bars.set(row);
    even.node.style.display = table ? "" : "none";
    even.set(ACROSS[0], 1 / PLACES, ACROSS[1], 1 / PLACES);
    const [from, to] = [Math.max(0, state.asks - radius), Math.min(PLACES - 1, state.asks + radius)];
    seen.node.style.display = table ? "none" : "";
    seen.set(from - 0.5, 0, to + 0.5, most);
    words.node.style.display = table ? "none" : "";
    words.set((from + to) / 2, most / 2, table ? "" : `${from} to ${to}`);
  };
}

/* How often each place leads. */
export function buildLed(page, state, parent) {
  const { plot, shade } = comb(page, parent, {
    label: "How often each place is the one that both twins ask most", height: 112,
    y: { domain: [0, 1], ticks: [], name: [`how often both twins ask it most, of ${MANY} lines`, `asked most, of ${MANY} lines`] },
  });
  const bars = teeth(plot, "third");
  return ({ led }) => {
    plot.svg.style.display = led ? "" : "none";
    const counts = led ?? new Float64Array(PLACES);
    const most = roundLimit(Math.max(...counts), [50, 100, 200, 400, MANY]);
    plot.rescale("y", [0, most], [0, most]);
    shade(most);
    bars.set(counts);
  };
}

export function buildChanged(page, state, parent) {
  const { plot, shade } = comb(page, parent, {
    label: "What new noise at one place changes", height: 138,
    y: { domain: [0, 1], ticks: [0, 0.5, 1], name: ["what the new noise changes, mean of twelve lines", "what the new noise changes"] },
  });
  const bars = teeth(plot, "generated");
  const knob = handle(plot, {
    role: "ink", label: "Place with new noise", x: [0, PLACES - 1, 1],
    move: ([across]) => page.change(() => {
      const place = clamp(Math.round(across), 0, PLACES - 1);
      if (place !== state.place) Object.assign(state, { place, redrawn: 0 });
    }),
  });
  return ({ comparison, all }) => {
    const changes = comparison?.changes ?? new Float64Array(PLACES);
    const most = roundLimit(Math.max(...changes), [0.5, 1, 2, 4]);
    plot.rescale("y", [0, most], [0, most / 2, most]);
    shade(most);
    bars.set(changes);
    knob.set(state.place, 0, `place ${state.place}`);
    knob.node.classList.toggle("attention-idle", Boolean(all));
  };
}
