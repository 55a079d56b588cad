"""Every planted fault can be planted, and the tests that are to notice it exist."""

import ast
import shutil
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from faults import FAULTS, FILES, Fault

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
