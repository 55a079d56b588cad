"""Whom does it ask? Generators of the twins, computed in the page from weights, and maps of a small SAGAN."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.attention_map import film
from lib.explorers.limits import within

_STORED = Path(__file__).with_name("trained.json")
_PLACES, _NOISE, _SHOWN, _MANY = 32, 4, 12, 512
_LIMITS = {"draw": (1, 999), "line": (1, _SHOWN), "asks": (0, 31), "place": (0, 31), "redrawn": (0, 99)}
_LIMITS |= {"looks": (0, film.SIDE**2 - 1)}
_ARMS = ("convolutions", "attention", "wide convolutions")
_STEPS = (0, 100, 200, 300, 400)


class Judged(NamedTuple):
    """Lines (512, 32), tables (512, 32, 32), the covariance of the signs, leaders (512,) and their shares.

    Without attention there are no tables, leaders and shares: None.
    """

    lines: np.ndarray
    tables: np.ndarray | None
    covariance: float
    leaders: np.ndarray | None
    gives: np.ndarray | None


class AttentionMap(Explorer):
    """Lines with twins by three trained generators; whom a place asks, and what new noise at a place changes.

        β[j, i] = exp s[j, i] / Σ_k exp s[j, k],   leader = argmax_i min(left twin’s mean β[·, i], right’s)

    `runs` holds what `lib.experiments.watching` stores: for each arm and seed the weights after 0, 100, …,
    400 steps. `arm` is "convolutions", "attention" or "wide convolutions", `seed` 1, 2 or 3 (without
    attention there is one run, which stands for each), `step` the moment; `shut` sets γ = 0. `draw`, 1 to
    999, seeds the noise of 512 lines, of which twelve are shown. The row of β is that of the place
    `asks`, 0 to 31, in the line `line`, 1 to 12. `redrawn`, 0 to 99, counts how often the noise of one place
    was drawn anew in each of the twelve: that of `place`, 0 to 31, or with `dots` that of the line’s leader.

    The second `view`, "digits", shows what `lib.experiments.watching_digits` stores as `maps`: where the
    place `looks`, 0 to 63, of the `digit` 0, 1, 3 or 7 looks after 0, 100, 300, 700 or 1500 `moves` of the
    training with the seed `trained`, 1, 2 or 3; with `everybody` the mean over all places.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types.
    """

    alt = (
        "Three panels. Twelve painted lines of 32 places: in each line both twins, blocks of four places,"
        " have one colour, orange or grey; a purple dot marks the place that both ask most, now in one twin,"
        " now in the other. A comb, whom a place of the left twin asks: one purple tooth, in the right twin,"
        " towers over all others and over the dashed line of equal shares. A second comb, what new noise at"
        " the dots changes on average: the teeth are tall in both twins, and low elsewhere."
    )
    roles = ("generated", "third")
    handles = ("Place that asks", "Place with new noise")
    controls = (
        *("The twins", "The digits", *handles),
        *("generator", "run", "steps of training"),
        *("New noise at place 3", "New noise at the dots", "Draw", "Shut the gate", "Reset"),
    )
    stirring = "Draw"

    view = traitlets.Enum(("twins", "digits"), "twins").tag(sync=True)
    runs = traitlets.List(traitlets.Dict()).tag(sync=True)
    arm = traitlets.Enum(_ARMS, "attention").tag(sync=True)
    seed = traitlets.Enum((1, 2, 3), 1).tag(sync=True)
    step = traitlets.Enum(_STEPS, 400).tag(sync=True)
    shut = traitlets.Bool(False).tag(sync=True)
    draw = traitlets.Int(1).tag(sync=True)
    line = traitlets.Int(7).tag(sync=True)
    asks = traitlets.Int(7).tag(sync=True)
    place = traitlets.Int(3).tag(sync=True)
    dots = traitlets.Bool(False).tag(sync=True)
    redrawn = traitlets.Int(0).tag(sync=True)
    maps = traitlets.List(traitlets.Dict()).tag(sync=True)
    trained = traitlets.Enum(film.TRAINED, 3).tag(sync=True)
    digit = traitlets.Enum(film.DIGITS, 0).tag(sync=True)
    moves = traitlets.Enum(film.MOVES, 1500).tag(sync=True)
    looks = traitlets.Int(19).tag(sync=True)
    everybody = traitlets.Bool(False).tag(sync=True)

    @traitlets.default("runs")
    def _stored(self):
        return stored()["runs"]

    @traitlets.validate("runs")
    def _complete(self, proposal):
        runs = proposal["value"]
        given = {(each.get("arm"), each.get("seed")) for each in runs}
        missing = [arm for arm in _ARMS if arm not in {name for name, _ in given}]
        if missing:
            raise ValueError(
                f"runs: got none of {missing[0]!r}, expected one at least of each arm. Remedy: leave it out,"
                " or python -m lib.experiments.watching."
            )
        for each in runs:
            if list(each.get("steps", [])) != list(_STEPS) or len(each.get("weights", [])) != len(_STEPS):
                raise ValueError(
                    f"runs: got the moments {each.get('steps')} of {each['arm']!r}, expected weights after"
                    f" {list(_STEPS)} steps. Remedy: watch_twins(arm, seed)."
                )
        return runs

    @traitlets.default("maps")
    def _filmed(self):
        return film.stored_film()

    @traitlets.validate("maps")
    def _whole(self, proposal):
        return film.whole(proposal["value"])

    @traitlets.validate(*_LIMITS)
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_LIMITS[name])

    def generator(self) -> torch.nn.Module:
        """The generator that is shown, in float64, its gate shut where that is asked."""
        from lib.experiments.watching import unpacked

        own = [each for each in self.runs if each["arm"] == self.arm]
        run = next((each for each in own if each["seed"] == self.seed), own[0])
        made = unpacked(self.arm, run["weights"][run["steps"].index(self.step)])
        if self.shut and self.arm == "attention":
            torch.nn.init.zeros_(made.attention.gamma)
        return made

    def noise(self) -> np.ndarray:
        """The noise of 512 lines, (512, 4, 32), as the page draws it."""
        return _normal(self.draw, _MANY * _NOISE * _PLACES).reshape(_MANY, _NOISE, _PLACES)

    def redrawn_noise(self, places: np.ndarray | int) -> np.ndarray:
        """The noise of the twelve lines, (12, 4, 32), with that of one place of each drawn anew."""
        noise = self.noise()[:_SHOWN].copy()
        drawn = _normal(1000 * self.draw + max(1, self.redrawn), _SHOWN * _NOISE)
        noise[np.arange(_SHOWN), :, places] = drawn.reshape(_SHOWN, _NOISE)
        return noise

    @torch.no_grad()
    def painted(self, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Lines (n, 32), and tables (n, 32, 32) where there is attention."""
        generator, latent = self.generator(), torch.from_numpy(noise).flatten(1)
        table = generator.asked(latent).numpy() if self.arm == "attention" else None
        return generator(latent)[:, 0].numpy(), table

    def judged(self) -> Judged:
        """What 512 lines say."""
        from lib.experiments.twins import LINE, sign_covariance

        lines, tables = self.painted(self.noise())
        covariance = sign_covariance(LINE.signs(torch.from_numpy(lines)[:, None]))
        if tables is None:
            return Judged(lines, None, covariance, None, None)
        both = np.minimum(*(tables[:, block].mean(axis=1) for (block,) in LINE.blocks))
        return Judged(lines, tables, covariance, both.argmax(axis=1), both.max(axis=1))

    def mapped(self) -> tuple[np.ndarray, np.ndarray]:
        """The digit that is shown, (32, 32) in [−1, 1], and where each of its places looks, (64, 64)."""
        return film.mapped(self.maps, self.trained, self.moves, self.digit)

    def figure(self) -> Figure:
        """Of the twins, lines with leaders, whom a place asks, what new noise changes; or a digit’s map."""
        if self.view == "twins":
            return self._figure_of_twins()
        image, table = self.mapped()
        said = f"asked for: {self.digit}, after {self.moves} moves"
        row = table.mean(axis=0) if self.everybody else table[self.looks]
        return film.figure_of(image, row, None if self.everybody else self.looks, said)

    def _figure_of_twins(self) -> Figure:
        from lib import figures

        judged = self.judged()
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        lines, asked, changed = figure.subplots(1, 3)
        shown, leaders = judged.lines[:_SHOWN], judged.leaders
        _draw_lines(lines, shown, None if leaders is None else leaders[:_SHOWN])
        row = np.zeros(_PLACES) if judged.tables is None else judged.tables[self.line - 1, self.asks]
        _draw_comb(asked, row, "third", f"whom place {self.asks} of line {self.line} asks")
        if judged.tables is not None:
            asked.axhline(1 / _PLACES, **figures.exact)
        by_leader = leaders is not None
        after, _ = self.painted(self.redrawn_noise(leaders[:_SHOWN] if by_leader else self.place))
        title = "new noise at the dots changes" if by_leader else f"new noise at place {self.place} changes"
        _draw_comb(changed, np.abs(after - shown).mean(axis=0), "generated", title)
        return figure


