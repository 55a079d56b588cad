"""The GAN game on the line: two laws, the best discriminator between them, and the reader's own."""

import math
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.figure import Figure
from scipy.stats import norm

from lib.explorers import Explorer
from lib.explorers.limits import within

_DOMAIN = (-6.0, 6.0)
_LIMITS = {"mean": (-4.5, 4.5), "second_mean": (-4.5, 4.5), "width": (0.45, 1.5), "second_weight": (0.0, 0.9)}
_TRAITS = {f"{law}_{part}": limits for law in ("real", "generated") for part, limits in _LIMITS.items()}
_LAWS = ("p, the real law", "q, the generated law")
_FIRST_TRY = [0.8, 0.8, 0.8, 0.8, 0.8, 0.75, 0.55, 0.4, 0.35, 0.36, 0.4, 0.45, 0.45]


class Curves(NamedTuple):
    """The densities and the drawn discriminator on a uniform grid `x`, each of shape (n,) and float64."""

    x: np.ndarray
    real: np.ndarray
    generated: np.ndarray
    discriminator: np.ndarray


class GanGame(Explorer):
    """Two laws the reader moves, a discriminator the reader draws, and what it certifies.

    ½ V(D) + log 2  +  ½ (V(D*) − V(D))  =  JS(p, q),   D* = p / (p + q).

    Each law is (1 − second_weight) N(mean, width²) + second_weight N(second_mean, width²), cut to [−6, 6]
    and normalised there. Means lie in [−4.5, 4.5], widths in [0.45, 1.5], second weights in [0, 0.9].
    `discriminator` holds at least two values in [0, 1] at equally spaced points from −6 to 6, joined by
    straight lines.
    Raises ValueError for a value outside its range, and traitlets.TraitError for one of another type.
    """

    alt = (
        "Three panels over one axis. Above: two overlapping densities, p real with two peaks and q generated"
        " with one. Middle: the optimal discriminator D*, dashed, near 1 where only p has mass and below one"
        " half under q, and a hand-drawn D that follows it loosely. Below: what the drawn D loses against D*"
        " at each x, most at the peak that q misses and where q takes over."
    )
    roles = ("real", "generated", "third")
    handles = ("Peak of p, the real law", "Second peak of p, the real law", "Peak of q, the generated law")
    controls = (
        *handles,
        *(f"{what} of {law}" for law in _LAWS for what in ("width", "second peak")),
        *("Your D at 0", "Make D optimal", "D = ½", "Reset"),
    )
    stirring = "D = ½"
    animated = ("Make D optimal", "D = ½", "Reset")

    real_mean = traitlets.Float(-2.2).tag(sync=True)
    real_second_mean = traitlets.Float(1.8).tag(sync=True)
    real_width = traitlets.Float(0.7).tag(sync=True)
    real_second_weight = traitlets.Float(0.45).tag(sync=True)
    generated_mean = traitlets.Float(1.4).tag(sync=True)
    generated_second_mean = traitlets.Float(-2.2).tag(sync=True)
    generated_width = traitlets.Float(0.8).tag(sync=True)
    generated_second_weight = traitlets.Float(0.0).tag(sync=True)
    discriminator = traitlets.List(traitlets.Float(), _FIRST_TRY).tag(sync=True)

    @traitlets.validate(*_TRAITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_TRAITS[name])

    @traitlets.validate("discriminator")
    def _probabilities(self, proposal):
        values = proposal["value"]
        if len(values) < 2:
            raise ValueError(
                f"discriminator: got {len(values)} values, expected at least 2, equally spaced over [-6, 6]."
                " Remedy: [0.5, 0.5] is the constant ½."
            )
        wrong = [index for index, value in enumerate(values) if not 0 <= value <= 1]
        if wrong:
            raise ValueError(
                f"discriminator: got {values[wrong[0]]} at index {wrong[0]}, expected probabilities"
                " in [0, 1]. Remedy: apply the sigmoid to scores first."
            )
        return values

    def curves(self, points: int = 801) -> Curves:
        """The two normalised densities and the drawn discriminator at `points` equally spaced x."""
        x = np.linspace(*_DOMAIN, points)
        knots = np.linspace(*_DOMAIN, len(self.discriminator))
        return Curves(
            x, self._law("real", x), self._law("generated", x), np.interp(x, knots, self.discriminator)
        )

    def _law(self, law: str, x: np.ndarray) -> np.ndarray:
        mean, second, width, weight = (getattr(self, f"{law}_{part}") for part in _LIMITS)
        parts = ((1 - weight, norm(mean, width)), (weight, norm(second, width)))
        mass = sum(share * (part.cdf(_DOMAIN[1]) - part.cdf(_DOMAIN[0])) for share, part in parts)
        return sum(share * part.pdf(x) for share, part in parts) / mass

    def figure(self) -> Figure:
        """The three panels of the explorer, with the numbers in their titles."""
        from lib import divergences, figures

        x, p, q, drawn = self.curves()
        best = divergences.optimal_discriminator(p, q)
        js = divergences.jensen_shannon(p, q, x)
        deficit = divergences.deficit(p, q, np.clip(drawn, 1e-6, 1 - 1e-6), x)
        figure = Figure(figsize=(7.2, 6.2), layout="constrained")
        top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(5, 5, 3))
        figures.law(top, x, p, "real", "$p$, real", at=self.real_mean)
        figures.law(top, x, q, "generated", "$q$, generated", at=self.generated_mean)
        top.set(ylabel="density", ylim=(0, 1.2 * max(p.max(), q.max())))
        middle.plot(x, best, **figures.exact)
        middle.plot(x, drawn, color=figures.colours["third"])
        figures.label_end(middle, x, best, "$D^*$", figures.colours["ink"])
        figures.label_end(middle, x, drawn, "$D$", figures.colours["third"])
        middle.set(ylabel="$D(x)$", ylim=(0, 1.02), yticks=(0, 0.5, 1))
        middle.set_title(
            f"$D$ certifies {js - deficit / 2:.3f} of the {js:.3f} nats between the laws",
            loc="left",
            fontsize="medium",
        )
        loss = _pointwise_loss(p, q, best, drawn)
        bottom.fill_between(x, loss, color=figures.colours["third"], alpha=0.2, linewidth=0)
        bottom.plot(x, loss, color=figures.colours["third"])
        bottom.set(xlabel="$x$", ylabel="loss", xlim=_DOMAIN, ylim=(0, None))
        bottom.set_title(
            f"The area, {deficit:.3f}, is the deficit $V(D^*) - V(D)$", loc="left", fontsize="medium"
        )
        return figure


def _pointwise_loss(p: np.ndarray, q: np.ndarray, best: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(p + q) KL(Bern D* ‖ Bern D), with D kept off 0 and 1 as in the explorer."""
    kept = np.clip(drawn, 1e-6, 1 - 1e-6)
    real = p * np.log(np.maximum(best, math.ulp(0.0)) / kept)
    generated = q * np.log(np.maximum(1 - best, math.ulp(0.0)) / (1 - kept))
    return np.maximum(real + generated, 0.0)
