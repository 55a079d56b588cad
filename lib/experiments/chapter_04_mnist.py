"""Chapter 4's comparison of deep and flat on MNIST: the same networks and rate, 60 000 images of 28 × 28."""

import sys
from collections.abc import Mapping, Sequence
from itertools import islice

import torch
from torch import Tensor

from lib import data
from lib.experiments.coders import lost, start
from lib.experiments.spread import Recipe, command

CHAPTER = "04_mnist"
SIZES = (2, 5, 10, 20, 40)
STEPS = (1_500, 12_000)  # those of the small digits, and eight times as many


def components_lost(training: Tensor, test: Tensor, sizes: Sequence[int] = SIZES) -> Mapping[str, float]:
    """The share of the mean image's error that principal components of (n, …) images leave, for each size."""
    flat, fresh = (images.flatten(1).double() for images in (training, test))
    centre = flat.mean(dim=0)
    directions = torch.linalg.eigh((flat - centre).T @ (flat - centre))[1].flip(1)
    away = (fresh - centre).square().sum()
    kept = ((fresh - centre) @ directions).square().sum(dim=0).cumsum(dim=0)
    return {f"components_{size}": float((away - kept[size - 1]) / away) for size in sizes}


def networks_lost(
    seed: int, training: Tensor, test: Tensor, sizes: Sequence[int] = SIZES, steps: Sequence[int] = STEPS
) -> Mapping[str, float]:
    """The same share for chapter 4's pairs of networks: untrained, and after each number of steps."""
    mean, found = training.mean(dim=0), {}
    for size in sizes:
        for count in steps:
            encoder, decoder, moves = start(seed, training, size, steps=count)
            found[f"untrained_{size}"] = lost(encoder, decoder, test, mean)  # the same at each start
            for _ in islice(moves, count):
                pass
            found[f"{count}_{size}"] = lost(encoder, decoder, test, mean)
    return found


def run_sizes(seed: int) -> Mapping[str, float]:
    """Both, fitted to the 60 000 training images of MNIST and judged on its 10 000 test images."""
    training, test = (data.mnist(split).images for split in ("train", "test"))
    return components_lost(training, test) | networks_lost(seed, training, test)


RECIPES = {
    "sizes": Recipe(
        run_sizes,
        f"MNIST, 60 000 images to train on, judged on the 10 000 test images; codes of {SIZES} numbers;"
        " as on the small digits, maps with two hidden layers of 64 units, softplus, batches of 64, Adam from"
        f" the rate 0.003 falling to a hundredth of it, over {STEPS[0]} or {STEPS[1]} steps; nothing was"
        " chosen on MNIST",
        resolution={},
        trivial={f"{count}_{size}": 1.0 for count in STEPS for size in SIZES},
        settings={"threads": (1,), "instructions": ("native",)},
        seeds=range(1, 6),
    )
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_04_mnist", RECIPES, sys.argv[1:])
