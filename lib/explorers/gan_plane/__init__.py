"""The plane of the game: two networks learn in the page, step by step, beside what their laws differ by."""

import math

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within

_LIMITS = {
    "inner": (1, 10),
    "rate_d": (1e-5, 1e-1),
    "rate_g": (1e-5, 1e-1),
    "penalty": (0.0, 10.0),
    "noise": (0.0, 0.5),
    "seed": (1, 999),
}
_MOST = 64
_MOMENTS = (0, 100, 300, 600)


class GanPlane(Explorer):
    """Two networks 2–24–24 that play in the plane, and what their laws differ by, on one raster.

        certificate(D) = ½ Σ (p log D + q log(1 − D)) + log 2  ≤  JS(p, q)  ≤  log 2,   sums over cells

    `data`: "eight", "twenty-five", "moons", "bell", or "drawn", a mixture of round Gaussians of scale 0.04
    around `centres`, 1 to 64 points of [−1, 1]². `loss`: "minimax", "non-saturating" or "hinge". A round is
    `inner` steps of D, 1 to 10, and one of G, by Adam with `rate_d` and `rate_g` in [1e-5, 0.1]; `penalty`
    in [0, 10] is the weight of R1, `noise` in [0, 0.5] the width of the noise on all that D sees. `seed`
    in 1 … 999 draws weights and batches; `speed`, 1, 4 or 16, counts rounds a frame, and steps a press.
    `grid`, `arrows` and `best` say what is shown; `compact` leaves out all but Play, drawing, the plane and
    the bars.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Four moments of one run, side by side: after 0, 100, 300 and 600 rounds. Eight clumps of blue rings"
        " on a circle are the real points. Orange dots are generated: first one short stroke beside the"
        " middle, then spread over the whole disc, then more and more along the circle. The ground is orange"
        " where the discriminator takes a point for generated; round the clumps it is pale. Below each, a"
        " black bar for the Jensen–Shannon divergence, at first of full length, at last a third of it; and a"
        " purple bar, never longer than a third of the black one, for what the discriminator certifies."
    )
    roles = ("real", "generated", "third")
    controls = (
        *("Play", "Step both", "Step D", "Step G", "Other weights", "Reset"),
        *("the data", "Draw data", "loss", "steps at once", "latent grid", "arrows", "best D"),
        "fake to follow",
        *("History and numbers", "Settings", "inner steps K", "rate of D", "rate of G"),
        *("R1 weight gamma", "noise s", "How to read the picture"),
    )
    stirring = "Other weights"
    animated = ("Play",)

    data = traitlets.Enum(["eight", "twenty-five", "moons", "bell", "drawn"], "eight").tag(sync=True)
    centres = traitlets.List(traitlets.List(traitlets.Float()), []).tag(sync=True)
    loss = traitlets.Enum(["minimax", "non-saturating", "hinge"], "non-saturating").tag(sync=True)
    inner = traitlets.Int(3).tag(sync=True)
    rate_d = traitlets.Float(4e-3).tag(sync=True)
    rate_g = traitlets.Float(2e-3).tag(sync=True)
    penalty = traitlets.Float(0.0).tag(sync=True)
    noise = traitlets.Float(0.0).tag(sync=True)
    seed = traitlets.Int(1).tag(sync=True)
    speed = traitlets.Enum([1, 4, 16], 1).tag(sync=True)
    grid = traitlets.Bool(True).tag(sync=True)
    arrows = traitlets.Bool(True).tag(sync=True)
    best = traitlets.Bool(False).tag(sync=True)
    compact = traitlets.Bool(False).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    @traitlets.validate("data")
    def _drawn_somewhere(self, proposal):
        if proposal["value"] == "drawn" and not self.centres:
            raise ValueError(
                "data: got 'drawn' without centres, expected 1 to 64 of them."
                " Remedy: centres=[[0.0, 0.5], [0.5, 0.0]]."
            )
        return proposal["value"]

    @traitlets.validate("centres")
    def _in_the_plane(self, proposal):
        centres = proposal["value"]
        if len(centres) > _MOST:
            raise ValueError(
                f"centres: got {len(centres)} points, expected at most {_MOST}. Remedy: leave some out."
            )
        for index, centre in enumerate(centres):
            if len(centre) != 2 or not all(-1 <= each <= 1 for each in centre):
                raise ValueError(
                    f"centres: got {centre} at index {index}, expected points of [-1, 1]²."
                    " Remedy: scale the drawing."
                )
        return centres

    def moments(self) -> list:
        """The run of the page with these traits, by PyTorch, after 0, 100, 300 and 600 rounds."""
        from lib.explorers.gan_plane import film

        settings = film.Settings(*(getattr(self, name) for name in film.Settings._fields))
        return film.film(self.data, tuple(map(tuple, self.centres)), self.seed, settings, _MOMENTS)

    def figure(self) -> Figure:
        """Four moments of the run: D's field, real and generated points, and what D certifies of JS."""
        from lib.explorers.gan_plane import film

        figure = Figure(figsize=(7.2, 2.7), layout="constrained")
        law = film.law_of(self.data, tuple(map(tuple, self.centres)))
        real = law.sample(film.SEEN, film.Dice(1))
        rows = figure.subplots(2, 4, height_ratios=(8, 1))
        for plane, bars, moment in zip(*rows, self.moments(), strict=True):
            _plane(plane, real, moment)
            _bars(bars, moment)
        return figure


def _plane(axes: Axes, real: np.ndarray, moment) -> None:
    from lib import figures

    edge = 1.2
    figures.critic_field(axes, moment.field, (-edge, edge, -edge, edge))
    axes.scatter(*real.T, s=7, facecolors="none", edgecolors=figures.colours["real"], linewidths=0.7)
    axes.scatter(*moment.fakes.T, s=5, color=figures.colours["generated"], linewidths=0)
    axes.set(xlim=(-edge, edge), ylim=(-edge, edge), xticks=(), yticks=(), aspect="equal")
    axes.set_title(f"{moment.rounds:,} rounds".replace(",", "\u2009"), loc="left", fontsize="small")


def _bars(axes: Axes, moment) -> None:
    from lib import figures

    for height, value, role in ((1, moment.js, "ink"), (0, moment.certificate, "third")):
        axes.barh(height, max(value, 0.0), color=figures.colours[role], height=0.7)
    axes.set(xlim=(0, math.log(2)), ylim=(-0.5, 1.5), yticks=(), xticks=(0, math.log(2)))
    axes.set_xticklabels(("0", "log 2"), fontsize="small")
    axes.set_title(
        f"JS {moment.js:.2f}, $D$ certifies {_printed(moment.certificate)}", loc="left", fontsize="x-small"
    )


def _printed(value: float) -> str:
    """Two digits with a true minus, and none before a zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
