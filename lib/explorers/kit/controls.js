/* What stands beside a chart: sliders, buttons, selects, read-outs, and the sentence below. */

import { element, write } from "./elements.js";
import { decimal } from "./numbers.js";

/* A heading and the controls under it. */
export function group(parent, { title, role = "ink" }) {
  const box = element(parent, "div", { class: "explorer-group", "data-role": role, role: "group" });
  element(box, "div", { class: "explorer-heading" }, title);
  box.setAttribute("aria-label", box.textContent);
  return box;
}

export function slider(page, parent, { label, name, min, max, step, digits = 2, role = "ink", input }) {
  const line = element(parent, "label", { class: "explorer-slider", "data-role": role });
  element(line, "span", { class: "explorer-label" }, label);
  const control = element(line, "input", { type: "range", min, max, step, "aria-label": name });
  const shown = element(line, "span", { class: "explorer-number", "aria-hidden": "true" });
  control.addEventListener("input", () => page.change(() => input(Number(control.value))), { signal: page.signal });
  return {
    node: control,
    show(visible) { line.hidden = !visible; },
    set(value, text = decimal(value, digits)) {
      control.value = value;
      control.setAttribute("aria-valuetext", text);
      control.style.setProperty("--share", `${(100 * (value - min)) / (max - min)}%`);
      shown.textContent = text;
    },
  };
}

/* What the reader is here to press is `primary`, at most one in an explorer. */
export function button(page, parent, { label, name = "", primary = false, press }) {
  const kind = primary ? "explorer-button explorer-primary" : "explorer-button";
  const control = element(parent, "button", { type: "button", class: kind }, label);
  if (name) control.setAttribute("aria-label", name);
  control.addEventListener("click", press, { signal: page.signal });
  return control;
}

export function select(page, parent, { label, options, choose }) {
  const line = element(parent, "label", { class: "explorer-select" });
  element(line, "span", { class: "explorer-label" }, label);
  const control = element(line, "select");
  for (const [value, text] of options) element(control, "option", { value }, text);
  control.addEventListener("change", () => page.change(() => choose(control.value)), { signal: page.signal });
  return { node: control, set: (value) => { control.value = value; }, show: (visible) => { line.hidden = !visible; } };
}

/* One number with its name. It is not a live region: eight of them changing at once would drown a screen reader;
 * `sentence` says in words what they mean. */
export function readout(parent, { label, quantity, digits = 3, mark = "", role = "ink" }) {
  const line = element(parent, "div", { class: "explorer-readout", "data-role": role });
  element(line, "span", { class: `explorer-swatch ${mark && `explorer-swatch-${mark}`}`, "aria-hidden": "true" });
  const words = element(line, "span", { class: "explorer-label" }, label);
  const attributes = { "data-quantity": quantity, "aria-live": "off", "aria-label": words.textContent };
  const output = element(line, "output", { class: "explorer-number", ...attributes });
  return {
    node: output,
    set(value, text = decimal(value, digits)) {
      output.dataset.value = value.toPrecision(12);
      output.textContent = text;
    },
    show(visible) { line.hidden = !visible; },
  };
}

/* What the numbers mean now. The eye sees it at once; a screen reader hears it once the hand rests. */
export function sentence(page, parent) {
  const seen = element(parent, "p", { class: "explorer-sentence", "aria-hidden": "true" });
  const heard = element(parent, "p", { class: "explorer-heard", "aria-live": "polite" });
  let timer = 0;
  page.signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    set(text) {
      if (text === seen.dataset.text) return;
      seen.dataset.text = text;
      write(seen, text);
      clearTimeout(timer);
      timer = setTimeout(() => { heard.textContent = seen.textContent; }, 500);
    },
  };
}

/* What can wait: open where there is room, closed on a narrow page. */
export function fold(page, parent, title) {
  const box = element(parent, "details", { class: "explorer-fold" });
  box.open = page.root.clientWidth >= 600;
  element(box, "summary", {}, title);
  return box;
}

/* Several texts in one place, of which one is seen: the place is always as high as the highest of them. */
export function alternatives(parent, texts) {
  const box = element(parent, "div", { class: "explorer-alternatives explorer-hint" });
  const nodes = Object.entries(texts).map(([key, text]) => [key, element(box, "p", {}, text)]);
  return { set: (chosen) => nodes.forEach(([key, node]) => { node.style.visibility = key === chosen ? "" : "hidden"; }) };
}

/* A hint that has one half for everybody and one for those who have a keyboard before them. */
export function hint(parent, text, keys) {
  const node = element(parent, "p", { class: "explorer-hint" }, text);
  element(node, "span", { class: "explorer-keys" }, ` ${keys}`);
}
