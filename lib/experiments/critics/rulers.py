"""What a race can be won with: what any function of slope 1 proves of clouds that it was chosen before.

Let f have slope 1 and be chosen before the clouds are drawn. Its value L(f) has the mean E_P f − E_Q f, at
most W₁(P, Q) of the laws, while the clouds' own W₁ is larger in the mean: its best critic has seen them. With
the gap W₁ − L(f*) of one good critic f* of the laws, which varies little, and V = E_P f* − E_Q f*:

    V / (V + E gap(n))  <=  best mean value ÷ mean W₁ of n points  <=  (V + E gap(N)) / (V + E gap(n))

for any N, since W₁(P, Q) <= E W₁ of N points = V + E gap(N). The certificate divides by K̂, which is below 1
where no pair is climbed at full slope; how far is measured.
"""

import sys
from functools import cache

import numpy as np
import torch

from lib.experiments.critics.forms import Solved, Straight
from lib.experiments.critics.judging import judge
from lib.experiments.critics.problems import FRESH, LAWS, POINTS, Problem, difference, fresh, problem
from lib.experiments.spread import Recipe, command

CHAPTER = "15_rulers"
MORE = range(1001, 1065)  # seeds of further draws that no critic has seen
ALIKE, LARGE = 2048, 20_000  # points of the large clouds, and what is added to their seeds


@cache
def more(name: str) -> tuple[tuple[Problem, float], ...]:
    """Further draws that no critic has seen, each with its exact distance: five are few."""
    draws = [problem(name, seed) for seed in MORE]
    return tuple((each, each.exact) for each in draws)


def share(critic: torch.nn.Module, draws) -> float:
    """The mean certified share of draws with their distances, in per cent."""
    return float(np.mean([100 * judge(critic, draw).certified / exact for draw, exact in draws]))


@torch.no_grad()
def value(critic: torch.nn.Module, clouds: Problem) -> float:
    """mean f(real) − mean f(generated), in float64 where the critic answers so."""
    return float(difference(critic, clouds))


def rule(name: str, seed: int, alike: int = ALIKE) -> dict[str, float]:
    """A potential of many other points and a straight line on fresh draws; the two ends of what is possible.

    In per cent; the gaps in the unit of the clouds.
    """
    solved = Solved(problem(name, LARGE + seed, alike), "low")
    large = problem(name, 2 * LARGE + seed, alike)
    judged = [(judge(solved, draw), exact) for draw, exact in more(name)]
    values = [each.raw for each, _ in judged]
    gap = float(np.mean([exact - each.raw for each, exact in judged]))
    on_large = value(solved, large)
    gap_large = large.exact - on_large
    weights = [POINTS * len(values), alike]  # all points count alike
    mean = float(np.average([np.mean(values), on_large], weights=weights))
    line = Straight(problem(name))
    return {
        "potential: fresh": share(solved, fresh(name)),
        "potential: more": float(np.mean([100 * each.certified / exact for each, exact in judged])),
        "potential: least K̂": min(each.raw / each.certified for each, _ in judged),
        "line: fresh": share(line, fresh(name)),
        "line: more": share(line, more(name)),
        "gap": gap,
        "gap of many points": gap_large,
        "reached": 100 * mean / (mean + gap),
        "ceiling": 100 * (mean + gap_large) / (mean + gap),
    }


def _recipe(name: str) -> Recipe:
    return Recipe(
        lambda seed: rule(name, seed),
        f"{LAWS[name].said} The lowest continuation of the exact scores of {ALIKE} + {ALIKE} other points,"
        f" and the straight line of the training draw, on the {len(FRESH)} fresh draws of {POINTS} points"
        f" and on {len(MORE)} more; its gap to W₁ on these and on one draw of {ALIKE} + {ALIKE}"
        " further points.",
        resolution={},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.rulers", RECIPES, sys.argv[1:])
