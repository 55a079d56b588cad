"""The trainings of chapter 4, as recipes: deep autoencoders of digits and bumps, and greedy pre-training."""

import sys
from collections.abc import Mapping
from itertools import islice

from lib.experiments.coders import (
    BATCH,
    HIDDEN,
    RATE,
    STEPS,
    digits_halves,
    lost,
    noisy,
    random_bumps,
    start,
    trained,
)
from lib.experiments.layerwise import compare_on_digits, nearest_labelled
from lib.experiments.planes import judge_bumps, judge_midpoints, judge_plane
from lib.experiments.retrieval import BIT_NOISE, BITS, by_code, run_bits
from lib.experiments.spread import Recipe, command

CHAPTER = "04_deep_autoencoders"
SEEDS, SIZES = range(1, 7), (2, 5, 10, 20, 40)
PENALTY, DECAY, NOISE = 1.0, 0.001, 0.1  # as `choosing.prices` says
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


ARMS = {
    "plain": {},
    "penalty": {"penalty": PENALTY},
    "decay": {"penalty": PENALTY, "decay": DECAY},
    "noise": {"penalty": PENALTY, "channel": noisy(NOISE)},
}


def run_planes(seed: int) -> Mapping[str, float]:
    """Two numbers, from the same first weights: untrained; nothing asked of the code; its squared length paid
    for; the decoder's weights paid for, too; or noise on the code instead."""
    training, held_out, _, _ = digits_halves()
    found = {}
    for arm, terms in ({"untrained": {}} | ARMS).items():
        encoder, decoder = trained(seed, training, 2, steps=0 if arm == "untrained" else STEPS, **terms)
        judged = judge_plane(encoder, decoder, training, held_out)
        judged["held_out"] = lost(encoder, decoder, held_out, training.mean(dim=0))
        found |= {f"{arm}: {name}": value for name, value in judged.items()}
    return found


def run_layers(seed: int) -> Mapping[str, float]:
    """A few labels, with pre-training and without, with sigmoid units and with ReLU."""
    found = dict(nearest_labelled(seed))
    for activation in ("sigmoid", "relu"):
        pairs = compare_on_digits(seed, activation).items()
        found |= {f"{activation}: {name}": value for name, value in pairs}
    return found


def run_bumps(seed: int) -> Mapping[str, float]:
    """A code of one number for shifted bumps: how far from any bump is what lies between two of them?"""
    return judge_bumps(*trained(seed, random_bumps(seed), 1, rate=1e-2, steps=4000))


_SETTINGS = (
    "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; perceptrons with"
    f" {HIDDEN} softplus units, {STEPS} Adam steps of {BATCH}, the rate falling from {RATE:g} 100-fold;"
    " settings chosen on a quarter of the training half, by seeds that are not stored"
)


def _recipe(run, words: str, seeds: range = SEEDS, **more) -> Recipe:
    return Recipe(run, f"{words}; {_SETTINGS}", {}, settings=NATIVE, seeds=seeds, **more)


RECIPES = {
    "sizes": _recipe(
        run_sizes, f"codes of {SIZES} numbers", trivial={f"held_out_{size}": 1.0 for size in SIZES}
    ),
    "planes": _recipe(
        run_planes,
        f"two numbers; {PENALTY:g} × squared code; + {DECAY:g} × squared decoder weights; or normal noise of"
        f" {NOISE:g} on the code",
        trivial={"plain: held_out": 1.0},
    ),
    "bumps": _recipe(
        run_bumps,
        "600 bumps on 64 pixels, one number, 4 000 steps from the rate 0.01; rate and steps chosen by the"
        " reconstructions of other trainings",
        trivial={"midpoint": 1.54},
    ),
    "bits": _recipe(run_bits, f"{BITS} units with noise of {BIT_NOISE:g} before the sigmoid"),
    "layers": _recipe(run_layers, "64–64–32–16–10, with and without pre-training", range(1, 11)),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_04", RECIPES, sys.argv[1:])
