/* View 1: the needle of power iteration, and how its two errors fall. */

import { chart } from "../kit/chart.js";
import { button, hint, readout, slider } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { element } from "../kit/elements.js";
import { curve, note, points } from "../kit/marks.js";
import { clamp, decimal } from "../kit/numbers.js";
import { MOST_ROUNDS, REACH, direction, predicted, run, times } from "./matrices.js";
import { ellipse, plane, stroke } from "./planes.js";

const RIM = 2.4;
const HALF = Array.from({ length: 37 }, (_, k) => 5 * k);
const FLOOR = 1e-8;
const PLAYED = 12;
const TICKS = [[0, "1"], [-2, "0.01"], [-4, "10⁻⁴"], [-6, "10⁻⁶"]];

const turned = (one, other, [s, t]) => [
  s * Math.cos(one) * Math.cos(other) - t * Math.sin(one) * Math.sin(other),
  -s * Math.cos(one) * Math.sin(other) - t * Math.sin(one) * Math.cos(other),
  s * Math.sin(one) * Math.cos(other) + t * Math.cos(one) * Math.sin(other),
  -s * Math.sin(one) * Math.sin(other) + t * Math.cos(one) * Math.cos(other),
];

export const PRESETS = {
  "Almost equal": { matrix: turned(0.5, 0.9, [1, 0.98]), start: 58 },
  Stuck: { matrix: [2, 0, 0, 1], start: 90 },
  "Rank one": { matrix: [1.5, 0.75, 0.8, 0.4], start: 110 },
};

/* A number of the laboratory: small ones with as many digits as they need. */
export function brief(value, digits = 3) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  if (size === 0 || size >= 10 ** -digits) return decimal(value, digits);
  if (size < 1e-15) return "0";
  const [head, power] = value.toExponential(1).split("e-");
  return `${head.replace("-", "−")} · 10⁻${[...power].map((each) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[each]).join("")}`;
}

export const rounds = ({ halves }) => Math.floor(halves / 2);
export const degrees = (tangent) => (Math.atan(tangent) * 180) / Math.PI;

