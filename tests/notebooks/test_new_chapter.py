"""A chapter as `make chapter` lays it out runs, and keeps every rule of the lint."""

import shutil
from pathlib import Path

import pytest

import book_rules
import execute
import new_chapter
from fingerprint import read_notebook
from lib.ledger import is_draft, titles
from rules import RULES

ROOT = Path(__file__).resolve().parents[2]
STEM = "19_the_next_one"  # a number that no chapter has


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """The library in a folder of its own, and a ledger that knows one chapter more."""
    shutil.copytree(ROOT / "lib", tmp_path / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("chapters", "tests/faults"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(new_chapter, "titles", lambda: {**titles(), STEM: "The next one"})
    for name, folder in (("ROOT", ""), ("CHAPTERS", "chapters"), ("EXECUTED", "_build/executed")):
        monkeypatch.setattr(execute, name, tmp_path / folder)
    return tmp_path


def test_a_chapter_that_is_laid_out_runs_and_keeps_the_rules(clone):
    made = new_chapter.lay_out(STEM, clone)
    execute.record(execute.execute_all(jobs=1, names=[STEM]))
    notebook = read_notebook(made[0])
    complaints = [line for rule in RULES for line in rule(notebook)]
    complaints += book_rules.own_number(STEM, notebook)
    assert not complaints, "\n".join(complaints)
    assert is_draft(made[0]) and notebook.cells[0].source.startswith("# The next one\n")
    assert [path.relative_to(clone).as_posix() for path in made[1:]] == [
        "lib/exercises/chapter_19.py",
        f"tests/faults/{STEM}.py",
    ]


def test_nothing_is_written_over(clone):
    (clone / "lib/exercises/chapter_19.py").write_text("mine = 1\n")
    with pytest.raises(FileExistsError, match=r"NAME: got '19_the_next_one'.*chapter_19\.py is there"):
        new_chapter.lay_out(STEM, clone)
    assert not list((clone / "chapters").iterdir())
    assert (clone / "lib/exercises/chapter_19.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize("name", ["", "20_nothing", "../19_the_next_one"])
def test_a_name_that_the_ledger_does_not_have_is_refused(clone, name):
    with pytest.raises(ValueError, match=r"NAME: got .*18_the_race"):
        new_chapter.lay_out(name, clone)
