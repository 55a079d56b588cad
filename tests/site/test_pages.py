"""The built pages together: links, weights, names, the ledger; what works without scripts or over HTTP."""

import json
import tomllib
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
import yaml
from bs4 import BeautifulSoup

import claim_lines
import repository
from browsing import ROOT, open_page, pages_of_site, settle

PAGES = pages_of_site()
# The search page is the theme's own, and holds no text of the book until someone searches.
READ = [name for name in PAGES if name != "search.html"]


@cache
def parsed(path: Path) -> BeautifulSoup:
    """Return a page's HTML as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def identifiers(path: Path) -> list[str]:
    """Return every identifier of a page."""
    return [element["id"] for element in parsed(path).find_all(id=True)]


@pytest.mark.parametrize("name", PAGES)
def test_internal_links_lead_somewhere(site, name):
    start = site / name
    lost = []
    for link in parsed(start).find_all("a", href=True):
        address, fragment = urldefrag(urljoin(start.as_uri(), link["href"]))
        if not address.startswith("file://"):
            continue
        target = Path(unquote(address.removeprefix("file://").partition("?")[0]))
        known = target.is_file() and (
            not fragment or target.suffix != ".html" or unquote(fragment) in identifiers(target)
        )
        if not known:
            lost.append(link["href"])
    assert lost == []


@pytest.mark.parametrize("name", PAGES)
def test_identifiers_are_unique(site, name):
    found = identifiers(site / name)
    assert found
    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize("name", PAGES)
def test_page_weighs_at_most_two_megabytes(site, name):
    page = parsed(site / name)
    images = {
        site / image["src"]
        for image in page.find_all("img", src=True)
        if not image["src"].startswith("data:")
    }
    assert sum(path.stat().st_size for path in {site / name, *images}) <= 2_000_000


def test_every_page_can_be_reached_from_the_front_page(site):
    reached, waiting = set(), ["index.html"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            links = (urldefrag(link["href"])[0] for link in parsed(site / name).find_all("a", href=True))
            waiting += [link for link in links if link.endswith(".html") and (site / link).is_file()]
    assert reached | {"search.html"} == set(PAGES)


def test_site_works_over_http_and_finds_words(recorded, server):
    page, record = recorded
    page.goto(f"{server}/index.html")
    settle(page)
    page.goto(f"{server}/search.html?q=discriminator")
    page.wait_for_selector(".search-hit a:visible", timeout=20_000)
    hits = page.locator(".search-hit a:visible").evaluate_all("all => all.map(e => e.href)")
    assert any("/08_the_gan_game.html" in hit for hit in hits)
    assert record.foreign(server) == []
    assert record.failed == []
    assert record.errors == []


def test_theme_follows_the_system_and_can_be_switched(browser, site):
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    open_page(page, site, "notation.html")
    seen = [page.locator("html").get_attribute("data-theme")]
    for _ in range(3):
        page.locator("button.theme-switch-button:visible").first.click()
        seen.append(page.locator("html").get_attribute("data-theme"))
    context.close()
    assert seen[0] == "dark"
    assert set(seen) == {"light", "dark"}


def test_front_page_lets_the_reader_touch_an_explorer(page, site):
    open_page(page, site, "index.html")
    top = page.locator("[data-explorer]").first.evaluate("e => e.getBoundingClientRect().top + scrollY")
    assert top < 2 * 900


def test_without_scripts_the_text_and_a_static_figure_remain(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    figure = page.locator("img.explorer-static")
    shown, alternative = figure.is_visible(), figure.get_attribute("alt")
    heading = page.locator(".bd-article h1").inner_text()
    context.close()
    assert shown and len(alternative) > 20
    assert heading


def test_buttons_point_at_the_repository_or_are_left_out(site):
    configured = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    address = repository.of_this_copy(ROOT, configured or "")
    for name in READ:
        links = [link["href"] for link in parsed(site / name).select(".article-header-buttons a[href]")]
        online = [link for link in links if link.startswith("http")]
        if address:
            owner = address.removeprefix("https://").partition("/")[2]
            assert online and all(owner in link for link in online)
        else:
            assert online == []


def test_chapters_can_be_downloaded_as_notebooks(site):
    chapters = sorted((ROOT / "chapters").glob("*.ipynb"))
    assert chapters
    for chapter in chapters:
        links = [link["href"] for link in parsed(site / f"{chapter.stem}.html").select("a[href$='.ipynb']")]
        assert links
        downloaded = json.loads((site / links[0]).read_text())
        code = [cell["source"] for cell in downloaded["cells"] if cell["cell_type"] == "code"]
        own = json.loads(chapter.read_text())["cells"]
        assert code == [cell["source"] for cell in own if cell["cell_type"] == "code"]


def test_ledger_page_holds_every_statement_and_what_was_measured(site):
    entries = tomllib.loads((ROOT / "lib" / "ledger.toml").read_text())
    page = parsed(site / "ledger.html")
    shown = {each["id"].removeprefix("entry-"): each for each in page.select(".ledger-entry")}
    assert len(entries["entry"]) == 190
    assert set(shown) == {entry["id"] for name in ("entry", "supplement") for entry in entries[name]}
    for entry in entries["entry"]:
        assert shown[entry["id"]]["data-verdict"] == entry["verdict"]
    measured = {}
    for path in sorted((ROOT / "_build" / "executed").glob("*.ipynb")):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                record = output.get("metadata", {}).get("claim", {})
                if record.get("id"):  # the reach of stored runs is no statement of the ledger
                    measured.setdefault(record["id"], []).append((path.stem, record))
    assert {name for name, each in shown.items() if each["data-state"] == "checked"} == set(measured)
    for name, records in measured.items():
        lines = shown[name].select(".ledger-check")
        assert len(lines) == len(records)
        for line, (stem, record) in zip(lines, records, strict=True):
            assert line.a["href"] == f"{stem}.html#{record['anchor']}"
            assert all(words in line.get_text() for words in claim_lines.beside(record))


def test_status_page_lists_every_executed_chapter(site):
    rows = parsed(site / "status.html").select("tbody tr")
    text = [row.get_text(" ") for row in rows]
    for path in (ROOT / "_build" / "executed").glob("*.json"):
        record = json.loads(path.read_text())
        assert any(f"{record['seconds']:.0f} s" in each and record["finished"][:10] in each for each in text)
        for name, version in record["versions"].items():
            assert any(name in each and version in each for each in text)


def test_ledger_filters_need_no_script(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "ledger.html").as_uri())
    page.locator("input[name=verdict][value=wrong]").check(force=True)
    hidden = page.locator(".ledger-entry:not([data-verdict=wrong])")
    shown = page.locator(".ledger-entry[data-verdict=wrong]")
    displays = (
        hidden.first.evaluate("e => getComputedStyle(e).display"),
        shown.first.evaluate("e => getComputedStyle(e).display"),
    )
    context.close()
    assert displays == ("none", "block")
