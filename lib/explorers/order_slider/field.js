/* A smooth field behind a chart: from −1 in one hue through nothing to 1 in another. Strengths are written into two masks,
 * so that the hues stay those of the theme. */

import { mark } from "../kit/chart.js";
import { shape } from "../kit/elements.js";

let count = 0;

/* What one sign of the field is, as a picture whose opacity is its strength: columns[i][j] at the i-th x, the j-th y. */
function opacities(columns, sign, most) {
  const [width, height] = [columns.length, columns[0].length];
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(width, height);
  columns.forEach((column, i) => column.forEach((each, j) => {
    image.data[4 * ((height - 1 - j) * width + i) + 3] = Math.round(255 * most * Math.max(0, sign * each));
  }));
  pen.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function box(node, left, top, right, bottom) {
  for (const [key, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) node.setAttribute(key, value);
}

/* set(columns, xs, ys), or set(null): the values at the places xs and ys, whose ends are the corners of the field. */
export function field(chart, { most = 0.6 }) {
  const group = shape(chart.plot, "g");
  const layers = [["generated", -1], ["real", 1]].map(([role, sign]) => {
    count += 1;
    const id = `explorer-field-${count}-${Math.random().toString(36).slice(2)}`;
    const mask = shape(group, "mask", { id, style: "mask-type: alpha", maskUnits: "userSpaceOnUse" });
    const picture = shape(mask, "image", { preserveAspectRatio: "none" });
    const ground = shape(group, "rect", { "data-role": role, fill: "var(--role)", mask: `url(#${id})` });
    return { sign, boxes: [mask, ground], picture };
  });
  let shown = null;
  return mark(chart, group, (columns, xs, ys) => {
    group.style.display = columns ? "" : "none";
    if (!columns) return;
    const [left, right, top, bottom] = [...[xs[0], xs[xs.length - 1]].map(chart.sx), ...[ys[ys.length - 1], ys[0]].map(chart.sy)];
    /* Values stand in the middle of pixels, half a pixel beyond the corners. */
    const [across, down] = [(right - left) / (2 * (xs.length - 1)), (bottom - top) / (2 * (ys.length - 1))];
    for (const { sign, boxes, picture } of layers) {
      if (columns !== shown) picture.setAttribute("href", opacities(columns, sign, most));
      boxes.forEach((each) => box(each, left, top, right, bottom));
      box(picture, left - across, top - down, right + across, bottom + down);
    }
    shown = columns;
  });
}
