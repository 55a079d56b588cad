/* The three pictures of the staircase: the prices, the two laws, and the values as bars. */

import { chart } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { band, curve, points, rule } from "../kit/marks.js";
import { decimal, roundLimit } from "../kit/numbers.js";
import { walls } from "./staircase.js";

const MOST = 7;
const ROLES = { f: "real", g: "generated" };
const LIMITS = [0.5, 1, 2, 3, 4, 6, 8, 12, 20, 40];

function ticksOf([low, high]) {
  const by = high - low > 8 ? 4 : high - low > 4 ? 2 : 1;
  const first = Math.ceil(low / by);
  return Array.from({ length: Math.floor(high / by) - first + 1 }, (_, k) => by * (first + k));
}

/* Both prices over the support: what they were, what they are now, and the points the reader drags. */
export function buildPrices(page, state, parent) {
  const top = chart(page, parent, {
    label: "The prices f and −g over the support", height: 300, right: 44, x: { domain: [-0.5, 8.5], ticks: [] },
    y: { domain: [-3, 3], ticks: [], name: "_f_ from below, −_g_ from above" },
  });
  const before = { f: curve(top, { role: "real" }), g: curve(top, { role: "generated" }) };
  for (const each of Object.values(before)) each.node.classList.add("explorer-former");
  const single = curve(top, { role: "third" });
  const now = { g: curve(top, { role: "generated", label: "−_g_" }), f: curve(top, { role: "real", label: "_f_" }) };
  const dots = { g: points(top, { role: "generated", radius: 4 }), f: points(top, { role: "real", radius: 4 }) };
  const both = points(top, { role: "third", radius: 4 });
  const limits = [-3, 3, 0.1];
  const knobs = Object.fromEntries(["f", "g"].map((which) => [which, Array.from({ length: MOST }, (_, index) => handle(top, {
    role: ROLES[which], label: `${which === "f" ? "f" : "Minus g"}, point ${index + 1}`, y: limits,
    move: ([, height]) => page.change(() => {
      const wish = Number((which === "f" ? height : -height).toFixed(4));
      state[which][index] = Math.min(wish, walls(state, which, index));
    }),
  }))]));
  return (made, shown) => {
    const xs = state.support;
    const margin = 0.06 * (xs[xs.length - 1] - xs[0]);
    top.rescale("x", [xs[0] - margin, xs[xs.length - 1] + margin], xs.map((x) => [x, decimal(x, 2).replace(/\.?0+$/, "")]));
    top.rescale("y", state.room, ticksOf(state.room));
    [limits[0], limits[1]] = state.room;
    const minus = shown.g.map((each) => -each);
    const met = state.step === 2 && shown.share === 1;
    const put = (values) => xs.map((x, k) => [x, values[k]]);
    before.f.set(...(state.step > 1 ? [xs, state.f] : [[], []]));
    before.g.set(...(state.step > 0 ? [xs, state.g.map((each) => -each)] : [[], []]));
    now.f.set(xs, shown.f);
    now.g.set(xs, minus);
    single.set(...(met ? [xs, shown.f] : [[], []]));
    dots.f.set(met ? [] : put(shown.f));
    dots.g.set(met ? [] : put(minus));
    both.set(met ? put(shown.f) : []);
    for (const which of ["f", "g"]) now[which].node.style.display = met ? "none" : "";
    nameEnds(top, now, met, state.step);
    for (const [which, sign] of [["f", 1], ["g", -1]]) {
      knobs[which].forEach((each, k) => {
        each.show(state.step === 0 && k < xs.length);
        if (k >= xs.length) return;
        const height = sign * state[which][k];
        each.node.setAttribute("aria-valuemin", limits[0]);
        each.node.setAttribute("aria-valuemax", limits[1]);
        each.set(xs[k], height, decimal(height, 2));
        each.node.setAttribute("aria-valuenow", height.toFixed(3));
      });
    }
  };
}

