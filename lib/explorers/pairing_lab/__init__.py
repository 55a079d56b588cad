"""Numbers tied to shades by threads, and what a machine learns from the pairs by squared error."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from lib.explorers import Explorer
from lib.explorers.limits import within

_COUNT = 24
_STEPS = 800
_MACHINES = ("bent", "straight", "heart")


def _numbers() -> list[float]:
    """A number in the middle of each 24th of [0, 1], give or take up to 0.012."""
    moved = np.random.default_rng(7).uniform(-0.012, 0.012, _COUNT)
    return np.round((np.arange(_COUNT) + 0.5) / _COUNT + moved, 3).tolist()


def _shades() -> list[float]:
    """Twelve shades around −1 and twelve around 1, as the quantiles of a normal law of deviation 0.05."""
    away = 0.05 * norm.ppf((np.arange(_COUNT // 2) + 0.5) / (_COUNT // 2))
    return np.round(np.r_[-1 + away, 1 + away], 3).tolist()


def _order() -> list[int]:
    """Sorted pairs, but for four that have passed their shades round: 1 has that of 14, 14 of 7, 7 of 9."""
    order = np.arange(_COUNT)
    order[[1, 14, 7, 9]] = [14, 7, 9, 1]
    return order.tolist()


class Judged(NamedTuple):
    """The cost of a pairing, the least one, its unlike neighbours, and how many pairs are wrong."""

    cost: float
    least: float
    crossings: int
    wrong: int


class PairingLab(Explorer):
    """Pairs of numbers and shades that the reader exchanges, and three machines that learn from them.

        cost = 1/m Σ (z_i − y_order[i])²,   loss = 1/m Σ (G(z_i) − y_order[i])²,   m = 24

    `numbers` z in [0, 1] and `shades` y in [−1.5, 1.5] are both given in increasing order; `order` is a
    permutation of 0, …, 23 that says which shade answers which number; a pair is wrong where order[i] ≠ i.
    `machine` is "bent" (a small network, after `steps` steps of training, 0 to 800), "straight" or "heart"
    (which learns by heart). With `anew` as many pairs as are wrong in `order` are wrong at every step, but
    other ones each time. Raises ValueError for other values, and traitlets.TraitError for other types.
    """

    alt = (
        "Left: twenty-four numbers on a line below, as many shades above, and a thread for every pair;"
        " four purple threads cross the others. Right: the same pairs as dots over the numbers, near −1 on"
        " the left and near 1 on the right, but for one of each kind; a curve through all of them,"
        " which crosses the grey five times, and a dashed line of means, which crosses it once"
        " between two levels a little nearer to each other."
    )
    roles = ("real", "generated", "third")
    handles = ("Thread",)
    controls = (
        *handles,
        *("pairs that are wrong", "wrong pairs", "the machine"),
        *("Sort", "Shuffle", "Train", "20 steps", "Reset"),
    )
    stirring = "Shuffle"
    animated = ("Train",)

    numbers = traitlets.List(traitlets.Float(), _numbers()).tag(sync=True)
    shades = traitlets.List(traitlets.Float(), _shades()).tag(sync=True)
    order = traitlets.List(traitlets.Int(), _order()).tag(sync=True)
    anew = traitlets.Bool(False).tag(sync=True)
    machine = traitlets.Unicode("bent").tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("numbers", "shades")
    def _in_order(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        if len(values) != _COUNT or not (np.diff(values) > 0).all():
            raise ValueError(
                f"{name}: got {len(values)} values, expected {_COUNT} that increase."
                f" Remedy: {name}=sorted(set({name}))."
            )
        low, high = (0, 1) if name == "numbers" else (-1.5, 1.5)
        return [within(name, each, low, high) for each in values]

    @traitlets.validate("order")
    def _a_permutation(self, proposal):
        order = proposal["value"]
        if sorted(order) != list(range(_COUNT)):
            raise ValueError(
                f"order: got {order}, expected each of 0, …, {_COUNT - 1} once."
                f" Remedy: order=list(range({_COUNT})) for sorted pairs."
            )
        return order

    @traitlets.validate("machine")
    def _a_machine(self, proposal):
        if proposal["value"] not in _MACHINES:
            raise ValueError(
                f"machine: got {proposal['value']!r}, expected one of {', '.join(_MACHINES)}."
                " Remedy: machine='bent'."
            )
        return proposal["value"]

    @traitlets.validate("steps")
    def _as_many_as_are_trained(self, proposal):
        return within("steps", proposal["value"], 0, _STEPS)

    def judged(self) -> Judged:
        """What can be said of the pairs before anything is learnt."""
        z, y = np.array(self.numbers), np.array(self.shades)
        paired = y[self.order]
        return Judged(
            float(((z - paired) ** 2).mean()),
            float(((z - y) ** 2).mean()),
            int((np.diff(np.sign(paired)) != 0).sum()),
            int((np.array(self.order) != np.arange(_COUNT)).sum()),
        )

    def means(self) -> np.ndarray:
        """What answers each number on average, over all draws with as many wrong pairs; shape (24,)."""
        y, share = np.array(self.shades), self.judged().wrong / _COUNT
        return (1 - share) * y + share * (y.sum() - y) / (_COUNT - 1)

    def figure(self) -> Figure:
        """The threads, and beside them the pairs, learnt by heart, with the means."""
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        left, right = figure.subplots(1, 2)
        self._draw_threads(left)
        self._draw_plane(right)
        return figure

    def _hues(self) -> list[str]:
        from lib import figures

        return [
            figures.colours["real" if shade == number else "third"] for number, shade in enumerate(self.order)
        ]

    def _draw_threads(self, axes: Axes) -> None:
        from lib import figures

        places = (np.arange(_COUNT) + 0.5) / _COUNT
        for z, shade, hue in zip(self.numbers, self.order, self._hues(), strict=True):
            axes.plot([z, places[shade]], [0, 1], color=hue, linewidth=1)
        axes.plot(self.numbers, np.zeros(_COUNT), "o", color=figures.colours["muted"], markersize=3)
        ink = np.clip((np.array(self.shades) + 1) / 2, 0, 1)
        axes.scatter(places, np.ones(_COUNT), s=28, marker="s", zorder=3, c=ink, cmap=figures.ramp("ink"),
                     vmin=0, vmax=1, edgecolors=figures.colours["muted"])  # fmt: skip
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.05, 1.1), yticks=[0, 1], xlabel="z")
        axes.set_yticklabels(["numbers", "shades"])

    def _draw_plane(self, axes: Axes) -> None:
        from lib import figures

        paired = np.array(self.shades)[self.order]
        axes.plot(self.numbers, paired, color=figures.colours["generated"])
        axes.plot(self.numbers, self.means(), **figures.exact)
        axes.scatter(self.numbers, paired, s=12, c=self._hues(), zorder=3)
        seen = self.judged()
        axes.set(xlim=(0, 1), ylim=(-1.6, 1.6), yticks=[-1, 0, 1], xlabel="z", ylabel="y")
        axes.set_title(f"{seen.wrong} of {_COUNT} pairs wrong, {seen.crossings} unlike neighbours",
                       loc="left", fontsize="medium")  # fmt: skip
