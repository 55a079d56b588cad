"""Which tests run on the same worker, one after the other, and in which order the pieces are begun."""

from collections import defaultdict
from collections.abc import Iterable

import pytest

from browsing import SITE

# A page is turned from way to way as few times as possible.
WAYS = {"desktop": 0, "chapter": 0, "light": 0, "phone": 1, "paper": 3, "dark": 4}
BYTES_OF_A_TEST = 20_000  # so long a test takes on the average, in bytes of a page that is tested in all ways


def page_of(item: pytest.Item) -> str:
    """The page of the book that a test shares with others; "" if it opens its own, or none."""
    if "shown" not in item.fixturenames:
        return ""
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next((each for each in values if isinstance(each, str) and each.endswith(".html")), "")


def piece_of(item: pytest.Item) -> str:
    """The name of the piece that a test belongs to: its page, its explorer, or its file."""
    explorer = getattr(item, "callspec", None) and item.callspec.params.get("kind")
    return page_of(item) or f"{item.path.stem} {explorer or ''}".strip()


def weight(name: str, tests: Iterable[pytest.Item]) -> int:
    """A guess at how long a piece takes."""
    page = SITE / name
    return page.stat().st_size if page.is_file() else BYTES_OF_A_TEST * len(list(tests))


def way_of(item: pytest.Item) -> int:
    """The place of a test among those of its page."""
    return next((WAYS[name] for name in item.fixturenames if name in WAYS), 2)


def share_out(items: list[pytest.Item]) -> None:
    """Mark every test with its piece, and put the pieces one after the other, the heaviest first."""
    pieces = defaultdict(list)
    for item in items:
        pieces[piece_of(item)].append(item)
    for name, tests in pieces.items():
        tests.sort(key=way_of)
        for item in tests:
            item.add_marker(pytest.mark.xdist_group(name))
    heaviest = sorted(pieces, key=lambda name: weight(name, pieces[name]), reverse=True)
    items[:] = [item for name in heaviest for item in pieces[name]]
