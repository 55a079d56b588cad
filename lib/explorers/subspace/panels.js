/* The three pictures: the cloud with its line, the variance as bars, and what every angle keeps. */

import { chart, mark } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { area, band, curve, note, points, rule } from "../kit/marks.js";
import { decimal, linspace, roundLimit } from "../kit/numbers.js";
import { PLANE } from "./clouds.js";
import { buildHolding, buildTurning } from "./hands.js";
import { RADIAN, folded, keptAt } from "./line.js";

const LIMITS = [0.2, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 40];
const DEGREES = linspace(0, 180, 181);

/* Dots in a role, somewhat smaller where there is little room: set([[x, y], …]). */
function spots(plane, role, radius) {
  const node = shape(plane.plot, "g", { "data-role": role });
  return mark(plane, node, (pairs) => {
    while (node.childElementCount > pairs.length) node.lastChild.remove();
    while (node.childElementCount < pairs.length) shape(node, "circle", { class: "explorer-spot" });
    pairs.forEach(([x, y], index) => {
      node.children[index].setAttribute("cx", plane.sx(x));
      node.children[index].setAttribute("cy", plane.sy(y));
      node.children[index].setAttribute("r", plane.wide() ? radius : 0.75 * radius);
    });
  });
}

/* Where a ray from a point of the plane leaves it: what is drawn beyond would make the page wider than a phone. */
function toEdge(centre, way) {
  const far = ["x", "y"].map((axis, k) => (way[k] ? (PLANE[axis][way[k] > 0 ? 1 : 0] - centre[k]) / way[k] : Infinity));
  return centre.map((each, k) => each + Math.min(...far) * way[k]);
}

/* The cloud: points, their reconstructions on the line, the way from each to its own, and the best line, dashed. */
export function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "The points, the line, and their reconstructions on it", height: (width) => 0.75 * width, left: 28, right: 12,
    top: 26, x: { domain: PLANE.x, ticks: [0, 2, 4, 6] },
    y: { domain: PLANE.y, ticks: [-2, 0, 2, 4],
      name: ["points _x_, and their reconstructions _x̃_ on the line", "points _x_, reconstructions _x̃_"] },
  });
  const axes = [rule(plane, { role: "quiet" }), rule(plane, { role: "quiet" })];
  for (const each of axes) each.node.style.opacity = "0.45";
  const ways = shape(plane.plot, "path", { class: "explorer-rule", "data-role": "quiet" });
  ways.style.opacity = "0.7";
  const residuals = mark(plane, ways, (from, to) => ways.setAttribute("d", from.map(([x, y], i) => (
    `M${plane.sx(x).toFixed(1)} ${plane.sy(y).toFixed(1)}L${plane.sx(to[i][0]).toFixed(1)} ${plane.sy(to[i][1]).toFixed(1)}`)).join("")));
  const best = curve(plane, { role: "ink", dashed: true });
  const line = curve(plane, { role: "third" });
  const dots = spots(plane, "real", 3.5);
  const onLine = spots(plane, "generated", 3);
  const hold = buildHolding(page, state, plane);
  const turn = buildTurning(page, state, plane);
  const along = (centre, angle) => [-1, 1].map((way) => toEdge(centre, [way * Math.cos(angle * RADIAN), way * Math.sin(angle * RADIAN)]));
  const draw = (drawn, ends) => drawn.set(ends.map(([x]) => x), ends.map(([, y]) => y));
  return ({ centre, made, numbers, round }) => {
    axes[0].set(PLANE.x[0], 0, PLANE.x[1], 0);
    axes[1].set(0, PLANE.y[0], 0, PLANE.y[1]);
    residuals.set(state.points, made);
    best.node.style.display = round ? "none" : "";
    draw(best, along(centre, numbers.best));
    draw(line, along(centre, state.angle));
    dots.set(state.points);
    onLine.set(made);
    hold();
    turn(centre);
  };
}

