/* What the reader looks at: the best critic with the chosen one, and the two clouds below. */

import { chart, mark } from "../kit/chart.js";
import { handle } from "../kit/drag.js";
import { shape } from "../kit/elements.js";
import { curve, note, path, rule } from "../kit/marks.js";
import { clamp, mean, roundLimit } from "../kit/numbers.js";
import { CLUMP, DOMAIN, SIDES } from "./clouds.js";
import { scores } from "./pieces.js";

const CENTRES = [-3, 3, 0.05];

export const NOTE = "Dashed: the best critic _T_*, whose mean difference is _W_₁; where it is pale, any slope from −1 to 1 is as good."
  + " All are drawn with mean 0, for a constant changes no value; _T_ ÷ _K_ shows the shape of a critic of any steepness.";

/* The dashed line over those pieces whose slope fits. */
function pieces(chart, fits) {
  const node = shape(chart.plot, "path", { class: "explorer-curve explorer-dashed", "data-role": "ink" });
  const self = mark(chart, node, ({ ends, slopes }, heights) => {
    let isOpen = false;
    node.setAttribute("d", slopes.map((slope, k) => {
      const text = fits(slope) ? path(chart, ends.slice(k, k + 2), heights.slice(k, k + 2)) : "";
      const joined = isOpen ? text.replace("M", "L") : text;
      isOpen = text !== "";
      return joined;
    }).join(""));
    self.end = chart.sy(heights[heights.length - 1]);
  });
  return self;
}

/* The best critic and the chosen one, both with mean 0 over all points: a constant changes no critic's value. */
export function buildCurves(page, state, parent) {
  const top = chart(page, parent, {
    label: "The exact potential and the chosen critic", height: (width) => (width < 420 ? 180 : 238), right: 44, x: { domain: DOMAIN, ticks: [] },
    y: { domain: [-2, 2], ticks: [], name: "the critic, and the best one _T_* (dashed)" },
  });
  const forced = pieces(top, (slope) => slope !== 0);
  const free = pieces(top, (slope) => slope === 0);
  free.node.classList.add("explorer-former");
  top.ends.push({ curve: free, text: shape(top.names, "text", { class: "explorer-name", "data-role": "ink" }), label: ["_T_*"] });
  const drawn = curve(top, { role: "third", label: "_T_" });
  const name = top.ends.find((each) => each.curve === drawn);
  return ({ best, chosen, real, generated }) => {
    const at = (x) => {
      const k = Math.max(0, best.ends.findIndex((end) => end >= x) - 1);
      return best.values[k] + best.slopes[k] * (x - best.ends[k]);
    };
    const level = mean([...real, ...generated].map(at));
    const heights = best.values.map((each) => each - level);
    const unit = state.scaled[state.critic] && chosen.slope > 0 ? chosen.slope : 1;
    /* Both are seen wherever there are points; farther out a steep critic may leave the picture. */
    const seen = scores(chosen.network, [...real, ...generated]).map((each) => Math.abs(each - chosen.level) / unit);
    const most = roundLimit(1.15 * Math.max(...heights.map(Math.abs), ...seen), [1, 2, 3, 4, 6, 8, 12, 16, 24, 40]);
    top.rescale("y", [-most, most], [-most, 0, most]);
    free.set(best, heights);
    forced.set(best, heights);
    /* Cut far outside the axes: browsers lose their way in coordinates of many digits. */
    const drawnAt = scores(chosen.network, chosen.ends).map((each) => (each - chosen.level) / unit);
    drawn.set(chosen.ends, drawnAt.map((each) => clamp(each, -1e4, 1e4)));
    name.label = [state.scaled[state.critic] ? "_T_ ÷ _K_" : "_T_"];
  };
}

/* The two clouds on their lines; each is two clumps, and each clump has a handle. */
export function buildClouds(page, state, parent, moved) {
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
