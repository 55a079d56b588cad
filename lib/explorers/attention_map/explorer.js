/* Whom does it ask? Generators of the twins at five moments of their training, computed in the page from stored weights. */

import { sentence } from "../kit/controls.js";
import { explorer } from "../kit/kit.js";
import { buildTwins } from "./twins.js";

const CHOICES = ["arm", "seed", "step", "shut", "draw", "line", "asks", "place", "dots", "redrawn"];

function render({ model, el }) {
  const page = explorer({
    model, el, name: "attention_map", title: "Whom does it ask?",
    instruction: "Which place decides for both twins of a line? Draw its noise anew, and see. Is it the same place in every line, and in every run?",
  });
  const read = () => Object.fromEntries(CHOICES.map((name) => [name, model.get(name)]));
  const first = read();
  const state = { ...first, runs: model.get("runs") };
  const reset = () => page.change(() => Object.assign(state, first));
  const drawTwins = buildTwins(page, state, page.root, reset);
  const words = sentence(page, page.root);
  page.draws(() => {
    const { words: said, ...made } = drawTwins();
    words.set(said);
    const { runs, ...chosen } = state;
    page.publish({ ...chosen, ...made });
  });
  page.saves(() => Object.fromEntries(CHOICES.map((name) => [name, state[name]])));
  page.follow([...CHOICES, "runs"], () => Object.assign(state, read(), { runs: model.get("runs") }));
  return page.close;
}

export default { render };
