"""Every page of the built book in a real browser: quiet, complete, readable in both themes and on a phone.

A page is opened once, and turned from a desktop's to a dark one and to a phone's (see `showing`).
"""

import re

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe

from browsing import is_chapter
from lettering import fonts_of, foreign

RAW_MATHS = re.compile(r"\$|\\[()\[\]]|\\[a-zA-Z]+")
VISIBLE_TEXT = """() => {
  const texts = [], skip = 'code, pre, script, style, noscript, mjx-container, textarea, .visually-hidden';
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest(skip)) texts.push(walker.currentNode.data);
  return texts;
}"""
STICKING_OUT = """() => {
  const wide = [], edge = document.documentElement.clientWidth + 1;
  const clipped = (e) => {
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible' && up.getBoundingClientRect().right <= edge)
        return true;
    return false;
  };
  for (const e of document.querySelectorAll('.bd-article-container *, .bd-footer *')) {
    const box = e.getBoundingClientRect();
    const heard = e.closest('mjx-assistive-mml, .visually-hidden'); // for screen readers, not to be seen
    if (box.width && box.right > edge && !heard && !clipped(e))
      wide.push(`${e.tagName}.${e.className} to ${box.right}`);
  }
  return wide;
}"""
# Matplotlib writes letters as outlines, scaled by a hundredth of their size in points.
SMALLEST_LETTERS = """() => {
  const sizes = [];
  for (const svg of document.querySelectorAll('.book-figure svg')) {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    for (const letters of svg.querySelectorAll('g[transform*="scale("]')) {
      const [, size] = letters.getAttribute('transform').match(/scale\\(([\\d.]+)/);
      if (letters.querySelector('use')) sizes.push(100 * Number(size) * scale);
    }
  }
  return {count: sizes.length, least: Math.min(...sizes)};
}"""
# One element for every way in which letters stand on a ground: there are thousands of words of code.
NEW_COLOURS = """() => {
  const shown = new Set();
  for (const e of document.querySelectorAll('[data-colours]')) e.removeAttribute('data-colours');
  for (const e of document.querySelectorAll('body *')) {
    const written = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!written || !e.checkVisibility() || e.closest('mjx-assistive-mml')) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(e), key = [color, fontSize, fontWeight];
    for (let up = e; up; up = up.parentElement) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(up);
      key.push(backgroundColor, backgroundImage, opacity);
    }
    const name = key.filter((each) => !['none', '1', 'rgba(0, 0, 0, 0)'].includes(each)).join(' ');
    if (shown.has(name)) continue;
    shown.add(name);
    e.setAttribute('data-colours', '');
  }
  return shown.size;
}"""
RUN_AXE = """(options) => {
  axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-colours]' }] });
  return axe.run(document, options);
}"""
DRAWN = """figures => figures.map(figure => ({
  number: figure.querySelector('figcaption a').textContent,
  words: figure.querySelector('figcaption').innerText.length,
  alt: figure.querySelector('svg[role=img]')?.getAttribute('aria-label') ?? '',
  anchored: document.querySelector(figure.querySelector('a').getAttribute('href'))?.contains(figure),
}))"""


def test_page_asks_no_third_party_for_anything(desktop):
    _, _, record = desktop
    assert record.requests, "the recorder saw nothing, so it proves nothing"
    assert record.foreign("file://") == []


def test_page_finds_all_its_files_and_has_no_error(desktop):
    _, _, record = desktop
    assert record.failed == []
    assert record.errors == []


def test_page_shows_no_raw_mathematics(desktop):
    _, page, _ = desktop
    texts = [page.title(), *page.evaluate(VISIBLE_TEXT)]
    texts += page.locator("meta[property^='og:'], meta[name=description]").evaluate_all(
        "all => all.map(e => e.content)"
    )
    assert [text for text in texts if RAW_MATHS.search(text)] == []


def test_all_mathematics_is_typeset(desktop):
    _, page, _ = desktop
    formulas = page.locator(".math")
    bare = formulas.evaluate_all(
        "all => all.filter(e => !e.querySelector('mjx-container')).map(e => e.textContent)"
    )
    assert bare == []
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_images_have_alternative_text_and_load(desktop):
    _, page, _ = desktop
    images = page.locator("img").evaluate_all(
        "all => all.map(e => ({source: e.src.slice(0, 80), alt: e.alt, width: e.naturalWidth}))"
    )
    for image in images:
        assert image["width"] > 0, image
        assert image["alt"] and not re.fullmatch(r"\S*[0-9a-f]{20,}\S*", image["alt"]), image


