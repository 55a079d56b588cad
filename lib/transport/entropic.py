"""Entropic transport by Sinkhorn's iteration in the logarithmic domain, with bounds on what it misses."""

import math
import warnings
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from lib.arguments import number, refusal, whole_number
from lib.arrays import Array
from lib.transport.costs import (
    Costs,
    Norm,
    checked_clouds,
    checked_cost,
    checked_masses,
    checked_norm,
    unit,
    unit_of_costs,
)
from lib.transport.memory import require_memory

BYTES_OF_PAIR = 40
FIRST_TOLERANCE = 1e-2  # on the way to a small epsilon the larger ones need no precision


@dataclass(frozen=True, eq=False)
class Sinkhorn:
    """An entropic transport plan and what it says about the exact distance: lower <= W1 <= value.

    value: the cost sum_ij Γ_ij d_ij of the plan. plan: Γ (n, m) with the marginals p, q to rounding. f, g:
    entropic potentials, Γ = p qᵀ exp((f + g - d)/ε) before the marginals were repaired. lower: what f and
    its c-transforms are worth in the dual. error: sum of the errors of the marginals before repair.
    """

    value: float
    plan: np.ndarray = field(repr=False)
    f: np.ndarray = field(repr=False)
    g: np.ndarray = field(repr=False)
    lower: float
    epsilon: float
    iterations: int
    error: float


def sinkhorn(
    x: Array,
    y: Array,
    p: Array | None = None,
    q: Array | None = None,
    *,
    epsilon: Any,
    norm: Norm = 2,
    iterations: int = 10_000,
    tolerance: Any = 1e-9,
) -> Sinkhorn:
    """Entropic transport: the plan that minimises cost plus ε times its divergence from independence.

        min { sum_ij Γ_ij d_ij + ε KL(Γ | p qᵀ) }
        (1) f_i <- -ε log sum_j q_j exp((g_j - d_ij)/ε)        (2) g_j likewise with p and f

    In this form no exponential overflows or vanishes, however small ε is; ε is halved from the largest cost
    down to the one asked for. The plan's cost exceeds W1 by at most ε min(H(p), H(q)), H the entropy in
    nats, once the marginals are met.

    x: (n, d), y: (m, d), p, q, norm as in `wasserstein1`; epsilon > 0 in the units of x; `iterations` in
    all, `tolerance` on the sum of the errors of the marginals. Memory: about 40 n m bytes.
    Raises ValueError for shapes, NaN, masses, epsilon not positive or below 1e-290 of the costs, a negative
    tolerance, and clouds that do not fit into the memory; TypeError for what is no number; warns when
    the tolerance is not met, for want of iterations or, with ε below 1e-7 of the costs, of digits in a
    float64 (value and lower remain true bounds).
    Source: Cuturi 2013; in logarithms Peyré and Cuturi 2019, eqs. (4.43), (4.44); repair of the marginals
    Altschuler et al. 2017, Algorithm 2.
    """
    x, y = checked_clouds(x, y)
    norm, scale = checked_norm(norm), unit(x, y)
    p, q = checked_masses("p", p, len(x), "row of x"), checked_masses("q", q, len(y), "row of y")
    how = _checked(epsilon, iterations, tolerance, scale, "wasserstein1")
    got, remedy = f"{len(x)} and {len(y)} points", "wasserstein1, or random subsets"
    require_memory("x, y", got, BYTES_OF_PAIR * len(x) * len(y), remedy)
    return _softened(Costs.between(x / scale, y / scale, norm).kept(), p, q, how)


def sinkhorn_of_cost(
    cost: Array,
    p: Array | None = None,
    q: Array | None = None,
    *,
    epsilon: Any,
    iterations: int = 10_000,
    tolerance: Any = 1e-9,
) -> Sinkhorn:
    """Entropic transport for any matrix of costs, as `kantorovich` is exact transport for any.

        min { sum_ij Γ_ij c_ij + ε KL(Γ | p qᵀ) : row sums p, column sums q }

    cost: (n, m) finite, of any sign; p: (n,), q: (m,); epsilon > 0 in the units of the costs. Iteration,
    answer, errors and sources are those of `sinkhorn`.
    """
    cost = checked_cost(cost)
    n, m = cost.shape
    p = checked_masses("p", p, n, f"row of cost, which has shape {cost.shape}")
    q = checked_masses("q", q, m, f"column of cost, which has shape {cost.shape}")
    scale, least = unit_of_costs(cost), float(cost.min())
    how = _checked(epsilon, iterations, tolerance, scale, "kantorovich")
    got, remedy = f"shape {cost.shape}", "kantorovich, or random rows and columns"
    require_memory("cost", got, BYTES_OF_PAIR * cost.size, remedy)
    answer = _softened(Costs.of(cost / scale - least / scale), p, q, how)
    # a number added to all costs is added to every total, and to the prices of one side
    return replace(answer, value=answer.value + least, lower=answer.lower + least, f=answer.f + least)


