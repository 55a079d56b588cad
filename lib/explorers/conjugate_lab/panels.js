/* The four pictures: f with its line, the two laws, the critic, and the bars. */

import { chart } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { area, band, curve, note, points, rule } from "../kit/marks.js";
import { clamp, decimal, linspace, roundLimit } from "../kit/numbers.js";
import { ROWS, touching } from "./divergences.js";
import { DOMAIN, GRID, LIMITS, P, widthFor } from "./laws.js";

const LAST = 4;
const RATIOS = linspace(0, LAST, 401);
const LEFT = 40;
const SEEN = GRID.map((_, i) => i).filter((i) => i % 4 === 0);
const XS = Float64Array.from(SEEN, (i) => GRID[i]);
const TICKS = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
const some = (values) => Float64Array.from(SEEN, (i) => clamp(values[i], -40, 40));
const show = (each, visible) => { each.node.style.display = visible ? "" : "none"; };

/* A number, where it may be infinite or too long to print. */
export function print(value, digits = 3) {
  const sign = value < 0 ? "−" : "";
  if (!Number.isFinite(value)) return `${sign}∞`;
  if (Math.abs(value) < 1e5) return decimal(value, digits);
  const [head, power] = Math.abs(value).toExponential(1).split("e+");
  return `${sign}${head} · 10${[...power].map((each) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[each]).join("")}`;
}

/* How far up and down f and its tangents go, in round steps. */
function heightsOf({ f, cost }) {
  const [low, high] = [Math.min(-cost(2.5), f(LAST)), Math.max(f(LAST), Math.min(f(0), f(0.12)))];
  const step = roundLimit((high - low) / 9, [0.05, 0.1, 0.2, 0.5, 1, 2, 5]);
  const [from, to] = [Math.floor(low / step - 0.3), Math.ceil(high / step)];
  return [[from * step, to * step], Array.from({ length: to - from + 1 }, (_, k) => Number(((from + k) * step).toFixed(2)))];
}

/* f, the line of the chosen slope, where it touches and where it crosses the axis, and the gap at the chosen ratio. */
export function buildCurve(page, state, parent) {
  const top = chart(page, parent, {
    label: "The function f over the ratio, and a straight line below it", height: 372, left: LEFT, right: 62,
    x: { domain: [0, LAST], ticks: [0, 1, 2, 3, 4], name: "_u_" },
    y: { domain: [-2, 6], ticks: [], name: ["_f_(_u_), and the highest line of slope _t_ below it", "_f_(_u_), a line of slope _t_"] },
  });
  const gap = band(top, { role: "third" });
  const here = rule(top, { role: "quiet", dashed: true });
  const segment = curve(top, { role: "third" });
  const falling = [1, 2].map(() => curve(top, { role: "third" }));
  const own = curve(top, { role: "ink", label: "_f_" });
  const line = curve(top, { role: "third", label: ["slope _t_", "_t_"] });
  const crossing = points(top, { role: "third", radius: 4 });
  const [where, between] = [0, 1].map(() => note(top, { role: "third", lift: -4 }));
  for (const each of [where, between]) each.node.classList.add("explorer-price");
  for (const each of falling) each.node.classList.add("explorer-former");
  segment.node.style.strokeWidth = "8px";
  segment.node.style.strokeOpacity = "0.35";
  let at = 1;
  const touch = handle(top, {
    role: "third", label: "Touching point", x: [0, LAST, 0.1],
    move: ([u]) => page.change(() => {
      const { slope } = ROWS[state.row];
      /* At the ends of the picture a line may be steeper than f there, or flatter; it does not jump back. */
      if ((u >= LAST && state.slope > slope(u)) || (u <= 0 && state.slope < slope(u))) return;
      at = u;
      state.slope = clamp(slope(u), ...LIMITS.slope);
    }),
  });
  const ratio = handle(top, {
    role: "ink", label: "Ratio in the picture", x: [...LIMITS.ratio, 0.1],
    move: ([u]) => page.change(() => { state.ratio = Number(u.toFixed(4)); }),
  });
  return ({ numbers }) => {
    const row = ROWS[state.row];
    const [domain, ticks] = heightsOf(row);
    const [low, high] = domain;
    top.rescale("y", domain, ticks);
    own.set(RATIOS, RATIOS.map((u) => Math.min(row.f(u), 2 * high - low)));
    const places = touching(row, state.slope);
    const [from, to] = places ?? [LAST, LAST];
    at = clamp(at, Math.min(from, LAST), Math.min(to, LAST));
    /* Where no line stays below f, three of those that slide down are drawn. */
    const falls = [0.25, 0.55, 0.85].map((share) => high - share * (high - low) - LAST * state.slope);
    const start = places ? -numbers.cost : falls[0];
    const put = (each, b) => each.set([0, LAST], [b, b + LAST * state.slope]);
    put(line, start);
    falling.forEach((each, k) => {
      put(each, falls[k + 1]);
      show(each, !places);
    });
    show(segment, to > from);
    const ends = [from, to].map((u) => Math.min(u, LAST));
    segment.set(ends, ends.map(row.f));
    show(crossing, places && start >= low);
    crossing.set([[0, start]]);
    const words = places ? `−_f_*(_t_) = ${print(-numbers.cost, 2)}` : "slides down without end";
    where.set(0.08, clamp(places ? start : low, low + 0.09 * (high - low), high), words, "start", state.slope < 0 ? 14 : -16);
    here.set(state.ratio, low, state.ratio, numbers.height);
    show(gap, places);
    const bottom = Math.max(low, places ? numbers.says : low);
    gap.set(state.ratio - 0.04, bottom, state.ratio + 0.04, numbers.height);
    const wide = places && numbers.height - bottom > 0.08 * (high - low);
    show(between, wide);
    between.set(state.ratio + 0.08, (numbers.height + bottom) / 2, "gap", "start");
    touch.set(at, clamp(start + at * state.slope, low, high), `slope ${decimal(state.slope, 2)}${places ? `, touches at ${print(from, 2)}` : ", touches nowhere"}`);
    ratio.set(state.ratio, low);
  };
}

