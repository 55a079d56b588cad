"""The book's recurring figures: arrays in, axes out, one style, colour by role."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from importlib import resources

import matplotlib.pyplot as plt
import numpy as np
import torch
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb, to_rgba
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from lib import typeface
from lib.colours import colours

exact = {"color": colours["ink"], "linestyle": (0, (4, 2.5)), "linewidth": 1.6}
"""Line style of whatever is exact: a closed form, quadrature, a linear program."""

field = LinearSegmentedColormap.from_list(
    "critic field", [to_rgba(colours["generated"], 0.55), (1, 1, 1, 0), to_rgba(colours["real"], 0.55)]
)
"""From the generated hue through transparent to the real one: where the critic leans to which side."""


DENSITY = 2
"""Pixels of a picture for each pixel of the style: screens of phones and of new laptops have two."""

INK = "ink"
"""Name of the colour map of `ramp("ink")`; by it, and in a drawing by the id, a page finds what to invert."""


def use() -> None:
    """Load the book's style (`book.mplstyle`) into Matplotlib."""
    typeface.register()
    with resources.as_file(resources.files("lib") / "book.mplstyle") as path:
        plt.style.use(path)


def panels(columns: int = 1, height: float = 3.2, width: float = 7.2, **options) -> tuple[Figure, np.ndarray]:
    """A row of axes in the book's width; `height` in inches. Returns the figure and an array of axes."""
    figure, axes = plt.subplots(1, columns, figsize=(width, height), squeeze=False, **options)
    return figure, axes[0]


def show(figure: Figure, seen: Mapping[str, object] | None = None) -> None:
    """Show a figure in the notebook and close it: a drawing (SVG) and, for viewers without, a picture (PNG).

    The same on every machine and under every backend of Matplotlib, since it asks none to show anything.
    `seen` holds phrases of the alt text, each with its truth: `{"falls from 3 on": (np.diff(y) < 0).all()}`.

    Raises ValueError for a phrase that is not true of what is drawn.
    """
    for phrase, truth in (seen or {}).items():
        if not (isinstance(truth, bool | np.bool_) and truth):
            raise ValueError(
                f"seen: got {truth!r} for {phrase!r}, expected True. Remedy: mend the alt text or the figure."
            )
    for number, image in enumerate(image for axes in figure.axes for image in axes.images):
        if image.get_cmap().name == INK:
            image.set_gid(f"{INK}-{number}")
    width, height = (round(inches * figure.dpi) for inches in figure.get_size_inches())
    display(
        {"image/svg+xml": _drawing(figure), "image/png": _picture(figure), "text/plain": "(a figure)"},
        metadata={"image/png": {"width": width, "height": height}},
        raw=True,
    )
    plt.close(figure)


def _drawing(figure: Figure) -> str:
    """The figure as SVG without date and prolog, letters as outlines, lengths to a hundredth of a point."""
    file = io.StringIO()
    undated = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", dpi=DENSITY * figure.dpi, metadata=undated)
    svg = file.getvalue()
    svg = re.sub(r"(?<=data:image/png;base64,)[^\"]+", _with_palette, svg[svg.index("<svg") :])
    return re.sub(r' (?:d|x|y)="[^"]*"', _shorter, svg)


def _shorter(lengths: re.Match) -> str:
    return re.sub(r"-?\d+\.\d{3,}", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), lengths[0])


def _with_palette(picture: re.Match) -> str:
    """The same pixels, in a palette where 256 colours are enough: the field of a critic has no more."""
    image = Image.open(io.BytesIO(base64.b64decode(picture[0]))).convert("RGBA")
    pixels = np.ascontiguousarray(image).view(np.uint32)[..., 0]
    found, places = np.unique(pixels, return_inverse=True)
    if len(found) <= 256:
        image = Image.fromarray(places.reshape(pixels.shape).astype(np.uint8), "P")
        image.putpalette(found.view(np.uint8).tobytes(), "RGBA")
    file = io.BytesIO()
    image.save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _picture(figure: Figure) -> str:
    """The figure as PNG in base64, twice as fine as the style says, in 256 colours (a third of the bytes)."""
    file, small = io.BytesIO(), io.BytesIO()
    figure.savefig(file, format="png", dpi=DENSITY * figure.dpi)
    Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode()


def ramp(role: str, steps: int = 64) -> LinearSegmentedColormap:
    """Colour map from nothing (0, the ground shows through) to the role's colour (1)."""
    hue = colours[role]
    return LinearSegmentedColormap.from_list(role, [to_rgba(hue, 0.0), to_rgba(hue, 1.0)], N=steps)


def shade(role: str, share: np.ndarray | float | int) -> np.ndarray:
    """Shares (…) in [0, 1] as RGBA pixels (…, 4): the role's colour, as opaque as the share says."""
    share = np.asarray(share, dtype=float)[..., None]
    return np.concatenate([np.broadcast_to(to_rgb(colours[role]), (*share.shape[:-1], 3)), share], axis=-1)


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
    few = slice(
        None, None, 1 + len(x) // 800
    )  # a drawing keeps every corner of an area, though not of a line
    axes.fill_between(x[few], density[few], color=colours[role], alpha=0.16, linewidth=0)
    axes.plot(x, density, color=colours[role])
    height = float(np.interp(at, x, density))
    axes.annotate(
        text, (at, height), xytext=(0, 6), textcoords="offset points", color=colours[role], ha="center"
    )
    axes.set_ylim(bottom=0)


def images(axes: Axes, pictures: Tensor, columns: int, enlarge: int = 4, gap: int = 4) -> None:
    """A grid of images (n, 1, h, w) in [−1, 1], enlarged and with gaps: 1 is ink, −1 the bare ground.

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
    axes.imshow(canvas, cmap=ramp("ink"), vmin=0, vmax=1, interpolation="none")
    axes.set_axis_off()


def points(axes: Axes, samples: Tensor, role: str, size: float = 5, alpha: float = 0.5) -> None:
    """Samples (n, 2) as dots in their role's colour, on axes of equal scale."""
    samples = np.asarray(torch.as_tensor(samples).detach().cpu())
    many = len(samples) > 150  # a drawing would spend a hundred bytes on each
    axes.scatter(*samples.T, s=size, alpha=alpha, color=colours[role], linewidths=0, rasterized=many)
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
    grid = torch.as_tensor(np.asarray(probability, dtype=float))[None, None]
    # Refined here, since a drawing then keeps these pixels, and a browser smooths them as it enlarges them.
    fine = interpolate(grid, scale_factor=2, mode="bilinear", align_corners=False)[0, 0].numpy()
    axes.imshow(
        fine,
        cmap=field,
        vmin=0,
        vmax=1,
        extent=tuple(extent),
        origin="lower",
        interpolation="none",
    )


def seed_band(axes: Axes, x: np.ndarray, runs: np.ndarray, role: str) -> None:
    """Runs (seeds, n): the band from the lowest to the highest, and the median as a line."""
    runs = np.asarray(runs, dtype=float)
    axes.fill_between(x, runs.min(0), runs.max(0), color=colours[role], alpha=0.18, linewidth=0)
    axes.plot(x, np.median(runs, axis=0), color=colours[role])
