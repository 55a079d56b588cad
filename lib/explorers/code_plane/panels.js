/* Beside and below the plane: the two pictures, the bar of their distance, and the way between two digits. */

import { chart, mark } from "../kit/chart.js";
import { readout } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { element, shape } from "../kit/elements.js";
import { band, curve, note, rule } from "../kit/marks.js";
import { decimal, linspace, roundLimit } from "../kit/numbers.js";
import { aDigit, blends, pictureAt } from "./decoder.js";
import { picture, sheet } from "./images.js";

const LIMITS = [2, 4, 6, 8, 10, 12, 16, 24, 40, 80, 160];
const COLUMNS = linspace(0, 1, 9);
const ALPHAS = linspace(0, 1, 41);

/* Two pictures side by side. */
function pair(parent, left, right) {
  const box = element(parent, "div", { style: "display: grid; grid-template-columns: repeat(2, minmax(0, 7rem)); gap: 0.8rem" });
  return [left, right].map((each) => picture(box, { size: 100, ...each }));
}

/* What the decoder makes at the cursor, and the real digit nearest to it. */
export function buildPictures(parent) {
  const [made, real] = pair(parent, { label: "decoded image", role: "generated" }, { label: "nearest real digit", role: "real" });
  return ({ image, seen, pictures, labels }) => {
    made.set(image, "decoded");
    real.set(pictureAt(pictures, seen.index), `nearest real: ${aDigit(labels[seen.index])}`);
  };
}

/* How far the image is from it, and what real digits are to one another. */
export function buildBar(page) {
  const { plot, side } = page.row();
  const bar = chart(page, plot, {
    label: "Distance of the decoded image from the nearest real digit", height: 104, left: 12, top: 26,
    x: { domain: [0, 8], ticks: [0] }, y: { domain: [0, 1], name: ["from the decoded image to the nearest real digit, in pixels", "to the nearest real digit, in pixels"] },
  });
  const zero = rule(bar, {});
  const drawn = band(bar, { role: "generated", strong: true });
  const levels = [rule(bar, { dashed: true }), rule(bar, { dashed: true })];
  const words = ["median", "95 %"].map((text) => [text, note(bar, { role: "ink" })]);
  const rows = [
    readout(side, { label: "decoded to nearest real", quantity: "distance", mark: "strong", role: "generated" }),
    readout(side, { label: "real to nearest, median", quantity: "typical", mark: "dashed" }),
    readout(side, { label: "real to nearest, 95 %", quantity: "far", mark: "dashed" }),
    readout(side, { label: "of 400 codes, in holes", quantity: "holes", digits: 0 }),
  ];
  side.classList.add("explorer-sum");
  return ({ seen, pictures, holes }) => {
    const most = roundLimit(1.05 * Math.max(seen.distance, pictures.far), LIMITS);
    bar.rescale("x", [0, most], [0, most / 2, most]);
    zero.set(0, 0, 0, 1);
    drawn.set(0, 0.55, seen.distance, 0.1);
    [pictures.typical, pictures.far].forEach((each, k) => {
      levels[k].set(each, 0, each, 1);
      words[k][1].set(each + 0.012 * most, 0.68, words[k][0], "start");
    });
    [seen.distance, pictures.typical, pictures.far, holes].forEach((value, k) => rows[k].set(value));
  };
}

/* Nine steps from the second digit to the first: pixels blended above, codes blended below. */
export function buildStrips(page) {
  const { plot, side } = page.row();
  const strips = chart(page, plot, {
    label: "Nine steps from the second digit to the first", height: (width) => (2 * width) / 9 + 2, left: 12, right: 26,
    x: { domain: [-1 / 16, 17 / 16], ticks: [0, 0.25, 0.5, 0.75, 1], name: "_α_" },
    y: { domain: [0, 2], name: ["above, the pixels blended; below, the image of the blended codes", "pixels blended, codes blended"] },
  });
  const now = band(strips, { role: "quiet" });
  const frame = shape(strips.plot, "g");
  const images = sheet(frame);
  let drawn = "";
  const both = mark(strips, frame, (key, model, pictures, ends) => {
    if (drawn === `${key} ${strips.width}`) return;
    drawn = `${key} ${strips.width}`;
    const [width, height] = [strips.width / 9, strips.height / 2];
    images.set([...COLUMNS].flatMap((alpha, k) => {
      const { pixels, image } = blends(model, pictures, ends, alpha);
      const at = { x: (k + 0.04) * width, width: 0.92 * width, height: 0.92 * height };
      return [{ ...at, pixels: Float64Array.from(pixels), y: 0.04 * height }, { ...at, pixels: image, y: 1.04 * height }];
    }));
  });
  const [above, below] = pair(side, { label: "pixels blended", role: "third" }, { label: "codes blended", role: "generated" });
  return {
    side,
    draw: ({ model, pictures, blend, which, ends, alpha }) => {
      both.set([which, ends.first, ends.second], model, pictures, ends);
      now.set(alpha - 1 / 16, 0, alpha + 1 / 16, 2);
      above.set(blend.pixels, "pixels blended");
      below.set(blend.image, "codes blended");
    },
  };
}

/* How far both are from the nearest real digit, all the way. */
export function buildWay(page, state) {
  const { plot, side } = page.row();
  const way = chart(page, plot, {
    label: "Distance of both blends from the nearest real digit", height: 176, left: 24, right: 62,
    x: { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] },
    y: { domain: [0, 8], ticks: [], name: ["from each blend to the nearest real digit, in pixels", "to the nearest real digit"] },
  });
  const typical = curve(way, { role: "ink", dashed: true });
  const far = curve(way, { role: "ink", dashed: true });
  for (const each of [typical, far]) each.node.style.strokeWidth = "1.25";
  const byPixels = curve(way, { role: "third", label: ["pixels", "pixels"] });
  const byCode = curve(way, { role: "generated", label: ["codes", "codes"] });
  const now = rule(way, { role: "quiet" });
  const knob = handle(way, { role: "generated", label: "Blend", x: [0, 1, 0.05], move: ([alpha]) => page.change(() => { state.alpha = alpha; }) });
  const rows = [
    readout(side, { label: "pixels blended, to nearest", quantity: "by_pixels", mark: "line", role: "third" }),
    readout(side, { label: "codes blended, to nearest", quantity: "by_codes", mark: "line", role: "generated" }),
  ];
  let [key, values] = ["", [[], []]];
  return ({ model, pictures, blend, which, ends, alpha }) => {
    if (key !== `${[which, ends.first, ends.second]}`) {
      key = `${[which, ends.first, ends.second]}`;
      const all = Array.from(ALPHAS, (each) => blends(model, pictures, ends, each));
      values = [all.map((each) => each.byPixels.distance), all.map((each) => each.byCode.distance)];
    }
    const most = roundLimit(1.08 * Math.max(pictures.far, ...values.flat()), LIMITS);
    way.rescale("y", [0, most], [0, most / 2, most]);
    typical.set([0, 1], [pictures.typical, pictures.typical]);
    far.set([0, 1], [pictures.far, pictures.far]);
    byPixels.set(ALPHAS, values[0]);
    byCode.set(ALPHAS, values[1]);
    now.set(alpha, 0, alpha, most);
    knob.set(alpha, blend.byCode.distance, `alpha ${decimal(alpha, 2)}`);
    rows[0].set(blend.byPixels.distance);
    rows[1].set(blend.byCode.distance);
  };
}
