"""Which exact method: what a problem admits, what is installed, and what fits into memory and time.

The estimates were measured on one core of a 2026 server for points in the plane. They are meant to be right
within a factor of about three: enough to tell seconds from hours, and to say so before the solve starts.
"""

import difflib
import math
from typing import NamedTuple

import numpy as np

from lib.transport.costs import Costs
from lib.transport.memory import available_memory
from lib.transport.programmes import installed

LONGEST = 900.0  # seconds: longer solves are refused
LAZY_ENTRIES = 5000**2  # above, the network simplex computes distances again rather than store a gigabyte
ASSIGNMENT_UP_TO = 200  # points: faster there than the network simplex, and nothing to import

_CVXPY = 'cvxpy: pip install "cvxpy>=1.9" highspy'
PACKAGES = {
    "network": ("ot", 'POT: pip install "POT>=0.9.6"'),
    "lp": ("cvxpy", _CVXPY),
    "dual": ("cvxpy", _CVXPY),
    "single": ("cvxpy", _CVXPY),
}
PROGRAMMES = ("lp", "dual", "single")
NAMES = (*PROGRAMMES, "line", "assignment", "network")


class Estimate(NamedTuple):
    """Memory in bytes beyond the two clouds, and time in seconds."""

    bytes: float
    seconds: float

    def __str__(self) -> str:
        size = f"{self.bytes / 1e9:.1f} GB" if self.bytes >= 1e8 else f"{self.bytes / 1e6:.0f} MB"
        if self.seconds < 90:
            return f"about {size} and {self.seconds:.0f} seconds"
        minutes = self.seconds / 60
        return (
            f"about {size} and {f'{minutes / 60:.0f} hours' if minutes >= 90 else f'{minutes:.0f} minutes'}"
        )


class Growth(NamedTuple):
    """bytes = each_pair · n m, seconds = at_1000 · (sqrt(n m) / 1000) ** power."""

    each_pair: float
    at_1000: float
    power: float


GROWTH = {
    "lp": Growth(1200, 25, 2.5),
    "dual": Growth(1300, 25, 2.5),
    "single": Growth(5200, 265, 2.5),
    "assignment": Growth(20, 0.6, 3),
    "network": Growth(50, 0.13, 2.2),
}
LAZY = Growth(0, 0.2, 2.2)


def estimate(method: str, n: int, m: int, lazy: bool = False) -> Estimate:
    """Memory and time of an exact method between n and m points."""
    if method == "line":
        return Estimate(200.0 * (n + m), 1e-6 * (n + m))
    growth = LAZY if lazy and method == "network" else GROWTH[method]
    seconds = growth.at_1000 * (math.sqrt(n * m) / 1000) ** growth.power
    return Estimate(growth.each_pair * n * m + 200.0 * (n + m), seconds)


def lazily(costs: Costs) -> bool:
    """Whether the network simplex will compute the distances as it goes, in memory that grows as n + m."""
    n, m = costs.shape
    if costs.x is None or costs.norm == math.inf or not installed("ot"):
        return False
    if n * m <= LAZY_ENTRIES and estimate("network", n, m).bytes <= available_memory() / 2:
        return False
    import ot

    return hasattr(ot.lp, "emd2_lazy")


def choose(method: str, costs: Costs, p: np.ndarray, q: np.ndarray) -> str:
    """The method to use, the one asked for or the fastest; raises when it is unknown, missing or too large.

    Raises ValueError for an unknown name (with the nearest), for one that does not apply, and for a solve
    that will not fit (with its estimate and what would do); ImportError with the install line.
    """
    if method not in (*NAMES, "auto"):
        near = difflib.get_close_matches(str(method), NAMES, n=2, cutoff=0.3)
        remedy = f"perhaps {' or '.join(map(repr, near))}" if near else 'method="auto"'
        raise ValueError(
            f"method: got {method!r}, expected 'auto' or one of {', '.join(map(repr, NAMES))}."
            f" Remedy: {remedy}."
        )
    exact = _applicable(costs, p, q)
    needed = {name: estimate(name, *costs.shape, lazily(costs)) for name in exact}
    memory = available_memory()
    fitting = [name for name in exact if needed[name].bytes <= memory and needed[name].seconds <= LONGEST]
    if method == "auto":
        if not exact:
            lines = f"{PACKAGES['network'][1]}; or {_CVXPY}"
            raise ImportError(f'method="auto" found no exact solver for masses that differ. Install {lines}.')
        method = fitting[0] if fitting else exact[0]
    if method not in exact:
        _refuse_inapplicable(method, costs, p, q)
    if method not in fitting:
        _refuse_too_large(method, costs.shape, needed, fitting, memory)
    return method


def instead_of_programme(method: str, costs: Costs, p: np.ndarray, q: np.ndarray) -> str | None:
    """The fastest fitting method that is no linear programme, if `method` is one; None when there is none."""
    if method not in PROGRAMMES:
        return None
    memory = available_memory()
    for name in _applicable(costs, p, q):
        needed = estimate(name, *costs.shape, lazily(costs))
        if name not in PROGRAMMES and needed.bytes <= memory and needed.seconds <= LONGEST:
            return name
    return None


def _applicable(costs: Costs, p: np.ndarray, q: np.ndarray) -> list[str]:
    """The exact methods that this problem admits with what is installed, the fastest first."""
    admitted = {
        "line": costs.x is not None and costs.x.shape[1] == 1,
        "assignment": _equal(p[p > 0], q[q > 0]),
        "single": costs.x is not None,
    }
    large = np.count_nonzero(p) > ASSIGNMENT_UP_TO
    quick = ("network", "assignment") if large else ("assignment", "network")
    return [
        name
        for name in ("line", *quick, "lp", "dual", "single")
        if admitted.get(name, True) and (name not in PACKAGES or installed(PACKAGES[name][0]))
    ]


def _equal(p: np.ndarray, q: np.ndarray) -> bool:
    return len(p) == len(q) and bool(np.ptp(np.concatenate([p, q])) <= 4 * np.finfo(float).eps / len(p))


def _refuse_inapplicable(method: str, costs: Costs, p: np.ndarray, q: np.ndarray) -> None:
    n, m = costs.shape
    if costs.x is None and method in ("line", "single"):
        came, needs = f"a matrix of costs ({n}, {m})", "points: wasserstein1(x, y)"
    elif method == "line":
        came, needs = f"points of dimension {costs.x.shape[1]}", "points on the line, (n, 1)"
    elif method == "assignment":
        positive = np.concatenate([p[p > 0], q[q > 0]])
        came = f"{n} and {m} points with masses from {positive.min():.6g} to {positive.max():.6g}"
        needs = "equally many points of equal mass"
    else:
        raise ImportError(f'method="{method}" needs the package {PACKAGES[method][1]}.')
    raise ValueError(f'method: got "{method}" for {came}, expected {needs}. Remedy: method="auto".')


def _refuse_too_large(
    method: str, shape: tuple[int, int], needed: dict[str, Estimate], fitting: list[str], memory: float
) -> None:
    doing = [f'method="{name}" ({needed[name]})' for name in fitting]
    remedy = " or ".join(doing) or (
        "random subsets of some thousand points, or lib.metrics.sliced_wasserstein1, an average over lines"
    )
    raise ValueError(
        f'method: got "{method}" for {shape[0]} and {shape[1]} points, which takes {needed[method]}; expected'
        f" at most {memory / 1e9:.1f} GB and {LONGEST / 60:.0f} minutes here. Remedy: {remedy}."
    )
