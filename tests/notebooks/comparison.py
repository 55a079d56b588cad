"""Comparing the stored outputs of a chapter with those of a fresh run."""

from nbformat import NotebookNode

from figure_comparison import figure_difference, label_difference
from reading import CHECKED, code_cells, picture, shown_text, tags


def output_kinds(cell: NotebookNode) -> list[str]:
    """What kinds of output a cell shows, in order; consecutive pieces of one stream count as one."""
    kinds: list[str] = []
    for output in cell.outputs:
        kind = output.output_type
        if kind == "stream":
            kind = f"stream {output.name}"
        elif "data" in output:
            kind = "shows " + " ".join(sorted(output.data))
        if not (kinds and kind.startswith("stream") and kinds[-1] == kind):
            kinds.append(kind)
    return kinds


def shown(cell: NotebookNode) -> str:
    """All that a reader can read of the cell's outputs; how a stream was cut into pieces does not matter."""
    return "".join(shown_text(output) for output in cell.outputs)


def differences(stored: NotebookNode, fresh: NotebookNode) -> list[str]:
    """Where a fresh run shows something else than is stored.

    Other kinds of output count everywhere, figures as `figure_comparison` says, and text, letter by letter,
    in cells that are tagged for it: there a chapter prints nothing that differs between machines.
    """
    complaints = []
    for old, new in zip(code_cells(stored), code_cells(fresh), strict=True):
        if (before := output_kinds(old)) != (after := output_kinds(new)):
            complaints.append(f"cell {old.id}: stored outputs are {before}, a fresh run gives {after}")
            continue
        if CHECKED in tags(old) and (said := shown(old)) != (now := shown(new)):
            complaints.append(f"cell {old.id}: stored is {said!r}, a fresh run says {now!r}")
        closed = "deterministic-figure" in tags(old)
        figures = [[o for o in cell.outputs if picture(o) is not None] for cell in (old, new)]
        for pair in zip(*figures, strict=True):
            change = label_difference(*pair, closed) or figure_difference(*map(picture, pair), closed)
            if change:
                complaints.append(f"cell {old.id}: {change}")
    return complaints
