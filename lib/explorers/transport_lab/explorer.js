/* The LP lab: two weighted clouds in the plane, the cheapest plan between them, and the prices that prove it so.
 *
 *   primal  min { Σ Γ_ij c_ij | Γ ≥ 0 with row sums p, column sums q }
 *   dual    max { Σ p_i f_i + Σ q_j g_j | f_i + g_j ≤ c_ij for all i, j }
 *
 * Both sums are computed each from its own solution; they meet because strong duality holds. The wrong variants of the
 * programme are solved as honestly: what is unbounded comes with the direction along which it grows.
 */

const PLANE = { x: [-1.3, 1.3, 0.02], y: [-1, 1, 0.02] };
const SIDES = ["real", "generated"];
const LETTERS = { real: "x", generated: "y" };
const TRAITS = ["real", "generated", "real_weights", "generated_weights", "norm", "programme"];
const UNEQUAL = { real: [6, 2, 4, 5, 3, 4], generated: [2, 7, 3, 4, 5, 4] };
const WIDTH_OF_ALL_MASS = 40;

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  for (const side of SIDES) {
    state[side] = state[side].map((point) => [...point]);
    const weights = state[`${side}_weights`];
    state[`${side}_weights`] = weights.map((each) => each / total(weights));
  }
  return state;
}

const isEqual = (weights) => Math.max(...weights) - Math.min(...weights) < 1e-9;

/* Equal weights, or the unequal ones that Python gave, or else some. */
function weightsFor(kind, first, side) {
  const given = first[`${side}_weights`];
  if (kind === "equal") return given.map(() => 1 / given.length);
  if (!isEqual(given)) return given;
  const some = UNEQUAL[side].slice(0, given.length);
  return some.map((each) => each / total(some));
}

/* Lines as wide as the mass they carry, points as large as theirs, and beside each point its price. */
function buildPlane(page, state, parent) {
  const plane = chart(page, parent, {
    label: "Real points x, generated points y, and the plan between them", height: (width) => width / 1.3, left: 28, right: 12,
    top: 26, x: { domain: PLANE.x.slice(0, 2), ticks: [-1, 0, 1] },
    y: { domain: PLANE.y.slice(0, 2), ticks: [-1, 0, 1], name: "_x_, real, with price _f_;  _y_, generated, with price _g_" },
  });
  const flows = shape(plane.plot, "g", { class: "explorer-flows", "data-role": "third" });
  const lines = mark(plane, flows, (made, from, to) => {
    const moved = made.plan.flatMap((row, i) => row.map((mass, j) => [i, j, mass])).filter((each) => each[2] > 0);
    flows.replaceChildren();
    for (const [i, j, mass] of moved) {
      const [x1, y1] = [plane.sx(from[i][0]), plane.sy(from[i][1])];
      const [x2, y2] = [plane.sx(to[j][0]), plane.sy(to[j][1])];
      shape(flows, "line", { x1, y1, x2, y2, "stroke-width": (WIDTH_OF_ALL_MASS * mass).toFixed(3), "data-pair": `${i} ${j}` });
    }
  });
  const clouds = SIDES.map((side) => buildCloud(page, state, plane, side));
  return (made) => {
    lines.set(made, state.real, state.generated);
    clouds[0](made.f);
    clouds[1](made.g);
  };
}

function buildCloud(page, state, plane, side) {
  const letter = LETTERS[side];
  const spots = state[side].map((_, index) => {
    const dot = shape(plane.plot, "circle", { class: "explorer-spot", "data-role": side });
    const spot = mark(plane, dot, (x, y, size) => {
      for (const [key, value] of Object.entries({ cx: plane.sx(x), cy: plane.sy(y), r: size })) dot.setAttribute(key, value);
    });
    const text = shape(plane.names, "text", { class: "explorer-note explorer-price", "data-role": side });
    const price = mark(plane, text, (x, y, value, size) => {
      write(text, `${indexed(letter, index)} ${decimal(value, 2)}`);
      const length = text.getComputedTextLength?.() ?? 60;
      const room = plane.sx(x) - size - 5 - length > -plane.left;
      const outwards = side === "real" ? room : plane.sx(x) + size + 5 + length > plane.width + plane.right;
      text.setAttribute("text-anchor", outwards ? "end" : "start");
      text.setAttribute("x", plane.sx(x) + (outwards ? -1 : 1) * (size + 5));
      text.setAttribute("y", plane.sy(y) + 4);
    });
    const knob = handle(plane, {
      role: side, label: `${side === "real" ? "Real" : "Generated"} point ${letter}${index + 1}`, ...PLANE,
      move: ([x, y]) => page.change(() => { state[side][index] = [x, y].map((each) => Number(each.toFixed(4))); }),
    });
    return { spot, price, knob };
  });
  return (values) => spots.forEach(({ spot, price, knob }, index) => {
    const [x, y] = state[side][index];
    const size = 3 + 18 * state[`${side}_weights`][index];
    spot.set(x, y, size);
    price.set(x, y, values[index], size);
    knob.node.querySelector(".explorer-knob").setAttribute("r", size);
    knob.set(x, y, `${decimal(x, 2)}, ${decimal(y, 2)}`);
  });
}

