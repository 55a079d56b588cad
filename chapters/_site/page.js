// Loaded on every page. A box that scrolls sideways must be reachable by keyboard: give it a tab stop while, and only
// while, its content overflows. Formulas in a line become such boxes when they are wider than the text around them.
(() => {
  const boxes = "div.math, mjx-container[display], mjx-container.wide, .cell_output > .output, .cell_output pre, .table-wrapper, " +
    ".pst-scrollable-table-container, .cell_input pre, div.highlight pre";
  const update = () => {
    // First write, then read, then write: a page with two thousand formulas is laid out once, not once for each.
    const formulas = [...document.querySelectorAll("span.math > mjx-container")].filter(
      (each) => !each.closest("table")); // a table scrolls as a whole
    for (const formula of formulas) formula.classList.remove("wide");
    const wide = formulas.filter((formula) => {
      const room = formula.closest("p, li, td, div")?.clientWidth ?? 0;
      return room > 0 && formula.getBoundingClientRect().width > room;
    });
    for (const formula of wide) formula.classList.add("wide");
    const all = [...document.querySelectorAll(boxes)];
    const overflows = all.map((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible");
    all.forEach((box, at) => {
      if (overflows[at]) box.setAttribute("tabindex", "0");
      else box.removeAttribute("tabindex");
    });
  };
  let pending = 0;
  const later = () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(update);
  };
  addEventListener("resize", later);
  // An address may point into something folded: a claim among many, a solution, a proof.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("details:not([open])")) return;
    for (let folded = target.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  // On paper nothing can be unfolded, and nothing is dark.
  addEventListener("beforeprint", () => {
    const page = document.documentElement, { theme } = page.dataset;
    const folded = document.querySelectorAll("details:not([open])");
    page.dataset.theme = "light";
    for (const each of folded) each.open = true;
    addEventListener("afterprint", () => {
      page.dataset.theme = theme;
      for (const each of folded) each.open = false;
    }, { once: true });
  });
  addEventListener("load", async () => {
    await globalThis.MathJax?.startup?.promise;
    update();
    unfold();
    // Folded parts have no width until they are opened.
    document.addEventListener("toggle", later, true);
    document.addEventListener("click", later);
    // A font that comes late changes what fits.
    document.fonts.addEventListener("loadingdone", later);
  });
})();
