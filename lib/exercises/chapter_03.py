"""The exercises of chapter 3: what a right answer must satisfy, and hints for one that is not there yet.

The checks integrate, enumerate or search; none of them contains the formula that is asked for.
"""

import numpy as np
from scipy import optimize, stats

from lib.exercises import Exercise

_x = np.linspace(-9, 9, 18_001)


def _prior(at: np.ndarray) -> np.ndarray:
    return 0.3 * stats.norm.pdf(at, -1, 0.4) + 0.7 * stats.norm.pdf(at, 1.5, 0.8)


def _moments(y: float, s: float) -> tuple[float, float, float]:
    """The density of y, and mean and variance of x given y, by quadrature."""
    joint = _prior(_x) * stats.norm.pdf(y, _x, s)
    density = np.trapezoid(joint, _x)
    mean = np.trapezoid(joint * _x, _x) / density
    return density, mean, np.trapezoid(joint * (_x - mean) ** 2, _x) / density


def _check_variance(answer) -> None:
    for s, y in ((0.5, -0.4), (0.9, 0.3), (0.3, 1.2)):
        logs = [np.log(_moments(y + shift, s)[0]) for shift in (-1e-3, 0, 1e-3)]
        bend = (logs[0] - 2 * logs[1] + logs[2]) / 1e-6
        assert abs(answer(bend, s) - _moments(y, s)[2]) < 1e-4, (
            "Not the variance. What is the derivative of E[x | y] in y, once by Tweedie's formula,"
            " and once by differentiating under the integral?"
        )


def _check_counts(answer) -> None:
    draw = np.random.default_rng(3)
    levels, chances = draw.uniform(0.5, 9, size=5), draw.dirichlet(np.ones(5))
    table = chances[:, None] * stats.poisson.pmf(np.arange(12), levels[:, None])
    posterior = (levels @ table / table.sum(axis=0))[:-1]
    given = np.asarray(answer(table.sum(axis=0)))
    assert given.shape == posterior.shape, "One number for each count but the last, please."
    assert np.allclose(given, posterior, rtol=1e-9, atol=0), (
        "Not the posterior mean. Write x P(y | x) as a multiple of P(y + 1 | x)."
    )


def _check_affine(answer) -> None:
    draw = np.random.default_rng(4)
    points = draw.normal(size=(6, 3)) @ draw.normal(size=(3, 3)) + draw.normal(size=3)
    mu, s = points.mean(axis=0), 0.7
    C = (points - mu).T @ (points - mu) / 6

    def loss(weights: np.ndarray) -> float:  # the expectation over six points and the noise
        A, b = weights[:9].reshape(3, 3), weights[9:]
        return ((points - points @ A.T - b) ** 2).sum(axis=1).mean() + s**2 * (A**2).sum()

    found = optimize.minimize(loss, np.zeros(12), tol=1e-12).x
    for y in draw.normal(size=(4, 3)):
        best = found[:9].reshape(3, 3) @ y + found[9:]
        assert np.allclose(answer(y, mu, C, s), best, rtol=0, atol=1e-4), (
            "Another affine map has a smaller loss. Project x on the affine functions of y: which covariances"
            " enter?"
        )


def _check_squares(answer) -> None:
    u, grid = np.array([-2.1, -0.7, 0.2, 0.95, 1.4]), np.linspace(-3, 3, 60_001)[:, None]
    for tax in (0.5, 1.3):
        given = answer(u, tax)
        assert len(given) == 2, "Two codes, please: for the squares, and for the count."
        distance = (grid - u) ** 2
        wanted = [
            grid[(distance + tax * grid**2).argmin(axis=0), 0],
            grid[(distance + tax * (abs(grid) > 1e-9)).argmin(axis=0), 0],
        ]
        for code, best, name in zip(given, wanted, ("squares", "count"), strict=True):
            assert np.allclose(code, best, rtol=0, atol=2e-4), (
                f"Not for the {name}. Every entry can be chosen by itself: draw its cost."
            )


def _check_cube(answer) -> None:
    for h in (-1.5, 0.2, 2.0):
        chance = 1 / (1 + np.exp(-h))
        ups = [1 / (1 + np.exp(-(h + shift))) for shift in (-1e-5, 1e-5)]
        truth = (ups[1] - ups[0]) / 2e-5  # of P(bit = 1) · 1³
        soft_slope = truth  # the soft code is that probability
        tangents = [((b + 1e-5) ** 3 - (b - 1e-5) ** 3) / 2e-5 for b in (0.0, 1.0)]
        straight = soft_slope * ((1 - chance) * tangents[0] + chance * tangents[1])
        assert abs(answer(chance) - (straight - truth)) < 1e-6, (
            "Average the tangents of f at 0 and 1, subtract the slope of the chord; and the factor a(1 − a)?"
        )


def _check_codebook(answer) -> None:
    draw = np.random.default_rng(5)
    for gamma, m in ((0.9, 20), (0.5, 33)):
        outputs, entry = draw.normal(size=(m, 2)), draw.normal(size=2)
        chose = np.arange(m) < 7

        def term(e: np.ndarray, outputs=outputs, chose=chose, m=m) -> float:
            return ((outputs[chose] - e) ** 2).sum() / m

        slope = np.array([(term(entry + d) - term(entry - d)) / 2e-5 for d in 1e-5 * np.eye(2)])
        wanted = gamma * entry + (1 - gamma) * outputs[chose].mean(axis=0)
        stepped = entry - answer(gamma, 7, m) * slope
        assert np.allclose(stepped, wanted, rtol=0, atol=1e-6), (
            "The step does not land there. The mean is over the whole batch; how many points pull this entry?"
        )


variance = Exercise(
    "3.1",
    _check_variance,
    refuses=(
        lambda bend, s: s**2 * (1 - s**2 * bend),
        lambda bend, s: 1 + s**2 * bend,
        lambda bend, s: s**4 * bend,
    ),
)
counts = Exercise(
    "3.2",
    _check_counts,
    refuses=(lambda seen: np.arange(len(seen) - 1) * seen[1:] / seen[:-1], lambda seen: seen[1:] / seen[:-1]),
)
affine = Exercise(
    "3.3",
    _check_affine,
    refuses=(
        lambda y, mu, C, s: mu + C @ np.linalg.solve(C + s * np.eye(3), y - mu),
        lambda y, mu, C, s: C @ np.linalg.solve(C + s**2 * np.eye(3), y),
    ),
)
squares = Exercise(
    "3.4",
    _check_squares,
    refuses=(
        lambda u, tax: (u / (1 + tax / 2), np.where(u**2 > tax, u, 0.0)),
        lambda u, tax: (u / (1 + tax), np.where(abs(u) > tax, u, 0.0)),
        lambda u, tax: (u / (1 + tax), np.sign(u) * np.maximum(abs(u) - tax / 2, 0)),
    ),
)
cube = Exercise("3.5", _check_cube, refuses=(lambda a: 3 * a - 1, lambda a: a * (1 - a) * (1 - 3 * a)))
codebook = Exercise(
    "3.6",
    _check_codebook,
    refuses=(lambda gamma, n_k, m: (1 - gamma) / 2, lambda gamma, n_k, m: gamma * m / (2 * n_k)),
)
