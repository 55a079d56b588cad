"""The exercises of chapter 10: what a right answer must satisfy, and hints for one that is not there yet.

The checks integrate, search or count; none of them contains the formula that is asked for.
"""

import numpy as np
from scipy import optimize, stats

from lib.exercises import Exercise


def _check_slices(answer) -> None:
    for c, m_x, m_c, s_x, s_c, rho in ((1, 0, 1, 3, 2, 0.8), (-0.5, 1, 0.3, 0.7, 2, -0.4)):
        covariance = [[s_x**2, rho * s_x * s_c], [rho * s_x * s_c, s_c**2]]
        x = m_x + s_x * np.linspace(-12, 12, 4001)
        mass = stats.multivariate_normal([m_x, m_c], covariance).pdf(np.stack([x, np.full(4001, c)], axis=1))
        mean = (x * mass).sum() / mass.sum()
        variance = ((x - mean) ** 2 * mass).sum() / mass.sum()
        first, second = answer(c, m_x, m_c, s_x, s_c, rho)
        assert abs(first - mean) < 1e-6, f"The mean of a slice is {mean:.3f}, yours {first:.3f}. Standardise."
        assert abs(second - variance) < 1e-6, f"Its variance is {variance:.3f}, yours {second:.3f}."


def _check_weights(answer) -> None:
    p, pi = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    pay = np.random.default_rng(0).normal(size=(20, 3))  # E log(1 − D) for each label, twenty times
    weight = answer(p, pi)
    assert np.shape(weight) == (3,), "One weight for each label, please."
    wrong = np.abs(pay @ (pi * weight) - pay @ p).max()
    assert wrong < 1e-12, f"The second term is off by {wrong:.3f}. Which sum over labels must not change?"


def _check_deaf(answer) -> None:
    for joint in (np.array([[20, 5, 15, 10], [2, 12, 4, 12], [10, 1, 8, 1]]) / 100, np.eye(2) / 2):
        fake = np.array([[row.sum() * column.sum() for column in joint.T] for row in joint])
        values = [
            -optimize.minimize_scalar(
                lambda t, a=a, b=b: -a * np.log(t) - b * np.log1p(-t), bounds=(1e-12, 1 - 1e-12)
            ).fun
            for a, b in zip(joint.ravel(), fake.ravel(), strict=True)
        ]
        gap = abs(answer(joint) - sum(values))
        assert gap < 1e-4, (
            f"A search over all D finds {sum(values):.4f}. What are the generated pairs' shares?"
        )


def _check_outsourcing(answer) -> None:
    draw = np.random.default_rng(0)
    for c in (0.5, 3.0):
        made = np.sort(answer((np.arange(4000) + 0.5) / 4000, c))
        rivals = np.sort((c * draw.random((200_000, 2))).max(axis=1))[25::50]
        off = np.abs(made - rivals).max() / c
        assert off < 0.02, f"For c = {c:g} some quantile is off by {off:.2f} c. What is F(t | c)?"


def _check_choose(answer) -> None:
    weight, bias, last = (np.asarray(each, dtype=float) for each in answer)
    assert (weight.shape, bias.shape, last.shape) == ((4, 3), (4,), (1, 4)), "W (4, 3), b (4,), U (1, 4)."
    z = np.linspace(-3, 3, 301)
    for code, wanted in (((1, 0), np.abs(z)), ((0, 1), -z)):
        joined = np.stack([z, np.full(301, code[0]), np.full(301, code[1])])
        made = (last @ np.maximum(weight @ joined + bias[:, None], 0))[0]
        off = np.abs(made - wanted).max()
        assert off < 1e-9, f"For the order {code} it is off by {off:.2f}. Which units should be silent?"


slices = Exercise(
    "10.1",
    _check_slices,
    refuses=(
        lambda c, m_x, m_c, s_x, s_c, rho: (rho * c, 1 - rho**2),
        lambda c, m_x, m_c, s_x, s_c, rho: (m_x + rho * s_c / s_x * (c - m_c), s_x**2 * (1 - rho**2)),
        lambda c, m_x, m_c, s_x, s_c, rho: (m_x + rho * s_x / s_c * (c - m_c), s_x**2 * (1 - rho)),
    ),
)
weights = Exercise("10.2", _check_weights, refuses=(lambda p, pi: pi / p, lambda p, pi: p - pi))
deaf = Exercise(
    "10.3",
    _check_deaf,
    refuses=(lambda joint: -2 * np.log(2), lambda joint: 0.0),
)
outsourcing = Exercise(
    "10.4",
    _check_outsourcing,
    refuses=(lambda z, c: c * z, lambda z, c: c * z**2, lambda z, c: c * (1 - np.sqrt(1 - z))),
)
choose = Exercise(
    "10.5",
    _check_choose,
    refuses=(
        ([[1, 0, 0], [-1, 0, 0], [1, 0, 0], [-1, 0, 0]], np.zeros(4), [[1, 1, -1, 1]]),
        ([[1, 0, -1], [-1, 0, -1], [1, -1, 0], [-1, -1, 0]], np.zeros(4), [[1, 1, -1, 1]]),
    ),
)
