"""What a reader takes home: the zip installs and runs, the notebooks are the plain ones."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from browsing import ROOT
from takeaway import BESIDE, BOOK, START, contents, pack

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
FIRST_CELLS = 3  # what it needs, the imports, and the first that computes


@pytest.fixture(scope="module")
def unpacked(site, tmp_path_factory) -> Path:
    """The zip of the site, unpacked."""
    folder = tmp_path_factory.mktemp("at home")
    with zipfile.ZipFile(site / "_static" / f"{BOOK}.zip") as archive:
        archive.extractall(folder)
    return folder / BOOK


@pytest.fixture(scope="module")
def installed(unpacked, tmp_path_factory) -> Path:
    """The library as pip installs it from the unpacked folder, as the last line of its requirements asks."""
    assert unpacked.joinpath("requirements.txt").read_text().rstrip().endswith("\n-e .")
    target = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, str(unpacked)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return target


def cells(notebook: Path, kind: str) -> list[str]:
    """The sources of a notebook's cells of one kind."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def test_every_page_offers_the_zip(site):
    for path in sorted(site.glob("*.html")):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        links = page.select(f"a[href$='_static/{BOOK}.zip']")
        assert any("Take it with you" in link.get_text() for link in links), path.name
        if path.stem in {chapter.stem for chapter in CHAPTERS}:
            assert page.select(f".article-header-buttons a[href$='{BOOK}.zip']")


def test_zip_holds_the_library_the_chapters_and_how_to_begin(unpacked):
    for path in ("START.md", "lib/__init__.py", "lib/ledger.toml", "lib/book.mplstyle", *BESIDE):
        assert (unpacked / path).is_file(), path
    assert {path.name for path in unpacked.glob("chapters/*.ipynb")} == {path.name for path in CHAPTERS}
    assert not list(unpacked.rglob("__pycache__"))


def test_three_lines_say_how_to_run_it(unpacked):
    lines = re.findall(r"^    (.+)$", START, re.MULTILINE)
    assert len(lines) == 3
    named = [word for line in lines for word in line.split() if word.endswith(".txt") or word == "chapters"]
    assert named == ["requirements.txt", "requirements-lab.txt", "chapters"]
    assert all((unpacked / name).exists() for name in named)
    assert re.search(r"^jupyterlab==", (unpacked / "requirements-lab.txt").read_text(), re.MULTILINE)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_first_cells_of_a_chapter_run_with_what_the_zip_brings(unpacked, installed, chapter):
    first = cells(unpacked / "chapters" / chapter.name, "code")[:FIRST_CELLS]
    program = "\n\n".join([*first, "import lib", "print(lib.__file__)"])
    environment = {**os.environ, "PYTHONPATH": str(installed), "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=unpacked / "chapters",
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip().splitlines()[-1]).is_relative_to(installed)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_downloaded_notebook_is_the_plain_one(site, unpacked, chapter):
    page = BeautifulSoup((site / f"{chapter.stem}.html").read_text(encoding="utf-8"), "html.parser")
    link = page.select_one(".article-header-buttons a[href$='.ipynb']")["href"]
    for taken in (site / link, unpacked / "chapters" / chapter.name):
        assert cells(taken, "markdown") == cells(chapter, "markdown")
        assert cells(taken, "code") == cells(chapter, "code")


def test_same_files_make_the_same_zip(tmp_path):
    files = contents(ROOT)
    pack(files, tmp_path / "one.zip")
    pack(dict(files), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
