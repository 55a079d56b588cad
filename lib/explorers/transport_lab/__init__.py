"""The LP lab: two weighted clouds, the cheapest plan between them, and the prices that prove it cheapest."""

import math

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.transport import Transport, wasserstein1

_PLANE = ((-1.3, 1.3), (-1.0, 1.0))
_MOST = 6
_REAL = [[-0.94, 0.5], [-0.36, 0.8], [-0.66, -0.12], [-0.9, -0.68], [-0.1, -0.5]]
_GENERATED = [[0.52, -0.74], [0.92, -0.24], [0.2, 0.12], [0.86, 0.44], [0.3, 0.72]]
_NORMS = {"1": 1, "2": 2, "inf": math.inf}
_PROGRAMMES = ("true", "reversed", "positive", "paired", "below")


class TransportLab(Explorer):
    """Points the reader drags, with the optimal plan and potentials, and what the wrong programmes give.

        min { sum_ij Γ_ij d_ij | Γ >= 0, Γ1 = p, Γᵀ1 = q }  =  max { p·f + q·g | f_i + g_j <= d_ij }

    `real` and `generated` hold 2 to 6 points [x, y] each in [−1.3, 1.3] × [−1, 1], `real_weights` and
    `generated_weights` their masses, positive with sum 1. `norm`: "1", "2" or "inf". `programme`: "true", or
    a wrong one: "reversed" (>= in the dual), "positive" (Γ > 0), "paired" (only i = j), "below" (g <= f).
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "A plane with five real points on the left and five generated ones on the right, and one line from"
        " each real point to the generated point that takes its mass. Below two tables. The plan has one"
        " entry of 0.20 in each row and column; the slack, distance minus both prices, is zero at these five"
        " places and nowhere negative."
    )
    roles = ("real", "generated", "third")
    handles = tuple(f"{name}{k}" for name in ("Real point x", "Generated point y") for k in range(1, 6))
    controls = (
        *handles,
        *("programme", "shift a of the prices", "distance c", "weights", "Shuffle", "Reset"),
    )
    stirring = "Shuffle"
    animated = ("Shuffle", "Reset")

    real = traitlets.List(traitlets.List(traitlets.Float()), _REAL).tag(sync=True)
    generated = traitlets.List(traitlets.List(traitlets.Float()), _GENERATED).tag(sync=True)
    real_weights = traitlets.List(traitlets.Float(), [0.2] * 5).tag(sync=True)
    generated_weights = traitlets.List(traitlets.Float(), [0.2] * 5).tag(sync=True)
    norm = traitlets.Enum(list(_NORMS), "2").tag(sync=True)
    programme = traitlets.Enum(list(_PROGRAMMES), "true").tag(sync=True)

    @traitlets.validate("real", "generated")
    def _in_plane(self, proposal):
        name, points = proposal["trait"].name, proposal["value"]
        if not 2 <= len(points) <= _MOST:
            raise ValueError(
                f"{name}: got {len(points)} points, expected 2 to {_MOST}. Remedy: leave some out."
            )
        for index, point in enumerate(points):
            inside = len(point) == 2 and all(
                low <= value <= high for value, (low, high) in zip(point, _PLANE, strict=True)
            )
            if not inside:
                raise ValueError(
                    f"{name}: got {point} at index {index}, expected [x, y] in [-1.3, 1.3] x [-1, 1]."
                    " Remedy: scale the points."
                )
        self._require_one_each(f"{name}_weights", getattr(self, f"{name}_weights"), points)
        return points

    @traitlets.validate("real_weights", "generated_weights")
    def _masses(self, proposal):
        name, weights = proposal["trait"].name, proposal["value"]
        self._require_one_each(name, weights, getattr(self, name.removesuffix("_weights")))
        if not all(weight > 0 for weight in weights) or not abs(math.fsum(weights) - 1) <= 1e-9:
            raise ValueError(
                f"{name}: got {weights}, expected positive weights with sum 1. Remedy: divide by their sum."
            )
        return weights

    def _require_one_each(self, name: str, weights: list[float], points: list[list[float]]) -> None:
        if len(weights) != len(points):
            raise ValueError(
                f"{name}: got {len(weights)} weights for {len(points)} points, expected one for each."
                " Remedy: set points and weights together."
            )

    def solve(self) -> Transport:
        """The optimal plan and potentials of the true programme, by `lib.transport`."""
        return wasserstein1(
            np.array(self.real),
            np.array(self.generated),
            np.array(self.real_weights),
            np.array(self.generated_weights),
            method="lp",
            norm=_NORMS[self.norm],
        )

    def figure(self) -> Figure:
        """The plane with the optimal plan, and beside it the plan and the slack as matrices."""
        from lib import figures
        from lib.transport import distances

        best = self.solve()
        figure = Figure(figsize=(7.2, 6.0), layout="constrained")
        grid = figure.add_gridspec(2, 2, height_ratios=(3, 2))
        plane = figure.add_subplot(grid[0, :])
        for i, j in np.argwhere(best.plan > 1e-12):
            ends = np.array([self.real[i], self.generated[j]])
            plane.plot(*ends.T, color=figures.colours["third"], alpha=0.5, linewidth=30 * best.plan[i, j])
        for side, letter in (("real", "x"), ("generated", "y")):
            points, sizes = np.array(getattr(self, side)), np.array(getattr(self, f"{side}_weights"))
            plane.scatter(*points.T, s=300 * sizes, color=figures.colours[side], zorder=3)
            for index, point in enumerate(points, start=1):
                plane.annotate(
                    f"${letter}_{index}$",
                    point,
                    (7, 5),
                    textcoords="offset points",
                    color=figures.colours[side],
                )
        plane.set(xlim=_PLANE[0], ylim=_PLANE[1], aspect="equal", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        plane.set_title(
            f"The cheapest plan costs {best.value:.3f}, the best prices earn {best.value - best.gap:.3f}.",
            loc="left",
            fontsize="medium",
        )
        cost = distances(np.array(self.real), np.array(self.generated), norm=_NORMS[self.norm])
        slack = cost - best.f[:, None] - best.g
        _table(figure.add_subplot(grid[1, 0]), best.plan, "Purples", "Plan Γ")
        _table(figure.add_subplot(grid[1, 1]), slack, "Greys", "Slack $c-f-g$: 0 where mass moves")
        return figure


def _table(axes: Axes, values: np.ndarray, colours: str, title: str) -> None:
    """A matrix with its numbers, shaded by size."""
    axes.imshow(values, cmap=colours, vmin=0, vmax=2.5 * values.max(), aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        axes.text(j, i, f"{value:.2f}" if value > 1e-9 else "0", ha="center", va="center", fontsize=8)
    axes.set_xticks(range(values.shape[1]), [f"$y_{j + 1}$" for j in range(values.shape[1])])
    axes.set_yticks(range(values.shape[0]), [f"$x_{i + 1}$" for i in range(values.shape[0])])
    axes.tick_params(length=0)
    axes.grid(False)
    axes.set_title(title, loc="left", fontsize="medium")
