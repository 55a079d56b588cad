"""A duel about the twins in the plane: the recipe of `chapter_16_duels` at rates three times as large."""

import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from lib import lipschitz, runtime
from lib.experiments import game
from lib.experiments.attentive import kind
from lib.experiments.chapter_16 import ONCE
from lib.experiments.game import Game
from lib.experiments.spread import Recipe, command
from lib.experiments.teaching_twins import DUEL_BATCH, DUEL_WIDTH, JUDGED
from lib.experiments.twins import ARMS, SQUARE, TwinsGenerator
from lib.experiments.watched_twins import LOOKS, watched
from lib.networks import PerceptronCritic

CHAPTER = "16_plane_duels"
SEEDS = range(1, 4)  # a minute a run
SPEED, CRITIC_STEPS, MOVES = 9, 5, 752  # as many moves as eight looks divide
TRIED = (
    "Tried with attention, from seed 100, each once, five moves of the critic to one: 3 × the rates of SAGAN"
    " (covariance 0 after 1000 moves, both signs), the generator's alone four times as large (one sign only,"
    " 600 moves), a critic of convolutions with attention and spectral norm in both (one sign, 400 moves),"
    " and 9 × the rates (0.98 after 750 moves), which was chosen"
)


def start_duel(seed: int, arm: str) -> Game:
    """The generator of an arm in the plane against a perceptron, every weight of which is normalised."""
    draw = runtime.seed(seed).torch
    generator = TwinsGenerator(SQUARE.shape, **ARMS[arm])
    critic = lipschitz.spectral(PerceptronCritic((1, *SQUARE.shape), width=DUEL_WIDTH))
    return game.start(
        generator, critic, replace(kind(SPEED), critic_steps=CRITIC_STEPS), _batches(draw), draw
    )


def _batches(draw: torch.Generator) -> Iterator[tuple[Tensor]]:
    while True:
        yield (SQUARE.sample(DUEL_BATCH, draw),)


def run_duel(seed: int, arm: str, moves: int = MOVES) -> Mapping[str, float]:
    """Play, look eight times, and judge at the end."""
    played = start_duel(seed, arm)
    return watched(SQUARE, played.generator, played.moves, moves)


def _recipe(arm: str) -> Recipe:
    looks = [f"covariance_{k}" for k in range(1, LOOKS + 1)]
    return Recipe(
        partial(run_duel, arm=arm),
        f"twins, {arm}; 12 × 12 places; perceptron critic of width {DUEL_WIDTH}, spectral norm;"
        f" {kind(SPEED).protocol}; {CRITIC_STEPS} moves of the critic to one, {MOVES} of the generator, batch"
        f" {DUEL_BATCH}; {JUDGED} fresh samples judged at each of {LOOKS} looks, 1024 of them for the energy"
        f" distance. {TRIED}",
        resolution={},
        limits=dict.fromkeys(["covariance", *looks], (-1.0, 1.0))
        | dict.fromkeys(("largest", "leader", "plus"), (0.0, 1.0)),
        trivial=dict.fromkeys(["covariance", "largest", *looks], 0.0)
        | ({"leader": 1 / math.prod(SQUARE.shape)} if arm == "attention" else {}),
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {f"plane duel, {arm}": _recipe(arm) for arm in ("attention", "convolutions")}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_plane_duels", RECIPES, sys.argv[1:])
