"""The directives of the front page: where to start, the road map, and what each part is for.

All three are made from the table of contents and the titles in the ledger, so that a chapter turns from grey
to a link on the day its notebook exists.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import lib.ledger
from lib.ledger import titles

ROOT = Path(__file__).resolve().parents[2]
# The theme's script marks the reader's place in this list. The front page has none in its margin; without an
# empty one, the script takes every link of the page for it and stumbles over addresses like #entry-S2.49.
NO_CONTENTS = '<div class="bd-toc-nav" hidden></div>'
CONTENTS = ROOT / "_toc.yml"
LEDGER = Path(lib.ledger.__file__).with_name("ledger.toml")
WORDS_PER_MINUTE = 200
CELLS_PER_MINUTE = 2
FOLDED = re.compile(r"<details>.*?</details>|^:{3,}\{dropdown\}.*?^:{3,}$", flags=re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$]+\$", flags=re.DOTALL)
WORD = re.compile(r"[^\W_][\w’'-]*")


class Chapter(NamedTuple):
    """One chapter of the table of contents; `minutes` is None while its notebook does not exist."""

    stem: str
    title: str
    minutes: int | None

    @property
    def number(self) -> int:
        """The number at the front of its file's name."""
        return int(self.stem[:2])


class Part(NamedTuple):
    """One part of the book: its Roman numeral, its title, and its chapters."""

    numeral: str
    title: str
    chapters: tuple[Chapter, ...]


def reading_minutes(notebook: dict) -> int:
    """Return the minutes that a chapter takes, rounded to 5 and at least 5: 200 words, or 2 cells, a minute.

    A formula counts as one word. What is folded, such as proofs, figures' code and solutions, is not counted.
    """
    words = cells = 0
    for cell in notebook["cells"]:
        hidden = cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        tags = set(cell["metadata"].get("tags", ()))
        if cell["cell_type"] == "markdown" and not hidden:
            text = FORMULA.sub(" formula ", FOLDED.sub(" ", "".join(cell["source"])))
            words += len(WORD.findall(text))
        elif cell["cell_type"] == "code":
            cells += not hidden and not tags & {"hide-input", "hide-cell", "remove-cell", "remove-input"}
    return max(5, 5 * round((words / WORDS_PER_MINUTE + cells / CELLS_PER_MINUTE) / 5))


def parts(contents: dict, source: Path) -> list[Part]:
    """Return the parts that hold numbered chapters; `source` is the folder where notebooks may exist.

    Raises ValueError for a caption that is not `numeral · title`.
    """
    found = []
    for part in contents["parts"]:
        stems = [Path(entry["file"]).name for entry in part["chapters"]]
        stems = [stem for stem in stems if stem[:2].isdigit()]
        if not stems:
            continue
        numeral, dot, title = part["caption"].partition(" · ")
        if not dot:
            raise ValueError(f"_toc.yml: got the caption {part['caption']!r}, expected `I · Foundations`.")
        found.append(Part(numeral, title, tuple(chapter(stem, source) for stem in stems)))
    return found


def chapter(stem: str, source: Path) -> Chapter:
    """Return one chapter with its title in the ledger, and its reading time if its notebook exists."""
    notebook = source / f"{stem}.ipynb"
    minutes = None
    if notebook.is_file():
        minutes = reading_minutes(json.loads(notebook.read_text(encoding="utf-8")))
    return Chapter(stem, titles()[stem], minutes)


class FrontDirective(SphinxDirective):
    """What the three directives share: the parts as they are now, and when to look again."""

    def book(self) -> list[Part]:
        """Return the parts; the page is read again when the contents, the titles or a chapter change."""
        source = Path(self.env.srcdir)
        for path in (CONTENTS, LEDGER, *sorted(source.glob("[0-9]*.ipynb"))):
            self.env.note_dependency(str(path))
        return parts(yaml.safe_load(CONTENTS.read_text(encoding="utf-8")), source)


