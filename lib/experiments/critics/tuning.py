"""The search for the learning rates of the critics, on other draws than those on which they are compared.

Five draws of each problem and five seeds that are used nowhere else; each critic climbs for `SECONDS` CPU
seconds at each of a few rates, and is asked what share of the exact distance it certifies on one more draw
that it has not seen. The rate with the largest mean over both problems and all draws is taken.
"""

import sys

import numpy as np

from lib.experiments.critics.factorial import ARMS, arm
from lib.experiments.critics.judging import judge
from lib.experiments.critics.kinds import OF_RATE
from lib.experiments.critics.problems import LAWS, problem
from lib.experiments.critics.training import Contestant, train
from lib.experiments.spread import Recipe, Spread, command

CHAPTER = "15_tuning"
SECONDS = 0.7
ELSEWHERE = 100  # added to the seed: draws and weights that the table does not use
TRIED = {
    "clip 0.1, wide": (5e-5, 5e-4, 5e-3),
    "gradient penalty": (1e-3, 3e-3, 1e-2, 3e-2),
    "spectral, ReLU": (1e-3, 3e-3, 1e-2, 3e-2),
    "spectral, MaxMin": (1e-3, 3e-3, 1e-2, 3e-2),
    "GroupSort, orthonormal": (1e-3, 3e-3, 1e-2, 3e-2),
    "max of cones": (1e-3, 3e-3, 1e-2, 3e-2),
    "semi-dual": (1e-3, 3e-3, 1e-2, 3e-2),
}
TRIED_ARMS = (3e-3, 1e-2, 3e-2)


def tried(name: str, rate: float) -> str:
    """The name under which a critic at a rate is stored."""
    return f"{name} at {rate:g}"


def contestants() -> dict[str, Contestant]:
    """Every critic at every rate that was tried."""
    kinds = {tried(kind, rate): OF_RATE[kind](rate) for kind, rates in TRIED.items() for rate in rates}
    arms = {tried(name, rate): arm(*levels, rate) for name, levels in ARMS.items() for rate in TRIED_ARMS}
    return kinds | arms


def search(name: str, seed: int, **budget) -> dict[str, float]:
    """What each critic at each rate certifies on an unseen draw, in per cent; `budget` as for `train`."""
    seed += ELSEWHERE
    own, other = problem(name, seed), problem(name, seed + ELSEWHERE)
    budget, exact = budget or {"seconds": SECONDS}, other.exact
    return {
        said: 100 * judge(train(each, own, seed, **budget), other).certified / exact
        for said, each in contestants().items()
    }


def best(stored: dict[str, Spread], name: str, rates: tuple[float, ...]) -> float:
    """The rate with the largest mean over both problems and all draws."""
    means = [np.mean([stored[law].values(tried(name, rate)) for law in LAWS]) for rate in rates]
    return rates[int(np.argmax(means))]


def _recipe(name: str) -> Recipe:
    return Recipe(
        lambda seed: search(name, seed),
        f"{LAWS[name].said} Five draws and seeds that the table does not use, {SECONDS} CPU seconds a critic"
        " and a rate; the certified share, in per cent, on a draw that the critic has not seen.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.tuning", RECIPES, sys.argv[1:])
