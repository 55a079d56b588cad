/* Fourteen convex functions f on u >= 0, and the straight lines below them.
 *
 *   slope(u) = f′(u),   end = f′(∞),   cost(u) = f*(f′(u)) = u f′(u) − f(u),
 *   f*(t) = sup over u >= 0 of ut − f(u), finite for t < end, and at the end itself where the row is `closed`.
 *
 * The place where a line of slope t touches f is searched for on f′; no formula for f* is needed, and none is believed. */

const { log, log1p, sqrt } = Math;
const LOG2 = Math.LN2;
const SHARE = 0.3; /* π of the weighted Jensen–Shannon */
const mixed = (u) => 1 - SHARE + SHARE * u;

/* u times something that is infinite at u = 0. */
const product = (u, other) => (u === 0 ? 0 : u * other);

export const ROWS = {
  "total variation": {
    name: "total variation", formula: "½|_u_ − 1|", end: 0.5, closed: true,
    f: (u) => Math.abs(u - 1) / 2, slope: (u) => Math.sign(u - 1) / 2, cost: (u) => Math.sign(u - 1) / 2,
  },
  kl: {
    name: "KL", formula: "_u_ log _u_", end: Infinity,
    f: (u) => product(u, log(u)), slope: (u) => 1 + log(u), cost: (u) => u,
  },
  "reverse kl": {
    name: "reverse KL", formula: "−log _u_", end: 0,
    f: (u) => -log(u), slope: (u) => -1 / u, cost: (u) => log(u) - 1,
  },
  pearson: {
    name: "Pearson", formula: "(_u_ − 1)²", end: Infinity,
    f: (u) => (u - 1) ** 2, slope: (u) => 2 * (u - 1), cost: (u) => u ** 2 - 1,
  },
  neyman: {
    name: "Neyman", formula: "(_u_ − 1)² / _u_", end: 1, closed: true,
    f: (u) => (u - 1) ** 2 / u, slope: (u) => 1 - 1 / u ** 2, cost: (u) => 2 - 2 / u,
  },
  "squared hellinger": {
    name: "squared Hellinger", formula: "(√_u_ − 1)²", end: 1,
    f: (u) => (sqrt(u) - 1) ** 2, slope: (u) => 1 - 1 / sqrt(u), cost: (u) => sqrt(u) - 1,
  },
  jeffrey: {
    name: "Jeffrey", formula: "(_u_ − 1) log _u_", end: Infinity,
    f: (u) => (u - 1) * log(u), slope: (u) => log(u) + 1 - 1 / u, cost: (u) => u - 1 + log(u),
  },
  "jensen-shannon": {
    name: "Jensen–Shannon", formula: "½ _u_ log _u_ − ½ (1 + _u_) log ((1 + _u_) / 2)", end: LOG2 / 2,
    f: (u) => (product(u, LOG2 - log1p(1 / u)) - log1p(u) + LOG2) / 2,
    slope: (u) => (LOG2 - log1p(1 / u)) / 2, cost: (u) => (log1p(u) - LOG2) / 2,
  },
  "twice jensen-shannon": {
    name: "twice JS", formula: "_u_ log _u_ − (1 + _u_) log ((1 + _u_) / 2)", end: LOG2,
    f: (u) => product(u, LOG2 - log1p(1 / u)) - log1p(u) + LOG2,
    slope: (u) => LOG2 - log1p(1 / u), cost: (u) => log1p(u) - LOG2,
  },
  gan: {
    name: "GAN", formula: "_u_ log _u_ − (1 + _u_) log (1 + _u_)", end: 0,
    f: (u) => product(u, -log1p(1 / u)) - log1p(u), slope: (u) => -log1p(1 / u), cost: (u) => log1p(u),
  },
  "weighted jensen-shannon": {
    name: "weighted JS, π = 0.3", formula: "0.3 _u_ log _u_ − _m_ log _m_ with _m_ = 0.7 + 0.3 _u_", end: -SHARE * log(SHARE),
    f: (u) => product(SHARE * u, log(u)) - mixed(u) * log(mixed(u)),
    slope: (u) => SHARE * log(u / mixed(u)), cost: (u) => (1 - SHARE) * log(mixed(u)),
  },
  alpha: {
    name: "alpha, α = 1.5", formula: "(_u_ √_u_ − 1.5 _u_ + 0.5) / 0.75", end: Infinity,
    f: (u) => (u * sqrt(u) - 1.5 * u + 0.5) / 0.75, slope: (u) => 2 * (sqrt(u) - 1), cost: (u) => (u * sqrt(u) - 1) / 1.5,
  },
  "softened kl": {
    name: "softened KL", formula: "(1 + _u_) log ((1 + _u_) / 2)", end: Infinity,
    f: (u) => (1 + u) * (log1p(u) - LOG2), slope: (u) => 1 + log1p(u) - LOG2, cost: (u) => u - log1p(u) + LOG2,
  },
  "softened reverse kl": {
    name: "softened reverse KL", formula: "(1 + _u_) log ((1 + _u_) / 2_u_)", end: -LOG2, closed: true,
    f: (u) => (1 + u) * (log1p(1 / u) - LOG2), slope: (u) => (u === 0 ? -Infinity : log1p(1 / u) - LOG2 - 1 / u),
    cost: (u) => LOG2 - 1 - log1p(1 / u),
  },
};

/* Where a line of slope t touches f: [from, to], at one place in most rows; null where every such line cuts f. */
export function touching(row, t) {
  if (t > row.end || (t === row.end && !row.closed)) return null;
  if (row === ROWS["total variation"]) return t === 0.5 ? [1, Infinity] : t > -0.5 ? [1, 1] : [0, t === -0.5 ? 1 : 0];
  if (t === row.end) return [Infinity, Infinity];
  if (t <= row.slope(0)) return [0, 0];
  let [low, high] = [-60, 60];
  for (let round = 0; round < 70; round += 1) {
    const middle = (low + high) / 2;
    if (row.slope(Math.exp(middle)) < t) low = middle;
    else high = middle;
  }
  const u = Math.exp((low + high) / 2);
  return [u, u];
}

export function conjugate(row, t) {
  const touch = touching(row, t);
  if (!touch) return Infinity;
  const [u] = touch;
  return Number.isFinite(u) ? u * t - row.f(u) : row.cost(u);
}
