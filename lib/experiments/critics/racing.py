"""A race of five CPU seconds: fourteen kinds of critics from five seeds, seen on their way."""

import sys
from functools import partial

from torch import nn

from lib.experiments.critics.climbing import climb
from lib.experiments.critics.entrants import BEHIND
from lib.experiments.critics.judging import judge
from lib.experiments.critics.problems import FRESH, LAWS, POINTS, fresh, problem
from lib.experiments.critics.rulers import MORE, more, share
from lib.experiments.critics.table import singular_values
from lib.experiments.spread import Recipe, command

CHAPTER = "15_racing"
LOOKS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
# Found on other draws, the same number of rates and seconds for each kind: `searching`
RATES = {
    "clip 0.01": 5e-5,
    "clip 0.1, wide": 5e-5,
    "two-sided fine": 0.03,
    "one-sided fine": 0.01,
    "spectral, ReLU": 0.001,
    "spectral, MaxMin": 0.03,
    "spectral, GroupSort": 0.03,
    "orthonormal, ReLU": 0.01,
    "orthonormal, MaxMin": 0.01,
    "orthonormal, GroupSort": 0.03,
    "semi-dual": 0.01,
    "cones": 0.03,
    "orthonormal, GroupSort, renewed": 0.03,
    "cones, renewed": 0.03,
}
HARD = tuple(kind for kind in BEHIND if kind.startswith(("spectral", "orthonormal")))


def at(kind: str, where: str, seconds: float) -> str:
    """The name under which a share is stored: where is "home" or "fresh"."""
    return f"{kind}: {where} at {seconds:g}"


def race(name: str, seed: int, tick: float | None = None) -> dict[str, float]:
    """All shares of every kind at every look, what it proves of more draws at the end, and its steps."""
    own, found = problem(name), {}
    home = ((own, own.exact),)
    for kind, rate in RATES.items():
        for look, seen in zip(LOOKS, climb(BEHIND[kind](rate), own, seed, LOOKS, tick), strict=True):
            found[at(kind, "home", look)] = share(seen.critic, home)
            found[at(kind, "fresh", look)] = share(seen.critic, fresh(name))
        found[f"{kind}: more"] = share(seen.critic, more(name))
        found[f"{kind}: raw"] = 100 * judge(seen.critic, own).raw / own.exact
        found[f"{kind}: steps"] = seen.steps
        if kind in HARD:
            found |= _sizes(kind, seen.critic)
    return {quantity: round(value, 7 if "σ" in quantity else 3) for quantity, value in found.items()}


def _sizes(kind: str, critic: nn.Module) -> dict[str, float]:
    ends = zip(("least", "largest"), singular_values(critic), strict=True)
    return {f"{kind}: {end} σ": value for end, value in ends}


def _recipe(name: str) -> Recipe:
    shown = [at(kind, where, look) for kind in BEHIND for where in ("home", "fresh") for look in LOOKS]
    shown += [f"{kind}: more" for kind in BEHIND]
    rates = ", ".join(f"{rate:g} ({kind})" for kind, rate in RATES.items())
    return Recipe(
        partial(race, name),
        f"{LAWS[name].said} {LOOKS[-1]:g} CPU seconds for each kind on one fixed draw of {POINTS} points"
        " each, or on points drawn anew at each step; certified shares in per cent, on the draw itself, as"
        f" the mean over {len(FRESH)} fresh draws, and at the end over {len(MORE)} more. Looks are not"
        f" counted. Rates: {rates}. One process with one thread, at a raised priority.",
        resolution=dict.fromkeys(shown, 0.2),
        limits=dict.fromkeys(shown, (-1e9, 100.0)),
        trivial=dict.fromkeys(shown, 0.0),  # what a constant proves
        # two threads count twice as many CPU seconds
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


RECIPES = {name: _recipe(name) for name in LAWS}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.critics.racing", RECIPES, sys.argv[1:])
