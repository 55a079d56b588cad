"""Rules about the figures of a chapter: numbered, captioned, shown in the one way that every page can use."""

import ast
import re

from nbformat import NotebookNode

from captions import Caption, caption_of
from reading import called, code_cells, parsed


def _shows_figure(cell: NotebookNode) -> bool:
    return any(kind.startswith("image/") for output in cell.outputs for kind in output.get("data", {}))


def _calls_of_show(cell: NotebookNode) -> list[str]:
    """On what the cell calls `.show(…)`: `figures`, `figures.plt`, …"""
    tree = parsed(cell) or ast.Module([], [])
    calls = [node for node in ast.walk(tree) if called(node) == "show"]
    return [ast.unparse(node.func).removesuffix(".show") for node in calls]


def _figures(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in code_cells(notebook) if _shows_figure(cell) or "figures" in _calls_of_show(cell)]


def captions(notebook: NotebookNode) -> list[str]:
    """A cell that shows a figure begins with `# Figure 8.3. A sentence.`; Jupyter shows it when folded."""
    complaints = []
    for cell in _figures(notebook):
        caption = caption_of(cell.source)
        if caption is None:
            complaints.append(f"cell {cell.id}: begin with `# Figure 8.3. What to see.`")
        elif not re.fullmatch(r"[^a-z].*\.", caption.text) or len(caption.text.split()) < 5:
            complaints.append(
                f"cell {cell.id}: the caption {caption.text!r} is no sentence that says what to see"
            )
    return complaints


def numbers(notebook: NotebookNode) -> list[str]:
    """The figures of a chapter are numbered from 1 on, in their order, and all bear the chapter's number."""
    named = [
        (cell.id, c) for cell in code_cells(notebook) if isinstance(c := caption_of(cell.source), Caption)
    ]
    chapter = named[0][1].chapter if named else 0
    return [
        f"cell {name}: Figure {caption.chapter}.{caption.number}, expected {chapter}.{count}"
        for count, (name, caption) in enumerate(named, start=1)
        if (caption.chapter, caption.number) != (chapter, count)
    ]


def captions_belong_to_figures(notebook: NotebookNode) -> list[str]:
    """A caption stands over a cell that shows a figure, and over no other."""
    figures = {cell.id for cell in _figures(notebook)}
    return [
        f"cell {cell.id}: a caption without a figure"
        for cell in code_cells(notebook)
        if caption_of(cell.source) and cell.id not in figures
    ]


def shown_by_the_library(notebook: NotebookNode) -> list[str]:
    """Figures are shown by `figures.show(figure)`: as drawing and picture, whatever Matplotlib's backend."""
    return [
        f"cell {cell.id}: shown by {way}.show; use figures.show(figure)"
        for cell in code_cells(notebook)
        for way in _calls_of_show(cell)
        if way in ("plt", "figures.plt", "pyplot", "figure", "fig")
    ] + [
        f"cell {cell.id}: shows a figure without figures.show(figure)"
        for cell in code_cells(notebook)
        if _shows_figure(cell) and "figures" not in _calls_of_show(cell)
    ]


def stored_twice(notebook: NotebookNode) -> list[str]:
    """A figure is stored as a drawing, for pages, and as a picture, for viewers that show no drawings."""
    return [
        f"cell {cell.id}: stored as {', '.join(kinds)}; expected image/png and image/svg+xml"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if (kinds := sorted(kind for kind in output.get("data", {}) if kind.startswith("image/")))
        and kinds != ["image/png", "image/svg+xml"]
    ]


FIGURE_RULES = (captions, numbers, captions_belong_to_figures, shown_by_the_library, stored_twice)
