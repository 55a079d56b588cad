/* The GAN game on the line: two laws, the best discriminator between them, and the reader's own.
 *
 *   V(D) = ∫ p log D + q log(1 − D),    D* = p / (p + q),    V(D*) = 2 JS(p, q) − 2 log 2,
 *   V(D*) − V(D) = ∫ (p + q) KL(Bern D* ‖ Bern D)   so that   ½V(D) + log 2  +  ½ deficit  =  JS(p, q).
 *
 * The three terms of the last line are computed each by its own integral: the bars meet because the identity holds.
 *
 * D is a value at each point of GRID, joined by straight lines; FINE is where the integrals are taken, since log D
 * bends sharply where a hand drew D down to the axis.
 */

const DOMAIN = [-6, 6];
const STEPS = 4;
const GRID = linspace(...DOMAIN, 801);
const FINE = linspace(...DOMAIN, 800 * STEPS + 1);
const CENTRES = [-4.5, 4.5, 0.1];
const WIDTHS = [0.45, 1.5, 0.01];
const WEIGHTS = [0, 0.9, 0.01];
const EDGE = 1e-6;
const BY_HAND = [0.005, 0.995];
const LAWS = ["real", "generated"];
const PARTS = ["mean", "second_mean", "width", "second_weight"];
const TRAITS = [...LAWS.flatMap((law) => PARTS.map((part) => `${law}_${part}`)), "discriminator"];

function logDensity({ mean, second_mean, width, second_weight }) {
  const parts = (x) => [
    Math.log(1 - second_weight) + logGaussian(x, mean, width),
    Math.log(second_weight) + logGaussian(x, second_mean, width),
  ];
  return normalised(FINE.map((x) => logSum(parts(x))), FINE);
}

/* Everything that is drawn or printed, from the two laws and the drawn D. */
function play(real, generated, drawn) {
  const [logP, logQ] = [logDensity(real), logDensity(generated)];
  const [p, q] = [logP.map(Math.exp), logQ.map(Math.exp)];
  const logBest = FINE.map((_, i) => -softplus(logQ[i] - logP[i]));
  const logRest = FINE.map((_, i) => -softplus(logP[i] - logQ[i]));
  const own = joined(drawn, FINE);
  const [logD, logNot] = [own.map(Math.log), own.map((d) => Math.log1p(-d))];
  const loss = FINE.map((_, i) => Math.max(0, p[i] * (logBest[i] - logD[i]) + q[i] * (logRest[i] - logNot[i])));
  const gain = FINE.map((_, i) => p[i] * logD[i] + q[i] * logNot[i]);
  const apart = FINE.map((_, i) => p[i] * (logBest[i] + Math.LN2) + q[i] * (logRest[i] + Math.LN2));
  const [value, deficit, js] = [integral(gain, FINE), integral(loss, FINE), integral(apart, FINE) / 2];
  const numbers = { value, deficit, bound: value / 2 + Math.LN2, half_deficit: deficit / 2, js };
  const onGrid = (values) => values.filter((_, i) => i % STEPS === 0);
  return { p: onGrid(p), q: onGrid(q), best: onGrid(logBest).map(Math.exp), loss: onGrid(loss), numbers };
}

function inWords({ bound, half_deficit, js }) {
  const nats = (value) => decimal(value, 2);
  if (js < 0.002) {
    return bound < -0.002
      ? `The two laws are the same, and your _D_ pays ${nats(half_deficit)} nats for seeing a difference.`
      : "The two laws are the same, and your _D_ rightly says one half wherever there is something to see.";
  }
  if (half_deficit < 0.0005) return `Your _D_ is as good as any can be: it certifies all ${nats(js)} nats.`;
  if (bound < 0.0005) {
    const below = bound < -0.0005 ? `its bound, ${nats(bound)}, lies below zero` : "its bound is zero";
    return `Your _D_ certifies nothing: ${below}, while the two laws are ${nats(js)} nats apart.`;
  }
  if (nats(bound) === nats(js)) return `Your _D_ certifies nearly all of the ${nats(js)} nats that separate the two laws.`;
  return `Your _D_ certifies ${nats(bound)} of the ${nats(js)} nats that separate the two laws.`;
}

/* The state of the explorer, read from the traits of the Python class. */
function readState(model) {
  const law = (name) => Object.fromEntries(PARTS.map((part) => [part, model.get(`${name}_${part}`)]));
  const discriminator = joined(model.get("discriminator"), GRID).map((d) => clamp(d, EDGE, 1 - EDGE));
  return { real: law("real"), generated: law("generated"), discriminator };
}

