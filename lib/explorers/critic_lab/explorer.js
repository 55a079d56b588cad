/* The critic lab: four critics between two clouds on the line, trained in the page, beside the exact answer.
 *
 *   W₁ = max { mean f(real) − mean f(generated) | |f(x) − f(y)| ≤ |x − y| } = ∫ |F_generated − F_real|
 *
 * An affine critic and a ReLU network with clipped weights, one with a gradient penalty, one with spectral norm. All four
 * are trained at once; the reader chooses which of them is drawn.
 */

const DOMAIN = [-4, 4];
const CENTRES = [-3, 3, 0.05];
const CLUMP = [-0.5, -0.3, -0.1, 0.1, 0.3, 0.5];
const SIDES = ["real", "generated"];
const TRAITS = ["real", "generated", "critic", "clip_bound", "penalty", "pairs", "sided", "activation", "seed"];
const EXAMPLES = {
  same: { name: "same mean", real: [-1.58, 1.58], generated: [-0.25, 0.25] },
  shifted: { name: "shifted", real: [-1.6, -0.4], generated: [0.4, 1.6] },
};
const STEPS = 600;
const STEPS_A_FRAME = 8;
const KNOWN = {
  affine: "Three layers without anything between them are one straight line. Every weight is kept within ±_c_.",
  clipped: "ReLU between the layers; after each step every weight and bias is cut to [−_c_, _c_].",
  penalty: "ReLU; between real and generated points the slope is drawn towards 1, as strongly as λ says.",
  spectral: "Each matrix divided by its largest singular value, so that no layer stretches.",
};

const cloudOf = (centres) => centres.flatMap((centre) => CLUMP.map((each) => Number((centre + each).toFixed(6))));
const isExample = (state, { real, generated }) => String([state.real, state.generated]) === String([real, generated]);

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const side of SIDES) state[side] = [...state[side]];
  return state;
}

/* Everything that is drawn or printed. */
function play(state, critics) {
  const [real, generated] = SIDES.map((side) => cloudOf(state[side]));
  const best = potential(real, generated, DOMAIN);
  const all = Object.fromEntries(KINDS.map((kind) => [kind, measure(critics[kind], real, generated, DOMAIN, state.clip_bound)]));
  const chosen = all[state.critic];
  const apart = real.map((x, k) => generated[k] - x);
  return {
    best, chosen, critics: all, exact: best.exact, kind: state.critic, steps: critics[state.critic].steps,
    real, generated, between: critics[state.critic].between, isRunning: state.left > 0, activation: state.activation,
    gap: Math.abs(mean(apart)), isShift: Math.max(...apart) - Math.min(...apart) < 1e-6,
    isClipped: critics[state.critic].constraint === "clip", bound: state.clip_bound, penalty: state.penalty,
    isTrapped: state.sided === "two" && critics.penalty.steps >= 200 && turnedAway(all.penalty.network, best) > 0.1,
  };
}

