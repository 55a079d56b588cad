/* What is stored of a critic, unpacked: its field, its arrows, its numbers. Written by lib/experiments/critics/pictures.py;
 * all of it is of T/K̂, the critic ÷ its steepest climb on the training points. */

export const SIDE = 33;
export const ARROWS = 48;
export const QUANTITIES = [
  "raw", "certified", "transformed", "cosine", "length",
  "fresh_raw", "fresh_certified", "fresh_transformed", "fresh_cosine", "fresh_length", "climb",
];

/* level[i, j] = left + below − between + surprise, rows from below; half a byte holds a surprise of −8 … 7. */
export function fieldOf(bytes, step, first) {
  const levels = new Int32Array(SIDE * SIDE);
  for (let k = 0; k < levels.length; k += 1) {
    const surprise = (k % 2 ? bytes[k >> 1] & 15 : bytes[k >> 1] >> 4) - 8;
    const [i, j] = [Math.floor(k / SIDE), k % SIDE];
    let told = first;
    if (i > 0) told = j > 0 ? levels[k - 1] + levels[k - SIDE] - levels[k - SIDE - 1] : levels[k - SIDE];
    else if (j > 0) told = levels[k - 1];
    levels[k] = told + surprise;
  }
  return Float64Array.from(levels, (level) => step * level);
}

/* Directions in 256 parts of a circle, lengths in hundredths: [[dx, dy], …]. */
export function arrowsOf(bytes, from) {
  return Array.from({ length: ARROWS }, (_, k) => {
    const [turn, length] = [bytes[from + 2 * k] * (Math.PI / 128), bytes[from + 2 * k + 1] / 100];
    return [length * Math.cos(turn), length * Math.sin(turn)];
  });
}

export function readPicture({ step, first, bytes: text, numbers }) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const after = Math.ceil((SIDE * SIDE) / 2);
  return {
    field: fieldOf(bytes, step, first),
    arrows: { home: arrowsOf(bytes, after), fresh: arrowsOf(bytes, after + 2 * ARROWS) },
    numbers: Object.fromEntries(QUANTITIES.map((name, k) => [name, numbers[k]])),
  };
}

/* The field between its nodes, `fine` times as many of them each way: rows from above, as a canvas has them. */
export function refined(values, fine) {
  const side = (SIDE - 1) * fine + 1;
  const out = new Float64Array(side * side);
  for (let row = 0, at = 0; row < side; row += 1) {
    const up = (side - 1 - row) / fine;
    const i = Math.min(SIDE - 2, Math.floor(up));
    for (let column = 0; column < side; column += 1, at += 1) {
      const across = column / fine;
      const j = Math.min(SIDE - 2, Math.floor(across));
      const [a, b, k] = [across - j, up - i, i * SIDE + j];
      out[at] = (1 - b) * ((1 - a) * values[k] + a * values[k + 1]) + b * ((1 - a) * values[k + SIDE] + a * values[k + SIDE + 1]);
    }
  }
  return out;
}

/* Where the field crosses a level: pieces [x1, y1, x2, y2] in nodes from the left and from below. */
export function crossings(values, level) {
  const pieces = [];
  const cross = (one, other) => {
    const [a, b] = [values[one] - level, values[other] - level];
    if (a > 0 === b > 0) return null;
    const share = a / (a - b);
    const [from, to] = [one, other].map((node) => [node % SIDE, Math.floor(node / SIDE)]);
    return from.map((each, axis) => each + share * (to[axis] - each));
  };
  for (let i = 0; i + 1 < SIDE; i += 1) {
    for (let j = 0; j + 1 < SIDE; j += 1) {
      const node = i * SIDE + j;
      const round = [node, node + 1, node + SIDE + 1, node + SIDE];
      const found = round.map((corner, k) => cross(corner, round[(k + 1) % 4])).filter(Boolean);
      /* Four crossings are a saddle: the middle says which of them belong together. */
      if (found.length === 4 && (values[node] > level) !== (round.reduce((sum, k) => sum + values[k], 0) / 4 > level)) found.push(found.shift());
      for (let k = 0; k + 1 < found.length; k += 2) pieces.push([...found[k], ...found[k + 1]]);
    }
  }
  return pieces;
}

/* The angle between two arrows in degrees, 0 to 180; null where one of them has no length. */
export function angleBetween([a, b], [c, d]) {
  if (Math.hypot(a, b) === 0 || Math.hypot(c, d) === 0) return null;
  return Math.abs(Math.atan2(a * d - b * c, a * c + b * d)) * (180 / Math.PI);
}

/* Coordinates x, y, x, y, … as pairs. */
export const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]]);

/* The nearest other point in the direction of a key: straight ahead counts once, aside twice. */
export function neighbour(points, which, [right, up]) {
  const [x, y] = points[which];
  let [best, least] = [which, Infinity];
  points.forEach(([u, v], k) => {
    const ahead = (u - x) * right + (v - y) * up;
    const aside = Math.abs((u - x) * up - (v - y) * right);
    if (k !== which && ahead > 0 && aside <= 2 * ahead && ahead + 2 * aside < least) [best, least] = [k, ahead + 2 * aside];
  });
  return best;
}
