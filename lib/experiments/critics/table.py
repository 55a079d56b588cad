"""What is stored of the critics: every kind and every arm on both problems, in per cent of the distance."""

import sys
from collections.abc import Iterable, Mapping
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
SECONDS = 2
ONE_SETTING = {"threads": (1,), "instructions": ("native",)}


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
    """All kinds before their first step."""
    clouds = problem(name)
    return asked(name, {kind: untrained(each, clouds, seed) for kind, each in KINDS.items()})


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


def singular_values(critic: nn.Module) -> tuple[float, float]:
    """The least and the largest singular value of all matrices of a critic, by decomposition in float64."""
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Linear)]
    found = torch.cat([torch.linalg.svdvals(layer.weight.detach().cpu().double()) for layer in layers])
    return float(found.min()), float(found.max())


def _recipe(run, name: str, who: Iterable[str], said: str) -> Recipe:
    shown = [f"{each}: {quantity}" for each in who for quantity in Shares._fields]
    bounds = [each for each in shown if not each.endswith((": raw", ": cosine"))]
    cosines = [each for each in shown if each.endswith(": cosine")]
    return Recipe(
        run,
        f"{LAWS[name].said} One fixed draw of {POINTS} points each, full batches; {said}; shares in per cent"
        f" of the exact distance, on the draw itself and as the mean over {len(FRESH)} fresh draws.",
        resolution=dict.fromkeys(shown, 0.2) | dict.fromkeys(cosines, 0.01),
        limits=dict.fromkeys(bounds, (-1e9, 100.0)) | dict.fromkeys(cosines, (-1.0, 1.0)),
        trivial=dict.fromkeys(shown, 0.0),  # what a constant says and proves
        settings=ONE_SETTING,
    )


def live(name: str) -> str:
    """The name under which the runs of `LIVE_STEPS` steps are stored."""
    return f"{name}, live"


def timed(name: str) -> str:
    """The name under which the runs of `SECONDS` CPU seconds are stored."""
    return f"{name}, {SECONDS} seconds"


def start(name: str) -> str:
    """The name under which the critics before their first step are stored."""
    return f"{name}, untrained"


def factorial(name: str) -> str:
    """The name under which the sixteen arms are stored."""
    return f"{name}, sixteen arms"


def _listed(what: Mapping[str, float]) -> str:
    return ", ".join(f"{value:g} ({said})" for said, value in what.items())


def _of(name: str) -> dict[str, Recipe]:
    """The four recipes of one problem; all on one thread, since two count twice as many CPU seconds."""
    clocked, rates = f"{SECONDS} CPU seconds a critic", f"rates: {_listed(RATES)}"
    counted, rates_of_arms = f"steps: {_listed(LIVE_STEPS)}", f"rates: {_listed(RATES_OF_ARMS)}"
    return {
        start(name): _recipe(partial(before, name), name, KINDS, "no step"),
        timed(name): _recipe(partial(kinds, name, seconds=SECONDS), name, KINDS, f"{clocked}; {rates}"),
        factorial(name): _recipe(partial(sixteen, name), name, ARMS, f"{clocked}; {rates_of_arms}"),
        live(name): _recipe(partial(kinds, name), name, KINDS, f"{counted}; {rates}"),
    }


RECIPES = {recipe: made for name in LAWS for recipe, made in _of(name).items()}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.table", RECIPES, sys.argv[1:])
