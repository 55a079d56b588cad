/* Below the network: the factors as a bill, the product beside the truth, the controls, and what steps do to the cost. */

import { chart } from "../kit/chart.js";
import { alternatives, button, group, readout, select, slider } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { band, curve, points, rule } from "../kit/marks.js";
import { decimal, roundLimit } from "../kit/numbers.js";
import { FORMULAS, input, symbolOf } from "./formulas.js";
import { changed, LIMIT, parsed, valueOf } from "./network.js";

const MOST = 5;
const SIZES = [1, 2, 5].flatMap((digit) => [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1].map((ten) => digit * ten)).sort((one, other) => one - other);

/* Lines that are always there, so that nothing moves: a badge, a formula, a number. */
export function buildBill(parent) {
  const box = element(parent, "div", { class: "explorer-bill" });
  const heading = element(box, "div", { class: "explorer-heading" });
  const line = (quantity) => {
    const row = element(box, "div", { class: "explorer-factor" });
    const badge = element(row, "span", { class: "explorer-count", "aria-hidden": "true" });
    const term = element(row, "span", { class: "explorer-label" });
    const told = element(row, "span", { class: "explorer-told" });
    const output = element(row, "output", { class: "explorer-number", "data-quantity": quantity, "aria-live": "off" });
    return (count, { term: text, words = "", value, wrong }) => {
      row.style.visibility = text ? "" : "hidden";
      row.dataset.role = wrong ? "generated" : count === "+" ? "quiet" : "third";
      badge.textContent = count;
      write(term, text || "\u00a0");
      told.textContent = words;
      output.setAttribute("aria-label", term.textContent);
      output.dataset.value = value.toPrecision(12);
      output.textContent = decimal(value, 4);
    };
  };
  const factors = Array.from({ length: MOST }, (_, index) => line(`factor_${index + 1}`));
  const decay = line("decay");
  const parts = element(box, "p", { class: "explorer-hint" });
  return (made) => {
    write(heading, `Factors of ∂_J_/∂${symbolOf(made.chosen)}`);
    factors.forEach((put, index) => put(String(index + 1), made.factors[index] ?? { term: "", value: 1 }));
    decay("+", made.decay);
    write(parts, made.parts || "\u00a0");
  };
}

/* The product as a bar, and where two forward passes say that it should end. */
export function buildTruth(parent, page) {
  const product = readout(parent, { label: "their product", quantity: "analytic", digits: 6, mark: "strong", role: "third" });
  const finite = readout(parent, { label: "two forward passes", quantity: "finite", digits: 6, mark: "dashed" });
  const picture = chart(page, parent, {
    label: "The product, and the quotient of two forward passes", height: 58, top: 6, left: 12, right: 12,
    x: { domain: [-0.1, 0.1], ticks: [] }, y: { domain: [0, 1] },
  });
  const bar = band(picture, { role: "third", strong: true });
  const zero = rule(picture, {});
  const truth = rule(picture, { dashed: true });
  return ({ analytic, finite: measured, shownDecay }) => {
    const wrong = Math.abs(analytic - measured) > 1e-9;
    const role = wrong ? "generated" : "third";
    const most = roundLimit(Math.max(Math.abs(analytic), Math.abs(measured)), SIZES);
    picture.rescale("x", [-most, most], [[-most, `−${most}`], 0, [most, String(most)]]);
    bar.node.dataset.role = role;
    product.node.parentElement.dataset.role = role;
    write(product.node.parentElement.querySelector(".explorer-label"), shownDecay ? "product and decay" : "their product");
    product.node.setAttribute("aria-label", shownDecay ? "product and decay" : "their product");
    product.set(analytic);
    finite.set(measured);
    bar.set(0, 0.82, analytic, 0.18);
    zero.set(0, 0, 0, 1);
    truth.set(measured, -0.1, measured, 1.1);
  };
}

export function buildControls(page, state, side, alter) {
  const formula = select(page, side, {
    label: "formula", options: Object.entries(FORMULAS).map(([value, { name }]) => [value, name]),
    choose: (value) => { state.formula = value; },
  });
  const told = alternatives(side, Object.fromEntries(Object.entries(FORMULAS).map(([key, { rule: text }]) => [key, text])));
  const box = group(side, { title: "Other numbers" });
  const line = (label, name, [min, max, step], put) => slider(page, box, {
    label, name, min, max, step, role: "ink", input: (value) => alter((network) => put(network, value)),
  });
  const own = line("", "chosen weight or bias", [-LIMIT, LIMIT, 0.05], (network, value) => changed(network, state.chosen, value));
  const inputs = [0, 1, 2].map((k) => line(input(k), `input x${k + 1}`, [-2, 2, 0.05], (network, value) => ({
    ...network, x: network.x.map((each, at) => (at === k ? value : each)),
  })));
  const target = line("target _y_", "target y", [0, 1, 0.01], (network, value) => ({ ...network, y: value }));
  const decay = line("decay λ", "weight decay lambda", [0, 0.5, 0.01], (network, value) => ({ ...network, decay: value }));
  own.node.parentElement.dataset.role = "third";
  return () => {
    formula.set(state.formula);
    told.set(state.formula);
    write(own.node.parentElement.querySelector(".explorer-label"), `${parsed(state.chosen).weight ? "weight" : "bias"} ${symbolOf(state.chosen)}`);
    own.set(valueOf(state.network, state.chosen));
    inputs.forEach((each, k) => each.set(state.network.x[k]));
    target.set(state.network.y);
    decay.set(state.network.decay);
  };
}

/* What the cost was at each step since a hand last moved something. */
export function buildDescent(page, { take, reset }) {
  const { plot, side } = page.row();
  const picture = chart(page, plot, {
    label: "The cost, step by step", height: 132,
    x: { domain: [0, 5], ticks: [0, 5], name: "step" }, y: { domain: [0, 0.1], ticks: [0, 0.1], name: "cost _J_" },
  });
  const trace = curve(picture, { role: "third" });
  const ahead = rule(picture, { role: "quiet", dashed: true });
  const dots = points(picture, { role: "third", radius: 3 });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Take one step", primary: true, press: take });
  button(page, bar, { label: "Reset", press: reset });
  const now = readout(side, { label: "cost _J_ now", quantity: "now", digits: 5 });
  const after = readout(side, { label: "after one step", quantity: "after", digits: 5 });
  return (made, history) => {
    const last = roundLimit(history.length, [5, 10, 20, 50, 100, 201]);
    const most = roundLimit(Math.max(...history, made.now, made.after), SIZES);
    picture.rescale("x", [0, last], [0, last]);
    picture.rescale("y", [0, most], [0, most]);
    trace.set(history.map((_, step) => step), history);
    dots.set(history.slice(-1).map((value) => [history.length - 1, value]));
    ahead.set(history.length - 1, made.now, history.length, made.after);
    now.set(made.now);
    after.set(made.after);
  };
}
