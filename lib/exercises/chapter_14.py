"""The exercises of chapter 14: what a right answer must satisfy, and hints for one that is not there yet.

The checks decompose, iterate, take difference quotients or solve programmes; none contains the formula.
"""

import numpy as np
from scipy.optimize import linprog

from lib.exercises import Exercise


def _check_two_by_two(answer) -> None:
    draw = np.random.default_rng(141)
    for entries in [(3, 0, 0, -5), (1, 1, 1, 1), (0, 2, 0, 0), *draw.normal(size=(20, 4))]:
        exact = np.linalg.norm(np.reshape(np.asarray(entries, dtype=float), (2, 2)), 2)
        got = float(answer(*map(float, entries)))
        assert abs(got - exact) < 1e-7 * (1 + exact), (
            f"For {tuple(np.round(entries, 2))} it is {exact:.4f}, and not {got:.4f}."
        )


two_by_two = Exercise(
    "14.1",
    _check_two_by_two,
    refuses=(
        lambda a, b, c, d: (a**2 + b**2 + c**2 + d**2) ** 0.5,
        lambda a, b, c, d: max(abs(a) + abs(b), abs(c) + abs(d)),
        lambda a, b, c, d: abs(np.linalg.eigvals([[a, b], [c, d]])).max(),
    ),
)


def _check_how_many(answer) -> None:
    for kappa, t, epsilon in (
        (0.9, 1, 1e-3),
        (0.5, 3, 1e-6),
        (0.99, 0.2, 1e-4),
        (0.3, 0.1, 0.1),
        (0.8, 9, 0.01),
        (0.99, 5, 0.05),
    ):
        u, rounds = np.array([1.0, t]), 0
        while True:
            rounds += 1
            v = u * [1, kappa]
            v /= np.linalg.norm(v)
            u = v * [1, kappa]
            if 1 - np.linalg.norm(u) <= epsilon:
                break
        got = answer(kappa, t, epsilon)
        assert got == rounds, (
            f"κ = {kappa}, t = {t}, ε = {epsilon}: {rounds} rounds, not {got}. The value's error falls like"
            f" κ⁴ per round, but it also has a factor in front, and the first round counts less. If"
            f" κ ≥ 1 − ε, one round is enough from any start."
        )


def _least(error) -> int:
    k = 1
    while error(k) > 0:
        k += 1
    return k


how_many = Exercise(
    "14.2",
    _check_how_many,
    refuses=(
        lambda kappa, t, epsilon: _least(lambda k: t * kappa ** (2 * k) - epsilon),
        lambda kappa, t, epsilon: _least(lambda k: kappa ** (4 * k - 2) - epsilon),
        lambda kappa, t, epsilon: _least(lambda k: t**2 * kappa ** (4 * k - 2) / 2 - epsilon),
    ),
)


def _check_by_hand(answer) -> None:
    draw = np.random.default_rng(143)
    W, a, delta = draw.normal(size=(4, 3)), draw.normal(size=(5, 3)), draw.normal(size=(5, 4))
    expected = _quotients(lambda M: np.mean(((a @ M.T) / np.linalg.norm(M, 2) * delta).sum(axis=1)), W)
    _same(answer(W.copy(), a.copy(), delta.copy()), expected, "all of it over σ, with the mean of the batch")


def _check_frobenius(answer) -> None:
    draw = np.random.default_rng(144)
    W, a, delta = draw.normal(size=(3, 5)), draw.normal(size=5), draw.normal(size=3)
    expected = _quotients(lambda M: delta @ M @ a / np.sqrt((M * M).sum()), W)
    _same(answer(W.copy(), a.copy(), delta.copy()), expected, "the norm depends on every entry of W")


def _quotients(value, W: np.ndarray, step: float = 1e-5) -> np.ndarray:
    slopes = np.zeros_like(W)
    for place in np.ndindex(W.shape):
        nudge = np.zeros_like(W)
        nudge[place] = step
        slopes[place] = (value(W + nudge) - value(W - nudge)) / (2 * step)
    return slopes


def _same(got, expected: np.ndarray, hint: str) -> None:
    got = np.asarray(got, dtype=float)
    assert got.shape == expected.shape, f"Shape {expected.shape}, please, not {got.shape}."
    error = np.abs(got - expected).max()
    assert error < 1e-7, f"It is off by {error:.3g} from what a small step of W shows. Remember: {hint}."


def _wrong_gradient(sign: float, mean: bool, divide: bool):
    def gradient(W, a, delta):
        u, s, vt = np.linalg.svd(W, full_matrices=False)
        wish = delta.T @ a / (len(a) if mean else 1)
        part = sign * (wish * W).sum() / s[0] * np.outer(u[:, 0], vt[0])
        return (wish + part) / (s[0] if divide else 1)

    return gradient


def _orthogonal(W, a, delta):
    """What lies along u₁v₁ᵀ taken away: no component of the wish is left there, but the scale of W counts."""
    u, s, vt = np.linalg.svd(W, full_matrices=False)
    wish, top = delta.T @ a / len(a), np.outer(u[:, 0], vt[0])
    return (wish - (wish * top).sum() * top) / s[0]


by_hand = Exercise(
    "14.3",
    _check_by_hand,
    refuses=(
        _wrong_gradient(1, mean=True, divide=True),
        _wrong_gradient(0, mean=True, divide=True),
        _wrong_gradient(-1, mean=False, divide=True),
        _wrong_gradient(-1, mean=True, divide=False),
        _orthogonal,
    ),
)
frobenius = Exercise(
    "14.4",
    _check_frobenius,
    refuses=(
        lambda W, a, delta: _wrong_gradient(-1, True, True)(W, a[None], delta[None]),
        lambda W, a, delta: np.outer(delta, a) / np.linalg.norm(W),
    ),
)


def _check_margin(answer) -> None:
    draw = np.random.default_rng(145)
    for margin in (0.3, 1.0, 2.5):
        p, q = draw.dirichlet(np.ones(6), size=2)
        scores, loss = answer(p.copy(), q.copy(), margin)
        eye, none = np.eye(6), np.zeros((6, 6))
        least = linprog(
            np.concatenate([np.zeros(6), p, q]),
            np.block([[-eye, -eye, none], [eye, none, -eye]]),
            -np.full(12, margin),
            bounds=[(None, None)] * 6 + [(0, None)] * 12,
        ).fun
        scores = np.asarray(scores, dtype=float)
        paid = p @ np.maximum(0, margin - scores) + q @ np.maximum(0, margin + scores)
        assert abs(paid - least) < 1e-8, (
            f"Margin {margin}: these scores pay {paid:.4f}; {least:.4f} is possible."
        )
        assert abs(loss - least) < 1e-8, f"Margin {margin}: the least loss is {least:.4f}, not {loss:.4f}."


margin = Exercise(
    "14.5",
    _check_margin,
    refuses=(
        lambda p, q, m: (np.sign(p - q), 2 * m * np.minimum(p, q).sum()),
        lambda p, q, m: (m * np.sign(p - q), 2 * np.minimum(p, q).sum()),
        lambda p, q, m: (m * np.sign(q - p), 2 * m * np.minimum(p, q).sum()),
    ),
)
