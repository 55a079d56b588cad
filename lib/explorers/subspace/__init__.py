"""A line through a cloud of points: the variance it keeps, the variance it loses, and the best line."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within

_PLANE = ((-1.0, 7.0), (-2.0, 4.0))
_MOST = 80


def _cloud() -> list[list[float]]:
    """Sixty points around (3, 1), normal with standard deviations 1.6 and 0.6, turned by 30 degrees."""
    turn = np.radians(30)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    draws = np.random.default_rng(2).normal(size=(2, 60))
    return np.round([[3], [1]] + axes @ ([[1.6], [0.6]] * draws), 2).T.tolist()


class Spread(NamedTuple):
    """What a line keeps and loses, their total, the eigenvalues, and the best line's angle in degrees."""

    kept: float
    lost: float
    total: float
    eigenvalues: tuple[float, float]
    best: float


class Subspace(Explorer):
    """A line the reader turns through a cloud, and the variance on it and beside it.

        kept + lost = total,    lambda_2 <= kept <= lambda_1,    kept = g·S g,   g = (cos angle, sin angle)

    `points` holds 2 to 80 points [x, y] in [−1, 7] × [−2, 4] with [sample, axis]; `angle` is that of the line
    to the first axis, in degrees from 0 to 180; the line passes through the mean where `centred`, else
    through the origin, and then squares about 0 take the place of variances. All are divided by n − 1.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types.
    """

    alt = (
        "Above: a tilted cloud of blue points, a steep purple line through its mean, a grey segment from each"
        " point to its orange reconstruction on the line, and the best line dashed. Middle: a short bar of"
        " what is kept and a long one of what is lost, end to end as long as the bar of the total. Below:"
        " what is kept over the angle of the line, a wave between the second eigenvalue and the first."
    )
    roles = ("real", "generated", "third")
    handles = ("Point", "Turn the line", "Angle on the curve")
    controls = (
        *handles,
        *("cloud", "line through", "angle of the line"),
        *("Best line", "Worst line", "Let it learn, the autoencoder with one unit", "Reset"),
    )
    stirring = "Best line"
    animated = ("Best line", "Worst line", "Let it learn, the autoencoder with one unit")

    points = traitlets.List(traitlets.List(traitlets.Float()), _cloud()).tag(sync=True)
    angle = traitlets.Float(100.0).tag(sync=True)
    centred = traitlets.Bool(True).tag(sync=True)

    @traitlets.validate("angle")
    def _half_a_turn(self, proposal):
        return within("angle", proposal["value"], 0, 180)

    @traitlets.validate("points")
    def _in_plane(self, proposal):
        points = proposal["value"]
        if not 2 <= len(points) <= _MOST:
            raise ValueError(
                f"points: got {len(points)}, expected 2 to {_MOST}."
                " Remedy: one [x, y] for each sample; transpose a matrix with samples in columns."
            )
        for index, point in enumerate(points):
            inside = len(point) == 2 and all(
                low <= value <= high for value, (low, high) in zip(point, _PLANE, strict=True)
            )
            if not inside:
                raise ValueError(
                    f"points: got {point} at index {index}, expected [x, y] in [-1, 7] x [-2, 4]."
                    " Remedy: shift and scale the cloud."
                )
        return points

    def spread(self, angle: float | None = None) -> Spread:
        """What the line at `angle` (the trait, if none is given) keeps and loses."""
        away, _, made = self._projected(self.angle if angle is None else angle)
        values, vectors = np.linalg.eigh(away.T @ away / (len(away) - 1))
        kept, lost, total = (float((each**2).sum() / (len(away) - 1)) for each in (made, away - made, away))
        best = float(np.degrees(np.arctan2(vectors[1, -1], vectors[0, -1])) % 180)
        return Spread(kept, lost, total, (float(values[-1]), float(values[0])), best)

    def _projected(self, angle: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The points seen from the centre (n, 2), that centre (2,), and their projections on the line."""
        points = np.array(self.points)
        centre = points.mean(axis=0) if self.centred else np.zeros(2)
        direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
        away = points - centre
        return away, centre, np.outer(away @ direction, direction)

    def figure(self) -> Figure:
        """The cloud with its line, the sum of the bars, and what every angle keeps."""
        figure = Figure(figsize=(7.2, 6.6), layout="constrained")
        top, middle, bottom = figure.subplots(3, 1, height_ratios=(6, 2, 3))
        self._draw_plane(top)
        self._draw_bars(middle)
        self._draw_angles(bottom)
        return figure

    def _draw_plane(self, axes: Axes) -> None:
        from lib import figures

        away, centre, made = self._projected(self.angle)
        seen = self.spread()
        for way in zip(centre + away, centre + made, strict=True):
            axes.plot(*np.array(way).T, color=figures.colours["muted"], linewidth=0.8)
        for angle, style in ((seen.best, figures.exact), (self.angle, {"color": figures.colours["third"]})):
            direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
            axes.plot(*np.transpose([centre - 20 * direction, centre + 20 * direction]), **style)
        axes.plot(*(centre + away).T, "o", color=figures.colours["real"], markersize=4)
        axes.plot(*(centre + made).T, "o", color=figures.colours["generated"], markersize=3)
        axes.set(xlim=_PLANE[0], ylim=_PLANE[1], aspect="equal")

    def _draw_bars(self, axes: Axes) -> None:
        from lib import figures

        seen, hues = self.spread(), figures.colours
        axes.barh([0, 1, 2], [seen.kept, seen.lost, seen.total], left=[0, seen.kept, 0], height=0.6,
                  color=[hues["generated"], hues["muted"], hues["real"]])  # fmt: skip
        axes.set_yticks([0, 1, 2], ["kept", "+ lost", "= total"])
        axes.invert_yaxis()
        axes.set_title(
            f"{seen.kept:.3f} kept, {seen.lost:.3f} lost, {seen.total:.3f} in all",
            loc="left",
            fontsize="medium",
        )

    def _draw_angles(self, axes: Axes) -> None:
        from lib import figures

        angles, seen = np.linspace(0, 180, 181), self.spread()
        kept = [self.spread(angle).kept for angle in angles]
        axes.plot(angles, kept, color=figures.colours["generated"])
        axes.fill_between(angles, kept, color=figures.colours["generated"], alpha=0.2, linewidth=0)
        for value in seen.eigenvalues:
            axes.axhline(value, **figures.exact)
        axes.plot(self.angle, seen.kept, "o", color=figures.colours["third"])
        axes.set(xlabel="angle of the line in degrees", ylabel="kept", xlim=(0, 180), ylim=(0, None))
