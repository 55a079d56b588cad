"""The exercises of chapter 12: what a right answer must satisfy, and hints for one that is not there yet.

The checks solve programmes, match points or integrate; none of them contains the formula that is asked for.
"""

import itertools

import numpy as np
from scipy.optimize import linear_sum_assignment, linprog

from lib.exercises import Exercise
from lib.transport.entropic import sinkhorn


def _problem(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return draw.random((5, 4)), draw.dirichlet(np.ones(5)), draw.dirichlet(np.ones(4))


def _solve(cost: np.ndarray, p: np.ndarray, q: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    n, m = cost.shape
    rows, columns = np.kron(np.eye(n), np.ones(m)), np.kron(np.ones(n), np.eye(m))
    solved = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([p, q]))
    return solved.fun, solved.eqlin.marginals[:n], solved.eqlin.marginals[n:]


def _check_bound(answer) -> None:
    draw = np.random.default_rng(12)
    for _ in range(40):
        cost, p, q = _problem(draw)
        distance, f, g = _solve(cost, p, q)
        assert answer(draw.normal(size=5), draw.normal(size=4), cost, p, q) <= distance + 1e-9, (
            "This exceeds W: the two lists break the constraint somewhere. By how much at most?"
        )
        assert abs(answer(f, g, cost, p, q) - distance) < 1e-8, "For the best offer the bound should be W."
        raised = answer(f + 0.3, g + 0.2, cost, p, q)
        assert abs(raised - distance) < 1e-8, "Prices that are all too high by one number lose nothing."


def _check_blocks(answer) -> None:
    tau = (np.arange(20_000) + 0.5) / 20_000
    for theta, s in ((0, 1), (2, 1), (-1.5, 0.5), (0.5, 3), (0, 2), (-0.4, 2), (0.3, 0.2), (-3, 2)):
        exact = np.abs(tau - (theta + s * tau)).mean()  # quantile against quantile
        assert abs(answer(theta, s) - exact) < 1e-6, (
            f"Not at θ = {theta}, s = {s}. The quantiles are τ and θ + s τ: when do they change sides?"
        )


def _check_tame(answer) -> None:
    draw = np.random.default_rng(13)
    for _ in range(20):
        points = draw.normal(size=(9, 2))
        distance = np.linalg.norm(points[:, None] - points, axis=2)
        f = 3 * draw.normal(size=9)
        critic = np.asarray(answer(f.copy(), distance.copy()))
        assert critic.shape == (9,), "One value for each place, please."
        assert (critic[:, None] - critic - distance).max() < 1e-9, "Still steeper than 1 between some pair."
        for i, j in itertools.product(range(9), repeat=2):  # P and Q in one place each
            best = min(distance[k, j] - f[k] for k in range(9))
            assert critic[i] - critic[j] >= f[i] + best - 1e-9, (
                "With P and Q in one place each it earns less than the offer did. Raise, do not lower."
            )


def _check_variation(answer) -> None:
    draw = np.random.default_rng(14)
    for _ in range(20):
        p, q = draw.dirichlet(np.full(8, 0.5), size=2)
        critic = np.asarray(answer(p, q), dtype=float)
        assert critic.shape == (8,), "One value for each place, please."
        assert np.ptp(critic) <= 1 + 1e-12, "Two of its values differ by more than 1."
        distance = _solve(1.0 - np.eye(8), p, q)[0]
        assert abs(critic @ p - critic @ q - distance) < 1e-9, (
            "There is a better one. At which places does T pay?"
        )


def _check_dearest(answer) -> None:
    draw = np.random.default_rng(15)
    for n in (1, 2, 5, 8):
        x, y = draw.normal(size=n), draw.normal(0.5, 2, size=n)
        table = np.abs(x[:, None] - y)
        worst = table[linear_sum_assignment(table, maximize=True)].mean()
        assert abs(answer(x, y) - worst) < 1e-12, "Try two points and two points: which way is dearer?"


def _check_hot(answer) -> None:
    draw = np.random.default_rng(16)
    x, y = draw.normal(size=(5, 2)), draw.normal(size=(4, 2))
    p, q = draw.dirichlet(np.ones(5)), draw.dirichlet(np.ones(4))
    cost = np.linalg.norm(x[:, None] - y, axis=2)
    plan = np.asarray(answer(cost, p, q))
    assert plan.shape == (5, 4), "A table with a row for each xᵢ and a column for each yⱼ, please."
    hot = sinkhorn(x, y, p, q, epsilon=1e6).plan
    assert np.abs(plan - hot).max() < 1e-5, "Not the limit. When ε is huge, the cost plays no part any more."


bound = Exercise(
    "12.1",
    _check_bound,
    refuses=(
        lambda f, g, c, p, q: f @ p + g @ q,
        lambda f, g, c, p, q: f @ p + g @ q - np.maximum(f[:, None] + g - c, 0).sum(),
        lambda f, g, c, p, q: f @ p + g @ q - np.maximum(f[:, None] + g - c, 0).mean(),
    ),
)
blocks = Exercise(
    "12.2",
    _check_blocks,
    refuses=(lambda t, s: abs(t), lambda t, s: abs(t + (s - 1) / 2), lambda t, s: min(t, 1)),
)
tame = Exercise(
    "12.3",
    _check_tame,
    refuses=(
        lambda f, d: f,
        lambda f, d: (d - f[:, None]).min(axis=0),
        lambda f, d: (d + f[:, None]).min(axis=0),
        lambda f, d: f * 0,
    ),
)
variation = Exercise(
    "12.4",
    _check_variation,
    refuses=(lambda p, q: (p < q) * 1.0, lambda p, q: np.sign(p - q), lambda p, q: p - q),
)
dearest = Exercise(
    "12.5",
    _check_dearest,
    refuses=(
        lambda x, y: np.abs(np.sort(x) - np.sort(y)).mean(),
        lambda x, y: np.abs(x[:, None] - y).mean(),
        lambda x, y: np.abs(x[:, None] - y).max(axis=1).mean(),
    ),
)
hot = Exercise(
    "12.6",
    _check_hot,
    refuses=(lambda c, p, q: np.full(c.shape, 1 / c.size), lambda c, p, q: np.exp(-c) / np.exp(-c).sum()),
)
