/* The prices beside the points: each where it covers no point and no other price, if there is such a place. */

import { lengthOf, write } from "../kit/elements.js";

const [ABOVE, BELOW] = [10, 3]; // how far letters reach over and under the line they stand on
const APART = 4;

/* `points`: where each is, in the units of the plane, its radius in pixels, its text, the words, and its side. */
export function writePrices(plane, points) {
  const dots = points.map(({ x, y, size }) => ({ x: plane.sx(x), y: plane.sy(y), size }));
  const taken = [];
  points.forEach(({ text, words, side }, index) => {
    write(text, words);
    const places = around(plane, dots[index], lengthOf(text), side);
    const costs = places.map((place) => cost(plane, place, dots.filter((_, other) => other !== index), taken));
    const { left, line } = places[costs.indexOf(Math.min(...costs))];
    taken.push({ left, right: left + lengthOf(text), line });
    text.setAttribute("x", left);
    text.setAttribute("y", line);
  });
}

/* The places of a text, the best first: outwards, above, below, and last inwards, where the plan is drawn. */
function around(plane, { x, y, size }, length, side) {
  const beside = [x - size - 5 - length, x + size + 5].map((left) => ({ left, line: y + 4 }));
  const [outwards, inwards] = side === "real" ? beside : beside.reverse();
  const left = Math.max(-plane.left, Math.min(x - length / 2, plane.width + plane.right - length));
  const over = { left, line: y - size - 5 - BELOW };
  const under = { left, line: y + size + 4 + ABOVE };
  return [outwards, over, under, inwards].map((place) => ({ ...place, right: place.left + length }));
}

function cost(plane, { left, right, line }, dots, taken) {
  const outside = left < -plane.left || right > plane.width + plane.right || line < ABOVE || line > plane.height;
  const onDots = dots.filter(({ x, y, size }) => {
    const [across, down] = [Math.max(left - x, 0, x - right), Math.max(line - ABOVE - y, 0, y - line - BELOW)];
    return Math.hypot(across, down) < size + 1;
  });
  const onTexts = taken.filter((other) => Math.abs(other.line - line) < ABOVE + BELOW
    && left < other.right + APART && other.left < right + APART);
  return (outside ? 100 : 0) + onDots.length + onTexts.length;
}
