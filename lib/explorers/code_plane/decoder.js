/* The decoder, the real pictures, and how far an image is from them.
 *
 *   image(z) = output(W_L between(… between(W_1 z + b_1) …) + b_L),   distance = min_i ‖image(z) − x_i‖
 *
 * Pixels lie in [−1, 1]; n images lie one after the other in one Float64Array. A code lies in a hole where its image is
 * farther from every real picture than 95 of 100 real pictures are from their nearest other.
 */

import { activation } from "../kit/activations.js";
import { forward } from "../kit/networks.js";
import { decimal } from "../kit/numbers.js";

const SIGNS = "0123456789abcdefg";
export const SIDE = 20;

/* The pictures as numbers, and what real pictures are to one another. */
export function readPictures(pictures) {
  const pixels = pictures[0].length;
  const real = new Float64Array(pictures.length * pixels);
  pictures.forEach((text, i) => [...text].forEach((sign, k) => { real[i * pixels + k] = SIGNS.indexOf(sign) / 8 - 1; }));
  const sorted = pictures.map((_, i) => nearestTo(real, pixels, real.subarray(i * pixels, (i + 1) * pixels), i).distance);
  sorted.sort((one, other) => one - other);
  return { real, pixels, side: Math.round(Math.sqrt(pixels)), typical: quantile(sorted, 0.5), far: quantile(sorted, 0.95) };
}

export const pictureAt = ({ real, pixels }, index) => real.subarray(index * pixels, (index + 1) * pixels);

/* A quantile of sorted numbers, linear between neighbours. */
function quantile(sorted, share) {
  const at = share * (sorted.length - 1);
  const below = Math.min(sorted.length - 2, Math.floor(at));
  return sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]);
}

/* The real picture nearest to an image; `but` is left out. */
function nearestTo(real, pixels, image, but = -1) {
  let [index, least] = [-1, Infinity];
  for (let i = 0, start = 0; start < real.length; i += 1, start += pixels) {
    if (i === but) continue;
    let sum = 0;
    for (let k = 0; k < pixels && sum < least; k += 1) sum += (image[k] - real[start + k]) ** 2;
    if (sum < least) [index, least] = [i, sum];
  }
  return { index, distance: Math.sqrt(least) };
}

export const nearest = ({ real, pixels }, image) => nearestTo(real, pixels, image);

/* A model of the trait, ready to run. */
export function readModel({ name, codes, deviations, layers, between, output }) {
  const ready = layers.map(({ rows, columns, weight, bias }) => (
    { rows, columns, weight: Float64Array.from(weight), bias: Float64Array.from(bias) }));
  const box = [0, 1].map((axis) => {
    const along = codes.map((each) => each[axis]);
    const [low, high] = [Math.min(...along), Math.max(...along)];
    return high > low ? [low, high] : [low - 1, low + 1];
  });
  return { name, codes, deviations, network: { layers: ready, between }, output, box };
}

/* The images of codes [[z1, z2], …], one after the other. */
export function decode({ network, output }, codes) {
  const { outputs } = forward(network, Float64Array.from(codes.flat()));
  return activation(output, network.layers[network.layers.length - 1].rows).value(outputs);
}

/* The middles of `count` × `count` cells that fill the box of the codes, row by row from its top. */
export function cells({ box: [[left, right], [low, high]] }, count) {
  const middle = (from, to, k) => from + ((k + 0.5) / count) * (to - from);
  return Array.from({ length: count * count }, (_, k) => (
    [middle(left, right, k % count), middle(high, low, Math.floor(k / count))]));
}

/* A grid of codes: their images, and how far each is from the nearest real picture. */
export function decodeGrid(model, pictures, count) {
  const codes = cells(model, count);
  const images = decode(model, codes);
  const { pixels } = pictures;
  const distances = codes.map((_, k) => nearest(pictures, images.subarray(k * pixels, (k + 1) * pixels)).distance);
  return { count, codes, images, distances, holes: distances.filter((each) => each > pictures.far).length };
}

/* α times the first and 1 − α times the second: of the pictures, and of their codes. */
export function blends(model, pictures, { first, second }, alpha) {
  const mix = (one, other) => Array.from(one, (each, k) => alpha * each + (1 - alpha) * other[k]);
  const pixels = mix(pictureAt(pictures, first), pictureAt(pictures, second));
  const code = mix(model.codes[first], model.codes[second]);
  const image = decode(model, [code]);
  return { pixels, code, image, byPixels: nearest(pictures, pixels), byCode: nearest(pictures, image) };
}

/* The place in another box that corresponds to `code` in this one. */
export function carried(code, from, to) {
  return code.map((each, axis) => {
    const share = (each - from[axis][0]) / (from[axis][1] - from[axis][0]);
    return to[axis][0] + share * (to[axis][1] - to[axis][0]);
  });
}

export const aDigit = (label) => `${label === 8 ? "an" : "a"} ${label}`;

export function inWords({ distance, typical, far, label }) {
  const print = (value) => decimal(value, 2);
  const start = `This image is ${print(distance)} away from the nearest real digit, ${aDigit(label)}`;
  if (distance > far) return `${start}; of the real ones, 95 in 100 have another within ${print(far)}: the code lies in a hole.`;
  if (distance > typical) return `${start}, farther than a real one typically is from its nearest other, ${print(typical)}.`;
  return `${start}, no farther than a real one typically is from its nearest other, ${print(typical)}.`;
}
