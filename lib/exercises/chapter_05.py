"""The exercises of chapter 5: what a right answer must satisfy, and hints for one that is not there yet.

The checks integrate on a grid or search; none of them contains the formula that is asked for.
"""

import numpy as np

from lib.exercises import Exercise

z = np.linspace(-14, 14, 14_001)


def _normal(at: np.ndarray, mean: float, scale: float) -> np.ndarray:
    return np.exp(-0.5 * ((at - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


def _log_normal(at: np.ndarray, mean: np.ndarray | float, scale: float) -> np.ndarray:
    return -0.5 * ((at - mean) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)


def _check_spread(answer) -> None:
    for weights, means, scales in (
        ([0.2, 0.5, 0.3], [-2.5, 0.0, 2.0], [0.5, 1.0, 0.3]),
        ([0.7, 0.3], [1.0, 1.0], [0.4, 1.5]),
        ([0.9, 0.1], [0.0, 4.0], [0.2, 0.2]),
    ):
        weights, means, scales = (np.array(each) for each in (weights, means, scales))
        density = _normal(z[:, None], means, scales) @ weights
        mean = np.trapezoid(density * z, z)
        spread = np.trapezoid(density * (z - mean) ** 2, z)
        assert abs(answer(weights, means, scales) - spread) < 1e-3, (
            f"With weights {weights}, means {means}, scales {scales} it is {spread:.3f}."
            " What is E x² of one component, and what is the mean of all?"
        )


def _check_normals(answer) -> None:
    for m1, s1, m2, s2 in ((0.3, 0.8, 0.0, 1.0), (1.0, 0.5, -0.5, 1.5), (0.0, 1.6, 0.7, 0.9)):
        p, q = _log_normal(z, m1, s1), _log_normal(z, m2, s2)
        exact = np.trapezoid(np.exp(p) * (p - q), z)
        assert abs(answer(m1, s1, m2, s2) - exact) < 1e-3, (
            f"Not for N({m1}, {s1}²) and N({m2}, {s2}²). Which law is the mean taken under?"
        )


def _check_encoder(answer) -> None:
    for x, a, b, s_x in ((2.0, 1.2, 0.5, 0.5), (-1.0, -0.7, 0.3, 1.1), (0.4, 3.0, 0.0, 0.8)):
        joint = _normal(z, 0, 1) * np.exp(_log_normal(x, a * z + b, s_x))
        joint /= np.trapezoid(joint, z)
        mean = np.trapezoid(joint * z, z)
        scale = np.sqrt(np.trapezoid(joint * (z - mean) ** 2, z))
        mu, s = answer(x, a, b, s_x)
        assert abs(mu - mean) < 1e-3, "μ is not the posterior's mean. Complete the square in P(z) P(x|z)."
        assert abs(s - scale) < 1e-3, "μ is right; s is not. Is it a standard deviation?"


def _check_bill(answer) -> None:
    for n, a, s_x, delta in ((1, 1.2, 0.5, 0.1), (3, 0.8, 0.7, 0.2), (6, 1.2, 0.5, 0.5)):
        likelihood = np.exp(_log_normal(np.sqrt(a**2 + s_x**2), a * z, s_x))  # one coordinate of a typical x
        first, second = (np.trapezoid(_normal(z, 0, 1) * likelihood**power, z) for power in (1, 2))
        exact = ((second / first**2) ** n - 1) / delta**2
        assert 0.99 * exact < answer(n, a, s_x, delta) < 1.01 * exact + 1, (  # a whole number will do
            f"For n = {n}, a = {a}, s_x = {s_x}, δ = {delta} it is {exact:.3g}."
            " Second moments of independent coordinates multiply; a variance is less than that by 1."
        )


def _check_baseline(answer) -> None:
    for mu, s in ((1.5, 0.7), (0.0, 1.0), (-0.6, 1.4)):
        law, score = _normal(z, mu, s), (z - mu) / s**2
        tried = np.linspace(0, 12, 2401)
        spread = [np.trapezoid(law * ((z**2 - c) * score) ** 2, z) for c in tried]
        best = tried[int(np.argmin(spread))]
        assert abs(answer(mu, s) - best) < 4e-3, (
            f"At μ = {mu}, s = {s} the variance is least near c = {best:.2f}."
            " Differentiate E[(f − c)² g²] in c, with g = (z − μ)/s²."
        )


def _check_two_humps(answer) -> None:
    joint = _log_normal(z, 0, 1) + _log_normal(2.0, z**2, 0.5)
    law = (_normal(z, 1.33, 0.188) + _normal(z, -1.33, 0.188)) / 2
    inside = law > 1e-300
    truth = np.log(np.trapezoid(np.exp(joint), z))
    bound = np.trapezoid(law[inside] * (joint[inside] - np.log(law[inside])), z[inside])
    assert abs(answer - (truth - bound)) < 6e-3, (
        "By how much does log Q change at a draw of the right hump, and by how much log P(x, z)?"
    )


spread = Exercise(
    "5.1",
    _check_spread,
    refuses=(
        lambda w, m, s: w @ s**2,
        lambda w, m, s: w**2 @ s**2,
        lambda w, m, s: w @ (s**2 + m**2),
        lambda w, m, s: w @ s**2 + np.var(m),
    ),
)
normals = Exercise(
    "5.2",
    _check_normals,
    refuses=(
        lambda m1, s1, m2, s2: 0.5 * (((m1 - m2) / s1) ** 2 + (s2 / s1) ** 2 - 1 - 2 * np.log(s2 / s1)),
        lambda m1, s1, m2, s2: ((m1 - m2) / s2) ** 2 + (s1 / s2) ** 2 - 1 - 2 * np.log(s1 / s2),
        lambda m1, s1, m2, s2: 0.5 * ((m1 - m2) ** 2 + (s1 / s2) ** 2 - 1 - 2 * np.log(s1 / s2)),
    ),
)
encoder = Exercise(
    "5.3",
    _check_encoder,
    refuses=(
        lambda x, a, b, s_x: (a * (x - b) / (a**2 + s_x**2), s_x**2 / (a**2 + s_x**2)),
        lambda x, a, b, s_x: ((x - b) / a, s_x / a),
        lambda x, a, b, s_x: (a * (x - b) / (a**2 + s_x**2), np.sqrt(a**2 + s_x**2)),
    ),
)


def _kappa(a: float, s_x: float) -> float:
    spread_, wide = a**2 + s_x**2, 2 * a**2 + s_x**2
    return np.log(spread_ / (s_x * np.sqrt(wide))) + a**2 / wide


bill = Exercise(
    "5.4",
    _check_bill,
    refuses=(
        lambda n, a, s_x, delta: np.expm1(n * _kappa(a, s_x)) / delta,
        lambda n, a, s_x, delta: np.exp(n * _kappa(a, s_x)) / delta**2,
        lambda n, a, s_x, delta: n * np.expm1(_kappa(a, s_x)) / delta**2,
        lambda n, a, s_x, delta: np.expm1(n * _kappa(np.sqrt(a), s_x)) / delta**2,
    ),
)
baseline = Exercise(
    "5.5",
    _check_baseline,
    refuses=(lambda mu, s: mu**2 + s**2, lambda mu, s: 0.0, lambda mu, s: mu**2 + 2 * s**2),
)
two_humps = Exercise(
    "5.6", _check_two_humps, refuses=(0.0, 0.7117, 0.7117 + np.log(2), 0.7117 / 2, np.log(2))
)
