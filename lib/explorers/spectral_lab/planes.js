/* A plane with the unit circle or its image in it: what the first and the third view are made of. */

import { chart, mark } from "../kit/chart.js";
import { shape } from "../kit/elements.js";
import { curve } from "../kit/marks.js";
import { times } from "./matrices.js";

const AROUND = Array.from({ length: 121 }, (_, k) => (2 * Math.PI * k) / 120);
const CIRCLE = AROUND.map((angle) => [Math.cos(angle), Math.sin(angle)]);

/* A square of the plane from −reach to reach. */
export function plane(page, parent, { label, name, reach }) {
  const made = chart(page, parent, {
    label, height: (width) => width, left: 10, right: 10, top: 28, bottom: 12,
    x: { domain: [-reach, reach], ticks: [] }, y: { domain: [-reach, reach], ticks: [], name },
  });
  made.svg.classList.add("explorer-bare");
  for (const line of [{ x1: -reach, x2: reach, y1: 0, y2: 0 }, { x1: 0, x2: 0, y1: -reach, y2: reach }]) {
    const node = shape(made.plot, "line", { class: "explorer-grid" });
    mark(made, node, () => {
      const at = { x1: made.sx(line.x1), x2: made.sx(line.x2), y1: made.sy(line.y1), y2: made.sy(line.y2) };
      for (const [key, value] of Object.entries(at)) node.setAttribute(key, value);
    }).set();
  }
  return made;
}

/* The image of the unit circle under a matrix: set(matrix). */
export function ellipse(made, { role, dashed = false, filled = false }) {
  const veil = filled ? shape(made.plot, "path", { class: "explorer-area", "data-role": role }) : null;
  const line = curve(made, { role, dashed });
  line.node.style.strokeWidth = dashed ? "1.25px" : "1.75px";
  const filling = veil && mark(made, veil, () => veil.setAttribute("d", `${line.node.getAttribute("d")}Z`));
  return {
    node: line.node,
    set(matrix) {
      const points = CIRCLE.map((each) => times(matrix, each));
      line.set(points.map(([x]) => x), points.map(([, y]) => y));
      filling?.set();
    },
  };
}

/* A straight stroke from one point to another, with a head where it is an arrow: set(from, to). */
export function stroke(made, { role, width = 2.25, dashed = false, head = false }) {
  const group = shape(made.plot, "g", { "data-role": role });
  const line = shape(group, "line", { class: `explorer-curve${dashed ? " explorer-dashed" : ""}`, "data-role": role });
  line.style.strokeWidth = `${width}px`;
  const tip = head ? shape(group, "path", { class: "explorer-spot", "data-role": role }) : null;
  const self = mark(made, group, (from, to) => {
    const [[x1, y1], [x2, y2]] = [from, to].map(([x, y]) => [made.sx(x), made.sy(y)]);
    for (const [key, value] of Object.entries({ x1, y1, x2, y2 })) line.setAttribute(key, value);
    if (!tip) return;
    const length = Math.hypot(x2 - x1, y2 - y1);
    const [ex, ey] = length > 0 ? [(x2 - x1) / length, (y2 - y1) / length] : [0, 0];
    const size = Math.min(11, length);
    const corner = (side) => `${x2 - size * ex + side * 0.45 * size * ey} ${y2 - size * ey - side * 0.45 * size * ex}`;
    tip.setAttribute("d", length > 0 ? `M${x2} ${y2}L${corner(1)}L${corner(-1)}Z` : "");
  });
  self.show = (visible) => { group.style.display = visible ? "" : "none"; };
  return self;
}
