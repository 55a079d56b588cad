"""Run a chapter cell by cell, fork before each, and try every change of the cell in a child of its own."""

import contextlib
import io
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from cells import ROOT, Cell, after, chapter, code_cells, needed, supplied, with_state
from changes import Change, changes
from judged import Judged
from tqdm import tqdm
from trial import Trials

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
COLUMNS = ("changes", "red", "crash", "survived", "undecided", "judged")


class Outcome(NamedTuple):
    """A change and how its trial ended."""

    change: Change
    verdict: str


class Attempt(NamedTuple):
    """A change, the cell before which to fork, and the later cells that have another code because of it."""

    change: Change
    first: int
    others: dict[int, CodeType]


class Measurement:
    """The cells of one chapter but its figures; `names` of them, or all if there are none, are changed."""

    def __init__(self, number: int, names: tuple[str, ...], jobs: int, budget: int):
        self.notebook, self.jobs, self.budget = chapter(number), jobs, budget
        self.cells = code_cells(self.notebook)
        there = [cell.name for cell in self.cells if cell.tried]
        if unknown := sorted(set(names) - set(there)):
            raise SystemExit(f"cells: got {', '.join(unknown)}, expected some of {', '.join(there)}.")
        mine = set(names or there) & set(there)
        self.chosen = [k for k, cell in enumerate(self.cells) if cell.name in mine]

    def small_changes(self, pick: tuple[int, int] | None = None) -> list[Outcome]:
        """Try every small change, or, with `pick`, so many of them, drawn with that seed."""
        found = [Attempt(each, k, {}) for k in self.chosen for each in self._changes_of(k)]
        if pick:
            found = random.Random(pick[1]).sample(found, min(pick[0], len(found)))
        return self._try(found)

    def _changes_of(self, k: int) -> Iterator[Change]:
        return changes(self.cells[k].name, self.cells[k].source)

    def planted(self) -> list[Outcome]:
        """Try the planted faults that running this chapter is to notice."""
        from faults import FAULTS

        name = f"chapters/{self.notebook.name}"
        mine = [f for f in FAULTS if f.file == name and any("fresh" in check for check in f.checks)]
        return self._try([*filter(None, map(self._changed_by, mine))], with_claims=True)

    def _changed_by(self, fault) -> Attempt | None:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copy(self.notebook, folder))
            fault.plant(copy)
            now = code_cells(copy)
        pairs = enumerate(zip(self.cells, now, strict=True))
        codes = {
            k: compile(new.source, f"<{fault.name}>", "exec")
            for k, (old, new) in pairs
            if new.source != old.source
        }
        if not codes or min(codes) not in self.chosen:
            return None
        first = min(codes)
        change = Change(self.cells[first].name, 0, fault.name, "planted", codes.pop(first))
        return Attempt(change, first, codes)

    def _try(self, attempts: list[Attempt], with_claims: bool = False) -> list[Outcome]:
        """Run what the attempts need; `with_claims` also what the first claims below each of them need."""
        by_cell = defaultdict(list)
        for attempt in attempts:
            by_cell[attempt.first].append(attempt)
        outcomes, total = [], sum(map(len, by_cell.values()))
        with tqdm(total=total, desc=self.notebook.stem, unit="change", smoothing=0) as bar:

            def ended(change: object, verdict: str) -> None:
                outcomes.append(Outcome(change, verdict))
                bar.update()

            trials, namespace = Trials(self.jobs, self.budget, ended), {"__name__": "__main__"}
            with _quiet(self.notebook.parent):
                wanted = {*by_cell, *map(self._claims_below, by_cell)} if with_claims else {*by_cell}
                for k in needed(self.cells, wanted):
                    bar.set_postfix_str(self.cells[k].name)  # what takes long may be a cell that trains
                    for attempt in by_cell[k]:
                        trials.start(attempt.change, self._codes(attempt, namespace), namespace)
                    trials.wait()
                    if k < max(by_cell):
                        _execute(self.cells[k], namespace)
        return outcomes

    def _claims_below(self, k: int) -> int:
        """The first cell of claims that a change of cell k reaches; k itself where there is none."""
        reached = after(self.cells, k, frozenset())
        return next((j for j in reached if self.cells[j].tried and "claim(" in self.cells[j].source), k)

    def _codes(self, attempt: Attempt, namespace: dict) -> list[CodeType]:
        later = after(self.cells, attempt.first, with_state(namespace))
        later = supplied(self.cells, later, set(namespace) | self.cells[attempt.first].writes)
        own = {k: compile(self.cells[k].source, f"<{self.cells[k].name}>", "exec") for k in later}
        follow = own | attempt.others
        return [attempt.change.code, *(follow[k] for k in sorted(follow))]


@contextlib.contextmanager
def _quiet(folder: Path):
    """In the chapter's folder, without warnings and without what it prints; an open figure is of no use."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stderr(io.StringIO()):
                yield
    finally:
        os.chdir(before)


def _execute(cell: Cell, namespace: dict) -> None:
    try:
        exec(compile(cell.source, f"<{cell.name}>", "exec"), namespace)
    except Exception as error:
        raise SystemExit(f"cell {cell.name} fails without any change: {error!r}") from error


def report(title: str, outcomes: list[Outcome], known: Judged, share: float, whole: bool) -> bool:
    """Print a table by cells and the survivors; whether at least `share` of what was decided was noticed."""
    table, survivors = defaultdict(Counter), []
    for change, verdict in outcomes:
        excused = verdict == "survived" and known.reason(change)
        table[change.cell].update(("changes", "judged" if excused else verdict))
        if verdict == "survived":
            survivors.append(change)
    print(f"\n{title:24}" + "".join(f"{name:>11}" for name in COLUMNS))
    everything = sum(table.values(), Counter())
    for cell, tally in (*table.items(), ("all", everything)):
        print(f"{cell:24}" + "".join(f"{tally[name]:11}" for name in COLUMNS))
    open_ones = [change for change in survivors if not known.reason(change)]
    for each in sorted(open_ones, key=lambda change: (change.cell, change.line)):
        print(f"survived: {each.cell}, line {each.line}, {each.name}: {each.text[:100]}")
    left_behind = known.unused(survivors, (change for change, _ in outcomes)) if whole else []
    for text in left_behind:
        print(f"judged, but not among the survivors: {text}")
    noticed = everything["red"] + everything["crash"]
    decided = noticed + everything["survived"]
    got = noticed / decided if decided else 0.0
    print(f"{title}: noticed {got:.1%} of {decided} decided changes, at least {share:.0%} wanted\n")
    return got >= share