/* A matrix as a table: names and prices at its edges, shaded by size, framed where mass moves. */
function matrix(parent, { quantity, caption, role, rows, columns }) {
  const table = element(parent, "table", { class: "explorer-matrix", "data-role": role });
  const words = element(table, "caption", {}, caption);
  const top = element(element(table, "thead"), "tr");
  element(top, "td");
  const heads = Array.from({ length: columns }, () => element(top, "th", { scope: "col", "data-role": "generated" }));
  const body = element(table, "tbody");
  const lines = Array.from({ length: rows }, (_, i) => {
    const line = element(body, "tr");
    const head = element(line, "th", { scope: "row", "data-role": "real" });
    const name = (j) => ({ "data-quantity": `${quantity}_${i + 1}_${j + 1}` });
    return { head, cells: Array.from({ length: columns }, (_, j) => element(line, "td", name(j))) };
  });
  const edge = (node, name, value) => {
    write(node, name);
    element(node, "span", { class: "explorer-number" }, value);
  };
  return (values, { left, above, moved, tail = "" }) => {
    write(words, caption + tail);
    const most = Math.max(...values.flat().map(Math.abs), 1e-9);
    heads.forEach((node, j) => edge(node, indexed("y", j), above[j]));
    lines.forEach(({ head, cells }, i) => {
      edge(head, indexed("x", i), left[i]);
      cells.forEach((cell, j) => {
        const value = Math.abs(values[i][j]) < 1e-9 ? 0 : values[i][j];
        cell.textContent = value === 0 ? "0" : decimal(value, 2);
        cell.dataset.value = values[i][j].toPrecision(12);
        cell.dataset.state = [moved[i][j] > 0 && "moved", value === 0 && "zero", value < 0 && "negative"].filter(Boolean).join(" ");
        cell.style.setProperty("--heat", `${(32 * Math.abs(value)) / most}%`);
      });
    });
  };
}

/* Complementary slackness, where it holds: it is what makes a plan and prices optimal together. */
function slackness({ plan, slack }) {
  const moved = slack.flatMap((row, i) => row.filter((_, j) => plan[i][j] > 0));
  if (moved.length === 0) return "";
  return moved.every((each) => Math.abs(each) < 1e-9) ? ": 0 where mass moves" : ": not 0 wherever mass moves";
}

function buildTables(page, state) {
  const row = element(page.root, "div", { class: "explorer-tables" });
  const size = { rows: state.real.length, columns: state.generated.length };
  const plan = matrix(row, { quantity: "plan", caption: "Plan Γ: mass from _x_ to _y_", role: "third", ...size });
  const slack = matrix(row, { quantity: "slack", caption: "Slack _c_ − _f_ − _g_", role: "ink", ...size });
  const both = (values, mark = "") => values.map((each) => mark + decimal(each, 2));
  return (made) => {
    plan(made.plan, { left: both(state.real_weights), above: both(state.generated_weights), moved: made.plan });
    slack(made.slack, { left: both(made.f), above: both(made.g), moved: made.plan, tail: slackness(made) });
  };
}

