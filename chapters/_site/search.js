// The search of the book, in the dialog of every page and on the search page. The index is a script of its own, which
// is loaded when somebody first turns to a search field; nothing is fetched, so that it works from a file as well.
(() => {
  const INDEX = new URL("search-index.js", document.currentScript.src).href;
  const HOME = new URL("../", document.currentScript.src).href;
  const SHOWN = 8; // in the dialog; the search page shows up to MOST
  const MOST = 50;
  const EXCERPT = 170; // characters
  // Whoever looks for a word wants to know first what it means.
  const WEIGHTS = {
    definition: 3, theorem: 1.6, lemma: 1.6, proposition: 1.6, corollary: 1.6, algorithm: 1.6,
    section: 1.2, exercise: 0.7, ledger: 0.8, reference: 0.6, page: 0.5,
  };

  /* Words, and numbers with their points: S2.49 is one name. */
  const tokenize = (text) => text.match(/[\p{L}\p{M}]*\p{N}+(?:\.\p{N}+)*|[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const processTerm = (term) => term.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/(?<=\p{L}{3}[^su])s$/u, "");

  let engine = null;
  const ready = () => {
    engine ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = INDEX;
      script.onload = () => resolve(build(globalThis.BOOK_ENTRIES));
      script.onerror = () => reject(new Error("the index of the search could not be loaded"));
      document.head.append(script);
    });
    return engine;
  };

  function build(entries) {
    const search = new globalThis.MiniSearch({
      fields: ["title", "terms", "text"],
      storeFields: ["title", "address", "kind", "where", "text"],
      tokenize,
      processTerm,
      searchOptions: {
        boost: { title: 6, terms: 4 },
        prefix: (term) => term.length > 2,
        fuzzy: (term) => (term.length > 5 && !/\d/.test(term) ? 0.15 : false),
        weights: { prefix: 0.5, fuzzy: 0.2 },
        boostDocument: (id, term, stored) => WEIGHTS[stored.kind] ?? 1,
      },
    });
    search.addAll(entries.map((entry, id) => ({ id, ...entry })));
    return search;
  }

  /* All words of the question if some entry has them all, else any of them. */
  function find(search, question) {
    const strict = search.search(question, { combineWith: "AND" });
    return strict.length ? strict : search.search(question);
  }

  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

  /* The words around the first match, with every match marked. */
  function excerpt(text, terms) {
    const found = new RegExp(`(?<![\\p{L}\\p{N}])(?:${terms.map(escaped).join("|")})[\\p{L}]*`, "giu");
    const first = Math.max(0, text.normalize("NFC").search(found));
    let from = Math.max(0, first - EXCERPT / 3);
    if (from > 0) from = text.indexOf(" ", from) + 1;
    let to = Math.min(text.length, from + EXCERPT);
    if (to < text.length) to = Math.max(from, text.lastIndexOf(" ", to));
    const piece = text.slice(from, to);
    const nodes = [];
    let at = 0;
    for (const match of piece.matchAll(found)) {
      const mark = document.createElement("mark");
      mark.textContent = match[0];
      nodes.push(piece.slice(at, match.index), mark);
      at = match.index + match[0].length;
    }
    return [from > 0 ? "… " : "", ...nodes, piece.slice(at), to < text.length ? " …" : ""];
  }

  function part(parent, tag, kind, ...content) {
    const node = document.createElement(tag);
    node.className = kind;
    node.append(...content);
    parent.append(node);
    return node;
  }

  function show(list, hits) {
    list.replaceChildren();
    for (const hit of hits) {
      const link = part(part(list, "li", "search-hit"), "a", "search-link");
      link.href = HOME + hit.address;
      part(link, "span", "search-title", hit.title);
      if (hit.where) part(link, "span", "search-where", hit.where);
      if (hit.text) part(link, "span", "search-excerpt", ...excerpt(hit.text, hit.terms));
    }
  }

  /* One search field with its results below it. */
  function attach(form, most) {
    const field = form.querySelector("input[type=search]");
    const box = document.createElement("div");
    box.className = "search-box";
    const said = part(box, "p", "search-said");
    said.setAttribute("role", "status");
    const list = part(box, "ol", "search-list");
    form.after(box);

    const answer = async () => {
      const question = field.value.trim();
      if (!question) {
        list.replaceChildren();
        said.textContent = "";
        return;
      }
      const search = await ready();
      if (question !== field.value.trim()) return; // somebody went on typing
      const hits = find(search, question);
      show(list, hits.slice(0, most));
      const count = hits.length === 1 ? "1 place" : `${hits.length} places`;
      said.textContent = hits.length ? `${count}${hits.length > most ? `, the best ${most} below` : ""}` : `Nothing is called “${question}”.`;
    };
    field.addEventListener("focus", () => { ready(); }, { once: true });
    field.addEventListener("input", answer);

    // The arrows walk through the results and back into the field.
    const walk = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [field, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement);
      if (at < 0) return;
      event.preventDefault();
      stops[Math.min(stops.length - 1, Math.max(0, at + step))].focus();
    };
    for (const node of [field, list]) node.addEventListener("keydown", walk);
    return { field, answer };
  }

  addEventListener("DOMContentLoaded", () => {
    const dialog = document.querySelector("#pst-search-dialog");
    if (dialog) {
      attach(dialog.querySelector("form"), SHOWN);
      dialog.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
    }
    const form = document.querySelector(".bd-search-container form");
    if (!form) return;
    const { field, answer } = attach(form, MOST);
    field.value = new URLSearchParams(location.search).get("q") ?? "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      history.replaceState(null, "", `?${new URLSearchParams({ q: field.value })}`);
      answer();
    });
    field.focus();
    answer();
  });
})();
