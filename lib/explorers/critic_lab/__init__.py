"""The critic lab: four critics between two clouds, trained in the page, beside the exact potential."""

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within
from lib.transport import wasserstein1

_CLUMP = np.array([-0.5, -0.3, -0.1, 0.1, 0.3, 0.5])
_DOMAIN = (-4.0, 4.0)
_LIMITS = {"clip_bound": (0.01, 1.0), "penalty": (0.1, 100.0), "seed": (1, 999)}
_NAMES = {
    "affine": "affine",
    "clipped": "clipped",
    "penalty": "gradient penalty",
    "spectral": "spectral norm",
}


class CriticLab(Explorer):
    """Two clouds the reader drags, and four critics 1–16–16–1 that learn to tell them apart.

        W₁ = max { mean f(real) − mean f(generated) : |f(x) − f(y)| <= |x − y| } = ∫ |F_generated − F_real|

    `real` and `generated` hold the centres of two clumps each, in [−3, 3]; a clump is six points from −0.5 to
    0.5 around its centre. `critic`, the one that is drawn: "affine", "clipped", "penalty" or "spectral".
    `clip_bound` in [0.01, 1] bounds each weight of the first two, `penalty` in [0.1, 100] is λ of the third;
    its points lie between `pairs`, "random" or "matched", and it is `sided`, "two" or "one". `activation` of
    the fourth: "relu" or "maxmin". `seed` in 1 … 999 draws the first weights.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Four panels with the same two clouds: real points in two clumps on the left and right, generated"
        " ones in the middle. In each the exact potential, dashed, falls from the left clump to the middle"
        " and rises to the right one, as a V. The affine critic is a straight line that proves nothing; the"
        " one with a gradient penalty follows the V closely. The clipped one and the one with spectral norm"
        " and ReLU are Vs with arms of unequal slope, which prove part of the distance."
    )
    roles = ("real", "generated", "third")
    handles = tuple(f"{cloud} clump {k}" for cloud in ("Real", "Generated") for k in (1, 2))
    controls = (
        *handles,
        *("the clouds", *_NAMES.values(), "Train", "One step", "Draw T ÷ K", "Other weights", "Reset"),
        *("clip bound c", "How to read the picture", "How steep is the chosen critic?"),
    )
    stirring = "Other weights"
    animated = ("Train",)

    real = traitlets.List(traitlets.Float(), [-1.58, 1.58]).tag(sync=True)
    generated = traitlets.List(traitlets.Float(), [-0.25, 0.25]).tag(sync=True)
    critic = traitlets.Enum(list(_NAMES), "affine").tag(sync=True)
    clip_bound = traitlets.Float(0.01).tag(sync=True)
    penalty = traitlets.Float(10.0).tag(sync=True)
    pairs = traitlets.Enum(["random", "matched"], "random").tag(sync=True)
    sided = traitlets.Enum(["two", "one"], "two").tag(sync=True)
    activation = traitlets.Enum(["relu", "maxmin"], "relu").tag(sync=True)
    seed = traitlets.Int(2).tag(sync=True)

    @traitlets.validate("real", "generated")
    def _two_centres(self, proposal):
        name, centres = proposal["trait"].name, proposal["value"]
        if len(centres) != 2 or not all(-3 <= centre <= 3 for centre in centres):
            raise ValueError(
                f"{name}: got {centres}, expected the centres of two clumps, both in [-3, 3]."
                " Remedy: scale the clouds."
            )
        return centres

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def clouds(self) -> tuple[np.ndarray, np.ndarray]:
        """The real and the generated points, (12,) each."""
        real, generated = (
            np.add.outer(centres, _CLUMP).ravel().round(6) for centres in (self.real, self.generated)
        )
        return real, generated

    def potential(self, x: np.ndarray) -> np.ndarray:
        """The best critic at increasing `x`, with mean 0 over both clouds: f*′ = sign(F_generated − F_real).

        Where both distribution functions agree, any slope from −1 to 1 is best, and 0 is taken. The points of
        the clouds are joined by straight lines, so `x` may be any grid; shape (n,), returns (n,).
        """
        real, generated = self.clouds()
        ends = np.unique(np.r_[_DOMAIN, real, generated])
        ahead = [(generated <= left).mean() - (real <= left).mean() for left in ends[:-1]]
        slopes = np.sign(np.round(ahead, 9))
        heights = np.r_[0.0, np.cumsum(slopes * np.diff(ends))]
        heights -= np.interp(np.r_[real, generated], ends, heights).mean()
        return np.interp(x, ends, heights)

    def figure(self) -> Figure:
        """The four critics after training, each over its slope, beside the potential."""
        from lib import figures

        real, generated = self.clouds()
        exact = wasserstein1(real[:, None], generated[:, None], method="line").value
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        for axes, kind in zip(figure.subplots(1, 4, sharey=True), _NAMES, strict=True):
            self._panel(axes, kind, exact)
        figure.suptitle(f"$W_1$ = {exact:.2f} (dashed: its potential)", x=0.01, ha="left", fontsize="medium")
        figure.axes[0].set_ylabel("$T / K$")
        figure.supxlabel("$x$; dots: real above, generated below", color=figures.colours["muted"], fontsize=9)
        return figure

    def _panel(self, axes: Axes, kind: str, exact: float) -> None:
        from lib import figures
        from lib.explorers.critic_lab import critics

        real, generated = self.clouds()
        x = np.linspace(*_DOMAIN, 801)
        scores = critics.train(kind, self)
        values, slope = scores(x), np.abs(np.diff(scores(x)) / np.diff(x)).max()
        level = np.r_[scores(real), scores(generated)].mean()
        best = self.potential(x)
        axes.plot(x, best, **figures.exact)
        axes.plot(x, (values - level) / max(slope, 1e-12), color=figures.colours["third"])
        floor = best.min() - 0.25 * np.ptp(best)
        for points, role, height in ((real, "real", floor), (generated, "generated", floor - 0.3)):
            axes.plot(points, np.full_like(points, height), "o", color=figures.colours[role], markersize=2)
        proved = critics.proof(scores, real, generated)
        axes.set_xticks((-2, 0, 2))
        axes.set_ylim(floor - 0.6, best.max() + 0.3)
        share = max(0.0, 100 * proved / exact) if exact > 0 else 0.0
        axes.set_title(
            f"{_NAMES[kind]}\nproves {share:.0f} %, $K$ = {_measured(slope)}",
            loc="left",
            fontsize="small",
        )


def _measured(value: float) -> str:
    """Two digits, as a power of ten where the number is small."""
    if value >= 0.01 or value == 0:
        return f"{value:.2g}"
    front, power = f"{value:.1e}".split("e")
    return f"${front}\\cdot10^{{{int(power)}}}$"
