"""The steps of Kantorovich's duality, each as a computation: c-transforms, extensions, Farkas' lemma."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float64
from scipy.optimize import linprog

from lib.transport.costs import (
    Array,
    Costs,
    Norm,
    as_float64,
    checked_cloud,
    checked_cost,
    checked_norm,
    require_finite,
)
from lib.transport.programmes import SolverFailed

FEASIBLE = 1e-9  # of sum |b|: how near to the cone counts as in it
LIPSCHITZ_ROUNDING = 1e-9  # relative


def c_transform(f: Array, cost: Array) -> Float64[np.ndarray, " m"]:
    """The largest g that keeps the pair (f, g) below the cost, called the c-transform of f.

        f^c(y_j) = min_i [c(x_i, y_j) - f(x_i)]

    f: (n,), cost: (n, m). The transform of a g on the other side is c_transform(g, cost.T). When the cost is
    a distance, f^c is 1-Lipschitz, and f^cc = -f^c on one space. Raises ValueError for shapes and NaN.
    Source: Villani 2009, Definition 5.2; Peyré and Cuturi 2019, eq. (5.1).
    """
    cost = checked_cost(cost)
    f = _values("f", f, len(cost), "row of cost")
    return Costs.of(cost).transposed.least(f)


def mcshane_extension(
    points: Array, f: Array, at: Array, *, norm: Norm = 2, slope: float | int = 1.0, side: str = "upper"
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
    if not (math.isfinite(slope) and slope >= 0):
        raise ValueError(
            f"slope: got {slope}, expected a finite number >= 0. Remedy: slope=1 for a potential."
        )
    _require_lipschitz(points, f, norm, slope)
    sign = 1.0 if side == "upper" else -1.0  # the lower extension of f is minus the upper one of -f
    scaled = Costs.between(slope * at, slope * points, norm)
    return sign * scaled.least(-sign * f)


@dataclass(frozen=True, eq=False)
class Farkas:
    """Which of the two systems of Farkas' lemma has a solution, and that solution.

    feasible: whether x >= 0 with A x = b exists. Then `x` is one and `y` is None; otherwise `y` is the
    certificate, Aᵀy <= 0 and bᵀy > 0, and `x` is None. margin: bᵀy of the certificate, the distance
    sum |A x - b| from b to the cone, 0 when feasible. violation: the largest of |A x - b| or of Aᵀy.
    """

    feasible: bool
    x: np.ndarray | None
    y: np.ndarray | None
    margin: float
    violation: float


def farkas_certificate(A: Any, b: Array) -> Farkas:
    """Solve A x = b with x >= 0, or prove that it cannot be solved.

        exactly one holds:   (i) some x >= 0 has A x = b      (ii) some y has Aᵀy <= 0 and bᵀy > 0

    One programme answers both: min { sum |A x - b| | x >= 0 } is zero in case (i); in case (ii) its dual
    max { bᵀy | Aᵀy <= 0, |y_i| <= 1 } gives the certificate. A: (r, k) dense or sparse, b: (r,). In floating
    point, a b nearer to the cone than 1e-9 sum |b| counts as in it. Raises ValueError for shapes and NaN,
    SolverFailed with the solver's status. Source: Schrijver 1986, Corollary 7.1d.
    """
    b = as_float64("b", b)
    dense = A if sp.issparse(A) else as_float64("A", A)
    if b.ndim != 1 or len(dense.shape) != 2 or dense.shape[0] != len(b) or 0 in dense.shape:
        raise ValueError(
            f"A: got shape {tuple(dense.shape)} beside b of shape {b.shape}, expected (len(b), k), k >= 1."
            " Remedy: one row of A per entry of b."
        )
    A = sp.csc_array(dense, dtype=np.float64)
    require_finite("b", b, "drop the equation")
    require_finite("A", A.data, "drop the equation")
    size = abs(b).sum()
    if size == 0:
        return Farkas(True, np.zeros(A.shape[1]), None, 0.0, 0.0)
    x, y, distance = _nearest_in_cone(A, b / size)
    if distance <= FEASIBLE:
        x = x * size
        return Farkas(True, x, None, 0.0, float(abs(A @ x - b).max()))
    return Farkas(False, None, y, float(b @ y), float((A.T @ y).max()))


def _nearest_in_cone(A: sp.csc_array, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The x >= 0 with A x nearest to b in the sum norm, the multipliers, and the distance."""
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


def _require_lipschitz(points: np.ndarray, f: np.ndarray, norm: Norm, slope: float | int) -> None:
    """Raises ValueError with the worst pair when f rises faster than the slope allows."""
    costs = Costs.between(slope * points, slope * points, norm)
    excess = f - costs.least(-f)
    i = int(np.argmax(excess))
    if excess[i] <= LIPSCHITZ_ROUNDING * max(np.ptp(f), slope * np.ptp(points, axis=0).max()):
        return
    j = int(np.argmin(costs.rows(slice(i, i + 1))[0] + f))
    gap = Costs.between(points, points, norm).at(np.array([i]), np.array([j]))[0]
    measured = f"slope {(f[i] - f[j]) / gap:.9g}" if gap > 0 else "two values at one point"
    raise ValueError(
        f"f: got {measured} between points {i} and {j}, expected at most slope={slope}: no extension can"
        " agree with it. Remedy: take f after a c-transform, or a larger slope."
    )
