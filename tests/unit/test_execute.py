"""The executed chapters are never older than the code, the data or the environment that made them."""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

import execute
import fingerprint as fingerprints
from tests.unit.errors import refused

LEDGER = """
[[entry]]
id = "S0.02"
statement = "Two."

[[entry]]
id = "S0.03"
statement = "Three."
"""


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def notebook(path: Path, *cells: str, prose: str = "Prose.") -> Path:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_markdown_cell(prose, id="prose")]
    book.cells += [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(cells)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, path)
    return path


@pytest.fixture
def clone(tmp_path, monkeypatch) -> Path:
    """A small book: two chapters, a library of a few modules, and the files they name."""
    root = tmp_path / "a clone with späces"
    write(root / "requirements.txt", "numpy\n")
    write(root / "pyproject.toml", "[project]\n")
    write(root / "lib/__init__.py", "")
    write(root / "lib/low.py", "VALUE = 3\n")
    write(root / "lib/high.py", "from .low import VALUE\n\nSTYLE = 'book.mplstyle'\n")
    write(root / "lib/other.py", "import lib.low\n")
    write(root / "lib/book.mplstyle", "font.size: 10\n")
    write(root / "lib/show/__init__.py", "def show():\n    pass\n")
    write(root / "lib/show/kit/kit.js", "// kit\n")
    for name in ("one", "two"):
        write(root / f"lib/show/{name}/__init__.py", f"FILE = '{name}'\n")
        write(root / f"lib/show/{name}/explorer.js", f"// {name}\n")
    write(root / "lib/results/game.json", "{}\n")
    write(root / "lib/ledger.toml", LEDGER)
    first = "from lib.high import VALUE\nprint(VALUE)"
    notebook(root / "chapters/01_first.ipynb", first, "from lib.show.one import FILE\nresult = 'game'")
    second = "import lib.other\n%matplotlib inline\nclaim = lambda identifier: None\nclaim('S0.02')\nprint(2)"
    notebook(root / "chapters/02_second.ipynb", second)
    monkeypatch.setattr(execute, "ROOT", root)
    monkeypatch.setattr(execute, "CHAPTERS", root / "chapters")
    monkeypatch.setattr(execute, "EXECUTED", root / "_build/executed")
    for name in ("fingerprint", "data_digest"):
        original = getattr(fingerprints, name)
        monkeypatch.setattr(execute, name, lambda path, function=original: function(path, root))
    monkeypatch.delenv("BOOK_DATA", raising=False)
    return root


def prints(root: Path) -> tuple[str, str]:
    return tuple(execute.fingerprint(path) for path in sorted((root / "chapters").glob("*.ipynb")))


@pytest.mark.parametrize(
    ("file", "text", "first_changes", "second_changes"),
    [
        ("lib/low.py", "VALUE = 4\n", True, True),  # through a relative import; through `import lib.low`
        ("lib/high.py", "from .low import VALUE\n", True, False),
        ("lib/other.py", "import lib.low\nchanged = True\n", False, True),
        ("lib/other.py", '"""A docstring."""\nimport lib.low  # and a comment\n', False, False),
        ("lib/__init__.py", "changed = True\n", True, True),
        ("lib/book.mplstyle", "font.size: 11\n", True, False),  # a string of lib.high names it
        ("lib/show/kit/kit.js", "// changed\n", True, False),
        ("lib/show/one/part.js", "// new\n", True, False),  # whatever lies beside the explorer is part of it
        ("lib/show/one/explorer.js", "// changed\n", True, False),
        ("lib/show/two/explorer.js", "// changed\n", False, False),  # another chapter's explorer
        ("lib/results/game.json", "{'n': 1}\n", True, False),  # named by its stem
        ("lib/results/game.partial", "{'n': 1}\n", False, False),  # a run that has not ended
        ("lib/unused.py", "1\n", False, False),
        ("lib/ledger.toml", LEDGER.replace("Two", "2"), False, True),  # the second chapter's claim
        ("lib/ledger.toml", LEDGER.replace("Three", "3"), False, False),  # nobody's
        ("requirements.txt", "numpy==2\n", True, True),
        ("requirements.txt", "# why\nnumpy   # arrays\n", False, False),
        ("pyproject.toml", "[tool]\n", False, False),
        ("README.md", "changed\n", False, False),
    ],
)
def test_a_change_reaches_exactly_the_chapters_that_depend_on_it(
    clone, file, text, first_changes, second_changes
):
    before = prints(clone)
    write(clone / file, text)
    after = prints(clone)
    assert (before[0] != after[0], before[1] != after[1]) == (first_changes, second_changes)


def test_code_counts_and_prose_does_not(clone):
    path = clone / "chapters/01_first.ipynb"
    before = execute.fingerprint(path)
    book = nbformat.read(path, as_version=4)
    book.cells[0].source = "Other prose."
    book.cells[1].metadata["mystnb"] = {"image": {"alt": "What to see."}}
    nbformat.write(book, path)
    assert execute.fingerprint(path) == before
    book.cells[1].source += "  # a comment"
    nbformat.write(book, path)
    assert execute.fingerprint(path) == before
    book.cells[1].source += "\nprint(2)"
    nbformat.write(book, path)
    assert execute.fingerprint(path) != before


