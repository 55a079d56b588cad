/* The network as it is drawn: boxes with their numbers, a line for each weight and bias, and the path that is lit. */

import { shape, write } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";
import { input, symbol } from "./formulas.js";
import { distance, layOut } from "./layout.js";
import { PARAMETERS, parsed, valueOf } from "./network.js";

const REACH = 16; /* pixels beside a line at which a finger still means it */

/* The name of a parameter for somebody who hears it. */
export function spoken(name) {
  const { layer, j, k, weight } = parsed(name);
  const to = layer === 2 ? `hidden neuron ${j + 1}` : "the output";
  if (!weight) return `Bias of ${to}`;
  return `Weight from ${layer === 2 ? `input ${k + 1}` : `hidden neuron ${k + 1}`} to ${to}`;
}

/* What each box says: a symbol and where its number comes from. */
function contents(network, pass, { d2, d3 }, now, digits) {
  const neuron = (layer, j, deltas) => ["h", "a", "δ"].map((letter) => (letter === "δ"
    ? [symbol(letter, layer, j), deltas[j], 3] : [symbol(letter, layer, j), pass[letter + layer][j], digits]));
  return {
    ...Object.fromEntries(network.x.map((value, k) => [`x_${k + 1}`, [[input(k), value, 2]]])),
    ...Object.fromEntries(d2.map((_, j) => [`a2_${j + 1}`, neuron(2, j, d2)])),
    a3_1: neuron(3, 0, d3),
    J: [["_y_", network.y, 2], ["_J_", now, 3]],
  };
}

export function buildDiagram(page, parent, choose) {
  const svg = shape(parent, "svg", { class: "explorer-chart explorer-network", role: "group", "aria-label": "The network" });
  const link = shape(svg, "line", { class: "explorer-link", "aria-hidden": "true" });
  const group = shape(svg, "g", { role: "radiogroup", "aria-label": "Weights and biases" });
  const lines = Object.fromEntries(PARAMETERS.map((name) => [name, buildLine(group, name)]));
  const boxes = shape(svg, "g", { class: "explorer-boxes", "aria-hidden": "true" });
  const badges = shape(svg, "g", { class: "explorer-badges", "aria-hidden": "true" });
  const made = {};
  let plan = null;
  let data = null;

  const self = {
    set: (...next) => { data = next; },
    draw: () => { if (data) put(...data); },
    resize: () => {
      const width = Math.max(240, parent.clientWidth || 640);
      if (plan && width === plan.width) return;
      plan = { width, ...layOut(width) };
      svg.setAttribute("viewBox", `0 0 ${width} ${plan.height}`);
      svg.setAttribute("height", plan.height);
      putLines(plan, lines, link);
      self.draw();
    },
  };

  function put(network, pass, deltas, now, chosen, factors) {
    const lit = litBy(chosen, factors);
    for (const [name, rows] of Object.entries(contents(network, pass, deltas, now, plan.wide ? 3 : 2))) {
      made[name] ??= buildBox(boxes, rows.length);
      made[name](plan.boxes[name], rows, lit[name] ?? "");
    }
    for (const [name, { node }] of Object.entries(lines)) {
      node.setAttribute("aria-checked", String(name === chosen));
      node.setAttribute("tabindex", name === chosen ? 0 : -1);
      node.setAttribute("aria-label", `${spoken(name)}, ${decimal(valueOf(network, name), 2)}`);
      node.dataset.role = lit[name] ?? "quiet";
      node.classList.toggle("explorer-lit", name in lit);
    }
    link.dataset.role = lit.J;
    putBadges(badges, plan, factors);
  }

  listen(page, svg, lines, () => plan, choose);
  page.charts.push(self);
  self.resize();
  return self;
}

/* The path in one colour; what a wrong formula takes from elsewhere, or leaves out, in another. */
function litBy(chosen, factors) {
  const { layer, j, k, weight } = parsed(chosen);
  const lit = { [chosen]: "third", [`a${layer}_${j + 1}`]: "third", a3_1: "third" };
  if (weight) lit[`${layer === 2 ? "x" : "a2"}_${k + 1}`] = "third";
  for (const { at, wrong } of factors) {
    const places = at === "W3" ? PARAMETERS.filter((name) => name.startsWith("W3")) : [at];
    for (const place of places) lit[place] = wrong ? "generated" : "third";
  }
  return lit;
}

