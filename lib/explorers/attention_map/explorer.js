/* Whom does it ask? Two views, of which one stands in the page: generators of the twins at five moments of their training,
 * computed in the page from stored weights, and the maps of a small SAGAN that learns digits. */

import { sentence } from "../kit/controls.js";
import { element, write } from "../kit/elements.js";
import { explorer } from "../kit/kit.js";
import { buildDigits } from "./digits.js";
import { buildTwins } from "./twins.js";

const OF_TWINS = ["arm", "seed", "step", "shut", "draw", "line", "asks", "place", "dots", "redrawn"];
const CHOICES = ["view", ...OF_TWINS, "trained", "digit", "moves", "looks", "everybody"];
const STORED = ["runs", "maps"];
const VIEWS = { twins: "The twins", digits: "The digits" };
const ASKED = {
  twins: "Which place decides for both twins of a line? Draw its noise anew, and see. Is it the same place in every line, and in every run?",
  digits: "Touch a place of the digit. Where does it look: around itself, at the ink, at empty paper, or everywhere alike? When does it begin to?",
};

function buildSwitch(page, state) {
  const bar = element(page.root, "div", { class: "explorer-buttons attention-views", role: "group", "aria-label": "Views" });
  const buttons = Object.entries(VIEWS).map(([key, label]) => {
    const node = element(bar, "button", { type: "button", class: "explorer-button" }, label);
    node.addEventListener("click", () => page.change(() => { state.view = key; }), { signal: page.signal });
    return [key, node];
  });
  return () => buttons.forEach(([key, node]) => node.setAttribute("aria-pressed", String(key === state.view)));
}

/* A view is built when it is first looked at, and only the one that is looked at stands in the page. */
function buildStage(page, state, builders) {
  const stage = element(page.root, "div");
  const made = {};
  let shown = "";
  return () => {
    const { view } = state;
    if (view !== shown) {
      shown = view;
      write(page.root.querySelector(".explorer-instruction"), ASKED[view]);
      const known = made[view];
      page.charts = known ? known.charts : [];
      const node = known ? known.node : element(stage, "div");
      stage.replaceChildren(node);
      made[view] = known ?? { node, draw: builders[view](node), charts: page.charts };
      page.charts.forEach((each) => each.resize());
    }
    return made[view].draw();
  };
}

function render({ model, el }) {
  const page = explorer({ model, el, name: "attention_map", title: "Whom does it ask?", instruction: ASKED[model.get("view")] });
  const read = (names) => Object.fromEntries(names.map((name) => [name, model.get(name)]));
  const first = read(CHOICES);
  const state = { ...first, ...read(STORED) };
  const reset = () => page.change(() => Object.assign(state, first, { view: state.view }));
  const drawSwitch = buildSwitch(page, state);
  const drawStage = buildStage(page, state, {
    twins: (node) => buildTwins(page, state, node, reset),
    digits: (node) => buildDigits(page, state, node, reset),
  });
  const words = sentence(page, page.root);
  page.draws(() => {
    drawSwitch();
    const { words: said, ...made } = drawStage();
    words.set(said);
    const { runs, maps, ...chosen } = state;
    page.publish({ ...chosen, ...made });
  });
  page.saves(() => Object.fromEntries(CHOICES.map((name) => [name, state[name]])));
  page.follow([...CHOICES, ...STORED], () => Object.assign(state, read([...CHOICES, ...STORED])));
  return page.close;
}

export default { render };
