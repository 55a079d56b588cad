/* What is read off: a table with two baselines beside the critic, and one sentence. */

import { element } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";

export const PARTS = "built from four parts";
export const LINE = "straight line";
const ROWS = [
  ["raw", "reads, %", 1], ["certified", "proves, %", 1], ["transformed", "c-trans\u00ADform proves, %", 1],
  ["cosine", "arrows’ cosine", 2], ["length", "arrows’ length", 2],
];
/* Column: its heading, whose numbers, on which points. */
const COLUMNS = [
  ["at home", "numbers", ""], ["fresh", "numbers", "fresh_"], ["fresh, un\u00ADtrained", "start", "fresh_"], ["fresh, a line", "line", "fresh_"],
];

/* Digits as many as say something: what clipped critics read is a hundredth of a per cent, or thousands. */
function short(value, digits) {
  const size = Math.abs(value);
  if (digits === 1 && size >= 999.5) return decimal(value, 0);
  if (digits === 1 && size > 0 && size < 0.095) return size < 0.005 ? decimal(value, 3) : decimal(value, 2);
  return decimal(value, digits);
}

export function buildTable(parent) {
  const table = element(parent, "table", { class: "explorer-matrix critics-table", "data-role": "third" });
  element(table, "caption", {}, "Shares of _W_₁; mean cosine and median length of the arrows");
  const head = element(element(table, "thead"), "tr");
  element(head, "th", { scope: "col" }, "the critic");
  const headings = COLUMNS.map(([title]) => element(head, "th", { scope: "col" }, title));
  const body = element(table, "tbody");
  const cells = ROWS.map(([quantity, label, digits]) => {
    const line = element(body, "tr");
    const name = element(line, "th", { scope: "row" }, label).textContent.replace("\u00AD", "");
    return COLUMNS.map(([title, whose, where]) => {
      const cell = element(line, "td");
      const own = `${whose === "numbers" ? "" : `${whose}_`}${where}${quantity}`;
      const output = element(cell, "output", { "data-quantity": own, "aria-live": "off", "aria-label": `${name}, ${title.replace("\u00AD", "")}` });
      return { cell, output, whose, field: `${where}${quantity}`, digits };
    });
  });
  return ({ points, isRuler, ...given }) => {
    COLUMNS.forEach(([, whose, where], column) => {
      const isShown = whose === "numbers" && (where === "fresh_") === (points === "fresh");
      const gone = whose === "start" && isRuler;
      headings[column].classList.toggle("critics-here", isShown);
      for (const row of cells) {
        const { cell, output, field, digits } = row[column];
        const value = given[whose][field];
        output.dataset.value = value.toPrecision(12);
        output.textContent = gone ? "–" : short(value, digits);
        cell.classList.toggle("critics-here", isShown);
      }
    });
  };
}

const percent = (value) => `${decimal(value, 1)} %`;

const WHERE = { ring: "the ring", gaussians: "the two Gaussians" };
const WHEN = ["untrained", "after 10 % of its steps", "after 30 % of its steps", "trained"];

/* From the least to the largest, said once where two digits are the same. */
function reach([least, , largest]) {
  const ends = [decimal(least, 2), decimal(largest, 2)];
  return ends[0] === ends[1] ? ends[0] : `${ends[0]} to ${ends[1]}`;
}

/* What one seed has no say in; `lengths` are those at home and at fresh points, of a kind that is trained. */
export function inWords({ lengths, ...told }) {
  if (!lengths || told.moment < 3) return ofOneSeed(told);
  const [home, fresh] = lengths.map(reach);
  return `${ofOneSeed(told)} Over five seeds the arrows’ length is ${home} at home and ${fresh} at fresh points.`;
}

/* One sentence on the shares, one on the arrows, one on what is remarkable there. */
function ofOneSeed({ name, problem, moment, points, isRuler, numbers, start, line }) {
  const who = `${name[0].toUpperCase()}${name.slice(1)}${isRuler ? "" : `, ${WHEN[moment]}`}`;
  const gap = numbers.certified - numbers.fresh_certified;
  const lost = gap > 0 ? `${decimal(gap, 1)} points less` : `${decimal(-gap, 1)} points more`;
  const isRenewed = name.endsWith("renewed"); // its own points were drawn anew at each step
  const [whose, unseen] = isRenewed ? ["the others’", " It has climbed on neither."] : ["the", ""];
  const shares = `${who}: ${percent(numbers.certified)} of _W_₁ proved on ${whose} training points of ${WHERE[problem]}, ${percent(numbers.fresh_certified)} on fresh ones, ${lost}.${unseen}`;
  if (points === "home" && numbers.length === 0) {
    return `${shares} Most training points have no arrow: each of these sits in the pit of its own cone, where _T_ has no gradient. Look at fresh points.`;
  }
  const arrows = `Its arrows at fresh points have the mean cosine ${decimal(numbers.fresh_cosine, 2)}`;
  if (isRuler || moment === 0) return `${shares} ${arrows}${name === LINE ? "" : `, those of a straight line ${decimal(line.fresh_cosine, 2)}`}.`;
  const turned = numbers.fresh_cosine - start.fresh_cosine;
  if (turned < -0.01) return `${shares} ${arrows}, and had ${decimal(start.fresh_cosine, 2)} before the training, which has turned them away.`;
  if (numbers.fresh_certified < line.fresh_certified) return `${shares} ${arrows}. On the fresh points a straight line proves more, ${percent(line.fresh_certified)}.`;
  return `${shares} ${arrows}, untrained ${decimal(start.fresh_cosine, 2)}, a straight line ${decimal(line.fresh_cosine, 2)}.`;
}
