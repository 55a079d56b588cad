"""Rules about the figures of a chapter: numbered, captioned, shown in the one way that every page can use."""

import ast
import re

from nbformat import NotebookNode

from captions import Caption, caption_of
from reading import called, code_cells, parsed

COMPARES = re.compile(
    r"(?i)\b(above|below|left|right|upwards?|downwards?|inwards?|outwards?|higher|lower|highest|lowest|larger|largest"
    r"|smaller|smallest|greater|more|most|less|least|fewer|longer|shorter|steeper|flatter|faster|slower"
    r"|closer|nearer|farther|further|(?:rise|fall|climb|sink|drop|dip|grow|shrink)s?|rising|falling|inside|outside)\b"
)


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


def _alt(cell: NotebookNode) -> str:
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def _seen(cell: NotebookNode) -> list[str]:
    """The phrases that the cell shows to be true: `figures.show(figure, seen={"phrase": truth})`."""
    tree = parsed(cell) or ast.Module([], [])
    given = [
        k.value for call in ast.walk(tree) if called(call) == "show" for k in call.keywords if k.arg == "seen"
    ]
    keys = [key for table in given for key in getattr(table, "keys", [None])]
    return [key.value if isinstance(key, ast.Constant) else "" for key in keys]


def seen_is_said(notebook: NotebookNode) -> list[str]:
    """What a figure's cell proves to be seen is what its alt text says, word by word."""
    return [
        f"cell {cell.id}: {phrase!r} in `seen` is not in the alt text; write both alike, as literal text"
        for cell in _figures(notebook)
        for phrase in _seen(cell)
        if not phrase or phrase not in _alt(cell)
    ]


def compared(notebook: NotebookNode) -> list[str]:
    """Words of comparison in an alt text stand in phrases whose truth the cell computes, in `seen`."""
    complaints = []
    for cell in _figures(notebook):
        phrases, alt = _seen(cell), _alt(cell)
        spans = [
            match.span() for phrase in filter(None, phrases) for match in re.finditer(re.escape(phrase), alt)
        ]
        complaints += [
            f"cell {cell.id}: nothing shows that {word[0]!r} is right in"
            f" {alt[max(0, word.start() - 30) : word.end() + 20]!r};"
            " give the phrase with its truth, figures.show(figure, seen={...})"
            for word in COMPARES.finditer(alt)
            if not any(start <= word.start() and word.end() <= end for start, end in spans)
        ]
    return complaints


FIGURE_RULES = (
    captions,
    numbers,
    captions_belong_to_figures,
    shown_by_the_library,
    stored_twice,
    seen_is_said,
    compared,
)
