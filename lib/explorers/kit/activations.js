/* What stands between two layers, for many vectors at once: rows of `columns` numbers, one after the other.
 *
 *   value(h, columns)        ρ(h)
 *   push(h, v, columns)      ρ′(h) v, forwards along a direction v
 *   pull(h, v, columns)      ρ′(h)ᵀ v, backwards; the same as push except where ρ sorts
 *   bend(h)                  ρ″(h), or null where ρ is straight between its kinks
 *
 * At a kink each takes the side that PyTorch takes. "leaky_relu" has slope 0.2 below 0; "maxmin" orders pairs of
 * neighbours, the larger first, and "groupsort_4" groups of four (any number that divides the width).
 */

import { sigmoid, softplus } from "./numbers.js";

const LEAK = 0.2;

const NONE = { value: (h) => h, push: (_, v) => v, pull: (_, v) => v, bend: () => null };

/* Smooth: by value, slope and bend at one number. */
function smooth(value, slope, bend) {
  const push = (h, v) => {
    const out = new Float64Array(h.length);
    for (let k = 0; k < h.length; k += 1) out[k] = slope(h[k]) * v[k];
    return out;
  };
  return { value: (h) => h.map(value), push, pull: push, bend: (h) => h.map(bend) };
}

/* Straight on both sides of 0. */
function bent(below) {
  const push = (h, v) => {
    const out = new Float64Array(h.length);
    for (let k = 0; k < h.length; k += 1) out[k] = h[k] > 0 ? v[k] : below * v[k];
    return out;
  };
  return { value: (h) => push(h, h), push, pull: push, bend: () => null };
}

/* Sorted, largest first, within groups of `size`; equal ones keep their order. */
function sorted(size) {
  const order = (h) => {
    const from = Array.from(h, (_, k) => k);
    for (let start = 0; start < h.length; start += size) {
      const group = from.slice(start, start + size).sort((one, other) => h[other] - h[one] || one - other);
      group.forEach((each, k) => { from[start + k] = each; });
    }
    return from;
  };
  const push = (h, v) => Float64Array.from(order(h), (from) => v[from]);
  const pull = (h, v) => {
    const out = new Float64Array(h.length);
    order(h).forEach((from, to) => { out[from] = v[to]; });
    return out;
  };
  return { value: (h) => push(h, h), push, pull, bend: () => null };
}

/* Pairs, without sorting: where the second is larger the two are swapped, and swapped back. */
function maxmin() {
  const push = (h, v) => {
    const out = new Float64Array(h.length);
    for (let k = 0; k < h.length; k += 1) out[k] = h[k & ~1] >= h[k | 1] ? v[k] : v[k ^ 1];
    return out;
  };
  return { value: (h) => push(h, h), push, pull: push, bend: () => null };
}

const KNOWN = {
  identity: NONE,
  relu: bent(0),
  leaky_relu: bent(LEAK),
  tanh: smooth(Math.tanh, (h) => 1 - Math.tanh(h) ** 2, (h) => -2 * Math.tanh(h) * (1 - Math.tanh(h) ** 2)),
  sigmoid: smooth(sigmoid, (h) => sigmoid(h) * sigmoid(-h), (h) => sigmoid(h) * sigmoid(-h) * (1 - 2 * sigmoid(h))),
  softplus: smooth(softplus, sigmoid, (h) => sigmoid(h) * sigmoid(-h)),
  maxmin: maxmin(),
};

/* The activation of this name; an error for a name that none has, or for groups that do not fill `width`. */
export function activation(name, width) {
  const size = name === "maxmin" ? 2 : Number(/^groupsort_(\d+)$/.exec(name)?.[1] ?? 1);
  if (width % size !== 0) throw new Error(`activation: got ${name} for ${width} units, expected a multiple of ${size}.`);
  if (KNOWN[name]) return KNOWN[name];
  if (!name.startsWith("groupsort_") || size < 2) {
    throw new Error(`activation: got "${name}", expected ${Object.keys(KNOWN).join(", ")} or groupsort_4.`);
  }
  KNOWN[name] = sorted(size);
  return KNOWN[name];
}
