"""The search for the recipe's rate once more, with more time: what wins in seconds may lose in a minute."""

import sys
from functools import partial

import numpy as np

from lib.experiments.league.judging import judge
from lib.experiments.league.problems import another
from lib.experiments.league.recipe import RECIPE, train
from lib.experiments.league.search import TUNING, tried
from lib.experiments.reach import Spread
from lib.experiments.spread import Recipe, command

CHAPTER = "15_league_longer"
SECONDS, TRIED = 20, (0.02, 0.04, 0.08)


def search(shape: tuple[int, int], seed: int, seconds: float | int = SECONDS) -> dict[str, float]:
    """The recipe's cosine at every rate, on a problem of dimension and funnels `shape`."""
    problem = another(*shape, seed)
    critics = {rate: train(problem, seed, entrant=RECIPE, rate=rate, seconds=seconds) for rate in TRIED}
    return {tried("recipe", rate): judge(critic, problem)["cosine"] for rate, critic in critics.items()}


def best(stored: dict[str, Spread]) -> float:
    """The rate with the largest mean cosine over all tuning problems."""
    means = [np.mean([stored[each].values(tried("recipe", rate)) for each in TUNING]) for rate in TRIED]
    return TRIED[int(np.argmax(means))]


RECIPES = {
    name: Recipe(
        partial(search, shape),
        f"A problem of {shape[0]} dimensions and {shape[1]} funnels whose parameters are drawn from the seed;"
        f" {SECONDS} CPU seconds a rate; the cosine at fresh points.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(1, 2),
    )
    for name, shape in TUNING.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.league.longer", RECIPES, sys.argv[1:])
