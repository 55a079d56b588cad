"""Critics in one plane: their field, and the arrows of ∇T beside those of the exact plan."""

import base64
import io
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

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
    """A critic's field and arrows on two problems, before, in and after its training, at old and new points.

    `made` holds what `lib.experiments.critics.pictures` stores. `problem` is "ring" or "gaussians"; `critic`
    one of `made["kinds"]` or `made["rulers"]`, or "built from four parts": then `deep` (5 layers, not 2),
    `wide` (64 units, not 32), `eights` (sorts groups of 8, not 2) and `orthonormal` (not spectral) say which
    of the sixteen. `moment`, 0 to 3: untrained, after 10 % and 30 % of the steps, trained. `points` is "home"
    (the training points) or "fresh"; `chosen`, 1 to 48, the point that is looked at.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Two pictures of one critic of the ring, trained with the gradient penalty: on its training points,"
        " and on fresh ones. In each its field is painted in steps, with real points in eight clumps and"
        " generated ones between them. From each generated point go a purple line, the critic’s gradient, and"
        " a dashed one towards the partner of the point in the exact plan; many purple lines go astray."
    )
    roles = ("real", "generated", "third")
    handles = ("Generated point",)
    controls = (*handles, "problem", "critic", "training", "Training points", "Fresh points", "Reset")
    stirring = "Training points"

    made = traitlets.Dict().tag(sync=True)
    problem = traitlets.Enum(["ring", "gaussians"], "ring").tag(sync=True)
    critic = traitlets.Unicode("gradient penalty").tag(sync=True)
    deep = traitlets.Bool(False).tag(sync=True)
    wide = traitlets.Bool(False).tag(sync=True)
    eights = traitlets.Bool(False).tag(sync=True)
    orthonormal = traitlets.Bool(False).tag(sync=True)
    moment = traitlets.Int(3).tag(sync=True)
    points = traitlets.Enum(["home", "fresh"], "fresh").tag(sync=True)
    chosen = traitlets.Int(1).tag(sync=True)

    @traitlets.default("made")
    def _stored(self):
        return {key: stored()[key] for key in ("kinds", "arms", "rulers", "settings", "pictures", "lengths")}

    @traitlets.validate("made")
    def _complete(self, proposal):
        made = proposal["value"]
        for name in ("ring", "gaussians"):
            drawn = made.get("pictures", {}).get(name, {})
            wanted = [
                *made.get("kinds", ["kinds"]),
                *made.get("arms", ["arms"]),
                *made.get("rulers", ["rulers"]),
            ]
            missing = [each for each in wanted if each not in drawn]
            if missing:
                raise ValueError(
                    f"made: got no picture of {missing[0]!r} on the {name}, expected one of every kind,"
                    " arm and ruler. Remedy: leave it out, or python -m lib.experiments.critics.pictures."
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

    def shown(self, points: str | None = None) -> Shown:
        """The picture and the numbers in the page; at `points` other than those chosen, where given."""
        from lib.experiments.critics.drawn import Coded, decoded, unpacked
        from lib.experiments.critics.pictures import Numbers

        moments, setting = (
            self.made["pictures"][self.problem][self.named()],
            self.made["settings"][self.problem],
        )
        picture, points = moments[min(self.moment, len(moments) - 1)], points or self.points
        own = setting[points]
        raw, after = base64.b64decode(picture["bytes"]), (_SIDE**2 + 1) // 2
        field = decoded(Coded(picture["step"], picture["first"], raw[:after]), (_SIDE, _SIDE))
        arrows = unpacked(raw[after:]).reshape(2, _ARROWS, 2)[["home", "fresh"].index(points)]
        generated, partners, real = (
            np.reshape(own[key], (-1, 2)) for key in ("generated", "partners", "real")
        )
        towards = partners - generated
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        numbers = dict(zip(Numbers._fields, picture["numbers"], strict=True))
        return Shown(field, arrows, towards, generated, partners, real, numbers)

    def figure(self) -> Figure:
        """The chosen critic on its training points and on fresh ones."""
        figure = Figure(figsize=(7.2, 3.8), layout="constrained")
        for axes, points in zip(figure.subplots(1, 2), ("home", "fresh"), strict=True):
            self._draw(axes, points)
        return figure

    def picture(self) -> bytes:
        """The static figure as PNG in 128 colours, half of the bytes."""
        drawn, stream = Image.open(io.BytesIO(super().picture())).convert("RGB"), io.BytesIO()
        drawn.quantize(128, dither=Image.Dither.NONE).save(stream, "png", optimize=True)
        return stream.getvalue()

    def _draw(self, axes: Axes, points: str) -> None:
        from lib import figures

        shown, (x, y, half) = self.shown(points), self.made["settings"][self.problem]["window"]
        nodes, field = np.linspace(-half, half, _SIDE), shown.field
        levels = np.arange(np.floor(2 * field.min()), np.ceil(2 * field.max()) + 1) / 2
        middles = (levels[1:] + levels[:-1]) / 2
        share = 0.42 * np.tanh(np.abs(middles) / 1.5)
        shades = figures.shade("real", share), figures.shade("generated", share)
        bands = np.where((middles > 0)[:, None], *shades)
        axes.contourf(x + nodes, y + nodes, field, levels, colors=bands)
        for arrows, hue, width, style in (
            (shown.towards, figures.colours["ink"], 0.8, "--"),
            (shown.arrows, figures.colours["third"], 1.1, "-"),
        ):
            for start, way in zip(shown.generated, _UNIT * arrows, strict=True):
                axes.plot(*np.stack([start, start + way]).T, color=hue, linewidth=width, linestyle=style)
        figures.points(axes, torch.from_numpy(shown.real), "real", size=4.0, alpha=0.8)
        figures.points(axes, torch.from_numpy(shown.generated), "generated", size=7.0, alpha=0.9)
        limits = {"xlim": (x - half, x + half), "ylim": (y - half, y + half)}
        axes.set(**limits, xticks=[], yticks=[], aspect="equal")
        at_home = points == "home"
        proved = shown.numbers["certified" if at_home else "fresh_certified"]
        said = "training points" if at_home else "fresh points"
        axes.set_title(f"{said}: proves {proved:.1f} %", fontsize="medium")


@cache
def stored() -> dict:
    """The stored pictures with their protocol and provenance."""
    return json.loads(_STORED.read_text(encoding="utf-8"))
