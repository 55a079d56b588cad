"""A progress bar that leaves one quiet line behind, in a notebook and in a terminal."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from IPython import get_ipython
from IPython.display import HTML, display
from tqdm import tqdm

Item = TypeVar("Item")


def progress(items: Iterable[Item], total: int, label: str, unit: str = "moves") -> Iterator[Item]:
    """Pass the items on, one by one, and show how far they are of `total`.

    In a notebook the bar redraws itself in place and ends as the line "label: total moves", which is the
    same on every machine, so that a stored output can be compared; elsewhere tqdm draws on stderr.
    """
    if get_ipython() is None:
        yield from tqdm(items, total=total, desc=label, unit=f" {unit}")
        return
    handle, started, shown, done = (
        display(_bar(label, 0, total, unit, 0.0), display_id=True),
        time.monotonic(),
        0.0,
        0,
    )
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic() - started
        if now - shown > 0.25:
            handle.update(_bar(label, done, total, unit, now / done * (total - done)))
            shown = now
    handle.update(HTML(f'<div class="progress-done">{label}: {done} {unit}</div>'))


def _bar(label: str, done: int, total: int, unit: str, seconds_left: float) -> HTML:
    left = f", about {seconds_left:.0f} s left" if done else ""
    return HTML(
        f'<div class="progress-running">{label}: <progress value="{done}" max="{total}" aria-label="{label}">'
        f"</progress> {done} of {total} {unit}{left}</div>"
    )