/* The names at the curves' ends follow the steps: −g becomes −f^c, and in the end one name stands for both. */
function nameEnds(chart, now, met, step) {
  for (const end of chart.ends) {
    if (end.curve === now.g) end.label = [step === 0 ? "−_g_" : "−_f_ᶜ"];
    else end.label = [met ? "" : "_f_"];
    end.text.dataset.role = met ? "third" : end.curve === now.g ? "generated" : "real";
    if (end.label[0] === "") end.text.textContent = "";
  }
}

/* The two laws as bars from one line: real mass upwards, generated mass downwards. */
export function buildLaws(page, state, parent) {
  const bottom = chart(page, parent, {
    label: "The masses p and q", height: 118, right: 44, x: { domain: [-0.5, 8.5], ticks: [] },
    y: { domain: [-2, 2], ticks: [], name: "mass: _p_ upwards, _q_ downwards" },
  });
  const line = rule(bottom, { role: "quiet" });
  const bars = ["real", "generated"].map((role) => Array.from({ length: MOST }, () => band(bottom, { role, strong: true })));
  return () => {
    const xs = state.support;
    const span = xs[xs.length - 1] - xs[0];
    const most = roundLimit(Math.max(...state.p, ...state.q), [0.2, 0.4, 0.6, 1]);
    bottom.rescale("x", [xs[0] - 0.06 * span, xs[xs.length - 1] + 0.06 * span], []);
    bottom.rescale("y", [-most, most], [[-most, String(most)], 0, [most, String(most)]]);
    line.set(xs[0] - 0.06 * span, 0, xs[xs.length - 1] + 0.06 * span, 0);
    [state.p, state.q.map((each) => -each)].forEach((masses, side) => bars[side].forEach((bar, k) => {
      bar.node.style.display = k < xs.length ? "" : "none";
      if (k < xs.length) bar.set(xs[k] - 0.013 * span, 0, xs[k] + 0.013 * span, masses[k]);
    }));
  };
}

/* Four bars on one axis, each beside its number, and W as the dashed line that three of them never pass. */
export function buildStaircase(page) {
  const { plot, side } = page.row();
  const stairs = chart(page, plot, {
    label: "The values of the three pairs, the shortcut and W", height: 163, top: 4,
    x: { domain: [-1, 3], ticks: [] }, y: { domain: [0, 5] },
  });
  const zero = rule(stairs, {});
  const bars = ["third", "third", "third", "quiet"].map((role) => band(stairs, { role, strong: true }));
  const truth = rule(stairs, { dashed: true });
  const rows = [
    ["value", "value(_f_, _g_)", "strong", "third"],
    ["after_one", "≤ value(_f_, _f_ᶜ)", "strong", "third"],
    ["after_two", "≤ value(−_f_ᶜ, _f_ᶜ)", "strong", "third"],
    ["exact", "≤ _W_, exact", "dashed", "ink"],
    ["shortcut", "shortcut ∫(_p_ − _q_)_f_", "strong", "quiet"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return ({ numbers }, step) => {
    const heights = [numbers.value, numbers.after_one, numbers.after_two, numbers.shortcut];
    const low = -roundLimit(-Math.min(0, ...heights), [0, ...LIMITS]);
    const high = roundLimit(Math.max(numbers.exact, ...heights), LIMITS);
    const ends = [low < 0 ? low : null, 0, high].filter((each) => each !== null);
    stairs.rescale("x", [low - (low < 0 ? 0 : 0.02 * high), high], ends);
    zero.set(0, 0, 0, 5);
    truth.set(numbers.exact, 0, numbers.exact, 5);
    heights.forEach((value, k) => {
      const floor = k < 3 ? 4 - k : 0;
      bars[k].set(0, floor + 0.82, value, floor + 0.18);
    });
    for (const [quantity, each] of rows) each.set(numbers[quantity]);
    /* The step where the reader stands is in full colour, the others and the shortcut are paler. */
    const swatches = rows.map(([, each]) => each.node.parentElement.firstChild);
    [bars[0], bars[1], bars[2], null, bars[3]].forEach((bar, k) => {
      const strength = k === step || k === 3 ? "" : "0.45";
      if (bar) bar.node.style.fillOpacity = strength;
      swatches[k].style.opacity = strength;
    });
  };
}
