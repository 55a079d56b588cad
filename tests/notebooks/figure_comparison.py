"""Comparing two figures: what is drawn where, in which colour, and what is written on it."""

import re

import numpy as np
from nbformat import NotebookNode

from reading import colour_counts

ACROSS = 66  # blocks in the width of a figure; one is then about twelve pixels of a page wide
TOLERANCE = (
    0.08  # of the whole range of a colour: half a pixel of a page, where the edge of a line is a block's
)
LABEL = re.compile(r"<!-- (.*?) -->", re.DOTALL)
NUMBER = re.compile(r"[-−+]?\d[\d.,\u2009]*")


def blocks(pixels: np.ndarray, across: int = ACROSS) -> np.ndarray:
    """The mean colour (rows, columns, 3), in [0, 1], of square blocks of a picture, `across` in a row."""
    side = max(1, pixels.shape[1] // across)
    rows, columns = (-(-length // side) for length in pixels.shape[:2])
    padded = np.pad(
        pixels, ((0, rows * side - len(pixels)), (0, columns * side - pixels.shape[1]), (0, 0)), "edge"
    )
    return padded.reshape(rows, side, columns, side, 3).mean(axis=(1, 3)) / 255


def ink(pixels: np.ndarray) -> float:
    """The share of a picture that is not its commonest colour."""
    counts = colour_counts(pixels)
    return 1 - float(counts.max() / counts.sum())


def figure_difference(old: np.ndarray, new: np.ndarray, deterministic: bool) -> str:
    """How a figure changed, "" if it did not.

    Sizes agree within a few pixels. What was drawn stays drawn: the inked area changes by less than half.
    Where nothing random is drawn, every block keeps its colour, so that a curve in another place, a mirrored
    one and another colour are seen; a shift by a pixel, as another version of a library may bring, is not.
    """
    if any(abs(m - n) > max(6, 0.02 * m) for m, n in zip(old.shape[:2], new.shape[:2], strict=True)):
        return f"a figure of {old.shape[:2]} pixels is now {new.shape[:2]}"
    if not 0.5 < (ink(new) + 1e-9) / (ink(old) + 1e-9) < 2:
        return f"a figure with {ink(old):.1%} of its area inked has now {ink(new):.1%}"
    if deterministic:
        height, width = (min(sizes) for sizes in zip(old.shape[:2], new.shape[:2], strict=True))
        gaps = np.abs(blocks(old[:height, :width]) - blocks(new[:height, :width])).max(axis=2)
        if (gap := gaps.max()) > TOLERANCE:
            down, across = (
                place / size for place, size in zip(np.argwhere(gaps == gap)[0], gaps.shape, strict=True)
            )
            return (
                f"the figure looks different ({gap:.2f}, {across:.0%} from the left, {down:.0%} from the top)"
            )
    return ""


def labels(output: NotebookNode, deterministic: bool) -> set[str]:
    """What is written on a drawing, the numbers along its axes left out; Matplotlib notes it in comments.

    Where something random is drawn, numbers are not compared: `0.052` counts as `#`.
    """
    written = {
        text.strip() for text in LABEL.findall("".join(output.get("data", {}).get("image/svg+xml", "")))
    }
    bare = {
        text
        for text in written
        if not re.search(r"[^\W\d_]", NUMBER.sub("", text.replace("mathdefault", "")))
    }
    return {text if deterministic else NUMBER.sub("#", text) for text in written - bare}


def label_difference(old: NotebookNode, new: NotebookNode, deterministic: bool) -> str:
    """Which words on a drawing changed, "" if none did."""
    before, after = (labels(output, deterministic) for output in (old, new))
    if before == after:
        return ""
    return f"the figure said {sorted(before - after)} and says {sorted(after - before)}"
