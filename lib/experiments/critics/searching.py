"""The search for the rates of the race: the same for every kind, on draws on which nobody is compared.

Four rates for each kind, two tuning draws of each problem, `SECONDS` CPU seconds for each: so every kind has
had the same time to be set. Asked is the mean certified share of a few draws that the critic has not seen;
the rate with the largest mean over both problems and all draws is taken.
"""

import sys

import numpy as np

from lib.experiments.critics.climbing import climb
from lib.experiments.critics.entrants import BEHIND
from lib.experiments.critics.judging import judge
from lib.experiments.critics.problems import LAWS, problem
from lib.experiments.critics.tuning import best, tried
from lib.experiments.spread import Recipe, Spread, command

CHAPTER = "15_searching"
SECONDS = 1.5
DRAWS, UNSEEN = 300, 400  # seeds of the tuning draws, and of those on which a rate is judged
JUDGES = 4  # so many unseen draws for each tuning draw
USUAL = (1e-3, 3e-3, 1e-2, 3e-2)
TRIED = dict.fromkeys(BEHIND, USUAL) | {
    "clip 0.01": (5e-5, 5e-4, 5e-3, 5e-2),
    "clip 0.1, wide": (5e-6, 5e-5, 5e-4, 5e-3),
}


def search(name: str, seed: int, tick: float | None = None) -> dict[str, float]:
    """What each kind at each rate certifies on unseen draws, in per cent; `tick` as for `climb`."""
    own = problem(name, DRAWS + seed)
    unseen = [problem(name, UNSEEN + JUDGES * seed + k) for k in range(JUDGES)]
    others, found = [(each, each.exact) for each in unseen], {}
    for kind, rates in TRIED.items():
        for rate in rates:
            (end,) = climb(BEHIND[kind](rate), own, DRAWS + seed, (SECONDS,), tick)
            certified = [100 * judge(end.critic, other).certified / exact for other, exact in others]
            found[tried(kind, rate)] = round(float(np.mean(certified)), 3)
    return found


def chosen(stored: dict[str, Spread]) -> dict[str, float]:
    """The rate of each kind with the largest mean."""
    return {kind: best(stored, kind, rates) for kind, rates in TRIED.items()}


def _recipe(name: str) -> Recipe:
    return Recipe(
        lambda seed: search(name, seed),
        f"{LAWS[name].said} Two draws and seeds that are used nowhere else, {SECONDS} CPU seconds for each of"
        f" four rates of every kind; the mean certified share, in per cent, of {JUDGES} draws that the critic"
        " has not seen. One process with one thread, at a raised priority.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(2),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.searching", RECIPES, sys.argv[1:])