@cache
def stored() -> dict:
    """The stored generators with their protocol and provenance."""
    return json.loads(_STORED.read_text(encoding="utf-8"))


def _normal(seed: int, count: int) -> np.ndarray:
    """Standard normal numbers, `count` of them (even), as `kit/dice.js` rolls them."""
    from lib.explorers.gan_plane.film import Dice

    length, angle = Dice(seed).uniform(count).reshape(-1, 2).T
    length, angle = np.sqrt(-2 * np.log1p(-length)), 2 * np.pi * angle
    return np.stack([length * np.cos(angle), length * np.sin(angle)], axis=1).ravel()


def _draw_lines(axes: Axes, lines: np.ndarray, leaders: np.ndarray | None) -> None:
    from lib import figures

    share = np.clip(np.abs(lines), 0, 1)
    shades = figures.shade("generated", share), figures.shade("muted", share)
    axes.imshow(np.where((lines > 0)[..., None], *shades), aspect="auto")
    if leaders is not None:
        axes.plot(leaders, np.arange(_SHOWN), "o", color=figures.colours["third"], markersize=4)
    axes.set(xlabel="place", yticks=[])
    axes.set_title("twelve lines, and whom both twins ask", fontsize="small")


def _draw_comb(axes: Axes, values: np.ndarray, role: str, title: str) -> None:
    from lib import figures

    axes.bar(np.arange(_PLACES), values, 0.8, color=figures.colours[role])
    for start in (6, 22):
        axes.axvspan(start - 0.5, start + 3.5, color=figures.colours["muted"], alpha=0.15, linewidth=0)
    axes.set(xlabel="place", xlim=(-0.5, _PLACES - 0.5))
    axes.set_title(title, fontsize="small")
