"""The second view in Python: what is stored of a small SAGAN at five moments, a digit of it, its figure."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

MOVES, DIGITS, TRAINED, SIDE = (0, 100, 300, 700, 1500), (0, 1, 3, 7), (1, 2, 3), 8
_STORED = Path(__file__).with_name("digits.json")
_SAID = ("gamma", "heard", "frechet")  # the numbers that the page shows as they are stored


@cache
def _read() -> str:
    return _STORED.read_text(encoding="utf-8")


def stored_film() -> list[dict]:
    """The trainings as the page needs them: of the numbers those alone that it shows."""
    runs = json.loads(_read())["runs"]
    for run in runs:
        run["digits"] = list(DIGITS)
        for look in run["looks"]:
            look["numbers"] = {name: look["numbers"][name] for name in _SAID}
    return runs


def whole(film: Sequence[dict]) -> Sequence[dict]:
    """The film itself; ValueError where a training or one of its moments is missing."""
    for seed in TRAINED:
        found = [each for each in film if each.get("seed") == seed]
        if len(found) != 1 or not _at_all_moments(found[0]):
            raise ValueError(
                f"maps: got {len(found)} trainings with the seed {seed}, expected one, looked at after"
                f" {list(MOVES)} moves. Remedy: leave it out, or python -m lib.experiments.watching_digits."
            )
    return film


def _at_all_moments(run: dict) -> bool:
    return tuple(run.get("moves", ())) == MOVES and len(run.get("looks", ())) == len(MOVES)


def mapped(film: Sequence[dict], trained: int, moves: int, digit: int) -> tuple[np.ndarray, np.ndarray]:
    """A digit, (32, 32) in [−1, 1], and where each of its 64 places looks, (64, 64)."""
    from lib.experiments.watching_digits import unpacked

    run = next(each for each in film if each["seed"] == trained)
    images, tables = unpacked(run["looks"][MOVES.index(moves)])
    which = DIGITS.index(digit)
    return images[which], tables[which]


def figure_of(image: np.ndarray, row: np.ndarray, looks: int | None, said: str) -> Figure:
    """The digit with its frame (none where all places look), and where it looks, over the digit made pale."""
    from lib import figures

    figure = Figure(figsize=(5.2, 2.9), layout="constrained")
    drawn, looked = figure.subplots(1, 2)
    box = (0, SIDE, SIDE, 0)
    for axes, strength in ((drawn, 1.0), (looked, 0.35)):
        axes.imshow(figures.shade("ink", strength * (image + 1) / 2), extent=box)
        axes.set(xticks=[], yticks=[])
    heat = 0.9 * row.reshape(SIDE, SIDE) / row.max()
    looked.imshow(figures.shade("third", heat), extent=box)
    if looks is not None:
        for axes in (drawn, looked):
            axes.add_patch(Rectangle((looks % SIDE, looks // SIDE), 1, 1, fill=False))
    drawn.set_title(said, fontsize="small")
    looked.set_title("where it looks", fontsize="small")
    return figure
