"""The exercises of chapter 15: what a right answer must satisfy, and hints for one that is not there yet.

The checks multiply matrices, try slopes pair by pair or build tables of known effects; none contains the
formula asked for.
"""

import itertools

import numpy as np
from scipy.optimize import linear_sum_assignment

from lib.exercises import Exercise


def _check_iterations(answer) -> None:
    draw = np.random.default_rng(151)
    for least, tolerance in (
        (0.9, 1e-3),
        (0.25, 1e-3),
        (0.05, 1e-3),
        (0.05, 1e-9),
        (0.004, 1e-2),
        (1.0, 1e-3),
    ):
        turns = [np.linalg.qr(draw.normal(size=(3, 3)))[0] for _ in "ab"]
        matrix, needed = turns[0] @ np.diag([1.0, (1 + least) / 2, least]) @ turns[1], 0
        while np.linalg.svd(matrix)[1].min() < 1 - tolerance:
            matrix = matrix @ (1.5 * np.eye(3) - 0.5 * matrix.T @ matrix)
            needed += 1
        found = answer(least, tolerance)
        assert found == needed, (
            f"From {least} to within {tolerance:g} of 1 it takes another number than {found}. What does one"
            f" iteration make of a single singular value s?"
        )


def _check_continuation(answer) -> None:
    draw = np.random.default_rng(152)
    for n in (1, 3, 9):
        points, new = draw.normal(size=(n, 2)), draw.normal(0.5, 2, size=(40, 2))
        scores = 0.9 * np.linalg.norm(points - [1.0, 0.3], axis=1) * draw.choice([-1, 1])
        found = np.asarray(answer(points.copy(), scores.copy(), np.vstack([points, new])), dtype=float)
        assert found.shape == (n + 40,), "One score for each new point, please."
        assert np.allclose(found[:n], scores, rtol=0, atol=1e-9), (
            "At the points themselves it must keep the scores."
        )
        everything = np.vstack([points, new])
        for i, j in itertools.combinations(range(n + 40), 2):
            room = np.linalg.norm(everything[i] - everything[j])
            assert abs(found[i] - found[j]) <= room + 1e-9, "Steeper than 1 between two points."
        for k in range(n, n + 40):  # a little lower, and some given point would have to be higher
            room = np.linalg.norm(everything[k] - points, axis=1)
            assert (found[k] - 1e-6 < scores - room).any(), "It could be lower still. Which cone holds it up?"


def _check_interaction(answer) -> None:
    draw = np.random.default_rng(153)
    for _ in range(20):
        first, second = draw.choice(4, 2, replace=False)
        constant, *own = draw.normal(size=5)
        together, triple = draw.normal(size=2)
        values = np.empty((2, 2, 2, 2))
        for levels in itertools.product((0, 1), repeat=4):
            signs = [2 * level - 1 for level in levels]  # each factor moves the value by ± half its effect
            values[levels] = constant + sum(
                effect * sign / 2 for effect, sign in zip(own, signs, strict=True)
            )
            values[levels] += together / 2 * signs[first] * signs[second] + triple * np.prod(signs)
        found = float(answer(values.copy(), int(first), int(second)))
        assert abs(found + together) > 1e-9, (
            "The sign: what does the second factor *add* to the first one's effect?"
        )
        assert abs(found - together) < 1e-9, (
            f"Got {found:.4f}, expected {together:.4f}: half of what the effect of the one gains from the"
            f" first to the second level of the other, the remaining factors averaged out."
        )


def _certified(critic, real, generated) -> float:
    above, below = (np.asarray(critic(cloud), dtype=float) for cloud in (real, generated))
    away = np.linalg.norm(real[:, None] - generated, axis=2)
    steepest = ((above[:, None] - below) / away).max()
    return (above.mean() - below.mean()) / steepest if steepest > 0 else 0.0


def _check_memory(answer) -> None:
    draw = np.random.default_rng(154)
    for n in (4, 12):
        real, generated = draw.normal(size=(n, 2)), draw.normal(0.8, 1.2, size=(n, 2))
        away = np.linalg.norm(real[:, None] - generated, axis=2)
        exact = away[linear_sum_assignment(away)].mean()
        f, g = _potential(away)
        critic = answer(real.copy(), generated.copy(), f.copy(), g.copy())
        home = _certified(critic, real, generated)
        assert abs(home - exact) < 1e-6, f"On its own points it certifies {home:.4f}, and all is {exact:.4f}."
        for _ in range(5):
            elsewhere = draw.normal(size=(n, 2)), draw.normal(0.8, 1.2, size=(n, 2))
            found = _certified(critic, *elsewhere)
            assert abs(found) < 1e-9, (
                f"On other points it certifies {found:.4f}; it should know nothing there."
            )


def _potential(away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Optimal prices of a small assignment, by relaxing the cycles that no exchange may shorten."""
    rows, columns = linear_sum_assignment(away)
    matched = away[rows, columns]
    g = np.zeros(len(away))
    for _ in range(len(away)):
        # f_i = c(i, σ(i)) − g_σ(i), and g_j may not exceed any c(i, j) − f_i
        f = matched - g[columns]
        g = np.minimum(g, (away - f[:, None]).min(axis=0))
    return matched - g[columns], g


def _count(least: float, tolerance: float, step) -> int:
    needed = 0
    while least < 1 - tolerance and needed < 1000:
        least, needed = step(least), needed + 1
    return needed


iterations = Exercise(
    "15.1",
    _check_iterations,
    refuses=(
        lambda least, tolerance: 1 + _count(least, tolerance, lambda s: (3 * s - s**3) / 2),
        lambda least, tolerance: _count(least, tolerance, lambda s: 1.5 * s),
        lambda least, tolerance: 8,
    ),
)
continuation = Exercise(
    "15.2",
    _check_continuation,
    refuses=(
        lambda points, scores, new: (scores + np.linalg.norm(new[:, None] - points, axis=2)).min(axis=1),
        lambda points, scores, new: scores[np.linalg.norm(new[:, None] - points, axis=2).argmin(axis=1)],
        lambda points, scores, new: (scores - np.linalg.norm(new[:, None] - points, axis=2)).mean(axis=1),
    ),
)
interaction = Exercise(
    "15.3",
    _check_interaction,
    refuses=(
        lambda values, i, j: values.take(1, i).mean() - values.take(0, i).mean(),
        lambda values, i, j: 2 * _interaction(values, i, j),
        lambda values, i, j: -_interaction(values, i, j),
    ),
)
memory = Exercise(
    "15.4",
    _check_memory,
    refuses=(
        lambda real, generated, f, g: lambda z: np.zeros(len(z)),
        lambda real, generated, f, g: lambda z: (f - np.linalg.norm(z[:, None] - real, axis=2)).max(axis=1),
    ),
)


def _interaction(values: np.ndarray, i: int, j: int) -> float:
    moved = np.moveaxis(values, (i, j), (0, 1)).mean(axis=(2, 3))
    return (moved[1, 1] - moved[0, 1] - moved[1, 0] + moved[0, 0]) / 2
