/* Exact optimal transport between a few points: the plan, and potentials in the middle of all optimal ones. */

import { inner, total } from "../kit/numbers.js";

export const NOTHING = 1e-12;

const NORMS = {
  1: (x, y) => Math.abs(x) + Math.abs(y),
  2: Math.hypot,
  inf: (x, y) => Math.max(Math.abs(x), Math.abs(y)),
};

export const distances = (from, to, norm) => from.map(([x, y]) => to.map(([u, v]) => NORMS[norm](x - u, y - v)));
export const costOf = (plan, cost) => total(plan.map((row, i) => inner(row, cost[i])));

/* The cheapest plan by successive shortest paths: mass goes from where it is left over to where it is missing, each time
 * along the cheapest path, which may take back what an earlier one has sent. */
function cheapestPlan(cost, p, q) {
  const plan = cost.map((row) => row.map(() => 0));
  const [left, missing] = [[...p], [...q]];
  for (let round = 0; round < 1000 && Math.max(...left) > NOTHING; round += 1) {
    const route = cheapestRoute(cost, plan, left, missing);
    const mass = Math.min(left[route[0]], missing[route[route.length - 1]],
      ...route.slice(2).flatMap((i, at) => (at % 2 === 0 ? plan[i][route[at + 1]] : [])));
    route.slice(1).forEach((to, at) => {
      if (at % 2 === 0) plan[route[at]][to] += mass;
      else plan[to][route[at]] -= mass;
    });
    left[route[0]] -= mass;
    missing[route[route.length - 1]] -= mass;
  }
  return plan.map((row) => row.map((mass) => (mass > NOTHING ? mass : 0)));
}

/* Bellman and Ford: row, column, row, …, column, from a row with mass left to a column that misses some. */
function cheapestRoute(cost, plan, left, missing) {
  const rows = left.map((mass) => ({ far: mass > NOTHING ? 0 : Infinity, from: null }));
  const columns = missing.map(() => ({ far: Infinity, from: null }));
  const relax = (node, far, from) => {
    if (far >= node.far - NOTHING) return false;
    Object.assign(node, { far, from });
    return true;
  };
  for (let round = 0, moved = true; moved && round < rows.length + columns.length; round += 1) {
    moved = false;
    rows.forEach((row, i) => columns.forEach((column, j) => {
      if (relax(column, row.far + cost[i][j], i)) moved = true;
      if (plan[i][j] > NOTHING && relax(row, column.far - cost[i][j], j)) moved = true;
    }));
  }
  const ends = columns.map((column, j) => (missing[j] > NOTHING ? column.far : Infinity));
  const route = [ends.indexOf(Math.min(...ends))];
  for (let side = columns; side[route[0]].from !== null; side = side === columns ? rows : columns) {
    route.unshift(side[route[0]].from);
  }
  return route;
}

/* Among equally cheap plans one without circles, in which at most n + m − 1 pairs move mass. Round a circle mass can be
 * shifted until one of its pairs moves none; that costs nothing, since all of them have slack 0. */
export function withoutCircles(plan) {
  for (let circle = findCircle(plan); circle; circle = findCircle(plan)) {
    const least = Math.min(...circle.filter((_, k) => k % 2 === 1).map(([i, j]) => plan[i][j]));
    circle.forEach(([i, j], k) => {
      const mass = plan[i][j] + (k % 2 === 1 ? -least : least);
      plan[i][j] = mass > NOTHING ? mass : 0;
    });
  }
  return plan;
}

/* The pairs of a circle, one after the other: row and column of a pair that are joined already by others. */
function findCircle(plan) {
  const trees = plan.map(() => []);
  const route = (i, j, before) => trees[i].reduce((found, to) => {
    if (found || to === before) return found;
    if (to === j) return [[i, to]];
    for (let next = 0; next < plan.length; next += 1) {
      if (next === i || !trees[next].includes(to)) continue;
      const rest = route(next, j, to);
      if (rest) return [[i, to], [next, to], ...rest];
    }
    return null;
  }, null);
  for (let i = 0; i < plan.length; i += 1) {
    for (let j = 0; j < plan[i].length; j += 1) {
      if (plan[i][j] === 0) continue;
      const rest = route(i, j, -1);
      if (rest) return [[i, j], ...rest.reverse()];
      trees[i].push(j);
    }
  }
  return null;
}

/* Optimal potentials: distances in the residual graph (Floyd and Warshall) from any one point are some; their average
 * over all points is one in the middle of all, where a slack is zero only if it is zero in every optimal pair. */
function potentials(cost, plan) {
  const [n, m] = [cost.length, cost[0].length];
  const far = Array.from({ length: n + m }, (_, u) => Array.from({ length: n + m }, (__, v) => {
    if (u === v) return 0;
    if (u < n && v >= n) return cost[u][v - n];
    return u >= n && v < n && plan[v][u - n] > NOTHING ? -cost[v][u - n] : Infinity;
  }));
  for (let by = 0; by < n + m; by += 1) {
    for (const row of far) for (let v = 0; v < n + m; v += 1) row[v] = Math.min(row[v], row[by] + far[by][v]);
  }
  const mean = far[0].map((_, v) => total(far.map((row) => row[v])) / (n + m));
  return { f: mean.slice(0, n).map((each) => mean[0] - each), g: mean.slice(n).map((each) => each - mean[0]) };
}

export function solve(cost, p, q) {
  const plan = withoutCircles(cheapestPlan(cost, p, q));
  return { plan, ...potentials(cost, plan), primal: costOf(plan, cost) };
}
