"""What neural critics reach of the exact distance: every kind, two problems, five seeds.

    python benchmarks/critics.py             search the rates, train and store everything, print: an hour
    python benchmarks/critics.py --stored    print the table of the runs that are stored

Per cent of the exact value by the linear programme, median and range over the seeds, before the first step
and after the last, on the points of the training and on fresh ones; sixteen sorting critics; and a race of
five CPU seconds, with what a critic chosen before the draw can prove at all. The rates are searched first,
and compared with those in use. A measurement that was interrupted goes on where it stopped.
"""

import argparse
import sys
from collections.abc import Iterable

import numpy as np

from lib import metrics
from lib.experiments.critics import equal_steps, racing, rulers, searching, tuning
from lib.experiments.critics.factorial import ARMS, RATES_OF_ARMS
from lib.experiments.critics.judging import Shares
from lib.experiments.critics.kinds import KINDS, RATES
from lib.experiments.critics.problems import LAWS, problem
from lib.experiments.critics.table import CHAPTER, RECIPES, start
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


def table(stored: Spread, critics: Iterable[str], title: str) -> str:
    """One row a critic: median [least, largest] of each quantity over the runs."""
    lines = [f"{title}, {len(stored.runs)} runs", f"{'':34s}" + "".join(f"{q:>26s}" for q in Shares._fields)]
    for critic in critics:
        cells = []
        for quantity in Shares._fields:
            values = stored.values(f"{critic}: {quantity}")
            cells.append(f"{np.median(values):9.2f} [{values.min():6.1f}, {values.max():6.1f}]")
        lines.append(f"{critic:34s}" + "".join(cells))
    return "\n".join(lines)


def outdated(found: dict[str, Spread]) -> list[str]:
    """The critics whose rate in use is not the one that the search found."""
    kinds = [k for k, rates in tuning.TRIED.items() if tuning.best(found, k, rates) != RATES[k]]
    arms = [a for a in ARMS if tuning.best(found, a, tuning.TRIED_ARMS) != RATES_OF_ARMS[a]]
    return kinds + arms


def race() -> str:
    """What is proved of fresh points at the looks of the race, medians, and of more draws at the end."""
    stored, lines = load(racing.CHAPTER), []
    for name, runs in stored.items():
        shown = "".join(f"{look:>8g}" for look in racing.LOOKS)
        lines.append(f"\n{name}: fresh points, % after so many CPU seconds\n{'':34s}{shown}    more")
        for kind in racing.RATES:
            way = [runs.values(racing.at(kind, "fresh", look)) for look in racing.LOOKS]
            end = runs.values(f"{kind}: more")
            lines.append(f"{kind:34s}" + "".join(f"{np.median(each):8.1f}" for each in [*way, end]))
    return "\n".join(lines)


def main() -> int:
    """Measure, unless told not to, and print; 1 for a rate that is not the best, or a bound too large."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stored", action="store_true", help="print the stored table, train nothing")
    arguments = parser.parse_args()
    values = {name: exact(name) for name in LAWS}
    if not arguments.stored:
        print(f"stored: {measure(tuning.CHAPTER, tuning.__name__, tuning.RECIPES)}")
    if wrong := outdated(load(tuning.CHAPTER)):
        print(f"The rates of {', '.join(wrong)} are not those that the search found: mend them first.")
        return 1
    if not arguments.stored:
        print(f"stored: {measure(CHAPTER, MODULE, RECIPES)}")
        print(f"stored: {measure(equal_steps.CHAPTER, equal_steps.__name__, equal_steps.RECIPES)}")
        print(f"stored: {measure(rulers.CHAPTER, rulers.__name__, rulers.RECIPES)}")
        print(f"stored: {measure(searching.CHAPTER, searching.__name__, searching.RECIPES)}")
    if searching.chosen(load(searching.CHAPTER)) != racing.RATES:
        print("The rates of the race are not those that its search found: mend them first.")
        return 1
    if not arguments.stored:
        print(f"stored: {measure(racing.CHAPTER, racing.__name__, racing.RECIPES)}")
    stored = load(CHAPTER)
    for name, value in values.items():
        for who in ([start(kind) for kind in KINDS], KINDS, ARMS):
            print(table(stored[name], who, f"\n{name}: % of W₁ = {value:.6f}"))
    print(race())
    most = [(each, q) for each in stored.values() for q, (_, limit) in each.limits.items() if limit == 100]
    largest = max(each.values(quantity).max() for each, quantity in most)
    print(f"\nlargest of all lower bounds: {largest:.4f} %")
    return int(largest > 100 + 1e-7)


if __name__ == "__main__":
    sys.exit(main())
