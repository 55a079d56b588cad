"""One bell for two hills: where the nearest one lies depends on the divergence that measures."""

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import minimize
from scipy.stats import norm

from lib.divergences import named
from lib.explorers import Explorer
from lib.explorers.limits import within

_ROWS = (
    "kl",
    "pearson",
    "jensen-shannon",
    "squared hellinger",
    "jeffrey",
    "total variation",
    "softened reverse kl",
    "reverse kl",
)
_LIMITS = {"mean": (-3.5, 3.5), "scale": (0.45, 2.5)}
_HILLS = ((0.65, norm(-1.5, 0.6)), (0.35, norm(2.0, 0.5)))
_STARTS = ((-0.275, 1.763), (-1.5, 0.6), (2.0, 0.5))  # mean and deviation of the data, and of each hill


class NearestBell(Explorer):
    """Two hills P = 0.65 N(−1.5, 0.6²) + 0.35 N(2, 0.5²), a bell Q = N(mean, scale²), and D(P‖Q) over all Q.

    `row` names the divergence, one of eight of `lib.divergences.names()`. `mean` lies in [−3.5, 3.5], `scale`
    in [0.45, 2.5], where all eight are finite.
    Raises ValueError for a value outside its range, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Three pictures. Two hills of data, the left one higher, with an orange bell between the valley and"
        " the right one; the dashed nearest bell is wide and covers both hills. A map of the divergence over"
        " mean and scale of the bell: one valley with a dot at its bottom, and the orange bell as a point"
        " below the dot and to its right. Two bars: the divergence of the bell, long, and the least, short."
    )
    roles = ("real", "generated")
    handles = ("Top of your bell", "Your bell in the map")
    controls = (
        *handles,
        *("divergence", "mean of your bell", "scale of your bell"),
        *("Nearest bell", "Downhill", "Reset"),
    )
    stirring = "Nearest bell"
    animated = ("Nearest bell", "Downhill")

    row = traitlets.Enum(_ROWS, "kl").tag(sync=True)
    mean = traitlets.Float(1.0).tag(sync=True)
    scale = traitlets.Float(0.8).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def distance(self, mean: float | None = None, scale: float | None = None) -> float:
        """The divergence of a bell from the hills; of the reader's bell, the traits, if none is given."""
        mean, scale = self.mean if mean is None else mean, self.scale if scale is None else scale
        reach = max(9.0, abs(mean) + 7 * scale)
        x = np.linspace(-reach, reach, 4001)
        return named(self.row).between(_hills(x), norm(mean, scale).pdf(x), x)

    def nearest(self) -> tuple[float, float]:
        """Mean and scale of the bell with the least divergence, by a simplex search from three starts."""

        def height(at: np.ndarray) -> float:
            mean, scale = at[0], np.exp(at[1])
            inside = all(
                low <= each <= high for each, (low, high) in zip((mean, scale), _LIMITS.values(), strict=True)
            )
            return self.distance(mean, scale) if inside else np.inf

        ends = [minimize(height, (mean, np.log(scale)), method="Nelder-Mead") for mean, scale in _STARTS]
        mean, logarithm = min(ends, key=lambda end: end.fun).x
        return float(mean), float(np.exp(logarithm))

    def figure(self) -> Figure:
        """The hills with both bells, the divergence over (mean, scale), and the bars."""
        figure = Figure(figsize=(7.2, 5.2), layout="constrained")
        panels = figure.subplot_mosaic([["bells", "map"], ["bars", "bars"]], height_ratios=(4, 1))
        nearest = self.nearest()
        self._draw_bells(panels["bells"], nearest)
        self._draw_map(panels["map"], nearest)
        self._draw_bars(panels["bars"], nearest)
        return figure

    def _draw_bells(self, axes: Axes, nearest: tuple[float, float]) -> None:
        from lib import figures

        x = np.linspace(-4, 4, 401)
        bells = {"real": _hills(x), "generated": norm(self.mean, self.scale).pdf(x)}
        for role, density in bells.items():
            axes.plot(x, density, color=figures.colours[role])
            axes.fill_between(x, density, color=figures.colours[role], alpha=0.2, linewidth=0)
        axes.plot(x, norm(*nearest).pdf(x), **figures.exact)
        axes.set(xlabel="$x$", ylabel="$p$, $q$, and the nearest", xlim=(-4, 4), ylim=(0, None))

    def _draw_map(self, axes: Axes, nearest: tuple[float, float]) -> None:
        from lib import figures

        means, scales = np.linspace(*_LIMITS["mean"], 29), np.geomspace(*_LIMITS["scale"], 25)
        least = self.distance(*nearest)
        excess = [[self.distance(mean, scale) - least for mean in means] for scale in scales]
        levels = 2.0 ** np.arange(-5, 3)
        axes.contour(means, scales, excess, levels, linewidths=1, colors=figures.colours["muted"])
        axes.plot(*nearest, "o", color=figures.colours["ink"])
        axes.plot(self.mean, self.scale, "o", color=figures.colours["generated"])
        axes.set(xlabel="mean", ylabel="scale", yscale="log", xlim=_LIMITS["mean"], ylim=_LIMITS["scale"])
        axes.set_yticks(ticks := [0.5, 1, 2], map(str, ticks))
        axes.minorticks_off()

    def _draw_bars(self, axes: Axes, nearest: tuple[float, float]) -> None:
        from lib import figures

        own, least = self.distance(), self.distance(*nearest)
        axes.barh(0, own, height=0.6, color=figures.colours["generated"])
        axes.barh(1, least, height=0.6, color=figures.colours["muted"])
        axes.set_yticks(range(2), ["your bell", "nearest"])
        axes.set(xlim=(0, None), ylim=(1.6, -0.6))
        axes.set_title(f"{own:.3f}, and the least {least:.3f}", loc="left", fontsize="medium")


def _hills(x: np.ndarray) -> np.ndarray:
    return sum(weight * hill.pdf(x) for weight, hill in _HILLS)
