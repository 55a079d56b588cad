"""The exercises of chapter 6: what a right answer must satisfy, and hints for one that is not there yet.

The checks draw, search or compare with PyTorch; none of them contains the formula that is asked for.
"""

import numpy as np
import torch
from scipy import optimize

from lib.exercises import Exercise


def _check_sampler(answer) -> None:
    draw = np.random.default_rng(0)
    for mean, log_variance in ((0.5, -2.0), (-1.0, 0.7), (0.0, 1.5)):
        xi = draw.normal(size=200_000)
        z = answer(np.full_like(xi, mean), np.full_like(xi, log_variance), xi)
        exact = np.exp(log_variance)
        assert abs(z.mean() - mean) < 4 * np.sqrt(exact / len(xi)), "The mean is not μ."
        assert abs(z.var() / exact - 1) < 4 * np.sqrt(2 / len(xi)), (
            f"For v = {log_variance} the variance is {z.var():.3f} and should be {exact:.3f}."
            " Of what is v the logarithm?"
        )
        assert np.corrcoef(z, xi)[0, 1] > 0, "A larger ξ should give a larger code."


def _gain(eigenvalue: float, s_x: float, beta: float) -> float:
    """The squared length of the best column for one direction, by searching the loss of one direction."""

    def loss(root: np.ndarray) -> float:
        square, mean_slope, log_variance = root[0] ** 2, root[1], root[2]
        error = eigenvalue * (1 - root[0] * mean_slope) ** 2 + square * np.exp(log_variance)
        paid = mean_slope**2 * eigenvalue + np.exp(log_variance) - 1 - log_variance
        return error / (2 * s_x**2) + beta * paid / 2

    starts = ([1.0, 0.5, -1.0], [0.3, 0.1, 0.0])
    best = min((optimize.minimize(loss, start, tol=1e-12) for start in starts), key=lambda found: found.fun)
    return float(best.x[0] ** 2)


def _check_survivors(answer) -> None:
    eigenvalues = np.array([5.0, 2.1, 0.9, 0.3])
    for s_x, beta in ((0.4, 1.0), (1.2, 1.0), (0.8, 4.0), (0.8, 0.25), (1.2, 5.0)):
        used = sum(_gain(value, s_x, beta) > 1e-2 for value in eigenvalues)
        assert answer(eigenvalues, s_x, beta) == used, (
            f"With s_x = {s_x} and β = {beta} there are {used} of {eigenvalues}."
            " Which decoder variance is that, at weight 1?"
        )


def _check_noise(answer) -> None:
    for error, d in ((3.0, 64), (40.0, 10), (0.2, 3)):
        tried = np.geomspace(0.01, 10, 200_001)
        best = tried[np.argmin(error / (2 * tried**2) + d * np.log(tried))]
        assert abs(answer(error, d) / best - 1) < 1e-3, (
            f"For an error of {error} and d = {d} it is {best:.3f}."
            " Do not forget the constant of the normal density."
        )


def _check_bits(answer) -> None:
    draw = np.random.default_rng(1)
    x, logits = (draw.random((7, 5)) < 0.4).astype(float), 3 * draw.normal(size=(7, 5))
    law = torch.distributions.Bernoulli(logits=torch.tensor(logits))
    theirs = -law.log_prob(torch.tensor(x)).sum(dim=1).numpy()
    found = np.asarray(answer(x, logits))
    assert found.shape == (7,), "One number for each image: sum over its pixels."
    assert np.allclose(found, theirs, rtol=0, atol=1e-10), "It is −x log sg(h) − (1 − x) log(1 − sg(h))."
    with np.errstate(over="ignore"):
        large = np.asarray(answer(np.array([[1.0, 0.0]]), np.array([[-1000.0, 1000.0]])))
    assert np.allclose(large, 2000), "It overflows for logits of ±1000."


def _check_share(answer) -> None:
    for z, a, s in ((0.3, 1.0, 0.5), (-0.2, 0.7, 1.1), (0.0, 2.0, 0.3)):
        first, second = (np.exp(-0.5 * ((z - code) / s) ** 2) for code in (-a, a))
        exact = second / (first + second)
        assert abs(answer(z, a, s) - exact) < 1e-6, f"At z = {z} with a = {a}, s = {s} it is {exact:.3f}."


sampler = Exercise(
    "6.1",
    _check_sampler,
    refuses=(lambda m, v, xi: m + np.exp(v) * xi, lambda m, v, xi: m - np.exp(v / 2) * xi),
)
survivors = Exercise(
    "6.2",
    _check_survivors,
    refuses=(
        lambda values, s_x, beta: int((values > s_x**2).sum()),
        lambda values, s_x, beta: int((values > beta * s_x).sum()),
        lambda values, s_x, beta: int((values > s_x**2 / beta).sum()),
    ),
)
noise = Exercise("6.3", _check_noise, refuses=(lambda E, d: E / d, lambda E, d: np.sqrt(E)))
bits = Exercise(
    "6.4",
    _check_bits,
    refuses=(
        lambda x, h: (np.log1p(np.exp(h)) - x * h).sum(axis=1),
        lambda x, h: (np.logaddexp(0, h) - x * h).mean(axis=1),
    ),
)
share = Exercise(
    "6.5",
    _check_share,
    refuses=(
        lambda z, a, s: 1 / (1 + np.exp(-a * z / s**2)),
        lambda z, a, s: 1 / (1 + np.exp(2 * a * z / s**2)),
    ),
)
