"""Critics in one plane: their field, the arrows of ∇T beside those of the exact plan, old points and fresh ones."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within

_STORED = Path(__file__).with_name("pictures.json")
_SIDE, _ARROWS, _UNIT = 33, 48, 0.42
_LIMITS = {"moment": (0, 3), "chosen": (1, _ARROWS)}
PARTS = "built from four parts"


class Shown(NamedTuple):
    """What the picture holds: T/K̂ (33, 33), rows from below; ∇T ÷ K̂ and the unit vectors to the partners at
    the 48 points (48, 2); real points (n, 2); and the stored numbers by name.
    """

    field: np.ndarray
    arrows: np.ndarray
    towards: np.ndarray
    generated: np.ndarray
    partners: np.ndarray
    real: np.ndarray
    numbers: dict[str, float]


class CriticPlane(Explorer):
    """A critic's field and arrows on two problems, before, on and after its training, at old and fresh points.

    `made` holds what `lib.experiments.critics.pictures` stores. `problem` is "ring" or "gaussians"; `critic`
    one of `made["kinds"]` or `made["rulers"]`, or "built from four parts": then `deep` (5 layers, not 2),
    `wide` (64 units, not 32), `eights` (sorts groups of 8, not 2) and `orthonormal` (not spectral) say which
    of the sixteen. `moment`, 0 to 3: untrained, after 10 % and 30 % of the steps, trained. `points` is "home"
    (the training points) or "fresh"; `chosen`, 1 to 48, the point that is looked at.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Two pictures of one critic of the ring, the semi-dual, trained. In each its field is painted, with"
        " level lines, real points in eight clumps and generated ones in the middle. On the fresh points purple"
        " arrows, the critic’s gradients, stand beside dashed lines that lead towards the partners in the exact"
        " plan; some go astray. On the training points most have no arrow at all."
    )
    roles = ("real", "generated", "third")
    handles = ("Generated point",)
    controls = (*handles, "problem", "critic", "training", "Training points", "Fresh points", "Reset")
    stirring = "Training points"

    made = traitlets.Dict().tag(sync=True)
    problem = traitlets.Enum(["ring", "gaussians"], "ring").tag(sync=True)
    critic = traitlets.Unicode("semi-dual").tag(sync=True)
    deep = traitlets.Bool(False).tag(sync=True)
    wide = traitlets.Bool(False).tag(sync=True)
    eights = traitlets.Bool(False).tag(sync=True)
    orthonormal = traitlets.Bool(False).tag(sync=True)
    moment = traitlets.Int(3).tag(sync=True)
    points = traitlets.Enum(["home", "fresh"], "fresh").tag(sync=True)
    chosen = traitlets.Int(1).tag(sync=True)

    @traitlets.default("made")
    def _stored(self):
        return {key: stored()[key] for key in ("kinds", "arms", "rulers", "settings", "pictures")}

    @traitlets.validate("made")
    def _complete(self, proposal):
        made = proposal["value"]
        for name in ("ring", "gaussians"):
            drawn = made.get("pictures", {}).get(name, {})
            wanted = [*made.get("kinds", ["kinds"]), *made.get("arms", ["arms"]), *made.get("rulers", ["rulers"])]
            missing = [each for each in wanted if each not in drawn]
            if missing:
                raise ValueError(
                    f"made: got no picture of {missing[0]!r} on the {name}, expected one of every kind, arm and"
                    " ruler. Remedy: leave it out, or python -m lib.experiments.critics.pictures."
                )
        return made

    @traitlets.validate("critic")
    def _known(self, proposal):
        offered = [*self.made["kinds"], *self.made["rulers"], PARTS]
        if proposal["value"] not in offered:
            raise ValueError(
                f"critic: got {proposal['value']!r}, expected one of {offered}. Remedy: {offered[-2]!r}."
            )
        return proposal["value"]

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def named(self) -> str:
        """The name under which the chosen critic is stored."""
        if self.critic != PARTS:
            return self.critic
        depth, width, group = 5 if self.deep else 2, 64 if self.wide else 32, 8 if self.eights else 2
        return f"{depth}×{width}, groups of {group}, {'orthonormal' if self.orthonormal else 'spectral'}"

    def shown(self) -> Shown:
        """The picture and the numbers that stand in the page."""
        from lib.experiments.critics.drawn import Coded, decoded, unpacked
        from lib.experiments.critics.pictures import Numbers

        moments, setting = self.made["pictures"][self.problem][self.named()], self.made["settings"][self.problem]
        picture, own = moments[min(self.moment, len(moments) - 1)], setting[self.points]
        raw, after = base64.b64decode(picture["bytes"]), (_SIDE**2 + 1) // 2
        field = decoded(Coded(picture["step"], picture["first"], raw[:after]), (_SIDE, _SIDE))
        arrows = unpacked(raw[after:]).reshape(2, _ARROWS, 2)[["home", "fresh"].index(self.points)]
        generated, partners, real = (np.reshape(own[key], (-1, 2)) for key in ("generated", "partners", "real"))
        towards = partners - generated
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        numbers = dict(zip(Numbers._fields, picture["numbers"], strict=True))
        return Shown(field, arrows, towards, generated, partners, real, numbers)

    def figure(self) -> Figure:
        """The chosen critic on its training points and on fresh ones."""
        figure = Figure(figsize=(7.2, 3.8), layout="constrained")
        before = self.points
        for axes, points in zip(figure.subplots(1, 2), ("home", "fresh"), strict=True):
            self.points = points
            self._draw(axes)
        self.points = before
        return figure

    def _draw(self, axes: Axes) -> None:
        from lib import figures

        shown, (x, y, half) = self.shown(), self.made["settings"][self.problem]["window"]
        extent = (x - half, x + half, y - half, y + half)
        share = 0.42 * np.tanh(np.abs(shown.field) / 1.5)
        shades = figures.shade("real", share), figures.shade("generated", share)
        axes.imshow(
            np.where((shown.field > 0)[..., None], *shades), extent=extent, origin="lower", interpolation="bilinear"
        )
        nodes = np.linspace(-half, half, _SIDE)
        levels = np.arange(np.ceil(2 * shown.field.min()), np.floor(2 * shown.field.max()) + 1) / 2
        axes.contour(
            x + nodes, y + nodes, shown.field, levels, colors=figures.colours["muted"], linewidths=0.4, linestyles="-"
        )
        figures.points(axes, shown.real, "real", size=4, alpha=0.8)
        figures.points(axes, shown.generated, "generated", size=7, alpha=0.9)
        for arrows, hue, width, style in (
            (shown.towards, figures.colours["ink"], 0.8, "--"),
            (shown.arrows, figures.colours["third"], 1.1, "-"),
        ):
            for start, way in zip(shown.generated, _UNIT * arrows, strict=True):
                axes.plot(*np.stack([start, start + way]).T, color=hue, linewidth=width, linestyle=style)
        axes.set(xlim=extent[:2], ylim=extent[2:], xticks=[], yticks=[], aspect="equal")
        at_home = self.points == "home"
        proved = shown.numbers["certified" if at_home else "fresh_certified"]
        said = "training points" if at_home else "fresh points"
        axes.set_title(f"{said}: proves {proved:.1f} %", fontsize="medium")


@cache
def stored() -> dict:
    """The stored pictures with their protocol and provenance."""
    return json.loads(_STORED.read_text(encoding="utf-8"))
