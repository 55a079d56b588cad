"""The exercises of chapter 1: what a right answer must satisfy, and hints for one that is not there yet.

The checks difference, search or compute with more digits; none contains the formula that is asked for.
"""

from decimal import Decimal, localcontext

import numpy as np

from lib.exercises import Exercise


def _check_hyperbolic(answer) -> None:
    h = np.linspace(-3, 3, 61)
    slope = (np.tanh(h + 1e-6) - np.tanh(h - 1e-6)) / 2e-6
    given = answer(np.tanh(h))
    assert np.shape(given) == h.shape, "One slope per output, please."
    worst = np.abs(given - slope).argmax()
    assert abs(given[worst] - slope[worst]) < 1e-6, (
        f"At h = {h[worst]:.1f} the output is {np.tanh(h[worst]):.3f} and the slope {slope[worst]:.3f}."
        " How is tanh made of a sigmoid?"
    )


def _check_bridge(answer) -> None:
    draw = np.random.default_rng(11)
    W, b, before, e = draw.normal(size=(4, 4)), draw.normal(size=4), draw.normal(size=4), draw.normal(size=4)

    def cost(a: np.ndarray) -> float:  # linear in the output, so that ∂J/∂a of the upper layer is e
        return float(e @ (np.tanh(W @ a + b) + a))

    slopes = [(cost(before + step) - cost(before - step)) / 2e-6 for step in 1e-6 * np.eye(4)]
    delta = e / np.cosh(W @ before + b) ** 2
    given = answer(W, delta, e)
    assert np.shape(given) == (4,), "One number for each neuron of the lower layer."
    assert np.abs(given - slopes).max() < 1e-7, (
        "Not the slope of the cost. In how many ways does the lower layer act on the upper?"
    )


def _check_tied(answer) -> None:
    draw = np.random.default_rng(12)
    for shape in ((2, 5), (3, 3)):
        W, x = draw.normal(size=shape), draw.normal(size=shape[1])

        def cost(W: np.ndarray, x: np.ndarray = x) -> float:
            return 0.5 * float(((W.T @ (1 / (1 + np.exp(-(W @ x)))) - x) ** 2).sum())

        given = np.asarray(answer(W, x))
        assert given.shape == shape, f"The gradient has the shape of W, {shape}; yours is {given.shape}."
        for place in np.ndindex(*shape):
            step = np.zeros(shape)
            step[place] = 1e-6
            slope = (cost(W + step) - cost(W - step)) / 2e-6
            assert abs(given[place] - slope) < 1e-6, (
                f"Not at W{list(place)}. A nudge there changes the code, and it changes the way back."
            )


def _check_one_sided(answer) -> None:
    where = np.linspace(-3, 3, 601)

    def sigmoid(h: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-h))

    def error(step: float) -> float:
        slope = np.exp(where) / (1 + np.exp(where)) ** 2
        return float(np.abs((sigmoid(where + step) - sigmoid(where)) / step - slope).mean())

    best = min(error(10.0**exponent) for exponent in np.arange(-13, 0, 0.25))
    assert 0 < answer < 1, "A step between 0 and 1, please."
    assert error(answer) < 4 * best, (
        f"With ε = {answer:g} the mean error is {error(answer):.1e}; {best:.1e} can be had."
        " The chord is off by a multiple of ε now, not of ε²."
    )


def _exact(h: float, y: float) -> tuple[float, float]:
    """Cost and slope with sixty digits."""
    with localcontext(prec=60):
        if abs(h) > 100:  # the sigmoid is 0 or 1 to forty digits
            return max(h, 0.0) - y * h, float(h > 0) - y
        a = 1 / (1 + Decimal(-h).exp())
        target = Decimal(y)
        return float(-target * a.ln() - (1 - target) * (1 - a).ln()), float(a - target)


def _check_stable(answer) -> None:
    h = np.array([-1e4, -800.0, -90, -40, -3, -0.2, 0, 0.5, 4, 37, 90, 800, 1e4])
    for y in (0.0, 0.3, 1.0):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            try:
                cost, delta = answer(h, np.full_like(h, y))
            except FloatingPointError as error:
                raise AssertionError(f"With y = {y} something overflows: {error}.") from None
        exact = np.array([_exact(each, y) for each in h])
        for name, given, wanted in (("cost", cost, exact[:, 0]), ("δ", delta, exact[:, 1])):
            wrong = ~np.isclose(given, wanted, rtol=1e-10, atol=1e-12)
            assert not wrong.any(), f"The {name} is off at h = {h[wrong][0]:g} with y = {y}."


hyperbolic = Exercise(
    "1.1", _check_hyperbolic, refuses=(lambda a: a * (1 - a), lambda a: 1 - a, lambda a: 1 - np.tanh(a) ** 2)
)
bridge = Exercise(
    "1.2",
    _check_bridge,
    refuses=(
        lambda W, delta, e: W.T @ delta,
        lambda W, delta, e: W @ delta + e,
        lambda W, delta, e: W.T @ (delta + e),
    ),
)


def _encoder_alone(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    a = 1 / (1 + np.exp(-(W @ x)))
    return np.outer((W @ (W.T @ a - x)) * a * (1 - a), x)


def _decoder_alone(W: np.ndarray, x: np.ndarray) -> np.ndarray:
    a = 1 / (1 + np.exp(-(W @ x)))
    return np.outer(a, W.T @ a - x)


tied = Exercise("1.3", _check_tied, refuses=(_encoder_alone, _decoder_alone))
one_sided = Exercise("1.4", _check_one_sided, refuses=(1e-5, 1e-11, 1e-3, 2))
stable = Exercise(
    "1.5",
    _check_stable,
    refuses=(
        lambda h, y: (
            -y * np.log(1 / (1 + np.exp(-h))) - (1 - y) * np.log(1 - 1 / (1 + np.exp(-h))),
            1 / (1 + np.exp(-h)) - y,
        ),
        lambda h, y: (
            np.log(1 + np.exp(np.minimum(h, 700))) - y * h,
            1 / (1 + np.exp(-np.maximum(h, -700))) - y,
        ),
        lambda h, y: (np.logaddexp(0, h) - y * h, y - np.exp(-np.logaddexp(0, -h))),
    ),
)