/* Kept plus lost is the total: three bars on one axis, each beside its number. */
export function buildBars(page) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "What the line keeps plus what it loses is the total variance", height: 109, top: 4, right: 40,
    x: { domain: [0, 3], ticks: [0] }, y: { domain: [0, 3] },
  });
  const zero = rule(bars, {});
  const kept = band(bars, { role: "generated", strong: true });
  const lost = band(bars, { role: "quiet", strong: true });
  const whole = band(bars, { role: "real", strong: true });
  const edges = [rule(bars, { dashed: true }), rule(bars, { dashed: true })];
  const rows = [
    readout(side, { label: "kept, by _x̃_ on the line", quantity: "kept", mark: "strong", role: "generated" }),
    readout(side, { label: "+ lost, from _x_ to _x̃_", quantity: "lost", mark: "strong", role: "quiet" }),
    readout(side, { label: "= total, of the points _x_", quantity: "total", mark: "strong", role: "real" }),
  ];
  side.classList.add("explorer-sum");
  return ({ numbers }) => {
    const most = roundLimit(1.02 * numbers.total, LIMITS);
    bars.rescale("x", [0, most], [0, most / 2, most]);
    zero.set(0, 0, 0, 3);
    kept.set(0, 2.82, numbers.kept, 2.18);
    lost.set(numbers.kept, 1.82, numbers.kept + numbers.lost, 1.18);
    whole.set(0, 0.82, numbers.total, 0.18);
    edges[0].set(numbers.kept, 1.18, numbers.kept, 2.82);
    edges[1].set(numbers.total, 0.18, numbers.total, 1.82);
    [numbers.kept, numbers.lost, numbers.total].forEach((value, index) => rows[index].set(value));
  };
}

/* What the line keeps at every angle, between the two eigenvalues. */
export function buildCurve(page, state) {
  const { plot, side } = page.row();
  const angles = chart(page, plot, {
    label: "The variance kept, over the angle of the line", height: 190, right: 40,
    x: { domain: [0, 180], ticks: [0, 45, 90, 135, 180].map((each) => [each, `${each}°`]) },
    y: { domain: [0, 3], ticks: [], name: ["kept, for every angle of the line", "kept, at every angle"] },
  });
  const filled = area(angles, { role: "generated" });
  const levels = [["total", "quiet", "total"], ["first", "ink", "_λ_₁"], ["second", "ink", "_λ_₂"]].map(([name, role, label]) => {
    const level = curve(angles, { role, dashed: true, label });
    level.node.style.strokeWidth = "1.25";
    return [name, level];
  });
  const drawn = curve(angles, { role: "generated" });
  const now = [rule(angles, { role: "generated" }), rule(angles, { role: "quiet" })];
  for (const each of now) each.node.style.strokeWidth = "4";
  const ends = points(angles, { role: "ink", radius: 3.5 });
  const words = [note(angles, { role: "ink", lift: -20 }), note(angles, { role: "ink", lift: 10 })];
  for (const each of words) each.node.classList.add("explorer-price");
  const knobbed = handle(angles, {
    role: "third", label: "Angle on the curve", x: [0, 180, 1], move: ([angle]) => page.change(() => { state.angle = angle; }),
  });
  const rows = [
    readout(side, { label: "_λ_₁: no line keeps more", quantity: "first", mark: "dashed" }),
    readout(side, { label: "_λ_₂: no line keeps less", quantity: "second", mark: "dashed" }),
    readout(side, { label: "angle of the best line", quantity: "best", mark: "dashed", digits: 1 }),
  ];
  return ({ numbers, round }) => {
    const most = roundLimit(1.02 * numbers.total, LIMITS);
    angles.rescale("y", [0, most], [0, most / 2, most]);
    const values = DEGREES.map((each) => keptAt(each, numbers));
    filled.set(DEGREES, values);
    drawn.set(DEGREES, values);
    for (const [name, level] of levels) level.set([0, 180], [numbers[name], numbers[name]]);
    now[0].set(numbers.angle, 0, numbers.angle, numbers.kept);
    now[1].set(numbers.angle, numbers.kept, numbers.angle, numbers.total);
    const worst = folded(numbers.best + 90);
    ends.set(round ? [] : [[numbers.best, numbers.first], [worst, numbers.second]]);
    words[0].set(numbers.best, numbers.first, round ? "" : "best");
    words[1].set(worst, numbers.second, round ? "" : "worst");
    for (const each of words) each.node.style.display = round ? "none" : "";
    knobbed.set(numbers.angle, numbers.kept, `${decimal(numbers.angle, 0)} degrees`);
    rows[0].set(numbers.first);
    rows[1].set(numbers.second);
    rows[2].set(numbers.best, round ? "none" : `${decimal(numbers.best, 1)}°`);
  };
}
