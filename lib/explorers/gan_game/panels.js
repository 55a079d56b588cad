/* The panels of the GAN game: the two laws with their handles and sliders, and the sum of three bars. */

import { chart } from "../kit/chart.js";
import { group, readout, slider } from "../kit/controls.js";
import { handle } from "../kit/drag.js";
import { area, band, curve, note, rule } from "../kit/marks.js";
import { decimal, roundLimit } from "../kit/numbers.js";
import { DOMAIN, GRID, widthFor } from "./game.js";

const CENTRES = [-4.5, 4.5, 0.1];
const WIDTHS = [0.45, 1.5, 0.01];
const WEIGHTS = [0, 0.9, 0.01];

/* Handles of the two laws keep this many pixels apart: where the peaks meet, that of p stands above that of q. */
const APART = 26;

const heightAt = (density, x) => density[Math.round(((x - DOMAIN[0]) / (DOMAIN[1] - DOMAIN[0])) * (GRID.length - 1))];

/* One law: its filled curve, two handles, and its two sliders. */
export function buildLaw(page, state, top, side, law, symbol, who) {
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
      if (Math.abs(y - heights[which]) < 1e-9) return;
      read().width = widthFor(read(), which, y, WIDTHS.slice(0, 2));
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
  return (density, other, otherDensity) => {
    const now = read();
    heights = { mean: heightAt(density, now.mean), second_mean: heightAt(density, now.second_mean) };
    const others = (other.second_weight > 0 ? ["mean", "second_mean"] : ["mean"])
      .map((each) => [top.sx(other[each]), top.sy(heightAt(otherDensity, other[each]))]);
    fill.set(GRID, density);
    line.set(GRID, density);
    const aside = (which) => {
      const [x, y] = [top.sx(now[which]), top.sy(heights[which])];
      const by = Math.max(0, ...others.map((other) => APART - Math.hypot(other[0] - x, other[1] - y))) / 2;
      return law === "real" ? -by : by;
    };
    for (const [which, each] of Object.entries(peaks)) {
      const words = `centre ${decimal(now[which], 2)}, width ${decimal(now.width, 2)}`;
      each.set(now[which], heights[which], words, aside(which));
    }
    peaks.second_mean.show(now.second_weight > 0);
    const outer = now.mean < other.mean || (now.mean === other.mean && law === "real") ? "end" : "start";
    name.set(now.mean, heights.mean, `_${symbol}_, ${law}`, outer, Math.abs(aside("mean")));
    width.set(now.width);
    weight.set(now.second_weight, now.second_weight > 0 ? decimal(100 * now.second_weight, 0) + " %" : "none");
  };
}

/* The sum ½V + log 2 + ½ deficit = JS as three bars on one axis, each beside its number. */
export function buildSum(page) {
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
