"""The games of chapter 13, as recipes: Wasserstein GANs with clipping and with the gradient penalty."""

import sys
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from lib import data, metrics
from lib.experiments import game
from lib.experiments.game import Game, Kind, clipped, penalised, with_momentum
from lib.experiments.judging import RING_SAMPLES, astray, halves, judge_digits, judge_ring, ring_clouds
from lib.experiments.meter import READINGS, Reading, metered, rank_correlations
from lib.experiments.spread import Recipe, command
from lib.features import feature_network

CHAPTER = "13_wasserstein_gan"
SAMPLES = 256  # on each side of a reading, for an exact distance in some 10 ms
RING_MOVES, DIGITS_MOVES = 800, 500

RING = {"clip": clipped(0.1, 1e-3), "penalty": penalised(1.0, 2e-3, (0.5, 0.9))}
RING["clip, momentum"] = with_momentum(RING["clip"], 1e-3)
RING["clip, Adam"] = with_momentum(RING["clip"], 1e-3, first_beta=0.0)  # the control: all but the momentum
DIGITS = {"clip": clipped(0.03, 5e-4), "penalty": penalised(10.0, 1e-3, (0.0, 0.9))}


def start_ring(seed: int, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 3 × 64 units on eight Gaussians; batch 64."""
    return game.ring_game(seed, kind, width=64, batch=64, device=device)


def start_digits(seed: int, training: Tensor, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 2 × 128 units on 8×8 digits; batch 64."""
    return game.digits_game(seed, training, kind, width=128, device=device)


def run_ring(seed: int, kind: Kind, moves: int = RING_MOVES) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring under the meter; count modes and good samples among 2 500."""
    played = start_ring(seed, kind)
    real, other = ring_clouds(SAMPLES)
    readings = list(metered(played, moves, real, astray))
    return judge_ring(played.samples(RING_SAMPLES)) | summary(readings, real, other)


def run_digits(seed: int, kind: Kind, moves: int = DIGITS_MOVES) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits under the meter; judge as many samples against the other half."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    played = start_digits(seed, training, kind)
    seen = features.features(held_out)
    real, other = held_out[:SAMPLES], held_out[SAMPLES : 2 * SAMPLES]
    readings = list(
        metered(played, moves, real, lambda fake: metrics.frechet_distance(seen, features.features(fake)))
    )
    return judge_digits(features, held_out, played.samples(len(held_out))) | summary(readings, real, other)


def summary(readings: list[Reading], real: Tensor, other: Tensor) -> dict[str, float]:
    """The last reading, certified ÷ exact, W₁ of two real clouds, and which curve followed the defect."""
    last = readings[-1]
    read = {name: getattr(last, name) for name in ("estimate", "slope", "certified", "exact")}
    floor = metrics.assignment_distance(real.flatten(1), other.flatten(1))
    follows = {f"{name}_follows": value for name, value in rank_correlations(readings).items()}
    return read | {"ratio": last.certified / last.exact, "floor": floor} | follows


_HELD = f"five critic moves for each of the generator, batch 64; {READINGS} readings of {SAMPLES} samples"
_READ_LIMITS = (
    dict.fromkeys(("slope", "exact", "floor"), (0.0, 1e9))
    | {"ratio": (-1e9, 1.0)}
    | dict.fromkeys(("estimate_follows", "certified_follows", "exact_follows"), (-1.0, 1.0))
)
_UNRELATED = dict.fromkeys(("estimate_follows", "certified_follows", "exact_follows"), 0.0)
_UNTRAINED = dict.fromkeys(("precision", "recall", "coverage"), 0.0) | {"frechet": 605.0, "classes": 8.0}


def _ring_recipe(kind: Kind) -> Recipe:
    return Recipe(
        partial(run_ring, kind=kind),
        "eight Gaussians of scale 0.03 on a circle of radius 0.7, both players of 3 × 64 units;"
        f" {kind.protocol}; {RING_MOVES} moves of the generator, {_HELD}",
        resolution={"modes": 1.0},
        limits={"modes": (0.0, 8.0), "share": (0.0, 1.0)} | _READ_LIMITS,
        trivial={"modes": 0.0, "share": 0.0, "exact": 0.68} | _UNRELATED,
    )


def _digits_recipe(kind: Kind) -> Recipe:
    return Recipe(
        partial(run_digits, kind=kind),
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging, both players"
        f" of 2 × 128 units; {kind.protocol}; {DIGITS_MOVES} moves of the generator, {_HELD}; features: the"
        " hidden layer of a small classifier trained on four fifths of all 1 797",
        resolution={"classes": 1.0},
        limits={"frechet": (0.0, 1e9), "classes": (0.0, 10.0)}
        | dict.fromkeys(("precision", "recall", "coverage"), (0.0, 1.0))
        | _READ_LIMITS,
        trivial=_UNTRAINED | {"exact": 6.7} | _UNRELATED,
    )


RECIPES = {f"ring, {name}": _ring_recipe(kind) for name, kind in RING.items()} | {
    f"digits, {name}": _digits_recipe(kind) for name, kind in DIGITS.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_13", RECIPES, sys.argv[1:])
