"""What else is stored of the league: the recipe with one thing changed, and rivals, on three problems."""

import sys
from functools import partial

from lib.experiments.league.chosen import RATES
from lib.experiments.league.judging import judge
from lib.experiments.league.problems import published
from lib.experiments.league.recipe import ENTRANTS, train
from lib.experiments.spread import Recipe, command

CHAPTER = "15_league_rivals"
SECONDS = 6
SHAPES = {"2, 16": (2, 16), "8, 64": (8, 64), "64, 256": (64, 256)}


def play(shape: tuple[int, int], seed: int, seconds: float | int = SECONDS) -> dict[str, float]:
    """All that `judge` asks of every entrant, as "ENTRANT: cosine" and so on."""
    problem = published(*shape)
    judged = {
        name: judge(train(problem, seed, entrant=entrant, rate=RATES[name], seconds=seconds), problem)
        for name, entrant in ENTRANTS.items()
    }
    return {f"{name}: {what}": value for name, asked in judged.items() for what, value in asked.items()}


RECIPES = {
    name: Recipe(
        partial(play, shape),
        f"The published problem of {shape[0]} dimensions and {shape[1]} funnels; {SECONDS} CPU seconds an"
        " entrant, at the rate that was best for it on other problems.",
        resolution={f"{name}: cosine": 0.01 for name in ENTRANTS},
        limits={f"{name}: cosine": (-1.0, 1.0) for name in ENTRANTS},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(1, 6),
    )
    for name, shape in SHAPES.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.league.rivals", RECIPES, sys.argv[1:])
