/* The maps of a small SAGAN, as they are stored: an image in sixteen greys, and queries and keys of its 8×8 places.
 *
 *   β[j, i] = exp s[j, i] / Σ_k exp s[j, k],   s[j, i] = Σ_c scale_c² q[c, j] k[c, i],   q and k whole numbers of eight bits
 *
 * Pictures stand one after the other in Base64: two greys to a byte, the first one in its upper half; a picture's queries
 * before its keys, channel by channel. */

export const SIDE = 8;
export const PLACES = SIDE * SIDE;
export const PIXELS = 32;
export const GREYS = 15;

/* The picture with this number: its greys (1024), from 0 for empty paper to 15 for ink, and its table (64 × 64, row by row). */
export function readMap({ images, scales, levels }, which) {
  const [bytes, marks] = [atob(images), atob(levels)];
  const greys = Uint8Array.from({ length: PIXELS * PIXELS }, (_, k) => {
    const pair = bytes.charCodeAt((which * PIXELS * PIXELS + k) >> 1);
    return k % 2 ? pair & 15 : pair >> 4;
  });
  const channels = scales[which].length;
  const level = (part, c, place) => (marks.charCodeAt(((which * 2 + part) * channels + c) * PLACES + place) << 24) >> 24;
  const table = new Float64Array(PLACES * PLACES);
  for (let j = 0; j < PLACES; j += 1) {
    const row = table.subarray(j * PLACES, (j + 1) * PLACES);
    scales[which].forEach((scale, c) => row.forEach((_, i) => { row[i] += scale ** 2 * level(0, c, j) * level(1, c, i); }));
    const top = Math.max(...row);
    row.forEach((score, i) => { row[i] = Math.exp(score - top); });
    const sum = row.reduce((all, each) => all + each, 0);
    row.forEach((each, i) => { row[i] = each / sum; });
  }
  return { greys, table };
}

export const rowOf = (table, j) => table.subarray(j * PLACES, (j + 1) * PLACES);

/* What all places together give to each: the mean of the rows. */
export function meanRow(table) {
  const mean = new Float64Array(PLACES);
  table.forEach((each, k) => { mean[k % PLACES] += each / PLACES; });
  return mean;
}

/* How many places count: e to the entropy of a row, 64 where all are asked alike. */
export function countOf(row) {
  return Math.exp(-row.reduce((sum, each) => sum + (each > 0 ? each * Math.log(each) : 0), 0));
}

/* The same for each place that asks, on average. */
export function meanCount(table) {
  let sum = 0;
  for (let j = 0; j < PLACES; j += 1) sum += countOf(rowOf(table, j));
  return sum / PLACES;
}

/* How much ink each place of an image holds, 0 to 1, and the quarter of the places that hold most, the first ones among equals. */
export function inkOf(greys) {
  const wide = PIXELS / SIDE;
  const sums = new Float64Array(PLACES);
  greys.forEach((each, k) => { sums[Math.floor(k / PIXELS / wide) * SIDE + Math.floor((k % PIXELS) / wide)] += each; });
  const most = [...sums.keys()].sort((one, other) => sums[other] - sums[one] || one - other).slice(0, PLACES / 4);
  return { ink: sums.map((each) => each / GREYS / wide ** 2), most };
}
