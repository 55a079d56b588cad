"""What is stored of the league: one recipe on all 28 problems, a minute of one core each."""

import sys
from functools import partial

from torch import nn

from lib.experiments.league.chosen import RATE
from lib.experiments.league.judging import judge
from lib.experiments.league.problems import PUBLISHED, published
from lib.experiments.league.recipe import RECIPE, train
from lib.experiments.spread import Recipe, command

CHAPTER = "15_league"
SECONDS = 60
LOOKS = (2, 5, 10, 20, 40)


def named(dimension: int, funnels: int) -> str:
    """The name under which a problem is stored."""
    return f"{dimension}, {funnels}"


def play(dimension: int, funnels: int, seed: int, seconds: float | int = SECONDS) -> dict[str, float]:
    """All that `judge` asks of the recipe's critic at the end, and cosine and proof at the looks before."""
    problem, found = published(dimension, funnels), {}

    def look(critic: nn.Module, after: float | int) -> None:
        seen = judge(critic, problem)
        found.update({f"{what} after {after} s": seen[what] for what in ("cosine", "proves")})

    looks = [after for after in LOOKS if after < seconds]
    critic = train(problem, seed, entrant=RECIPE, rate=RATE, seconds=seconds, looks=looks, look=look)
    return found | judge(critic, problem)


RECIPES = {
    named(*shape): Recipe(
        partial(play, *shape),
        f"The published problem of {shape[0]} dimensions and {shape[1]} funnels; {SECONDS} CPU seconds at"
        f" rate {RATE:g}, fresh points at each step; judged at points that are fresh again.",
        resolution={"cosine": 0.01, "proves": 1.0},
        limits={"cosine": (-1.0, 1.0), "proves": (-1e9, 100.0)},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(1, 4),
    )
    for shape in PUBLISHED
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.league.table", RECIPES, sys.argv[1:])
