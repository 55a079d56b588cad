"""One page of the book, loaded once and then shown in every way a reader may see it.

Setting the formulas of a chapter costs seconds, turning its page costs tenths of one. That a page which was
turned looks like one which was opened so is tested in `test_showing.py`.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from browsing import Record, open_page


class Way(NamedTuple):
    """How a page is shown: the window, in pixels of CSS, the theme of the machine, paper or screen."""

    width: int
    height: int
    dark: bool = False
    mobile: bool = False
    paper: bool = False
    moving: bool = False  # for a reader who does not mind


DESKTOP = Way(1400, 900)
DARK = Way(1400, 900, dark=True)
PHONE = Way(360, 740, mobile=True)
# As wide as the text on A4, from a dark screen: before it is printed, and printed.
BEFORE_PAPER = Way(718, 1047, dark=True)
PAPER = BEFORE_PAPER._replace(paper=True)

# Two frames: in the first the page's scripts answer the change, after the second it has been drawn.
DRAWN = """async (dark) => {
  const frame = () => new Promise(requestAnimationFrame);
  const wanted = dark ? 'dark' : 'light';
  for (let tries = 0; document.documentElement.dataset.theme !== wanted; tries++) {
    if (tries > 100) throw new Error(`the page did not turn ${wanted}`);
    await frame();
  }
  await document.fonts.ready;
  for (let frames = 0; frames < 3; frames++) await frame();
}"""
FOLD = """open => {
  const all = [...document.querySelectorAll(open ? 'details:not([open])' : 'details[data-was-folded]')];
  for (const each of all) each.open = open;
}"""

# A tool that reads every element of a page takes seconds for those that formulas, drawings and code consist
# of. One of each kind stays whole, and so does whatever holds more than letters and lines.
LIGHTER = """() => {
  const more = ['role', 'tabindex', 'aria-label', 'aria-labelledby', 'lang', 'title', 'data-colours']
    .map((name) => `[${name}]`).join() + ', a, button, input';
  const plain = (kind) => [...document.querySelectorAll(kind)].filter((e) => !e.querySelector(more)).slice(1);
  const drawn = [...plain('.bd-article mjx-container'), ...plain('.book-figure svg')];
  const code = plain('.bd-article pre');
  const boxes = drawn.map((e) => e.getBoundingClientRect());
  window.whole = [...drawn, ...code].map((e) => [e, e.getAttribute('style'), [...e.childNodes]]);
  drawn.forEach((e, at) => {
    const [width, height] = [boxes[at].width, boxes[at].height].map((each) => `${each}px`);
    Object.assign(e.style, { display: 'inline-block', width, height });
    e.replaceChildren();
  });
  for (const e of code) e.replaceChildren(e.textContent);
}"""
WHOLE = """() => {
  for (const [e, style, children] of window.whole) {
    e.replaceChildren(...children);
    if (style === null) e.removeAttribute('style'); else e.setAttribute('style', style);
  }
  delete window.whole;
}"""


class Showing:
    """One page, opened as a desktop shows it by a reader who prefers what stands still."""

    def __init__(self, browser: Browser, site: Path, name: str):
        self.name, self.record = name, Record()
        self.context = browser.new_context(
            viewport={"width": DESKTOP.width, "height": DESKTOP.height},
            color_scheme="light",
            reduced_motion="reduce",
        )
        self.page = self.context.new_page()
        self.record.attach(self.page)
        # whatever has been emulated ends with the session that asked for it, so it is kept
        self.session = self.context.new_cdp_session(self.page)
        open_page(self.page, site, name)
        self.way, self.folded, self.window = DESKTOP, False, {}

    def turned(self, way: Way, folded: bool = False) -> Page:
        """Return the page as it is shown in this way; everything folded is open, unless `folded`."""
        if way != self.way:
            self._turn(way)
        if folded != self.folded:
            self.page.evaluate(FOLD, not folded)
            self.folded = folded
        self.page.evaluate(DRAWN, way.dark)
        self.way = way
        return self.page

    def _turn(self, way: Way) -> None:
        """Give the page the window, the finger, the colours and the medium that `way` names."""
        window = {"width": way.width, "height": way.height, "deviceScaleFactor": 1, "mobile": way.mobile}
        if window != self.window:
            self.session.send("Emulation.setDeviceMetricsOverride", window)
            self.session.send("Emulation.setTouchEmulationEnabled", {"enabled": way.mobile})
            self.window = window
        self.page.emulate_media(
            color_scheme="dark" if way.dark else "light",
            media="print" if way.paper else "screen",
            reduced_motion="no-preference" if way.moving else "reduce",
        )

    def picture(self, clip: dict[str, float]) -> bytes:
        """Return a piece of the window as PNG; a screenshot by Playwright would undo the turning."""
        right, down = self.page.evaluate("[scrollX, scrollY]")
        clip = clip | {"x": clip["x"] + right, "y": clip["y"] + down, "scale": 1}
        taken = self.session.send("Page.captureScreenshot", {"format": "png", "clip": clip})
        return base64.b64decode(taken["data"])

    def tap(self, selector: str) -> None:
        """One finger touches what the selector finds first, in the middle of what can be seen of it."""
        target = self.page.locator(selector).first
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        across, down = (box["x"], box["x"] + box["width"]), (box["y"], box["y"] + box["height"])
        at = {
            "x": (max(0, across[0]) + min(across[1], self.way.width)) / 2,
            "y": (max(0, down[0]) + min(down[1], self.way.height)) / 2,
        }
        for kind, points in {"touchStart": [at], "touchEnd": []}.items():
            self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    @contextmanager
    def lightened(self) -> Iterator[None]:
        """For a look at all its elements: formulas and drawings empty, code bare, all in their places."""
        self.page.evaluate(LIGHTER)
        try:
            yield
        finally:
            self.page.evaluate(WHOLE)

    def close(self) -> None:
        """Close the page."""
        self.context.close()


class Shelf:
    """The page that is being looked at; asked for another, it closes the first: one is open at most."""

    def __init__(self, browser: Browser, site: Path):
        self.browser, self.site = browser, site
        self.open: Showing | None = None

    def __call__(self, name: str) -> Showing:
        if self.open is None or self.open.name != name:
            self.close()
            self.open = Showing(self.browser, self.site, name)
        return self.open

    def close(self) -> None:
        """Close what is open."""
        if self.open is not None:
            self.open.close()
            self.open = None