/* The same traits again, for Python. */
function traits(state) {
  const values = { discriminator: Array.from(state.discriminator, (d) => Number(d.toFixed(6))) };
  for (const law of LAWS) for (const part of PARTS) values[`${law}_${part}`] = state[law][part];
  return values;
}

/* One law: its filled curve, two handles, and its two sliders. */
function buildLaw(page, state, top, side, law, symbol, who) {
  const read = () => state[law];
  let heights = {};
  const fill = area(top, { role: law });
  const line = curve(top, { role: law });
  const name = note(top, { role: law, lift: 14 });
  const box = group(side, { title: `_${symbol}_, ${who}`, role: law });
  const peak = (which, words) => handle(top, {
    role: law,
    label: `${words} of ${symbol}, ${who}`,
    x: CENTRES,
    y: [0, 1, 0.02],
    straight: true,
    move: ([x, y]) => page.change(() => {
      read()[which] = x;
      /* Pulling a peak up makes the law narrower: the height of a mode is its weight / (width √(2π)). */
      const { mean, second_mean, second_weight } = read();
      const weight = which === "mean" ? 1 - second_weight : second_weight;
      const rest = (1 - weight) * Math.exp(logGaussian(second_mean, mean, read().width));
      if (Math.abs(y - heights[which]) < 1e-9) return;
      read().width = clamp(weight / (Math.sqrt(2 * Math.PI) * Math.max(0.05, y - rest)), WIDTHS[0], WIDTHS[1]);
    }),
  });
  const peaks = { mean: peak("mean", "Peak"), second_mean: peak("second_mean", "Second peak") };
  const width = slider(page, box, {
    label: "width", name: `width of ${symbol}, ${who}`, role: law, min: WIDTHS[0], max: WIDTHS[1], step: WIDTHS[2],
    input: (value) => { read().width = value; },
  });
  const weight = slider(page, box, {
    label: "second peak", name: `second peak of ${symbol}, ${who}`, role: law, min: WEIGHTS[0], max: WEIGHTS[1],
    step: WEIGHTS[2], input: (value) => { read().second_weight = value; },
  });
  return (density, other) => {
    const now = read();
    const height = (x) => density[Math.round(((x - DOMAIN[0]) / (DOMAIN[1] - DOMAIN[0])) * (GRID.length - 1))];
    heights = { mean: height(now.mean), second_mean: height(now.second_mean) };
    fill.set(GRID, density);
    line.set(GRID, density);
    for (const [which, each] of Object.entries(peaks)) {
      each.set(now[which], heights[which], `centre ${decimal(now[which], 2)}, width ${decimal(now.width, 2)}`);
    }
    peaks.second_mean.show(now.second_weight > 0);
    const outer = now.mean < other.mean || (now.mean === other.mean && law === "real") ? "end" : "start";
    name.set(now.mean, heights.mean, `_${symbol}_, ${law}`, outer);
    width.set(now.width);
    weight.set(now.second_weight, now.second_weight > 0 ? decimal(100 * now.second_weight, 0) + " %" : "none");
  };
}

/* The sum ½V + log 2 + ½ deficit = JS as three bars on one axis, each beside its number. */
function buildSum(page) {
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "Bound plus half the deficit is the Jensen–Shannon divergence", height: 109, top: 4,
    x: { domain: [-0.1, 0.8], ticks: [], name: "nats" }, y: { domain: [0, 3] },
  });
  const zero = rule(bars, {});
  const most = rule(bars, { role: "quiet" });
  const bound = band(bars, { role: "third", strong: true });
  const half = band(bars, { role: "third" });
  const whole = rule(bars, { dashed: true });
  const edge = rule(bars, { dashed: true });
  const rows = [
    readout(side, { label: "bound ½_V_(_D_) + log 2", quantity: "bound", mark: "strong", role: "third" }),
    readout(side, { label: "+ half the deficit", quantity: "half_deficit", mark: "pale", role: "third" }),
    readout(side, { label: "= JS(_p_, _q_)", quantity: "js", mark: "dashed" }),
  ];
  side.classList.add("explorer-sum");
  const limits = [0.1, 0.25, 0.5, 1, 2, 4, 8, 14];
  return ({ numbers }) => {
    const lowest = -roundLimit(-Math.min(numbers.bound, 0), limits);
    const few = { 0.1: [0, 0.2, 0.4], 0.25: [-0.2, 0, 0.2, 0.4], 0.5: [-0.4, -0.2, 0, 0.2, 0.4] };
    const ticks = few[-lowest] ?? [lowest, lowest / 2, 0];
    if (lowest > -8) ticks.push([Math.LN2, "log 2"]);
    bars.rescale("x", [lowest, 0.75], ticks);
    zero.set(0, 0, 0, 3);
    most.set(Math.LN2, 0, Math.LN2, 3);
    bound.set(0, 2.82, numbers.bound, 2.18);
    half.set(numbers.bound, 1.82, numbers.js, 1.18);
    whole.set(0, 0.5, numbers.js, 0.5);
    edge.set(numbers.js, 0, numbers.js, 3);
    [numbers.bound, numbers.half_deficit, numbers.js].forEach((value, index) => rows[index].set(value));
  };
}

