"""The exercises of chapter 4: what a right answer must satisfy, and hints for one that is not there yet.

The checks walk, count, search and toss; none of them contains the formula that is asked for.
"""

import itertools

import numpy as np
import torch

from lib.exercises import Exercise
from lib.networks import PerceptronDecoder, PerceptronEncoder, parameters


def _check_path(answer) -> None:
    draw = np.random.default_rng(51)
    for corners in (np.array([[0.0, 0], [3, 4], [3, 10]]), draw.normal(size=(6, 5))):
        drawn = answer(corners)
        long = np.linalg.norm(np.diff(corners, axis=0), axis=1)
        at = np.concatenate([[0], np.cumsum(long)])
        lengths = np.linspace(0, at[-1], 301)
        walked = np.stack([np.interp(lengths, at, column) for column in corners.T], axis=1)
        found = np.asarray(drawn(lengths))
        assert found.shape == walked.shape, f"Points in rows, please: {walked.shape}, got {found.shape}."
        assert np.allclose(found[0], walked[0], rtol=0, atol=1e-9), "Where does the path begin?"
        assert np.allclose(found, walked, rtol=0, atol=1e-9), "Which way at each corner, and at what speed?"
        outside = np.asarray(drawn(np.array([at[-1] + 1.0, at[-1] + 2.0])))
        going_on = (corners[-1] - corners[-2]) / long[-1]
        assert np.allclose(outside[1] - outside[0], going_on, rtol=0, atol=1e-9), "By ReLU units alone."


def _check_numbers(answer) -> None:
    for widths in ([5, 3], [6, 4, 2], [9, 5, 7, 2]):
        with torch.device("meta"):
            encoder = PerceptronEncoder((widths[0],), widths[-1], widths[1:-1])
            decoder = PerceptronDecoder(widths[-1], (widths[0],), widths[-2:0:-1])
        shared = sum(each.numel() for each in encoder.parameters() if each.ndim == 2)
        wanted = parameters(encoder) + parameters(decoder) - shared
        assert answer(widths) == wanted, f"Not for {widths}. Which biases are there, and which weights twice?"


def _check_cheapest(answer) -> None:
    for now, squares, decay in ((4.0, 2.0, 0.1), (0.3, 50.0, 1e-3), (9.0, 1.0, 9.0)):
        t = float(answer(now, squares, decay))
        assert t > 0, "A positive factor."
        tried = t * np.geomspace(0.5, 2, 2001)  # t itself in the middle
        prices = now / tried**2 + decay * squares * tried**2
        assert prices[1000] <= prices.min() * (1 + 1e-9), (
            f"t = {t:.3g} is not the cheapest. What does each pay?"
        )


def _check_hamming(answer) -> None:
    draw = np.random.default_rng(52)
    A, B = draw.choice([-1, 1], size=(4, 11)), draw.choice([-1, 1], size=(6, 11))
    found = np.asarray(answer(A, B))
    assert found.shape == (4, 6), "A row for each code of A, a column for each of B."
    for (i, a), (j, b) in itertools.product(enumerate(A), enumerate(B)):
        assert found[i, j] == sum(a[k] != b[k] for k in range(11)), "What does a product of two entries say?"


def _check_chance(answer) -> None:
    for k, r, n in ((1, 5, 7), (0, 4, 32), (3, 6, 10), (5, 5, 9)):
        codes = np.array(list(itertools.product([0, 1], repeat=r)))
        share = np.mean(codes.sum(axis=1) <= k)  # all codes beside the code of zeros
        assert abs(answer(k, r, n) - n * share) < 1e-9, f"Not within {k} of {r} bits among {n}."


path = Exercise(
    "4.1",
    _check_path,
    refuses=(
        lambda corners: lambda a: corners[0] + np.maximum(a[:, None], 0) * (corners[1] - corners[0]),
        lambda corners: (
            lambda a: (
                corners[0]
                + np.maximum(a[:, None] - np.arange(len(corners) - 1), 0)
                @ np.diff(np.diff(corners, axis=0), axis=0, prepend=0)
            )
        ),
    ),
)
numbers = Exercise(
    "4.2",
    _check_numbers,
    refuses=(
        lambda widths: sum(a * b + b for a, b in itertools.pairwise(widths)),
        lambda widths: sum(2 * a * b + a + b for a, b in itertools.pairwise(widths)),
    ),
)
cheapest = Exercise(
    "4.3",
    _check_cheapest,
    refuses=(
        lambda now, squares, decay: (now / (decay * squares)) ** 0.5,
        lambda now, squares, decay: (decay * squares / now) ** 0.25,
    ),
)
hamming = Exercise(
    "4.4",
    _check_hamming,
    refuses=(
        lambda A, B: A.shape[1] - A @ B.T,
        lambda A, B: (A.shape[1] + A @ B.T) / 2,
        lambda A, B: -A @ B.T,
    ),
)
chance = Exercise(
    "4.5",
    _check_chance,
    refuses=(lambda k, r, n: n * k / r, lambda k, r, n: n / 2 ** (r - k)),
)
