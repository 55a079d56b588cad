"""The order slider: the same noise pushed through G(·, c) while c slides."""

import functools

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.integrate import simpson
from scipy.stats import norm

from lib.explorers import Explorer
from lib.explorers.limits import within

_SPREAD = 0.5
_BALLS = np.arange(1, 20) / 20
_ORDERS = np.linspace(0, 2, 41)
_LINE = np.linspace(-8, 8, 2001)
_SEEN = 3.6
_LIMITS = {"order": (0.0, 2.0), "ball": (1, 19), "start": (1, 999), "steps": (0, 3000)}


class OrderSlider(Explorer):
    """Nineteen balls z = 1/20, …, 19/20 on their paths x = G(z, c), for laws that part while c grows.

        P(·|c) = ½ N(−c, ¼) + ½ N(c, ¼),   F⁻¹(z|c),   F⁻¹(z + c/2 mod 1|c),   a Φ⁻¹(z),   a network

    `order` is c in [0, 2], `generator` one of "quantile", "rolled", "affine" and "network", `ball` the number
    of the marked ball, 1 to 19. With `pairs` the plane shows the best discriminator of pairs. The network has
    one hidden layer of `units` (2, 4 or 16), begins at `start` (1 to 999) and has made `steps` (0 to 3000).
    Raises ValueError for a value outside its range, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Two pictures with one axis of places. Nineteen thin paths over the order c, in one bundle at c = 0"
        " and in two at c = 2; an upright line at the present order carries a ball on each path, and one"
        " path is thick. Beside it the density of the law at this order, and on it, dashed, the right one:"
        " two hills."
    )
    roles = ("generated", "third")
    handles = ("Order",)
    controls = (
        *handles,
        *("order c", "marked ball z", "Play", "Best D of pairs", "Reset"),
        *("by quantile", "rolled", "affine", "network"),
    )
    stirring = "affine"
    animated = ("Play",)

    order = traitlets.Float(1.0).tag(sync=True)
    generator = traitlets.Enum(("quantile", "rolled", "affine", "network"), "quantile").tag(sync=True)
    ball = traitlets.Int(11).tag(sync=True)
    pairs = traitlets.Bool(False).tag(sync=True)
    units = traitlets.Enum((2, 4, 16), 4).tag(sync=True)
    start = traitlets.Int(1).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def places(self, z, order=None) -> np.ndarray:
        """x = G(z, c) of an exact generator for arrays z and c; c is the trait `order` if none is given.

        Raises ValueError for the network, which is trained in the page.
        """
        z, c = np.broadcast_arrays(z, self.order if order is None else order)
        if self.generator == "network":
            raise ValueError(
                "generator: got 'network', which is trained in the page, expected one that Python knows."
                " Remedy: quantile, rolled or affine."
            )
        if self.generator == "affine":
            return np.asarray(best_spread() * norm.ppf(z))
        return _quantile(np.asarray((z + c / 2) % 1) if self.generator == "rolled" else z, c)

    def density(self, x: np.ndarray) -> np.ndarray:
        """The density of an exact generator at the present order."""
        return norm.pdf(x, 0, best_spread()) if self.generator == "affine" else _density(x, self.order)

    def figure(self) -> Figure:
        """The paths with the balls, and the law at this order; of the network, those that it learns from."""
        figure = Figure(figsize=(7.2, 3.4), layout="constrained")
        plane, side = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
        shown = OrderSlider(order=self.order, ball=self.ball) if self.generator == "network" else self
        shown._draw_plane(plane)
        shown._draw_law(side)
        return figure

    def _draw_plane(self, axes: Axes) -> None:
        from lib import figures

        along, marked = np.linspace(0, 2, 161), _BALLS[self.ball - 1]
        for z, path in zip(_BALLS, self.places(_BALLS[:, None], along), strict=True):
            path[1:][np.abs(np.diff(path)) > _SEEN] = np.nan  # from the top to the bottom
            role, width = ("third", 2.2) if z == marked else ("generated", 0.9)
            axes.plot(along, path, color=figures.colours[role], linewidth=width)
        axes.axvline(self.order, color=figures.colours["ink"], linewidth=0.9)
        places = self.places(_BALLS)
        axes.plot([self.order] * 19, places, "o", color=figures.colours["generated"], markersize=4)
        axes.plot(self.order, places[self.ball - 1], "o", color=figures.colours["third"], markersize=6)
        axes.set(xlabel="c, the order", ylabel="x = G(z, c)", xlim=(0, 2.05), ylim=(-_SEEN, _SEEN))

    def _draw_law(self, axes: Axes) -> None:
        from lib import figures

        x = np.linspace(-_SEEN, _SEEN, 361)
        axes.plot(self.density(x), x, color=figures.colours["generated"])
        axes.fill_betweenx(x, self.density(x), color=figures.colours["generated"], alpha=0.2, linewidth=0)
        axes.plot(_density(x, self.order), x, **figures.exact)
        axes.set(xlabel=f"densities at c = {self.order:.2f}", xlim=(0, 0.85))


@functools.cache
def best_spread() -> float:
    """The spread a of the affine generator a Φ⁻¹(z) with the least squared Wasserstein distance on average.

    a = E_c ∫ Φ⁻¹(z) F⁻¹(z|c) dz = E_c ∫ n(Φ⁻¹(F(x|c))) dx, for c uniform in [0, 2].
    """
    inner = [simpson(norm.pdf(norm.ppf(_share(_LINE, c))), x=_LINE) for c in _ORDERS]
    return float(simpson(inner, x=_ORDERS) / 2)


def _density(x, c):
    return (norm.pdf(x, -c, _SPREAD) + norm.pdf(x, c, _SPREAD)) / 2


def _share(x, c):
    return (norm.cdf(x, -c, _SPREAD) + norm.cdf(x, c, _SPREAD)) / 2


def _quantile(z: np.ndarray, c: np.ndarray) -> np.ndarray:
    """F⁻¹(z|c) by halvings of [−8, 8], outside of which less than 1e-30 of every law lies."""
    low, high = np.full(z.shape, -8.0), np.full(z.shape, 8.0)
    for _ in range(54):
        middle = (low + high) / 2
        below = _share(middle, c) < z
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)
