/* Four critics of one shape, 1–16–16–1, and how each is kept from becoming steep while it climbs
 *
 *   mean f(real) − mean f(generated)   [− λ mean (|f′(x̂)| − 1)²,   x̂ between a real and a generated point]
 *
 * All points at every step, Adam, ascending. The dice are seeded: the same start gives the same run.
 */

const WIDTHS = [1, 16, 16, 1];
const CRITICS = {
  affine: { name: "affine", activation: "none", constraint: "clip" },
  clipped: { name: "clipped", activation: "relu", constraint: "clip" },
  penalty: { name: "gradient penalty", activation: "relu", constraint: "penalty" },
  spectral: { name: "spectral norm", activation: "relu", constraint: "spectral" },
};
const KINDS = Object.keys(CRITICS);
const KINKS = 3;
const BETAS = [0.5, 0.99];
const RATE = 0.01;
/* Steps since something else was moved, after which the rate is half of what it was. */
const HALVED = 200;
/* With clipping the box is the only unit of length that the weights have. */
const SHARE_OF_BOX = 0.05;

/* Mulberry32: uniform numbers in [0, 1) from a 32-bit seed. */
function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const blank = () => WIDTHS.slice(1).map((rows, l) => ({
  rows, columns: WIDTHS[l], weight: new Float64Array(rows * WIDTHS[l]), bias: new Float64Array(rows),
}));
const arrays = (layers) => layers.flatMap(({ weight, bias }) => [weight, bias]);

/* A critic before its first step: the kinks of the first layer spread over the line, the later weights as He et al. draw
 * them, uniform within ±√(6 / inputs), so that the slope starts in many pieces. */
function newCritic(kind, { seed, activation, clip_bound: bound }) {
  const random = dice(1000 * seed + 17 * KINDS.indexOf(kind));
  const layers = blank();
  layers.forEach(({ weight, bias, columns }, l) => weight.forEach((_, k) => {
    if (l > 0) weight[k] = (2 * random() - 1) * Math.sqrt(6 / columns);
    else {
      weight[k] = random() < 0.5 ? -1 : 1;
      bias[k] = (-weight[k] * KINKS * (2 * random() - 1)) / (kind === "spectral" ? 4 : 1);
    }
  }));
  const { constraint } = CRITICS[kind];
  if (constraint === "clip") clip(layers, bound);
  return {
    kind, constraint, activation: kind === "spectral" ? activation : CRITICS[kind].activation,
    layers, random, steps: 0, since: 0, between: [], first: blank(), second: blank(),
  };
}

/* The same weights before another task: Adam forgets, and its rate is whole again. */
function renew(critic) {
  Object.assign(critic, { since: 0, first: blank(), second: blank() });
}

function clip(layers, bound) {
  for (const values of arrays(layers)) values.forEach((each, k) => { values[k] = clamp(each, -bound, bound); });
}

/* The network that scores: with spectral norm every matrix over its largest singular value. */
function networkOf({ layers, activation, constraint }) {
  if (constraint !== "spectral") return { layers, activation };
  const hard = layers.map((layer) => {
    const found = largest(layer);
    return { ...layer, ...found, weight: layer.weight.map((each) => each / found.sigma) };
  });
  return { layers: hard, activation };
}

/* Random points on the segments between pairs: matched, left to right, or thrown together as in the paper. */
function drawBetween(random, real, generated, pairs) {
  const [xs, ys] = [real, generated].map((each) => [...each].sort((one, other) => one - other));
  if (pairs === "random") {
    for (let k = ys.length - 1; k > 0; k -= 1) {
      const other = Math.floor(random() * (k + 1));
      [ys[k], ys[other]] = [ys[other], ys[k]];
    }
  }
  return xs.map((x, k) => {
    const share = random();
    return share * x + (1 - share) * ys[k];
  });
}

/* The derivatives of what the critic climbs, for the weights that are trained. */
function gradientsOf(critic, real, generated, { penalty, sided }) {
  const network = networkOf(critic);
  const gradients = blank();
  for (const x of real) accumulate(gradients, trace(network, x), 1 / real.length, 0);
  for (const y of generated) accumulate(gradients, trace(network, y), -1 / generated.length, 0);
  for (const x of critic.between) {
    const traced = trace(network, x);
    const excess = sided === "one" ? Math.max(0, Math.abs(traced.slope) - 1) : Math.abs(traced.slope) - 1;
    accumulate(gradients, traced, 0, (-2 * penalty * excess * Math.sign(traced.slope)) / critic.between.length);
  }
  if (critic.constraint === "spectral") gradients.forEach((each, l) => throughNorm(each.weight, network.layers[l]));
  return gradients;
}

/* From ∂/∂(W/σ) to ∂/∂W, in place: σ moves with W too, by u vᵀ. */
function throughNorm(gradient, { weight, sigma, u, v, columns }) {
  const along = gradient.reduce((sum, each, k) => sum + each * weight[k], 0);
  gradient.forEach((each, k) => {
    gradient[k] = (each - along * u[Math.floor(k / columns)] * v[k % columns]) / sigma;
  });
}

/* One step of Adam upwards, then the box. */
function climb(critic, real, generated, settings) {
  const { clip_bound: bound, pairs } = settings;
  const isPenalised = critic.constraint === "penalty";
  critic.between = isPenalised ? drawBetween(critic.random, real, generated, pairs) : [];
  const gradients = arrays(gradientsOf(critic, real, generated, settings));
  const [first, second, weights] = [critic.first, critic.second, critic.layers].map(arrays);
  const rate = (critic.constraint === "clip" ? SHARE_OF_BOX * bound : RATE) / (1 + critic.since / HALVED);
  critic.steps += 1;
  critic.since += 1;
  const [scale1, scale2] = BETAS.map((beta) => 1 - beta ** critic.since);
  gradients.forEach((gradient, which) => {
    const [mean, square, values] = [first[which], second[which], weights[which]];
    for (let k = 0; k < gradient.length; k += 1) {
      mean[k] += (1 - BETAS[0]) * (gradient[k] - mean[k]);
      square[k] += (1 - BETAS[1]) * (gradient[k] ** 2 - square[k]);
      values[k] += (rate * mean[k]) / scale1 / (Math.sqrt(square[k] / scale2) + 1e-8);
    }
  });
  if (critic.constraint === "clip") clip(critic.layers, bound);
}
