"""The directive behind the ledger page: every statement, its verdict, and what was measured for it."""

import json
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import lib.ledger
from chapter_titles import title
from claim_lines import beside
from lib.ledger import VERDICTS, Entry, ledger, supplements, titles

LOGGER = logging.getLogger(__name__)
LEDGER_FILE = Path(lib.ledger.__file__).with_name("ledger.toml")
STATES = {"checked": "checked", "prose": "in prose", "waiting": "not yet written"}
SOURCES = {"000": "Zhou", "001": "N1H111SM", "002": "Wang", "003": "最后之作", "004": "GAN 的几种改进"}


def claims_shown(notebook: Path) -> list[dict]:
    """Return what the claims of an executed notebook measured, in order: the metadata of their outputs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", ()))
    found = (output.get("metadata", {}) for output in outputs)
    records = [record for each in found for record in each.get("claims", [each.get("claim")])]
    return [record for record in records if record and record.get("id")]


def measurements(source: Path) -> dict[str, list[dict]]:
    """Return {claim identifier: its measurements} over the staged notebooks, each with its chapter's stem."""
    found: dict[str, list[dict]] = {}
    for notebook in sorted(source.glob("[0-9]*.ipynb")):
        for record in claims_shown(notebook):
            found.setdefault(record["id"], []).append({**record, "chapter": notebook.stem})
    return found


def state(entry: Entry, found: dict[str, list[dict]]) -> str:
    """Return `checked`, `prose` or `waiting`."""
    if entry.id in found:
        return "checked"
    return "prose" if entry.kind == "prose" else "waiting"


def filters() -> str:
    """Return two rows of radio buttons; the style sheet does the filtering, so no script is needed."""
    rows = []
    for group, name, choices in (
        ("verdict", "Verdict", {verdict: verdict for verdict in VERDICTS}),
        ("state", "State", STATES),
    ):
        buttons = "".join(
            f'<label><input type="radio" name="{group}" value="{value}"'
            f"{' checked' if value == 'all' else ''}><span>{text}</span></label>"
            for value, text in {"all": "all", **choices}.items()
        )
        rows.append(f"<fieldset><legend>{name}</legend>{buttons}</fieldset>")
    return f'<form class="ledger-filters" autocomplete="off">{"".join(rows)}</form>'


