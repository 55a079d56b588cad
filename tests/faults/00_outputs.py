"""Faults in what a chapter has stored, and in the cells that store it."""

import base64
import io
from collections.abc import Callable

from nbformat import NotebookNode
from PIL import Image

from faults.planting import FRESH, LINT, STALE, Fault, edit, in_notebook

CHAPTER = "chapters/08_the_gan_game.ipynb"


def _first(cells: list[NotebookNode], fits: Callable[[NotebookNode], bool]) -> NotebookNode:
    found = next(filter(fits, cells), None)
    if found is None:
        raise ValueError("no cell of the kind in which to plant this fault")
    return found


def _draws(cell: NotebookNode) -> bool:
    return any("image/png" in output.get("data", {}) for output in cell.outputs)


def _prints(cell: NotebookNode) -> bool:
    return any(output.output_type == "stream" for output in cell.outputs)


def _claims(cell: NotebookNode) -> bool:
    return "nbval-check-output" in cell.metadata.get("tags", [])


def blank_figure(cells: list[NotebookNode]) -> None:
    """A white rectangle where a figure was."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 400), "white").save(buffer, format="png")
    output = next(o for o in _first(cells, _draws).outputs if "image/png" in o.get("data", {}))
    output["data"]["image/png"] = base64.b64encode(buffer.getvalue()).decode()


def stripped_output(cells: list[NotebookNode]) -> None:
    """A cell that printed something prints nothing."""
    _first(cells, _prints).outputs = []


def stripped_notebook(cells: list[NotebookNode]) -> None:
    """What a clean-up tool leaves: no outputs, no counts."""
    for cell in cells:
        cell.outputs, cell.execution_count = [], None


def nan_shown(cells: list[NotebookNode]) -> None:
    """A training log that reports nan."""
    output = next(o for o in _first(cells, _prints).outputs if o.output_type == "stream")
    output.text += "step 1000: critic nan, generator nan\n"


def swallowed_cell(cells: list[NotebookNode]) -> None:
    """An unknown magic: its error is only printed, and the claim below it never runs."""
    cell = _first(cells, _claims)
    cell.source = "%badmagic\n" + cell.source


def alt_lost(cells: list[NotebookNode]) -> None:
    """A figure without words."""
    del _first(cells, _draws).metadata["mystnb"]


def unused_tag(cells: list[NotebookNode]) -> None:
    """A cell marked as raising that raises nothing: from then on its errors would be forgiven."""
    _first(cells, _claims).metadata.tags.append("raises-exception")


FAULTS = (
    Fault("blank_figure", CHAPTER, in_notebook(blank_figure), (LINT,), fast=True),
    Fault("stripped_output", CHAPTER, in_notebook(stripped_output), (LINT, STALE, FRESH)),
    Fault("stripped_notebook", CHAPTER, in_notebook(stripped_notebook), (LINT,)),
    Fault("nan_shown", CHAPTER, in_notebook(nan_shown), (LINT,)),
    Fault("swallowed_cell", CHAPTER, in_notebook(swallowed_cell), (LINT,)),
    Fault("swallowed_cell_unlinted", CHAPTER, in_notebook(swallowed_cell), (FRESH,)),
    Fault("alt_lost", CHAPTER, in_notebook(alt_lost), (LINT,)),
    Fault("unused_tag", CHAPTER, in_notebook(unused_tag), (LINT,)),
    Fault(
        "stale_output",
        "lib/objectives.py",
        edit("import Tensor\n", "import Tensor\n\nPLANTED = True\n"),
        (STALE,),
    ),
)