def test_line_ends_of_the_checkout_do_not_count(clone):
    before = prints(clone)
    text = (clone / "lib/low.py").read_bytes()
    (clone / "lib/low.py").write_bytes(text.replace(b"\n", b"\r\n"))
    assert prints(clone) == before


def test_only_the_data_sets_that_a_chapter_speaks_of_count(clone, tmp_path, monkeypatch):
    chapter = notebook(
        clone / "chapters/03_third.ipynb", "from lib.data import fashion_mnist\nfashion_mnist()"
    )
    write(tmp_path / "sets/fashion-mnist/images.gz", "one")
    write(tmp_path / "sets/mnist/images.gz", "one")
    assert execute.data_digest(chapter) == ""
    monkeypatch.setenv("BOOK_DATA", str(tmp_path / "sets"))
    before = execute.data_digest(chapter)
    assert before and execute.data_digest(clone / "chapters/01_first.ipynb") == ""
    write(tmp_path / "sets/mnist/images.gz", "two")
    assert execute.data_digest(chapter) == before
    write(tmp_path / "sets/fashion-mnist/images.gz", "two")
    assert execute.data_digest(chapter) != before


def test_second_run_reuses_and_a_change_in_the_library_runs_exactly_its_chapters(clone, capsys):
    first = execute.execute_all(jobs=2)
    assert [e.reused for e in first.values()] == [False, False]
    made = {path.name: path.read_bytes() for path in (clone / "_build/executed").iterdir()}
    assert [e.reused for e in execute.execute_all().values()] == [True, True]
    # else the site, which is rendered anew where a file differs, would be rendered twice
    assert made == {path.name: path.read_bytes() for path in (clone / "_build/executed").iterdir()}
    write(clone / "lib/high.py", "VALUE = 'changed'\n")
    third = execute.execute_all()
    assert {stem: e.reused for stem, e in third.items()} == {"01_first": False, "02_second": True}
    ran = nbformat.read(clone / "_build/executed/01_first.ipynb", as_version=4)
    assert ran.cells[1].outputs[0].text == "changed\n"
    stored = json.loads((clone / "_build/executed/01_first.json").read_text())
    assert stored.keys() == {"seconds", "fingerprint", "key", "versions", "finished", "sha256"}
    assert stored["versions"]["python"] and stored["fingerprint"] == third["01_first"].fingerprint
    assert "01_first: done" in capsys.readouterr().out


def test_kernel_is_this_interpreter_in_the_chapters_folder_with_this_library(clone):
    (clone / "chapters/02_second.ipynb").unlink()
    shown = "sys.prefix, os.getcwd(), lib.__file__, os.environ['OMP_NUM_THREADS']"
    code = f"import lib, os, sys\nprint({shown}, sep='|')"
    path = notebook(clone / "chapters/01_first.ipynb", code)
    book = nbformat.read(path, as_version=4)
    book.metadata["kernelspec"] = {"name": "no-such-kernel", "display_name": "?", "language": "python"}
    nbformat.write(book, path)
    execute.execute_all(jobs=1)
    ran = nbformat.read(clone / "_build/executed/01_first.ipynb", as_version=4)
    prefix, folder, library, threads = ran.cells[1].outputs[0].text.strip().split("|")
    assert Path(prefix) == Path(os.sys.prefix)
    assert Path(folder) == clone / "chapters" and Path(library) == clone / "lib/__init__.py"
    assert int(threads) == 1


