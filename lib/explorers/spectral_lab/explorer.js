/* The spectral laboratory: the needle of power iteration, a kernel beside its matrix, and the gradient through W/σ(W).
 * Three views, of which one stands in the page. What is computed stands in matrices.js and kernels.js. */

import { sentence } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { buildKernel } from "./kernel.js";
import { kernelOf } from "./kernels.js";
import { MOST_ROUNDS } from "./matrices.js";
import { buildNeedle } from "./needle.js";
import { buildWish } from "./wish.js";

const TRAITS = ["view", "matrix", "start", "kernel", "side", "stride", "wish"];
const VIEWS = { needle: "The needle", kernel: "A kernel", gradient: "The gradient" };
const ASKED = {
  needle: "Drag the columns of _W_, and make rounds. How fast does the needle find the longest half-axis?",
  kernel: "Paint a kernel. Which one is hurt least when it is taken for a matrix?",
  gradient: "Drag both arrows until nothing is left of the wish. How many such wishes are there?",
};
const ROUND_TAKES = 350;

function readState(model) {
  const state = Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));
  const [matrix, wish] = [[...state.matrix], [...state.wish]];
  return { ...state, matrix, wish, weights: kernelOf(state.kernel, state.stride), halves: 0, share: 1, drifting: false };
}

/* One tab of the list is reached by the Tab key; the arrows choose another. */
function buildTabs(page, state) {
  const list = element(page.root, "div", { class: "explorer-buttons spectral-tabs", role: "tablist", "aria-label": "Views" });
  const keys = Object.keys(VIEWS);
  const tabs = keys.map((key) => element(list, "button", { type: "button", class: "explorer-button", role: "tab" }, VIEWS[key]));
  const choose = (which) => page.change(() => {
    state.view = keys[(which + keys.length) % keys.length];
    state.share = 1;
  });
  tabs.forEach((tab, k) => {
    tab.addEventListener("click", () => choose(k), { signal: page.signal });
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: k + 1, ArrowLeft: k - 1, Home: 0, End: keys.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(to);
      tabs[(to + keys.length) % keys.length].focus();
    }, { signal: page.signal });
  });
  return () => tabs.forEach((tab, k) => {
    const isChosen = keys[k] === state.view;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.setAttribute("tabindex", isChosen ? 0 : -1);
  });
}

/* A view is built when it is first looked at, and only the one that is looked at stands in the page. */
function buildStage(page, state, builders) {
  const stage = element(page.root, "div", { role: "tabpanel" });
  const made = {};
  let shown = "";
  return () => {
    const { view } = state;
    if (view !== shown) {
      shown = view;
      stage.setAttribute("aria-label", VIEWS[view]);
      write(page.root.querySelector(".explorer-instruction"), ASKED[view]);
      if (made[view]) {
        stage.replaceChildren(made[view].node);
        page.charts = made[view].charts;
        page.charts.forEach((each) => each.resize());
      } else {
        stage.replaceChildren();
        page.charts = [];
        const node = element(stage, "div");
        made[view] = { node, draw: builders[view](node), charts: page.charts };
      }
    }
    return made[view].draw();
  };
}

function render({ model, el }) {
  const page = explorer({
    model, el, name: "spectral_lab", title: "The spectral laboratory",
    instruction: ASKED[model.get("view")],
  });
  const first = readState(model);
  const fresh = () => ({ ...first, matrix: [...first.matrix], wish: [...first.wish], weights: kernelOf(first.kernel, first.stride) });
  const state = { ...fresh(), rate: 0.5, shown: first.matrix };
  const restart = (how) => {
    Object.assign(state, { halves: 0, share: 1 });
    how();
  };
  /* So many half rounds, one after the other where motion is welcome. */
  const go = (count) => {
    const from = state.halves;
    const last = Math.min(from + count, 2 * MOST_ROUNDS);
    page.animate((share) => {
      const at = from + share * (last - from);
      state.halves = share === 1 ? last : Math.min(last, Math.floor(at) + 1);
      state.share = share === 1 ? 1 : at - Math.floor(at);
    }, ROUND_TAKES * Math.max(1, count / 2));
  };
  const reset = () => page.change(() => Object.assign(state, fresh(), { view: state.view }));
  const drawTabs = buildTabs(page, state);
  const drawStage = buildStage(page, state, {
    needle: (node) => buildNeedle(page, state, node, { restart, go, reset }),
    kernel: (node) => buildKernel(page, state, node),
    gradient: (node) => buildWish(page, state, node, restart),
  });
  const words = sentence(page, page.root);
  page.draws(() => {
    drawTabs();
    const { words: said, ...made } = drawStage();
    words.set(said);
    page.publish({ ...state, ...made });
  });
  page.saves(() => Object.fromEntries(TRAITS.map((name) => [name, state[name]])));
  page.follow(TRAITS, () => Object.assign(state, readState(model)));
  return page.close;
}

export default { render };
