"""Write the repository's address from _config.yml into the first cell of every chapter.

The whole cell is made from the template below, so that all chapters begin alike. A chapter gets its cell by
having an (empty) code cell with the id `bootstrap`; this command fills it.
"""

import re
import sys
from pathlib import Path

import nbformat
import yaml

from fingerprint import read_notebook
from writing import write

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = "bootstrap"
TEMPLATE = """\
# What this notebook needs: the book's library. This cell finds it, or fetches it.
import importlib
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec

REPOSITORY = "ADDRESS"  # where the book lives; `make address` writes it here
if getattr(find_spec("lib"), "origin", None) is None:  # it is not installed here
    if not REPOSITORY:
        raise ModuleNotFoundError(
            "This notebook needs the book's library `lib`, and it was not told where"
            " the book lives. Take the whole book instead: every page of it offers a"
            " zip with all notebooks, the library and START.md, which says in three"
            " lines how to run them. Or install the library from a copy of the book:"
            " pip install 'FOLDER[transport]'"
        )
    print(f"Fetching the book's library from {REPOSITORY}")
    # the versions that are there stay as they are
    pins = [f"{name}=={version(name)}" for name in ("torch", "numpy") if find_spec(name)]
    package = f"gans-from-first-principles[transport] @ git+{REPOSITORY}"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", package, *pins], check=True
    )
    importlib.invalidate_caches()"""


def address(config: Path = ROOT / "_config.yml") -> str:
    """The address in _config.yml, "" until it is set; ValueError for anything but https://host/owner/name."""
    url = (yaml.safe_load(config.read_text(encoding="utf-8")).get("repository") or {}).get("url") or ""
    if url and not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", url):
        raise ValueError(
            f"{config.name}: repository.url is {url!r}, expected https://github.com/<owner>/<name>;"
            " correct it there."
        )
    return url.removesuffix(".git")


def bootstrap(url: str) -> str:
    """The source of the first cell for a repository at `url`."""
    return TEMPLATE.replace("ADDRESS", url)


def write_address(notebook: Path, url: str) -> bool:
    """Fill the chapter's bootstrap cell; True if that changed the file. All else stays as it is."""
    book = read_notebook(notebook)
    cells = [cell for cell in book.cells if cell.get("id") == BOOTSTRAP]
    if len(cells) != 1:
        raise ValueError(
            f"{notebook.name} has {len(cells)} cells with the id {BOOTSTRAP!r}, expected exactly one."
        )
    if cells[0].source == bootstrap(url):
        return False
    cells[0].source = bootstrap(url)
    return write(notebook, nbformat.writes(book).rstrip("\n") + "\n")


def main() -> int:
    """The command line, `make address`."""
    try:
        url = address()
        changed = [
            path.name for path in sorted((ROOT / "chapters").glob("*.ipynb")) if write_address(path, url)
        ]
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if not url:
        print("repository.url in _config.yml is empty; set it first to let the chapters open on Colab.")
    print(
        f"written into {', '.join(changed)}; now run `make record`"
        if changed
        else "every chapter has it already"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
