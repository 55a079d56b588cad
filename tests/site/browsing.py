"""Opening pages and writing down everything they ask for or complain about."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Page, Response

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(kind: BrowserType, **environment: str) -> Browser:
    """Start the Chromium of this machine ($CHROMIUM or one on the PATH), headless; it is never downloaded."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.fail("no Chromium on the PATH; on Debian: apt-get install chromium")
    return kind.launch(executable_path=found, args=list(FLAGS), env={**os.environ, **environment})


def pages_of_site() -> list[str]:
    """Return the names of the built pages; of a site that is not built, one, so that its test says so."""
    return sorted(path.name for path in SITE.glob("*.html")) or ["index.html"]


def is_chapter(name: str) -> bool:
    """Say whether a page is a chapter's."""
    return name[:2].isdigit()


@dataclass
class Record:
    """What one page did: the addresses it asked for, the answers that were missing, and its errors."""

    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        page.on("response", self.answered)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self.said)

    def answered(self, response: Response) -> None:
        """Keep answers such as 404."""
        if response.status >= 400:
            self.failed.append(f"{response.url}: {response.status}")

    def said(self, message: ConsoleMessage) -> None:
        """Keep what the page says on the console as an error."""
        if message.type == "error":
            self.errors.append(message.text)

    def foreign(self, *own: str) -> list[str]:
        """Return the requests that went anywhere but to the given prefixes."""
        return [url for url in self.requests if not url.startswith((*own, "data:", "blob:", "about:"))]


SETTLED = """async () => {
  await globalThis.MathJax?.startup?.promise;
  const state = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
  if (state && document.querySelector('script[type="application/vnd.jupyter.widget-view+json"]'))
    for (let tries = 0; !document.querySelector('.jupyter-widgets, .widget-subarea'); tries++) {
      if (tries > 200) throw new Error('no widget appeared');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  const folded = [...document.querySelectorAll('details:not([open])')];
  const toggled = (each) => new Promise((done) => each.addEventListener('toggle', done, { once: true }));
  const told = folded.map(toggled);
  for (const each of folded) {
    each.dataset.wasFolded = ''; // so that it can be folded again
    each.open = true;
  }
  await Promise.all(told); // only then does the page give what has appeared its tab stops
  await document.fonts.ready;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}"""


def settle(page: Page) -> None:
    """Wait until mathematics and widgets stand, and open everything that is folded."""
    page.wait_for_load_state("load")
    page.evaluate(SETTLED)
    for explorer in page.locator("[data-explorer], [data-explorer-mount] .explorer").all():
        explorer.scroll_into_view_if_needed()


def open_page(page: Page, site: Path, name: str) -> None:
    """Open a page from its file and let it settle."""
    page.goto((site / name).as_uri())
    settle(page)


def without_mathematics(page: Page) -> Page:
    """Return the page, which from now on sets no formulas: most of the time of a page goes into them."""
    page.route("**/_static/mathjax*/**", lambda route: route.abort())
    return page
