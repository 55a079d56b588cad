"""What neural critics reach of the exact distance: every kind, two problems, five seeds.

    python benchmarks/critics.py             train and store everything, then print the table: 30 minutes
    python benchmarks/critics.py --stored    print the table of the runs that are stored

Per cent of the exact value by the linear programme, median and range over the seeds, after 5 CPU seconds a
critic on one thread. The runs of few steps, which the chapter repeats live, are stored beside them, under
more settings. A measurement that was interrupted goes on where it stopped.
"""

import argparse
import sys

import numpy as np

from lib import metrics
from lib.experiments.critics.kinds import KINDS
from lib.experiments.critics.problems import LAWS, Judged, problem
from lib.experiments.critics.table import CHAPTER, RECIPES, SECONDS, live, timed
from lib.experiments.spread import Spread, load, measure
from lib.transport import wasserstein1

MODULE = "lib.experiments.critics.table"


def exact(name: str) -> float:
    """The exact distance by the linear programme; raises AssertionError when the unit used disagrees."""
    clouds = problem(name)
    value = wasserstein1(clouds.real, clouds.generated, method="lp").value
    unit = metrics.assignment_distance(clouds.real, clouds.generated)
    if abs(value - unit) > 1e-9:
        raise AssertionError(f"{name}: {value!r} by the linear programme, {unit!r} by assignment")
    return value


def table(stored: Spread, title: str) -> str:
    """One row a kind: median [least, largest] of each quantity over the runs."""
    lines = [f"{title}, {len(stored.runs)} runs", f"{'':24s}" + "".join(f"{q:>32s}" for q in Judged._fields)]
    for kind in KINDS:
        cells = []
        for quantity in Judged._fields:
            values = stored.values(f"{kind}: {quantity}")
            cells.append(f"{np.median(values):12.3f} [{values.min():8.3f}, {values.max():8.3f}]")
        lines.append(f"{kind:24s}" + "".join(cells))
    return "\n".join(lines)


def main() -> int:
    """Measure, unless told not to, and print; 1 when a stored bound exceeds the exact distance."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stored", action="store_true", help="print the stored table, train nothing")
    arguments = parser.parse_args()
    values = {name: exact(name) for name in LAWS}
    if not arguments.stored:
        print(f"stored: {measure(CHAPTER, MODULE, RECIPES)}")
    stored = load(CHAPTER)
    largest = 0.0
    for name, value in values.items():
        for recipe, budget in ((timed(name), f"{SECONDS} CPU seconds"), (live(name), "the live steps")):
            print(table(stored[recipe], f"\n{name}: % of W₁ = {value:.6f} after {budget}"))
            largest = max(
                largest,
                *(stored[recipe].values(f"{k}: {q}").max() for k in KINDS for q in Judged._fields[1:]),
            )
    print(f"\nlargest of all lower bounds: {largest:.4f} %")
    return int(largest > 100 + 1e-7)


if __name__ == "__main__":
    sys.exit(main())
