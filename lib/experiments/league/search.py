"""The search for the rates of the league, the same budget for all, on problems that are not in it.

Four rates each, on four problems of the same make whose parameters were drawn anew, for `SECONDS` CPU
seconds; the rate with the largest mean cosine is taken.
"""

import sys
from functools import partial

import numpy as np

from lib.experiments.league.judging import judge
from lib.experiments.league.problems import another
from lib.experiments.league.recipe import ENTRANTS, train
from lib.experiments.reach import Spread
from lib.experiments.spread import Recipe, command

CHAPTER = "15_league_search"
SECONDS = 4
TUNING = {"2, 16": (2, 16), "8, 64": (8, 64), "32, 64": (32, 64), "64, 256": (64, 256)}
MUON, ADAM = (0.01, 0.02, 0.04, 0.08), (0.001, 0.003, 0.01, 0.03)
TRIED = {name: MUON if name in ("recipe", "two-sided", "ReLU") else ADAM for name in ENTRANTS}


def tried(name: str, rate: float) -> str:
    """The name under which an entrant at a rate is stored."""
    return f"{name} at {rate:g}"


def search(shape: tuple[int, int], seed: int, seconds: float | int = SECONDS) -> dict[str, float]:
    """The cosine of every entrant at every rate, on a problem of dimension and funnels `shape`."""
    problem = another(*shape, seed)
    return {
        tried(name, rate): judge(
            train(problem, seed, entrant=ENTRANTS[name], rate=rate, seconds=seconds), problem
        )["cosine"]
        for name, rates in TRIED.items()
        for rate in rates
    }


def best(stored: dict[str, Spread], name: str) -> float:
    """The rate of an entrant with the largest mean cosine over all tuning problems."""
    means = [np.mean([stored[each].values(tried(name, rate)) for each in TUNING]) for rate in TRIED[name]]
    return TRIED[name][int(np.argmax(means))]


RECIPES = {
    name: Recipe(
        partial(search, shape),
        f"A problem of {shape[0]} dimensions and {shape[1]} funnels whose parameters are drawn from the seed;"
        f" {SECONDS} CPU seconds an entrant and a rate; the cosine at fresh points.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(1, 2),
    )
    for name, shape in TUNING.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.league.search", RECIPES, sys.argv[1:])
