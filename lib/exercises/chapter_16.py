"""The exercises of chapter 16: what a right answer must satisfy, and hints for one that is not there yet.

The checks count windows, add up in exact arithmetic, search grids or take difference quotients; none contains
the formula.
"""

import math

import numpy as np

from lib.exercises import Exercise


def _check_depth(answer) -> None:
    for k in (3, 5, 7):
        for w in (1, 2, 3, 8, 13, 24, 25):
            window, layers = {0}, 0
            while layers < 1 or not any(place + w in window for place in window):
                layers += 1
                window = {place + step for place in window for step in range(-(k // 2), k // 2 + 1)}
            got = answer(k, w)
            assert got == layers, (
                f"k = {k}, w = {w}: with {layers} layers the two windows first share a place, not with {got}."
                " Both of them grow."
            )


depth = Exercise(
    "16.1",
    _check_depth,
    refuses=(
        lambda k, w: max(1, -(-2 * w // (k - 1))),
        lambda k, w: max(1, w // (k - 1)),
        lambda k, w: max(1, -(-w // k)),
    ),
)


def _check_table(answer) -> None:
    draw = np.random.default_rng(162)
    for size in (1.0, 40.0):
        x, Wf, Wg = size * draw.normal(size=(5, 4)), draw.normal(size=(2, 5)), draw.normal(size=(2, 5))
        with np.errstate(over="ignore", invalid="ignore"):
            got = np.asarray(answer(x.copy(), Wf.copy(), Wg.copy()), dtype=float)
        assert got.shape == (4, 4), f"Shape (4, 4), please, not {got.shape}."
        assert np.isfinite(got).all(), (
            "An exponential has overflowed; what may be subtracted from all scores?"
        )
        for j in range(4):
            scores = [sum((Wf[r] @ x[:, i]) * (Wg[r] @ x[:, j]) for r in range(2)) for i in range(4)]
            exact = [1 / math.fsum(math.exp(min(other - own, 700)) for other in scores) for own in scores]
            assert np.abs(got[j] - exact).max() < 1e-9, (
                f"Row {j} should hold the shares {np.round(exact, 3)} that place {j} gives to each place; it"
                f" holds {np.round(got[j], 3)}, with the sum {got[j].sum():.3f}."
            )


def _softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


table = Exercise(
    "16.2",
    _check_table,
    refuses=(
        lambda x, Wf, Wg: _softmax((Wg @ x).T @ (Wf @ x), 0),
        lambda x, Wf, Wg: _softmax((Wf @ x).T @ (Wg @ x), 1),
        lambda x, Wf, Wg: _softmax((Wg @ x).T @ (Wf @ x) / 2**0.5, 1),
        lambda x, Wf, Wg: (
            np.exp((Wg @ x).T @ (Wf @ x)) / np.exp((Wg @ x).T @ (Wf @ x)).sum(axis=1, keepdims=True)
        ),
    ),
)


def _check_gate(answer) -> None:
    draw = np.random.default_rng(163)
    x, W, target = draw.normal(size=(3, 5)), draw.normal(size=(3, 3)), draw.normal(size=(3, 5))
    beta = draw.dirichlet(np.ones(5), size=5)  # row j: what j takes from each i

    def cost(gamma: float) -> float:
        heard = np.stack([sum(beta[j, i] * (W @ x[:, i]) for i in range(5)) for j in range(5)], axis=1)
        return float(((x + gamma * heard - target) ** 2).sum() / 2)

    slope = (cost(1e-4) - cost(-1e-4)) / 2e-4
    got = float(answer(x.copy(), beta.copy(), W.copy(), x - target))
    assert abs(got - slope) < 1e-7, f"A small step of γ shows {slope:.5f}, and not {got:.5f}."


gate = Exercise(
    "16.3",
    _check_gate,
    refuses=(
        lambda x, beta, W, delta: float((delta * (W @ x @ beta)).sum()),
        lambda x, beta, W, delta: float((delta * (W @ x)).sum()),
        lambda x, beta, W, delta: 0.0,
        lambda x, beta, W, delta: float((delta * (W.T @ x @ beta.T)).sum()),
    ),
)


def _check_unfair(answer) -> None:
    grid = np.linspace(0, 1, 801)
    a, b = np.meshgrid(grid, grid)
    for chance in (0.0, 0.1, 0.25, 0.5, 0.64, 0.81, 1.0):
        pairs = ((a * b, chance), (a * (1 - b), 0.0), ((1 - a) * b, 0.0), ((1 - a) * (1 - b), 1 - chance))
        least = float((sum(abs(coins - mass) for coins, mass in pairs) / 2).min())
        got = float(answer(chance))
        assert abs(got - least) < 2e-3, (
            f"π = {chance}: of 641 601 pairs of coins the best has {least:.4f}; you say {got:.4f}."
        )


unfair = Exercise(
    "16.4",
    _check_unfair,
    refuses=(
        lambda chance: 2 * chance**0.5 * (1 - chance**0.5),
        lambda chance: min(chance, 1 - chance),
        lambda chance: 2 * chance * (1 - chance),
        lambda chance: 2**0.5 - 1,
    ),
)


def _check_crowd(answer) -> None:
    for s, n in ((1.0, 1), (3.0, 2), (5.0, 6)):
        others = [s, -s, *[0.0] * (n - 1)]

        def heard(own: float, others: list[float] = others) -> float:
            tokens = [*others, own]
            powers = [math.exp(token * own) for token in tokens]
            return sum(p * t for p, t in zip(powers, tokens, strict=True)) / sum(powers)

        step = 1e-4 / s
        slope = (heard(step) - heard(-step)) / (2 * step)
        got = float(answer(s, n))
        assert abs(got - slope) < 1e-5 * (1 + slope), (
            f"s = {s:g}, n = {n}: a small step of one token shows {slope:.4f}, and not {got:.4f}."
        )


crowd = Exercise(
    "16.5",
    _check_crowd,
    refuses=(
        lambda s, n: 2 / 3 * s**2 + 1 / 3,
        lambda s, n: 2 * s**2 / (n + 2),
        lambda s, n: (2 * s**2 + n) / (n + 2),
    ),
)
