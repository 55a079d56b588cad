"""The search: sections and definitions with clean words around them, from a file as well as from a server."""

import json
import re

import pytest
from playwright.sync_api import Page

from browsing import Record, settle
from search_index import Entry, entries_of, formula, script

QUERIES = ("Jensen", "Kantorovich", "clipping", "Farkas", "S2.49")
MARKUP = """<html><body><nav>menu</nav><article><section id="top"><h1>8 · The game</h1>
<p>A <strong>law</strong> says <span class="math">\\(D^* \\le 1\\)</span>.</p>
<div class="math">\\[\\frac{a}{b}\\]</div>
<section id="best"><h2>The best<a class="headerlink" href="#best">#</a></h2><p>Read on</p><p>and on.</p>
<div class="proof definition admonition" id="value"><p class="admonition-title">Definition 8.1 (Value)</p>
<section id="proof-content-1"><p>Let it be.</p></section></div>
<div class="cell"><div class="cell_input"><pre>import numpy</pre></div><div class="cell_output"><p>stray</p>
<div class="claim">✓ S2.49 holds</div></div></div></section></section></article></body></html>"""


def hits(page: Page) -> list[dict]:
    """Return what is shown: title, address, where, excerpt."""
    page.wait_for_selector(".search-hit:visible")
    return page.locator(".search-hit:visible").evaluate_all(
        """all => all.map((e) => ({
          title: e.querySelector('.search-title').textContent,
          address: e.querySelector('a').href.split('/').pop(),
          where: e.querySelector('.search-where')?.textContent ?? '',
          excerpt: e.querySelector('.search-excerpt')?.textContent ?? '',
          marked: [...e.querySelectorAll('mark')].map((m) => m.textContent.toLowerCase()) }))"""
    )


def ask(page: Page, site, question: str) -> list[dict]:
    """Return the answers of the search page to a question, opened from a file."""
    page.goto(f"{(site / 'search.html').as_uri()}?q={question}")
    return hits(page)


def test_a_page_becomes_sections_and_boxes_in_words():
    found = entries_of("08.html", MARKUP)
    assert found == [
        Entry("8 · The game", "08.html", "section", "", "law", "A law says D* ≤ 1. …"),
        Entry("The best", "08.html#best", "section", "8 · The game", "", "Read on and on. ✓ S2.49 holds"),
        Entry(
            "Definition 8.1 (Value)",
            "08.html#value",
            "definition",
            "8 · The game › The best",
            "",
            "Let it be.",
        ),
    ]


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\(D^*\)", "D*"),
        (r"\(\mathrm{JS}(P_r, P_g)\)", "JS(Pr, Pg)"),
        (r"\(\log 2\)", "log 2"),
        (r"\(\theta \in \Theta\)", "θ ∈ Θ"),
        (r"\(\frac{p}{p+q}\)", "…"),
        (r"\(\begin{pmatrix} 1 & 2 \end{pmatrix}\)", "…"),
    ],
)  # fmt: skip
def test_formulas_become_plain_signs_or_nothing(tex, plain):
    assert formula(tex) == plain


def test_script_keeps_the_library_away_from_require_js():
    made = script([Entry("a", "a.html", "section", "", "", "b")])
    assert made.startswith("(function (define, exports, module) {")
    assert json.loads(made.partition("globalThis.BOOK_ENTRIES = ")[2].rstrip(";\n"))[0]["title"] == "a"


@pytest.mark.parametrize("question", QUERIES)
def test_search_from_a_file_finds_places_in_words(recorded, site, question):
    page, record = recorded
    found = ask(page, site, question)
    assert found
    assert any("#" in hit["address"] for hit in found), "only pages, no section"
    for hit in found:
        assert not re.search(r"\\[a-zA-Z(\[]|\$|^import |```|<[a-z]", hit["title"] + hit["excerpt"]), hit
        named = question.lower() in hit["title"].lower() or any(
            question.lower() in each for each in hit["marked"]
        )
        assert named or question.lower()[:5] in "".join(hit["marked"]), hit
    assert record.errors == [] and record.failed == [] and record.foreign("file://") == []


def test_a_definition_comes_before_a_mention(page, site):
    inequality, *_ = ask(page, site, "Jensen")
    assert inequality["address"] == "11_f_gan.html#lemma-11-2"
    first = ask(page, site, "Jensen Shannon")[0]
    assert first["address"] == "08_the_gan_game.html#what-the-best-discriminator-earns"
    assert "Jensen–Shannon divergence" in first["excerpt"]
    assert "Farkas" in ask(page, site, "Farkas")[0]["title"]
    assert ask(page, site, "Kantorovich Rubinstein")[0]["address"].startswith("12_kantorovich_duality.html#")
    assert ask(page, site, "clipping")[0]["address"].startswith("13_wasserstein_gan.html#")


def test_an_identifier_leads_to_its_entry_and_to_its_check(page, site):
    addresses = [hit["address"] for hit in ask(page, site, "S2.49")]
    assert addresses[0] == "ledger.html#entry-S2.49"
    assert any(address.startswith("08_the_gan_game.html#") for address in addresses)


def test_every_place_that_is_found_exists(site):
    stored = (site / "_static" / "search-index.js").read_text(encoding="utf-8")
    entries = json.loads(stored.partition("globalThis.BOOK_ENTRIES = ")[2].rstrip(";\n"))
    kinds = {entry["kind"] for entry in entries}
    assert {"section", "definition", "theorem", "lemma", "ledger", "reference"} <= kinds
    assert len(entries) > 200
    pages = {}
    for entry in entries:
        name, _, anchor = entry["address"].partition("#")
        text = pages.setdefault(name, (site / name).read_text(encoding="utf-8"))
        assert not anchor or f'id="{anchor}"' in text, entry["address"]


def test_a_word_that_stands_nowhere_is_said_to_be_missing(page, site):
    page.goto(f"{(site / 'search.html').as_uri()}?q=xylophone")
    page.wait_for_selector(".search-said:not(:empty)")
    assert "xylophone" in page.locator(".search-said:not(:empty)").inner_text()
    assert page.locator(".search-hit").count() == 0


def test_dialog_is_used_with_the_keyboard_alone(recorded, site):
    page, record = recorded
    page.goto((site / "13_wasserstein_gan.html").as_uri())  # a page with require.js
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pst-search-dialog[open]")
    page.keyboard.type("strong duality")
    first = hits(page)[0]
    assert (
        page.locator("#pst-search-dialog [role=status]").inner_text().endswith(("place", "places", "below"))
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.href").endswith(first["address"])
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.type") == "search"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{first['address']}")
    assert record.errors == [] and record.failed == []


def test_dialog_fits_a_phone_and_escape_closes_it(browser, site):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto((site / "notation.html").as_uri())
    settle(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("divergence")
    hits(page)
    box = page.locator("#pst-search-dialog").bounding_box()
    page.keyboard.press("Escape")
    page.wait_for_selector("#pst-search-dialog[open]", state="detached")
    context.close()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844


def test_enter_in_the_dialog_opens_the_search_page_with_the_question(page, site):
    page.goto((site / "notation.html").as_uri())
    settle(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("Farkas")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Farkas")
    assert hits(page)


def test_a_question_is_never_read_as_markup(recorded: tuple[Page, Record], site):
    page, record = recorded
    page.goto(f"{(site / 'search.html').as_uri()}?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%20Jensen(")
    page.wait_for_selector(".search-said:not(:empty)")
    assert page.locator(".search-box img").count() == 0
    assert record.errors == [] and record.failed == []
