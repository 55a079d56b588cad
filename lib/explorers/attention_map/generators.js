/* The generators of the twins, as PyTorch computes them: one line of 32 places from four numbers of noise at each.
 *
 *   x = ρ(conv(ρ(conv([noise, place]))))          channels one after the other, places within a channel
 *   β[j, i] = exp s[j, i] / Σ_k exp s[j, k],      s[j, i] = (W_g x_j) · (W_f x_i)
 *   y_j = x_j + γ W_v Σ_i β[j, i] W_h x_i,        line = conv(y)
 *
 * A stored array is { scale, levels }: whole numbers of eight bits in Base64, times the scale.
 */

import { dice } from "../kit/dice.js";

export const PLACES = 32;
export const NOISE = 4;
export const LATENT = NOISE * PLACES;
export const BLOCKS = [[6, 9], [22, 25]];
export const MANY = 512;
const DILATIONS = { convolutions: [1, 1, 1], attention: [1, 1, 1], "wide convolutions": [1, 3, 9] };

export function readArray({ scale, levels }) {
  const bytes = atob(levels);
  return Float64Array.from(bytes, (sign) => scale * ((sign.charCodeAt(0) << 24) >> 24));
}

/* Eight waves over the places: sine and cosine of one to four periods. */
function positions() {
  const out = new Float64Array(8 * PLACES);
  for (let j = 0; j < PLACES; j += 1) {
    const angle = (2 * Math.PI * (j + 0.5)) / PLACES;
    for (let k = 0; k < 4; k += 1) {
      out[2 * k * PLACES + j] = Math.sin((k + 1) * angle);
      out[(2 * k + 1) * PLACES + j] = Math.cos((k + 1) * angle);
    }
  }
  return out;
}

/* A generator of this arm, ready to run; γ is 0 where there is no attention, or where its gate is shut. */
export function readGenerator(arm, weights, shut = false) {
  const read = Object.fromEntries(Object.entries(weights).map(([name, each]) => [name, readArray(each)]));
  const attentive = "attention.gamma" in read;
  const gamma = attentive && !shut ? read["attention.gamma"][0] : 0;
  return { arm, read, attentive, gamma, dilations: DILATIONS[arm], positions: positions() };
}

/* Three taps, `step` apart, zeros around; with `bend`, cut off below 0. */
export function convolved(values, weight, bias, step, bend) {
  const [columns, rows] = [values.length / PLACES, bias.length];
  const out = new Float64Array(rows * PLACES);
  for (let r = 0; r < rows; r += 1) {
    const at = r * PLACES;
    out.fill(bias[r], at, at + PLACES);
    for (let c = 0; c < columns; c += 1) {
      for (let tap = 0; tap < 3; tap += 1) {
        const [w, shift] = [weight[(r * columns + c) * 3 + tap], (tap - 1) * step];
        const [from, to] = [Math.max(0, -shift), Math.min(PLACES, PLACES - shift)];
        for (let j = from, i = c * PLACES + from + shift; j < to; j += 1, i += 1) out[at + j] += w * values[i];
      }
    }
  }
  if (bend) for (let k = 0; k < out.length; k += 1) if (!(out[k] > 0)) out[k] = 0;
  return out;
}

/* W x at each place, W row after row. */
export function mixed(values, weight) {
  const columns = values.length / PLACES;
  const out = new Float64Array((weight.length / columns) * PLACES);
  for (let r = 0; r * columns < weight.length; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const w = weight[r * columns + c];
      for (let j = 0; j < PLACES; j += 1) out[r * PLACES + j] += w * values[c * PLACES + j];
    }
  }
  return out;
}

/* Row j: what place j gives to each place. The largest score of a row is taken away first, so that nothing overflows. */
export function tableOf(features, query, key) {
  const [asks, has] = [mixed(features, query), mixed(features, key)];
  const out = new Float64Array(PLACES * PLACES);
  const row = new Float64Array(PLACES);
  for (let j = 0; j < PLACES; j += 1) {
    row.fill(0);
    for (let at = 0; at < asks.length; at += PLACES) for (let i = 0; i < PLACES; i += 1) row[i] += asks[at + j] * has[at + i];
    const top = Math.max(...row);
    let sum = 0;
    for (let i = 0; i < PLACES; i += 1) sum += (row[i] = Math.exp(row[i] - top));
    for (let i = 0; i < PLACES; i += 1) out[j * PLACES + i] = row[i] / sum;
  }
  return out;
}

/* What each place hears, means of values in the row's weights: (channels, places). */
export function heard(table, values) {
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += PLACES) {
    for (let j = 0; j < PLACES; j += 1) {
      let sum = 0;
      for (let i = 0; i < PLACES; i += 1) sum += table[j * PLACES + i] * values[at + i];
      out[at + j] = sum;
    }
  }
  return out;
}

/* The features before the last convolution, and whom the places ask (null where nobody asks). */
export function looked({ read, attentive, dilations, positions: places }, noise) {
  const entering = new Float64Array(noise.length + places.length);
  entering.set(noise);
  entering.set(places, noise.length);
  const inner = convolved(entering, read["body.0.weight"], read["body.0.bias"], dilations[0], true);
  const features = convolved(inner, read["body.2.weight"], read["body.2.bias"], dilations[1], true);
  const table = attentive ? tableOf(features, read["attention.query.weight"], read["attention.key.weight"]) : null;
  return { features, table };
}

/* One line from 128 numbers of noise. */
export function painted(generator, noise) {
  const { read, gamma, dilations } = generator;
  const { features, table } = looked(generator, noise);
  if (gamma !== 0) {
    const news = mixed(heard(table, mixed(features, read["attention.value.weight"])), read["attention.output.weight"]);
    for (let k = 0; k < features.length; k += 1) features[k] += gamma * news[k];
  }
  return { line: convolved(features, read["last.weight"], read["last.bias"], dilations[2], false), table };
}

/* How many places to either side an output sees: all of them, where somebody is asked and heard. */
export function reach({ gamma, dilations }) {
  return gamma !== 0 ? PLACES : dilations[0] + dilations[1] + dilations[2];
}

/* Noise for many lines, 128 numbers each: channel after channel. */
export function noiseOf(seed, count = MANY) {
  const random = dice(seed);
  return Array.from({ length: count }, () => Float64Array.from({ length: LATENT }, () => random.normal()));
}

/* The same noise, but for the four numbers of one place of each line, which are drawn anew. */
export function redrawn(noise, places, seed) {
  const random = dice(seed);
  return noise.map((each, k) => {
    const next = each.slice();
    for (let c = 0; c < NOISE; c += 1) next[c * PLACES + places[k]] = random.normal();
    return next;
  });
}
