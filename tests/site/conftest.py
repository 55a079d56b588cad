"""A headless Chromium, the built site, and a local server of it."""

import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import pieces
from browsing import SITE, Record, is_chapter, launch, pages_of_site
from explorer_pages import pages, write_page
from showing import BEFORE_PAPER, DARK, DESKTOP, PHONE, Shelf, Showing

PAGES = pages_of_site()
CHAPTERS = [name for name in PAGES if is_chapter(name)] or ["no chapter is built"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at one page runs in one piece, and the longest pieces begin first."""
    pieces.share_out(items)


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built pages."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"the book is not built: {SITE / 'index.html'} is missing; run `make book` first")
    return SITE


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine ($CHROMIUM or one on the PATH), headless; it is never downloaded."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shown(browser: Browser, site: Path) -> Iterator[Shelf]:
    """shown(name).turned(way) is a page of the book as it is shown in that way, loaded once for all ways."""
    shelf = Shelf(browser, site)
    yield shelf
    shelf.close()


@pytest.fixture(params=PAGES)
def desktop(request: pytest.FixtureRequest, shown: Shelf) -> tuple[str, Page, Record]:
    """The name of a page, the page as a desktop shows it, and the record of what it did."""
    showing = shown(request.param)
    return showing.name, showing.turned(DESKTOP), showing.record


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, shown: Shelf) -> Page:
    """A chapter as a desktop shows it."""
    return shown(request.param).turned(DESKTOP)


@pytest.fixture(params=PAGES)
def light(request: pytest.FixtureRequest, shown: Shelf) -> Showing:
    """A page in the light, as a desktop shows it."""
    showing = shown(request.param)
    showing.turned(DESKTOP)
    return showing


@pytest.fixture(params=PAGES)
def dark(request: pytest.FixtureRequest, shown: Shelf) -> Showing:
    """A page in the dark."""
    showing = shown(request.param)
    showing.turned(DARK)
    return showing


@pytest.fixture(params=PAGES)
def phone(request: pytest.FixtureRequest, shown: Shelf) -> tuple[str, Page]:
    """The name of a page, and the page on a small phone."""
    return request.param, shown(request.param).turned(PHONE)


@pytest.fixture(params=[name for name in PAGES if name != "search.html"])
def paper(request: pytest.FixtureRequest, shown: Shelf) -> Showing:
    """A page that is about to be printed from a dark screen, with its folds closed."""
    showing = shown(request.param)
    showing.turned(BEFORE_PAPER, folded=True)
    return showing


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all tests that need neither a record nor movement, so that they share what it has read."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def recorded(browser: Browser) -> Iterator[tuple[Page, Record]]:
    """A new page and the record of what it does."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, record = context.new_page(), Record()
    record.attach(page)
    yield page, record
    context.close()


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    """The address of a local server of the site."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *arguments) -> None:
            """Say nothing: the tests report."""

    handler = functools.partial(Silent, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a page with the explorer after which the module `test_explorer_NAME.py` is called."""
    name = request.module.__name__.rpartition("test_explorer_")[2]
    return write_page(tmp_path_factory.mktemp("explorer"), name)


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """open_page(width, height, theme, …) opens the page of an explorer, which complains of nothing."""
    with pages(browser, address) as open_page:
        yield open_page
