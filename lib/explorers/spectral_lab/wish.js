/* View 3: the gradient before and after. */

import { button, hint, readout, slider } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { element } from "../kit/elements.js";
import { note } from "../kit/marks.js";
import { decimal } from "../kit/numbers.js";
import { dot, gradient, normalised, stepped, svd2 } from "./matrices.js";
import { ellipse, plane, stroke } from "./planes.js";
import { brief } from "./readings.js";

const REACH = 1.5;
/* Shorter wishes are as good as none, and have no direction. */
const SHORTEST = 0.05;

/* One arrow of the wish, in its plane, with the axis on which it is lost: half is 0 for δ, 2 for a. */
function buildArrow(page, state, parent, { letter, half, label, name, axis }) {
  const made = plane(page, parent, { label, name, reach: 1.7 });
  ellipse(made, { role: "quiet", dashed: true }).set([1, 0, 0, 1]);
  const line = stroke(made, { role: "ink", width: 1.5, dashed: true });
  const word = note(made, { role: "ink", lift: -4 });
  const arrow = stroke(made, { role: "real", width: 3 });
  const tip = handle(made, {
    role: "real", label: `Tip of ${letter}`, x: [-REACH, REACH, 0.05], y: [-REACH, REACH, 0.05],
    move: (to) => page.change(() => {
      if (Math.hypot(...to) < SHORTEST) return;
      to.forEach((each, k) => { state.wish[half + k] = Number(each.toFixed(4)); });
    }),
  });
  const named = note(made, { role: "real", lift: -5 });
  for (const each of [word, named]) each.node.classList.add("explorer-price");
  return (svd) => {
    const [first] = half === 0 ? svd.u : svd.v;
    const at = state.wish.slice(half, half + 2);
    line.set(first.map((each) => -1.55 * each), first.map((each) => 1.55 * each));
    /* Named at the end that the arrow leaves free. */
    const free = first.map((each) => (dot(first, at) > 0 ? -each : each));
    word.set(...free.map((each) => 1.4 * each), axis, free[0] > 0 ? "end" : "start", free[1] > 0 ? 14 : -14);
    arrow.set([0, 0], at);
    tip.set(...at, at.map((each) => decimal(each, 2)).join(", "));
    named.set(...at.map((each) => each * (1 + 0.22 / Math.hypot(...at))), `_${letter}_`);
  };
}

/* W̄ before and after the step. */
function buildBall(page, parent) {
  const ball = plane(page, parent, { label: "The image of the circle before and after the step", name: "_W_ ÷ _σ_, before and after a step", reach: 1.7 });
  ellipse(ball, { role: "ink", dashed: true }).set([1, 0, 0, 1]);
  const [before, after] = [ellipse(ball, { role: "quiet", filled: true }), ellipse(ball, { role: "generated" })];
  const words = [["quiet", -1], ["generated", 1]].map(([role, side]) => [note(ball, { role, lift: 8 }), side]);
  return (was, is) => {
    before.set(was);
    after.set(is);
    words.forEach(([each, side]) => each.set(side, -1.6, side < 0 ? "before" : "after"));
  };
}

/* Four numbers of a matrix, shaded by size. */
function buildTile(parent, { role, caption, quantity }) {
  const table = element(parent, "table", { class: "explorer-matrix", "data-role": role });
  element(table, "caption", {}, caption);
  const body = element(table, "tbody");
  const cells = [0, 1].flatMap((row) => {
    const line = element(body, "tr");
    return [0, 1].map((column) => element(line, "td", { "data-quantity": `${quantity}_${row + 1}_${column + 1}` }));
  });
  return (values, most) => cells.forEach((cell, k) => {
    const text = decimal(values[k], 2);
    if (cell.textContent !== text) cell.textContent = text;
    cell.dataset.value = values[k].toPrecision(12);
    cell.dataset.state = Math.abs(values[k]) < 5e-3 ? "zero" : "";
    cell.style.setProperty("--heat", `${(38 * Math.abs(values[k])) / most}%`);
  });
}

