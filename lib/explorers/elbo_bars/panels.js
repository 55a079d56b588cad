/* The four pictures: the decoder, the laws over z, the bound over (μ, log s), and the bars. */

import { chart, mark } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { area, band, curve, note, path, points, rule } from "../kit/marks.js";
import { clamp, decimal, linspace, logGaussian, roundLimit } from "../kit/numbers.js";
import { DECODERS, LIMITS, NOISE, elbo, posterior } from "./bound.js";
import { landscape } from "./map.js";

const DOMAIN = [-3.2, 3.2];
const GRID = linspace(...DOMAIN, 641);
const LEFT = 40;
const TICKS = [-3, -2, -1, 0, 1, 2, 3];
const LOGS = LIMITS.s.map(Math.log);
const MUS = linspace(...DOMAIN, 113);
const VS = linspace(...LOGS, 73);
/* How high the laws are drawn: the best Q and somewhat more. */
const HEIGHTS = { straight: [1.6, [0, 0.5, 1, 1.5]], bent: [3, [0, 1, 2, 3]] };
const LENGTHS = [4, 6, 10, 20, 40, 80, 160, 320, 640, 1000];

export const qInWords = ({ mu, s }) => `mean ${decimal(mu, 2)}, standard deviation ${decimal(s, 2)}`;

/* What the decoder makes of every z, the width of its noise, and the observed x. */
export function buildDecoder(page, state, parent) {
  const top = chart(page, parent, {
    label: "The mean of the decoder over z, and the observed x", height: 168, left: LEFT,
    x: { domain: DOMAIN, ticks: TICKS, name: "_z_" },
    y: { domain: [-1, 4.5], ticks: [0, 2, 4], name: ["_G_(_z_), what is made of _z_, with its noise, and the observed _x_", "_G_(_z_), and the observed _x_"] },
  });
  const noise = shape(top.plot, "path", { class: "explorer-area", "data-role": "third" });
  const width = mark(top, noise, (means) => {
    const [above, below] = [1, -1].map((sign) => means.map((each) => each + sign * NOISE));
    noise.setAttribute("d", `${path(top, GRID, above)}L${path(top, [...GRID].reverse(), [...below].reverse()).slice(1)}Z`);
  });
  const made = curve(top, { role: "third", label: "_G_" });
  const seen = curve(top, { role: "real", label: "_x_" });
  const knob = handle(top, {
    role: "real", label: "Observed x in the picture", y: [...LIMITS.x, 0.1],
    move: ([, x]) => page.change(() => { state.x = Number(x.toFixed(4)); }),
  });
  return () => {
    const means = GRID.map(DECODERS[state.model].mean);
    width.set(means);
    made.set(GRID, means);
    seen.set(DOMAIN, [state.x, state.x]);
    knob.set(-2.95, state.x);
  };
}

/* Prior, posterior and Q over one axis. */
export function buildLaws(page, state, parent) {
  const laws = chart(page, parent, {
    label: "The prior, the posterior, and Q", height: 190, left: LEFT, x: { domain: DOMAIN, ticks: TICKS },
    y: { domain: [0, 3], ticks: [], name: "the prior, the posterior (dashed), and _Q_" },
  });
  const prior = curve(laws, { role: "quiet", label: "prior" });
  const fill = area(laws, { role: "generated" });
  const own = curve(laws, { role: "generated" });
  const exact = curve(laws, { role: "ink", dashed: true });
  const name = note(laws, { role: "generated", lift: 14 });
  const truth = note(laws, { role: "ink", lift: 14 });
  for (const each of [name, truth]) each.node.classList.add("explorer-price");
  let shown = 0;
  const heights = [0.2, 3, 0.05];
  const peak = handle(laws, {
    role: "generated", label: "Peak of Q", x: [...LIMITS.mu, 0.1], y: heights, straight: true,
    move: ([mu, height]) => page.change(() => {
      state.mu = mu;
      if (Math.abs(height - shown) > 1e-9) state.s = clamp(1 / (height * Math.sqrt(2 * Math.PI)), ...LIMITS.s);
    }),
  });
  prior.set(GRID, GRID.map((z) => Math.exp(logGaussian(z, 0, 1))));
  return ({ numbers }) => {
    const density = GRID.map((z) => Math.exp(logGaussian(z, state.mu, state.s)));
    const target = posterior(state.model, state.x, GRID, numbers.log_likelihood);
    const [highest, ticks] = HEIGHTS[state.model];
    heights[1] = highest;
    laws.rescale("y", [0, highest], ticks);
    for (const each of [fill, own]) each.set(GRID, density.map((height) => Math.min(height, highest + 0.5)));
    exact.set(GRID, target);
    shown = Math.min(highest, 1 / (state.s * Math.sqrt(2 * Math.PI)));
    peak.set(state.mu, shown, qInWords(state));
    name.set(state.mu, shown, "_Q_", state.mu > 0 ? "end" : "start");
    /* The name of the posterior stands at its hump farther from Q. */
    const side = state.mu > 0 ? -1 : 1;
    const humps = target.map((each, i) => (Math.sign(GRID[i]) === side || state.model === "straight" ? each : 0));
    const at = humps.indexOf(Math.max(...humps));
    truth.set(GRID[at], target[at], "posterior");
  };
}

