/* The drawing kit of the book's explorers.
 *
 * An explorer is one function `render({ model, el })`. It builds its parts once, and redraws all of them from its own
 * state whenever something moves. The kit is four files, joined in this order into one module in front of an
 * explorer's own `explorer.js`, so nothing is imported and nothing leaks into the page:
 *
 *   kit.js      the page: frame, rows, texts, sliders, buttons, selects, read-outs, state, clean-up
 *   chart.js    axes and marks: area, curve, points, rule, band, note
 *   drag.js     what the reader moves: handles, and a curve drawn by hand
 *   numbers.js  grids, the trapezoid rule, stable logarithms
 *
 * A whole explorer:
 *
 *   function render({ model, el }) {
 *     const page = explorer({ model, el, name: "hill", title: "A hill", instruction: "Drag the summit." });
 *     const state = { centre: model.get("centre") };
 *     const { plot, side } = page.row();
 *     const top = chart(page, plot, { label: "The hill", height: 180,
 *       x: { domain: [-3, 3], ticks: [-2, 0, 2], name: "_x_" }, y: { domain: [0, 1], ticks: [0, 1], name: "height" } });
 *     const hill = curve(top, { role: "real", label: ["_h_, the hill", "_h_"] });
 *     const summit = handle(top, { role: "real", label: "Summit", x: [-3, 3, 0.1],
 *       move: ([x]) => page.change(() => { state.centre = x; }) });
 *     const where = readout(side, { label: "summit at _x_", quantity: "centre", digits: 2 });
 *     const grid = linspace(-3, 3, 301);
 *     page.draws(() => { hill.set(grid, grid.map((x) => Math.exp(-((x - state.centre) ** 2))));
 *       summit.set(state.centre, 1); where.set(state.centre); page.publish(state); });
 *     page.saves(() => ({ centre: state.centre }));
 *     page.follow(["centre"], () => { state.centre = model.get("centre"); });
 *     return page.close;
 *   }
 *   export default { render };
 *
 * Texts: `_x_` sets x as a symbol; nothing else is markup, and no value ever passes through innerHTML.
 * Roles "real", "generated", "third", "ink", "quiet" choose the colour in kit.css; the exact answer is a dashed curve in "ink".
 * `page.change(f)` alters the state and asks for one redraw in the next frame; `page.animate(step)` does so with step(0…1)
 * over a third of a second, and at once where the reader prefers reduced motion; both then send to Python what
 * `page.saves` returns. `page.follow(names, f)` calls f when Python sets a trait. `page.publish(state)` keeps the state
 * readable in the page (`data-state`, `data-ready`), where the tests find it.
 * Every listener is tied to `page.signal`, so returning `page.close` from `render` removes all of them.
 */

const SVG = "http://www.w3.org/2000/svg";

