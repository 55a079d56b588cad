/* The plane: two clouds whose points are dragged, and the plan between them. */

import { chart, mark } from "../kit/chart.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";
import { writePrices } from "./prices.js";
import { indexed } from "./programmes.js";

export const PLANE = { x: [-1.3, 1.3, 0.02], y: [-1, 1, 0.02] };
export const SIDES = ["real", "generated"];
const LETTERS = { real: "x", generated: "y" };
const WIDTH_OF_ALL_MASS = 40;

/* Lines as wide as the mass they carry, points as large as theirs, and beside each point its price. */
export function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "Real points x, generated points y, and the plan between them", height: (width) => width / 1.3, left: 28, right: 12,
    top: 26, x: { domain: PLANE.x.slice(0, 2), ticks: [-1, 0, 1] },
    y: { domain: PLANE.y.slice(0, 2), ticks: [-1, 0, 1], name: ["_x_, real, with price _f_;  _y_, generated, with price _g_", "_x_ real, price _f_;  _y_ generated, price _g_"] },
  });
  const flows = shape(plane.plot, "g", { class: "explorer-flows", "data-role": "third" });
  const lines = mark(plane, flows, (made, from, to) => {
    const moved = made.plan.flatMap((row, i) => row.map((mass, j) => [i, j, mass])).filter((each) => each[2] > 0);
    flows.replaceChildren();
    for (const [i, j, mass] of moved) {
      const [x1, y1] = [plane.sx(from[i][0]), plane.sy(from[i][1])];
      const [x2, y2] = [plane.sx(to[j][0]), plane.sy(to[j][1])];
      shape(flows, "line", { x1, y1, x2, y2, "stroke-width": (WIDTH_OF_ALL_MASS * mass).toFixed(3), "data-pair": `${i} ${j}` });
    }
  });
  const clouds = SIDES.map((side) => buildCloud(page, state, plane, side));
  const prices = mark(plane, plane.names, (points) => writePrices(plane, points));
  return (made) => {
    lines.set(made, state.real, state.generated);
    prices.set([...clouds[0](made.f), ...clouds[1](made.g)]);
  };
}

function buildCloud(page, state, plane, side) {
  const letter = LETTERS[side];
  const spots = state[side].map((_, index) => {
    const dot = shape(plane.plot, "circle", { class: "explorer-spot", "data-role": side });
    const spot = mark(plane, dot, (x, y, size) => {
      for (const [key, value] of Object.entries({ cx: plane.sx(x), cy: plane.sy(y), r: size })) dot.setAttribute(key, value);
    });
    const text = shape(plane.names, "text", { class: "explorer-note explorer-price", "data-role": side });
    const knob = handle(plane, {
      role: side, label: `${side === "real" ? "Real" : "Generated"} point ${letter}${index + 1}`, ...PLANE,
      move: ([x, y]) => page.change(() => { state[side][index] = [x, y].map((each) => Number(each.toFixed(4))); }),
    });
    return { spot, text, knob };
  });
  return (values) => spots.map(({ spot, text, knob }, index) => {
    const [x, y] = state[side][index];
    const size = 3 + 18 * state[`${side}_weights`][index];
    spot.set(x, y, size);
    knob.node.querySelector(".explorer-knob").setAttribute("r", size);
    knob.set(x, y, `${decimal(x, 2)}, ${decimal(y, 2)}`);
    return { x, y, size, text, side, words: `${indexed(letter, index)} ${decimal(values[index], 2)}` };
  });
}
