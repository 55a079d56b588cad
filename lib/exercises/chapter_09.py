"""The exercises of chapter 9: what a right answer must satisfy, and hints for one that is not there yet.

The checks simulate, enumerate or difference; none of them contains the formula that is asked for.
"""

import itertools
import math

import numpy as np
from scipy.special import expit, rel_entr

from lib.exercises import Exercise

x = np.linspace(-14, 14, 2801)


def _normal(mean: float, scale: float) -> np.ndarray:
    return np.exp(-0.5 * ((x - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


def _hottest(a: float, rate: float = 2e-3) -> int:
    """The inner step at which the minimax generator's slope is greatest."""
    omega, slopes = 0.0, []
    for _ in range(5000):
        slopes.append(omega * expit(-omega * a))
        omega += rate * 2 * a * expit(-omega * a)
    return int(np.argmax(slopes))


def _check_nearer(answer) -> None:
    ratio = _hottest(0.5) / _hottest(1.0)
    assert abs(answer / 12 - ratio) < 0.05, (
        "The best time is a number over a². What happens to a², and what to the number of steps?"
    )


def _check_third_loss(answer) -> None:
    p = 0.6 * _normal(-1, 1) + 0.4 * _normal(2, 0.8)
    for theta in (-1.0, 0.5, 2.0):
        q = _normal(theta, 1.3)
        frozen = np.trapezoid(q * (x - theta) / 1.3**2 * np.log(q / p), x)
        ahead, back = (answer(p, _normal(theta + h, 1.3), x) for h in (1e-4, -1e-4))
        assert abs((ahead - back) / 2e-4 - frozen) < 1e-5, (
            f"At θ = {theta:g} its slope is not that of the loss. What is T at the best D?"
        )
    assert abs(answer(p, p, x)) < 1e-9, "A divergence of a law from itself is 0."


def _check_looking_ahead(answer) -> None:
    for eta in (0.1, 0.5, 0.9):
        theta, omega = 0.6, -1.1
        trial_theta, trial_omega = theta + eta * omega, omega - eta * theta
        ahead = (theta + eta * trial_omega) ** 2 + (omega - eta * trial_theta) ** 2
        assert abs(answer(eta) - ahead / (theta**2 + omega**2)) < 1e-9, (
            "Write θ + iω = ζ. A plain step multiplies ζ by 1 − iη; by what does this one?"
        )


def _check_friction(answer) -> None:
    def pace(gamma: float, eta: float = 1e-4) -> float:
        step = np.array([[1, eta], [-eta, 1 - eta * gamma]])
        return -math.log(np.abs(np.linalg.eigvals(step)).max()) / eta

    best = max(np.linspace(0, 5, 5001), key=pace)
    assert abs(answer - best) < 2e-3, "At which γ do the two roots of λ² + γλ + 1 = 0 meet?"


def _check_reported(answer) -> None:
    total = 0.0
    for draw in itertools.product((0, 1), repeat=4):
        real, fake = (np.bincount(each, minlength=2) / 2 for each in (draw[:2], draw[2:]))
        middle = (real + fake) / 2
        total += (rel_entr(real, middle) + rel_entr(fake, middle)).sum() / 2
    assert abs(answer - total / 16) < 1e-6, (
        "Sixteen equally likely batches: what is the JS of the two histograms in each?"
    )


nearer = Exercise("9.1", _check_nearer, refuses=(24, 12, 3, 6))
third_loss = Exercise(
    "9.2",
    _check_third_loss,
    refuses=(
        lambda p, q, x: np.trapezoid(p * np.log(p / q), x),
        lambda p, q, x: np.trapezoid(q * np.log(p / q), x),
        lambda p, q, x: np.trapezoid((p - q) * np.log(p / q), x),
    ),
)
looking_ahead = Exercise(
    "9.3",
    _check_looking_ahead,
    refuses=(lambda eta: 1 + eta**2, lambda eta: 1 - eta**2, lambda eta: (1 - eta**2) ** 2),
)
friction = Exercise("9.4", _check_friction, refuses=(1, 0.5, 4))
reported = Exercise("9.5", _check_reported, refuses=(0, 1 / 8, math.log(2), 0.1))
