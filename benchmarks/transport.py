"""What exact transport costs: ratios against the bare solvers, measured in one run.

    python benchmarks/transport.py            about a minute on one core
    python benchmarks/transport.py --quick    smaller programmes, fewer repetitions

Every ratio compares runs that take turns on the same data, in CPU seconds, the least of several: the machine
drops out. Memory is the growth of the peak in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.spatial.distance import cdist

from lib.progress import progress
from lib.transport import wasserstein1
from lib.transport.programmes import INTERIOR_POINT_ABOVE, OPTIONS, constraint_matrix

LP_LIMIT, AUTO_LIMIT, MEMORY_LIMIT = 1.3, 1.2, 1.05  # memory: the same, but for what the process itself needs
ONE_RUN_LIMIT = 1.5
SMALL_LP_LIMIT = 1.6  # up to n = 100, where the 8 ms in which cvxpy builds any model still show


class Comparison(NamedTuple):
    """Two ways to one number, and the ratio that the first may cost of the second."""

    what: str
    ours: Callable[[], float]
    bare: Callable[[], float]
    limit: float


def clouds(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two Gaussian clouds in the plane, shifted against each other."""
    generator = np.random.default_rng(n)
    return generator.normal(size=(n, 2)), generator.normal(size=(n, 2)) + 0.5


def highs(x: np.ndarray, y: np.ndarray) -> float:
    """The same programme handed straight to HiGHS, with the same settings."""
    import highspy

    n, m = len(x), len(y)
    A, masses = constraint_matrix(n, m), np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)])
    model = highspy.HighsModel()
    programme = model.lp_
    programme.num_col_, programme.num_row_ = n * m, n + m
    programme.col_cost_ = cdist(x, y).ravel()
    programme.col_lower_, programme.col_upper_ = np.zeros(n * m), np.full(n * m, highspy.kHighsInf)
    programme.row_lower_ = programme.row_upper_ = masses
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = A.indptr, A.indices
    programme.a_matrix_.value_ = A.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", "ipm" if n * m > INTERIOR_POINT_ABOVE else "simplex")
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    solver.run()
    return solver.getInfo().objective_function_value


def network_simplex(x: np.ndarray, y: np.ndarray) -> float:
    """POT alone: distances and network simplex, no checks, no certificate."""
    import ot

    return float(ot.emd2([], [], cdist(x, y), numItermax=10**9))


def comparisons(quick: bool) -> list[Comparison]:
    """The ratios to measure, with their limits."""
    found = []
    for n in (100, 200) if quick else (100, 200, 300, 400):
        x, y = clouds(n)
        found.append(
            Comparison(
                f'"lp" ÷ HiGHS alone, n = {n}',
                lambda x=x, y=y: wasserstein1(x, y, method="lp").value,
                lambda x=x, y=y: highs(x, y),
                LP_LIMIT if n > 100 else SMALL_LP_LIMIT,
            )
        )
    for n in (1000,) if quick else (1000, 2000):
        x, y = clouds(n)
        found.append(
            Comparison(
                f'"auto" ÷ POT alone, n = {n}',
                lambda x=x, y=y: wasserstein1(x, y).value,
                lambda x=x, y=y: network_simplex(x, y),
                AUTO_LIMIT,
            )
        )
    return found


def seconds(solve: Callable[[], float]) -> tuple[float, float]:
    """CPU seconds of one call, and what it returned."""
    started = time.process_time()
    value = solve()
    return time.process_time() - started, value


def measure(cases: list[Comparison], repeats: int) -> Iterator[tuple[Comparison, float, float]]:
    """Each case with the least CPU seconds of ours and of the bare solver; raises when they disagree."""
    for case in cases:
        case.ours(), case.bare()  # imports and caches
        pairs = [(seconds(case.ours), seconds(case.bare)) for _ in range(repeats)]
        (_, ours), (_, bare) = pairs[0]
        if abs(ours - bare) > 1e-9:
            raise AssertionError(f"{case.what}: {ours!r} against {bare!r}")
        yield case, min(a[0] for a, _ in pairs), min(b[0] for _, b in pairs)


def peak(which: str, n: int) -> tuple[float, float]:
    """Growth of the peak memory in MB, and CPU seconds, of one solve in a process of its own."""
    command = [sys.executable, __file__, "--memory", which, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    megabytes, taken = done.stdout.split()
    return float(megabytes), float(taken)


def report_peak(which: str, n: int) -> None:
    """Print the growth of this process's peak memory in MB and the CPU seconds: one solve, then the end."""
    import resource

    solve = {"auto": lambda *c: wasserstein1(*c).value, "network": network_simplex}[which]
    solve(*clouds(250))
    x, y = clouds(n)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken, _ = seconds(lambda: solve(x, y))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit, taken)


def main() -> int:
    """Print the table; 1 when a ratio exceeds its limit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smaller programmes, fewer repetitions")
    parser.add_argument("--memory", nargs=2, metavar=("WHICH", "N"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory:
        report_peak(arguments.memory[0], int(arguments.memory[1]))
        return 0
    cases, n = comparisons(arguments.quick), 2000 if arguments.quick else 5000
    measured = measure(cases, 3 if arguments.quick else 7)
    rows = [
        (case.what, ours, bare, "s CPU", case.limit)
        for case, ours, bare in progress(measured, len(cases), "solvers", "comparisons")
    ]
    peaks = list(progress((peak(which, n) for which in ("auto", "network")), 2, "memory", "solves"))
    rows.append((f'peak memory of "auto" ÷ POT alone, n = {n}', peaks[0][0], peaks[1][0], "MB", MEMORY_LIMIT))
    # One run each, so this ratio is noisier than those above.
    rows.append((f'"auto" ÷ POT alone, n = {n}', peaks[0][1], peaks[1][1], "s CPU", ONE_RUN_LIMIT))
    exceeded = 0
    for what, ours, bare, unit, limit in rows:
        verdict = "within" if ours <= limit * bare else "EXCEEDS"
        exceeded += verdict == "EXCEEDS"
        print(f"{what:45s} {ours:9.3f} ÷ {bare:9.3f} {unit:5s} = {ours / bare:5.2f}, {verdict} {limit}")
    return int(exceeded > 0)


if __name__ == "__main__":
    sys.exit(main())