class StartDirective(FrontDirective):
    """A button that leads to the first chapter that is written."""

    def run(self) -> list[nodes.Node]:
        """Return the button; an error where no chapter is written, as there is nothing to start."""
        written = [each for part in self.book() for each in part.chapters if each.minutes is not None]
        if not written:
            raise self.error("no chapter of _toc.yml exists as a notebook: there is nothing to start with")
        first = written[0]
        minutes = f'<span class="front-minutes">, {first.minutes} min</span>'
        text = f"{first.number} · {escape(first.title)}{minutes}"
        button = (
            f'<p class="front-start"><a class="front-button" href="{first.stem}.html">Start reading</a> '
            f'<span class="front-first">{text}</span></p>'
        )
        return [nodes.raw("", button, format="html")]


class RoadMapDirective(FrontDirective):
    """The road map: every chapter of every part on one screen, those not yet written in grey."""

    def run(self) -> list[nodes.Node]:
        """Return the map as one navigation landmark."""
        rows = "".join(self.row(part) for part in self.book())
        page = f'<nav class="road-map" aria-label="Road map of the book">{rows}</nav>{NO_CONTENTS}'
        return [nodes.raw("", page, format="html")]

    def row(self, part: Part) -> str:
        """Return one part: its name and its chapters."""
        stops = "".join(self.stop(each) for each in part.chapters)
        name = f'<span class="road-numeral">{part.numeral}</span> {escape(part.title)}'
        return (
            f'<div class="road-part"><p class="road-name">{name}</p><ol class="road-stops">{stops}</ol></div>'
        )

    def stop(self, chapter: Chapter) -> str:
        """Return one chapter: a link, or the grey name of what is not yet written."""
        words = (
            f'<span class="road-number">{chapter.number}</span>'
            f'<span class="road-title">{escape(chapter.title)}</span>'
        )
        if chapter.minutes is None:
            words += '<span class="visually-hidden"> (not yet written)</span>'
            return f'<li class="road-stop road-waiting" title="not yet written"><span>{words}</span></li>'
        return f'<li class="road-stop"><a href="{chapter.stem}.html">{words}</a></li>'


class PartsDirective(FrontDirective):
    """What each part is for, in the words of the content (YAML: numeral to sentences), and its chapters."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a definition list; an error for a part without words, or words without a part."""
        purposes = yaml.safe_load("\n".join(self.content)) or {}
        book = self.book()
        if list(purposes) != [part.numeral for part in book]:
            raise self.error(f"got words for {list(purposes)}, expected {[part.numeral for part in book]}")
        items: list[nodes.Node] = [nodes.raw("", '<div class="parts">', format="html")]
        for part in book:
            name = f'<span class="road-numeral">{part.numeral}</span> {escape(part.title)}'
            items.append(nodes.raw("", f'<div class="part"><p class="part-name">{name}</p>', format="html"))
            parsed, messages = self.parse_inline(purposes[part.numeral])
            items.append(nodes.paragraph("", "", *parsed, *messages, classes=["part-purpose"]))
            items.append(nodes.raw("", self.chapters(part) + "</div>", format="html"))
        return [*items, nodes.raw("", "</div>", format="html")]

    def chapters(self, part: Part) -> str:
        """Return the chapters of a part in one line, the written ones with their reading times."""
        shown = []
        for each in part.chapters:
            name = f"{each.number} {escape(each.title)}"
            if each.minutes is None:
                shown.append(f'<li class="road-waiting">{name}</li>')
            else:
                link = f'<a href="{each.stem}.html">{name}</a>'
                shown.append(f'<li>{link} <span class="part-minutes">{each.minutes} min</span></li>')
        return f'<ol class="part-chapters">{"".join(shown)}</ol>'


def add_assets(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Put the style and the movement of the front page on that page alone."""
    if pagename == app.config.root_doc:
        app.add_css_file("front.css")
        app.add_js_file("front.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Register the directives and the assets."""
    app.add_directive("start-reading", StartDirective)
    app.add_directive("road-map", RoadMapDirective)
    app.add_directive("parts", PartsDirective)
    app.connect("html-page-context", add_assets)
