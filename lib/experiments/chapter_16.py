"""The twins of chapter 16, with and without attention, as recipes; SAGAN on digits has its own module."""

import math
import sys
from functools import partial

from lib.experiments import twins
from lib.experiments.attentive import kind
from lib.experiments.spread import Recipe, command
from lib.experiments.teaching_twins import (
    DUEL_BATCH,
    DUEL_MOVES,
    DUEL_SPEED,
    DUEL_WIDTH,
    JUDGED,
    MOVES,
    run_duel,
    run_twins,
)
from lib.experiments.twins import ARMS, LINE, SQUARE

CHAPTER = "16_self_attention"
SEEDS = range(1, 6)  # the chapter trains 0 live; what was tried in advance was tried with 100 and above
ONCE = {"threads": (1,), "instructions": ("native",)}


def _twins_recipe(run, how: str, places: int, **choice) -> Recipe:
    untrained = {"covariance": 0.0} | ({"leader": 1 / places} if choice["arm"] == "attention" else {})
    if run is run_twins:
        untrained |= {"largest": 0.0, "half_way": 0.0}
    return Recipe(
        partial(run, **choice),
        f"twins, {choice['arm']}; {how}; {JUDGED} fresh samples judged, 1024 of them for the energy distance",
        resolution={},
        limits={
            "covariance": (-1.0, 1.0),
            "half_way": (-1.0, 1.0),
            "largest": (0.0, 1.0),
            "leader": (0.0, 1.0),
            "plus": (0.0, 1.0),
        },
        trivial=untrained,
        settings=ONCE,
        seeds=SEEDS,
    )


# wide convolutions, whose windows overlap, make their point on the line; elsewhere they cost the most
_PAIR = ("convolutions", "attention")
_SCENES = {"line": (LINE, "32 places", ARMS), "square": (SQUARE, "12 × 12 places", _PAIR)}
RECIPES = {
    f"twins, {name}, {arm}": _twins_recipe(
        run_twins,
        f"{places}; energy distance, {MOVES} steps of Adam {twins.RATE}, batch"
        f" {twins.BATCHES[len(scene.shape)]}",
        math.prod(scene.shape),
        scene=scene,
        arm=arm,
    )
    for name, (scene, places, arms) in _SCENES.items()
    for arm in arms
} | {
    f"twins, duel, {arm}": _twins_recipe(
        run_duel,
        f"32 places; perceptron critic of width {DUEL_WIDTH}, spectral norm; {kind(DUEL_SPEED).protocol};"
        f" {DUEL_MOVES} moves of either player, batch {DUEL_BATCH}",
        math.prod(LINE.shape),
        arm=arm,
    )
    for arm in _PAIR
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16", RECIPES, sys.argv[1:])
