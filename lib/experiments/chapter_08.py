"""The two games of chapter 8, as recipes: handwritten digits, and eight Gaussians on a circle."""

import sys
from collections.abc import Mapping
from itertools import islice

import torch
from torch import Tensor

from lib import data
from lib.experiments import game
from lib.experiments.game import Game, Kind, adam
from lib.experiments.judging import RING_SAMPLES, halves, judge_digits, judge_ring
from lib.experiments.spread import Recipe, command
from lib.features import feature_network
from lib.objectives import non_saturating

CHAPTER = "08_the_gan_game"
RING = Kind(
    "non-saturating loss, Adam 1e-3 (critic) and 3e-4 (generator), β = (0.5, 0.999)",
    non_saturating,
    adam(1e-3, (0.5, 0.999)),
    adam(3e-4, (0.5, 0.999)),
)
DIGITS = Kind("non-saturating loss, Adam 1e-3, β = (0, 0.999)", non_saturating, adam(1e-3, (0.0, 0.999)))


def start_ring(seed: int, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 3 × 128 units on eight Gaussians; batch 256."""
    return game.ring_game(seed, RING, width=128, batch=256, device=device)


def start_digits(seed: int, training: Tensor, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 2 × 256 units on 8×8 digits; batch 64."""
    return game.digits_game(seed, training, DIGITS, width=256, device=device)


def run_ring(seed: int, moves: int = 3000) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring, count modes and good samples among 2 500."""
    played = start_ring(seed)
    for _ in islice(played.moves, moves):
        pass
    return judge_ring(played.samples(RING_SAMPLES))


def run_digits(seed: int, moves: int = 6000) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits, judge as many samples against the other half."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    played = start_digits(seed, training)
    for _ in islice(played.moves, moves):
        pass
    return judge_digits(features, held_out, played.samples(len(held_out)))


RECIPES = {
    "digits": Recipe(
        run_digits,
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; 6 000 moves of"
        f" each player, batch 64, {DIGITS.protocol}; features: the hidden layer"
        " of a small classifier trained on four fifths of all 1 797",
        resolution={"classes": 1.0},
        limits={"frechet": (0.0, 1e9), "classes": (0.0, 10.0)}
        | dict.fromkeys(("precision", "recall", "coverage"), (0.0, 1.0)),
        trivial={"frechet": 605.0, "precision": 0.0, "recall": 0.0, "coverage": 0.0, "classes": 8.0},
    ),
    "ring": Recipe(
        run_ring,
        "eight Gaussians of scale 0.03 on a circle of radius 0.7; 3 000 moves of each player, batch 256,"
        f" {RING.protocol}; 2 500 samples",
        resolution={"modes": 1.0},
        limits={"modes": (0.0, 8.0), "share": (0.0, 1.0)},
        trivial={"modes": 0.0, "share": 0.0},
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_08", RECIPES, sys.argv[1:])
