"""The front page: on its first screen a picture that moves and can be touched, and the whole road."""

import json
import re
import struct

import pytest
import yaml
from bs4 import BeautifulSoup
from playwright.sync_api import Page

import front_page
import sharing
from browsing import ROOT, open_page
from explorer_pages import draw, swipe
from lib.ledger import titles

SCREENS = {"desktop": (1400, 900, {}), "phone": (390, 844, {"has_touch": True, "is_mobile": True})}


@pytest.fixture(params=SCREENS)
def screen(request, browser, site):
    """The front page just opened on a large or a small screen, with its width and height."""
    width, height, options = SCREENS[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    yield opened(page, site), width, height
    context.close()


def opened(page: Page, site) -> Page:
    """Open the front page and wait for its explorer, without touching anything."""
    page.goto((site / "index.html").as_uri())
    page.wait_for_selector(".front .explorer[data-ready=true]")
    page.evaluate("document.fonts.ready")
    return page


def state(page: Page) -> dict:
    """Return what the game of the front page says of itself."""
    return json.loads(page.locator(".front .explorer").get_attribute("data-state"))


def told(page: Page, condition: str) -> None:
    """Wait until what the game says of itself, `state`, meets a condition; it says so once it is drawn."""
    page.wait_for_function(
        f"""() => {{
          const state = JSON.parse(document.querySelector('.front .explorer').dataset.state);
          return {condition};
        }}"""
    )


def played(page: Page, steps: int) -> None:
    """Wait until the generator has made so many steps."""
    told(page, f"state.steps_g >= {steps}")


def markup(site) -> BeautifulSoup:
    """Return the front page's HTML as a tree."""
    return BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")


def test_first_screen_shows_the_picture_the_button_and_the_whole_road(screen):
    page, width, height = screen
    hands = page.locator(".front .explorer").get_by_role("button")
    things = [
        page.locator(".front .explorer-ground"),
        hands.first,
        page.get_by_role("link", name="Start reading"),
    ]
    things += page.locator(".road-stop > *").all()
    assert len(things) == 3 + len(titles())
    for thing in things:
        box = thing.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, thing
        assert box["y"] >= 0 and box["y"] + box["height"] <= height, thing


def test_game_plays_by_itself_until_it_is_paused(screen):
    page, _, _ = screen
    played(page, 20)
    page.get_by_role("button", name="Pause", exact=True).click()
    told(page, "!state.playing")
    there = state(page)
    page.wait_for_timeout(300)
    assert state(page)["steps_g"] == there["steps_g"] and not state(page)["playing"]
    assert there["steps_d"] == 3 * there["steps_g"]


def test_game_waits_for_readers_who_prefer_it(browser, site):
    context = browser.new_context(reduced_motion="reduce")
    page = opened(context.new_page(), site)
    page.wait_for_timeout(500)
    before = state(page)["steps_g"]
    page.get_by_role("button", name="Play", exact=True).click()
    played(page, 1)
    after = state(page)["steps_g"]
    context.close()
    assert (before, after) == (0, 1)


def test_game_leaves_alone_who_was_quicker(browser, site):
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(
        """addEventListener('DOMContentLoaded', () => addEventListener('load', () =>
          document.querySelector('.front [data-explorer-mount]')
            .dispatchEvent(new Event('pointerdown', { bubbles: true }))));"""
    )
    opened(page, site)
    page.wait_for_timeout(500)
    still = state(page)["steps_g"] == 0
    context.close()
    assert still


def test_data_drawn_by_the_reader_are_learnt(screen):
    page, width, _ = screen
    page.get_by_role("button", name="Draw data", exact=True).click()
    told(page, "state.drawing && !state.playing")
    page.locator(".front .explorer-ground").scroll_into_view_if_needed()
    if width < 500:
        box = page.locator(".front .explorer-surface").bounding_box()
        swipe(page, *((box["x"] + x * box["width"], box["y"] + 0.3 * box["height"]) for x in (0.2, 0.8)))
    else:
        draw(page, (0.2, 0.7), (0.8, 0.7))
    page.get_by_role("button", name="Done", exact=True).click()
    told(page, "!state.drawing && state.playing")
    begun = state(page)
    assert begun["data"] == "drawn" and len(begun["centres"]) > 10
    assert all(abs(y - 0.48) < 0.03 for _, y in begun["centres"])
    played(page, 120)
    assert state(page)["js"] < begun["js"] - 0.05


def test_road_map_holds_every_chapter_in_order_and_links_what_is_written(site):
    stops = markup(site).select(".road-map .road-stop")
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text())
    stems = [
        entry["file"].removeprefix("chapters/") for part in contents["parts"] for entry in part["chapters"]
    ]
    stems = [stem for stem in stems if stem[0].isdigit()]
    assert len(stems) == 18 and len(stops) == 18
    for stem, stop in zip(stems, stops, strict=True):
        assert stop.select_one(".road-number").get_text() == str(int(stem[:2]))
        assert stop.select_one(".road-title").get_text() == titles()[stem]
        written = (ROOT / "chapters" / f"{stem}.ipynb").is_file()
        assert [link["href"] for link in stop.select("a")] == ([f"{stem}.html"] if written else [])
        assert ("not yet written" in stop.get_text()) is not written


