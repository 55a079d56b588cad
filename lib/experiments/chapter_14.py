"""The games of chapter 14, as recipes: SNGAN on the digits, the same game with other critics, and no game."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from lib import data
from lib.experiments.baselines import rivals
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.normalised import (
    BATCH,
    CLIP,
    CONSTRAINTS,
    FAST,
    LOOKS,
    MOVES,
    PENALTY,
    SAMPLES,
    SIZE,
    SLOW,
    WIDTH,
    kind,
    start_digits,
    stretches,
    watched,
)
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network

CHAPTER = "14_spectral_normalization"
ONCE = {"threads": (1,), "instructions": ("native",)}
SEEDS = range(1, 6)  # the chapter plays 0 live


def judged(features: FeatureNetwork, samples: Tensor, training: Tensor, held_out: Tensor) -> dict[str, float]:
    """`judge_digits` against the held-out images, and how many samples are nearer to a training image."""
    scores = judge_digits(features, held_out, samples)
    return scores | {"nearer_training": nearer_training(samples, training, held_out)}


def eyes() -> FeatureNetwork:
    """The classifier whose features judge the images; from one seed, whatever is judged."""
    return feature_network(*data.digits(SIZE), torch.Generator().manual_seed(0))


def run_digits(
    seed: int, rate: float, constraints: Sequence[str], moves: int = MOVES
) -> Mapping[str, float | int]:
    """One game for each constraint, from one seed, on half of the digits, judged against the other half."""
    training, held_out = halves(data.digits(SIZE).images)
    features, found = eyes(), {}
    for constraint in constraints:
        played = start_digits(seed, training, rate, constraint)
        before = judge_digits(features, held_out, played.samples(len(held_out)))["frechet"]
        looks = list(watched(played, moves, held_out[:SAMPLES]))
        scores = judged(features, played.samples(len(held_out)), training, held_out)
        scores |= {"untrained_frechet": before, "untrained_slope": looks[0].median}
        scores |= {"slope": looks[-1].median, "largest": looks[-1].largest}
        scores |= {"steepest": max(look.largest for look in looks)} | stretches(played.critic)
        found |= {f"{constraint}: {name}": value for name, value in scores.items()}
    return found


RIVALS = ("replay", "one Gaussian", "ten Gaussians", "one per class")


def run_rivals(seed: int) -> Mapping[str, float | int]:
    """What asks for no game: the training half, and Gaussians fitted to it at 8×8, enlarged as it was."""
    features, (small, labels) = eyes(), data.digits()
    training, held_out = halves(data.digits(SIZE).images)
    drawn = rivals(halves(small)[0], halves(labels)[0], len(held_out), seed)
    larger = partial(interpolate, size=(SIZE, SIZE), mode="bilinear", align_corners=False)
    shown = {"replay": training} | {name: larger(images) for name, images in drawn.items()}
    return {
        f"{name}: {quantity}": value
        for name, images in shown.items()
        for quantity, value in judged(features, images, training, held_out).items()
    }


SCORES = {"frechet": (0.0, 1e9), "classes": (0.0, 10.0)} | dict.fromkeys(
    ("precision", "recall", "coverage", "nearer_training"), (0.0, 1.0)
)
UNTRAINED = ("untrained_frechet", "untrained_slope")
STEEP = dict.fromkeys((*UNTRAINED, "slope", "largest", "steepest", "bound", "norms"), (0.0, 1e9))
# the untrained generator of seed 100, on which rates were tried; those of the stored seeds lie farther off
_TRIVIAL = dict.fromkeys(("precision", "recall", "coverage", "slope", "steepest"), 0.0) | {"frechet": 1466.0}
_JUDGED = (
    f"half of the 1 797 scikit-learn digits, enlarged to {SIZE}×{SIZE}, for training, the other half for"
    " judging; features: the hidden layer of a small classifier trained on four fifths of all 1 797"
)


def _each(names: Sequence[str], of: Mapping[str, object]) -> dict:
    return {f"{name}: {quantity}": value for name in names for quantity, value in of.items()}


def _recipe(run: Callable[[int], Mapping], names: Sequence[str], protocol: str, limits: Mapping) -> Recipe:
    return Recipe(
        run,
        f"{_JUDGED}; {protocol}",
        resolution=_each(names, {"classes": 1.0}),
        limits=_each(names, limits),
        trivial=_each(names, _TRIVIAL),
        settings=ONCE,
        seeds=SEEDS,
    )


def _games(rate: float, constraints: Sequence[str]) -> Recipe:
    return _recipe(
        partial(run_digits, rate=rate, constraints=constraints),
        constraints,
        f"SNGAN's convolutions at {WIDTH:.4g} of their width; {kind(rate, 'plain').protocol}; {MOVES} moves"
        f" of either player, batch {BATCH}; the critic as named: clipped at {CLIP}, gradient penalty"
        f" λ = {PENALTY}, weight normalisation with lengths 1, orthonormal kernels, spectral normalisation"
        f" with one round; slopes at {SAMPLES} midpoints, {LOOKS} looks; singular values of the sixth layer",
        SCORES | STEEP,
    )


RECIPES = {
    f"digits, rate {FAST}": _games(FAST, CONSTRAINTS),
    f"digits, rate {SLOW}": _games(SLOW, ("plain", "spectral")),
    "rivals": _recipe(
        run_rivals,
        RIVALS,
        "no game: the training half replayed; Gaussians fitted to it at 8×8 with 0.01 added to variances",
        SCORES,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_14", RECIPES, sys.argv[1:])
