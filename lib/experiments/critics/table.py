"""What is stored of the critics: every kind and every arm on both problems, in per cent of the distance."""

import sys
from collections.abc import Mapping
from functools import partial

import torch
from torch import nn

from lib.experiments.critics.factorial import ARMS, RATES_OF_ARMS, arm
from lib.experiments.critics.judging import Shares, shares
from lib.experiments.critics.kinds import KINDS, LIVE_STEPS, RATES
from lib.experiments.critics.problems import FRESH, LAWS, POINTS, problem
from lib.experiments.critics.training import train, untrained
from lib.experiments.spread import Recipe, command

CHAPTER = "15_critics"
SECONDS = 1


def asked(name: str, critics: Mapping[str, nn.Module]) -> dict[str, float]:
    """All `Shares` of every critic, asked on one problem: "KIND: raw", "KIND: certified" and so on."""
    return {
        f"{kind}: {quantity}": value
        for kind, critic in critics.items()
        for quantity, value in shares(critic, name)._asdict().items()
    }


def kinds(name: str, seed: int, **budget) -> dict[str, float]:
    """All kinds on one problem; `budget` is steps= or seconds= for all, each kind's `LIVE_STEPS` without."""
    clouds = problem(name)
    many = {kind: budget or {"steps": LIVE_STEPS[kind]} for kind in KINDS}
    return asked(name, {kind: train(each, clouds, seed, **many[kind]) for kind, each in KINDS.items()})


def before(name: str, seed: int) -> dict[str, float]:
    """All kinds before their first step, as "KIND, untrained: certified" and so on."""
    clouds = problem(name)
    return asked(name, {start(kind): untrained(each, clouds, seed) for kind, each in KINDS.items()})


def sixteen(name: str, seed: int, **budget) -> dict[str, float]:
    """All arms of the factorial on one problem, with the least and the largest singular value of each."""
    clouds, budget = problem(name), budget or {"seconds": SECONDS}
    critics = {
        said: train(arm(*levels, RATES_OF_ARMS[said]), clouds, seed, **budget)
        for said, levels in ARMS.items()
    }
    sizes = {said: singular_values(critic) for said, critic in critics.items()}
    ends = {f"{said}: least σ": least for said, (least, _) in sizes.items()}
    ends |= {f"{said}: largest σ": largest for said, (_, largest) in sizes.items()}
    return asked(name, critics) | ends


def everything(name: str, seed: int) -> dict[str, float]:
    """The kinds before and after their training, and the sixteen arms."""
    return before(name, seed) | kinds(name, seed) | sixteen(name, seed)


def singular_values(critic: nn.Module) -> tuple[float, float]:
    """The least and the largest singular value of all matrices of a critic, by decomposition in float64."""
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Linear)]
    found = torch.cat([torch.linalg.svdvals(layer.weight.detach().cpu().double()) for layer in layers])
    return float(found.min()), float(found.max())


def start(kind: str) -> str:
    """The name of a kind before its first step."""
    return f"{kind}, untrained"


def _listed(what: Mapping[str, float | int]) -> str:
    return ", ".join(f"{value:g} ({said})" for said, value in what.items())


def _recipe(name: str) -> Recipe:
    who = [*KINDS, *map(start, KINDS), *ARMS]
    shown = [f"{each}: {quantity}" for each in who for quantity in Shares._fields]
    bounds = [each for each in shown if not each.endswith((": raw", ": cosine"))]
    cosines = [each for each in shown if each.endswith(": cosine")]
    return Recipe(
        partial(everything, name),
        f"{LAWS[name].said} One fixed draw of {POINTS} points each, full batches; shares in per cent of the"
        f" exact distance, on the draw itself and as the mean over {len(FRESH)} fresh draws. Kinds: steps:"
        f" {_listed(LIVE_STEPS)}; rates: {_listed(RATES)}. Arms: {SECONDS} CPU seconds each; rates:"
        f" {_listed(RATES_OF_ARMS)}.",
        resolution=dict.fromkeys(shown, 0.2) | dict.fromkeys(cosines, 0.01),
        limits=dict.fromkeys(bounds, (-1e9, 100.0)) | dict.fromkeys(cosines, (-1.0, 1.0)),
        trivial=dict.fromkeys(shown, 0.0),  # what a constant says and proves
        # two threads count twice as many CPU seconds
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.table", RECIPES, sys.argv[1:])
