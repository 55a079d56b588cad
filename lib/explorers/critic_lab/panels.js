/* What the reader reads off: the proof of each critic beside W, the meter of its slope, and the sentence below. */

import { chart } from "../kit/chart.js";
import { fold, readout } from "../kit/controls.js";
import { element } from "../kit/elements.js";
import { band, rule } from "../kit/marks.js";
import { decimal, roundLimit } from "../kit/numbers.js";
import { CRITICS, KINDS } from "./training.js";

const LOWEST = 1e-6;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/* Three decimals where they say something, else a power of ten. */
export function measured(value, digits = 3) {
  const size = Math.abs(value);
  if (size < 1e-12) return decimal(0, digits);
  if (size >= 0.01) return decimal(value, size >= 99.95 ? 1 : size >= 10 ? 2 : digits);
  const [front, power] = value.toExponential(1).split("e");
  return `${front.replace("-", "−")}·10⁻${[...power.slice(1)].map((each) => SUPERSCRIPTS[each]).join("")}`;
}

export function share(part, whole) {
  return whole > 0 ? `${decimal((100 * part) / whole, 0)} %` : "–";
}

/* Four bars on one axis, each beside its number, and the exact W that none of them passes. */
export function buildProofs(page, state) {
  element(page.root, "p", { class: "explorer-hint" },
    "What each critic proves: its value ÷ its steepest climb from a generated to a real point. No critic can prove more than _W_₁.");
  const { plot, side } = page.row();
  const bars = chart(page, plot, {
    label: "What each critic proves, and W", height: 163, top: 4, x: { domain: [0, 1], ticks: [] }, y: { domain: [0, 5] },
  });
  const zero = rule(bars, {});
  const proofs = KINDS.map(() => band(bars, { role: "third", strong: true }));
  const truth = rule(bars, { dashed: true });
  const rows = KINDS.map((kind) => readout(side, {
    label: CRITICS[kind].name, quantity: `certified_${kind}`, mark: "strong", role: "third",
  }));
  const exact = readout(side, { label: "_W_₁, exact", quantity: "exact", mark: "dashed" });
  side.classList.add("explorer-sum");
  return (made) => {
    const { exact: whole, critics } = made;
    const most = roundLimit(whole, [0.5, 1, 2, 3, 4, 6, 8]);
    bars.rescale("x", [-0.02 * most, 1.04 * most], [0, most / 2, most].map((each) => [each, String(each)]));
    zero.set(0, 0, 0, 5);
    truth.set(whole, 0, whole, 5);
    KINDS.forEach((kind, k) => {
      const proved = critics[kind].certified;
      proofs[k].set(0, 4.82 - k, proved, 4.18 - k);
      proofs[k].node.style.fillOpacity = kind === state.critic ? "" : "0.4";
      rows[k].node.parentElement.firstChild.style.opacity = kind === state.critic ? "" : "0.4";
      rows[k].set(proved, `${measured(proved)} = ${share(proved, whole)}`);
    });
    exact.set(whole);
  };
}

/* The slope of the chosen critic on a scale of powers of ten, and what its weights alone say about it. */
export function buildMeter(page) {
  const box = fold(page, page.root, "How steep is the chosen critic?");
  element(box, "p", { class: "explorer-hint" },
    "Its slope between −4 and 4, on a scale of powers of ten, beside bounds that know its weights, or only the box they are kept"
      + " in. Dashed: 1, the slope that the theorem allows.");
  const { plot, side } = page.row(box);
  const meter = chart(page, plot, {
    label: "The slope K of the chosen critic and its bounds", height: 109, top: 4, y: { domain: [0, 3] },
    x: { domain: [-6, 3.3], ticks: [[-6, "10⁻⁶"], [-4, "10⁻⁴"], [-2, "0.01"], [0, "1"], [2, "100"]] },
  });
  const bars = ["third", "third", "quiet"].map((role, k) => band(meter, { role, strong: k === 0 }));
  const allowed = rule(meter, { dashed: true });
  const rows = [
    readout(side, { label: "slope _K_, measured", quantity: "slope", mark: "strong", role: "third" }),
    readout(side, { label: "≤ Π_σ_(_W_ₗ)", quantity: "product", mark: "pale", role: "third" }),
    readout(side, { label: "≤ 256 _c_³", quantity: "beforehand", mark: "pale", role: "quiet" }),
  ];
  side.classList.add("explorer-sum");
  return ({ chosen, isClipped }) => {
    allowed.set(0, 0, 0, 3);
    [chosen.slope, chosen.product, chosen.beforehand].forEach((value, k) => {
      const shown = k < 2 || isClipped;
      bars[k].node.style.display = shown ? "" : "none";
      bars[k].set(-6, 2.82 - k, Math.log10(Math.max(LOWEST, value)), 2.18 - k);
      rows[k].set(value, measured(value));
      rows[k].show(shown);
    });
  };
}

const EXPLAINED = {
  affine: ({ gap, exact, chosen }) => {
    if (gap < 1e-9) return `An affine critic sees the means alone. They are equal, so its value is 0 whatever its slope, while _W_₁ = ${decimal(exact)}.`;
    const seen = `An affine critic sees the means alone. They are ${decimal(gap)} apart`;
    return gap > exact - 1e-9 ? `${seen}, and here that is all of _W_₁: one straight line is the best critic.`
      : `${seen}, and no such critic can prove more of _W_₁ = ${decimal(exact)}. This one proves ${decimal(chosen.certified)}.`;
  },
  clipped: ({ exact, chosen, bound }) => `With every weight within ±${bound} the slope is ${measured(chosen.slope)}, and so the value,`
    + ` ${measured(chosen.value)}, says nothing about _W_₁ = ${decimal(exact)}. Divided by its steepest climb it proves`
    + ` ${share(chosen.certified, exact)} of it: the value rewards steepness, and not the right turns.`,
  penalty: ({ exact, chosen, isTrapped, penalty }) => {
    if (isTrapped) {
      return "Stuck: somewhere the slope has the wrong sign. To turn, it must pass through 0, and the two-sided penalty with"
        + ` λ = ${penalty} holds it near +1 or −1. Try the one-sided penalty, a smaller λ, or other weights.`;
    }
    const [over, proof] = [chosen.value - exact, share(chosen.certified, exact)];
    return `The penalty persuades and does not forbid: the slope reaches ${decimal(chosen.slope, 2)}, and the value ${decimal(chosen.value)}`
      + ` ${over > 0 ? "overstates" : "stays below"} _W_₁ = ${decimal(exact)}. What it proves is ${proof} of _W_₁.`;
  },
  spectral: ({ exact, chosen, activation }) => `No slope above 1, by construction: the value ${decimal(chosen.value)} can never exceed`
    + ` _W_₁ = ${decimal(exact)}, here it is ${share(chosen.value, exact)}. ${activation === "relu"
      ? "Each ReLU that is off loses slope that no later layer can give back." : "MaxMin passes the slope on in full."}`,
};

export function inWords(made) {
  const { exact, chosen, isRunning, steps } = made;
  if (isRunning) return "All four critics climb their own objective. Watch the purple curve settle, and what it proves grow.";
  if (exact < 1e-9) return "The two clouds are the same: _W_₁ = 0, and there is nothing to prove.";
  if (steps === 0) return `_W_₁ = ${decimal(exact)}. This critic has random weights yet and proves nothing of use: press Train.`;
  if (chosen.value < -1e-9) return `So far the critic prefers the generated points: a value below 0 proves nothing about _W_₁ = ${decimal(exact)}. Train on.`;
  return EXPLAINED[made.kind](made);
}
