"""The two games of chapter 8, as recipes: handwritten digits, and eight Gaussians on a circle."""

import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib import data, laws, metrics, runtime
from lib.adversarial import alternate, guard, steps
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network
from lib.networks import PerceptronCritic, PerceptronGenerator, gaussian_latent
from lib.objectives import non_saturating

CHAPTER = "08_the_gan_game"


class Game(NamedTuple):
    """A game that is ready to be played: two players, a source of latent vectors, and the moves for ever."""

    generator: nn.Module
    critic: nn.Module
    latent: object
    moves: Iterator[tuple[Tensor, Tensor]]


def halves(images: Tensor) -> tuple[Tensor, Tensor]:
    """Training images and as many that the players never see, (n // 2, …) each; one fixed shuffle."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(2014))
    half = len(images) // 2
    return images[order[:half]], images[order[half : 2 * half]]


def digits_game(seed: int, training: Tensor) -> Game:
    """Perceptrons of 256 units on 8×8 digits; batch 64, Adam, learning rate 1e-3, β = (0, 0.999)."""
    generators = runtime.seed(seed)
    latent = gaussian_latent(32, generators.torch)
    generator, critic = PerceptronGenerator(32, (1, 8, 8)), PerceptronCritic((1, 8, 8))
    players = steps(generator, critic, non_saturating, *_adam(generator, critic, 1e-3, 1e-3, 0.0), latent)
    batches = data.batches(training, size=64, generator=generators.torch)
    return Game(generator, critic, latent, alternate(*players, batches))


def ring_game(seed: int) -> Game:
    """Perceptrons of 3 × 128 units on eight Gaussians; batch 256, Adam 1e-3 and 3e-4, β = (0.5, 0.999)."""
    generators = runtime.seed(seed)
    latent = gaussian_latent(4, generators.torch)
    generator = PerceptronGenerator(4, (2,), width=128, depth=3, squash=nn.Identity())
    critic = PerceptronCritic((2,), width=128, depth=3)
    players = steps(generator, critic, non_saturating, *_adam(generator, critic, 3e-4, 1e-3, 0.5), latent)
    law = laws.eight_gaussians()
    batches = ((law.sample(256, generators.torch),) for _ in iter(int, 1))
    return Game(generator, critic, latent, alternate(*players, batches))


def _adam(
    generator: nn.Module, critic: nn.Module, generator_rate: float, critic_rate: float, first_beta: float
):
    betas = (first_beta, 0.999)
    descend = torch.optim.Adam(generator.parameters(), lr=generator_rate, betas=betas, fused=True)
    climb = torch.optim.Adam(critic.parameters(), lr=critic_rate, betas=betas, fused=True, maximize=True)
    guard(generator, descend)
    guard(critic, climb)
    return descend, climb


def judge_digits(features: FeatureNetwork, held_out: Tensor, generated: Tensor) -> dict[str, float | int]:
    """Fréchet distance, precision, recall and classes of generated images against images never trained on."""
    real, fake = features.features(held_out), features.features(generated)
    near = metrics.neighbourhoods(real, fake)
    counts = features.predict(generated).bincount(minlength=10)
    return {
        "frechet": metrics.frechet_distance(real, fake),
        "precision": near.precision,
        "recall": near.recall,
        "coverage": near.coverage,
        "classes": int((counts >= len(generated) / 100).sum()),
    }


def run_digits(seed: int, moves: int = 6000) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits, judge as many samples against the other half."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    game = digits_game(seed, training)
    for _ in islice(game.moves, moves):
        pass
    with torch.no_grad():
        return judge_digits(features, held_out, game.generator(game.latent(len(held_out))))


def run_ring(seed: int, moves: int = 3000) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring, count modes and good samples among 2 500."""
    game, law = ring_game(seed), laws.eight_gaussians()
    for _ in islice(game.moves, moves):
        pass
    with torch.no_grad():
        modes, share = metrics.modes_covered(game.generator(game.latent(2500)), law.means, law.scale)
    return {"modes": modes, "share": share}


RECIPES = {
    "digits": Recipe(
        run_digits,
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; 6 000 moves of"
        " each player, batch 64, non-saturating loss, Adam 1e-3, β = (0, 0.999); features: the hidden layer"
        " of a small classifier trained on four fifths of all 1 797",
        resolution={"classes": 1.0},
        limits={"frechet": (0.0, 1e9), "classes": (0.0, 10.0)}
        | dict.fromkeys(("precision", "recall", "coverage"), (0.0, 1.0)),
        trivial={"frechet": 605.0, "precision": 0.0, "recall": 0.0, "coverage": 0.0, "classes": 8.0},
    ),
    "ring": Recipe(
        run_ring,
        "eight Gaussians of scale 0.03 on a circle of radius 0.7; 3 000 moves of each player, batch 256,"
        " non-saturating loss, Adam 1e-3 (critic) and 3e-4 (generator), β = (0.5, 0.999); 2 500 samples",
        resolution={"modes": 1.0},
        limits={"modes": (0.0, 8.0), "share": (0.0, 1.0)},
        trivial={"modes": 0.0, "share": 0.0},
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.gan_game", RECIPES, sys.argv[1:])
