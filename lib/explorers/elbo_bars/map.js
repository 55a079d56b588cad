/* The bound over the plane (μ, log s): shaded by height, with a line wherever the gap is one of LEVELS. */

import { mark } from "../kit/chart.js";
import { shape } from "../kit/elements.js";

export const LEVELS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16];
/* How strong the colour is at most a level away; the shades lie on one another, each adds what is missing. */
const STRENGTHS = [0.9, 0.74, 0.6, 0.47, 0.35, 0.25, 0.16, 0.08];
const ADDED = STRENGTHS.map((each, k) => 1 - (1 - each) / (1 - (STRENGTHS[k + 1] ?? 0)));

/* set(xs, ys, values): values[j][i] is the gap at (xs[i], ys[j]). */
export function landscape(chart, { role }) {
  const layers = ADDED.map((strength) => shape(chart.plot, "path", {
    "data-role": role, style: `fill: var(--role); fill-opacity: ${strength}`, "shape-rendering": "crispEdges",
  }));
  const lines = shape(chart.plot, "path", { class: "explorer-rule", "data-role": "ink", fill: "none", style: "opacity: 0.4" });
  let [drawn, size] = [null, ""];
  return mark(chart, lines, (xs, ys, values) => {
    if (values === drawn && size === `${chart.width} ${chart.height}`) return;
    [drawn, size] = [values, `${chart.width} ${chart.height}`];
    layers.forEach((each, k) => each.setAttribute("d", shade(chart, xs, ys, values, LEVELS[k])));
    lines.setAttribute("d", contours(chart, xs, ys, values));
  });
}

/* The places where the gap is at most a level, row by row, from where a row passes the level to where it passes it again. */
function shade(chart, xs, ys, values, level) {
  let text = "";
  for (let j = 0; j + 1 < ys.length; j += 1) {
    const row = values[j].map((each, i) => (each + values[j + 1][i]) / 2 - level);
    const [top, bottom] = [chart.sy(ys[j + 1]).toFixed(1), chart.sy(ys[j]).toFixed(1)];
    let left = row[0] <= 0 ? xs[0] : null;
    const close = (right) => {
      text += `M${chart.sx(left).toFixed(1)} ${top}H${chart.sx(right).toFixed(1)}V${bottom}H${chart.sx(left).toFixed(1)}Z`;
      left = null;
    };
    for (let i = 0; i + 1 < xs.length; i += 1) {
      if (row[i] <= 0 === row[i + 1] <= 0) continue;
      const passed = xs[i] + (row[i] / (row[i] - row[i + 1])) * (xs[i + 1] - xs[i]);
      if (left === null) left = passed;
      else close(passed);
    }
    if (left !== null) close(xs[xs.length - 1]);
  }
  return text;
}

/* Where the values pass a level, cell by cell, in straight pieces (marching squares). */
function contours(chart, xs, ys, values) {
  const pieces = [];
  for (let j = 0; j + 1 < ys.length; j += 1) {
    for (let i = 0; i + 1 < xs.length; i += 1) {
      const around = [values[j][i], values[j][i + 1], values[j + 1][i + 1], values[j + 1][i]];
      const [least, most] = [Math.min(...around), Math.max(...around)];
      for (const level of LEVELS) {
        if (least < level && level <= most) pieces.push(...crossing(chart, xs, ys, i, j, around, level));
      }
    }
  }
  return pieces.join("");
}

/* The pieces of one level in one cell: from one side that it passes to the next. */
function crossing(chart, xs, ys, i, j, around, level) {
  const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
  const met = [];
  for (let k = 0; k < 4; k += 1) {
    const [[a, b], [c, d]] = [corners[k], corners[(k + 1) % 4]];
    const [one, other] = [around[k] - level, around[(k + 1) % 4] - level];
    if (one < 0 === other < 0) continue;
    const share = one / (one - other);
    const [x, y] = [xs[a] + share * (xs[c] - xs[a]), ys[b] + share * (ys[d] - ys[b])];
    met.push(`${chart.sx(x).toFixed(1)} ${chart.sy(y).toFixed(1)}`);
  }
  return met.flatMap((from, k) => (k % 2 === 0 ? [`M${from}L${met[k + 1]}`] : []));
}
