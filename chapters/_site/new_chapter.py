"""Lay out a chapter that is in the ledger but not yet written, and the files that belong to it.

    python chapters/_site/new_chapter.py 14_spectral_normalization     (`make chapter NAME=…`)

The chapter is a draft, as its metadata say: the lint accepts that its statements are not claimed yet, and
the check of stored outputs does not accept a draft, so that an unfinished chapter cannot be landed unseen.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import address
from execute import CHAPTERS, ExecutionFailed, execute_all, record
from fingerprint import ROOT
from lib.ledger import ledger, supplements, titles

TEMPLATES = Path(__file__).resolve().parent / "templates"
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
CLOSED = {"cellView": "form", "collapsed": True, "jupyter": {"outputs_hidden": True, "source_hidden": True}}
ALT = "A curve over a line: put into words what there is to see, for somebody who cannot see it."
METADATA = {
    "bootstrap": {"tags": ["remove-cell"], **FOLDED},
    "opening-figure": {"tags": ["hide-input"], **FOLDED, "mystnb": {"image": {"alt": ALT}}},
    "exercise-1-solution": {"tags": ["hide-cell"], **CLOSED},
}


def filled(template: str, stem: str) -> str:
    """The text of a template with the chapter's number, title and statements in it."""
    entries = [entry for entry in ledger() + supplements() if entry.chapter == stem]
    listed = "\n".join(f"- {entry.id} ({entry.verdict}): {entry.statement}" for entry in entries)
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    values = {"TITLE": titles()[stem], "NN": stem[:2], "N": str(int(stem[:2])), "STEM": stem}
    for name, value in {**values, "ENTRIES": listed or "- none from the sources; add supplements."}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def notebook(stem: str) -> NotebookNode:
    """The chapter as a draft, its cells as `templates/chapter.md` lists them."""
    made = nbformat.v4.new_notebook()
    for part in filled("chapter.md", stem).split("=== ")[1:]:
        head, _, source = part.partition("\n")
        kind, name = head.split()
        if name == address.BOOTSTRAP:
            source = address.bootstrap(address.address())
        new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        made.cells.append(new(source.strip("\n"), id=name, metadata=METADATA.get(name, {})))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "book": {"draft": True}}
    made.nbformat_minor = 5
    return made


def lay_out(stem: str, root: Path = ROOT) -> list[Path]:
    """Write the files of a new chapter and return them.

    Raises ValueError for a name that the ledger does not have, and FileExistsError, before anything is
    written, when one of the files is there already.
    """
    if stem not in titles():
        raise ValueError(
            f"NAME: got {stem!r}, expected the name of a chapter. Remedy: one of {', '.join(titles())}."
        )
    files = {
        root / "chapters" / f"{stem}.ipynb": nbformat.writes(notebook(stem)) + "\n",
        root / "lib" / "exercises" / f"chapter_{stem[:2]}.py": filled("exercises.txt", stem),
        root / "tests" / "faults" / f"{stem}.py": filled("faults.txt", stem),
    }
    for path in files:
        if path.exists():
            raise FileExistsError(
                f"NAME: got {stem!r}, expected a chapter that has no files yet, but {path.relative_to(root)}"
                " is there. Remedy: work on in it, or delete it."
            )
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    return list(files)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Lay out a new chapter.")
    parser.add_argument("name", nargs="?", default="", help="such as 14_spectral_normalization")
    name = parser.parse_args().name
    try:
        made = lay_out(name)
        record(execute_all(jobs=1, names=[name]))
    except (ValueError, FileExistsError, ExecutionFailed) as error:
        print(error, file=sys.stderr)
        return 1
    for path in made:
        print(f"  {path.relative_to(CHAPTERS.parent)}")
    print("Laid out. What to do next stands in CONTRIBUTING.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