/* The best critic and the chosen one, both with mean 0 over all points: a constant changes no critic's value. */
function buildCurves(page, state, parent) {
  const top = chart(page, parent, {
    label: "The exact potential and the chosen critic", height: 290, right: 44, x: { domain: DOMAIN, ticks: [] },
    y: { domain: [-2, 2], ticks: [], name: "the critic, and the best one _f_* (dashed)" },
  });
  const free = curve(top, { role: "ink", dashed: true, label: "_f_*" });
  free.node.classList.add("explorer-former");
  const node = shape(top.plot, "path", { class: "explorer-curve explorer-dashed", "data-role": "ink" });
  const forced = mark(top, node, ({ ends, slopes }, heights) => {
    const pieces = slopes.map((slope, k) => (slope === 0 ? "" : path(top, ends.slice(k, k + 2), heights.slice(k, k + 2))));
    node.setAttribute("d", pieces.map((each, k) => (k > 0 && slopes[k] && slopes[k - 1] ? each.replace("M", "L") : each)).join(""));
  });
  const drawn = curve(top, { role: "third", label: "_f_" });
  const name = top.ends.find((each) => each.curve === drawn);
  return ({ best, chosen, real, generated }) => {
    const at = (x) => {
      const k = Math.max(0, best.ends.findIndex((end) => end >= x) - 1);
      return best.values[k] + best.slopes[k] * (x - best.ends[k]);
    };
    const level = mean([...real, ...generated].map(at));
    const heights = best.values.map((each) => each - level);
    const most = roundLimit(1.15 * Math.max(...heights.map(Math.abs)), [1, 2, 3, 4, 6, 8]);
    top.rescale("y", [-most, most], [-most, 0, most]);
    free.set(best.ends, heights);
    forced.set(best, heights);
    const unit = state.scaled[state.critic] && chosen.slope > 0 ? chosen.slope : 1;
    /* Cut far outside the axes: browsers lose their way in coordinates of many digits. */
    drawn.set(chosen.ends, chosen.ends.map((x) => clamp((score(chosen.network, x) - chosen.level) / unit, -1e3, 1e3)));
    name.label = [state.scaled[state.critic] ? "_f_ ÷ _K_" : "_f_"];
  };
}

/* The two clouds on their lines; each is two clumps, and each clump has a handle. */
function buildClouds(page, state, parent, moved) {
  const lanes = chart(page, parent, {
    label: "The real and the generated points", height: 128, right: 44, top: 4,
    x: { domain: DOMAIN, ticks: [-4, -2, 0, 2, 4], name: "_x_" }, y: { domain: [0, 2], ticks: [] },
  });
  const rows = SIDES.map((side, row) => {
    const height = 1.42 - row;
    const line = rule(lanes, { role: side });
    const spots = Array.from({ length: 2 * CLUMP.length }, () => {
      const dot = shape(lanes.plot, "circle", { class: "explorer-spot", "data-role": side, r: 4 });
      return mark(lanes, dot, (x) => {
        dot.setAttribute("cx", lanes.sx(x));
        dot.setAttribute("cy", lanes.sy(height));
      });
    });
    const knobs = [0, 1].map((which) => handle(lanes, {
      role: side, label: `${side === "real" ? "Real" : "Generated"} clump ${which + 1}`, x: CENTRES,
      move: ([x]) => page.change(() => moved(() => { state[side][which] = Number(x.toFixed(4)); })),
    }));
    const name = note(lanes, { role: side });
    return { side, height, line, spots, knobs, name };
  });
  return (made) => rows.forEach(({ side, height, line, spots, knobs, name }) => {
    line.set(DOMAIN[0], height, DOMAIN[1], height);
    made[side].forEach((x, k) => spots[k].set(x));
    knobs.forEach((knob, which) => knob.set(state[side][which], height - 0.32));
    name.set(DOMAIN[0], height + 0.27, side, "start");
  });
}

