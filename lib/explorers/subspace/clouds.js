/* The clouds that the reader can choose, all made from the one that came with the page. */

import { mean } from "../kit/numbers.js";

export const PLANE = { x: [-1, 7], y: [-2, 4] };
const OUTLIER = [0, 3.6];

export const CLOUDS = {
  own: "the whole cloud",
  few: "a few of its points",
  outlier: "a few, one far out",
  across: "turned across",
  round: "round",
};

const rounded = (value) => Number(value.toFixed(4));

/* A dozen, evenly from the list. */
function few(points) {
  const every = Math.max(1, Math.floor(points.length / 12));
  return points.filter((_, i) => i % every === every - 1).slice(0, 12);
}

export function cloudOf(name, points) {
  if (name === "few") return few(points);
  if (name === "outlier") return few(points).map((each, i) => (i === 0 ? OUTLIER : each));
  const centre = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  if (name === "across") {
    return points.map(([x, y]) => [centre[0] - 0.65 * (y - centre[1]), centre[1] + 0.65 * (x - centre[0])].map(rounded));
  }
  /* Two rings of equally spaced points keep the same along every line. */
  if (name === "round") {
    return [[8, 0.8], [16, 1.9]].flatMap(([count, radius]) => Array.from({ length: count }, (_, k) => {
      const turn = (2 * Math.PI * (k + 0.5)) / count;
      return [3 + radius * Math.cos(turn), 1 + radius * Math.sin(turn)];
    }));
  }
  return points.map((each) => [...each]);
}
