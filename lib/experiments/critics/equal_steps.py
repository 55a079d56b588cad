"""The sixteen sorting critics again, with equal steps instead of equal time: what a budget decides."""

import sys
from functools import partial

import numpy as np

from lib.experiments.critics.factorial import ARMS, RATES_OF_ARMS, arm
from lib.experiments.critics.judging import judge
from lib.experiments.critics.kinds import LIVE_STEPS
from lib.experiments.critics.problems import FRESH, LAWS, fresh, problem
from lib.experiments.critics.training import train
from lib.experiments.spread import Recipe, command

CHAPTER = "15_equal_steps"
STEPS = LIVE_STEPS["GroupSort, orthonormal"]


def sixteen(name: str, seed: int, steps: int = STEPS) -> dict[str, float]:
    """What each arm certifies after so many steps, in per cent: "ARM: certified" at home, "ARM: fresh"."""
    own, values = problem(name), {}
    for said, levels in ARMS.items():
        critic = train(arm(*levels, RATES_OF_ARMS[said]), own, seed, steps=steps)
        values[f"{said}: certified"] = 100 * judge(critic, own).certified / own.exact
        values[f"{said}: fresh"] = float(
            np.mean([100 * judge(critic, draw).certified / exact for draw, exact in fresh(name)])
        )
    return values


def _recipe(name: str) -> Recipe:
    return Recipe(
        partial(sixteen, name),
        f"{LAWS[name].said} The critics, clouds and rates of the factorial with {STEPS} steps each; shares in"
        f" per cent of the exact distance, on the draw itself and as the mean over {len(FRESH)} fresh draws.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.equal_steps", RECIPES, sys.argv[1:])
