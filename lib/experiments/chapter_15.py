"""The games of chapter 15, as recipes: Wasserstein games under a meter, and what their meters followed."""

import sys
from functools import partial

import torch
from torch import Tensor

from lib import data, metrics
from lib.experiments import game
from lib.experiments.game import Game, Kind, clipped, penalised
from lib.experiments.judging import astray, halves, ring_clouds
from lib.experiments.meter import (
    CURVES,
    READINGS,
    Defect,
    Reading,
    change_correlations,
    clock_correlation,
    metered,
    rank_correlations,
)
from lib.experiments.spread import Recipe, command
from lib.features import feature_network

CHAPTER = "15_how_good_is_a_critic"
SAMPLES = 256  # on each side of a reading, for an exact distance in some 10 ms
MOVES = {"ring": 800, "digits": 500}
RING = {"clip": clipped(0.1, 1e-3), "penalty": penalised(1.0, 2e-3, (0.5, 0.9))}
DIGITS = {"clip": clipped(0.03, 5e-4), "penalty": penalised(10.0, 1e-3, (0.0, 0.9))}


def start_ring(seed: int, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 3 × 64 units on eight Gaussians; batch 64."""
    return game.ring_game(seed, kind, width=64, batch=64, device=device)


def start_digits(seed: int, training: Tensor, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 2 × 128 units on 8×8 digits; batch 64."""
    return game.digits_game(seed, training, kind, width=128, device=device)


def frechet_from(held_out: Tensor) -> Defect:
    """The Fréchet distance of generated digits from held-out ones, on a small classifier's features."""
    images, labels = data.digits()
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    seen = features.features(held_out)
    return lambda fake: metrics.frechet_distance(seen, features.features(fake))


def run_ring(seed: int, kind: Kind, moves: int = MOVES["ring"]) -> dict[str, float]:
    """Train on fresh samples of the ring under the meter."""
    real, other = ring_clouds(SAMPLES)
    readings = list(metered(start_ring(seed, kind), moves, real, astray))
    return summary(readings, real, other)


def run_digits(seed: int, kind: Kind, moves: int = MOVES["digits"]) -> dict[str, float]:
    """Train on half of the 1 797 digits under the meter, whose real images are of the other half."""
    training, held_out = halves(data.digits().images)
    real, other = held_out[:SAMPLES], held_out[SAMPLES : 2 * SAMPLES]
    played = start_digits(seed, training, kind)
    return summary(list(metered(played, moves, real, frechet_from(held_out))), real, other)


def summary(readings: list[Reading], real: Tensor, other: Tensor) -> dict[str, float]:
    """The last reading, W₁ of two real clouds, and how each curve, and a clock, went with the defect."""
    last = readings[-1]
    read = {name: getattr(last, name) for name in ("estimate", "slope", "certified", "exact", "defect")}
    floor = metrics.assignment_distance(real.flatten(1), other.flatten(1))
    follows = {f"{name}_follows": value for name, value in rank_correlations(readings).items()}
    steps = {f"{name}_steps": value for name, value in change_correlations(readings).items()}
    least = min(reading.exact for reading in readings)
    ends = {"floor": floor, "least_exact": least, "clock_follows": clock_correlation(readings)}
    return read | ends | follows | steps


_LIMITS = dict.fromkeys(("slope", "exact", "floor", "defect", "least_exact"), (0.0, 1e9))
_RANKS = [f"{name}_{how}" for how in ("follows", "steps") for name in CURVES] + ["clock_follows"]
_HELD = (
    f"five critic moves for each of the generator, batch 64; {READINGS} readings of {SAMPLES} samples that"
    " neither player has trained on"
)


def _recipe(run, kind: Kind, said: str, moves: int, untrained: float) -> Recipe:
    return Recipe(
        partial(run, kind=kind),
        f"{said}; {kind.protocol}; {moves} moves of the generator, {_HELD}",
        resolution={},
        limits=_LIMITS | dict.fromkeys(_RANKS, (-1.0, 1.0)),
        trivial={"exact": untrained} | dict.fromkeys(_RANKS, 0.0),
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(5),
    )


_ON_RING = "eight Gaussians of scale 0.03 on a circle of radius 0.7, both players of 3 × 64 units"
_ON_DIGITS = (
    "half of the 1 797 scikit-learn digits (8×8) for training, the other half for the meter, both players of"
    " 2 × 128 units; defect: Fréchet distance of the features of a small classifier"
)
RECIPES = {
    f"ring, {name}": _recipe(run_ring, kind, _ON_RING, MOVES["ring"], 0.68) for name, kind in RING.items()
}
RECIPES |= {
    f"digits, {name}": _recipe(run_digits, kind, _ON_DIGITS, MOVES["digits"], 6.7)
    for name, kind in DIGITS.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_15", RECIPES, sys.argv[1:])
