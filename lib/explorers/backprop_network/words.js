/* What the numbers mean, in one or two sentences. */

import { decimal } from "../kit/numbers.js";
import { FORMULAS, symbol, symbolOf } from "./formulas.js";
import { parsed } from "./network.js";

const SAME = 1e-9;

/* The first three digits that say something. */
export function brief(value) {
  const size = Math.abs(value);
  return size < SAME ? "0" : decimal(value, Math.min(8, Math.max(3, 2 - Math.floor(Math.log10(size)))));
}

/* A wrong value beside the truth. */
function compared(value, truth) {
  const [says, measured] = [`This formula says ${brief(value)}`, `two forward passes measure ${brief(truth)}`];
  const ratio = value / truth;
  if (Math.abs(truth) < SAME || Math.abs(value) < SAME) return `${says}; ${measured}.`;
  if (ratio < 0) return `${says}; ${measured}: even the sign is wrong.`;
  if (Math.abs(ratio - 1) < 0.01) return `${says}; ${measured}: close, and yet not the same.`;
  const share = ratio > 1 ? `${decimal(ratio, ratio < 10 ? 2 : 0)} times` : `${decimal(100 * ratio, ratio < 0.01 ? 2 : 0)} % of`;
  return `${says}, ${share} the ${brief(truth)} that two forward passes measure.`;
}

/* Which of the factors together are a δ, where nothing is wrong. */
export function inParts({ chosen, factors, deltas: { d2, d3 } }) {
  if (factors.some(({ wrong }) => wrong)) return "";
  const { layer, j, weight } = parsed(chosen);
  const span = (from) => Array.from({ length: factors.length - from + 1 }, (_, index) => from + index).join(" · ");
  const output = `${span(factors.length - 1)} is ${symbol("δ", 3, 0)} = ${brief(d3[0])}`;
  return layer === 3 ? `${output}.` : `${output}; ${span(weight ? 2 : 1)} is ${symbol("δ", 2, j)} = ${brief(d2[j])}.`;
}

export function inWords({ chosen, formula, analytic, finite, now, after }) {
  const letter = symbolOf(chosen);
  const way = `from ${brief(now)} to ${brief(after)}`;
  if (Math.abs(analytic - finite) < SAME) {
    const agreed = `Two forward passes agree: move ${letter} by a little, and _J_ moves by ${brief(finite)} times as much.`;
    if (formula === "right") return `${agreed} One step takes the cost ${way}.`;
    const { touches, look } = FORMULAS[formula];
    const accident = touches(parsed(chosen)) ? "This formula is right here by accident." : "This formula is right here.";
    return `${accident} ${look || "Move a slider."} What it says of the others still goes into every step.`;
  }
  const step = after < now
    ? `Its step lowers the cost all the same, ${way}: a cost that falls does not prove a gradient.`
    : `Its step raises the cost, ${way}.`;
  return `${compared(analytic, finite)} ${step}`;
}
