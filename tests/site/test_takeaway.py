"""What a reader takes home: the zip installs and runs, the notebooks are the plain ones."""

import json
import os
import re
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from browsing import ROOT
from takeaway import BESIDE, BOOK, START, contents, pack

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
FIRST_CELLS = 3  # what it needs, the imports, and the first that computes
APART = """
import json, os, subprocess, sys, tempfile, traceback
import IPython.display, matplotlib.pyplot, numpy, pooch, scipy.stats, sklearn.mixture, sympy, torch
assert "lib" not in sys.modules
for name, program in json.load(sys.stdin).items():
    with tempfile.TemporaryFile("w+") as said:
        child = os.fork()
        if child == 0:
            os.dup2(said.fileno(), 1), os.dup2(said.fileno(), 2)
            status = 0
            try:
                exec(compile(program, name, "exec"), {"__name__": "__main__"})
                import lib
                print(lib.__file__, flush=True)
            except BaseException:
                traceback.print_exc()
                status = 1
            sys.stdout.flush(), sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        print(json.dumps([name, status, said.read()]), flush=True)
"""


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


@cache
def parsed(path: Path) -> BeautifulSoup:
    """A page's HTML as a tree."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def cells(notebook: Path, kind: str) -> list[str]:
    """The sources of a notebook's cells of one kind."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def test_every_page_offers_the_zip(site):
    for path in sorted(site.glob("*.html")):
        page = parsed(path)
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


def test_first_cells_of_every_chapter_run_with_what_the_zip_brings(unpacked, installed):
    first = {
        chapter.stem: "\n\n".join(cells(unpacked / "chapters" / chapter.name, "code")[:FIRST_CELLS])
        for chapter in CHAPTERS
    }
    ended = run_apart(first, unpacked / "chapters", installed)
    assert list(ended) == list(first)
    for stem, (status, said) in ended.items():
        assert status == 0, f"{stem}: {said}"
        assert Path(said.strip().splitlines()[-1]).is_relative_to(installed), stem


def test_a_chapter_whose_first_cells_fail_is_named(installed, tmp_path):
    programs = {"good": "x = 1", "bad": "import lib.nothing", "leaks": "x"}
    ended = run_apart(programs, tmp_path, installed)
    assert {stem: status for stem, (status, _) in ended.items()} == {"good": 0, "bad": 1, "leaks": 1}
    assert "lib.nothing" in ended["bad"][1] and "NameError" in ended["leaks"][1]


def run_apart(programs: dict[str, str], folder: Path, library: Path) -> dict[str, tuple[int, str]]:
    """Run each program as a process of its own, with the installed library; {name: its status, what it said}.

    They are children of one process that has imported the packages, never the library: that takes seconds.
    """
    environment = {**os.environ, "PYTHONPATH": str(library), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", APART],
        cwd=folder,
        env=environment,
        input=json.dumps(programs),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {name: (status, said) for name, status, said in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_downloaded_notebook_is_the_plain_one(site, unpacked, chapter):
    page = parsed(site / f"{chapter.stem}.html")
    link = page.select_one(".article-header-buttons a[href$='.ipynb']")["href"]
    for taken in (site / link, unpacked / "chapters" / chapter.name):
        assert cells(taken, "markdown") == cells(chapter, "markdown")
        assert cells(taken, "code") == cells(chapter, "code")


def test_same_files_make_the_same_zip(tmp_path):
    files = contents(ROOT)
    pack(files, tmp_path / "one.zip")
    pack(dict(files), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
