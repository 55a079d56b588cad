"""Figures on the pages: in the theme's ink, large enough on a phone, enlarged by hand and by keyboard."""

import io

import numpy as np
import pytest
from PIL import Image

from browsing import SITE, is_chapter, pages_of_site
from showing import DARK, DESKTOP, PAPER, PHONE

CHAPTERS = [name for name in pages_of_site() if is_chapter(name)] or ["no chapter is built"]
IN_INK = [
    name for name in CHAPTERS if (SITE / name).is_file() and "figure-ink-picture" in (SITE / name).read_text()
] or ["no picture is in ink"]


@pytest.fixture(params=CHAPTERS[:1])
def sample(request, shown):
    """A chapter that can be turned from way to way."""
    return shown(request.param)


def test_figure_wider_than_the_screen_says_so_and_scrolls_by_keyboard(sample):
    page = sample.turned(PHONE)
    frame = page.locator(".figure-frame").first
    assert "more" in frame.get_attribute("class").split()
    assert frame.get_attribute("tabindex") == "0" and "scrolls" in frame.get_attribute("aria-label")
    frame.evaluate("frame => frame.scrollTo(frame.scrollWidth, 0)")
    page.wait_for_function("!document.querySelector('.figure-frame').classList.contains('more')")
    wide = sample.turned(DESKTOP).locator(".figure-frame").first
    assert wide.get_attribute("tabindex") is None and "more" not in wide.get_attribute("class").split()


def test_figure_is_enlarged_by_keyboard_and_goes_back(sample):
    page = sample.turned(DESKTOP)
    figure = page.locator(".book-figure").first
    before = figure.locator("svg").bounding_box()["width"]
    button = figure.get_by_role("button", name="Enlarge Figure")
    button.focus()
    page.keyboard.press("Enter")
    dialog = figure.get_by_role("dialog")
    assert dialog.locator("svg").bounding_box()["width"] > 1.3 * before
    assert figure.locator(".figure-frame svg").count() == 0  # moved: a copy would repeat its identifiers
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Close"
    page.keyboard.press("Escape")
    assert figure.locator("dialog").count() == 0
    assert figure.locator(".figure-frame svg").bounding_box()["width"] == before
    assert button.evaluate("button => button === document.activeElement")


def test_figure_is_enlarged_by_a_tap_and_put_back_by_another(sample):
    page = sample.turned(PHONE)
    figure = page.locator(".book-figure").first
    sample.tap(".book-figure svg")
    figure.get_by_role("dialog").wait_for()
    assert figure.locator("dialog svg").bounding_box()["width"] > 700
    sample.tap(".book-figure dialog svg")
    figure.get_by_role("dialog").wait_for(state="detached")
    assert figure.locator("dialog").count() == 0 and figure.locator(".figure-frame svg").count() == 1


@pytest.mark.parametrize("way", [DESKTOP, DARK], ids=["light", "dark"])
def test_figures_are_no_slabs_of_the_other_theme(sample, way):
    page = sample.turned(way)
    paper = page.evaluate("getComputedStyle(document.querySelector('.bd-main')).backgroundColor") or ""
    for figure in page.locator(".book-figure svg").all():
        pixels = np.asarray(Image.open(io.BytesIO(figure.screenshot())).convert("L"))
        ground = np.median(pixels)  # most of a figure is empty
        assert (ground < 80) == way.dark, paper
        assert pixels.min() < 100 < 170 < pixels.max()  # and something is drawn on it


@pytest.mark.parametrize("name", IN_INK[:1])
def test_ink_follows_the_theme_and_pictures_in_ink_are_inverted(shown, name):
    found = {}
    for theme, way in {"light": DESKTOP, "dark": DARK}.items():
        page = shown(name).turned(way)
        ink = "[...document.querySelectorAll('.book-figure [style*=\"--figure-ink\"]')]"
        fills = page.evaluate(
            f"{ink}.map(e => [getComputedStyle(e).fill, getComputedStyle(e).stroke].join())"
        )
        filters = page.locator(".figure-ink-picture").evaluate_all(
            "all => all.map(e => getComputedStyle(e).filter)"
        )
        found[theme] = (set(fills), set(filters))
    assert found["light"][0] and not found["light"][0] & found["dark"][0]
    assert (found["light"][1], found["dark"][1]) == ({"none"}, {"invert(1)"})


def test_on_paper_figures_fit_and_buttons_are_gone(sample):
    page = sample.turned(PAPER._replace(width=500))
    assert page.locator(".figure-enlarge").first.is_hidden()
    room, width = (
        page.locator(f".{name}").first.bounding_box()["width"] for name in ("figure-frame", "figure-drawing")
    )
    assert 0 < width <= room + 1
