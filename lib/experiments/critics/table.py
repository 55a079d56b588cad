"""Every kind of critic on both problems, as recipes: what it reaches, in per cent of the exact distance."""

import sys
from collections.abc import Mapping

from lib.experiments.critics.kinds import KINDS, LIVE_STEPS, train
from lib.experiments.critics.problems import LAWS, POINTS, Judged, judge, problem
from lib.experiments.spread import Recipe, command
from lib.metrics import assignment_distance

CHAPTER = "13_critics"
SECONDS = 5


def percentages(name: str, seed: int, **budget) -> dict[str, float]:
    """All kinds on one problem: "KIND: raw", "KIND: certified", "KIND: transformed", in % of W₁.

    `budget` is steps= or seconds= for every kind alike; without one each kind takes its `LIVE_STEPS`.
    """
    clouds = problem(name)
    exact = assignment_distance(clouds.real, clouds.generated)
    found = {}
    for kind, contestant in KINDS.items():
        critic = train(contestant, clouds, seed, **(budget or {"steps": LIVE_STEPS[kind]}))
        for quantity, value in judge(critic, clouds)._asdict().items():
            found[f"{kind}: {quantity}"] = 100 * value / exact
    return found


def _recipe(name: str, budget: Mapping, said: str, **settings) -> Recipe:
    quantities = [f"{kind}: {quantity}" for kind in KINDS for quantity in Judged._fields]
    bounds = [quantity for quantity in quantities if not quantity.endswith("raw")]
    return Recipe(
        lambda seed: percentages(name, seed, **budget),
        f"{LAWS[name].said} One fixed draw of {POINTS} points each, full batches; {said}; in per cent of"
        " the exact distance between the two clouds.",
        resolution=dict.fromkeys(quantities, 0.2),
        limits=dict.fromkeys(bounds, (0.0, 100.0)),
        **settings,
    )


def live(name: str) -> str:
    """The name under which the runs of `LIVE_STEPS` steps are stored."""
    return f"{name}, live"


def timed(name: str) -> str:
    """The name under which the runs of `SECONDS` CPU seconds are stored."""
    return f"{name}, {SECONDS} seconds"


# More threads count more CPU seconds for the same steps, so what the clock ends is run on one.
RECIPES = {
    timed(name): _recipe(
        name,
        {"seconds": SECONDS},
        f"{SECONDS} CPU seconds a critic",
        settings={"threads": (1,), "instructions": ("native",)},
    )
    for name in LAWS
} | {
    live(name): _recipe(name, {}, f"steps: {', '.join(f'{n} ({k})' for k, n in LIVE_STEPS.items())}")
    for name in LAWS
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.table", RECIPES, sys.argv[1:])
