/* The plan and the slack as tables. */

import { element, write } from "../kit/elements.js";
import { decimal } from "../kit/numbers.js";
import { indexed } from "./programmes.js";

/* Two decimals, or a third where two would say 0.00. */
function brief(value) {
  const size = Math.abs(value);
  if (size === 0 || size >= 0.005) return value === 0 ? "0" : decimal(value, 2);
  return size >= 0.0005 ? decimal(value, 3) : `${value < 0 ? "−" : ""}<.001`;
}

/* Only what differs is written: every cell that is touched costs the browser layout. */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

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
  const edge = (node, name) => {
    write(node, name);
    return element(node, "span", { class: "explorer-number" });
  };
  const above = heads.map((node, j) => edge(node, indexed("y", j)));
  const beside = lines.map(({ head }, i) => edge(head, indexed("x", i)));
  return (values, { left, top: over, moved, tail = "" }) => {
    if (words.dataset.tail !== tail) write(words, caption + tail);
    words.dataset.tail = tail;
    const most = Math.max(...values.flat().map(Math.abs), 1e-9);
    above.forEach((node, j) => say(node, over[j]));
    lines.forEach(({ cells }, i) => {
      say(beside[i], left[i]);
      cells.forEach((cell, j) => {
        const value = Math.abs(values[i][j]) < 1e-9 ? 0 : values[i][j];
        say(cell, brief(value));
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
    plan(made.plan, { left: both(state.real_weights), top: both(state.generated_weights), moved: made.plan });
    slack(made.slack, { left: both(made.f), top: both(made.g), moved: made.plan, tail: slackness(made) });
  };
}