function buildLine(group, name) {
  const node = shape(group, "g", { class: "explorer-parameter", role: "radio", "data-parameter": name });
  const line = shape(node, "line", {});
  shape(node, "circle", { class: "explorer-target", r: 12 });
  shape(node, "circle", { class: "explorer-ring", r: 9 });
  shape(node, "circle", { class: "explorer-knob", r: 5 });
  return { node, line };
}

function putLines(plan, lines, link) {
  const set = (node, { from, to }) => {
    for (const [key, value] of Object.entries({ x1: from[0], y1: from[1], x2: to[0], y2: to[1] })) node.setAttribute(key, value.toFixed(1));
  };
  for (const [name, { node, line }] of Object.entries(lines)) {
    set(line, plan.lines[name]);
    for (const circle of node.querySelectorAll("circle")) {
      ["cx", "cy"].forEach((key, axis) => circle.setAttribute(key, plan.lines[name].knob[axis].toFixed(1)));
    }
  }
  set(link, plan.link);
}

/* A box: symbols on the left, numbers on the right. */
function buildBox(parent, count) {
  const frame = shape(parent, "rect", { class: "explorer-box", rx: 6 });
  const rows = Array.from({ length: count }, () => [shape(parent, "text", {}), shape(parent, "text", { "text-anchor": "end" })]);
  return ({ x, y, width, height }, values, role) => {
    const edges = { x: x - width / 2, y: y - height / 2, width, height };
    for (const [key, value] of Object.entries(edges)) frame.setAttribute(key, value);
    frame.dataset.role = role || "quiet";
    frame.classList.toggle("explorer-lit", role !== "");
    values.forEach(([name, value, digits], row) => {
      const line = y + 5 + 18 * (row - (count - 1) / 2);
      write(rows[row][0], name);
      write(rows[row][1], decimal(value, digits));
      rows[row].forEach((text, end) => {
        text.setAttribute("x", end ? x + width / 2 - 7 : x - width / 2 + 7);
        text.setAttribute("y", line);
        text.classList.toggle("explorer-lit", role !== "");
      });
    });
  };
}

/* The factors' numbers, each where its factor comes from. */
function putBadges(parent, { boxes, lines, link, wide }, factors) {
  parent.replaceChildren();
  const middle = ({ from, to }, part) => from.map((each, axis) => each + part * (to[axis] - each));
  const corner = ({ x, y, width, height }) => [x - width / 2 - (wide ? 2 : -3), y - height / 2 - 5];
  factors.forEach(({ at, wrong }, index) => {
    const [x, y] = at === "J" ? middle(link, 0.5)
      : at === "W3" ? middle(lines.W3_12, 0.6)
        : lines[at] ? middle(lines[at], 0.62) : corner(boxes[at]);
    const badge = shape(parent, "g", { "data-role": wrong ? "generated" : "third", transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
    shape(badge, "circle", { class: "explorer-badge", r: 9 });
    shape(badge, "text", { class: "explorer-badge-number", "text-anchor": "middle", y: 4.5 }, String(index + 1));
  });
}

/* A click means the nearest line; the arrow keys go from one to the next. */
function listen(page, svg, lines, plan, choose) {
  const options = { signal: page.signal };
  const nearest = (event) => {
    const corner = svg.getBoundingClientRect();
    const at = [event.clientX - corner.left, event.clientY - corner.top];
    const all = PARAMETERS.map((name) => [distance(at, plan().lines[name]), name]).sort((one, other) => one[0] - other[0]);
    return all[0][0] <= REACH ? all[0][1] : null;
  };
  const hover = (name) => {
    for (const [each, { node }] of Object.entries(lines)) node.classList.toggle("explorer-near", each === name);
    svg.style.cursor = name ? "pointer" : "";
  };
  svg.addEventListener("pointermove", (event) => event.pointerType === "mouse" && hover(nearest(event)), options);
  svg.addEventListener("pointerleave", () => hover(null), options);
  svg.addEventListener("click", (event) => {
    const name = nearest(event);
    if (!name) return;
    choose(name);
    lines[name].node.focus({ preventScroll: true, focusVisible: false });
  }, options);
  svg.addEventListener("keydown", (event) => {
    const here = PARAMETERS.findIndex((name) => lines[name].node === event.target);
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -here, End: PARAMETERS.length - 1 - here };
    if (here < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const name = PARAMETERS[(here + steps[event.key] + PARAMETERS.length) % PARAMETERS.length];
    choose(name);
    lines[name].node.focus({ preventScroll: true, focusVisible: true });
  }, options);
}
