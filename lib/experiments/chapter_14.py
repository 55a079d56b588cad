"""The games of chapter 14, as recipes: SNGAN on the digits, and the same game without the normalisation."""

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lib import data, lipschitz, networks, runtime
from lib.experiments import game
from lib.experiments.game import Game, Kind, adam, at_rest
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.spread import Recipe, command
from lib.features import feature_network
from lib.objectives import hinge

CHAPTER = "14_spectral_normalization"
SIZE, WIDTH, BATCH = 32, 1 / 8, 64
MOVES, LOOKS, SAMPLES = 500, 10, 256
# the third setting of the paper's table 1, and one with five times its rate and no change besides
RATES, BETAS = (2e-4, 1e-3), (0.5, 0.999)
ONCE = {"threads": (1,), "instructions": ("native",)}
SEEDS = range(1, 6)  # the chapter plays 0 live


class Look(NamedTuple):
    """The critic's gradient between real and fake images after so many moves: median and largest norm."""

    move: int
    median: float
    largest: float


def kind(rate: float) -> Kind:
    """The hinge pair under Adam, one move of the critic to one of the generator."""
    return Kind(f"hinge, Adam {rate}, β = {BETAS}", hinge, adam(rate, BETAS), critic_steps=1)


def start_digits(
    seed: int, training: Tensor, rate: float, normalised: bool, device: torch.device | str = "cpu"
) -> Game:
    """SNGAN's chain of convolutions at an eighth of its width, on grey images (n, 1, 32, 32).

    With and without the normalisation both games start from the same weights and meet the same batches.
    """
    draw = runtime.seed(seed, device).torch
    generator = networks.sngan_generator(SIZE, WIDTH, channels=1).to(device)
    critic = networks.sngan_critic(SIZE, WIDTH, channels=1).to(device)
    if normalised:
        lipschitz.spectral(critic)  # draws its first vectors from torch's own generator, not from `draw`
    batches = data.batches(training.to(device), size=BATCH, generator=draw)
    return game.start(generator, critic, kind(rate), batches, draw)


def watched(played: Game, moves: int, real: Tensor) -> Iterator[Look]:
    """Play, and look `LOOKS` times, evenly, at the critic's gradient halfway between real and fake images.

    real: (n, 1, 32, 32); as many are generated at each look, from latent vectors of their own.
    """
    stops = np.linspace(0, moves, LOOKS + 1).round().astype(int)[1:]
    latent = networks.gaussian_latent(played.generator.latent, torch.Generator().manual_seed(14))
    for stop, pause in zip(stops, np.diff(stops, prepend=0), strict=True):
        next(islice(played.moves, pause - 1, None))
        with at_rest(played.generator, played.critic):
            with torch.no_grad():
                fake = played.generator(latent(len(real)).to(played.device))
            between = (real.to(played.device) + fake) / 2
            gradient = lipschitz.autograd_gradient(played.critic, between).detach()
        norms = gradient.flatten(1).norm(dim=1)
        yield Look(int(stop), norms.median().item(), norms.max().item())


def run_digits(seed: int, rate: float, normalised: bool, moves: int = MOVES) -> Mapping[str, float | int]:
    """Train on half of the digits, judge as many samples against the other half, before and after."""
    images, labels = data.digits(SIZE)
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    played = start_digits(seed, training, rate, normalised)
    before = judge_digits(features, held_out, played.samples(len(held_out)))
    looks = list(watched(played, moves, held_out[:SAMPLES]))
    samples = played.samples(len(held_out))
    return judge_digits(features, held_out, samples) | {
        "untrained_frechet": before["frechet"],
        "floor_frechet": judge_digits(features, held_out, training)["frechet"],
        "nearer_training": nearer_training(samples, training, held_out),
        "slope": looks[-1].median,
        "steepest": max(look.largest for look in looks),
    }


def _recipe(rate: float, normalised: bool) -> Recipe:
    how = "every weight of the critic divided by its spectral norm" if normalised else "critic unnormalised"
    return Recipe(
        partial(run_digits, rate=rate, normalised=normalised),
        f"half of the 1 797 scikit-learn digits, enlarged to {SIZE}×{SIZE}, for training, the other half for"
        f" judging; SNGAN's convolutions at {WIDTH} of their width; {how}; {kind(rate).protocol}; {MOVES}"
        f" moves of either player, batch {BATCH}; slopes at {SAMPLES} midpoints, {LOOKS} looks; features: the"
        " hidden layer of a small classifier trained on four fifths of all 1 797",
        resolution={"classes": 1.0},
        limits=dict.fromkeys(("frechet", "untrained_frechet", "floor_frechet"), (0.0, 1e9))
        | dict.fromkeys(("slope", "steepest"), (0.0, 1e9))
        | dict.fromkeys(("precision", "recall", "coverage", "nearer_training"), (0.0, 1.0))
        | {"classes": (0.0, 10.0)},
        trivial=dict.fromkeys(("precision", "recall", "coverage", "slope", "steepest"), 0.0),
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {
    f"digits, {'spectral' if normalised else 'plain'}, rate {rate}": _recipe(rate, normalised)
    for rate in RATES
    for normalised in (True, False)
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_14", RECIPES, sys.argv[1:])