function place(parent, node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

function element(parent, tag, attributes = {}, text = "") {
  return write(place(parent, document.createElement(tag), attributes), text);
}

function shape(parent, tag, attributes = {}, text = "") {
  return write(place(parent, document.createElementNS(SVG, tag), attributes), text);
}

/* Text with symbols between underscores: every second piece is a symbol. */
function write(node, text) {
  if (text === "") return node;
  const drawn = node.namespaceURI === SVG;
  const pieces = text.split("_").map((piece, index) => {
    if (index % 2 === 0) return document.createTextNode(piece);
    const symbol = drawn ? document.createElementNS(SVG, "tspan") : document.createElement("i");
    symbol.setAttribute("class", "explorer-symbol");
    symbol.textContent = piece;
    return symbol;
  });
  node.replaceChildren(...pieces);
  return node;
}

/* A number as the book prints it: a true minus sign, and no minus before a zero. */
function decimal(value, digits = 3) {
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

function explorer({ model, el, name, title, instruction }) {
  const closing = new AbortController();
  const root = element(el, "div", { class: "explorer", "data-explorer": name, role: "group", "aria-label": title });
  element(root, "p", { class: "explorer-instruction" }, instruction);
  const page = { model, root, signal: closing.signal, charts: [] };
  let drawing = () => {};
  let saved = () => ({});
  let frame = 0;
  let moving = 0;
  let saving = 0;
  let echo = false;

  const draw = () => {
    frame = 0;
    drawing();
    page.charts.forEach((each) => each.draw());
  };
  const ask = () => {
    if (!frame && !page.signal.aborted) frame = requestAnimationFrame(draw);
  };
  page.draws = (how) => {
    drawing = how;
    ask();
  };
  page.saves = (what) => { saved = what; };
  /* Python hears of a movement when it rests; setting the traits must not come back as a change made by Python. */
  const save = () => {
    clearTimeout(saving);
    saving = setTimeout(() => {
      echo = true;
      for (const [key, value] of Object.entries(saved())) model.set(key, value);
      echo = false;
      model.save_changes();
    }, 250);
  };
  page.change = (how) => {
    cancelAnimationFrame(moving);
    how();
    ask();
    save();
  };
  page.animate = (step, duration = 350) => {
    cancelAnimationFrame(moving);
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const start = performance.now();
    const next = (now) => {
      const share = calm ? 1 : Math.min(1, Math.max(0, (now - start) / duration));
      step(share * share * (3 - 2 * share));
      ask();
      save();
      if (share < 1) moving = requestAnimationFrame(next);
    };
    if (calm) next(start);
    else moving = requestAnimationFrame(next);
  };
  page.publish = (state) => {
    root.dataset.state = JSON.stringify(state);
    root.dataset.ready = "true";
  };
  page.follow = (names, how) => {
    const heard = () => {
      if (echo) return;
      how();
      ask();
    };
    for (const each of names) {
      model.on(`change:${each}`, heard);
      page.signal.addEventListener("abort", () => model.off(`change:${each}`, heard));
    }
  };
  page.row = () => {
    const row = element(root, "div", { class: "explorer-row" });
    return {
      plot: element(row, "div", { class: "explorer-plot" }),
      side: element(row, "div", { class: "explorer-side" }),
    };
  };

  /* Sizes are read again in a frame of their own: a redraw inside the observer would make it report itself. */
  const watcher = new ResizeObserver(() => requestAnimationFrame(() => page.charts.forEach((each) => each.resize())));
  watcher.observe(root);
  /* Labels were measured in whatever type was there; the book's own may come later. */
  document.fonts?.ready.then(() => page.charts.forEach((each) => each.resize()));
  page.close = () => {
    closing.abort();
    watcher.disconnect();
    cancelAnimationFrame(frame);
    cancelAnimationFrame(moving);
    clearTimeout(saving);
    root.remove();
  };
  return page;
}

/* A heading and the controls under it. */
function group(parent, { title, role = "ink" }) {
  const box = element(parent, "div", { class: "explorer-group", "data-role": role, role: "group" });
  element(box, "div", { class: "explorer-heading" }, title);
  box.setAttribute("aria-label", box.textContent);
  return box;
}

function slider(page, parent, { label, name, min, max, step, digits = 2, role = "ink", input }) {
  const line = element(parent, "label", { class: "explorer-slider", "data-role": role });
  element(line, "span", { class: "explorer-label" }, label);
  const control = element(line, "input", { type: "range", min, max, step, "aria-label": name });
  const shown = element(line, "span", { class: "explorer-number", "aria-hidden": "true" });
  control.addEventListener("input", () => page.change(() => input(Number(control.value))), { signal: page.signal });
  return {
    node: control,
    show(visible) { line.hidden = !visible; },
    set(value, text = decimal(value, digits)) {
      control.value = value;
      control.setAttribute("aria-valuetext", text);
      control.style.setProperty("--share", `${(100 * (value - min)) / (max - min)}%`);
      shown.textContent = text;
    },
  };
}

function button(page, parent, { label, name = "", press }) {
  const control = element(parent, "button", { type: "button", class: "explorer-button" }, label);
  if (name) control.setAttribute("aria-label", name);
  control.addEventListener("click", press, { signal: page.signal });
  return control;
}

function select(page, parent, { label, options, choose }) {
  const line = element(parent, "label", { class: "explorer-select" });
  element(line, "span", { class: "explorer-label" }, label);
  const control = element(line, "select");
  for (const [value, text] of options) element(control, "option", { value }, text);
  control.addEventListener("change", () => page.change(() => choose(control.value)), { signal: page.signal });
  return { node: control, set: (value) => { control.value = value; }, show: (visible) => { line.hidden = !visible; } };
}

/* One number with its name. It is not a live region: eight of them changing at once would drown a screen reader;
 * `sentence` says in words what they mean. */
function readout(parent, { label, quantity, digits = 3, mark = "", role = "ink" }) {
  const line = element(parent, "div", { class: "explorer-readout", "data-role": role });
  element(line, "span", { class: `explorer-swatch ${mark && `explorer-swatch-${mark}`}`, "aria-hidden": "true" });
  const words = element(line, "span", { class: "explorer-label" }, label);
  const attributes = { "data-quantity": quantity, "aria-live": "off", "aria-label": words.textContent };
  const output = element(line, "output", { class: "explorer-number", ...attributes });
  return {
    node: output,
    set(value, text = decimal(value, digits)) {
      output.dataset.value = value.toPrecision(12);
      output.textContent = text;
    },
    show(visible) { line.hidden = !visible; },
  };
}

/* What the numbers mean now. The eye sees it at once; a screen reader hears it once the hand rests. */
function sentence(page, parent) {
  const seen = element(parent, "p", { class: "explorer-sentence", "aria-hidden": "true" });
  const heard = element(parent, "p", { class: "explorer-heard", "aria-live": "polite" });
  let timer = 0;
  page.signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    set(text) {
      if (text === seen.dataset.text) return;
      seen.dataset.text = text;
      write(seen, text);
      clearTimeout(timer);
      timer = setTimeout(() => { heard.textContent = seen.textContent; }, 500);
    },
  };
}