class _How(NamedTuple):
    """How to iterate, checked; epsilon in the caller's units, `scale` the unit of the costs."""

    epsilon: float
    iterations: int
    tolerance: float
    scale: float
    exact: str  # what to call where ε is too small


def _checked(epsilon: Any, iterations: Any, tolerance: Any, scale: float, exact: str) -> _How:
    iterations = whole_number("iterations", iterations, at_least=1)
    tolerance = number("tolerance", tolerance, "the error of the marginals", positive=False)
    epsilon = number("epsilon", epsilon, f"in the units of the costs; {exact} is the limit 0")
    if not 1e-290 < epsilon / scale < math.inf:
        expected = f"more than 1e-290 of the costs (about {scale:.3g}); {exact} is the limit 0"
        raise ValueError(refusal("epsilon", epsilon, expected, f"e.g. epsilon={0.1 * scale:.3g}"))
    return _How(epsilon, iterations, tolerance, scale, exact)


def _softened(costs: Costs, p: np.ndarray, q: np.ndarray, how: _How) -> Sinkhorn:
    """The answer for costs >= 0 in units of `how.scale`."""
    scale, epsilon = how.scale, how.epsilon / how.scale
    f, g, done = _iterate(costs.rows(), p, q, epsilon, how.iterations, how.tolerance)
    raw = _plan(costs.rows(), p, q, f, g, epsilon)
    error = float(abs(raw.sum(axis=1) - p).sum() + abs(raw.sum(axis=0) - q).sum())
    if error > how.tolerance:
        warnings.warn(
            f"sinkhorn stopped after {done} iterations with marginals off by {error:.1e}, expected"
            f" {how.tolerance:.0e}: value and lower are still bounds, but the plan is not that of"
            f" epsilon={how.epsilon}. Remedy: a larger epsilon, more iterations, or {how.exact}, the limit.",
            stacklevel=3,
        )
    plan = _repaired(raw, p, q)
    lower, value = _worth(costs, f, p, q), float((plan * costs.rows()).sum())
    return Sinkhorn(value * scale, plan, f * scale, g * scale, lower * scale, how.epsilon, done, error)


def _worth(costs: Costs, f: np.ndarray, p: np.ndarray, q: np.ndarray) -> float:
    """What f^cc and f^c are worth in the dual; with max f = 0 no cost is lost beside a huge ε log b."""
    g = costs.transposed.least(f - f.max())
    return float(p @ costs.least(g) + q @ g)


def _soft_minimum(cost: np.ndarray, g: np.ndarray, log_b: np.ndarray, epsilon: float) -> np.ndarray:
    """-ε log sum_j b_j exp((g_j - c_ij)/ε): the minimum of c_ij - g_j, softened by ε."""
    exponents = (g - cost) / epsilon + log_b
    largest = exponents.max(axis=1, keepdims=True)  # finite: some b_j > 0
    return -epsilon * (largest[:, 0] + np.log(np.exp(exponents - largest).sum(axis=1)))


def _plan(
    cost: np.ndarray, p: np.ndarray, q: np.ndarray, f: np.ndarray, g: np.ndarray, epsilon: float
) -> np.ndarray:
    # For a tiny ε the last digit of f + g - d decides about exp(±1), or worse: the repair sees to it.
    return np.exp(np.minimum((f[:, None] + g - cost) / epsilon, 700.0)) * p[:, None] * q


def _iterate(
    cost: np.ndarray, p: np.ndarray, q: np.ndarray, epsilon: float, iterations: int, tolerance: float | int
) -> tuple[np.ndarray, np.ndarray, int]:
    with np.errstate(divide="ignore"):
        log_a, log_b = np.log(p), np.log(q)
    g, current = np.zeros(len(q)), max(epsilon, float(cost.max()))
    f = _soft_minimum(cost, g, log_b, current)
    for done in range(1, iterations + 1):
        g = _soft_minimum(cost.T, f, log_a, current)
        # Now the columns are exact; the rows tell how far f is from the next f.
        following = _soft_minimum(cost, g, log_b, current)
        error = abs(p * np.expm1(np.clip((f - following) / current, -700, 700))).sum()
        if done == iterations or (current == epsilon and error <= tolerance / 2):
            break
        f = following
        if error <= FIRST_TOLERANCE:
            current = max(epsilon, current / 2)
    return f, g, done


def _repaired(plan: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """A nearby plan with the marginals p and q: scale down what is too much, then share out the rest."""
    rows = plan.sum(axis=1)
    plan = plan * np.minimum(1, np.divide(p, rows, out=np.ones_like(p), where=rows > 0))[:, None]
    columns = plan.sum(axis=0)
    plan *= np.minimum(1, np.divide(q, columns, out=np.ones_like(q), where=columns > 0))
    # nothing is missing by less than zero, but rounding may say so
    missing_a, missing_b = np.maximum(p - plan.sum(axis=1), 0), np.maximum(q - plan.sum(axis=0), 0)
    total = missing_a.sum()
    return plan + np.outer(missing_a, missing_b) / total if total > 0 else plan
