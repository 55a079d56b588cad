"""Windows that tests use one after the other: to open one takes longer than to show an explorer in it."""

import json
from collections import defaultdict

from playwright.sync_api import Browser, Page

# By the browser, and by what a window has from the start: a finger, say. The rest can be changed.
_free: dict[tuple[Browser, str], list[Page]] = defaultdict(list)
_kinds: dict[Page, tuple[Browser, str]] = {}


def take(
    browser: Browser, width: int, height: int, theme: str, reduced_motion="no-preference", **options
) -> Page:
    """Return an empty window as it was asked for: one that another test has given back, or a new one.

    `options` are those of a browser context. A document that is loaded into it is as new as in a new one.
    """
    kind = browser, json.dumps(options, sort_keys=True)
    if not _free[kind]:
        _free[kind].append(browser.new_context(**options).new_page())
    page = _free[kind].pop()
    _kinds[page] = kind
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(media="null", color_scheme=theme, reduced_motion=reduced_motion)
    return page


def give_back(page: Page) -> None:
    """End what goes on in a window, and let another test have it."""
    kind = _kinds.pop(page)
    page.goto("about:blank")  # nothing moves any more, and no sliders, scrolling or focus are kept for later
    page.mouse.move(0, 0)
    _free[kind].append(page)