class LedgerDirective(SphinxDirective):
    """The whole ledger, grouped by chapter."""

    def run(self) -> list[nodes.Node]:
        """Return the summary, the filters and the chapters; warns of a written chapter that omits a check."""
        self.source = Path(self.env.srcdir)
        self.written = {path.stem: title(path) for path in sorted(self.source.glob("[0-9]*.ipynb"))}
        self.found = measurements(self.source)
        self.env.note_dependency(str(LEDGER_FILE))
        for stem in self.written:
            self.env.note_dependency(str(self.source / f"{stem}.ipynb"))
        everything = ledger() + supplements()
        parts = [self.summary(), nodes.raw("", filters() + '<div class="ledger">', format="html")]
        for stem in titles():
            entries = [entry for entry in everything if entry.chapter == stem]
            if entries:
                parts += self.chapter(stem, entries)
        return [*parts, nodes.raw("", "</div>", format="html")]

    def summary(self) -> nodes.Node:
        """Return one paragraph of counts."""
        verdicts = Counter(entry.verdict for entry in ledger())
        counts = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in VERDICTS)
        checked = [entry for entry in ledger() if entry.id in self.found]
        added = [entry for entry in supplements() if entry.id in self.found]
        checks = sum(map(len, self.found.values()))
        text = (
            f"The sources make {len(ledger())} statements: {counts}. So far {len(self.written)} of "
            f"{len(titles())} chapters are written; they run {checks} checks, which support {len(checked)} "
            f"of these statements and {len(added)} of the {len(supplements())} that the book adds."
        )
        return nodes.paragraph(text=text, classes=["ledger-summary"])

    def chapter(self, stem: str, entries: list[Entry]) -> list[nodes.Node]:
        """Return the entries of one chapter, folded while the chapter is not written."""
        name = escape(self.written.get(stem, f"{int(stem[:2])} · {titles()[stem]}"))
        states = Counter(state(entry, self.found) for entry in entries)
        counts = ", ".join(f"{states[key]} {text}" for key, text in STATES.items() if states[key])
        opened = " open" if stem in self.written else ""
        head = (
            f'<details class="ledger-chapter"{opened} id="chapter-{stem[:2]}"><summary>'
            f'<span class="ledger-title">{name}</span> <span class="ledger-counts">{counts}</span></summary>'
        )
        parts: list[nodes.Node] = [nodes.raw("", head, format="html")]
        for entry in entries:
            parts += self.entry(entry)
        return [*parts, nodes.raw("", "</details>", format="html")]

    def entry(self, entry: Entry) -> list[nodes.Node]:
        """Return one statement with its verdict, what its source had, and its checks."""
        now = state(entry, self.found)
        if now == "waiting" and entry.chapter in self.written:
            LOGGER.warning("%s is written but asserts nothing for %s", entry.chapter, entry.id)
        origin = "added by this book" if entry.supplement else self.origin(entry)
        head = (
            f'<div class="ledger-entry" id="entry-{entry.id}" '
            f'data-verdict="{entry.verdict}" data-state="{now}">'
            f'<p class="ledger-head"><span class="ledger-id">{entry.id}</span> '
            f'<span class="verdict">{entry.verdict}</span> <span class="ledger-origin">{origin}</span></p>'
        )
        parts: list[nodes.Node] = [nodes.raw("", head, format="html")]
        parts.append(self.paragraph(entry.statement, "ledger-statement"))
        if entry.source_said:
            parts.append(self.paragraph(f"*In the source:* {entry.source_said}", "ledger-note"))
        if entry.repair:
            parts.append(self.paragraph(f"*Repair:* {entry.repair}", "ledger-note"))
        return [*parts, *self.checks(entry, now), nodes.raw("", "</div>", format="html")]

    def checks(self, entry: Entry, now: str) -> list[nodes.Node]:
        """Return a line for every measurement, or one that says why there is none."""
        if now == "checked":
            return [line for record in self.found[entry.id] for line in self.check(record)]
        link = self.written.get(entry.chapter)
        where = f'<a href="{entry.chapter}.html">{escape(link)}</a>' if link else "not yet written"
        text = f"Argued in prose: {where}." if now == "prose" and link else f"{STATES[now].capitalize()}"
        if now == "prose" and not link:
            text += ", in a chapter that is not yet written"
        return [nodes.raw("", f'<p class="ledger-check">{text.rstrip(".")}.</p>', format="html")]

    def check(self, record: dict) -> list[nodes.Node]:
        """Return one measurement: what was measured against what, how closely, and a link to its cell."""
        anchor = record.get("anchor") or f"claim-{record['id']}"
        address = f"{record['chapter']}.html#{anchor}"
        name = escape(self.written[record["chapter"]])
        words = [
            f"{record['what'].rstrip('.')}:" if record.get("what") else "",
            f"{', '.join(beside(record))}.",
        ]
        words.append(f"Against {record['oracle'].rstrip('.')}." if record.get("oracle") else "")
        line = self.paragraph(" ".join(filter(None, words)) + " ", "ledger-check")
        line += nodes.raw("", f'<a class="reference internal" href="{address}">{name}</a>', format="html")
        return [line]

    def origin(self, entry: Entry) -> str:
        """Return the source and the place in it, linked to the page that credits it."""
        name = SOURCES.get(entry.source, entry.source)
        place = f", {escape(entry.place)}" if entry.place else ""
        return f'<a href="sources.html#source-{entry.source}">{name}</a>{place}'

    def paragraph(self, text: str, style: str) -> nodes.paragraph:
        """Return a paragraph of Markdown with mathematics."""
        parsed, messages = self.parse_inline(text)
        return nodes.paragraph("", "", *parsed, *messages, classes=[style])
