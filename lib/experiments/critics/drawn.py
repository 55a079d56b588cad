"""Fields and arrows in few bytes: what the page of chapter 15's explorer unpacks, and its tests with it.

A field of slope about 1 changes little from node to node, so half a byte is enough for what the neighbours
on the left and below do not foretell. An arrow takes two bytes, its direction and its length.
"""

from typing import NamedTuple

import numpy as np

_STEPS = (0.02, 0.03, 0.045, 0.07, 0.1, 0.15, 0.25, 0.4, 0.7, 1.0)
LONGEST, _TURN = 2.55, 256  # a length in hundredths, and a circle in 256 directions


class Coded(NamedTuple):
    """A field as `first` + whole numbers of steps: values = step · levels, −8 … 7 in half a byte each."""

    step: float
    first: int
    levels: bytes


def coded(values: np.ndarray) -> Coded:
    """Values on a grid (n, m), n·m odd or even, with the step that returns them with the least mean square.

        level[i, j] = left + below − between + surprise,   surprise = −8 … 7

    A node without a left one has the one below foretell it, and one without one below the left one.
    """
    found = [_with_step(values, step) for step in _STEPS]
    errors = [np.square(decoded(each, values.shape) - values).mean() for each in found]
    return found[int(np.argmin(errors))]


def _with_step(values: np.ndarray, step: float) -> Coded:
    wanted = np.rint(values / step).astype(int)
    levels, surprises = np.zeros_like(wanted), []
    first = int(wanted[0, 0])
    for at in np.ndindex(wanted.shape):
        told = _foretold(levels, at, first)
        surprises.append(int(np.clip(wanted[at] - told, -8, 7)))
        levels[at] = told + surprises[-1]
    surprises += [0] * (len(surprises) % 2)
    halves = np.array(surprises).reshape(-1, 2) + 8
    return Coded(step, first, (16 * halves[:, 0] + halves[:, 1]).astype(np.uint8).tobytes())


def _foretold(levels: np.ndarray, at: tuple[int, ...], first: int) -> int:
    i, j = at
    if i == 0:
        return first if j == 0 else int(levels[0, j - 1])
    return int(levels[i - 1, 0] if j == 0 else levels[i, j - 1] + levels[i - 1, j] - levels[i - 1, j - 1])


def decoded(field: Coded, shape: tuple[int, int]) -> np.ndarray:
    """The values of a coded field, (n, m)."""
    both = np.frombuffer(field.levels, np.uint8).astype(int)
    surprises = np.stack([both // 16, both % 16], axis=1).ravel() - 8
    levels = np.zeros(shape, dtype=int)
    for k, at in enumerate(np.ndindex(shape)):
        levels[at] = _foretold(levels, at, field.first) + surprises[k]
    return field.step * levels


def packed(arrows: np.ndarray) -> bytes:
    """Arrows (n, 2) as directions and lengths, two bytes each; longer ones are cut to `LONGEST`."""
    turns = np.rint(np.arctan2(arrows[:, 1], arrows[:, 0]) / (2 * np.pi) * _TURN) % _TURN
    lengths = np.rint(100 * np.linalg.norm(arrows, axis=1).clip(max=LONGEST))
    return np.stack([turns, lengths], axis=1).astype(np.uint8).tobytes()


def unpacked(pairs: bytes) -> np.ndarray:
    """The arrows (n, 2) of `packed`."""
    turns, lengths = np.frombuffer(pairs, np.uint8).reshape(-1, 2).astype(float).T
    angles = 2 * np.pi * turns / _TURN
    return lengths[:, None] / 100 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
