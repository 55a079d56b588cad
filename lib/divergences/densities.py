"""Distances between laws with densities on the line, by quadrature.

Every function takes densities p, q (and a discriminator, values in [0, 1]) sampled at the points of an
increasing grid x, all of shape (n,) and float64, and integrates by the trapezoid rule. Logarithms are
natural. A density whose mass on the grid is not 1 within 5 % is refused.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from scipy.special import rel_entr, xlog1py, xlogy

from lib.arguments import refusal
from lib.arrays import as_float64

Grid = Float[np.ndarray, " n"]
MASS_TOLERANCE = 0.05  # a jump between two points of a coarse grid costs as much; a forgotten factor does not


def _on_grid(name: str, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    values, x = as_float64(name, values), as_float64("x", x)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"x: got shape {x.shape}, expected a grid (n,) with n >= 2. Remedy: np.linspace.")
    steps = np.diff(x)
    if not np.all(np.isfinite(steps) & (steps > 0)):
        wrong = int(np.argmin(np.isfinite(steps) & (steps > 0)))
        raise ValueError(
            f"x: got {x[wrong]} and then {x[wrong + 1]} at index {wrong}, expected finite, increasing values."
            f" Remedy: np.linspace."
        )
    if values.shape != x.shape:
        raise ValueError(
            f"{name}: got shape {values.shape}, expected {x.shape}, one value per point of x."
            f" Remedy: evaluate {name} on x."
        )
    return _nonnegative(name, values)


def _density(name: str, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    values = _on_grid(name, values, x)
    mass = float(np.trapezoid(values, x))
    if not abs(mass - 1) <= MASS_TOLERANCE:
        remedy = f"a wider or finer grid, if {name} is a density; {name} / {mass:.6g}, if it is not"
        raise ValueError(refusal(name, f"mass {mass:.6g} on the grid", f"1 within {MASS_TOLERANCE}", remedy))
    return values


def _nonnegative(name: str, values: np.ndarray) -> np.ndarray:
    values = as_float64(name, values)
    if not np.all(np.isfinite(values)) or np.any(values < 0):
        worst = int(np.argmin(np.where(np.isfinite(values), values, -np.inf)))
        raise ValueError(
            f"{name}: got {values.flat[worst]} at index {worst}, expected finite values >= 0."
            f" Remedy: {name} must be a density (or a probability), not its logarithm."
        )
    return values


def _probability(name: str, values: np.ndarray, x: np.ndarray) -> np.ndarray:
    values = _on_grid(name, values, x)
    if np.any(values > 1):
        worst = int(np.argmax(values))
        raise ValueError(
            f"{name}: got {values[worst]} at index {worst}, expected probabilities in [0, 1]."
            f" Remedy: pass sigma(score), not the score."
        )
    return values


def kullback_leibler(p: Grid, q: Grid, x: Grid) -> float:
    """KL(p‖q) = ∫ p log(p/q) dx, in nats, in [0, ∞]; infinite where q vanishes and p does not."""
    return float(np.trapezoid(rel_entr(_density("p", p, x), _density("q", q, x)), x))


def jensen_shannon(p: Grid, q: Grid, x: Grid) -> float:
    """JS(p, q) = ½ KL(p‖m) + ½ KL(q‖m) with m = ½(p + q), in nats, in [0, log 2] (Lin 1991, eq. 3.4)."""
    p, q = _density("p", p, x), _density("q", q, x)
    middle = (p + q) / 2
    return 0.5 * kullback_leibler(p, middle, x) + 0.5 * kullback_leibler(q, middle, x)


def total_variation(p: Grid, q: Grid, x: Grid) -> float:
    """TV(p, q) = ½ ∫ |p − q| dx, in [0, 1]."""
    return 0.5 * float(np.trapezoid(np.abs(_density("p", p, x) - _density("q", q, x)), x))


def optimal_discriminator(p: Grid, q: Grid) -> Grid:
    """D* = p / (p + q), in [0, 1] (Goodfellow et al. 2014, eq. 2); ½ where both vanish, where any value is
    optimal.

    It is 0 or 1 only where one density vanishes: a quotient that rounds to 0 or 1 elsewhere is moved to the
    next number inside, for otherwise one far tail would make V(D*) = −∞. Raises ValueError for p and q of
    different shapes.
    """
    p, q = _nonnegative("p", p), _nonnegative("q", q)
    if p.shape != q.shape:
        raise ValueError(
            f"q: got shape {q.shape}, expected that of p, {p.shape}. Remedy: evaluate both on one grid."
        )
    both = p + q
    best = np.divide(p, both, out=np.full_like(both, 0.5), where=both > 0)
    inside = np.clip(best, np.finfo(np.float64).tiny, np.nextafter(1.0, 0.0))
    return np.where((p > 0) & (q > 0), inside, best)


def game_value(p: Grid, q: Grid, discriminator: Grid, x: Grid) -> float:
    """V(D) = ∫ p log D + q log(1 − D) dx, with 0 log 0 = 0, in [−∞, 0] (Goodfellow et al. 2014, eq. 1).

    Raises ValueError when the discriminator leaves [0, 1].
    """
    p, q = _density("p", p, x), _density("q", q, x)
    discriminator = _probability("discriminator", discriminator, x)
    return float(np.trapezoid(xlogy(p, discriminator) + xlog1py(q, -discriminator), x))


def deficit(p: Grid, q: Grid, discriminator: Grid, x: Grid) -> float:
    """V(D*) − V(D) = ∫ (p + q) KL(Bernoulli(D*)‖Bernoulli(D)) dx, in [0, ∞]: what a discriminator misses."""
    p, q = _density("p", p, x), _density("q", q, x)
    discriminator = _probability("discriminator", discriminator, x)
    best = optimal_discriminator(p, q)
    pointwise = rel_entr(best, discriminator) + rel_entr(1 - best, 1 - discriminator)
    pointwise[p + q == 0] = 0.0  # where no sample falls nothing is missed, not even ∞
    return float(np.trapezoid((p + q) * pointwise, x))


def integral(of: Callable[[Grid, Grid], Grid], p: Grid, q: Grid, x: Grid) -> float:
    """∫ of(p, q) dx by the trapezoid rule, for two densities; ∞ where the integrand is."""
    return float(np.trapezoid(of(_density("p", p, x), _density("q", q, x)), x))
