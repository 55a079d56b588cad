"""Why some rows of chapter 11 fail on the ring: the same games with the critic's gradient cut to length 1."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from lib.divergences import named
from lib.experiments import game
from lib.experiments.chapter_08 import RING, fakes_of
from lib.experiments.chapter_11 import NATIVE, SEEDS, finished
from lib.experiments.judging import RING_SAMPLES, judge_ring
from lib.experiments.spread import Recipe, command
from lib.objectives import variational

CHAPTER = "11_gradients"
UNCUT = float("inf")
GAMES = (  # divergence, whether with the trick, how long the critic's gradient may be
    ("kl", True, UNCUT),
    ("jeffrey", True, UNCUT),
    ("total variation", True, UNCUT),
    ("squared hellinger", True, UNCUT),
    ("kl", True, 1.0),
    ("jeffrey", True, 1.0),
    ("total variation", True, 1.0),
    ("kl", False, 1.0),
)


@dataclass
class Meter:
    """Cuts a gradient to a length and remembers the largest length that came."""

    length: float
    largest: float = 0.0

    def cut(self, weights: list[nn.Parameter], *_) -> None:
        """Scale the gradient of all weights together, as a step's pre-hook."""
        found = nn.utils.get_total_norm([weight.grad for weight in weights])
        self.largest = max(self.largest, found.item())
        if found > self.length:
            nn.utils.clip_grads_with_norm_(weights, self.length, found)

    def optimizer(self, parameters, *, maximize: bool) -> torch.optim.Optimizer:
        """Chapter 8's Adam for the ring's critic, which cuts before each step."""
        weights = list(parameters)
        climb = RING.optimizer(weights, maximize=maximize)
        climb.register_step_pre_hook(partial(self.cut, weights))
        return climb


def key_of(name: str, trick: bool, length: float) -> str:
    """What a game is called in the results."""
    return f"{name}{', trick' if trick else ''}{'' if length == UNCUT else ', cut'}"


def play(seed: int, name: str, trick: bool, length: float, moves: int = 1500) -> Mapping[str, float]:
    """One game of chapter 11's ring, with a meter on the critic's gradient.

    `largest` is the length of the critic's largest gradient, before it is cut; `away` the median distance of
    the generated points from the centre; `moved` the farthest that one of them went in the last half.
    """
    meter, half, draw = Meter(length), moves // 2, lambda: torch.Generator().manual_seed(1)
    kind = replace(RING, objective=variational(named(name), trick=trick), optimizer=meter.optimizer)
    played = game.ring_game(seed, kind, width=64, batch=256)
    ended = finished(played, half)
    before = fakes_of(played.generator)(RING_SAMPLES, draw())
    ended = ended and finished(played, moves - half)
    after = fakes_of(played.generator)(RING_SAMPLES, draw())
    measured = {
        "finished": float(ended),
        "largest": meter.largest,
        "away": after.norm(dim=1).median().item(),
        "moved": (after - before).norm(dim=1).max().item(),
    }
    return measured | judge_ring(after)


def run_ring(seed: int, moves: int = 1500) -> Mapping[str, float]:
    """All games of a seed: quantities `game: quantity`."""
    return {
        f"{key_of(*what)}: {quantity}": float(value)
        for what in GAMES
        for quantity, value in play(seed, *what, moves=moves).items()
    }


RECIPES = {
    "ring": Recipe(
        run_ring,
        "chapter 11's ring, 1 500 moves; where a game says cut, the critic's gradient is scaled to length 1"
        " before each of its steps if it is longer, and nothing else is changed",
        resolution={},
        limits={f"{key_of(*what)}: share": (0.0, 1.0) for what in GAMES},
        trivial={f"{key_of(*what)}: share": 0.0 for what in GAMES},
        settings=NATIVE,
        seeds=SEEDS,
    )
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_11_gradients", RECIPES, sys.argv[1:])