function buildSide(page, state, side, lab) {
  const examples = [...Object.entries(EXAMPLES).map(([value, { name }]) => [value, name]), ["own", "as you drag them"]];
  const example = select(page, side, {
    label: "the clouds", options: examples,
    choose: (value) => value !== "own" && lab.begin({ real: [...EXAMPLES[value].real], generated: [...EXAMPLES[value].generated] }),
  });
  const bar = element(side, "div", { class: "explorer-buttons", role: "group", "aria-label": "The critic that is drawn" });
  const kinds = KINDS.map((kind) => button(page, bar, {
    label: CRITICS[kind].name, press: () => page.change(() => { state.critic = kind; }),
  }));
  const hint = element(side, "p", { class: "explorer-hint" });
  const number = (key, label, name, [min, max]) => slider(page, side, {
    label, name, min, max, step: 0.05, input: (value) => lab.moved(() => { state[key] = Number((10 ** value).toPrecision(2)); }),
  });
  const bound = number("clip_bound", "bound _c_", "clip bound c", [-2, 0]);
  const weight = number("penalty", "weight λ", "weight lambda of the penalty", [-1, 2]);
  const choice = (key, label, options) => select(page, side, { label, options, choose: (value) => lab.chosen(key, value) });
  const pairs = choice("pairs", "pairs", [["random", "random, as in the paper"], ["matched", "matched, left to right"]]);
  const sided = choice("sided", "penalised", [["two", "any slope but ±1"], ["one", "slopes beyond ±1"]]);
  const between = choice("activation", "between", [["relu", "ReLU"], ["maxmin", "MaxMin"]]);
  const numbers = element(side, "div", { class: "explorer-numbers" });
  const value = readout(numbers, { label: "value of the critic", quantity: "value", role: "third", mark: "line" });
  const theory = readout(numbers, { label: "_W_(1 + _W_ ÷ 2λ)", quantity: "theory", mark: "dashed" });
  return (made) => {
    const { critic } = state;
    example.set(Object.keys(EXAMPLES).find((key) => isExample(state, EXAMPLES[key])) ?? "own");
    kinds.forEach((each, k) => each.setAttribute("aria-pressed", String(KINDS[k] === critic)));
    write(hint, KNOWN[critic]);
    bound.set(Math.log10(state.clip_bound), String(state.clip_bound));
    weight.set(Math.log10(state.penalty), String(state.penalty));
    bound.show(made.isClipped);
    for (const each of [weight, pairs, sided]) each.show(critic === "penalty");
    between.show(critic === "spectral");
    for (const [key, each] of Object.entries({ pairs, sided, activation: between })) each.set(state[key]);
    value.set(made.chosen.value, measured(made.chosen.value));
    theory.show(critic === "penalty" && made.isShift);
    theory.set(made.exact * (1 + made.exact / (2 * state.penalty)));
  };
}

function buildButtons(page, state, side, lab) {
  const bar = element(side, "div", { class: "explorer-buttons" });
  const scaled = button(page, bar, {
    label: "Draw _f_ ÷ _K_", press: () => page.change(() => { state.scaled[state.critic] = !state.scaled[state.critic]; }),
  });
  const train = button(page, bar, { label: "Train", press: lab.train });
  button(page, bar, { label: "Step", name: "One step", press: () => page.change(() => { state.left = 0; lab.climb(1); }) });
  button(page, bar, { label: "Other weights", press: () => page.change(() => lab.begin({ seed: (state.seed % 999) + 1 })) });
  button(page, bar, { label: "Reset", press: () => page.change(() => lab.reset()) });
  const steps = readout(side, { label: "steps of training", quantity: "steps", digits: 0 });
  return (made) => {
    scaled.setAttribute("aria-pressed", String(state.scaled[state.critic]));
    train.textContent = made.isRunning ? "Pause" : "Train";
    steps.set(made.steps);
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "critic_lab", title: "The critic lab",
    instruction: "Four critics learn to tell real from generated points. Train them, and drag the clumps: how much of _W_ does each one prove?",
  });
  const state = { left: 0 };
  const lab = laboratory(page, state, readState(model));
  lab.reset();
  const { plot, side } = page.row();
  const parts = [
    buildCurves(page, state, plot), buildClouds(page, state, plot, lab.moved), buildSide(page, state, side, lab),
    buildButtons(page, state, side, lab), buildProofs(page, state), buildMeter(page),
  ];
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state, lab.critics);
    parts.forEach((draw) => draw(made));
    words.set(inWords(made));
    const { layers } = lab.critics[state.critic];
    const network = layers.map(({ weight, bias }) => ({ weight: [...weight], bias: [...bias] }));
    page.publish({ ...state, network, between: made.between, points: { real: made.real, generated: made.generated }, best: made.best });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => lab.begin(readState(model)));
  return page.close;
}

export default { render };
