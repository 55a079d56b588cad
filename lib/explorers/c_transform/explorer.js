/* The staircase of the c-transform: from any two prices that keep below the distance to one 1-Lipschitz function.
 *
 *   f^c(y) = min_x [ |x − y| − f(x) ]        f^cc = −f^c
 *   value(f, g) = ∫ pf + ∫ qg  ≤  value(f, f^c)  ≤  value(−f^c, f^c)  ≤  W = ∫ |F_p − F_q|
 *
 * The pair is drawn as f and −g over one axis: f(x) + g(y) ≤ |x − y| says that f at x lies at most |x − y| above −g at y.
 * The c-transform lowers −g to the lowest 1-Lipschitz function above f, and a second one raises f to the same.
 */

const TRAITS = ["support", "p", "q", "f", "g"];
const MOST = 7;
const ROLES = { f: "real", g: "generated" };
const NOTHING = 1e-9;
const LIMITS = [0.5, 1, 2, 3, 4, 6, 8, 12, 20, 40];

const total = (values) => values.reduce((sum, each) => sum + each, 0);
const inner = (one, other) => total(one.map((each, index) => each * other[index]));
const transform = (f, xs) => xs.map((y) => Math.min(...xs.map((x, i) => Math.abs(x - y) - f[i])));

const CASES = {
  own: { name: "two laws" },
  pair: { name: "X = {0, 1}", support: [0, 1], p: [1, 0], q: [0, 1], f: [10, 0], g: [-10, -9] },
};

/* Everything that is drawn or printed: the pair after each step, the values, the tempting shortcut, and the truth. */
function play({ support, p, q, f, g }) {
  const raised = transform(f, support);
  const single = transform(raised, support);
  const pairs = [{ f, g }, { f, g: raised }, { f: single, g: raised }];
  const [value, after_one, after_two] = pairs.map((pair) => inner(p, pair.f) + inner(q, pair.g));
  let ahead = 0;
  let exact = 0;
  for (let k = 0; k + 1 < support.length; k += 1) {
    ahead += p[k] - q[k];
    exact += Math.abs(ahead) * (support[k + 1] - support[k]);
  }
  const shortcut = inner(p, f) - inner(q, f);
  const steepest = Math.max(...support.slice(1).map((x, k) => Math.abs(f[k + 1] - f[k]) / (x - support[k])));
  return { pairs, numbers: { value, after_one, after_two, exact, shortcut, steepest } };
}

/* How far a price may move while the other one stays: the wall that a dragged point meets. */
function walls(state, which, index) {
  const other = which === "f" ? state.g : state.f;
  return Math.min(...state.support.map((x, k) => Math.abs(x - state.support[index]) - other[k]));
}

function inWords({ step, numbers }) {
  const { value, after_one, after_two, exact, shortcut } = numbers;
  const gained = (from, to) => (to - from < 5e-4 ? "gains nothing" : `gains ${decimal(to - from)}`);
  if (step === 0) {
    const start = `This pair earns ${decimal(value)} of _W_ = ${decimal(exact)}.`;
    if (shortcut > exact + NOTHING) {
      return `${start} The tempting shortcut ∫(_p_ − _q_)_f_ gives ${decimal(shortcut)}, more than _W_: (_f_, −_f_) is no`
        + " feasible pair, since _f_ is too steep.";
    }
    return `${start} The shortcut ∫(_p_ − _q_)_f_ gives ${decimal(shortcut)} here, no more than _W_: make _f_ steep, and it is too much.`;
  }
  if (step === 1) {
    return `Lower −_g_ as far as _f_ permits: −_f_ᶜ is the lowest 1-Lipschitz function above _f_. That ${gained(value, after_one)}.`;
  }
  const rest = exact - after_two < 5e-4 ? "which is all of _W_" : `of the ${decimal(exact)} that the best function earns`;
  return `Raise _f_ as far as −_f_ᶜ permits: it meets it everywhere. That ${gained(after_one, after_two)}, and one`
    + ` 1-Lipschitz function is left, worth ${decimal(after_two)}, ${rest}.`;
}

