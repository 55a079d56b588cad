"""The exercises of chapter 11: what a right answer must satisfy, and hints for one that is not there yet.

The checks search, difference or integrate; none of them contains the formula that is asked for.
"""

import numpy as np

from lib.exercises import Exercise

x = np.linspace(-5, 5, 2001)
RATIOS = np.geomspace(1e-3, 1e3, 400_001)


def _normal(at: np.ndarray, mean: float, scale: float) -> np.ndarray:
    return np.exp(-0.5 * ((at - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


P, Q = _normal(x, 0.6, 0.8), _normal(x, -0.3, 1.1)


def _check_conjugate(answer) -> None:
    for t in (-3.0, -1.0, -0.2, 0.5, 1.7, 3.0):
        largest = max(float(np.max(RATIOS * t - (RATIOS**2 - 1) / 2)), 0.5)  # at u = 0 it is ½
        value = answer(np.array([t]))
        assert np.shape(value) == (1,), "One value per slope, please: an array in, an array out."
        assert abs(value[0] - largest) < 1e-4, (
            f"Not at t = {t:g}: there the supremum is {largest:.3f}. Which ratios u are allowed?"
        )


def _check_swapped(answer) -> None:
    for f in (lambda u: u * np.log(u), lambda u: (u - 1) ** 2, lambda u: np.abs(u - 1) ** 1.5):
        new = answer(f)
        there = np.trapezoid(Q * new(P / Q), x)
        back = np.trapezoid(P * f(Q / P), x)
        assert np.isfinite(there), "Not finite. Where p/q is small, q/p is large: what multiplies it?"
        assert abs(there - back) < 1e-9 * max(1, abs(back)), (
            "∫ q f°(p/q) is not yet ∫ p f(q/p). Write u = p/q and compare the integrands."
        )


def _check_activation(answer) -> None:
    v = np.linspace(-12, 12, 2401)
    t = answer(v)
    assert np.shape(t) == v.shape and np.all(np.isfinite(t)), "One finite number for each score."
    assert np.all(t < 1), "The domain of f* is t < 1, and some outputs lie outside."
    assert np.all(np.diff(t) > 0), "A larger score must mean a larger T: the function has to increase."
    with np.errstate(all="ignore"):  # so far out exp overflows, and rightly
        low, high = answer(np.array([-1e4, 1e4]))
    assert high > 0.99, "T* comes as near to 1 as p/q is large, and this function stays below."
    assert low < -50, "T* falls without limit as p/q falls to 0, and this function does not."


def _check_ratio(answer) -> None:
    u = np.geomspace(0.05, 20, 101)
    step = 1e-6
    slope = ((np.sqrt(u * (1 + step)) - 1) ** 2 - (np.sqrt(u * (1 - step)) - 1) ** 2) / (2 * step * u)
    wrong = np.abs(answer(slope) / u - 1).max()
    assert wrong < 1e-5, "Not the ratio yet. The slope of (√u − 1)² is 1 − 1/√u; solve for u."


def _check_blocks(answer) -> None:
    cells, at = 1000, np.arange(3000)
    for f, at_zero, at_infinity in (
        (lambda u: np.abs(u - 1) / 2, 0.5, 0.5),
        (lambda u: (np.sqrt(u) - 1) ** 2, 1.0, 1.0),
        (lambda u: np.maximum(1 - u, 0), 1.0, 0.0),
    ):
        for theta in (0, 0.25, 0.8, 1, 1.7):
            p = np.where(at < cells, 1 / cells, 0)
            q = np.where((at >= theta * cells) & (at < (1 + theta) * cells), 1 / cells, 0)
            on_q = q[q > 0] * f(p[q > 0] / q[q > 0])
            exact = on_q.sum() + p[q == 0].sum() * at_infinity
            got = answer(theta, at_zero, at_infinity)
            assert abs(got - exact) < 1e-9, f"Not at θ = {theta}. Which part of each block is alone?"


def _check_tricked(answer) -> None:
    assert isinstance(answer, tuple | list) and len(answer) == 2, "Give two things: a name and a factor."
    name, factor = answer
    fs = {
        "kl": lambda u: u * np.log(u),
        "reverse kl": lambda u: -np.log(u),
        "pearson": lambda u: (u - 1) ** 2,
        "neyman": lambda u: (1 - u) ** 2 / u,
        "squared hellinger": lambda u: (np.sqrt(u) - 1) ** 2,
        "jeffrey": lambda u: (u - 1) * np.log(u),
    }
    assert name in fs, f"The first is one of {', '.join(fs)}."
    u, h = np.geomspace(0.2, 5, 41), 1e-4
    second = lambda f: (f(u + h) - 2 * f(u) + f(u - h)) / h**2  # noqa: E731
    asked = second(fs["jeffrey"]) / u
    both = second(fs["reverse kl"]) + factor * second(fs[name])
    assert np.abs(both / asked - 1).max() < 1e-3, (
        "h″ = f″/u does not come out. Jeffrey is KL plus reverse KL: use the rule on each of them."
    )


conjugate = Exercise(
    "11.1",
    _check_conjugate,
    refuses=(lambda t: (t**2 + 1) / 2, lambda t: np.maximum(t, 0) ** 2 / 2, lambda t: t**2 / 2),
)
swapped = Exercise(
    "11.2",
    _check_swapped,
    refuses=(lambda f: lambda u: f(1 / u), lambda f: lambda u: f(1 / u) / u, lambda f: f),
)
activation = Exercise(
    "11.3",
    _check_activation,
    refuses=(lambda v: 1 - np.exp(v), np.tanh, lambda v: v, lambda v: 1 / (1 + np.exp(-v))),
)
ratio = Exercise(
    "11.4",
    _check_ratio,
    refuses=(lambda t: 1 / (1 - t), lambda t: (1 - t) ** 2, lambda t: t / (1 - t)),
)
blocks = Exercise(
    "11.5",
    _check_blocks,
    refuses=(
        lambda theta, at_zero, at_infinity: theta * (at_zero + at_infinity),
        lambda theta, at_zero, at_infinity: min(theta, 1) * (at_zero + at_infinity) / 2,
        lambda theta, at_zero, at_infinity: min(theta, 1) * 2 * at_zero,
    ),
)
tricked = Exercise(
    "11.6",
    _check_tricked,
    refuses=(("neyman", 1.0), ("pearson", 0.5), ("kl", 1.0), ("neyman", 2.0)),
)
