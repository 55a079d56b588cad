/* What is printed of the needle, and what it means. */

import { readout } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";

/* A number of the laboratory: small ones with as many digits as they need. */
export function brief(value, digits = 3) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "∞";
  const size = Math.abs(value);
  if (size === 0 || size >= 10 ** -digits) return decimal(value, digits);
  if (size < 1e-15) return "0";
  const [head, power] = value.toExponential(1).split("e-");
  return `${head.replace("-", "−")} · 10⁻${[...power].map((each) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[each]).join("")}`;
}

const degrees = (tangent) => (Math.atan(tangent) * 180) / Math.PI;

export function buildNumbers(side) {
  const box = element(side, "div", { class: "explorer-numbers" });
  const rows = [
    ["rounds", "rounds", "", "ink", 0],
    ["sigma_1", "_σ_₁, the longer half-axis", "dashed", "ink"],
    ["sigma_2", "_σ_₂", "dashed", "ink"],
    ["value", "the estimate of _σ_₁", "line", "real"],
    ["angle", "the needle is off by, degrees", "", "ink", 2],
    ["tangent_rate", "its tangent, per round", "line", "real"],
    ["kappa_2", "(_σ_₂ ÷ _σ_₁)²", "dashed", "ink"],
    ["value_rate", "error of the value, per round", "line", "generated"],
    ["kappa_4", "(_σ_₂ ÷ _σ_₁)⁴", "dashed", "ink"],
    ["missing", "error of the value, kept", "line", "real"],
    ["forgotten", "error, from the first again", "line", "generated"],
  ].map(([quantity, label, mark, role, digits = 3]) => [quantity, digits, readout(box, { label, quantity, mark, role })]);
  /* A run that drifts has no rates. */
  return (numbers, { drifting }) => rows.forEach(([quantity, digits, each], row) => {
    const value = numbers[quantity];
    if (row > 4) each.show(drifting === row > 8);
    each.set(Number.isNaN(value) ? 0 : value, brief(value, digits));
  });
}

/* What is printed. */
export function measured({ looks, svd }, { drifting }) {
  const [one, other] = svd.sigma;
  const kappa = one > 0 ? other / one : 0;
  const k = looks.length - 1;
  const [now, then] = [looks[k], looks[k - 1]];
  const rate = (name, from) => (!drifting && k >= from && then[name] > 1e-12 ? now[name] / then[name] : NaN);
  return {
    rounds: k, sigma_1: one, sigma_2: other, value: k ? now.value : NaN, angle: degrees(now.tangent), missing: k ? now.missing : NaN,
    forgotten: now.forgotten, tangent_rate: rate("tangent", 1), kappa_2: kappa ** 2, value_rate: rate("missing", 2), kappa_4: kappa ** 4,
  };
}

export function inWords({ drifting }, { rounds: k, sigma_1: one, value, angle, missing, forgotten, sigma_2: other }) {
  if (one === 0) return "This matrix is zero and stretches nothing: there is no direction to be found.";
  if (drifting) {
    if (k === 0) return "The matrix moves a little before every round. Two needles: one goes on, the other starts again each time. Play.";
    return `The needle that was kept misses ${brief(100 * missing, 2)} % of _σ_₁; the one that starts again each time, ${brief(100 * forgotten, 2)} %.`;
  }
  if (k === 0) return `The start is ${decimal(angle, 0)}° off _u_₁. Make a round: multiply by the transpose, multiply by _W_, and set the length to 1.`;
  if (one - other < 1e-9 * one) return "Both half-axes are equal: the value is right, and there is no single direction to be found.";
  if (angle > 89.9999) return `The start has no part along _u_₁, and the needle will never find it: it reports ${decimal(value)} for ever.`;
  if (missing < 1e-3 && angle > 8) {
    return `The value is right to a thousandth, ${decimal(value, 4)} for ${decimal(one, 4)}, and the needle is still ${decimal(angle, 0)}° off.`;
  }
  if (angle < 1e-5) return `Found: the needle lies on _u_₁, and the value is ${decimal(value)}.`;
  return `After ${k} ${k === 1 ? "round" : "rounds"} the needle is ${brief(angle, 2)}° off, and the value misses ${brief(100 * missing, 2)} % of _σ_₁.`;
}
