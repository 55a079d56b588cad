// Figures that are wider than a phone scroll within their frame, and a click or a button shows them full-screen.
(() => {
  const frames = () => document.querySelectorAll(".figure-frame");

  const mark = (frame) => {
    const hidden = frame.scrollWidth - frame.clientWidth;
    frame.classList.toggle("more", hidden > 1 && frame.scrollLeft < hidden - 1);
    if (hidden > 1) {
      frame.setAttribute("tabindex", "0");
      frame.setAttribute("role", "region");
      frame.setAttribute("aria-label", `${frame.dataset.name}, scrolls sideways`);
    } else for (const name of ["tabindex", "role", "aria-label"]) frame.removeAttribute(name);
  };
  const markAll = () => frames().forEach(mark);

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // The drawing itself moves into the dialog and back: a copy would repeat the identifiers of its parts.
  const enlarge = (figure) => {
    const frame = figure.querySelector(".figure-frame");
    const drawing = frame.querySelector("svg");
    if (!drawing) return;
    const caption = element("p", {});
    for (const node of figure.querySelector("figcaption > span").childNodes)
      if (!node.matches?.(".figure-number")) caption.append(node.cloneNode(true));
    const close = element("button", { type: "button", textContent: "×", title: "Close" });
    close.setAttribute("aria-label", "Close");
    const room = element("div", { className: "figure-room", tabIndex: 0 }, drawing);
    const head = element("header", {}, element("span", { textContent: frame.dataset.name }), close);
    const dialog = element("dialog", { className: "figure-dialog" }, head, room, caption);
    dialog.setAttribute("aria-label", frame.dataset.name);
    frame.style.minHeight = `${frame.clientHeight}px`; // the page behind keeps its place
    const leave = () => dialog.close();
    close.addEventListener("click", leave);
    drawing.addEventListener("click", leave);
    dialog.addEventListener("close", () => {
      drawing.removeEventListener("click", leave);
      frame.append(drawing);
      frame.style.minHeight = "";
      dialog.remove();
      mark(frame);
      figure.querySelector(".figure-enlarge").focus({ preventScroll: true });
    });
    figure.append(dialog);
    dialog.showModal();
    close.focus();
  };

  const start = () => {
    for (const figure of document.querySelectorAll(".book-figure")) {
      const frame = figure.querySelector(".figure-frame");
      const button = element("button", { type: "button", className: "figure-enlarge", textContent: "Enlarge" });
      button.setAttribute("aria-label", `Enlarge ${frame.dataset.name}`);
      button.addEventListener("click", () => enlarge(figure));
      figure.querySelector("figcaption").append(button);
      frame.addEventListener("click", () => {
        if (!figure.querySelector("dialog")) enlarge(figure);
      });
      frame.addEventListener("scroll", () => mark(frame), { passive: true });
    }
    markAll();
    new ResizeObserver(markAll).observe(document.body);
    document.addEventListener("toggle", markAll, true); // folded parts have no width until they are opened
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
