"""What the search of the book knows: sections, theorems, statements and references, in words without markup.

It is made from the pages when all are written, and joined with MiniSearch into one script, since a page that
is opened from a file may load scripts and nothing else.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

from bs4 import BeautifulSoup, SoupStrainer, Tag
from sphinx.application import Sphinx

LIBRARY = Path(__file__).resolve().parent / "vendor" / "minisearch" / "index.js"
BOXES = "Definition Theorem Lemma Proposition Corollary Algorithm Exercise".split()
BOX = re.compile(rf"({'|'.join(BOXES)})\b")
# What is no prose, or says nothing by itself.
UNHEARD = (
    "script, style, noscript, svg, img, summary, table.dataframe, [data-mime-type], .highlight, .cell_input, "
    ".headerlink, .ledger-filters, .explorer, .road-map, .part-chapters, .front-start"
)
SIGNS = dict(
    pair.split()
    for pair in """
    alpha α, beta β, gamma γ, Gamma Γ, delta δ, Delta Δ, epsilon ε, varepsilon ε, zeta ζ, eta η, theta θ,
    Theta Θ, kappa κ, lambda λ, Lambda Λ, mu μ, nu ν, xi ξ, pi π, Pi Π, rho ρ, sigma σ, Sigma Σ, tau τ, phi φ,
    varphi φ, Phi Φ, chi χ, psi ψ, omega ω, Omega Ω, ell ℓ, infty ∞, nabla ∇, partial ∂, le ≤, leq ≤, ge ≥,
    geq ≥, ne ≠, neq ≠, in ∈, to →, mapsto ↦, cdot ·, times ×, pm ±, mp ∓, approx ≈, sim ∼, mid |, Vert ‖,
    lVert ‖, rVert ‖, colon :, star *, sum Σ, int ∫, top ᵀ, ldots …, dots …, log log, exp exp, max max,
    min min, sup sup, inf inf""".split(",")
)
HEADING = ["h1", "h2", "h3", "h4"]
BLOCKS = ["p", "li", "div", "td", "th", "dt", "dd", "br", *HEADING]
RECORD = ("index.html", "sources.html", "status.html")
LETTERS = re.compile(r"\\(?:mathrm|mathbb|mathcal|mathbf|operatorname|text|boldsymbol)\s*\{([^{}]*)\}")
SMALL = re.compile(r"[_^]\s*\{?\s*(\\?\w+|\*|\*\s*)\s*\}?")
COMMAND = re.compile(r"\\([A-Za-z]+)\s*")
RELATION = re.compile(r"\s*([=<>≤≥≠≈∼∈→↦])\s*")
LONGEST_FORMULA = 40


class Entry(NamedTuple):
    """One thing that can be found: its name, where and what it is, the terms it sets in bold, its words."""

    title: str
    address: str
    kind: str
    where: str
    terms: str
    text: str


def formula(tex: str) -> str:
    """Return a formula in plain signs if it is simple, else `…`: `D^*` gives `D*`, a matrix gives nothing."""
    text = LETTERS.sub(r"\1", tex.strip().removeprefix("\\(").removesuffix("\\)"))
    text = re.sub(r"\\(?:[,;:! ]|big|Big|left|right|quad)(?![A-Za-z])", " ", text)
    text = COMMAND.sub(sign, text)
    text = SMALL.sub(lambda match: match[1], text)
    text = RELATION.sub(r" \1 ", text)
    text = re.sub(r"\s+", " ", text).strip()
    return "…" if re.search(r"[\\{}&^_]", text) or len(text) > LONGEST_FORMULA else text


def sign(command: re.Match) -> str:
    """Return the sign for a command of TeX, and a space behind a word such as log; else the command."""
    plain = SIGNS.get(command[1], command[0])
    return f"{plain} " if plain.isascii() and plain.isalpha() else plain


def words(nodes: list[Tag]) -> str:
    """Return the words of some elements of a page, with formulas in plain signs."""
    text = re.sub(r"\s+", " ", " ".join(node.get_text() for node in nodes))
    text = re.sub(r"(?:… ?){2,}", "… ", text)
    text = re.sub(r" (?=[.,;:?!)’])", "", re.sub(r"(?<=[(“‘]) ", "", text))
    return text.strip()


def prepared(markup: str) -> Tag | None:
    """Return the article of a page without what is no prose, and with formulas in plain signs."""
    article = BeautifulSoup(markup, "html.parser", parse_only=SoupStrainer("article")).article
    if article is None:
        return None
    for node in article.select("section[id^=proof-content]"):
        node.unwrap()
    for node in article.select(".math"):
        display = node.name == "div"
        node.replace_with(" … " if display else formula(node.get_text()))
    for node in article.select(UNHEARD):
        node.decompose()
    for node in article.select(".cell_output"):
        lines = " ".join(each.get_text(" ") for each in node.select(".claim"))
        node.replace_with(f" {lines} ")
    for node in article.find_all(BLOCKS):
        node.append(" ")
    return article


def entries_of(name: str, markup: str) -> list[Entry]:
    """Return what one page offers: statements of the ledger, references, boxes and sections."""
    article = prepared(markup)
    if article is None or article.h1 is None:
        return []
    page = words([article.h1])
    found = []
    for statement in article.select(".ledger-entry"):
        title = statement["id"].removeprefix("entry-")
        for known in statement.select(".ledger-head, .ledger-check"):  # what the chapters show already
            known.decompose()
        found.append(entry(statement, title, f"{name}#{statement['id']}", "ledger", page))
    for citation in article.select(".citation[id]"):
        title = shortened(words([citation]))
        found.append(entry(citation, title, f"{name}#{citation['id']}", "reference", page))
    for box in article.select("div.admonition, blockquote"):
        heading = box.select_one(".admonition-title") or box.find("strong")
        title = words([heading]) if heading else ""
        if kind := BOX.match(title):
            heading.extract()
            section = box.find_parent("section")
            address = f"{name}#{box.get('id') or section['id']}"
            where = f"{page} › {words([section.find(HEADING)])}"
            found.append(entry(box, title.rstrip("."), address, kind[1].lower(), where))
    for section in reversed(article.find_all("section")):
        heading = section.find(HEADING)
        if heading is None:
            continue
        title, top = words([heading.extract()]), section.find_parent("section") is None
        kind = "page" if name in RECORD else "section"
        address = name if top else f"{name}#{section['id']}"
        found.append(entry(section, title, address, kind, "" if top else page))
    return found[::-1]


def entry(node: Tag, title: str, address: str, kind: str, where: str) -> Entry:
    """Return what a part of a page says, and take it out, so that nothing is found twice."""
    terms = " ".join(words([each]) for each in node.find_all(["strong", "dfn"]))
    text = words([node])
    node.decompose()
    return Entry(title, address, kind, where, terms, text)


def shortened(text: str, length: int = 90) -> str:
    """Return the beginning of a text, cut between two words."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0] + " …"


