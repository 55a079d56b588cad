"""Linear programmes in the notation of the duality chapter, and the matrices of transport.

    primal   z* = min { ⟨c, Γ⟩ | A Γ = b, Γ >= 0 }        dual   max { ⟨b, u⟩ | Aᵀu <= c }

`minimise` and `maximise` hand these to HiGHS through cvxpy and return both solutions, the second from the
multipliers of the first, or raise when there is none. The solver's tolerances are absolute, so it is given
the programme in units in which all numbers are about 1, and what it returns is checked. cvxpy is imported
on first use.
"""

import importlib.util
import sys
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import scipy.sparse as sp
from jaxtyping import Float64

from lib.arguments import refusal, whole_number
from lib.arrays import as_float64, as_matrix
from lib.transport.memory import BYTES_OF_PAIR, require_memory
from lib.transport.scaling import Units, violated

INTERIOR_POINT_ABOVE = 200**2  # entries of the smaller block: there the simplex method falls behind
TOLERANCE = 1e-10  # the tightest that HiGHS accepts
OPTIONS: dict[str, Any] = {"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE}


class SolverFailed(RuntimeError):
    """The solver ended without an optimum; the message carries its status."""


class Unbounded(SolverFailed):
    """The objective can be improved without limit."""


class Infeasible(SolverFailed):
    """No point satisfies all constraints."""


def installed(module: str) -> bool:
    """Whether an optional package can be imported, without importing it."""
    try:
        return sys.modules.get(module) is not None or importlib.util.find_spec(module) is not None
    except ValueError:  # a name blocked in sys.modules
        return False


def constraint_matrix(n: Any, m: Any) -> sp.csc_array:
    """The matrix A of the discretised problem: A Γ = (p, q) says that Γ has the marginals p and q.

        (A Γ)_i = sum_j Γ_ij  for i < n        (A Γ)_{n+j} = sum_i Γ_ij  for j < m

    Γ (n, m) is read row by row: column i m + j of A holds a one in row i and a one in row n + j. Returns a
    sparse array (n + m, n m) of rank n + m - 1. Raises ValueError or TypeError unless n, m >= 1 are whole.
    """
    n, m = whole_number("n", n, at_least=1), whole_number("m", m, at_least=1)
    require_memory("n, m", f"{n} and {m}", BYTES_OF_PAIR * n * m, "fewer points, or wasserstein1(x, y)")
    row, column = np.divmod(np.arange(n * m), m)
    return _two_a_column(row, n + column, 1.0, n + m)


def lipschitz_matrix(n: Any) -> sp.csc_array:
    """The matrix E of all slopes: Eᵀf <= d says that f is 1-Lipschitz on n points.

        (Eᵀf)_(u,v) = f_u - f_v   for every ordered pair u != v, row by row

    Returns a sparse array (n, n (n - 1)). Raises ValueError or TypeError unless n >= 1 is whole.
    """
    n = whole_number("n", n, at_least=1)
    require_memory("n", n, BYTES_OF_PAIR * n * n, "fewer points, or wasserstein1(x, y)")
    u, v = ordered_pairs(n)
    return _two_a_column(u, v, -1.0, n)


def ordered_pairs(n: int) -> tuple[np.ndarray, np.ndarray]:
    """All pairs (u, v) with u != v of n indices, row by row."""
    return np.nonzero(~np.eye(n, dtype=bool))


def minimise(c: Any, A: Any, b: Any) -> tuple[Float64[np.ndarray, " k"], Float64[np.ndarray, " r"]]:
    """Solve min { ⟨c, Γ⟩ | A Γ = b, Γ >= 0 } and return Γ together with the dual solution u, Aᵀu <= c.

    c: (k,), A: (r, k) dense or sparse, b: (r,). At the optimum ⟨c, Γ⟩ = ⟨b, u⟩. Raises Unbounded, Infeasible,
    SolverFailed (each with the solver's status, or with what its answer violates), ImportError without a
    solver.
    """
    cp = _cvxpy()
    units = Units.of(*_checked(c, A, b))
    x = cp.Variable(len(units.c), nonneg=True)
    marginals = units.A @ x == units.b
    _solve(cp, cp.Problem(cp.Minimize(units.c @ x), [marginals]))
    # cvxpy's Lagrangian has the other sign
    return _proved(units, np.asarray(x.value), -np.asarray(marginals.dual_value))


def maximise(b: Any, A: Any, c: Any) -> tuple[Float64[np.ndarray, " r"], Float64[np.ndarray, " k"]]:
    """Solve max { ⟨b, u⟩ | Aᵀu <= c } and return u together with the primal solution Γ >= 0, A Γ = b.

    b: (r,), A: (r, k) dense or sparse, c: (k,). At the optimum ⟨b, u⟩ = ⟨c, Γ⟩. For Aᵀu >= c pass -A and -c.
    Raises Unbounded, Infeasible, SolverFailed (each with the solver's status, or with what its answer
    violates), ImportError without a solver.
    """
    cp = _cvxpy()
    units = Units.of(*_checked(c, A, b))
    u = cp.Variable(len(units.b))
    below = units.A.T @ u <= units.c
    _solve(cp, cp.Problem(cp.Maximize(units.b @ u), [below]))
    return _proved(units, np.asarray(below.dual_value), np.asarray(u.value))[::-1]


def _proved(units: Units, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both solutions in the reader's units, if they prove each other optimal."""
    if what := violated(units, x, u):
        raise SolverFailed(
            f"A, b, c: got an answer of the solver whose {what}, expected an optimum: the numbers span more"
            " decades than it can tell apart. Remedy: leave out what is out of proportion; for transport"
            ' wasserstein1 or kantorovich with method="auto".'
        )
    return units.restored(x, u)


def _two_a_column(first: np.ndarray, second: np.ndarray, sign: float, rows: int) -> sp.csc_array:
    k = len(first)
    index = np.stack([first, second], axis=1).astype(np.int32).ravel()
    values = np.tile([1.0, sign], k)
    return sp.csc_array((values, index, np.arange(0, 2 * k + 1, 2, dtype=np.int32)), shape=(rows, k))


def _checked(c: Any, A: Any, b: Any) -> tuple[np.ndarray, sp.csc_array, np.ndarray]:
    c, b = as_float64("c", c), as_float64("b", b)
    A = sp.csc_array(as_matrix("A", A))
    if c.ndim != 1 or b.ndim != 1 or A.shape != (len(b), len(c)):
        raise ValueError(
            f"A: got shape {A.shape} beside b of shape {b.shape} and c of shape {c.shape}, expected"
            " (len(b), len(c)). Remedy: one row of A per entry of b, one column per entry of c."
        )
    for name, values in (("c", c), ("A", A.data), ("b", b)):
        if not np.isfinite(values).all():
            raise ValueError(
                f"{name}: got NaN or infinity, expected finite numbers. Remedy: drop the constraint."
            )
    return c, A, b


def _cvxpy() -> ModuleType:
    try:
        import cvxpy
    except ImportError as error:
        raise ImportError(
            'The linear programmes need cvxpy: pip install "cvxpy>=1.9" highspy. Without it, the methods'
            ' "assignment" (equal sizes and masses) and "line" (dimension 1) give the same value.'
        ) from error
    return cvxpy


def _solver(cp: ModuleType) -> str:
    """HiGHS directly, or the copy inside SciPy, which cvxpy reaches more slowly."""
    if installed("highspy"):
        return "HIGHS"
    present = cp.installed_solvers()
    # The other solvers that come with cvxpy stop at 1e-5 of the constraints: not exact.
    if "SCIPY" in present:
        warnings.warn(
            f"solver HIGHS is missing (present: {', '.join(present)}); SciPy's copy of HiGHS is used instead."
            " Remedy: pip install highspy.",
            stacklevel=4,
        )
        return "SCIPY"
    raise ImportError(
        f"No exact solver of linear programmes: cvxpy finds {', '.join(present) or 'none'}, expected HIGHS or"
        " SCIPY. Remedy: pip install highspy."
    )


def _solve(cp: ModuleType, problem: Any) -> None:
    solver, size = _solver(cp), max(constraint.size for constraint in problem.constraints)
    size = max(size, max(variable.size for variable in problem.variables()))
    interior = size > INTERIOR_POINT_ABOVE
    if solver == "HIGHS":
        options = {"highs_options": OPTIONS | {"solver": "ipm" if interior else "simplex"}}
    else:
        options = {"scipy_options": OPTIONS | {"method": "highs-ipm" if interior else "highs-ds"}}
    status = _attempt(cp, problem, solver, options)
    if status == "infeasible_or_unbounded" and solver == "HIGHS":  # presolve stopped before it knew which
        options["highs_options"] |= {"presolve": "off", "solver": "simplex"}
        status = _attempt(cp, problem, solver, options)
    if status != "optimal":
        kind = {"unbounded": Unbounded, "infeasible": Infeasible}.get(status, SolverFailed)
        raise kind(
            _MEANING.get(status, refusal("A, b, c", f"status {status!r} from {solver}", "'optimal'", _MORE))
        )


def _attempt(cp: ModuleType, problem: Any, solver: str, options: dict[str, Any]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Solution may be inaccurate")  # refused below, by its status
            problem.solve(solver=solver, **options)
    except cp.SolverError as error:
        # cvxpy's own advice, another solver, is none: the others are not exact
        got = f"status 'solver_error' from {solver}"
        raise SolverFailed(refusal("A, b, c", got, "'optimal'", _MORE)) from error
    return problem.status


_MORE = "numbers of one size; more minutes or gigabytes, if a limit was reached"
_MEANING = {
    "unbounded": "A, b, c: got status 'unbounded', expected 'optimal': the value grows without limit."
    " Remedy: look for a missing constraint or a turned inequality; the dual of transport has Aᵀu <= c for"
    " all pairs (i, j).",
    "infeasible": "A, b, c: got status 'infeasible', expected 'optimal': no point satisfies all"
    " constraints. Remedy: marginals of equal mass, A Γ = b; farkas_certificate(A, b) proves that there is"
    " none.",
}