function readState(model) {
  return Object.fromEntries(TRAITS.map((name) => [name, [...model.get(name)]]));
}

/* The axis that holds both prices, in round numbers, so that it stays while a point is dragged. */
function room({ f, g }) {
  const all = [...f, ...g.map((each) => -each)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const by = high - low > 5 ? 2 : 1;
  return [by * Math.floor(low / by - 0.5), by * Math.ceil(high / by + 0.5)];
}

function ticksOf([low, high]) {
  const by = high - low > 8 ? 4 : high - low > 4 ? 2 : 1;
  const first = Math.ceil(low / by);
  return Array.from({ length: Math.floor(high / by) - first + 1 }, (_, k) => by * (first + k));
}

/* Both prices over the support: what they were, what they are now, and the points the reader drags. */
function buildPrices(page, state, parent) {
  const top = chart(page, parent, {
    label: "The prices f and −g over the support", height: 300, right: 44, x: { domain: [-0.5, 8.5], ticks: [] },
    y: { domain: [-3, 3], ticks: [], name: "_f_ from below, −_g_ from above" },
  });
  const before = { f: curve(top, { role: "real" }), g: curve(top, { role: "generated" }) };
  for (const each of Object.values(before)) each.node.classList.add("explorer-former");
  const single = curve(top, { role: "third" });
  const now = { g: curve(top, { role: "generated", label: "−_g_" }), f: curve(top, { role: "real", label: "_f_" }) };
  const dots = { g: points(top, { role: "generated", radius: 4 }), f: points(top, { role: "real", radius: 4 }) };
  const both = points(top, { role: "third", radius: 4 });
  const limits = [-3, 3, 0.1];
  const knobs = Object.fromEntries(["f", "g"].map((which) => [which, Array.from({ length: MOST }, (_, index) => handle(top, {
    role: ROLES[which], label: `${which === "f" ? "f" : "Minus g"}, point ${index + 1}`, y: limits,
    move: ([, height]) => page.change(() => {
      const wish = Number((which === "f" ? height : -height).toFixed(4));
      state[which][index] = Math.min(wish, walls(state, which, index));
    }),
  }))]));
  return (made, shown) => {
    const xs = state.support;
    const margin = 0.06 * (xs[xs.length - 1] - xs[0]);
    top.rescale("x", [xs[0] - margin, xs[xs.length - 1] + margin], xs.map((x) => [x, decimal(x, 2).replace(/\.?0+$/, "")]));
    top.rescale("y", state.room, ticksOf(state.room));
    [limits[0], limits[1]] = state.room;
    const minus = shown.g.map((each) => -each);
    const met = state.step === 2 && shown.share === 1;
    const put = (values) => xs.map((x, k) => [x, values[k]]);
    before.f.set(...(state.step > 1 ? [xs, state.f] : [[], []]));
    before.g.set(...(state.step > 0 ? [xs, state.g.map((each) => -each)] : [[], []]));
    now.f.set(xs, shown.f);
    now.g.set(xs, minus);
    single.set(...(met ? [xs, shown.f] : [[], []]));
    dots.f.set(met ? [] : put(shown.f));
    dots.g.set(met ? [] : put(minus));
    both.set(met ? put(shown.f) : []);
    for (const which of ["f", "g"]) now[which].node.style.display = met ? "none" : "";
    nameEnds(top, now, met, state.step);
    for (const [which, sign] of [["f", 1], ["g", -1]]) {
      knobs[which].forEach((each, k) => {
        each.show(state.step === 0 && k < xs.length);
        if (k >= xs.length) return;
        const height = sign * state[which][k];
        each.node.setAttribute("aria-valuemin", limits[0]);
        each.node.setAttribute("aria-valuemax", limits[1]);
        each.set(xs[k], height, decimal(height, 2));
        each.node.setAttribute("aria-valuenow", height.toFixed(3));
      });
    }
  };
}

/* The names at the curves' ends follow the steps: −g becomes −f^c, and in the end one name stands for both. */
function nameEnds(chart, now, met, step) {
  for (const end of chart.ends) {
    if (end.curve === now.g) end.label = [step === 0 ? "−_g_" : "−_f_ᶜ"];
    else end.label = [met ? "" : "_f_"];
    end.text.dataset.role = met ? "third" : end.curve === now.g ? "generated" : "real";
    if (end.label[0] === "") end.text.textContent = "";
  }
}

/* The two laws as bars from one line: real mass upwards, generated mass downwards. */
function buildLaws(page, state, parent) {
  const bottom = chart(page, parent, {
    label: "The masses p and q", height: 118, right: 44, x: { domain: [-0.5, 8.5], ticks: [] },
    y: { domain: [-2, 2], ticks: [], name: "mass: _p_ upwards, _q_ downwards" },
  });
  const line = rule(bottom, { role: "quiet" });
  const bars = ["real", "generated"].map((role) => Array.from({ length: MOST }, () => band(bottom, { role, strong: true })));
  return () => {
    const xs = state.support;
    const span = xs[xs.length - 1] - xs[0];
    const most = roundLimit(Math.max(...state.p, ...state.q), [0.2, 0.4, 0.6, 1]);
    bottom.rescale("x", [xs[0] - 0.06 * span, xs[xs.length - 1] + 0.06 * span], []);
    bottom.rescale("y", [-most, most], [[-most, String(most)], 0, [most, String(most)]]);
    line.set(xs[0] - 0.06 * span, 0, xs[xs.length - 1] + 0.06 * span, 0);
    [state.p, state.q.map((each) => -each)].forEach((masses, side) => bars[side].forEach((bar, k) => {
      bar.node.style.display = k < xs.length ? "" : "none";
      if (k < xs.length) bar.set(xs[k] - 0.013 * span, 0, xs[k] + 0.013 * span, masses[k]);
    }));
  };
}

/* Four bars on one axis, each beside its number, and W as the dashed line that three of them never pass. */
function buildStaircase(page) {
  const { plot, side } = page.row();
  const stairs = chart(page, plot, {
    label: "The values of the three pairs, the shortcut and W", height: 163, top: 4,
    x: { domain: [-1, 3], ticks: [] }, y: { domain: [0, 5] },
  });
  const zero = rule(stairs, {});
  const bars = ["third", "third", "third", "quiet"].map((role) => band(stairs, { role, strong: true }));
  const truth = rule(stairs, { dashed: true });
  const rows = [
    ["value", "value(_f_, _g_)", "strong", "third"],
    ["after_one", "≤ value(_f_, _f_ᶜ)", "strong", "third"],
    ["after_two", "≤ value(−_f_ᶜ, _f_ᶜ)", "strong", "third"],
    ["exact", "≤ _W_, exact", "dashed", "ink"],
    ["shortcut", "shortcut ∫(_p_ − _q_)_f_", "strong", "quiet"],
  ].map(([quantity, label, mark, role]) => [quantity, readout(side, { label, quantity, mark, role })]);
  side.classList.add("explorer-sum");
  return ({ numbers }, step) => {
    const heights = [numbers.value, numbers.after_one, numbers.after_two, numbers.shortcut];
    const low = -roundLimit(-Math.min(0, ...heights), [0, ...LIMITS]);
    const high = roundLimit(Math.max(numbers.exact, ...heights), LIMITS);
    const ends = [low < 0 ? low : null, 0, high].filter((each) => each !== null);
    stairs.rescale("x", [low - (low < 0 ? 0 : 0.02 * high), high], ends);
    zero.set(0, 0, 0, 5);
    truth.set(numbers.exact, 0, numbers.exact, 5);
    heights.forEach((value, k) => {
      const floor = k < 3 ? 4 - k : 0;
      bars[k].set(0, floor + 0.82, value, floor + 0.18);
    });
    for (const [quantity, each] of rows) each.set(numbers[quantity]);
    /* The step where the reader stands is in full colour, the others and the shortcut are paler. */
    const swatches = rows.map(([, each]) => each.node.parentElement.firstChild);
    [bars[0], bars[1], bars[2], null, bars[3]].forEach((bar, k) => {
      const strength = k === step || k === 3 ? "" : "0.45";
      if (bar) bar.node.style.fillOpacity = strength;
      swatches[k].style.opacity = strength;
    });
  };
}

function buildSide(page, state, side, first) {
  const cases = select(page, side, {
    label: "example", options: Object.entries(CASES).map(([value, { name }]) => [value, name]),
    choose: (value) => begin(state, value === "own" ? first : CASES[value], value),
  });
  const go = (step) => {
    const from = state.step;
    page.animate((share) => { Object.assign(state, { step, share: step > from ? share : 1 }); });
  };
  const steps = element(side, "div", { class: "explorer-buttons explorer-steps", role: "group", "aria-label": "Steps" });
  const buttons = [
    ["0  the pair (_f_, _g_)", "Step 0: the pair f and g"],
    ["1  replace _g_ by _f_ᶜ", "Step 1: replace g by the c-transform of f"],
    ["2  replace _f_ by −_f_ᶜ", "Step 2: replace f by minus the c-transform of f"],
  ].map(([label, name], step) => button(page, steps, { label, name, press: () => go(step) }));
  const hint = element(side, "p", { class: "explorer-hint" });
  const steepest = readout(side, { label: "steepest slope of _f_", quantity: "steepest", digits: 2 });
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, { label: "Another pair", press: () => page.change(() => begin(state, another(state), state.example)) });
  button(page, bar, {
    label: "Reset",
    press: () => page.change(() => begin(state, state.example === "own" ? first : CASES[state.example], state.example)),
  });
  return (made) => {
    cases.set(state.example);
    buttons.forEach((each, step) => each.setAttribute("aria-pressed", String(step === state.step)));
    write(hint, state.step === 0
      ? "Drag the points up and down. Each stops where _f_(_x_) + _g_(_y_) ≤ |_x_ − _y_| would break."
      : "Pale: what it was before. Go back to step 0 to drag.");
    steepest.set(made.numbers.steepest);
  };
}