/* The bound over all Q: the reader drags the point, the tops of its hills are marked. */
export function buildMap(page, state, parent) {
  const map = chart(page, parent, {
    label: "The bound over the mean and the standard deviation of Q", height: 236, left: LEFT,
    x: { domain: DOMAIN, ticks: TICKS, name: "_μ_" },
    y: { domain: LOGS, ticks: [0.05, 0.1, 0.2, 0.5, 1, 2].map((s) => [Math.log(s), String(s)]), name: "_s_, logarithmic" },
  });
  const land = landscape(map, { role: "generated" });
  const tops = points(map, { role: "ink", radius: 4 });
  const point = handle(map, {
    role: "generated", label: "Q in the map", x: [...LIMITS.mu, 0.1], y: [...LOGS, 0.1],
    move: ([mu, v]) => page.change(() => { Object.assign(state, { mu, s: clamp(Math.exp(v), ...LIMITS.s) }); }),
  });
  let [key, gaps] = ["", []];
  return (made) => {
    if (key !== `${state.model} ${state.x}`) {
      key = `${state.model} ${state.x}`;
      const gapAt = (mu, v) => made.numbers.log_likelihood - elbo(state.model, state.x, mu, Math.exp(v));
      gaps = Array.from(VS, (v) => Array.from(MUS, (mu) => gapAt(mu, v)));
    }
    land.set(MUS, VS, gaps);
    tops.set(made.tops.map(({ mu, s }) => [mu, Math.log(s)]));
    point.set(state.mu, Math.log(state.s), qInWords(state));
  };
}

/* Reconstruction minus the price of leaving the prior is the bound; with the gap it is the log-likelihood. */
export function buildBars(page) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "Reconstruction minus the divergence from the prior is the bound; with the gap it is the log-likelihood",
    height: 163, top: 4, left: LEFT, x: { domain: [-9, 0], ticks: [], name: "nats" }, y: { domain: [0, 5] },
  });
  const zero = rule(bars, {});
  const drawn = ["third", "quiet", "generated"].map((role) => band(bars, { role, strong: true }));
  const gap = band(bars, { role: "generated" });
  const whole = rule(bars, { dashed: true });
  const edges = Array.from({ length: 3 }, () => rule(bars, { dashed: true }));
  const rows = [
    ["reconstruction", "reconstruction", "strong", "third"],
    ["to_prior", "− KL(_Q_‖prior)", "strong", "quiet"],
    ["elbo", "= the bound, ELBO", "strong", "generated"],
    ["gap", "+ gap, KL(_Q_‖posterior)", "pale", "generated"],
    ["log_likelihood", "= log _P_(_x_)", "dashed", "ink"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return ({ numbers }) => {
    const { reconstruction, elbo: bound, log_likelihood } = numbers;
    const low = -roundLimit(-1.02 * Math.min(bound, log_likelihood), LENGTHS);
    bars.rescale("x", [low, 0], [low, low / 2, 0]);
    zero.set(0, 0, 0, 5);
    drawn[0].set(0, 4.82, reconstruction, 4.18);
    drawn[1].set(reconstruction, 3.82, reconstruction - numbers.to_prior, 3.18);
    drawn[2].set(0, 2.82, bound, 2.18);
    gap.set(bound, 1.82, bound + numbers.gap, 1.18);
    whole.set(0, 0.5, log_likelihood, 0.5);
    edges[0].set(reconstruction, 3.18, reconstruction, 4.82);
    edges[1].set(bound, 1.18, bound, 3.82);
    edges[2].set(log_likelihood, 0, log_likelihood, 1.82);
    for (const [quantity, each] of rows) each.set(numbers[quantity]);
  };
}