def test_waiting_chapters_are_grey_and_still_readable(browser, site):
    context = browser.new_context()
    page = opened(context.new_page(), site)
    waiting, written = (
        page.locator(f".road-stop{kind}").first.evaluate("e => getComputedStyle(e.firstElementChild).color")
        for kind in (".road-waiting", ":not(.road-waiting)")
    )
    context.close()
    assert waiting != written


def test_start_button_leads_to_the_first_chapter_that_is_written(site):
    first = min(path.stem for path in (ROOT / "chapters").glob("[0-9]*.ipynb"))
    assert markup(site).select_one("a.front-button")["href"] == f"{first}.html"


def test_every_part_says_what_it_is_for_and_how_long_its_chapters_take(site):
    parts = markup(site).select(".parts .part")
    assert len(parts) == 6
    for part in parts:
        assert len(part.select_one(".part-purpose").get_text()) > 60
        for link in part.select(".part-chapters li:has(a)"):
            assert 5 <= int(link.select_one(".part-minutes").get_text().removesuffix(" min")) <= 120


def test_reading_time_counts_what_is_open():
    def cell(kind, source, **metadata):
        return {"cell_type": kind, "source": source, "metadata": metadata}

    prose = [cell("markdown", "word " * 1000), cell("markdown", "<details>" + "word " * 900 + "</details>")]
    code = [cell("code", "x = 1")] * 10 + [cell("code", "plot()", tags=["hide-input"])] * 30
    assert front_page.reading_minutes({"cells": prose}) == 5
    assert front_page.reading_minutes({"cells": prose + code}) == 10
    assert front_page.reading_minutes({"cells": []}) == 5
    formulas = [cell("markdown", "$a + b + c + d$ " * 2000)]
    assert front_page.reading_minutes({"cells": formulas}) == 10


def test_a_part_without_a_numeral_is_refused(tmp_path):
    contents = {"parts": [{"caption": "Foundations", "chapters": [{"file": "chapters/01_backpropagation"}]}]}
    with pytest.raises(ValueError, match=r"got the caption 'Foundations', expected `I · Foundations`"):
        front_page.parts(contents, tmp_path)


def test_page_has_one_title(site):
    for path in site.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert len(re.findall(r"<h1[ >]", page)) == 1, path.name
        title = re.search(r"<title>(.*?)</title>", page)[1]
        assert title.count("First Principles") == 1, path.name


def test_picture_for_other_sites_has_their_size_and_is_there(site):
    header = sharing.PICTURE.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", header[16:24]) == sharing.SIZE == (1200, 630)
    for name in ("index.html", "ledger.html"):
        page = BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser")
        tags = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:']")}
        assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
        assert tags["og:image"].endswith("_static/cover.png") and len(tags["og:image:alt"]) > 40
        if "://" not in tags["og:image"]:
            assert (site / tags["og:image"]).is_file() and "og:url" not in tags


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ""),
        ({"BOOK_SITE": "https://owner.github.io/name"}, "https://owner.github.io/name/"),
        ({"BOOK_SITE": "https://book.example.org/"}, "https://book.example.org/"),
    ],
)
def test_address_of_the_published_book(given, expected):
    assert sharing.published(given) == expected


def test_unusable_address_of_the_published_book_is_refused():
    with pytest.raises(ValueError, match=r"BOOK_SITE is 'owner.github.io'; expected an address like https"):
        sharing.published({"BOOK_SITE": "owner.github.io"})


def test_front_page_reads_from_top_to_bottom_with_the_keyboard(page, site):
    open_page(page, site, "index.html")
    names = page.locator("article a:visible, article button:visible").evaluate_all(
        "all => all.map((e) => e.textContent.trim())"
    )
    assert names.index("Start reading") < next(i for i, name in enumerate(names) if "Kantorovich" in name)
