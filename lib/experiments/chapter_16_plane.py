"""The twins in the plane, as in `chapter_16`, for four times as many steps of the energy distance."""

import math
import sys
from collections.abc import Mapping
from functools import partial

from lib.experiments import twins
from lib.experiments.chapter_16 import ONCE, SEEDS
from lib.experiments.spread import Recipe, command
from lib.experiments.teaching_twins import JUDGED
from lib.experiments.twins import SQUARE
from lib.experiments.watched_twins import LOOKS, watched

CHAPTER = "16_plane"
STEPS = 1600
TRIED = (
    "The number of steps was chosen with attention, from seeds 100 (covariance 0.73 after 800 steps, 0.94"
    " after 1600) and 101 (0.74 after 750, 0.92 after 1500); also tried, from seed 100: blocks of 3 × 3 that"
    " touch the border, where after 1600 steps the mean size of a block was 0.06"
)


def run_plane(seed: int, arm: str, moves: int = STEPS) -> Mapping[str, float]:
    """The run of `chapter_16` with this seed, carried on: same weights, noise and batches."""
    generator, _, steps = twins.steps(seed, SQUARE, arm)
    return watched(SQUARE, generator, steps, moves)


def _recipe(arm: str) -> Recipe:
    looks = [f"covariance_{k}" for k in range(1, LOOKS + 1)]
    untrained = dict.fromkeys(["covariance", "largest", *looks], 0.0)
    return Recipe(
        partial(run_plane, arm=arm),
        f"twins, {arm}; 12 × 12 places; energy distance, {STEPS} steps of Adam {twins.RATE}, batch"
        f" {twins.BATCHES[2]}; {JUDGED} fresh samples judged at each of {LOOKS} looks, 1024 of them for the"
        f" energy distance. {TRIED}",
        resolution={},
        limits=dict.fromkeys(["covariance", *looks], (-1.0, 1.0))
        | dict.fromkeys(("largest", "leader", "plus"), (0.0, 1.0)),
        trivial=untrained | ({"leader": 1 / math.prod(SQUARE.shape)} if arm == "attention" else {}),
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {f"plane, {arm}": _recipe(arm) for arm in ("convolutions", "attention")}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_plane", RECIPES, sys.argv[1:])
