"""The static figure of the plane, piece by piece."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

if TYPE_CHECKING:
    from lib.explorers.code_plane import CodePlane


def plane(axes: Axes, explorer: "CodePlane") -> None:
    """The codes, the cursor, and the line between the two digits."""
    from lib import figures

    codes, hues = np.array(explorer.models[explorer.model]["codes"]), figures.colours
    axes.plot(*codes.T, "o", color=hues["real"], markersize=2, alpha=0.6)
    ends = codes[[explorer.second, explorer.first]]
    axes.plot(*ends.T, color=hues["ink"], linewidth=1)
    axes.plot(*ends.T, "s", color=hues["real"], markersize=7)
    for index in (explorer.first, explorer.second):
        axes.annotate(
            str(explorer.labels[index]), codes[index], (0, 7), textcoords="offset points", ha="center"
        )
    axes.plot(*explorer.code, "o", color=hues["generated"], markersize=9)
    axes.set(xlabel="$z_1$", ylabel="$z_2$")


def pictures(made: Axes, real: Axes, bar: Axes, explorer: "CodePlane") -> None:
    """The decoded image, the nearest real picture, and a bar of their distance."""
    from lib import figures

    seen, (typical, far) = explorer.at(), explorer.among_real()
    nearest = explorer.real()[seen.nearest].reshape(seen.image.shape)
    for axes, image, title in ((made, seen.image, "decoded"), (real, nearest, "nearest real")):
        axes.imshow(image, cmap="gray_r", vmin=-1, vmax=1)
        axes.set_title(title, fontsize="medium")
        axes.set_axis_off()
    bar.barh(0, seen.distance, height=0.5, color=figures.colours["generated"])
    for each in (typical, far):
        bar.axvline(each, **figures.exact)
    bar.set(ylim=(-1, 1), yticks=[], xlabel="distance in pixels", xlim=(0, 1.15 * max(far, seen.distance)))


def strips(rows: np.ndarray, explorer: "CodePlane") -> None:
    """Nine steps from the second digit to the first: pixels blended above, codes blended below."""
    for column, alpha in zip(rows.T, np.linspace(0, 1, 9), strict=True):
        for axes, seen in zip(column, explorer.blends(alpha), strict=True):
            axes.imshow(seen.image, cmap="gray_r", vmin=-1, vmax=1)
            axes.set_axis_off()
        column[0].set_title(f"α = {alpha:.3g}", fontsize="small")
