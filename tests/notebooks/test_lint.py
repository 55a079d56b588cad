"""Every rule on every chapter, and what only the whole book can show."""

from pathlib import Path

import nbformat
import pytest

import address
from lib import claims
from reading import stored
from rules import RULES

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))


def test_there_are_chapters_to_check():
    assert CHAPTERS, "no chapters/*.ipynb: every test over chapters would pass by having nothing to do"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_rule(path, rule):
    complaints = rule(stored(path))
    assert not complaints, "\n".join([f"{path.name}: {rule.__doc__}", *complaints])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_file_is_a_valid_notebook(path):
    nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_first_code_cell_is_the_template_with_the_books_address(path):
    cells = [cell for cell in stored(path).cells if cell.cell_type == "code"]
    assert cells[0].id == address.BOOTSTRAP
    assert cells[0].source == address.bootstrap(address.address()), "run `make address`"
    # left out of the page, where it explains nothing; Colab and Jupyter show it all the same
    assert "remove-cell" in cells[0].metadata.get("tags", [])


def test_every_claim_is_known_and_every_entry_of_a_written_chapter_is_claimed():
    found = claims.coverage(ROOT / "chapters")
    assert not found.unknown, f"not in the ledger: {found.unknown}"
    assert not found.unreadable, f"cannot be read: {found.unreadable}"
    assert not found.missing, f"claimed nowhere, though their chapter exists: {found.missing}"
