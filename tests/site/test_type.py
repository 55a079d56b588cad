"""The book's own type: one hand everywhere, formulas with their signs, cues for what scrolls, whole print."""

import io
import re
import shutil
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

import typefaces
from browsing import SITE, is_chapter, launch, pages_of_site, settle, without_mathematics
from explorer_pages import write_page
from lettering import fonts_of, foreign
from lib import explorers
from showing import PAPER, PHONE

CHAPTERS = [name for name in pages_of_site() if is_chapter(name)]


@pytest.mark.parametrize("name", explorers.names())
def test_explorers_are_set_in_typefaces_of_the_book(page, tmp_path, name):
    page.goto(write_page(tmp_path, name))
    page.wait_for_selector('.explorer[data-ready="true"]')
    page.evaluate("document.fonts.ready.then(() => true)")
    found = fonts_of(page, ".explorer *")
    assert "Book Sans" in found
    assert foreign(found) == {}


def test_typefaces_are_small():
    files = [*typefaces.FONTS.glob("*.woff2"), *typefaces.LIBRARY_FONTS.glob("*.ttf")]
    assert len(files) == len(typefaces.FACES) + 1 + sum(face.matplotlib for face in typefaces.FACES)
    assert sum(path.stat().st_size for path in files) <= 400_000


def test_the_style_sheet_of_the_typefaces_tells_the_truth():
    rules = re.findall(r"@font-face \{(.*?)\n\}", typefaces.STYLE_SHEET.read_text(), re.DOTALL)
    assert len(rules) == len(typefaces.FACES) + 1
    for rule in rules:
        file, ranges = re.search(r'url\("([^"]+)"\)', rule)[1], re.search(r"unicode-range: (.*);", rule)[1]
        font = TTFont(typefaces.FONTS / file)
        assert set(font.getBestCmap()) == typefaces.code_points(ranges), file
        assert font["name"].getDebugName(1) == re.search(r'font-family: "([^"]+)"', rule)[1]
        assert font["name"].getDebugName(0), "whose work it is"


def test_ranges_of_characters_are_read_and_written():
    assert typefaces.code_points("U+41-43, U+3b1") == {0x41, 0x42, 0x43, 0x3B1}
    assert typefaces.unicode_range({0x43, 0x41, 0x42, 0x3B1}) == "U+41-43, U+3B1"


# -- the same on every machine ---------------------------------------------------------------------------

# The fonts of two machines that have little in common: both lie in every Matplotlib.
LIGHTEST = min(CHAPTERS, key=lambda name: (SITE / name).stat().st_size, default="no chapter is built")
MACHINES = ("DejaVuSans.ttf", "cmr10.ttf")
SIZES = """() => [...document.querySelectorAll("p, h1, h2, li, a, code, td, th, pre, text, output, mjx-math")]
  .filter((e) => e.getClientRects().length && !e.matches('.explorer-heard'))
  .map((e) => {
    const box = e.getBoundingClientRect();
    return `${e.tagName} ${e.textContent.slice(0, 40)} ${box.width.toFixed(1)} ${box.height.toFixed(1)}`;
  })"""


@pytest.fixture(scope="module")
def machines(browser, tmp_path_factory):
    """Browsers on two machines that have one font each; with none at all, Chromium does not start."""
    started = []
    for font in MACHINES:
        folder = tmp_path_factory.mktemp("machine")
        shutil.copy(Path(matplotlib.get_data_path(), "fonts", "ttf", font), folder)
        config = folder / "fonts.conf"
        config.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>'
            f"<dir>{folder}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>"
        )
        started.append(launch(browser.browser_type, FONTCONFIG_FILE=str(config)))
    yield started
    for each in started:
        each.close()


def test_the_machines_have_other_fonts(machines):
    """Else it would prove nothing that pages are the same on both."""
    own = []
    for each in machines:
        page = each.new_page()
        page.set_content("<p id=own>The machine itself</p>")
        own += fonts_of(page, "#own")
        page.close()
    assert len(own) == len(set(own)) == 2


@pytest.mark.parametrize("name", [LIGHTEST, "notation.html", "index.html", "ledger.html"])
def test_pages_are_the_same_on_machines_with_other_fonts(machines, site, name):
    opened = [
        each.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce") for each in machines
    ]
    if name == "ledger.html":  # a thousand formulas in a style that other pages have too
        opened = [without_mathematics(page) for page in opened]
    for page in opened:  # both read at the same time
        page.goto((site / name).as_uri(), wait_until="commit")
    first, second = (settle(page) or page.evaluate(SIZES) for page in opened)
    for page in opened:
        page.close()
    assert len(first) > 50
    assert [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]] == []


# -- formulas and their signs ----------------------------------------------------------------------------