/* p, and q with its peak in the reader's hand. */
export function buildLaws(page, state, parent) {
  const laws = chart(page, parent, {
    label: "The densities of the data P and the model Q", height: 168, left: LEFT, right: 62,
    x: { domain: DOMAIN, ticks: TICKS, name: "_x_" }, y: { domain: [0, 0.6], ticks: [0, 0.2, 0.4], name: "the densities _p_ and _q_" },
  });
  const fills = ["real", "generated"].map((role) => area(laws, { role }));
  const [real, own] = ["real", "generated"].map((role) => curve(laws, { role }));
  const names = ["real", "generated"].map((role) => note(laws, { role, lift: 14 }));
  let shown = 0;
  const peak = handle(laws, {
    role: "generated", label: "Peak of Q", x: [...LIMITS.mean, 0.1], y: [0.25, 0.55, 0.01], straight: true,
    move: ([mean, height]) => page.change(() => {
      state.mean = Number(mean.toFixed(4));
      if (Math.abs(height - shown) > 1e-9) state.width = widthFor(mean, height);
    }),
  });
  const top = P.indexOf(Math.max(...P));
  return ({ made }) => {
    [P, made.q].forEach((density, k) => fills[k].set(XS, some(density)));
    real.set(XS, some(P));
    own.set(XS, some(made.q));
    shown = made.q[Math.round((state.mean - DOMAIN[0]) / (GRID[1] - GRID[0]))];
    peak.set(state.mean, shown, `mean ${decimal(state.mean, 2)}, width ${decimal(state.width, 2)}`);
    const left = state.mean < GRID[top];
    names[0].set(GRID[top] + (left ? 0.3 : -0.3), P[top], "_p_", left ? "start" : "end");
    names[1].set(state.mean + (left ? -0.2 : 0.2), shown, "_q_", left ? "end" : "start");
  };
}

/* The critic beside the best one, and the end of the slopes that are allowed. */
export function buildCritic(page, state, parent) {
  const top = chart(page, parent, {
    label: "The critic T and the best critic", height: 190, left: LEFT, right: 62, x: { domain: DOMAIN, ticks: TICKS, name: "_x_" },
    y: { domain: [-4, 4], ticks: [-4, -2, 0, 2, 4], name: ["the critic _T_(_x_): a slope for every place", "the critic _T_(_x_), a slope"] },
  });
  const end = rule(top, { role: "quiet" });
  const limit = note(top, { role: "quiet", lift: 6 });
  const best = curve(top, { role: "ink", dashed: true, label: "best" });
  const own = curve(top, { role: "third", label: "_T_" });
  return ({ made }) => {
    const { end: high, closed } = ROWS[state.row];
    const finite = Number.isFinite(high);
    show(end, finite);
    end.set(DOMAIN[0], finite ? high : 0, DOMAIN[1], finite ? high : 0);
    show(limit, finite);
    limit.set(DOMAIN[1], finite ? high : 0, closed ? "no slopes above" : "no slopes from here on", "end");
    best.set(XS, some(made.best));
    own.set(XS, some(made.critic));
  };
}

/* What the critic proves, what it misses, and the divergence. */
export function buildBars(page) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "The bound that the critic proves, what it misses, and the exact divergence", height: 112, top: 4, left: LEFT, right: 62,
    x: { domain: [0, 1], ticks: [] }, y: { domain: [0, 3] },
  });
  const zero = rule(bars, {});
  const proved = band(bars, { role: "third", strong: true });
  const missing = band(bars, { role: "third" });
  const whole = rule(bars, { dashed: true });
  const edges = [0, 1].map(() => rule(bars, { dashed: true }));
  const rows = [
    ["bound", "what the critic proves", "strong", "third"],
    ["missing", "+ what it misses", "pale", "third"],
    ["exact", "= _D_(_P_‖_Q_), exact", "dashed", "ink"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return ({ numbers: { bound, exact, ...others } }) => {
    const size = roundLimit(1.02 * Math.abs(exact), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000]);
    const low = Math.min(exact, bound) < 0 ? -size : 0;
    const high = exact > 0 ? size : 0;
    bars.rescale("x", [low, high], low && high ? [low, 0, high] : [low, (low + high) / 2, high]);
    zero.set(0, 0, 0, 3);
    const cut = Math.max(bound, low - size);
    proved.set(0, 2.82, cut, 2.18);
    missing.set(cut, 1.82, exact, 1.18);
    whole.set(0, 0.5, exact, 0.5);
    edges[0].set(cut, 1.18, cut, 2.82);
    edges[1].set(exact, 0, exact, 1.82);
    for (const [quantity, each] of rows) {
      const value = { bound, exact, ...others }[quantity];
      each.set(value, print(value));
    }
  };
}
