"""What only the whole book can show of its prose: numbers, links between chapters, citations."""

from pathlib import Path

import pytest

import book_rules
from fingerprint import read_notebook
from references import references

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
NOTEBOOKS = {path.stem: read_notebook(path) for path in CHAPTERS}


def test_there_are_chapters_to_check():
    assert CHAPTERS


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_blocks_bear_the_number_of_their_chapter(name):
    assert book_rules.own_number(name, NOTEBOOKS[name]) == []


def test_links_between_chapters_arrive():
    assert book_rules.links_between(NOTEBOOKS) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_citations_are_in_the_list_of_references(name):
    assert book_rules.citations(NOTEBOOKS[name], references()) == []


def test_every_reference_has_an_address_and_a_key_of_its_own():
    entries = list(references().values())
    assert len({entry.key for entry in entries}) == len(entries) >= 30
    assert all(entry.address.startswith("https://") for entry in entries)
