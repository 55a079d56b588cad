"""Comparing the stored outputs of a chapter with those of a fresh run."""

import numpy as np
from nbformat import NotebookNode

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


def blocks(pixels: np.ndarray, count: int = 8) -> np.ndarray:
    """The mean brightness, in [0, 1], of count x count blocks of a picture."""
    grey = pixels.mean(axis=2) / 255
    rows = np.array_split(grey, count, axis=0)
    return np.array([[part.mean() for part in np.array_split(row, count, axis=1)] for row in rows])


def ink(pixels: np.ndarray) -> float:
    """The share of a picture that is not its commonest colour."""
    _, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    return 1 - float(counts.max() / counts.sum())


def figure_difference(old: np.ndarray, new: np.ndarray, deterministic: bool) -> str:
    """How a figure changed, "" if it did not.

    Sizes agree within a few pixels, since tight boxes follow the length of labels. What was drawn stays
    drawn: the inked area changes by less than half. Where nothing random is drawn, so does the content.
    """
    if any(abs(m - n) > max(6, 0.02 * m) for m, n in zip(old.shape[:2], new.shape[:2], strict=True)):
        return f"a figure of {old.shape[:2]} pixels is now {new.shape[:2]}"
    if not 0.5 < (ink(new) + 1e-9) / (ink(old) + 1e-9) < 2:
        return f"a figure with {ink(old):.1%} of its area inked has now {ink(new):.1%}"
    if deterministic and (gap := np.abs(blocks(old) - blocks(new)).max()) > 0.02:
        return f"the figure looks different (block means differ by {gap:.3f})"
    return ""


def differences(stored: NotebookNode, fresh: NotebookNode) -> list[str]:
    """Where a fresh run shows something else than is stored.

    Other kinds of output count everywhere, figures as `figure_difference` says, and text, letter by letter,
    in cells that are tagged for it: there a chapter prints nothing that differs between machines.
    """
    complaints = []
    for old, new in zip(code_cells(stored), code_cells(fresh), strict=True):
        if (before := output_kinds(old)) != (after := output_kinds(new)):
            complaints.append(f"cell {old.id}: stored outputs are {before}, a fresh run gives {after}")
            continue
        if CHECKED in tags(old) and (said := shown(old)) != (now := shown(new)):
            complaints.append(f"cell {old.id}: stored is {said!r}, a fresh run says {now!r}")
        figures = [[p for o in cell.outputs if (p := picture(o)) is not None] for cell in (old, new)]
        for pair in zip(*figures, strict=True):
            if change := figure_difference(*pair, deterministic="deterministic-figure" in tags(old)):
                complaints.append(f"cell {old.id}: {change}")
    return complaints
