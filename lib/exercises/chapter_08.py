"""The exercises of chapter 8: what a right answer must satisfy, and hints for one that is not there yet.

The checks search, simulate or difference; none of them contains the formula that is asked for.
"""

from decimal import Decimal, localcontext

import numpy as np
import torch
from torch.nn.functional import softplus

from lib.exercises import Exercise

x = np.linspace(-5, 5, 2001)


def _normal(at: np.ndarray, mean: float, scale: float) -> np.ndarray:
    return np.exp(-0.5 * ((at - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


def _real(at: np.ndarray) -> np.ndarray:
    return 0.6 * _normal(at, -1, 1) + 0.4 * _normal(at, 2, 0.8)


def _draw_real(n: int, draw: np.random.Generator) -> np.ndarray:
    return np.where(draw.random(n) < 0.6, draw.normal(-1, 1, n), draw.normal(2, 0.8, n))


def _check_prior(answer) -> None:
    t = np.linspace(0, 1, 4001)[1:-1, None]
    p, q = _real(x), _normal(x, 0.5, 1.3)
    for prior in (0.2, 0.5, 0.9):
        pay = prior * p * np.log(t) + (1 - prior) * q * np.log1p(-t)
        wrong = np.abs(answer(p, q, prior) - t[pay.argmax(axis=0), 0]).max()
        assert wrong < 5e-4, (
            f"With π = {prior} it is not the maximiser. Which a and b does the lemma get now?"
        )


def _check_ratio(answer) -> None:
    for theta in (0.5, 2.0):
        fakes = np.random.default_rng(7).normal(theta, 1.3, size=400_000)
        p, q = _real(fakes), _normal(fakes, theta, 1.3)
        weight = answer(np.log(p / (p + q)) - np.log(q / (p + q)))
        assert np.shape(weight) == np.shape(fakes), "One weight per score, please."
        mean = (weight * fakes).sum() / weight.sum()
        assert abs(mean - 0.2) < 0.03, (
            f"The weighted mean is {mean:.2f}, that of P_r is 0.20. Solve T = log(p/q)."
        )
        assert abs(weight.mean() - 1) < 0.03, "A density ratio has mean 1 under P_g."


def _check_blocks(answer) -> None:
    cells, draw = 1000, np.arange(6000)
    for theta in (0, 0.25, 0.8, 1, 2.5):
        p = np.where(draw < cells, 1 / cells, 0)
        q = np.where((draw >= theta * cells) & (draw < (1 + theta) * cells), 1 / cells, 0)
        m = (p + q) / 2
        exact = sum((u[u > 0] * np.log(u[u > 0] / m[u > 0])).sum() for u in (p, q)) / 2
        assert abs(answer(theta) - exact) < 1e-3, (  # rounded to three decimals will do
            f"Not at θ = {theta}. What is D* on the overlap, what off it?"
        )


def _check_tear(answer) -> None:
    assert isinstance(answer, tuple | list) and len(answer) == 3, (
        "Give three things: the two slopes, and the name of the assumption that fails."
    )
    *slopes, fails = answer
    theta, h, close = 0.3, 1e-5, 2e-3  # slopes rounded to three decimals will do

    # what a fake costs the generator: log ½ on the overlap, log 1 beyond both blocks
    def cost(at: float) -> float:
        return (1 - at) * np.log(0.5) + at * np.log(1.0)

    def refreshed(at: float) -> float:
        return 2 * cost(at)  # now the real samples on [0, θ) are recognised too

    frozen, true = ((value(theta + h) - value(theta)) / h for value in (cost, refreshed))
    assert abs(slopes[1] - true) < close, "The second slope: which value has D* at θ?"
    assert abs(slopes[0] - frozen) < close, "The first slope: only the fakes on the overlap cost."
    # φ is a straight line on [0, 1]; where does a fake fall when the block moves to the *left*?
    assert fails == "frozen", "The slopes are right. What becomes of V(θ, D₀) just to the left of θ₀?"


def _check_accuracy(answer) -> None:
    draw = np.random.default_rng(8)
    grid = np.linspace(-20, 20, 8001)
    for theta in (0.5, 2.0):
        reals, fakes = _draw_real(200_000, draw), draw.normal(theta, 1.3, 200_000)
        bets = [_real(sample) > _normal(sample, theta, 1.3) for sample in (reals, fakes)]
        right = np.mean([bets[0].mean(), 1 - bets[1].mean()])
        share = answer(_real(grid), _normal(grid, theta, 1.3), grid)
        assert abs(share - right) < 5e-3, "At every x bet on the larger density. How often is that right?"


def _check_stable(answer) -> None:
    scores = torch.cat([torch.linspace(-40, 40, 641), torch.tensor([-1e4, -600.0, -90, 90, 600, 1e4])])
    scores = scores.requires_grad_()
    loss = answer(scores)
    assert torch.isfinite(loss).all(), (
        "Not finite at a large score, where sg(s) rounds to 1. Rewrite 1 − sg(s) first."
    )
    expected = torch.tensor([_log_of_rest(float(s)) for s in scores.detach()], dtype=torch.float64)
    wrong = ~torch.isclose(loss.detach().double(), expected, rtol=1e-5, atol=1e-5)
    assert not wrong.any(), f"The value is off, at the score {scores[wrong][0].item():g} for instance."
    (gradient,) = torch.autograd.grad(loss.sum(), scores)
    assert torch.isfinite(gradient).all(), "The gradient is not finite."
    assert torch.allclose(gradient, -1 / (1 + torch.exp(-scores.detach())), atol=1e-6, rtol=0), (
        "The slope should be −D."
    )


def _log_of_rest(score: float) -> float:
    """log(1 − sg(s)) with 60 decimal digits, where nothing rounds to 1; beyond 100 it is −s, to 40 digits."""
    if score > 100:
        return -score
    with localcontext(prec=60):
        return float((1 - 1 / (1 + Decimal(-score).exp())).ln())


prior = Exercise(
    "8.1", _check_prior, refuses=(lambda p, q, prior: p / (p + q), lambda p, q, prior: prior * p / (p + q))
)
ratio = Exercise(
    "8.2", _check_ratio, refuses=(lambda score: 1 / (1 + np.exp(-score)), lambda score: np.exp(-score))
)
blocks = Exercise("8.3", _check_blocks, refuses=(lambda theta: theta * np.log(2), lambda theta: np.log(2)))
tear = Exercise(
    "8.4",
    _check_tear,
    refuses=(
        (np.log(2), np.log(2), "frozen"),
        (2 * np.log(2), np.log(2), "frozen"),
        (np.log(2), 2 * np.log(2), "phi"),
        (np.log(2), 2 * np.log(2)),
    ),
)
accuracy = Exercise("8.5", _check_accuracy, refuses=(lambda p, q, x: np.trapezoid(np.abs(p - q), x) / 2,))
stable = Exercise(
    "8.6",
    _check_stable,
    refuses=(
        lambda s: torch.log(1 - torch.sigmoid(s)),
        softplus,
        lambda s: torch.where(s.abs() > 50, -s, -softplus(s)),  # right in the middle, wrong far to the left
        lambda s: torch.log((1 - torch.sigmoid(s)).clamp(min=1e-12)),
    ),
)
