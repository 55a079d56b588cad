"""Every planted fault can be planted, and the tests that are to notice it exist."""

import ast
import shutil
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from faults import FAULTS, FILES, PLANTED_BY, Fault
from mutants import chapter_of, chosen

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_file_of_faults_is_found_by_its_name():
    assert {path.name[:2] for path in FILES} >= {"00", "08", "12", "13"}
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 50


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault_changes_its_file_into_one_that_still_parses(fault: Fault, tmp_path):
    """A fault that is a syntax error would be noticed by anything."""
    copy = Path(shutil.copy(ROOT / fault.file, tmp_path))
    before = copy.read_bytes()
    fault.plant(copy)
    assert copy.read_bytes() != before
    if copy.suffix == ".py":
        ast.parse(copy.read_text(encoding="utf-8"))
    if copy.suffix == ".ipynb":
        for cell in nbformat.read(copy, as_version=4).cells:
            if cell.cell_type == "code":
                ast.parse(TransformerManager().transform_cell(cell.source))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_tests_that_are_to_notice_a_fault_exist(fault: Fault):
    assert fault.checks
    assert [name for name in fault.checks if not (ROOT / name).is_file()] == []


def test_a_fault_that_is_not_to_be_found_is_no_fault(tmp_path):
    """Code that has changed since must not turn a fault into a silent nothing."""
    for fault in FAULTS:
        path = tmp_path / Path(fault.file).name
        if path.suffix == ".py":
            path.write_text("nothing = 0\n")
            with pytest.raises(ValueError, match="found 0 times, expected once"):
                fault.plant(path)


def names(only: str, fast: bool = False) -> list[str]:
    return [fault.name for fault in chosen(only, fast)]


def test_faults_are_chosen_by_name_by_the_beginning_of_names_and_by_chapter():
    everything = [fault.name for fault in FAULTS]
    assert names("") == everything
    one = everything[-1]
    assert names(one) == [one]
    assert names("16_explorer") == [name for name in everything if name.startswith("16_explorer")] != []
    mine = names("16")
    notebook = {fault.name for fault in FAULTS if fault.file == "chapters/16_self_attention.ipynb"}
    planted = {name for name in everything if PLANTED_BY[name] == "16"}
    assert set(mine) == notebook | planted and notebook and planted - notebook
    by_file = {f.name for f in FAULTS if f.file.startswith(("chapters/09_", "lib/experiments/chapter_09"))}
    assert by_file <= set(names("9")) == set(names("09"))
    assert names(f"{one}, 16,16_explorer") == [name for name in everything if name in {one, *mine}]
    assert names("16", fast=True) == [f.name for f in FAULTS if f.fast and f.name in mine]


def test_a_name_that_is_all_of_a_name_means_that_fault_alone():
    longer = [(a, b) for a in PLANTED_BY for b in PLANTED_BY if a != b and b.startswith(a)]
    assert all(names(a) == [a] for a, _ in longer)


@pytest.mark.parametrize("wish", ["99", "no_such_fault", "16,no_such_fault", ","])
def test_a_wish_that_nothing_fits_is_refused_with_what_there_is(wish):
    with pytest.raises(SystemExit, match=r"--only: got .*expected .*16.*softmax_over_those_who_ask"):
        chosen(wish, False)


@pytest.mark.parametrize(
    ("file", "number"),
    [
        ("chapters/16_self_attention.ipynb", "16"),
        ("lib/experiments/chapter_14_beginning.py", "14"),
        ("lib/experiments/chapter_08.py", "08"),
        ("tests/faults/16_self_attention.py", "16"),
        ("lib/attention.py", ""),
        ("lib/explorers/kit/kit.js", ""),
    ],
)
def test_the_chapter_of_a_file_stands_in_its_name(file, number):
    assert chapter_of(file) == number