/* What the reader chooses, and the numbers. */
function buildSide(page, state, side, first) {
  const programme = select(page, side, {
    label: "programme", options: Object.entries(PROGRAMMES).map(([value, { name }]) => [value, name]),
    choose: (value) => { state.programme = value; },
  });
  const words = element(side, "p", { class: "explorer-hint" });
  const parameter = (key, label, name, [min, max, step]) => slider(page, side, {
    label, name, min, max, step, input: (value) => { state[key] = value; },
  });
  const parameters = {
    shift: parameter("shift", "shift _a_", "shift a of the prices", [-1, 1, 0.01]),
    epsilon: parameter("epsilon", "floor _ε_", "floor epsilon of the plan", [0, 0.5, 0.01]),
    along: parameter("along", "step _t_", "step t along the direction", [0, 5, 0.05]),
  };
  const norm = select(page, side, {
    label: "distance _c_", options: [["1", "ℓ₁, along the axes"], ["2", "ℓ₂, straight"], ["inf", "ℓ∞, the larger side"]],
    choose: (value) => { state.norm = value; },
  });
  const weights = select(page, side, {
    label: "weights", options: [["equal", "equal"], ["unequal", "unequal"]],
    choose: (kind) => SIDES.forEach((each) => { state[`${each}_weights`] = weightsFor(kind, first, each); }),
  });
  const numbers = element(side, "div", { class: "explorer-numbers" });
  const line = (quantity, label, options = {}) => [quantity, readout(numbers, { label, quantity, ...options })];
  const lines = Object.fromEntries([
    line("primal", "primal ΣΓ_c_", { mark: "strong", role: "third" }),
    line("dual", "dual Σ_pf_ + Σ_qg_", { mark: "dashed" }),
    line("gap", "primal − dual"),
    line("value_along", "dual at this _t_"),
    line("dearest", "dearest plan"),
    line("excess", "too much by"),
    line("rate", "too much ÷ _ε_"),
    line("fails_wrong", "_g_ ≤ _f_ fails at", { digits: 0 }),
    line("fails_right", "_g_ ≤ −_f_ fails at", { digits: 0 }),
  ]);
  return (made) => {
    const { parameter: wanted, shows, rule: told } = PROGRAMMES[state.programme];
    const still = made.bounded === true;
    write(words, told);
    programme.set(state.programme);
    norm.set(state.norm);
    weights.set(SIDES.every((each) => isEqual(state[`${each}_weights`])) ? "equal" : "unequal");
    for (const [key, control] of Object.entries(parameters)) {
      control.set(state[key]);
      control.show(key === wanted && !still);
    }
    const shown = shows.filter((key) => still ? key !== "value_along" : Number.isFinite(made.numbers[key]));
    for (const [key, each] of Object.entries(lines)) {
      const here = ["primal", "dual", ...shown].includes(key);
      const value = here ? made.numbers[key] : 0;
      each.show(here);
      if (Number.isFinite(value)) each.set(value);
      else each.set(value, "+∞");
    }
  };
}

function buildButtons(page, state, side, first) {
  const glide = (target) => {
    const start = SIDES.map((each) => state[each]);
    page.animate((share) => SIDES.forEach((each, k) => {
      state[each] = start[k].map((point, i) => point.map((from, axis) => (
        share === 1 ? target[each][i][axis] : from + share * (target[each][i][axis] - from))));
    }));
  };
  const anywhere = ({ x, y }) => [x, y].map(([low, high]) => Number((0.9 * (low + (high - low) * Math.random())).toFixed(2)));
  const bar = element(side, "div", { class: "explorer-buttons" });
  button(page, bar, {
    label: "Shuffle",
    press: () => glide(Object.fromEntries(SIDES.map((each) => [each, state[each].map(() => anywhere(PLANE))]))),
  });
  button(page, bar, {
    label: "Reset",
    press: () => {
      page.change(() => Object.assign(state, { ...first, real: state.real, generated: state.generated }));
      glide(first);
    },
  });
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "transport_lab", title: "The LP lab",
    instruction: "Drag the points. The plan is the cheapest way to carry _p_ to _q_; the prices _f_ and _g_ prove that nothing is cheaper.",
  });
  const state = { ...readState(model), shift: 0, epsilon: 0.1, along: 1 };
  const first = { ...readState(model), shift: 0, epsilon: 0.1, along: 1 };
  const { plot, side } = page.row();
  const drawPlane = buildPlane(page, state, plot);
  const drawSide = buildSide(page, state, side, first);
  buildButtons(page, state, side, first);
  const drawTables = buildTables(page, state);
  const words = sentence(page, page.root);
  page.draws(() => {
    const made = play(state);
    drawPlane(made);
    drawSide(made);
    drawTables(made);
    words.set(made.words);
    const { plan, f, g, slack } = made;
    page.publish({ ...state, plan, f, g, slack });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
