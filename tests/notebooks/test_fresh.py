"""A fresh run of every chapter, by the code of the day, shows what is stored."""

from pathlib import Path

import nbformat
import pytest

import execute
from comparison import differences
from fingerprint import read_notebook
from output_rules import blank_figures, finite_numbers, stray_outputs, unused_raises_exception

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))


@pytest.fixture(scope="session")
def fresh() -> dict[str, nbformat.NotebookNode]:
    """The chapters as the present code executes them; only what changed since the last time is run."""
    return {stem: read_notebook(execute.EXECUTED / f"{stem}.ipynb") for stem in execute.execute_all()}


def test_there_are_chapters_to_check():
    assert CHAPTERS


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_fresh_run_shows_what_is_stored(fresh, path):
    complaints = differences(read_notebook(path), fresh[path.stem])
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "rule",
    [stray_outputs, finite_numbers, blank_figures, unused_raises_exception],
    ids=lambda rule: rule.__name__,
)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_fresh_run_keeps_the_rules_of_outputs(fresh, path, rule):
    complaints = rule(fresh[path.stem])
    assert not complaints, "\n".join(complaints)