def test_a_backend_in_the_environment_swallows_no_figure(clone, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    path = clone / "chapters/01_first.ipynb"
    notebook(path, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    execute.execute_all(names=["01_first"])
    ran = nbformat.read(clone / "_build/executed/01_first.ipynb", as_version=4)
    assert any("image/png" in output.get("data", {}) for output in ran.cells[-1].outputs)


@pytest.mark.parametrize(
    ("code", "named"),
    [("1 / 0", "ZeroDivisionError"), ("import os\nos._exit(1)", "kernel died")],
)
def test_failure_names_chapter_cell_and_cause_and_leaves_no_result(clone, code, named):
    notebook(clone / "chapters/01_first.ipynb", "x = 1", code)
    with pytest.raises(execute.ExecutionFailed, match=named) as caught:
        execute.execute_all()
    assert "chapters/01_first.ipynb, cell cell-1" in str(caught.value)
    assert not (clone / "_build/executed/01_first.ipynb").exists()
    assert (clone / "_build/executed/02_second.ipynb").exists()  # the other chapter still ran


def test_prose_written_after_the_run_is_in_the_reused_result(clone):
    shutil.rmtree(clone / "chapters")
    path = notebook(clone / "chapters/01_first.ipynb", "print('shown')")
    execute.execute_all()
    notebook(path, "print('shown')", prose="Newer prose.")
    assert execute.execute_all()["01_first"].reused
    ran = nbformat.read(clone / "_build/executed/01_first.ipynb", as_version=4)
    assert ran.cells[0].source == "Newer prose." and ran.cells[1].outputs[0].text == "shown\n"


def test_record_stores_outputs_counts_and_fingerprint(clone):
    results = execute.execute_all(names=["02_second"])
    execute.record(results)
    stored = nbformat.read(clone / "chapters/02_second.ipynb", as_version=4)
    assert stored.metadata.book.fingerprint == execute.fingerprint(clone / "chapters/02_second.ipynb")
    assert stored.cells[1].execution_count == 1 and stored.cells[1].outputs[0].text == "2\n"


def test_widget_identifiers_are_the_same_in_every_run(clone):
    code = "import ipywidgets\nipywidgets.IntSlider(description='n')"
    path = notebook(clone / "chapters/01_first.ipynb", code)
    texts = []
    for _ in range(2):
        execute.execute_all(names=["01_first"], force=True)
        texts.append((clone / "_build/executed" / path.name).read_text())
    assert texts[0] == texts[1] and "widget-view" in texts[0]


def test_unknown_chapter_and_no_kernels_are_refused(clone):
    with pytest.raises(ValueError, match="no chapter named 99_none; there are 01_first"):
        execute.execute_all(names=["99_none"])
    with pytest.raises(ValueError, match="jobs is 0"):
        execute.execute_all(jobs=0)


def test_two_cells_with_one_id_are_refused_by_name(clone):
    path = notebook(clone / "chapters/01_first.ipynb", "x = 1", "y = 2")
    path.write_text(path.read_text().replace("cell-1", "cell-0"))
    with pytest.raises(ValueError, match=r"01_first\.ipynb: more than one cell has the id cell-0"):
        execute.execute_all()


def test_damaged_notebook_is_named_and_damaged_result_is_made_again(clone):
    execute.execute_all(names=["01_first"])
    (clone / "_build/executed/01_first.ipynb").write_text('{"cells": [')
    assert not execute.execute_all(names=["01_first"])["01_first"].reused
    (clone / "chapters/01_first.ipynb").write_text('{"cells": [')
    with pytest.raises(ValueError, match=r"01_first\.ipynb is not a notebook"):
        execute.execute_all(names=["01_first"])


@pytest.mark.parametrize("edit", [("shown", "edited"), ("print", "plint")], ids=["an output", "a source"])
def test_a_result_that_was_edited_is_made_again(clone, edit):
    notebook(clone / "chapters/01_first.ipynb", "print('shown')")
    execute.execute_all(names=["01_first"])
    stored = clone / "_build/executed/01_first.ipynb"
    stored.write_text(stored.read_text().replace(*edit))
    assert not execute.execute_all(names=["01_first"])["01_first"].reused
    ran = nbformat.read(stored, as_version=4)
    assert ran.cells[1].outputs[0].text == "shown\n"
    assert execute.execute_all(names=["01_first"])["01_first"].reused


def test_a_result_that_was_cut_short_between_its_two_files_is_made_again(clone, monkeypatch):
    """The outputs depend on the hour; the run that is killed shows another one than the record beside it."""
    hour = clone / "hour"
    hour.write_text("one")
    notebook(clone / "chapters/01_first.ipynb", f"print(open({str(hour)!r}).read())")
    execute.execute_all(names=["01_first"])
    hour.write_text("two")
    original = execute.write

    def killed(path, text):
        if path.suffix == ".json":
            raise InterruptedError
        return original(path, text)

    monkeypatch.setattr(execute, "write", killed)
    with pytest.raises(InterruptedError):
        execute.execute_all(names=["01_first"], force=True)
    monkeypatch.setattr(execute, "write", original)
    hour.write_text("three")
    assert not execute.execute_all(names=["01_first"])["01_first"].reused
    ran = nbformat.read(clone / "_build/executed/01_first.ipynb", as_version=4)
    assert ran.cells[1].outputs[0].text == "three\n"


def test_folders_that_cannot_be_written_are_named_before_anything_runs(clone, monkeypatch, capsys):
    """A file stands where the folder should be: permissions do not stop an administrator."""
    (clone / "_build").write_text("")
    with refused(ValueError, str(clone / "_build/executed"), remedy="disk"):
        execute.execute_all()
    (clone / "_build").unlink()

    def refuse(folder):
        if folder == clone / "chapters":
            raise ValueError("chapters: got Read-only file system, expected …")

    monkeypatch.setattr(execute, "require_writable", refuse)
    monkeypatch.setattr("sys.argv", ["execute.py", "--record"])
    assert execute.main() == 1
    said = capsys.readouterr()
    assert "Read-only file system" in said.err and "Executing" not in said.out


def test_another_device_is_another_run_and_is_never_stored(clone, monkeypatch, capsys):
    path = clone / "chapters/01_first.ipynb"
    on_cpu = execute._key(path, "code")
    monkeypatch.setenv("BOOK_DEVICE", "cpu")
    assert execute._key(path, "code") == on_cpu
    monkeypatch.setenv("BOOK_DEVICE", "cuda")
    assert execute._key(path, "code") != on_cpu
    monkeypatch.setattr(sys, "argv", ["execute.py", "--record"])
    assert execute.main() == 1 and "Remedy: unset BOOK_DEVICE" in capsys.readouterr().err
