"""The exact Wasserstein-1 distance, with the plan that attains it and the potentials that prove it.

    primal  W = min { sum_ij Γ_ij d_ij | Γ >= 0 with marginals p, q }
    dual    W = max { sum_i a_i f_i + sum_j b_j g_j | f_i + g_j <= d_ij for all i, j }

Whatever the method, the answer carries its own certificate: any plan costs at least W and any potentials
that keep below the cost are worth at most W, so a gap of zero proves both optimal, whoever found them.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from lib.clouds import Norm, checked_norm
from lib.transport.certificate import allowance, tightened, value_of, violation, violation_on_line
from lib.transport.choice import choose, instead_of_programme, lazily
from lib.transport.costs import (
    Array,
    Costs,
    checked_clouds,
    checked_cost,
    checked_masses,
    unit,
    unit_of_costs,
)
from lib.transport.couplings import (
    Coupling,
    by_assignment,
    by_dual,
    by_network_simplex,
    by_primal,
    by_single_potential,
    by_sorting,
)
from lib.transport.programmes import SolverFailed

Solver = Callable[[Costs, np.ndarray, np.ndarray], Coupling]

DENSE_ENTRIES = 500**2  # larger plans are returned sparse: an optimal one has at most n + m - 1 entries
MARGINAL_ERROR = 1e-9


@dataclass(frozen=True, eq=False)
class Transport:
    """An optimal transport between two measures, and the certificate that it is one.

    value: the primal value sum_ij Γ_ij d_ij. plan: Γ (n, m), an array, or a `scipy.sparse.csr_array` above
    250 000 entries. f: (n,) on x and g: (m,) on y, optimal potentials, shifted so that f[0] = 0. method: the
    one used. gap: primal minus dual value. violation: the largest f_i + g_j - d_ij. Gap and violation are
    measured on this very answer; both are 0 up to rounding, and W lies within gap + violation below value.
    An answer that leaves more open is never returned.
    """

    value: float
    plan: np.ndarray | sp.csr_array = field(repr=False)
    f: np.ndarray = field(repr=False)
    g: np.ndarray = field(repr=False)
    method: str
    gap: float
    violation: float


def wasserstein1(
    x: Array,
    y: Array,
    p: Array | None = None,
    q: Array | None = None,
    *,
    method: str = "auto",
    norm: Norm = 2,
) -> Transport:
    """The exact Wasserstein-1 distance between two weighted clouds, with plan, potentials and certificate.

        W1 = min over plans Γ of sum_ij Γ_ij |x_i - y_j|

    method: "lp", the primal as a linear programme (cvxpy and HiGHS, interior point above 200 x 200);
    "dual", its dual; "single", the dual with one 1-Lipschitz function on the union of both supports;
    "line", sorting, for d = 1; "assignment", for equally many points of equal mass; "network", the network
    simplex (package POT); "auto", the fastest of them that applies and is installed. All give one value.

    x: (n, d), y: (m, d), p: (n,), q: (m,) masses (None: equal), as NumPy arrays or torch tensors on any
    device; norm: 1, 2 or inf, the norm of |x_i - y_j|. The arithmetic is float64 on the CPU, in the units of
    x, without gradient. Masses within 1e-5 of sum 1 are renormalised. Where distances span so many decades
    that a linear programme cannot tell them apart, another method answers, with a warning.
    Raises ValueError for shapes, NaN, masses, a method that does not apply, and, before it starts, for a
    solve that exceeds the memory or 15 minutes; ImportError with the install line; SolverFailed with the
    solver's status. Source: Peyré and Cuturi 2019, eqs. (2.11), (2.20), (6.1).
    """
    x, y = checked_clouds(x, y)
    norm, scale = checked_norm(norm), unit(x, y)
    p, q = checked_masses("p", p, len(x), "row of x"), checked_masses("q", q, len(y), "row of y")
    costs = Costs.between(x / scale, y / scale, norm)
    return _transport(costs, p, q, method, scale)


def kantorovich(
    cost: Array, p: Array | None = None, q: Array | None = None, *, method: str = "auto"
) -> Transport:
    """Optimal transport for any matrix of costs, with plan, potentials and certificate.

        min { sum_ij Γ_ij c_ij | Γ >= 0, row sums p, column sums q }

    cost: (n, m) finite, of any sign; p: (n,), q: (m,). Methods, answer and errors are those of
    `wasserstein1`, without "line" and "single", which need a distance between points.
    Source: Kantorovich 1942; Peyré and Cuturi 2019, eq. (2.11).
    """
    cost = checked_cost(cost)
    n, m = cost.shape
    p = checked_masses("p", p, n, f"row of cost, which has shape {cost.shape}")
    q = checked_masses("q", q, m, f"column of cost, which has shape {cost.shape}")
    scale = unit_of_costs(cost)
    return _transport(Costs.of(cost / scale), p, q, method, scale)


def _transport(costs: Costs, p: np.ndarray, q: np.ndarray, method: str, scale: float) -> Transport:
    method = choose(method, costs, p, q)
    try:
        return _solved(method, costs, p, q, scale)
    except SolverFailed as error:
        # Between checked masses a plan always exists: what failed is the solver's tolerance.
        other = instead_of_programme(method, costs, p, q)
        if other is None:
            raise
        warnings.warn(
            f'method: got no certified answer by "{method}" and takes "{other}" instead: {error}',
            stacklevel=3,
        )
    return _solved(other, costs, p, q, scale)


def _solved(method: str, costs: Costs, p: np.ndarray, q: np.ndarray, scale: float) -> Transport:
    if method in ("line", "single"):  # both need the whole clouds, and no matrix
        solution = {"line": by_sorting, "single": by_single_potential}[method](costs, p, q)
    else:
        costs = costs if method == "network" and lazily(costs) else costs.kept()
        solution = _on_support(_SOLVERS[method], costs, p, q)
    return _certified(method, costs, p, q, solution, scale)


_SOLVERS: dict[str, Solver] = {
    "lp": by_primal,
    "dual": by_dual,
    "assignment": by_assignment,
    "network": by_network_simplex,
}


def _on_support(solve: Solver, costs: Costs, p: np.ndarray, q: np.ndarray) -> Coupling:
    """Solve between the points that carry mass, then extend the potentials to the others."""
    rows, columns = p > 0, q > 0
    i, j, mass, some_f, some_g = solve(costs.among(rows, columns), p[rows], q[columns])
    if rows.all() and columns.all():
        return Coupling(i, j, mass, some_f, some_g)
    f, g = np.empty(len(p)), np.empty(len(q))
    f[rows], g[columns] = some_f, some_g
    if not rows.all():
        f[~rows] = costs.among(~rows, columns).least(some_g)
    if not columns.all():
        g[~columns] = costs.among(np.ones_like(rows), ~columns).transposed.least(f)
    return Coupling(np.flatnonzero(rows)[i], np.flatnonzero(columns)[j], mass, f, g)


def _certified(
    method: str, costs: Costs, p: np.ndarray, q: np.ndarray, solution: Coupling, scale: float
) -> Transport:
    """Measure what the solution is worth, whatever its solver said."""
    i, j, mass, _, _ = solution
    n, m = costs.shape
    error = max(abs(np.bincount(i, mass, n) - p).max(), abs(np.bincount(j, mass, m) - q).max())
    if not error <= MARGINAL_ERROR:
        raise SolverFailed(
            f'method: got "{method}", whose plan has marginals that are off by {error:.1e}, expected at most'
            f" {MARGINAL_ERROR:.0e}. Remedy: another method."
        )
    moved = mass * costs.at(i, j)
    primal = math.fsum(moved)
    measured = violation_on_line if method == "line" else violation
    left = 0.0  # by the potentials as the solver gave them, then by better ones
    for f, g in _potentials(method, costs, solution):
        f, g = f - f[0], g + f[0]
        gap, above = primal - value_of(p, f, q, g), measured(costs, f, g)
        left = abs(gap) + max(above, 0.0)
        if left <= allowance(moved, f, g):
            break
    else:
        raise SolverFailed(
            f'method: got "{method}", whose potentials leave {left * scale:.1e} of the value'
            f" {primal * scale:.6g} open (gap + violation), expected no more than rounding."
            " Remedy: another method, or costs without entries out of all proportion."
        )
    plan = sp.csr_array((mass, (i, j)), shape=(n, m))
    return Transport(
        value=primal * scale,
        plan=plan.toarray() if n * m <= DENSE_ENTRIES else plan,
        f=f * scale,
        g=g * scale,
        method=method,
        gap=gap * scale,
        violation=above * scale,
    )


def _potentials(method: str, costs: Costs, solution: Coupling) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The solver's potentials, then the tighter ones; "line" and "single" have one function for both."""
    yield solution.f, solution.g
    if method not in ("line", "single"):
        yield tightened(costs, solution.i, solution.j, solution.f, solution.g)