function buildButtons(page, state, side) {
  const glide = (target) => {
    const start = Float64Array.from(state.discriminator);
    page.animate((share) => {
      state.discriminator = start.map((from, i) => (share === 1 ? target[i] : from + share * (target[i] - from)));
    });
  };
  const first = readState(page.model);
  const best = () => play(state.real, state.generated, state.discriminator).best;
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Make _D_ optimal", press: () => glide(best().map((d) => clamp(d, EDGE, 1 - EDGE))) });
  button(page, bar, { label: "_D_ = ½", press: () => glide(GRID.map(() => 0.5)) });
  button(page, bar, {
    label: "Reset",
    press: () => {
      page.change(() => LAWS.forEach((law) => Object.assign(state[law], first[law])));
      glide(first.discriminator);
    },
  });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "gan_game", title: "The GAN game",
    instruction: "Move the two laws by their peaks, then draw your own _D_ over the dashed one. How close can you get?",
  });
  const state = readState(model);
  const x = { domain: DOMAIN, ticks: [-6, -4, -2, 0, 2, 4, 6], name: "_x_" };

  const [laws, choice, cost] = [page.row(), page.row(), page.row()];
  const top = chart(page, laws.plot, {
    label: "The two densities", height: 200, x,
    y: { domain: [0, 0.95], ticks: [0, 0.3, 0.6, 0.9], name: "density" },
  });
  const drawLaws = [
    buildLaw(page, state, top, laws.side, "real", "p", "the real law"),
    buildLaw(page, state, top, laws.side, "generated", "q", "the generated law"),
  ];

  const middle = chart(page, choice.plot, {
    label: "The discriminator", height: 210, x,
    y: { domain: [0, 1], ticks: [0, [0.5, "½"], 1], name: "_D_(_x_): how sure that _x_ is real" },
  });
  const own = curve(middle, { role: "third", label: "_D_" });
  const best = curve(middle, { role: "ink", dashed: true, label: "_D_*" });
  freehand(middle, {
    role: "third", label: "Your D", grid: GRID, range: BY_HAND,
    read: () => state.discriminator, write: (values) => { state.discriminator = values; },
  });
  element(choice.side, "p", { class: "explorer-hint" },
    "Draw across the picture. By keyboard: Tab to the curve, ←\u00a0→ choose a point, ↑\u00a0↓ move it.");
  buildButtons(page, state, choice.side);
  const value = readout(choice.side, { label: "game value _V_(_D_)", quantity: "value", mark: "line", role: "third" });

  const bottom = chart(page, cost.plot, {
    label: "What D loses at each x", height: 120, x,
    y: { domain: [0, 0.2], ticks: [0, 0.2], name: "what _D_ loses at _x_" },
  });
  const loss = area(bottom, { role: "third" });
  const lossLine = curve(bottom, { role: "third" });
  element(cost.side, "p", { class: "explorer-hint" }, "This area is what _D_ leaves on the table.");
  const deficit = readout(cost.side, {
    label: "deficit _V_(_D_*) − _V_(_D_)", quantity: "deficit", mark: "pale", role: "third",
  });

  const drawSum = buildSum(page);
  const words = sentence(page, page.root);

  page.draws(() => {
    const now = play(state.real, state.generated, state.discriminator);
    drawLaws[0](now.p, state.generated);
    drawLaws[1](now.q, state.real);
    best.set(GRID, now.best);
    own.set(GRID, state.discriminator);
    const limit = roundLimit(Math.max(...now.loss), [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]);
    bottom.rescale("y", [0, limit], [0, limit]);
    loss.set(GRID, now.loss);
    lossLine.set(GRID, now.loss);
    value.set(now.numbers.value);
    deficit.set(now.numbers.deficit);
    drawSum(now);
    words.set(inWords(now.numbers));
    page.publish({ domain: DOMAIN, ...state, discriminator: Array.from(state.discriminator) });
  });
  page.saves(() => traits(state));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
