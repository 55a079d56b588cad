/* Where everything stands: from left to right where there is room, from top to bottom on a phone. */

import { PARAMETERS, parsed } from "./network.js";

const WIDE = 520;
const BETWEEN = 96; /* neurons of one layer, centre to centre: weights that cross are chosen a quarter of this apart */
const INPUT = [66, 30];
const NEURON = [90, 62];
const COST = [84, 46];
const KNOB = 0.25; /* the share of its way at which a weight has its knob: there, nine of them are equally far apart */

const box = ([width, height], x, y) => ({ x, y, width, height });
const share = (from, to, part) => from.map((each, axis) => each + part * (to[axis] - each));

/* Boxes by name and lines by the name of their parameter; `knob` is where a line is taken hold of. */
export function layOut(width) {
  const wide = width >= WIDE;
  const { boxes, height } = wide ? across(width) : down(width);
  const [ahead, behind] = wide
    ? [(each) => [each.x + each.width / 2, each.y], (each) => [each.x - each.width / 2, each.y]]
    : [(each) => [each.x, each.y + each.height / 2], (each) => [each.x, each.y - each.height / 2]];
  const lines = Object.fromEntries(PARAMETERS.map((name) => {
    const { layer, j, k, weight } = parsed(name);
    const target = boxes[`a${layer}_${j + 1}`];
    if (!weight) return [name, stub(target, wide, layer, j)];
    const [from, to] = [ahead(boxes[`${layer === 2 ? "x" : "a2"}_${k + 1}`]), behind(target)];
    return [name, { from, to, knob: share(from, to, KNOB) }];
  }));
  const link = { from: ahead(boxes.a3_1), to: behind(boxes.J) };
  return { wide, height, boxes, lines, link };
}

function across(width) {
  const free = width - INPUT[0] - 2 * NEURON[0] - COST[0] - 4;
  const first = 2 + INPUT[0] / 2;
  const second = first + INPUT[0] / 2 + 0.42 * free + NEURON[0] / 2;
  const third = second + NEURON[0] + 0.36 * free;
  const last = width - 2 - COST[0] / 2;
  const row = (k) => 60 + k * BETWEEN;
  const each = [0, 1, 2];
  const boxes = Object.fromEntries([
    ...each.map((k) => [`x_${k + 1}`, box(INPUT, first, row(k))]),
    ...each.map((k) => [`a2_${k + 1}`, box(NEURON, second, row(k))]),
    ["a3_1", box(NEURON, third, row(1))], ["J", box(COST, last, row(1))],
  ]);
  return { boxes, height: row(2) + NEURON[1] / 2 + 6 };
}

function down(width) {
  const column = (k) => ((2 * k + 1) * width) / 6;
  const neuron = [Math.min(NEURON[0], width / 3 - 7), NEURON[1]];
  const each = [0, 1, 2];
  const boxes = Object.fromEntries([
    ...each.map((k) => [`x_${k + 1}`, box(INPUT, column(k), 26)]),
    ...each.map((k) => [`a2_${k + 1}`, box(neuron, column(k), 180)]),
    ["a3_1", box(neuron, column(1), 328)], ["J", box(COST, column(1), 426)],
  ]);
  return { boxes, height: 452 };
}

/* A bias comes from nowhere: from above, or, on a phone, from the side on which no weight passes. */
function stub({ x, y, width, height }, wide, layer, j) {
  if (wide) return { from: [x, y - height / 2 - 19], to: [x, y - height / 2], knob: [x, y - height / 2 - 19] };
  if (layer === 3) return { from: [x - width / 2 - 22, y], to: [x - width / 2, y], knob: [x - width / 2 - 22, y] };
  const at = x + (j === 2 ? 1 : -1) * (width / 2 - 13);
  return { from: [at, y + height / 2 + 17], to: [at, y + height / 2], knob: [at, y + height / 2 + 17] };
}

/* How far a point is from a line and from its knob, whichever is nearer; the knob is preferred by its own radius. */
export function distance([x, y], { from, to, knob }) {
  const along = to.map((each, axis) => each - from[axis]);
  const passed = ((x - from[0]) * along[0] + (y - from[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2);
  const [nearX, nearY] = share(from, to, Math.min(1, Math.max(0, passed)));
  return Math.min(Math.hypot(x - nearX, y - nearY), Math.hypot(x - knob[0], y - knob[1]) - 6);
}
