/* Pictures drawn in the colour of the ink, so that they keep to the theme: the darker, the more ink. */

import { element, shape } from "../kit/elements.js";
import { clamp } from "../kit/numbers.js";

const STEPS = 8;
const inkOf = (pixel) => clamp((pixel + 1) / 2, 0, 1);

/* One picture with its name below: set(pixels, name). */
export function picture(parent, { label, role, size }) {
  const box = element(parent, "figure", { "data-role": role, style: "margin: 0; min-width: 0" });
  const svg = shape(box, "svg", { role: "img", "aria-label": label, width: size, height: size, "shape-rendering": "crispEdges" });
  svg.setAttribute("style", "display: block; max-width: 100%; box-sizing: content-box; border: 2px solid var(--role); border-radius: 4px");
  const name = element(box, "figcaption", { class: "explorer-label", style: "font-size: 0.8438rem; line-height: 1.3; color: var(--role-text); margin: 0" });
  const squares = shape(svg, "g", { fill: "var(--ink)" });
  return {
    set(pixels, words) {
      const side = Math.round(Math.sqrt(pixels.length));
      svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
      if (squares.childElementCount !== pixels.length) {
        squares.replaceChildren();
        pixels.forEach((_, k) => shape(squares, "rect", { x: k % side, y: Math.floor(k / side), width: 1, height: 1 }));
      }
      pixels.forEach((each, k) => squares.children[k].setAttribute("fill-opacity", inkOf(each).toFixed(3)));
      name.textContent = words;
      svg.setAttribute("aria-label", `${label}: ${words}`);
    },
  };
}

/* Many pictures at once, in STEPS shades: set([{ pixels, x, y, size }, …]), places in pixels of the page. */
export function sheet(parent) {
  const layers = Array.from({ length: STEPS }, (_, k) => shape(parent, "path", {
    fill: "var(--ink)", "fill-opacity": (k + 1) / STEPS, "shape-rendering": "crispEdges",
  }));
  return {
    set(pictures) {
      const texts = layers.map(() => []);
      for (const { pixels, x, y, width, height } of pictures) {
        const side = Math.round(Math.sqrt(pixels.length));
        const [across, down] = [width / side, height / side];
        for (let row = 0; row < side; row += 1) drawRow(texts, pixels.subarray(row * side, (row + 1) * side), x, y + row * down, across, down);
      }
      layers.forEach((each, k) => each.setAttribute("d", texts[k].join("")));
    },
  };
}

/* Neighbours of one shade are one rectangle. */
function drawRow(texts, pixels, x, y, across, down) {
  const shades = Array.from(pixels, (each) => Math.round(STEPS * inkOf(each)));
  for (let from = 0, to = 0; from < shades.length; from = to) {
    for (to = from + 1; to < shades.length && shades[to] === shades[from]; to += 1);
    if (shades[from] === 0) continue;
    const [left, right] = [x + from * across, x + to * across];
    texts[shades[from] - 1].push(`M${left.toFixed(1)} ${y.toFixed(1)}H${right.toFixed(1)}V${(y + down).toFixed(1)}H${left.toFixed(1)}Z`);
  }
}
