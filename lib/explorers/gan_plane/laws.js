/* The laws that can be learnt: mixtures of equal round Gaussians in the plane, so that everything about them is exact.
 *
 *   p(x) = mean over j of N(x; m_j, s²)
 *   lawOf("eight")  →  { centres: [[x, y], …], scale: s, modes: true where each centre is one to be found }
 */

import { erf } from "../kit/numbers.js";

/* The raster: SIDE × SIDE cells of [−EDGE, EDGE]², row after row from the lowest, and one cell for all the rest. */
export const SIDE = 48;
export const EDGE = 1.2;
export const CELLS = SIDE * SIDE + 1;
export const cellOf = (x, y) => {
  const [column, row] = [x, y].map((each) => Math.floor(((each + EDGE) / (2 * EDGE)) * SIDE));
  return column >= 0 && column < SIDE && row >= 0 && row < SIDE ? row * SIDE + column : CELLS - 1;
};

/* Whatever is drawn by hand or runs along curves is made of as many strokes as this, each as wide. */
export const MOST = 64;
const STROKE = 0.04;

const around = (count, radius) => Array.from({ length: count }, (_, j) => {
  const angle = (2 * Math.PI * j) / count;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
});
const lattice = (count, gap) => Array.from({ length: count * count }, (_, j) => (
  [j % count, Math.floor(j / count)].map((each) => gap * (each - (count - 1) / 2))));
const moon = (j, count) => {
  const angle = (Math.PI * (j + 0.5)) / count;
  return [Math.cos(angle), Math.sin(angle)];
};
const moons = () => [
  ...Array.from({ length: MOST / 2 }, (_, j) => moon(j, MOST / 2)).map(([x, y]) => [0.5 * x - 0.25, 0.5 * y - 0.1]),
  ...Array.from({ length: MOST / 2 }, (_, j) => moon(j, MOST / 2)).map(([x, y]) => [0.25 - 0.5 * x, 0.1 - 0.5 * y]),
];

const KNOWN = {
  eight: { centres: around(8, 0.7), scale: 0.05, modes: true },
  "twenty-five": { centres: lattice(5, 0.35), scale: 0.04, modes: true },
  moons: { centres: moons(), scale: STROKE, modes: false },
  bell: { centres: [[0.3, 0.25]], scale: 0.2, modes: false },
};

export const lawOf = (name, drawn) => KNOWN[name] ?? { centres: drawn, scale: STROKE, modes: false };

/* `count` points, x and y one after the other: of centres drawn by lot, or, `fairly`, with equal shares of all of them. */
export function sample({ centres, scale }, count, random, fairly = false) {
  const points = new Float64Array(2 * count);
  for (let k = 0; k < count; k += 1) {
    const which = fairly ? Math.floor((k * centres.length) / count) : random.below(centres.length);
    for (const axis of [0, 1]) points[2 * k + axis] = centres[which][axis] + scale * random.normal();
  }
  return points;
}

/* The mass of every cell: Σ_j (Φ(b_x) − Φ(a_x)) (Φ(b_y) − Φ(a_y)) over the number of centres; what is left lies outside. */
export function masses({ centres, scale }) {
  const edges = Array.from({ length: SIDE + 1 }, (_, k) => EDGE * ((2 * k) / SIDE - 1));
  const along = (centre) => {
    const below = edges.map((edge) => (1 + erf((edge - centre) / (scale * Math.SQRT2))) / 2);
    return below.slice(1).map((each, k) => each - below[k]);
  };
  const mass = new Float64Array(CELLS);
  let inside = 0;
  for (const [x, y] of centres) {
    const [across, up] = [along(x), along(y)];
    for (let cell = 0; cell < CELLS - 1; cell += 1) {
      const part = (across[cell % SIDE] * up[Math.floor(cell / SIDE)]) / centres.length;
      mass[cell] += part;
      inside += part;
    }
  }
  mass[CELLS - 1] = Math.max(0, 1 - inside);
  return mass;
}

/* `modes`: how many centres have a tenth of their fair share of the points within three standard deviations, each point
 * being counted for its nearest centre alone; `near`: the share of points that lie there. */
export function reached({ centres, scale }, points) {
  const counts = new Array(centres.length).fill(0);
  for (let k = 0; k < points.length; k += 2) {
    let [nearest, least] = [0, Infinity];
    for (let j = 0; j < centres.length; j += 1) {
      const far = (points[k] - centres[j][0]) ** 2 + (points[k + 1] - centres[j][1]) ** 2;
      if (far < least) [nearest, least] = [j, far];
    }
    if (least <= (3 * scale) ** 2) counts[nearest] += 1;
  }
  const needed = Math.max(1, (0.1 * points.length) / 2 / centres.length);
  const near = (2 * counts.reduce((sum, each) => sum + each, 0)) / points.length;
  return { modes: counts.filter((each) => each >= needed - 1e-9).length, near };
}