function begin(state, { support, p, q, f, g }, example) {
  Object.assign(state, { support: [...support], p: [...p], q: [...q], f: [...f], g: [...g], example, step: 0, share: 1 });
  state.room = room(state);
}

/* A rough pair that is feasible and loose: any f, and a g somewhat below its c-transform. */
function another({ support, p, q }) {
  const reach = 0.35 * Math.min(6, support[support.length - 1] - support[0]) + 0.5;
  const rounded = (value) => Number(value.toFixed(2));
  const f = support.map(() => rounded(reach * (2 * Math.random() - 1)));
  const g = transform(f, support).map((most) => rounded(most - 0.05 - Math.random()));
  return { support, p, q, f, g };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "c_transform", title: "The c-transform staircase",
    instruction: "Any two prices below the distance earn at most _W_. Two steps turn them into one 1-Lipschitz function that earns no less.",
  });
  const first = readState(model);
  const state = {};
  begin(state, first, "own");
  const { plot, side } = page.row();
  const drawPrices = buildPrices(page, state, plot);
  const drawLaws = buildLaws(page, state, plot);
  const drawSide = buildSide(page, state, side, first);
  const drawStairs = buildStaircase(page);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    const [from, to] = [made.pairs[Math.max(0, state.step - 1)], made.pairs[state.step]];
    const between = (name) => to[name].map((end, k) => (state.share === 1 ? end : from[name][k] + state.share * (end - from[name][k])));
    drawPrices(made, { f: between("f"), g: between("g"), share: state.share });
    drawLaws();
    drawSide(made);
    drawStairs(made, state.step);
    words.set(inWords({ step: state.step, numbers: made.numbers }));
    page.publish({ ...state, shown: { f: between("f"), g: between("g") } });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => begin(state, readState(model), "own"));
  return page.close;
}

export default { render };
