"""No chapter stores the output of code that is no longer there."""

from pathlib import Path

import pytest

import execute
from fingerprint import read_notebook
from lib.ledger import is_draft

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))


def test_there_are_chapters_to_check():
    assert CHAPTERS


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_stored_outputs_are_those_of_the_present_code(path):
    stored = read_notebook(path).metadata.get("book", {}).get("fingerprint")
    assert stored == execute.fingerprint(path), (
        f"{path.name}: its cells, the library it uses or the requirements changed after its outputs were"
        " stored; run `make record` and look at what changed"
    )


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_is_a_draft(path):
    assert not is_draft(path), (
        f"{path.name} is a draft; when every entry of the ledger is claimed in it and somebody else has read"
        " it, delete `draft` from its metadata (key `book`)"
    )
