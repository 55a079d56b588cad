"""The book's own Sphinx extension: assets served by the book itself, and the directives of its record pages.

Vendored files lie outside any `_static` folder, because every script in such a folder is put on every page;
here a page gets require.js and the widget manager only if it holds a widget.
"""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

import front_page
import prose
import search_index
import sharing
from ledger_page import LedgerDirective
from references_page import ReferencesDirective
from status_page import ExecutionStatusDirective
from takeaway import offer

SITE = Path(__file__).resolve().parent
LIBRARY = SITE.parents[1] / "lib"
VERSION = "1"
FORMULA = "\ufffc"  # stands for a formula while a description is put together

# In this order, and only on pages with widgets. The address of the last entry is one that no server has: a
# widget that is not vendored fails visibly in the tests, instead of being fetched from a third party.
WIDGET_SCRIPTS = {
    "requirejs/require.js": {"defer": "defer"},
    "widgets.js": {"defer": "defer"},
    "html-manager/embed-amd.js": {"defer": "defer", "data-jupyter-widgets-cdn": "/not-vendored/"},
}


def serve_own_assets(app: Sphinx, config: Config) -> None:
    """Point MathJax, the widget manager and the style sheet at files of the book."""
    sheets = ["fonts/typefaces.css", "style.css", "figures.css", "claims.css", "search.css"]
    scripts = ["page.js", "figures.js", "search.js"]
    own = ["style.css", "page.js", "widgets.js", "figures.css", "figures.js", "front.css", "front.js"]
    assets = [SITE / name for name in ("vendor", *own, "claims.css", "search.css", "search.js")]
    config.html_static_path = [*config.html_static_path, *map(str, assets)]
    config.html_css_files = [*config.html_css_files, *sheets]
    config.html_js_files = [*config.html_js_files, *((name, {"defer": "defer"}) for name in scripts)]
    config.templates_path = [*config.templates_path, str(SITE / "templates")]
    config.html_favicon = str(SITE / "favicon.svg")
    config.mathjax_path = "mathjax/startup.js"
    config.nb_ipywidgets_js = WIDGET_SCRIPTS


def without_thebe(app: Sphinx) -> None:
    """Undo sphinx-thebe, which Jupyter Book always loads: it puts a foreign script on every page, twice."""
    for event, listeners in app.events.listeners.items():
        app.events.listeners[event] = [
            listener for listener in listeners if not listener.handler.__module__.startswith("sphinx_thebe")
        ]
    app.registry.css_files = [each for each in app.registry.css_files if each[0] != "sphinx-thebe.css"]


def describe(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Describe a page by its `og:description`, or else by its first sentences that need no mathematics."""
    if doctree is None:
        return
    fields = context["meta"] = context.get("meta") or {}
    if "og:description" not in fields:
        fields["og:description"] = plain_sentences(doctree)
    text = escape(fields["og:description"], quote=True)
    context["metatags"] = context.get("metatags", "") + f'<meta name="description" content="{text}" />\n'


def plain_sentences(doctree: nodes.document, length: int = 200) -> str:
    """Return the leading sentences of a page without formulas, up to about `length` characters."""
    kept = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if any(isinstance(parent, nodes.Admonition) for parent in ancestors(paragraph)):
            continue
        copy = paragraph.deepcopy()
        for formula in list(copy.findall(nodes.math)):
            formula.replace_self(nodes.Text(FORMULA))
        for sentence in re.split(r"(?<=[.?!])\s+", copy.astext().replace("\n", " ")):
            if FORMULA not in sentence and len(kept) + len(sentence) <= length:
                kept += sentence + " "
        if len(kept) > length / 2:
            break
    return kept.strip()


def ancestors(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the nodes around a node, innermost first."""
    while node.parent is not None:
        node = node.parent
        yield node


def without_relative_address(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Leave out the Open Graph address while the book's own is not known: it would be a relative one."""
    if not app.config.html_baseurl:
        context["metatags"] = re.sub(r'<meta property="og:url"[^>]*>\s*', "", context.get("metatags", ""))


class ExplorerDirective(SphinxDirective):
    """An explorer in a page without a kernel; its content gives traits other than the usual, as YAML.

    ```{explorer} gan_game
    real_mean: -1.5
    ```
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the explorer's own HTML; the page is read again when the explorer's files change.

        Raises ValueError for an explorer, a trait or a value that does not exist.
        """
        from lib.explorers import page_html

        name = self.arguments[0]
        traits = yaml.safe_load("\n".join(self.content)) or {}
        folder = LIBRARY / "explorers"
        for path in (*(folder / "kit").glob("*.*"), *(folder / name).glob("*.*")):
            self.env.note_dependency(str(path))
        return [nodes.raw("", page_html(name, **traits), format="html")]


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    without_thebe(app)
    prose.setup(app)
    app.connect("config-inited", serve_own_assets)
    app.connect("html-page-context", describe, priority=400)
    app.connect("html-page-context", without_relative_address, priority=900)
    app.connect("html-page-context", offer, priority=900)
    app.add_directive("explorer", ExplorerDirective)
    app.add_directive("ledger", LedgerDirective)
    app.add_directive("references", ReferencesDirective)
    front_page.setup(app)
    search_index.setup(app)
    sharing.setup(app)
    app.add_directive("execution-status", ExecutionStatusDirective)
    return {"version": VERSION, "parallel_read_safe": True, "parallel_write_safe": True}
