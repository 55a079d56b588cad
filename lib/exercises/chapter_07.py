"""The exercises of chapter 7: what a right answer must satisfy, and hints for one that is not there yet.

The checks search, solve or difference; none of them contains the formula that is asked for.
"""

import numpy as np
from scipy import optimize, stats

from lib.exercises import Exercise


def _check_absolute(answer) -> None:
    for seed in range(3):
        shades = np.random.default_rng(seed).gamma(1.0, size=21)
        grid = np.linspace(0, shades.max(), 20_001)
        best = grid[np.abs(grid[:, None] - shades).mean(axis=1).argmin()]
        assert abs(answer(shades) - best) < 1e-3, (
            "Some other constant is closer on average. How does the sum change as it moves a little?"
        )


def _check_saddle(answer) -> None:
    for seed in range(3):
        z, y = np.random.default_rng(seed).normal(size=(2, 9)) * [[1], [2.5]]
        y = (y + 2 * z) * (3, -0.5, 0.2)[seed]  # covariances of both signs, above 1 and below

        def loss(t, z=z, y=y):
            return ((t[1] * (t[0] * z + t[2]) + t[3] - y) ** 2).mean()

        at, h, moves = np.array([0, 0, 0, y.mean()]), 1e-3, np.eye(4)
        hessian = np.array(
            [
                [
                    (
                        loss(at + h * (u + v))
                        - loss(at + h * (u - v))
                        - loss(at - h * (u - v))
                        + loss(at - h * (u + v))
                    )
                    / (4 * h * h)
                    for u in moves
                ]
                for v in moves
            ]
        )
        given = np.asarray(answer(z, y), dtype=float)
        assert given.shape == (4,), "Four numbers, please."
        assert np.abs(given - np.linalg.eigvalsh(hessian)).max() < 1e-4, (
            "Not these. Write down the second derivatives: only two of them are not zero. Then sort."
        )


def _check_order(answer) -> None:
    for seed in range(3):
        z, y = np.random.default_rng(seed).normal(size=(2, 8))
        expected = optimize.linear_sum_assignment((z[:, None] - y) ** 2)[1]
        given = np.asarray(answer(z, y))
        assert sorted(given.tolist()) == list(range(8)), "Eight indices, each once."
        assert np.array_equal(given, expected), (
            "There is a cheaper pairing. Which rank has each z, and which shade has that rank?"
        )


def _check_dimension(answer) -> None:
    draw = np.random.default_rng(0)
    for p, q in (([0.2, 0.3, 0.5], [0.4, 0.6]), ([0.5, 0, 0.5], [0.1, 0.2, 0.7]), ([0, 1], [0.3, 0.3, 0.4])):
        marginals = np.vstack(
            [np.kron(np.eye(len(p)), np.ones(len(q))), np.kron(np.ones(len(p)), np.eye(len(q)))]
        )
        costs = draw.normal(size=(60, len(p) * len(q)))
        corners = [
            optimize.linprog(c, A_eq=marginals, b_eq=[*p, *q], method="highs").x.round(12) for c in costs
        ]
        expected = np.linalg.matrix_rank(np.array(corners) - corners[0], tol=1e-9)
        assert answer(np.array(p), np.array(q)) == expected, (
            f"Not for {p} and {q}. What can a point send that has no mass?"
        )


def _check_favourite(answer) -> None:
    x = np.linspace(-60, 60, 240_001)
    for nu, t, mu, s in ((0, 1, 1, 1.5), (2, 0.5, -1, 0.8), (-3, 2, 1, 3)):
        ratio = stats.norm.logpdf(x, nu, t) - stats.norm.logpdf(x, mu, s)
        assert abs(answer(nu, t, mu, s) - x[ratio.argmax()]) < 1e-3, (
            "Not the top of p/q. Set the derivative of its logarithm to zero; mind both variances."
        )


def _check_weight(answer) -> None:
    negatives = np.random.default_rng(1).normal(0.5, 1.3, size=200_000)
    p, q = stats.norm.pdf(negatives), stats.norm.pdf(negatives, 0.5, 1.3)
    for share in (0.5, 0.1, 0.8):
        shown = share * p + (1 - share) * q
        weights = answer(share * p / shown, share)
        assert abs(np.mean(weights) - 1) < 0.02, "The weights of negatives should have mean 1: solve for p/q."
        assert abs(np.mean(weights * negatives)) < 0.02, "The weighted mean should be that of the data, 0."


absolute = Exercise("7.1", _check_absolute, refuses=(np.mean, lambda y: (y.min() + y.max()) / 2, np.min))
saddle = Exercise(
    "7.2",
    _check_saddle,
    refuses=(
        lambda z, y: np.sort([-2 * np.cov(z, y)[0, 1], 0, 2 * np.cov(z, y)[0, 1], 2]),
        lambda z, y: np.sort([-abs(np.cov(z, y, bias=True)[0, 1]), 0, abs(np.cov(z, y, bias=True)[0, 1]), 2]),
        lambda z, y: np.sort([-2 * (z * y).mean(), 0, 2 * (z * y).mean(), 2]),
        lambda z, y: np.array([-1, 0, 1, 2]),
        lambda z, y: np.array([-2, 0, 2, 0]) * abs(np.cov(z, y, bias=True)[0, 1]) + [0, 0, 0, 2],
        lambda z, y: np.array([-2, 0, 0, 2]) * abs(np.cov(z, y, bias=True)[0, 1]) + [0, 0, 2, 0],
    ),
)
order = Exercise(
    "7.3",
    _check_order,
    refuses=(
        lambda z, y: np.argsort(y),
        lambda z, y: np.argsort(z),
        lambda z, y: np.argsort(np.argsort(z)),
        lambda z, y: np.argsort(y)[np.argsort(z)],
    ),
)
dimension = Exercise(
    "7.4",
    _check_dimension,
    refuses=(lambda p, q: (len(p) - 1) * (len(q) - 1), lambda p, q: len(p) + len(q) - 1),
)
favourite = Exercise(
    "7.5",
    _check_favourite,
    refuses=(
        lambda nu, t, mu, s: nu,
        lambda nu, t, mu, s: -mu / (s**2 - 1),
        lambda nu, t, mu, s: (nu * t**2 - mu * s**2) / (t**2 - s**2),
    ),
)
weight = Exercise(
    "7.6",
    _check_weight,
    refuses=(
        lambda D, share: D / (1 - D),
        lambda D, share: D / (1 - D) * share / (1 - share),
        lambda D, share: (1 - D) / D,
    ),
)
