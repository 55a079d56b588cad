/* The two planes of the needle: the unit circle, and its image under W with the columns that are dragged. */

import { handle } from "../kit/drag.js";
import { element } from "../kit/elements.js";
import { curve, note } from "../kit/marks.js";
import { decimal } from "../kit/numbers.js";
import { REACH, direction, times } from "./matrices.js";
import { ellipse, plane, stroke } from "./planes.js";

const RIM = 2.4;
const HALF = Array.from({ length: 37 }, (_, k) => 5 * k);

/* The needle between where it was and where it is, by the shorter way round. */
function between(from, to, share) {
  if (!from || share >= 1 || Math.hypot(...to) === 0) return to;
  const [one, other] = [from, to].map(([x, y]) => Math.atan2(y, x));
  const way = ((other - one + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
  return [Math.cos(one + share * way), Math.sin(one + share * way)];
}

/* What is dragged: the ends of the columns, and the start on its rim. */
function buildHandles(page, state, output, restart) {
  const place = [-REACH, REACH, 0.05];
  const rim = curve(output, { role: "real" });
  rim.node.classList.add("explorer-former");
  rim.set(HALF.map((angle) => direction(angle)[0] * RIM), HALF.map((angle) => direction(angle)[1] * RIM));
  const where = note(output, { role: "real" });
  const tips = [0, 1].map((k) => handle(output, {
    role: "ink", label: `Column ${k + 1} of W`, x: place, y: place,
    move: ([x, y]) => page.change(() => restart(() => {
      state.matrix = state.shown.map((each, at) => Number((at % 2 === k ? [x, y][Math.floor(at / 2)] : each).toFixed(4)));
    })),
  }));
  const letters = [0, 1].map(() => note(output, { role: "ink", lift: 12 }));
  for (const each of letters) each.node.classList.add("explorer-price");
  for (const each of [...letters, where, rim]) each.node.classList.add("spectral-held");
  const turn = handle(output, {
    role: "real", label: "Start in the picture", x: [-RIM, RIM, 0.2], y: [-RIM, RIM, 0.2],
    move: ([x, y]) => page.change(() => restart(() => {
      /* A direction and its opposite are one needle: the rim is half a circle, and ends where it ends. */
      const angle = y > 0 ? (Math.atan2(y, x) * 180) / Math.PI : x > 0 ? 0 : 180;
      state.start = Number(angle.toFixed(1));
    })),
  });
  return (now) => {
    tips.forEach((tip, k) => {
      const at = times(now, [[1, 0], [0, 1]][k]);
      tip.set(...at, at.map((each) => decimal(each, 2)).join(", "));
      letters[k].set(...at, `column ${k + 1}`);
    });
    where.set(...direction(state.start).map((each) => each * (RIM - 0.42)), "start", "middle", -4);
    turn.set(...direction(state.start).map((each) => each * RIM), `${decimal(state.start, 0)} degrees`);
  };
}

/* The two planes: the circle with v₁, v₂ and ṽ, and its image with σ₁u₁, σ₂u₂ and σ̂ũ. */
export function buildPlanes(page, state, parent, restart) {
  const pair = element(parent, "div", { class: "spectral-planes" });
  const half = () => element(pair, "div");
  const input = plane(page, half(), { label: "The unit circle and the vector v", name: "the circle, and the needle", reach: 1.4 });
  const output = plane(page, half(), { label: "Its image under W and the vector u", name: ["its image under _W_, and the needle", "under _W_, and the needle"], reach: 2.6 });
  ellipse(input, { role: "quiet", filled: true }).set([1, 0, 0, 1]);
  const image = ellipse(output, { role: "quiet", filled: true });
  const [inner, outer] = [input, output].map((made) => [0, 1].map(() => stroke(made, { role: "ink", width: 1.5, dashed: true })));
  const names = [input, output].map((made) => [0, 1].map(() => note(made, { role: "ink", lift: -4 })));
  names.flat().forEach((each) => each.node.classList.add("explorer-price"));
  const forgetful = stroke(output, { role: "generated", width: 4 });
  const [v, u] = [input, output].map((made) => stroke(made, { role: "real", width: 4 }));
  const drawHandles = buildHandles(page, state, output, restart);
  return (made) => {
    const { now, svd, before, looks } = made;
    image.set(now);
    const rows = [[inner, svd.v, [1, 1]], [outer, svd.u, svd.sigma]];
    rows.forEach(([strokes, axes, lengths], which) => axes.forEach((axis, k) => {
      const tip = axis.map((each) => each * lengths[k]);
      strokes[k].set([0, 0], tip);
      const word = ["_v_", "_u_"][which] + "₁₂"[k];
      const out = which === 0 ? axis.map((each) => 1.2 * each) : axis.map((each) => each * (lengths[k] + 0.3));
      names[which][k].set(...out, word);
    }));
    const share = state.share;
    const isWhole = state.halves % 2 === 0;
    const seen = [between(before?.v ?? null, made.v ?? [0, 0], share), between(isWhole ? before?.u : null, made.u, share)];
    v.show(made.v !== null);
    v.set([0, 0], seen[0]);
    const { value } = looks[looks.length - 1];
    const long = looks.length > 1 ? value : 1;
    u.set([0, 0], seen[1].map((each) => each * long));
    forgetful.show(made.again !== null);
    forgetful.set([0, 0], (made.again?.u ?? [0, 0]).map((each) => each * (made.again?.value ?? 0)));
    drawHandles(now);
  };
}
