"""A page that is turned to another way of being shown looks like one that was opened in that way."""

import pytest

from browsing import SITE, is_chapter, open_page, pages_of_site
from showing import BEFORE_PAPER, DARK, DESKTOP, DRAWN, PAPER, PHONE, Showing

LIGHTEST = min(
    filter(is_chapter, pages_of_site()),
    key=lambda name: (SITE / name).stat().st_size,
    default="no chapter is built",
)
# Every element that is no part of a formula: where it lies in the one around it, how large, how coloured, and
# whether the tab key stops there (the theme writes -1 where the page writes nothing, whoever comes last).
# Which section the contents mark as being read depends on where the page was scrolled before, and they mark
# it by class, colour and weight, when they come to it: the mark is taken away, the entries are not compared.
LOOK = """() => {
  scrollTo({ top: 0, behavior: 'instant' });
  document.querySelectorAll('nav.page-toc .active').forEach((e) => e.classList.remove('active'));
  return [...document.querySelectorAll('body *')]
  .filter((e) => e.getClientRects().length && !e.closest('mjx-container *, script, style, nav.page-toc *'))
  .map((e) => {
    const box = e.getBoundingClientRect(), around = e.parentElement.getBoundingClientRect();
    const style = getComputedStyle(e), { color, backgroundColor, fill, filter } = style;
    const name = `${e.tagName}.${e.getAttribute('class')} ${e.tabIndex}`;
    return [[name, color, backgroundColor, fill, filter].join(' '), [box.x - around.x, box.y - around.y,
      box.width, box.height, parseFloat(style.fontSize)]];
  });
}"""
# Formulas are set in the size of the text around them, measured when they are set: a thousandth may differ.
NEAR = 1.0  # pixels


def opened_so(browser, site, name, way) -> list:
    """The looks of a page that is opened in this way from the start."""
    context = browser.new_context(
        viewport={"width": way.width, "height": way.height},
        color_scheme="dark" if way.dark else "light",
        reduced_motion="reduce",
        **({"is_mobile": True, "has_touch": True} if way.mobile else {}),
    )
    page = context.new_page()
    if way.paper:
        page.emulate_media(media="print")
    open_page(page, site, name)
    page.evaluate(DRAWN, way.dark)
    looks = page.evaluate(LOOK)
    context.close()
    return looks


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("index.html", DARK),
        ("index.html", PHONE),
        ("index.html", PAPER),
        (LIGHTEST, PHONE._replace(dark=True)),
        (LIGHTEST, BEFORE_PAPER),
    ],
    ids=["dark", "phone", "paper", "dark phone with formulas", "narrow with formulas"],
)
def test_page_that_is_turned_looks_like_one_that_was_opened_so(browser, site, shown, name, way):
    showing = shown(name)
    first = showing.turned(DESKTOP).evaluate(LOOK)
    turned = showing.turned(way).evaluate(LOOK)
    expected = opened_so(browser, site, name, way)
    assert len(expected) > 250
    assert differences(turned, expected) == []
    assert len(differences(turned, first)) > 100, "the page was not turned at all"
    assert differences(showing.turned(DESKTOP).evaluate(LOOK), first) == []


def test_what_is_decided_when_a_page_is_opened_would_be_noticed(browser, tmp_path):
    (tmp_path / "index.html").write_text(
        '<!doctype html><html data-theme="light"><meta name="viewport" content="width=device-width">'
        "<p>text<script>if (innerWidth > 600) document.write('<b>wide</b>')</script></p></html>"
    )
    showing = Showing(browser, tmp_path, "index.html")
    turned = showing.turned(PHONE).evaluate(LOOK)
    expected = opened_so(browser, tmp_path, "index.html", PHONE)
    showing.close()
    assert differences(turned, expected) != []


@pytest.mark.parametrize("name", [LIGHTEST])
def test_folds_can_be_closed_again(shown, name):
    showing = shown(name)
    assert showing.turned(DESKTOP).locator("details:not([open])").count() == 0
    assert showing.turned(DESKTOP, folded=True).locator("details:not([open])").count() > 5
    assert showing.turned(DESKTOP).locator("details:not([open])").count() == 0


def differences(found: list, expected: list) -> list[tuple]:
    """The elements that differ, in pairs; their number, if even that does."""
    if len(found) != len(expected):
        return [(f"{len(found)} elements", f"{len(expected)} elements")] * 200
    pairs = zip(found, expected, strict=True)
    return [(one, other) for one, other in pairs if one[0] != other[0] or far(one[1], other[1])]


def far(one: list[float], other: list[float]) -> bool:
    """Say whether two boxes differ by more than rounding."""
    return any(abs(a - b) > NEAR for a, b in zip(one, other, strict=True))