/* The needle between where it was and where it is, by the shorter way round. */
function between(from, to, share) {
  if (!from || share >= 1 || Math.hypot(...to) === 0) return to;
  const [one, other] = [from, to].map(([x, y]) => Math.atan2(y, x));
  const way = ((other - one + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
  return [Math.cos(one + share * way), Math.sin(one + share * way)];
}

/* The two planes: the circle with v₁, v₂ and ṽ, and its image with σ₁u₁, σ₂u₂ and σ̂ũ. */
function buildPlanes(page, state, parent, restart) {
  const pair = element(parent, "div", { class: "spectral-planes" });
  const half = () => element(pair, "div");
  const input = plane(page, half(), { label: "The unit circle and the vector v", name: "the circle, and the needle", reach: 1.4 });
  const output = plane(page, half(), { label: "Its image under W and the vector u", name: ["its image under _W_, and the needle", "under _W_, and the needle"], reach: 2.6 });
  ellipse(input, { role: "quiet", filled: true }).set([1, 0, 0, 1]);
  const image = ellipse(output, { role: "quiet", filled: true });
  const [inner, outer] = [input, output].map((made) => [0, 1].map(() => stroke(made, { role: "ink", width: 1.5, dashed: true })));
  const names = [input, output].map((made) => [0, 1].map(() => note(made, { role: "ink", lift: -4 })));
  names.flat().forEach((each) => each.node.classList.add("explorer-price"));
  const forgetful = stroke(output, { role: "generated", width: 4 });
  const [v, u] = [input, output].map((made) => stroke(made, { role: "real", width: 4 }));
  const place = direction(0).map(() => [-REACH, REACH, 0.05]);
  const rim = curve(output, { role: "real" });
  rim.node.classList.add("explorer-former");
  rim.set(HALF.map((angle) => direction(angle)[0] * RIM), HALF.map((angle) => direction(angle)[1] * RIM));
  const where = note(output, { role: "real" });
  const tips = [0, 1].map((k) => handle(output, {
    role: "ink", label: `Column ${k + 1} of W`, x: place[0], y: place[1],
    move: ([x, y]) => page.change(() => restart(() => {
      state.matrix = state.shown.map((each, at) => Number((at % 2 === k ? [x, y][Math.floor(at / 2)] : each).toFixed(4)));
    })),
  }));
  const letters = [0, 1].map(() => note(output, { role: "ink", lift: 12 }));
  for (const each of letters) each.node.classList.add("explorer-price");
  for (const each of [...letters, where, rim]) each.node.classList.add("spectral-held");
  const turn = handle(output, {
    role: "real", label: "Start in the picture", x: [-RIM, RIM, 0.2], y: [-RIM, RIM, 0.2],
    move: ([x, y]) => page.change(() => restart(() => {
      /* A direction and its opposite are one needle: the rim is half a circle, and ends where it ends. */
      const angle = y > 0 ? (Math.atan2(y, x) * 180) / Math.PI : x > 0 ? 0 : 180;
      state.start = Number(angle.toFixed(1));
    })),
  });
  return (made) => {
    const { now, svd, before, looks } = made;
    image.set(now);
    const rows = [[inner, svd.v, [1, 1]], [outer, svd.u, svd.sigma]];
    rows.forEach(([strokes, axes, lengths], which) => axes.forEach((axis, k) => {
      const tip = axis.map((each) => each * lengths[k]);
      strokes[k].set([0, 0], tip);
      const word = ["_v_", "_u_"][which] + "₁₂"[k];
      const out = which === 0 ? axis.map((each) => 1.2 * each) : axis.map((each) => each * (lengths[k] + 0.3));
      names[which][k].set(...out, word);
    }));
    const share = state.share;
    const isWhole = state.halves % 2 === 0;
    const seen = [between(before?.v ?? null, made.v ?? [0, 0], share), between(isWhole ? before?.u : null, made.u, share)];
    v.show(made.v !== null);
    v.set([0, 0], seen[0]);
    const { value } = looks[looks.length - 1];
    const long = looks.length > 1 ? value : 1;
    u.set([0, 0], seen[1].map((each) => each * long));
    forgetful.show(made.again !== null);
    forgetful.set([0, 0], (made.again?.u ?? [0, 0]).map((each) => each * (made.again?.value ?? 0)));
    tips.forEach((tip, k) => {
      const at = times(now, [[1, 0], [0, 1]][k]);
      tip.set(...at, at.map((each) => decimal(each, 2)).join(", "));
      letters[k].set(...at, `column ${k + 1}`);
    });
    where.set(...direction(state.start).map((each) => each * (RIM - 0.42)), "start", "middle", -4);
    turn.set(...direction(state.start).map((each) => each * RIM), `${decimal(state.start, 0)} degrees`);
  };
}

/* The errors over the rounds, on a logarithmic scale; dashed what the theorem says. */
function buildErrors(page, parent) {
  const errors = chart(page, parent, {
    label: "The errors of the angle and of the value over the rounds", height: 196, left: 44, right: 52,
    x: { domain: [0, PLAYED], ticks: [0, 4, 8, 12], name: "_k_" },
    y: { domain: [-7, 1.5], ticks: TICKS, name: ["error after _k_ rounds; dashed: Theorem 14.7", "error after _k_ rounds"] },
  });
  const exact = ["real", "generated"].map((role) => {
    const each = curve(errors, { role: "ink", dashed: true, label: " " });
    const end = errors.ends.find((name) => name.curve === each);
    end.text.dataset.role = role;
    return { node: each.node, set: each.set, end };
  });
  const drawn = ["real", "generated"].map((role) => curve(errors, { role }));
  const spots = ["real", "generated"].map((role) => points(errors, { role, radius: 3.5 }));
  const log = (value) => Math.log10(clamp(value, FLOOR, 1e2));
  return ({ looks, svd }, { drifting }) => {
    const last = looks.length > PLAYED + 1 ? MOST_ROUNDS : PLAYED;
    errors.rescale("x", [0, last], last === PLAYED ? [0, 4, 8, 12] : [0, 10, 20, 30, 40]);
    const all = Array.from({ length: last + 1 }, (_, k) => k);
    const said = all.map((k) => predicted(svd, looks[0].tangent, k));
    const rows = drifting ? ["missing", "forgotten"] : ["tangent", "missing"];
    rows.forEach((name, which) => {
      const from = drifting || which === 1 ? 1 : 0;
      const found = looks.slice(from).map((each, k) => [from + k, log(each[name])]);
      drawn[which].set(found.map(([k]) => k), found.map(([, value]) => value));
      spots[which].set(found);
      /* What drifts has no prediction; its names stand where its own lines end. */
      const line = drifting ? found.slice(-1) : said.slice(from).map((each, k) => [from + k, log(each[name])]);
      const seen = line.length ? line : [[last, which - 2]];
      exact[which].set(seen.map(([k]) => k), seen.map(([, value]) => value));
      exact[which].node.style.display = drifting ? "none" : "";
      exact[which].end.label = [(drifting ? ["kept", "first"] : ["angle", "value"])[which]];
    });
  };
}

function buildNumbers(side) {
  const box = element(side, "div", { class: "explorer-numbers" });
  const rows = [
    ["rounds", "rounds", "", "ink", 0],
    ["sigma_1", "_σ_₁, the longer half-axis", "dashed", "ink"],
    ["sigma_2", "_σ_₂", "dashed", "ink"],
    ["value", "the estimate of _σ_₁", "line", "real"],
    ["angle", "the needle is off by, degrees", "", "ink", 2],
    ["tangent_rate", "its tangent, per round", "line", "real"],
    ["kappa_2", "(_σ_₂ ÷ _σ_₁)²", "dashed", "ink"],
    ["value_rate", "error of the value, per round", "line", "generated"],
    ["kappa_4", "(_σ_₂ ÷ _σ_₁)⁴", "dashed", "ink"],
    ["missing", "error of the value, kept", "line", "real"],
    ["forgotten", "error, from the first again", "line", "generated"],
  ].map(([quantity, label, mark, role, digits = 3]) => [quantity, digits, readout(box, { label, quantity, mark, role })]);
  /* A run that drifts has no rates. */
  return (numbers, { drifting }) => rows.forEach(([quantity, digits, each], row) => {
    const value = numbers[quantity];
    if (row > 4) each.show(drifting === row > 8);
    each.set(Number.isNaN(value) ? 0 : value, brief(value, digits));
  });
}

/* What is printed. */
export function measured({ looks, svd }, { drifting }) {
  const [one, other] = svd.sigma;
  const kappa = one > 0 ? other / one : 0;
  const k = looks.length - 1;
  const [now, then] = [looks[k], looks[k - 1]];
  const rate = (name, from) => (!drifting && k >= from && then[name] > 1e-12 ? now[name] / then[name] : NaN);
  return {
    rounds: k, sigma_1: one, sigma_2: other, value: k ? now.value : NaN, angle: degrees(now.tangent), missing: k ? now.missing : NaN,
    forgotten: now.forgotten, tangent_rate: rate("tangent", 1), kappa_2: kappa ** 2, value_rate: rate("missing", 2), kappa_4: kappa ** 4,
  };
}

function inWords({ drifting }, { rounds: k, sigma_1: one, value, angle, missing, forgotten, sigma_2: other }) {
  if (one === 0) return "This matrix is zero and stretches nothing: there is no direction to be found.";
  if (drifting) {
    if (k === 0) return "The matrix moves a little before every round. Two needles: one goes on, the other starts again each time. Play.";
    return `The needle that was kept misses ${brief(100 * missing, 2)} % of _σ_₁; the one that starts again each time, ${brief(100 * forgotten, 2)} %.`;
  }
  if (k === 0) return `The start is ${decimal(angle, 0)}° off _u_₁. Make a round: multiply by the transpose, multiply by _W_, and set the length to 1.`;
  if (one - other < 1e-9 * one) return "Both half-axes are equal: the value is right, and there is no single direction to be found.";
  if (angle > 89.9999) return `The start has no part along _u_₁, and the needle will never find it: it reports ${decimal(value)} for ever.`;
  if (missing < 1e-3 && angle > 8) {
    return `The value is right to a thousandth, ${decimal(value, 4)} for ${decimal(one, 4)}, and the needle is still ${decimal(angle, 0)}° off.`;
  }
  if (angle < 1e-5) return `Found: the needle lies on _u_₁, and the value is ${decimal(value)}.`;
  return `After ${k} ${k === 1 ? "round" : "rounds"} the needle is ${brief(angle, 2)}° off, and the value misses ${brief(100 * missing, 2)} % of _σ_₁.`;
}

export function buildNeedle(page, state, parent, { restart, go, reset }) {
  const { plot, side } = page.row(parent);
  const drawPlanes = buildPlanes(page, state, plot, restart);
  const drawErrors = buildErrors(page, plot);
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Round", name: "One round", primary: true, press: () => go(state.halves % 2 === 0 ? 2 : 1) });
  button(page, bar, { label: "Half", name: "Half a round", press: () => go(1) });
  button(page, bar, { label: "Play", press: () => go(2 * PLAYED - (state.halves % 2)) });
  button(page, bar, { label: "Reset", press: reset });
  const others = element(side, "div", { class: "explorer-buttons", role: "group", "aria-label": "Examples" });
  for (const [label, preset] of Object.entries(PRESETS)) {
    button(page, others, { label, press: () => page.change(() => restart(() => Object.assign(state, { ...preset, drifting: false }))) });
  }
  const drift = button(page, others, { label: "Let _W_ drift", press: () => page.change(() => restart(() => { state.drifting = !state.drifting; })) });
  const start = slider(page, side, {
    label: "start, degrees", name: "start in degrees", role: "real", min: 0, max: 180, step: 1,
    input: (value) => restart(() => { state.start = value; }),
  });
  const drawNumbers = buildNumbers(side);
  hint(side, "Drag the ends of the two columns, and the start on the rim.", "By keyboard: Tab, then arrows.");
  return () => {
    const made = run(state);
    const numbers = measured(made, state);
    state.shown = made.now;
    drawPlanes(made);
    drawErrors(made, state);
    drawNumbers(numbers, state);
    start.set(state.start, decimal(state.start, 0));
    drift.setAttribute("aria-pressed", String(state.drifting));
    return { words: inWords(state, numbers), run: { u: made.u, v: made.v, now: made.now, looks: made.looks } };
  };
}
