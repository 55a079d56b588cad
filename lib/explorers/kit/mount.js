/* An explorer in a plain page: no kernel and no widget manager, only the traits that Python wrote down. */

export function mount(drawing, name, traits) {
  const listeners = new Map();
  const hear = (event) => listeners.get(event) ?? listeners.set(event, new Set()).get(event);
  const model = {
    get: (key) => traits[key],
    set: (key, value) => {
      traits[key] = value;
      hear(`change:${key}`).forEach((each) => each());
    },
    on: (event, how) => hear(event).add(how),
    off: (event, how) => hear(event).delete(how),
    save_changes: () => {},
  };
  for (const el of document.querySelectorAll(`[data-explorer-mount="${name}"]:empty`)) {
    el.model = model; /* the page around an explorer may move a trait, as Python does */
    drawing.render({ model, el });
  }
}
