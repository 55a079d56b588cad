"""The book's recurring figures: arrays in, axes out, one style, colour by role."""

from collections.abc import Sequence
from importlib import resources

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import interpolate

from lib import typeface

colours = {
    "real": "#0072B2",
    "generated": "#D55E00",
    "third": "#9900ff",
    "ink": "#24292f",
    "muted": "#6a7079",
    "ground": "#fbfbf9",
}
"""Role → colour. Real and generated keep theirs in every figure; the exact answer is dashed in ink."""

exact = {"color": colours["ink"], "linestyle": (0, (4, 2.5)), "linewidth": 1.6}
"""Line style of whatever is exact: a closed form, quadrature, a linear program."""

field = LinearSegmentedColormap.from_list(
    "critic field", [to_rgba(colours["generated"], 0.55), (1, 1, 1, 0), to_rgba(colours["real"], 0.55)]
)
"""From the generated hue through transparent to the real one: where the critic leans to which side."""


def use() -> None:
    """Load the book's style (`book.mplstyle`) into Matplotlib."""
    typeface.register()
    with resources.as_file(resources.files("lib") / "book.mplstyle") as path:
        plt.style.use(path)


def panels(columns: int = 1, height: float = 3.2, width: float = 7.2, **options) -> tuple[Figure, np.ndarray]:
    """A row of axes in the book's width; `height` in inches. Returns the figure and an array of axes."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False, **options)
    return figure, axes[0]


def label_end(axes: Axes, x, y, text: str, colour: str, dy: float = 0.0, at: int = -1) -> None:
    """Write a curve's name at its end (or at index `at`), in the curve's colour: no legend to look up."""
    axes.annotate(
        text,
        (np.asarray(x)[at], np.asarray(y)[at]),
        xytext=(5, dy),
        textcoords="offset points",
        color=colour,
        va="center",
        fontsize=9.5,
        annotation_clip=False,
    )


def law(axes: Axes, x: np.ndarray, density: np.ndarray, role: str, text: str, at: float) -> None:
    """One density as a filled curve, named directly above the point x = `at`."""
    axes.fill_between(x, density, color=colours[role], alpha=0.16, linewidth=0)
    axes.plot(x, density, color=colours[role])
    height = float(np.interp(at, x, density))
    axes.annotate(
        text, (at, height), xytext=(0, 6), textcoords="offset points", color=colours[role], ha="center"
    )
    axes.set_ylim(bottom=0)


def images(axes: Axes, pictures: Tensor, columns: int, enlarge: int = 6, gap: int = 6) -> None:
    """A grid of images (n, 1, h, w) in [−1, 1], enlarged and with gaps, black ink on a light ground.

    Raises ValueError for another shape or for values outside [−1, 1] (by more than rounding).
    """
    pictures = torch.as_tensor(pictures).detach().cpu().float()
    if pictures.ndim != 4 or pictures.shape[1] != 1 or not pictures.numel():
        raise ValueError(
            f"pictures: got shape {tuple(pictures.shape)}, expected (n, 1, h, w) with n >= 1."
            f" Remedy: `.unsqueeze(1)` for grey images."
        )
    low, high = float(pictures.min()), float(pictures.max())
    if not (low >= -1.001 and high <= 1.001):  # so that NaN is refused too
        raise ValueError(
            f"pictures: got values in [{low:.3g}, {high:.3g}], expected [-1, 1]."
            f" Remedy: x / 127.5 - 1 for bytes."
        )
    large = interpolate(pictures, scale_factor=enlarge, mode="bicubic", align_corners=False)
    ink = ((large.clamp(-1, 1) + 1) / 2)[:, 0].numpy()
    rows = -(-len(ink) // columns)
    height, width = ink.shape[1:]
    canvas = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for k, picture in enumerate(ink):
        r, c = divmod(k, columns)
        canvas[r * (height + gap) : r * (height + gap) + height, c * (width + gap) :][:, :width] = picture
    axes.imshow(canvas, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_axis_off()


def points(axes: Axes, samples: Tensor, role: str, size: float = 5, alpha: float = 0.5) -> None:
    """Samples (n, 2) as dots in their role's colour, on axes of equal scale."""
    samples = np.asarray(torch.as_tensor(samples).detach().cpu())
    axes.scatter(samples[:, 0], samples[:, 1], s=size, alpha=alpha, color=colours[role], linewidths=0)
    axes.set_aspect("equal")


def critic_field(axes: Axes, probability: np.ndarray, extent: Sequence) -> None:
    """D on a square grid (rows = y), from the generated hue (0) through nothing (½) to the real one (1).

    Raises ValueError for values outside [0, 1].
    """
    low, high = float(np.min(probability)), float(np.max(probability))
    if not (low >= 0 and high <= 1):  # so that NaN is refused too
        raise ValueError(
            f"probability: got values in [{low:.3g}, {high:.3g}], expected [0, 1]. Remedy: pass sigma(score)."
        )
    axes.imshow(
        probability,
        cmap=field,
        vmin=0,
        vmax=1,
        extent=tuple(extent),
        origin="lower",
        interpolation="bilinear",
    )


def seed_band(axes: Axes, x: np.ndarray, runs: np.ndarray, role: str) -> None:
    """Runs (seeds, n): the band from the lowest to the highest, and the median as a line."""
    runs = np.asarray(runs, dtype=float)
    axes.fill_between(x, runs.min(0), runs.max(0), color=colours[role], alpha=0.18, linewidth=0)
    axes.plot(x, np.median(runs, axis=0), color=colours[role])
