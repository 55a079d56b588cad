"""Chapter 7's cheap pairs for as many steps as the pairs learnt by heart: only the pairing differs."""

import sys
from collections.abc import Mapping

import torch

from lib import data, networks
from lib.experiments.chapter_07 import HOW, LATENT, LONG, fit_digits
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.pairing import spread
from lib.experiments.spread import Recipe, command
from lib.features import feature_network

CHAPTER = "07_long"
GROUP = 256


def run_cheap(seed: int, steps: int = LONG) -> Mapping[str, float]:
    """Pairs at least cost within groups of 256, judged as all of chapter 7's pairings are."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    generator = fit_digits(seed, training, group=GROUP, steps=steps)
    latent = networks.gaussian_latent(LATENT, torch.Generator().manual_seed(1))(len(held_out))
    with torch.no_grad():
        made = generator(latent)
    judged = judge_digits(features, held_out, made) | {"spread": spread(made, held_out)}
    return judged | {"nearer": nearer_training(made, training, held_out)}


RECIPES = {
    "cheap": Recipe(
        run_cheap,
        "as chapter 7's digits: half of the 1 797 scikit-learn digits (8×8) for training, the other half for"
        f" judging; pairs at least squared distance within groups of {GROUP}, {LONG} steps of Adam 1e-3;"
        " nothing was chosen for the longer descent",
        resolution={},
        trivial={"frechet": 260.0, "spread": 0.0, "recall": 0.0, "coverage": 0.0},
        **HOW,
    )
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_07_long", RECIPES, sys.argv[1:])
