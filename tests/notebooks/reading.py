"""Reading a notebook: its code cells, what they show, and the pixels of its figures."""

import ast
import base64
import copy
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from PIL import Image

from fingerprint import read_notebook

CHECKED = "nbval-check-output"  # what this cell prints is the same on every machine
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
CHAPTERS = Path(__file__).resolve().parents[2] / "chapters"


def stored(path: Path) -> NotebookNode:
    """A chapter as it lies on disk: a copy of one's own, though the file is read and checked only once."""
    status = path.stat()
    return copy.deepcopy(_read(path, status.st_mtime_ns, status.st_size))


@cache
def _read(path: Path, changed: int, size: int) -> NotebookNode:
    return read_notebook(path)


def run_cells(chapter: str, *names: str) -> dict:
    """Run the named cells of a chapter, in their order, and return the names they define."""
    path = CHAPTERS / f"{chapter}.ipynb"
    cells = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
    shown: dict = {}
    for name in names:
        exec(compile(cells[name], f"{path.name}, cell {name}", "exec"), shown)
    return shown


def tags(cell: NotebookNode) -> set[str]:
    """The cell's tags."""
    return set(cell.metadata.get("tags", []))


def code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """The code cells that are not empty."""
    return (cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())


def outputs(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode]]:
    """All (cell, output) pairs."""
    return ((cell, output) for cell in code_cells(notebook) for output in cell.outputs)


def shown_text(output: NotebookNode) -> str:
    """What a reader can read of an output: its stream, or its plain text."""
    if output.output_type == "stream":
        return output.text
    return output.get("data", {}).get("text/plain", "")


def parsed(cell: NotebookNode) -> ast.Module | None:
    """The cell's syntax tree, its magics turned into calls; None where it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(cell.source))
    except SyntaxError:
        return None


def called(node: ast.AST) -> str:
    """The name of the function that an expression calls, "" if it is not a call."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "id", getattr(function, "attr", ""))


def calls(cell: NotebookNode, name: str) -> bool:
    """Whether the cell calls the function `name`."""
    tree = parsed(cell)
    return tree is not None and any(called(node) == name for node in ast.walk(tree))


def picture(output: NotebookNode) -> np.ndarray | None:
    """The pixels (h, w, 3) of a PNG output as they look on white; None if there is no PNG."""
    data = output.get("data", {}).get("image/png")
    if data is None:
        return None
    image = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB"))


def colour_counts(pixels: np.ndarray) -> np.ndarray:
    """How often each colour of a picture (h, w, 3) occurs in it."""
    red, green, blue = np.moveaxis(pixels.astype(np.uint32), 2, 0)
    return np.unique(red << 16 | green << 8 | blue, return_counts=True)[1]
