/* A line through a cloud of points in the plane: what it keeps of their variance and what it loses.
 *
 *   kept(φ) = Σ (g·(x_i − c))² / (n − 1),   lost(φ) = Σ ‖x_i − x̃_i‖² / (n − 1),   total = Σ ‖x_i − c‖² / (n − 1),
 *   x̃_i = c + g g·(x_i − c),   g = (cos φ, sin φ),   c the mean, or 0,   kept + lost = total.
 *
 * The three are computed each by its own sum: the bars meet because Pythagoras' theorem holds. The truth beside them are
 * the eigenvalues λ₁ ≥ λ₂ of S = Σ (x_i − c)(x_i − c)ᵀ / (n − 1), in closed form.
 *
 * An autoencoder with one unit and one shared weight vector w, x̃ = c + w w·(x − c), learns by ẇ = −∂/∂w ½ lost(w). Where
 * w has length 1 the gradient has no part along w, so that the length stays, and the angle δ to the first direction obeys
 * δ̇ = −½(λ₁ − λ₂) sin 2δ, which means tan δ(t) = e^(−(λ₁ − λ₂)t) tan δ(0). On the worst line, δ = 90°, it stands still.
 */

import { decimal, mean, total } from "../kit/numbers.js";

export const RADIAN = Math.PI / 180;
const NOTHING = 1e-9;
/* Degrees that no eye tells apart. */
const SAME = 0.05;

/* An angle of a line, in [0, 180). */
export const folded = (angle) => ((angle % 180) + 180) % 180;

/* From the angle `from` to the line at `to` by the shorter way, in (−90, 90]. */
export function turnTo(from, to) {
  const by = folded(to - from);
  return by > 90 ? by - 180 : by;
}

/* The directions and eigenvalues of the symmetric matrix (a, b; b, d). */
export function eigen(a, b, d) {
  const [middle, half] = [(a + d) / 2, Math.hypot((a - d) / 2, b)];
  const round = half <= NOTHING * (Math.abs(middle) + NOTHING);
  return { first: middle + half, second: middle - half, best: folded(Math.atan2(2 * b, a - d) / 2 / RADIAN), round };
}

/* Everything that is drawn or printed, from the points, the angle in degrees, and where the line passes. */
export function play({ points, angle, centred }) {
  const centre = centred ? [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))] : [0, 0];
  const away = points.map(([x, y]) => [x - centre[0], y - centre[1]]);
  const g = [Math.cos(angle * RADIAN), Math.sin(angle * RADIAN)];
  const codes = away.map(([x, y]) => g[0] * x + g[1] * y);
  const made = codes.map((code) => [centre[0] + code * g[0], centre[1] + code * g[1]]);
  const share = (values) => total(values) / (points.length - 1);
  const product = (one, other) => share(away.map((each) => each[one] * each[other]));
  const numbers = {
    kept: share(codes.map((code) => code ** 2)),
    lost: share(points.map(([x, y], i) => (x - made[i][0]) ** 2 + (y - made[i][1]) ** 2)),
    total: share(away.map(([x, y]) => x ** 2 + y ** 2)),
    angle,
  };
  const truth = eigen(product(0, 0), product(0, 1), product(1, 1));
  return { centre, made, numbers: { ...numbers, first: truth.first, second: truth.second, best: truth.best }, round: truth.round };
}

/* The best line through the mean: what it loses, and its angle. */
export function leastLost(points) {
  const { numbers } = play({ points, angle: 0, centred: true });
  return { lost: numbers.second, angle: numbers.best };
}

/* What the line at an angle keeps, from the eigenvalues alone: the curve over all angles. */
export const keptAt = (angle, { first, second, best }) => {
  const [c, s] = [Math.cos((angle - best) * RADIAN), Math.sin((angle - best) * RADIAN)];
  return first * c ** 2 + second * s ** 2;
};

/* Where the learning has turned the line after a time. */
export function learnt(angle, { first, second, best }, time) {
  const off = turnTo(best, angle) * RADIAN;
  /* What is left of 90° after rounding is no direction to learn from. */
  if (Math.abs(Math.cos(off)) < NOTHING || first === second) return angle;
  return folded(best + Math.atan2(Math.sin(off) * Math.exp(-(first - second) * time), Math.cos(off)) / RADIAN);
}

const percent = (part, whole) => `${decimal((100 * part) / whole, part > 0.995 * whole && part < whole ? 1 : 0)} %`;

export function inWords({ numbers, round, centred, learning, least }) {
  const { kept, lost, total: whole, first, second, angle, best } = numbers;
  if (whole < NOTHING) return "All points lie on one another: there is nothing to keep and nothing to lose.";
  if (round) return `Every line keeps ${decimal(kept, 2)} of ${decimal(whole, 2)}: _λ_₁ = _λ_₂, so no direction is the first.`;
  const away = Math.abs(turnTo(best, angle));
  if (away < SAME && centred) {
    return `No line keeps more: ${decimal(kept, 2)} of ${decimal(whole, 2)}, ${percent(kept, whole)}.`
      + ` It is also the line that loses least, ${decimal(lost, 2)}.`;
  }
  if (away < SAME) {
    const turned = decimal(Math.abs(turnTo(best, least.angle)), 0);
    return `No line through 0 loses less than ${decimal(lost, 2)}.`
      + ` Through the mean the best line, turned by ${turned}°, loses ${decimal(least.lost, 2)}.`;
  }
  if (90 - away < SAME) {
    const most = `every other line ${centred ? "" : "through 0 "}keeps more than ${decimal(second, 2)}`;
    return learning ? `The learning stands still, though ${most}: this is a saddle of its loss.` : `Here ${most}: this is the worst line.`;
  }
  const which = centred ? "This line" : "Through 0, this line";
  return `${which} keeps ${decimal(kept, 2)} of ${decimal(whole, 2)}, ${percent(kept, whole)};`
    + ` the best one keeps ${decimal(first, 2)}, ${percent(first, whole)}.`;
}
