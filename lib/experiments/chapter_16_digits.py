"""The small SAGAN of chapter 16 on digits, with and without its attention, as recipes: a minute a run."""

import sys
from functools import partial

from lib.experiments.attentive import ATTENTION, BATCH, MOVES, SIZE, SPEED, WIDTH, kind, run_digits
from lib.experiments.spread import Recipe, command

CHAPTER = "16_digits"
SEEDS = range(1, 4)  # the chapter trains 0 live; what was tried in advance was tried with 100
ONCE = {"threads": (1,), "instructions": ("native",)}


def _recipe(attention: bool) -> Recipe:
    how = f"attention at {ATTENTION}×{ATTENTION} in both" if attention else "no attention"
    distances = ("frechet", "untrained_frechet", "floor_frechet", "fitted_frechet", "left")
    shares = ("precision", "recall", "coverage", "accuracy", "fitted_accuracy", "nearer_training")
    return Recipe(
        partial(run_digits, attention=attention),
        f"half of the 1 797 scikit-learn digits, enlarged to {SIZE}×{SIZE}, with labels, for training, the"
        f" other half for judging; SAGAN's residual networks at {WIDTH} of their width, spectral norm in both"
        f" players; {how}; {kind(SPEED).protocol}; {MOVES} moves of either player, batch {BATCH};"
        " features: the hidden layer of a small classifier trained on the held-out half",
        resolution={"classes": 1.0},
        limits=dict.fromkeys(distances, (0.0, 1e9))
        | dict.fromkeys(shares, (0.0, 1.0))
        | {"classes": (0.0, 10.0)},
        trivial=dict.fromkeys(("precision", "recall", "coverage"), 0.0) | {"accuracy": 0.1, "left": 1.0},
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {f"digits, {'attention' if wanted else 'plain'}": _recipe(wanted) for wanted in (True, False)}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_digits", RECIPES, sys.argv[1:])
