/* The Hungarian algorithm for n × n costs, by shortest augmenting paths in O(n³).
 *
 *   min over permutations s of Σ_i cost[i n + s(i)];   assigned(cost, n)[i] = s(i)
 *
 * Prices u_i + v_j ≤ c_ij are kept, with equality where i and j are a pair. Each row is added by the shortest path, in reduced
 * costs, to a column that is still free (Kuhn 1955; in this form Jonker and Volgenant 1987). Column n is where a row waits.
 */

export function assigned(cost, n) {
  const [rowPrices, columnPrices] = [new Float64Array(n), new Float64Array(n + 1)];
  const rowOf = new Int32Array(n + 1).fill(-1);
  const before = new Int32Array(n);
  const least = new Float64Array(n);
  const used = new Uint8Array(n + 1);
  for (let row = 0; row < n; row += 1) {
    rowOf[n] = row;
    least.fill(Infinity);
    used.fill(0);
    let column = n;
    while (rowOf[column] >= 0) {
      used[column] = 1;
      const from = rowOf[column];
      let [gap, next] = [Infinity, -1];
      for (let j = 0; j < n; j += 1) {
        if (used[j]) continue;
        const reduced = cost[from * n + j] - rowPrices[from] - columnPrices[j];
        if (reduced < least[j]) [least[j], before[j]] = [reduced, column];
        if (least[j] < gap) [gap, next] = [least[j], j];
      }
      for (let j = 0; j <= n; j += 1) {
        if (used[j]) {
          rowPrices[rowOf[j]] += gap;
          columnPrices[j] -= gap;
        } else if (j < n) least[j] -= gap;
      }
      column = next;
    }
    for (; column !== n; column = before[column]) rowOf[column] = rowOf[before[column]];
    rowOf[n] = -1;
  }
  const columnOf = new Int32Array(n);
  for (let j = 0; j < n; j += 1) columnOf[rowOf[j]] = j;
  return columnOf;
}

/* W₁ between two clouds of equally many points of the plane: the mean length of the best pairs. */
export function assignmentDistance(x, y) {
  const n = x.length / 2;
  const cost = new Float64Array(n * n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) cost[i * n + j] = Math.hypot(x[2 * i] - y[2 * j], x[2 * i + 1] - y[2 * j + 1]);
  }
  return assigned(cost, n).reduce((sum, j, i) => sum + cost[i * n + j], 0) / n;
}
