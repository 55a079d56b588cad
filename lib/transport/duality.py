"""The steps of Kantorovich's duality, each as a computation: c-transforms, extensions, Farkas' lemma."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float64
from scipy.optimize import linprog

from lib.arguments import number, refusal
from lib.arrays import Array, as_float64, as_matrix, require_finite
from lib.transport.costs import (
    Costs,
    Norm,
    checked_cloud,
    checked_cost,
    checked_norm,
    unit,
)
from lib.transport.programmes import SolverFailed

FEASIBLE = 1e-9  # of sum |b|: how near to the cone counts as in it
LIPSCHITZ_ROUNDING = 1e-9  # relative


def c_transform(f: Array, cost: Array) -> Float64[np.ndarray, "*batch m"]:
    """The largest g that keeps the pair (f, g) below the cost, called the c-transform of f.

        f^c(y_j) = min_i [c(x_i, y_j) - f(x_i)]

    f: (n,), or several at once (…, n); cost: (n, m). The transform of a g on the other side is
    c_transform(g, cost.T). When the cost is a distance, f^c is 1-Lipschitz, and f^cc = -f^c on one space.
    Raises ValueError for shapes and NaN. Source: Villani 2009, Definition 5.2; Peyré and Cuturi 2019,
    eq. (5.1).
    """
    cost, f = checked_cost(cost), as_float64("f", f)
    if f.shape[-1:] != cost.shape[:1]:
        got, expected = f"shape {f.shape}", f"(…, {len(cost)}), one value for each row of cost"
        raise ValueError(refusal("f", got, expected, "for the other side use cost.T"))
    require_finite("f", f, "a potential is finite on its support")
    back = Costs.of(cost).transposed
    transformed = [back.least(each) for each in f.reshape(-1, len(cost))]
    return np.reshape(transformed, (*f.shape[:-1], cost.shape[1]))


def mcshane_extension(
    points: Array, f: Array, at: Array, *, norm: Norm = 2, slope: Any = 1.0, side: str = "upper"
) -> Float64[np.ndarray, " k"]:
    """A potential known on a support, evaluated elsewhere without a steeper slope.

        upper  F(z) = min_i [f(x_i) + K |z - x_i|]        lower  F(z) = max_i [f(x_i) - K |z - x_i|]

    Both agree with f on the support and are K-Lipschitz, K = `slope`; every K-Lipschitz extension lies
    between them. points: (n, d), f: (n,), at: (k, d). Raises ValueError for shapes, NaN, slope < 0, an
    unknown side, and an f that is steeper than K itself, so that nothing K-Lipschitz agrees with it.
    Source: McShane 1934, Theorem 1.
    """
    points, norm = checked_cloud("points", points), checked_norm(norm)
    f, at = _values("f", f, len(points), "row of points"), checked_cloud("at", at)
    if at.shape[1] != points.shape[1]:
        raise ValueError(
            f"at: got shape {at.shape} beside points of shape {points.shape}, expected"
            f" (k, {points.shape[1]}). Remedy: the same coordinates for both."
        )
    if side not in ("upper", "lower"):
        raise ValueError(
            f"side: got {side!r}, expected 'upper' or 'lower'. Remedy: leave it out for 'upper'."
        )
    slope = number("slope", slope, "1 for a potential", positive=False)
    points, at, size = _in_units_of_f(points, at, f, slope)
    f = f / size
    _require_lipschitz(points, f, norm, slope)
    sign = 1.0 if side == "upper" else -1.0  # the lower extension of f is minus the upper one of -f
    return size * sign * Costs.between(at, points, norm).least(-sign * f)


@dataclass(frozen=True, eq=False)
class Farkas:
    """Which of the two systems of Farkas' lemma has a solution, and that solution.

    feasible: whether Γ >= 0 with A Γ = b exists. Then `solution` is one and `certificate` is None; otherwise
    `certificate` is a u with Aᵀu <= 0 and ⟨b, u⟩ > 0, and `solution` is None. margin: ⟨b, u⟩, the distance
    sum |A Γ - b| from b to the cone, 0 when feasible. violation: the largest of |A Γ - b| or of Aᵀu.
    """

    feasible: bool
    solution: np.ndarray | None
    certificate: np.ndarray | None
    margin: float
    violation: float


def farkas_certificate(A: Any, b: Array) -> Farkas:
    """Solve A Γ = b with Γ >= 0, or prove that it cannot be solved.

        exactly one holds:   (i) some Γ >= 0 has A Γ = b      (ii) some u has Aᵀu <= 0 and ⟨b, u⟩ > 0

    One programme answers both: min { sum |A Γ - b| | Γ >= 0 } is zero in case (i); in case (ii) its dual
    max { ⟨b, u⟩ | Aᵀu <= 0, |u_i| <= 1 } gives the certificate. A: (r, k) dense or sparse, b: (r,). In
    floating point, a b nearer to the cone than 1e-9 sum |b| counts as in it. Raises ValueError for shapes
    and NaN, SolverFailed with the solver's status. Source: Schrijver 1986, Corollary 7.1d.
    """
    b = as_float64("b", b)
    A = as_matrix("A", A)
    if b.ndim != 1 or len(A.shape) != 2 or A.shape[0] != len(b) or 0 in A.shape:
        raise ValueError(
            f"A: got shape {tuple(A.shape)} beside b of shape {b.shape}, expected (len(b), k), k >= 1."
            " Remedy: one row of A per entry of b."
        )
    A = sp.csc_array(A)
    require_finite("b", b, "drop the equation")
    require_finite("A", A.data, "drop the equation")
    if not b.any():
        return Farkas(True, np.zeros(A.shape[1]), None, 0.0, 0.0)
    power = 2.0 ** (np.frexp(abs(b).max())[1] - 1)  # first by a power of two: the sum itself may overflow
    share = b / power / abs(b / power).sum()
    solution, u, distance = _nearest_in_cone(A, share)
    with np.errstate(over="ignore", invalid="ignore"):
        if distance <= FEASIBLE:
            solution = solution * abs(b / power).sum() * power
            answer = Farkas(True, solution, None, 0.0, float(abs(A @ solution - b).max()))
        else:
            answer = Farkas(False, None, u, float(b / power @ u) * power, float((A.T @ u).max()))
    if not np.isfinite([answer.margin, answer.violation]).all():
        got = f"entries up to {abs(b).max():.3g} and {abs(A.data).max():.3g}"
        raise ValueError(refusal("A, b", got, "an answer below 1e308", "other units for b or A"))
    return answer


def _nearest_in_cone(A: sp.csc_array, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The Γ >= 0 with A Γ nearest to b in the sum norm, the multipliers, and the distance."""
    r, k = A.shape
    columns = np.maximum(abs(A).max(axis=0).toarray().ravel(), np.finfo(float).tiny)
    scaled = A @ sp.diags_array(1 / columns)  # a cone does not depend on the length of its edges
    identity = sp.eye_array(r)
    answer = linprog(
        np.concatenate([np.zeros(k), np.ones(2 * r)]),
        A_eq=sp.hstack([scaled, identity, -identity], format="csc"),
        b_eq=b,
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if answer.status != 0:
        raise SolverFailed(
            f"linprog ended with status {answer.status} ({answer.message}), expected 0 (optimal)."
        )
    return answer.x[:k] / columns, answer.eqlin.marginals, float(answer.fun)


def _values(name: str, values: Array, n: int, owner: str) -> Float64[np.ndarray, " n"]:
    values = as_float64(name, values)
    if values.shape != (n,):
        raise ValueError(
            f"{name}: got shape {values.shape}, expected ({n},), one value for each {owner}."
            " Remedy: for the other side use cost.T or the other cloud."
        )
    require_finite(name, values, "a potential is finite on its support")
    return values


def _in_units_of_f(
    points: np.ndarray, at: np.ndarray, f: np.ndarray, slope: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Both clouds such that a distance between them is the rise that the slope allows, in the unit returned.

    That unit, a power of two, is the larger of |f| and of the rise: so no distance over- or underflows.
    """
    scale = unit(points, at)
    with np.errstate(over="ignore"):
        largest = max(slope * scale, float(abs(f).max()))
    if not math.isfinite(largest):
        raise ValueError(refusal("slope", slope, f"a rise below 1e308 over {scale:.3g}", "other units"))
    size = 2.0 ** max(math.floor(math.log2(largest)), -1000) if largest > 0 else 1.0
    steepness = slope * scale / size
    return steepness * (points / scale), steepness * (at / scale), size


def _require_lipschitz(points: np.ndarray, f: np.ndarray, norm: Norm, slope: float) -> None:
    """Raises ValueError with the worst pair when f rises faster than the slope allows, which is 1 here."""
    costs = Costs.between(points, points, norm)
    excess = f - costs.least(-f)
    i = int(np.argmax(excess))
    if excess[i] <= LIPSCHITZ_ROUNDING * max(np.ptp(f), np.ptp(points, axis=0).max()):
        return
    j = int(np.argmin(costs.rows(slice(i, i + 1))[0] + f))
    allowed = costs.at(np.array([i]), np.array([j]))[0]
    steeper = f"slope {slope * (f[i] - f[j]) / allowed:.9g}" if allowed > 0 else "two values at one point"
    got = f"{steeper} between points {i} and {j}"
    expected = f"at most slope={slope:g}: no extension can agree with it"
    raise ValueError(refusal("f", got, expected, "f after a c-transform, or a larger slope"))
