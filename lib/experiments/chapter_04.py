"""The trainings of chapter 4, as recipes: deep autoencoders of digits and bumps, and greedy pre-training."""

import sys
from collections.abc import Mapping
from itertools import islice

import torch

from lib.experiments.coders import (
    BATCH,
    HIDDEN,
    RATE,
    STEPS,
    bumps,
    digits_halves,
    lost,
    noisy,
    start,
    trained,
)
from lib.experiments.layerwise import run_relu, run_sigmoid
from lib.experiments.planes import judge_bumps, judge_midpoints, judge_plane
from lib.experiments.retrieval import by_code, judge_bits
from lib.experiments.spread import Recipe, command

CHAPTER = "04_deep_autoencoders"
SIZES = (2, 5, 10, 20, 40)
PENALTY, DECAY, NOISE = 0.1, 0.01, 0.1
NATIVE = {"threads": (1,), "instructions": ("native",)}


def run_sizes(seed: int) -> Mapping[str, float]:
    """A pair for each length of the code: the share lost on the images seen, on held-out ones, untrained.

    With ten numbers also the midpoints of pairs, and the neighbours, before training and after.
    """
    training, held_out, _, _ = digits_halves()
    mean, found = training.mean(dim=0), {}
    for code in SIZES:
        encoder, decoder, moves = start(seed, training, code)
        found[f"untrained_{code}"] = lost(encoder, decoder, held_out, mean)
        if code == 10:
            found |= by_code("random", encoder)
        for _ in islice(moves, STEPS):
            pass
        found[f"seen_{code}"] = lost(encoder, decoder, training, mean)
        found[f"held_out_{code}"] = lost(encoder, decoder, held_out, mean)
        if code == 10:
            found |= judge_midpoints(encoder, decoder) | by_code("code", encoder)
    return found


def _plane(seed: int, **terms) -> Mapping[str, float]:
    training, held_out, _, _ = digits_halves()
    encoder, decoder = trained(seed, training, 2, **terms)
    return {
        "held_out": lost(encoder, decoder, held_out, training.mean(dim=0)),
        **judge_plane(encoder, decoder, training, held_out),
    }


def run_plain(seed: int) -> Mapping[str, float]:
    """Two numbers, and nothing asked of them."""
    return _plane(seed)


def run_penalty(seed: int) -> Mapping[str, float]:
    """The squared length of the code is paid for."""
    return _plane(seed, penalty=PENALTY)


def run_decay(seed: int) -> Mapping[str, float]:
    """The decoder's weights are paid for, too."""
    return _plane(seed, penalty=PENALTY, decay=DECAY)


def run_noise(seed: int) -> Mapping[str, float]:
    """The code is paid for and spoilt by noise."""
    return _plane(seed, penalty=PENALTY, channel=noisy(NOISE))


def run_bumps(seed: int) -> Mapping[str, float]:
    """A code of one number for shifted bumps: how far from any bump is what lies between two of them?"""
    centres = 10 + 44 * torch.rand(600, generator=torch.Generator().manual_seed(1000 + seed))
    return judge_bumps(*trained(seed, bumps(centres), 1, rate=1e-2, steps=4000))


_SETTINGS = (
    "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; perceptrons with"
    f" {HIDDEN} softplus units, {STEPS} Adam steps of {BATCH}, the rate falling from {RATE:g} 100-fold;"
    " settings chosen on a quarter of the training half, by seeds that are not stored"
)


def _recipe(run, words: str, **trivial: float) -> Recipe:
    return Recipe(run, f"{words}; {_SETTINGS}", {}, settings=NATIVE, trivial=trivial)


RECIPES = {
    "sizes": _recipe(run_sizes, f"codes of {SIZES} numbers", held_out_2=1.0, held_out_10=1.0),
    "plain": _recipe(run_plain, "two numbers, no penalty", held_out=1.0),
    "penalty": _recipe(run_penalty, f"two numbers, {PENALTY} × squared code"),
    "decay": _recipe(run_decay, f"two numbers, {PENALTY} × squared code + {DECAY} × squared decoder weights"),
    "noise": _recipe(run_noise, f"two numbers, {PENALTY} × squared code, normal noise of {NOISE} on it"),
    "bumps": _recipe(
        run_bumps, "600 bumps on 64 pixels, one number, 4 000 steps from the rate 0.01", midpoint=1.54
    ),
    "bits": _recipe(judge_bits, "32 units with noise of 4 before the sigmoid"),
    "sigmoid": _recipe(run_sigmoid, "64–64–32–16–10, sigmoid, with and without pre-training"),
    "relu": _recipe(run_relu, "64–64–32–16–10, ReLU, with and without pre-training"),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_04", RECIPES, sys.argv[1:])
