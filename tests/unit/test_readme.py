"""The README's map is the one that `make map` writes, and its links lead somewhere."""

import re
from pathlib import Path

import readme_map

ROOT = Path(__file__).resolve().parents[2]


def test_the_map_lists_every_chapter_with_the_modules_it_imports():
    assert readme_map.table() in (ROOT / "README.md").read_text(encoding="utf-8"), "run `make map`"


def test_a_row_names_modules_by_their_files(tmp_path):
    (tmp_path / "lib" / "room").mkdir(parents=True)
    for name in ("noun.py", "room/__init__.py", "room/corner.py"):
        (tmp_path / "lib" / name).touch()
    cells = '"from lib import noun\\nfrom lib.room import corner, function\\nimport numpy"'
    notebook = tmp_path / "01_first.ipynb"
    notebook.write_text(
        '{"cells": [{"id": "a", "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null,'
        f' "source": {cells}}}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    )
    assert readme_map.imported(notebook, tmp_path) == {
        "noun": "lib/noun.py",
        "room": "lib/room/__init__.py",
        "room.corner": "lib/room/corner.py",
    }


def test_every_local_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links and [link for link in links if not (ROOT / link).exists()] == []
