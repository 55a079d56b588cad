"""How a known fault is planted: the piece of code it replaces, the file, and the tests that may notice it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

LINT, STALE = "tests/notebooks/test_lint.py", "tests/notebooks/test_stale.py"
FRESH = "tests/notebooks/test_fresh.py"  # every chapter, executed anew


@dataclass(frozen=True)
class Fault:
    """A fault: how to plant it, in which file, and the test files that may notice it, cheapest first."""

    name: str
    file: str
    plant: Callable[[Path], None]
    checks: tuple[str, ...]
    fast: bool = False


def once(text: str, old: str, new: str) -> str:
    """`text` with `old` replaced; ValueError unless it is there exactly once: else nothing is planted."""
    if text.count(old) != 1:
        raise ValueError(f"found {text.count(old)} times, expected once: {old!r}")
    return text.replace(old, new)


def edit(old: str, new: str) -> Callable[[Path], None]:
    """Replace a piece of a file."""

    def plant(path: Path) -> None:
        path.write_text(once(path.read_text(encoding="utf-8"), old, new), encoding="utf-8")

    return plant


def in_notebook(change: Callable[[list[NotebookNode]], None]) -> Callable[[Path], None]:
    """Change the code cells of a notebook."""

    def plant(path: Path) -> None:
        notebook = nbformat.read(path, as_version=4)
        before = nbformat.writes(notebook)
        change([cell for cell in notebook.cells if cell.cell_type == "code"])
        if nbformat.writes(notebook) == before:
            raise ValueError("the fault changed nothing")
        nbformat.write(notebook, path)

    return plant


def in_code(old: str, new: str) -> Callable[[Path], None]:
    """Replace a piece of a notebook's code."""

    def change(cells: list[NotebookNode]) -> None:
        holding = [cell for cell in cells if old in cell.source]
        if len(holding) != 1:
            raise ValueError(f"in {len(holding)} cells, expected one: {old!r}")
        holding[0].source = once(holding[0].source, old, new)

    return in_notebook(change)
