"""Chapter 14's plain game, begun where the spectral one begins: weights divided once, and then left alone.

Between a plain and a spectral critic two things differ: the bound, and the slope before the first move. Here
only the bound does.
"""

import sys
from collections.abc import Mapping
from functools import partial

import torch
from torch import nn

from lib import data
from lib.experiments.chapter_14 import FAST, MOVES, ONCE, SEEDS, SLOW, eyes, judged
from lib.experiments.judging import halves
from lib.experiments.normalised import SAMPLES, SIZE, start_digits, watched
from lib.experiments.spread import Recipe, command

CHAPTER = "14_beginning"


@torch.no_grad()
def divide_once_(critic: nn.Module) -> None:
    """Divide every weight by its spectral norm as a matrix, in place; nothing keeps it there."""
    for layer in critic.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            layer.weight /= torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2)


def run_divided(seed: int, rate: float, moves: int = MOVES) -> Mapping[str, float | int]:
    """The game of `chapter_14.run_digits` with the plain critic, from the same draws, divided once."""
    training, held_out = halves(data.digits(SIZE).images)
    played = start_digits(seed, training, rate, "plain")
    divide_once_(played.critic)
    played.samples(len(held_out))  # those of the untrained generator, which the other games draw as well
    looks = list(watched(played, moves, held_out[:SAMPLES]))
    scores = judged(eyes(), played.samples(len(held_out)), training, held_out)
    scores |= {"untrained_slope": looks[0].median, "slope": looks[-1].median}
    return scores | {"steepest": max(look.largest for look in looks)}


def _recipe(rate: float) -> Recipe:
    return Recipe(
        partial(run_divided, rate=rate),
        f"chapter 14's game on digits with the plain critic at the rate {rate}, {MOVES} moves; before the"
        " first of them every weight of the critic is divided by its spectral norm, and never again",
        resolution={"classes": 1.0},
        trivial={"frechet": 1466.0, "coverage": 0.0},  # as in chapter_14
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {f"digits, rate {rate}": _recipe(rate) for rate in (FAST, SLOW)}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_14_beginning", RECIPES, sys.argv[1:])
