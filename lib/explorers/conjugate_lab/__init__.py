"""A convex function, the straight lines below it, and what a critic made of their slopes proves."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import simpson
from scipy.stats import norm

from lib.divergences import Divergence, named, names
from lib.explorers import Explorer
from lib.explorers.limits import within

_SETTINGS = {"alpha": {"alpha": 1.5}, "weighted jensen-shannon": {"weight": 0.3}}
_DATA = norm(0.3, 1)
_GRID = np.linspace(-4, 4, 1601)
_LIMITS = {
    "slope": (-4.0, 4.0),
    "ratio": (0.5, 3.0),
    "mean": (-1.5, 1.5),
    "width": (0.8, 1.5),
    "power": (0.0, 1.5),
}


class Said(NamedTuple):
    """What is printed: of the line, gap = height − says; of the critic, missing = exact − bound."""

    cost: float
    height: float
    says: float
    gap: float
    at_one: float
    bound: float
    missing: float
    exact: float


class ConjugateLab(Explorer):
    """A function f with the highest line of one slope below it, and two laws with a critic made of slopes.

        f(u) >= ut − f*(t),    D = ∫ q f(p/q) dx >= ∫ p T − q f*(T) dx,    T = f′((p/q)ᵏ)

    `row` names f, as in `lib.divergences.names()` (alpha with α = 1.5, the weighted Jensen–Shannon with
    π = 0.3). `slope` t lies in [−4, 4], `ratio` u in [0.5, 3]. P = N(0.3, 1) and Q = N(mean, width²) are cut
    to [−4, 4]; `mean` lies in [−1.5, 1.5], `width` in [0.8, 1.5], and the exponent k, `power`, in [0, 1.5].
    Raises ValueError for a value outside its range, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Four pictures. A convex curve over the ratio, and a straight purple line that touches it from below"
        " and crosses the axis at minus the conjugate of its slope; at the ratio 2 a bar marks the gap from"
        " the line to the curve. The densities of the data and of the model, two bells. The critic, a slope"
        " for every place, flatter than the best critic, dashed. Bars: what the critic proves, and what it"
        " misses, make up the exact divergence."
    )
    roles = ("real", "generated", "third")
    handles = ("Touching point", "Ratio in the picture", "Peak of Q")
    controls = (
        *handles,
        *("divergence", "slope of the line", "your ratio", "mean of Q", "width of Q", "power of the critic"),
        *("Touch f at your ratio", "Touch f at 1", "Reset"),
    )
    stirring = "Touch f at your ratio"
    animated = ("Touch f at your ratio", "Touch f at 1")

    row = traitlets.Enum(names(), "kl").tag(sync=True)
    slope = traitlets.Float(0.4).tag(sync=True)
    ratio = traitlets.Float(2.0).tag(sync=True)
    mean = traitlets.Float(-0.4).tag(sync=True)
    width = traitlets.Float(1.2).tag(sync=True)
    power = traitlets.Float(0.5).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def divergence(self) -> Divergence:
        """The row that was chosen."""
        return named(self.row, **_SETTINGS.get(self.row, {}))

    def laws(self) -> tuple[np.ndarray, np.ndarray]:
        """The densities p and q on the grid, each with mass 1 on [−4, 4]."""
        p, q = (law.pdf(_GRID) for law in (_DATA, norm(self.mean, self.width)))
        return p / simpson(p, x=_GRID), q / simpson(q, x=_GRID)

    def critic(self, power: float | None = None) -> np.ndarray:
        """T on the grid, with the trait `power` if none is given."""
        p, q = self.laws()
        return self.divergence().f_prime((p / q) ** (self.power if power is None else power))

    def said(self) -> Said:
        """Everything that is printed."""
        row, (p, q) = self.divergence(), self.laws()
        cost, height = float(row.conjugate(self.slope)), float(row.f(self.ratio))
        says = self.ratio * self.slope - cost
        critic = self.critic()
        bound = float(simpson(p * critic - q * row.conjugate(critic), x=_GRID))
        exact = float(simpson(q * row.f(p / q), x=_GRID))
        return Said(cost, height, says, height - says, self.slope - cost, bound, exact - bound, exact)

    def figure(self) -> Figure:
        """The curve with its line, the laws, the critic, and the bars."""
        figure = Figure(figsize=(7.2, 6.0), layout="constrained")
        (curve, laws), (critic, bars) = figure.subplots(2, 2, height_ratios=(3, 2))
        self._draw_curve(curve)
        self._draw_laws(laws)
        self._draw_critic(critic)
        self._draw_bars(bars)
        return figure

    def _draw_curve(self, axes: Axes) -> None:
        from lib import figures

        row, said, ratios = self.divergence(), self.said(), np.linspace(0, 4, 401)
        heights, hue = row.f(ratios), figures.colours["third"]
        low, high = -row.conjugate(row.f_prime(2.5)), max(heights[-1], min(heights[0], row.f(0.12)))
        axes.plot(ratios, heights, color=figures.colours["ink"])
        if np.isfinite(said.cost):
            axes.plot(ratios, self.slope * ratios - said.cost, color=hue)
            axes.plot(0, -said.cost, "o", color=hue)
            axes.plot([self.ratio] * 2, [said.says, said.height], color=hue, linewidth=6, alpha=0.3)
        axes.set(xlabel="$u$", ylabel="$f(u)$ and a line below it", xlim=(0, 4), ylim=(low, 1.05 * high))

    def _draw_laws(self, axes: Axes) -> None:
        from lib import figures

        for density, role in zip(self.laws(), ("real", "generated"), strict=True):
            axes.plot(_GRID, density, color=figures.colours[role])
            axes.fill_between(_GRID, density, color=figures.colours[role], alpha=0.2, linewidth=0)
        axes.set(xlabel="$x$", ylabel="$p$ and $q$", xlim=(-4, 4), ylim=(0, None))

    def _draw_critic(self, axes: Axes) -> None:
        from lib import figures

        axes.plot(_GRID, self.critic(1.0), **figures.exact)
        axes.plot(_GRID, self.critic(), color=figures.colours["third"])
        axes.set(xlabel="$x$", ylabel="$T$, and the best", xlim=(-4, 4), ylim=(-4, 4))

    def _draw_bars(self, axes: Axes) -> None:
        from lib import figures

        said, hue = self.said(), figures.colours["third"]
        axes.barh(0, said.bound, height=0.6, color=hue)
        axes.barh(1, said.missing, left=said.bound, height=0.6, color=hue, alpha=0.3)
        axes.axvline(said.exact, **figures.exact)
        axes.set_yticks(range(2), ["proved", "+ missed"])
        axes.set(ylim=(1.6, -0.6))
        title = f"{said.bound:.3f} + {said.missing:.3f} = {said.exact:.3f}".replace("-", "−")
        axes.set_title(title, loc="left", fontsize="medium")
