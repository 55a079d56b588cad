"""The exam: pupils with noisy codes, and a teacher who charges them for easy questions."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from lib.explorers import Explorer
from lib.explorers.limits import within

_LIMITS = {"s": (0.02, 1.5), "beta": (0.0, 4.0), "s_x": (0.25, 2.0)}
_REACH = 3.0


class Marks(NamedTuple):
    """What the bars show, in nats for each pupil: reconstruction + beta · teacher = total."""

    reconstruction: float
    teacher: float
    total: float


class Exam(Explorer):
    """A variational autoencoder in one dimension, all in closed form, as pupils who sit an exam.

        reconstruction = mean_i [(x_i − m_i)² + s²] / (2 s_x²)
        teacher        = mean_i ½ (s² − 1 − log s² + m_i²)
        total          = reconstruction + beta · teacher,   least at s² = beta / (beta + 1/s_x²)

    `points` holds 2 to 6 data points x_i in [−3, 3] and `means` their code means m_i in [−3, 3]; the decoder
    is G(z) = z with noise of standard deviation `s_x` in [0.25, 2]. Each code is drawn from N(m_i, s²), with
    `s` in [0.02, 1.5] for all; `beta` in [0, 4] weighs the teacher.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types.
    """

    alt = (
        "Five overlapping bells over the latent axis, one for each pupil's code, each as wide as the exam is"
        " hard. Below, over the difficulty: the reconstruction loss rises, the teacher's term falls and rises"
        " again, and their total has its least value at a dashed line. At the bottom both as bars, in a row."
    )
    roles = ("generated", "third")
    handles = ("Pupil 1", "Pupil 2", "Pupil 3", "Pupil 4", "Pupil 5", "Difficulty on the curve")
    controls = (
        *handles,
        *("difficulty s", "weight of the teacher, beta", "noise of the decoder"),
        *("No teacher", "Best difficulty", "Let the pupils learn", "Reset"),
    )
    stirring = "Best difficulty"
    animated = ("Best difficulty", "Let the pupils learn")

    points = traitlets.List(traitlets.Float(), [-2.2, -0.9, 0.1, 0.8, 2.0]).tag(sync=True)
    means = traitlets.List(traitlets.Float(), [-2.2, -0.9, 0.1, 0.8, 2.0]).tag(sync=True)
    s = traitlets.Float(1.0).tag(sync=True)
    beta = traitlets.Float(1.0).tag(sync=True)
    s_x = traitlets.Float(0.5).tag(sync=True)

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    @traitlets.validate("points", "means")
    def _on_axis(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        if not 2 <= len(values) <= 6:
            raise ValueError(
                f"{name}: got {len(values)}, expected 2 to 6. Remedy: one number for each pupil."
            )
        for index, value in enumerate(values):
            within(f"{name}[{index}]", value, -_REACH, _REACH)
        return values

    def __init__(self, **traits):
        super().__init__(**traits)
        if len(self.means) != len(self.points):
            raise ValueError(
                f"means: got {len(self.means)} for {len(self.points)} points, expected one for each."
                " Remedy: points and means together."
            )

    def marks(self, s: float | None = None) -> Marks:
        """The three bars at difficulty `s`, the trait if none is given."""
        s = self.s if s is None else s
        x, m = np.array(self.points), np.array(self.means)
        reconstruction = float(np.mean((x - m) ** 2 + s**2) / (2 * self.s_x**2))
        teacher = float(np.mean(s**2 - 1 - np.log(s**2) + m**2) / 2)
        return Marks(reconstruction, teacher, reconstruction + self.beta * teacher)

    def best(self) -> float:
        """The difficulty at which the total is least; 0 without a teacher."""
        return float(np.sqrt(self.beta / (self.beta + self.s_x**-2)))

    def mistaken(self) -> float:
        """The share of drawn codes that lie nearer to another pupil's mean than to their own."""
        gaps = np.diff(np.sort(self.means))
        return float(2 * norm.sf(gaps / (2 * self.s)).sum() / len(self.means))

    def figure(self) -> Figure:
        """The bells, the loss over the difficulty, and the bars."""
        figure = Figure(figsize=(7.2, 6.0), layout="constrained")
        bells, losses, bars = figure.subplots(3, 1, height_ratios=(4, 4, 2))
        self._draw_bells(bells)
        self._draw_losses(losses)
        self._draw_bars(bars)
        return figure

    def _draw_bells(self, axes: Axes) -> None:
        from lib import figures

        z = np.linspace(-4, 4, 801)
        axes.plot(z, norm.pdf(z), color=figures.colours["muted"])
        for point, mean in zip(self.points, self.means, strict=True):
            axes.axvline(point, ymax=0.08, color=figures.colours["real"], linewidth=3)
            height = norm(mean, self.s).pdf(z)
            axes.plot(z, height, color=figures.colours["generated"])
            axes.fill_between(z, height, color=figures.colours["generated"], alpha=0.2, linewidth=0)
        axes.set(xlabel="$z$", ylabel="density", xlim=(-4, 4), ylim=(0, None))

    def _draw_losses(self, axes: Axes) -> None:
        from lib import figures

        grid, hues = np.geomspace(*_LIMITS["s"], 201), figures.colours
        made = [self.marks(s) for s in grid]
        axes.plot(grid, [each.reconstruction for each in made], color=hues["third"])
        axes.plot(grid, [self.beta * each.teacher for each in made], color=hues["muted"])
        axes.plot(grid, [each.total for each in made], color=hues["generated"])
        if self.best() > _LIMITS["s"][0]:
            axes.axvline(self.best(), **figures.exact)
        axes.plot(self.s, self.marks().total, "o", color=hues["generated"])
        axes.set(xlabel="difficulty $s$", ylabel="loss in nats", xscale="log", ylim=(0, None))
        axes.set_xticks(ticks := [0.02, 0.05, 0.1, 0.2, 0.5, 1], map(str, ticks))
        axes.minorticks_off()

    def _draw_bars(self, axes: Axes) -> None:
        from lib import figures

        made, hues = self.marks(), figures.colours
        charged = self.beta * made.teacher
        axes.barh([0, 1, 2], [made.reconstruction, charged, made.total], left=[0, made.reconstruction, 0],
                  height=0.6, color=[hues["third"], hues["muted"], hues["generated"]])  # fmt: skip
        axes.axvline(self.marks(max(self.best(), 1e-12)).total, **figures.exact)
        axes.set_yticks([0, 1, 2], ["reconstruction", "+ β · teacher", "= total"])
        axes.invert_yaxis()
