"""A bare page that holds one explorer, the hands that move it, and what can be read off it."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Browser, Locator, Page

import windows
from browsing import ROOT
from lib.explorers import Explorer
from lib.explorers.joining import joined
from stored_explorers import stored_html
from typefaces import STYLE_SHEET

EXPLORERS = ROOT / "lib" / "explorers"


def write_page(folder, name: str, **traits) -> str:
    """Write a page with nothing but the explorer `name`; returns its address.

    The folder's name has a space and a letter outside ASCII, as folders of readers do.
    """
    target = folder / "an explörer" / "page.html"
    target.parent.mkdir()
    target.write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Explorer</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{STYLE_SHEET.as_uri()}">'
        "<style>html[data-theme=dark] body { background: #121212; color: #eee }</style></head>"
        f"<body><main><h1>Explorer</h1>{stored_html(name, **traits)}</main></body></html>",
        encoding="utf-8",
    )
    return target.as_uri()


SETTLED = """new Promise((done) => {
  const root = document.querySelector('.explorer');
  let last = null, still = 0;
  const look = () => {
    const now = root.dataset.state;
    still = now === last && root.ariaBusy !== 'true' ? still + 1 : 0;
    last = now;
    if (still > 5) done(root); else requestAnimationFrame(look);
  };
  look();
})"""

# Longer than an explorer waits until it tells Python where it came to rest (250 ms), and in frames too: on a
# machine that is busy with something else a movement of a third of a second takes as long as it takes.
RESTED = """async (look) => {
  const start = performance.now(), roots = () => [...document.querySelectorAll('.explorer')];
  let [last, since, frames] = [null, start, 0];
  while (frames < 12 || performance.now() - since < 600) {
    await new Promise(requestAnimationFrame);
    const now = JSON.stringify([look(), roots().map((root) => root.dataset.state)]);
    if (now !== last || roots().some((root) => root.ariaBusy === 'true'))
      [last, since, frames] = [now, performance.now(), 0];
    else frames += 1;
    if (performance.now() - start > 20000) throw new Error('the explorer does not come to rest');
  }
}"""


@contextmanager
def pages(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Give open_page(width, height, theme, **options of the context); at the end, no page may have complained
    on the console, or asked for anything outside its own file."""
    opened, complaints = [], []
    listeners = {
        "console": lambda message: complaints.append(message.text) if message.type != "log" else None,
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: None if allowed(request.url) else complaints.append(request.url),
    }

    def open_page(width=1000, height=900, theme="light", **options) -> Page:
        page = windows.take(browser, width, height, theme, **options)
        opened.append(page)
        for event, listener in listeners.items():
            page.on(event, listener)
        page.goto(address)
        if options.get("java_script_enabled", True):
            begin(page)
        return page

    try:
        yield open_page
    finally:
        for page in opened:
            windows.give_back(page)
            for event, listener in listeners.items():
                page.remove_listener(event, listener)
    assert complaints == []


def allowed(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:", "about:"))


def begin(page: Page) -> None:
    """Wait until the explorer of a page that was just loaded stands there."""
    page.wait_for_selector('.explorer[data-ready="true"]')
    settle(page)


def settle(page: Page) -> None:
    """Wait until nothing is computed and the state has stayed for five frames: movements are over."""
    page.evaluate(f"() => {SETTLED}")


def press(page: Page, name: str) -> None:
    """Press the button that is called so, and wait until the movement is over."""
    page.get_by_role("button", name=name, exact=True).click()
    settle(page)


def words(page: Page) -> str:
    """The sentence that says what the numbers mean now."""
    return page.locator(".explorer-sentence").inner_text()


def state_of(page: Page) -> dict:
    return json.loads(page.evaluate(f"() => {SETTLED}.then((root) => root.dataset.state)"))


def numbers_of(page: Page) -> dict[str, float]:
    pairs = page.evaluate(
        f"""() => {SETTLED}.then((root) => [...root.querySelectorAll('output')].map(
          (each) => [each.dataset.quantity, each.dataset.value]))"""
    )
    return {quantity: float(value) for quantity, value in pairs}


@contextmanager
def mathematics_of(browser: Browser, *files: str) -> Iterator[Page]:
    """A page with nothing to be seen, but with all that these modules of `lib/explorers` export, as
    `window.lib`: their mathematics can be asked directly, without a hand that moves anything."""
    code, found = joined(*(EXPLORERS / file for file in files), root=EXPLORERS)
    page = browser.new_context().new_page()
    page.evaluate(f"() => {{ {code}\nwindow.lib = {{ {', '.join(f'...{name}' for name in found)} }}; }}")
    yield page
    page.context.close()


def drag(page: Page, locator: Locator, right: float, down: float) -> None:
    box = locator.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)
    page.mouse.up()


def draw(page: Page, *shares: tuple[float, float]) -> None:
    """Draw through points given as shares of the drawing surface, from its left and from its bottom."""
    box = page.locator(".explorer-surface").bounding_box()
    at = [(box["x"] + right * box["width"], box["y"] + (1 - up) * box["height"]) for right, up in shares]
    page.mouse.move(*at[0])
    page.mouse.down()
    for each in at[1:]:
        page.mouse.move(*each, steps=12)
    page.mouse.up()


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float], steps: int = 15) -> None:
    """One finger from start to end, as the browser receives it: it may still decide to scroll instead."""
    session = page.context.new_cdp_session(page)
    for index, share in enumerate(np.linspace(0, 1, steps)):
        x, y = ((1 - share) * a + share * b for a, b in zip(start, end, strict=True))
        kind = "touchMove" if index else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def peak(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name, exact=True)


def luminance(colour: str) -> float:
    levels = [int(level) / 255 for level in re.findall(r"\d+", colour)[:3]]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def rendered(page: Page, explorer: Explorer, states: list[dict]) -> list[tuple[dict, dict[str, float]]]:
    """What the explorer's module makes of each set of traits: its state with its sentence, its numbers."""
    return [
        (state | {"words": words}, {quantity: float(value) for quantity, value in numbers})
        for state, words, numbers in page.evaluate(
            """async ([source, states]) => {
              const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
              const { default: drawing } = await import(address);
              const el = document.querySelector('main').appendChild(document.createElement('div'));
              const done = [];
              for (const state of states) {
                const [get, none] = [(key) => state[key], () => {}];
                const model = { get, on: none, off: none, set: none, save_changes: none };
                const close = drawing.render({ model, el });
                const root = el.firstChild;
                while (!root.dataset.ready) await new Promise((next) => requestAnimationFrame(next));
                const numbers = [...root.querySelectorAll('output')].map(
                  (each) => [each.dataset.quantity, each.dataset.value.replace('Infinity', 'inf')]);
                const words = root.querySelector('.explorer-sentence').textContent;
                done.push([JSON.parse(root.dataset.state), words, numbers]);
                close();
              }
              return done;
            }""",
            [explorer._esm, states],
        )
    ]