def collect(folder: Path, cache: Path) -> list[Entry]:
    """Return the entries of all pages in `folder`; pages that did not change are read from `cache`."""
    known = json.loads(cache.read_text(encoding="utf-8")) if cache.is_file() else {}
    pages = {}
    for path in sorted(folder.glob("*.html")):
        markup = path.read_bytes()
        digest = hashlib.sha256(markup).hexdigest()
        if known.get(path.name, {}).get("digest") == digest:
            pages[path.name] = known[path.name]
        elif path.name != "search.html":
            entries = entries_of(path.name, markup.decode())
            pages[path.name] = {"digest": digest, "entries": entries}
    cache.write_text(json.dumps(pages, ensure_ascii=False), encoding="utf-8")
    return [Entry(*each) for page in pages.values() for each in page["entries"]]


def script(entries: list[Entry]) -> str:
    """Return one script: MiniSearch, hidden from require.js, which some pages use, and the entries."""
    library = LIBRARY.read_text(encoding="utf-8")
    data = json.dumps([entry._asdict() for entry in entries], ensure_ascii=False)
    return (
        f"(function (define, exports, module) {{\n{library}\n}}).call(globalThis);\n"
        f"globalThis.BOOK_ENTRIES = {data};\n"
    )


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the script beside the other assets when all pages are there."""
    if error is None and app.builder.format == "html":
        entries = collect(Path(app.outdir), Path(app.doctreedir) / "search.json")
        target = Path(app.outdir) / "_static" / "search-index.js"
        target.write_text(script(entries), encoding="utf-8")


def own_search(app: Sphinx) -> None:
    """Let Sphinx make no index of its own; the search page is then a page like others."""
    app.builder.search = False
    app.config.html_additional_pages = {**app.config.html_additional_pages, "search": "search.html"}


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("builder-inited", own_search)
    app.connect("build-finished", write_index)