def test_explorers_get_ready(desktop):
    _, page, _ = desktop
    for mount in page.locator("[data-explorer-mount]").all():
        assert mount.locator("[data-explorer]").count() == 1
    for explorer in page.locator("[data-explorer]").all():
        explorer.scroll_into_view_if_needed()
        page.wait_for_function(
            "e => e.dataset.ready === 'true'", arg=explorer.element_handle(), timeout=10_000
        )


def test_page_has_a_title_a_description_and_an_icon(desktop):
    name, page, _ = desktop
    assert "Generative Adversarial Networks" in page.title()
    assert page.locator("link[rel=icon]").get_attribute("href").endswith("favicon.svg")
    assert page.locator("html").get_attribute("lang") == "en"
    if name != "search.html":  # the theme's own, with no text of the book until someone searches
        described = page.locator("meta[property='og:description']").get_attribute("content")
        assert len(described) > 20
        assert page.locator("meta[name=description]").get_attribute("content") == described


def test_figures_are_drawn_numbered_and_anchored(desktop):
    name, page, _ = desktop
    found = page.locator(".book-figure").evaluate_all(DRAWN)
    assert found or not is_chapter(name)
    numbers = [f"Figure {int(name[:2])}.{k + 1}." for k in range(len(found))] if found else []
    assert [each["number"] for each in found] == numbers
    assert all(each["words"] > 40 and len(each["alt"]) > 30 and each["anchored"] for each in found)
    if is_chapter(name):
        assert page.locator(".bd-article .cell_output img").count() == 0  # no figure is left as a picture


def test_code_is_large_enough_to_read_and_fits_beside_the_sidebars(desktop):
    name, page, _ = desktop
    cells = page.locator("div.cell_input pre").evaluate_all(
        "all => all.map(e => [getComputedStyle(e).fontSize, e.scrollWidth - e.clientWidth])"
    )
    assert cells or not is_chapter(name)
    assert {size for size, _ in cells} <= {"14px"}
    assert [over for _, over in cells if over > 0] == []


def test_every_letter_is_set_in_a_typeface_of_the_book(desktop):
    _, page, _ = desktop
    found = fonts_of(page, "body *")
    assert "Book Sans" in found
    assert foreign(found) == {}


def test_page_is_accessible_and_can_be_read_in_the_light(light):
    mark_colours(light.page)
    with light.lightened():
        judge(light.page)


def test_page_can_be_read_in_the_dark(dark):
    assert dark.page.locator("html").get_attribute("data-theme") == "dark"
    mark_colours(dark.page)
    with dark.lightened():
        judge(dark.page, runOnly=["color-contrast"])


def mark_colours(page):
    """Mark one element for every way in which letters stand on a ground."""
    assert page.evaluate(NEW_COLOURS) > 5


def judge(page, **options):
    """Let axe read a page by its rules; it compares letters with their ground where colours are marked."""
    page.evaluate(Axe().axe_script)
    results = AxeResults(page.evaluate(RUN_AXE, {"resultTypes": ["violations"], **options}))
    passed = {rule["id"] for rule in results.response["passes"]}
    assert "color-contrast" in passed, "axe found no letters to check, so it proves nothing"
    assert "runOnly" in options or len(passed) > 10
    assert results.violations_count == 0, results.generate_report()


def test_pale_letters_are_noticed_among_dark_ones(browser):
    page = browser.new_page()
    words = [
        f'<p style="color: {colour}">{colour}</p>' for colour in ("#000", "#111", "#222", "#333", "#444")
    ]
    page.set_content(f'<main style="background: #fff">{"".join(words)}<p style="color: #aaa">pale</p></main>')
    mark_colours(page)
    with pytest.raises(AssertionError, match="pale"):
        judge(page, runOnly=["color-contrast"])
    page.locator("text=pale").evaluate("e => { e.style.color = '#555'; }")
    judge(page, runOnly=["color-contrast"])
    page.close()


def test_page_fits_a_phone(phone):
    _, page = phone
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(STICKING_OUT) == []


def test_labels_of_figures_can_be_read_on_a_phone(phone):
    name, page = phone
    found = page.evaluate(SMALLEST_LETTERS)
    assert found["count"] > 50 or not is_chapter(name)
    assert found["count"] == 0 or found["least"] >= 9  # pixels