# Fewer signs beside formulas than there surely are on a page would prove nothing.
LEAST = {name[:2]: 25 for name in CHAPTERS} | {"le": 50}
TORN = """() => {
  const torn = [], blocks = 'p, li, td, th, dd, dt, h1, h2, h3, figcaption, summary, div.math';
  let looked = 0;
  for (const formula of document.querySelectorAll('.bd-article span.math')) {
    const block = formula.closest(blocks), drawn = formula.querySelector('mjx-math');
    if (!block || !drawn?.getClientRects().length) continue;
    const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let before = null, after = null;
    while (texts.nextNode() && !after) {
      const text = texts.currentNode;
      if (formula.contains(text) || text.parentElement.closest('mjx-container')) continue;
      if (formula.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING) after = text;
      else before = text;
    }
    const box = (text, at) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + 1);
      return range.getClientRects()[0];
    };
    const lines = [...drawn.getClientRects()];
    const close = after && /^[^\\w\\s]/.test(after.data) ? box(after, 0) : null;
    const open = before && /[^\\w\\s]$/.test(before.data) ? box(before, before.data.length - 1) : null;
    if (close || open) looked++;
    if (close && close.left < lines.at(-1).right - 8 && close.top > lines.at(-1).top + 5)
      torn.push(`${drawn.dataset.latex} | ${after.data.slice(0, 12)}`);
    if (open && open.right > lines[0].left + 8 && open.bottom < lines[0].bottom - 5)
      torn.push(`${before.data.slice(-12)} | ${drawn.dataset.latex}`);
  }
  return [torn, looked];
}"""


def test_no_sign_is_torn_from_its_formula_on_a_wide_line(desktop):
    name, page, _ = desktop
    assert torn(page, least=LEAST.get(name[:2], 0)) == []


def test_no_sign_is_torn_from_its_formula_on_a_narrow_line(phone):
    name, page = phone
    assert torn(page, least=LEAST.get(name[:2], 0)) == []


def torn(page, least: int) -> list[str]:
    """The signs that a page tears from their formulas, of `least` or more that stand beside one."""
    found, looked = page.evaluate(TORN)
    assert looked >= least, "hardly a formula has a sign beside it, so this proves nothing"
    return found


# -- what is too wide scrolls, and says so ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("notation.html", ".pst-scrollable-table-container"),
        ("12_kantorovich_duality.html", "div.cell_input div.highlight pre"),
        ("12_kantorovich_duality.html", "div.math mjx-container"),
    ],
)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark theme"])
def test_a_box_that_scrolls_shows_on_which_side_there_is_more(shown, name, box, dark):
    showing = shown(name)
    page = showing.turned(PHONE._replace(dark=dark, moving=True))  # the shade follows the scrolling
    wide = page.evaluate_handle(
        "(box) => [...document.querySelectorAll(box)].find((e) => e.scrollWidth > e.clientWidth + 60)", box
    ).as_element()
    hiding = page.add_style_tag(
        content=f"{box} * {{ visibility: hidden !important }}"
        "pre { border-color: transparent !important; color: transparent }"
    )
    shades = []
    for end in (0, 10_000):
        at = wide.evaluate(
            """(e, end) => {
              e.scrollIntoView({ block: 'center', behavior: 'instant' });
              e.scrollLeft = end;
              const { x, y, width, height } = e.getBoundingClientRect();
              return { x, y: y + height / 2, width, height: 1 };
            }""",
            end,
        )
        row = np.asarray(Image.open(io.BytesIO(showing.picture(at))).convert("L"), dtype=float)[0]
        shades.append((abs(row[3] - np.median(row)), abs(row[-4] - np.median(row))))
    hiding.evaluate("style => style.remove()")
    wide.evaluate("e => { e.scrollLeft = 0; }")
    (left_at_start, right_at_start), (left_at_end, right_at_end) = shades
    assert right_at_start > 25 and left_at_end > 25
    assert left_at_start < 3 and right_at_end < 3


# -- paper -----------------------------------------------------------------------------------------------

PAPER_HEIGHT = 1123 - 2 * 38  # A4 at 96 dots to the inch, without Chromium's margins
SPLIT = """(paper) => [...document.querySelectorAll('.bd-article :is(img, svg, .explorer)')]
  .filter((e) => e.checkVisibility() && !e.closest('svg svg, mjx-container, noscript, .explorer svg'))
  .filter((e) => e.getBoundingClientRect().height > paper || ![e, ...parents(e)].some(
    (up) => getComputedStyle(up).breakInside === 'avoid'))
  .map((e) => e.outerHTML.slice(0, 90));
  function parents(e) { const all = []; while ((e = e.parentElement)) all.push(e); return all; }"""
"""Figures that a page break could go through: those that forbid none, and those higher than a page."""


def test_print_has_whole_figures_and_open_proofs_and_no_folded_code(paper):
    page = paper.page
    closed = page.locator("details:not([open])").count()
    page.pdf(format="A4", page_ranges="1")  # prints, and is over
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.locator("details:not([open])").count() == closed
    paper.turned(PAPER, folded=True)
    words = page.locator("body").inner_text()
    hidden = page.locator("details > :not(summary)").evaluate_all(
        """all => all.filter((e) => !e.closest('.tag_hide-input, .explorer-knobs'))
          .filter((e) => !e.checkVisibility({ opacityProperty: true })).map((e) => e.outerHTML)"""
    )
    assert page.locator(".bd-article h1").first.is_visible()  # a page without its title is of no book
    split = page.evaluate(f"(paper) => {{ {SPLIT.replace('(paper) =>', 'return', 1)} }}", PAPER_HEIGHT)
    assert not re.search("(Hide|Show) the (code|solution)", words)
    assert hidden == []
    assert split == []
