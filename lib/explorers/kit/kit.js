/* The drawing kit of the book's explorers.
 *
 * An explorer is a module whose default export holds one function, `render({ model, el })`. It builds its parts once, and
 * redraws all of them from its own state whenever something moves. It imports what it needs of the kit; Python joins all
 * modules into one (lib/explorers/joining.py), so that nothing is fetched and nothing leaks into the page:
 *
 *   kit.js       the page: frame, rows, state, animation, clean-up
 *   elements.js  nodes, and text with symbols
 *   controls.js  sliders, buttons, selects, read-outs, the sentence, and what folds on a narrow page
 *   chart.js     axes, and what a mark is
 *   marks.js     area, curve, points, rule, band, note
 *   drag.js      handles
 *   freehand.js  a curve drawn by hand
 *   numbers.js   how numbers are printed, grids, the trapezoid rule, stable logarithms
 *   networks.js  dense layers forwards and backwards; optimisers.js and dice.js beside it
 *
 * A whole explorer:
 *
 *   import { chart } from "../kit/chart.js";
 *   import { readout } from "../kit/controls.js";
 *   import { handle } from "../kit/drag.js";
 *   import { explorer } from "../kit/kit.js";
 *   import { curve } from "../kit/marks.js";
 *   import { linspace } from "../kit/numbers.js";
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

import { element } from "./elements.js";

export function explorer({ model, el, name, title, instruction }) {
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
    const calm = page.isCalm();
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
  page.isCalm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  /* Something is computed that is not yet to be seen. */
  page.busy = (is) => root.setAttribute("aria-busy", String(is));
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
  page.row = (parent = root) => {
    const row = element(parent, "div", { class: "explorer-row" });
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
