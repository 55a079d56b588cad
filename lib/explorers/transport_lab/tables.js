/* The plan and the slack as tables. */

import { element, write } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";
import { indexed } from "./programmes.js";

/* A matrix as a table: names and prices at its edges, shaded by size, framed where mass moves. */
function matrix(parent, { quantity, caption, role, rows, columns }) {
  const table = element(parent, "table", { class: "explorer-matrix", "data-role": role });
  const words = element(table, "caption", {}, caption);
  const top = element(element(table, "thead"), "tr");
  element(top, "td");
  const heads = Array.from({ length: columns }, () => element(top, "th", { scope: "col", "data-role": "generated" }));
  const body = element(table, "tbody");
  const lines = Array.from({ length: rows }, (_, i) => {
    const line = element(body, "tr");
    const head = element(line, "th", { scope: "row", "data-role": "real" });
    const name = (j) => ({ "data-quantity": `${quantity}_${i + 1}_${j + 1}` });
    return { head, cells: Array.from({ length: columns }, (_, j) => element(line, "td", name(j))) };
  });
  const edge = (node, name, value) => {
    write(node, name);
    element(node, "span", { class: "explorer-number" }, value);
  };
  return (values, { left, above, moved, tail = "" }) => {
    write(words, caption + tail);
    const most = Math.max(...values.flat().map(Math.abs), 1e-9);
    heads.forEach((node, j) => edge(node, indexed("y", j), above[j]));
    lines.forEach(({ head, cells }, i) => {
      edge(head, indexed("x", i), left[i]);
      cells.forEach((cell, j) => {
        const value = Math.abs(values[i][j]) < 1e-9 ? 0 : values[i][j];
        cell.textContent = value === 0 ? "0" : decimal(value, 2);
        cell.dataset.value = values[i][j].toPrecision(12);
        cell.dataset.state = [moved[i][j] > 0 && "moved", value === 0 && "zero", value < 0 && "negative"].filter(Boolean).join(" ");
        cell.style.setProperty("--heat", `${(32 * Math.abs(value)) / most}%`);
      });
    });
  };
}

/* Complementary slackness, where it holds: it is what makes a plan and prices optimal together. */
function slackness({ plan, slack }) {
  const moved = slack.flatMap((row, i) => row.filter((_, j) => plan[i][j] > 0));
  if (moved.length === 0) return "";
  return moved.every((each) => Math.abs(each) < 1e-9) ? ": 0 where mass moves" : ": not 0 wherever mass moves";
}

export function buildTables(page, state) {
  const row = element(page.root, "div", { class: "explorer-tables" });
  const size = { rows: state.real.length, columns: state.generated.length };
  const plan = matrix(row, { quantity: "plan", caption: "Plan Γ: mass from _x_ to _y_", role: "third", ...size });
  const slack = matrix(row, { quantity: "slack", caption: "Slack _c_ − _f_ − _g_", role: "ink", ...size });
  const both = (values, mark = "") => values.map((each) => mark + decimal(each, 2));
  return (made) => {
    plan(made.plan, { left: both(state.real_weights), above: both(state.generated_weights), moved: made.plan });
    slack(made.slack, { left: both(made.f), above: both(made.g), moved: made.plan, tail: slackness(made) });
  };
}
