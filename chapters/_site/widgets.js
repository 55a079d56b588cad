// Loaded, between require.js and the widget manager, on the pages that hold a widget.
(() => {
  // Everything the widgets may ask for lies beside this file; nothing is fetched from elsewhere.
  const here = new URL(".", document.currentScript.src).href;
  requirejs.config({ paths: { anywidget: here + "anywidget/index" } });

  // A slider's handle takes its name, for screen readers, from the label beside it.
  new MutationObserver(() => {
    for (const handle of document.querySelectorAll(".widget-slider .noUi-handle:not([aria-label])"))
      handle.setAttribute("aria-label", handle.closest(".widget-slider").querySelector("label")?.title || "value");
  }).observe(document.documentElement, { childList: true, subtree: true });

  // The widget manager typesets labels through MathJax 2's queue; hand its requests to MathJax 3.
  const typeset = ([, , element]) =>
    globalThis.MathJax.startup.promise.then(() => globalThis.MathJax.typesetPromise([element]));
  const Hub = { Queue: typeset };
  const settings = (globalThis.MathJax ??= {});
  settings.Hub = Hub;
  if (settings.startup?.promise) return; // MathJax is there already
  settings.startup = {
    ...settings.startup,
    ready() {
      globalThis.MathJax.Hub = Hub;
      globalThis.MathJax.startup.defaultReady();
    },
  };
  // Requests made before MathJax has arrived wait for it.
  const waiting = [];
  settings.Hub = { Queue: (request) => waiting.push(request) };
  addEventListener("load", () => waiting.splice(0).forEach((request) => globalThis.MathJax.Hub.Queue(request)));
})();