function inWords(found) {
  if (!found) return "This matrix is zero: it cannot be divided by its norm. Move a column in the first view.";
  const percent = 100 * found.share;
  if (percent < 1e-7) return "Nothing is left: this wish is a multiple of _u_₁_v_₁ᵀ, and the division refuses all of it.";
  if (percent < 5) return `Almost nothing is left of the wish, ${brief(percent, 2)} %.`;
  const more = percent > 100 ? " That is more than it was: the projection is oblique." : "";
  return `${decimal(percent, 0)} % of the wish’s length is left after ${decimal(Math.abs(found.lambda), 2)} _u_₁_v_₁ᵀ has been ${found.lambda < 0 ? "added" : "taken away"}.${more}`;
}

export function buildWish(page, state, parent, restart) {
  const three = element(parent, "div", { class: "spectral-planes spectral-three" });
  const part = () => element(three, "div");
  const arrows = [
    { letter: "δ", half: 0, label: "What the loss asks of the output", name: "_δ_, what the loss asks of _h_", axis: "_u_₁" },
    { letter: "a", half: 2, label: "What comes into the layer", name: "_a_, what comes in", axis: "_v_₁" },
  ].map((each) => buildArrow(page, state, part(), each));
  const drawBall = buildBall(page, part());
  const tables = element(parent, "div", { class: "spectral-sum" });
  const tiles = [
    { role: "real", caption: "_δa_ᵀ ÷ _σ_", quantity: "asked" },
    { role: "third", caption: "− _λu_₁_v_₁ᵀ ÷ _σ_", quantity: "taken" },
    { role: "generated", caption: "= gradient", quantity: "left" },
  ].map((each) => buildTile(tables, each));
  const below = element(parent, "div", { class: "explorer-tables" });
  const [controls, box] = [element(below, "div", { class: "spectral-half" }), element(below, "div", { class: "explorer-numbers spectral-bill" })];
  const rate = slider(page, controls, {
    label: "step _η_", name: "step eta along the gradient", role: "generated", min: 0, max: 2, step: 0.05, input: (value) => { state.rate = value; },
  });
  const bar = element(controls, "div", { class: "explorer-buttons" });
  const turn = (label, name, half, axes) => button(page, bar, {
    label, name, press: () => page.change(() => {
      const length = Math.min(REACH, Math.hypot(...state.wish.slice(half, half + 2)));
      svd2(state.matrix)[axes][0].forEach((each, k) => { state.wish[half + k] = each * length; });
    }),
  });
  turn("_δ_ along _u_₁", "delta along u1", 0, "u");
  turn("_a_ along _v_₁", "a along v1", 2, "v");
  button(page, bar, { label: "Make the step", press: () => page.change(() => restart(() => {
    const found = gradient(state.matrix, state.wish);
    if (found) state.matrix = normalised(stepped(state.matrix, found.left, state.rate));
  })) });
  hint(controls, "The dashed lines are those on which a wish is lost.", "By keyboard: Tab, then arrows.");
  const rows = [
    ["lambda", "_λ_ = _δ_ᵀ_Wa_ ÷ _σ_", "", "ink"],
    ["along", "gradient and _W_: inner product", "", "ink"],
    ["share", "share of the wish that is left", "line", "generated"],
    ["norm_before", "_σ_ of _W_", "", "ink"],
    ["norm_after", "_σ_ of _W_ after the step", "", "ink"],
    ["norm_divided", "divided by it, always", "dashed", "ink"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(box, { label, quantity, mark, role })]);
  return () => {
    const svd = svd2(state.matrix);
    const found = gradient(state.matrix, state.wish);
    const zero = [0, 0, 0, 0];
    const { asked, taken, left, lambda, along, share } = found ?? { asked: zero, taken: zero, left: zero, lambda: 0, along: 0, share: 0 };
    const next = stepped(state.matrix, left, state.rate);
    const divided = normalised(next);
    arrows.forEach((draw) => draw(svd));
    drawBall(normalised(state.matrix), divided);
    const most = Math.max(...[...asked, ...taken, ...left].map(Math.abs), 1e-9);
    [asked, taken, left].forEach((values, k) => tiles[k](values, most));
    rate.set(state.rate);
    const numbers = {
      lambda, along, share, norm_before: svd.sigma[0], norm_after: svd2(next).sigma[0], norm_divided: svd2(divided).sigma[0],
    };
    rows.forEach(([quantity, each]) => each.set(numbers[quantity]));
    return { words: inWords(found), asked, taken, left };
  };
}
