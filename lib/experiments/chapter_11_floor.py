"""Why Pearson with the trick misses its bell in chapter 11: what a critic says where the data never are.

Below the slope f′(0) the conjugate is flat: no gain holds a critic back there, and any T ≤ f′(0) is best
where p = 0 < q. The generator's own term, −E f*(T), does not feel the difference; with the trick, −E T, it
does.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import torch

from lib import networks, runtime
from lib.divergences import named
from lib.experiments import game
from lib.experiments.chapter_11 import BELL_RATES, NATIVE, SEEDS, TWO_HILLS, Bell
from lib.experiments.game import Game, Kind
from lib.experiments.spread import Recipe, command
from lib.objectives import Objective, variational

CHAPTER = "11_floor"
GAMES = {  # moves of the critic to one of the generator; whether T is raised to f′(0) for the generator
    "as before": (3, False),
    "five times the critic's moves": (15, False),
    "floor": (3, True),
}


def objective(floor: bool) -> Objective:
    """Pearson's pair with the trick; with `floor` the generator minimises −E max(T, f′(0)), f′(0) = −2."""
    pearson = named("pearson")
    pair = variational(pearson, trick=True)
    if not floor:
        return pair
    lowest = float(pearson.f_prime(0.0))
    return replace(pair, generator=lambda scores: -pearson.activation(scores).clamp(min=lowest).mean())


def start(seed: int, critic_steps: int, floor: bool) -> Game:
    """Chapter 11's bell and critic, from the same draws."""
    draw = runtime.seed(seed).torch
    kind = Kind("", objective(floor), *BELL_RATES, critic_steps=critic_steps)
    critic = networks.PerceptronCritic((1,), width=64)
    return game.start(Bell(), critic, kind, TWO_HILLS.batches(512, draw), draw)


def play(seed: int, critic_steps: int, floor: bool, moves: int = 800) -> Mapping[str, float]:
    """Mean and scale over the last fifth of the moves, and what the last critic says at −4 and at 4."""
    played, path = start(seed, critic_steps, floor), []
    for _ in islice(played.moves, moves):
        path.append([played.generator.mean.item(), played.generator.log_scale.exp().item()])
    mean, scale = np.mean(path[-(moves // 5) :], axis=0)
    with torch.no_grad():
        left, right = played.critic(torch.tensor([[-4.0], [4.0]])).tolist()
    return {"mean": mean, "scale": scale, "T at −4": left, "T at 4": right}


def run_bell(seed: int, moves: int = 800) -> Mapping[str, float]:
    """All games of a seed: quantities `game: quantity`."""
    return {
        f"{name}: {quantity}": float(value)
        for name, how in GAMES.items()
        for quantity, value in play(seed, *how, moves=moves).items()
    }


RECIPES = {
    "bell": Recipe(
        run_bell,
        "chapter 11's bell, 800 moves, the row of Pearson with the trick: as it was; with 15 critic moves to"
        " one in place of 3; and with the generator's loss −E max(T, −2) in place of −E T",
        resolution={},
        trivial={f"{name}: {w}": value for name in GAMES for w, value in (("mean", 0.0), ("scale", 1.0))},
        settings=NATIVE,
        seeds=SEEDS,
    )
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_11_floor", RECIPES, sys.argv[1:])
