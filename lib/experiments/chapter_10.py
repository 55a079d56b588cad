"""The trainings of chapter 10, as recipes: digits drawn on demand, three ways to be told the class."""

import sys
from collections.abc import Mapping
from functools import partial
from itertools import islice

import torch
from torch import Tensor, nn

from lib import data
from lib.experiments import game
from lib.experiments.baselines import fitted
from lib.experiments.chapter_08 import DIGITS, NATIVE
from lib.experiments.game import Game
from lib.experiments.judging import halves
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network
from lib.metrics import frechet_distance, neighbourhoods
from lib.networks import JoinedCritic, JoinedGenerator, ModulatedGenerator, PerceptronCritic, ProjectionCritic

CHAPTER = "10_conditional_gan"
CLASSES, LATENT, SHAPE, WIDTH, BATCH = 10, 32, (1, 8, 8), 256, 64
MOVES = 4000  # half a minute on one core
SEEDS = range(1, 6)  # without 0, which the chapter plays live


class DeafCritic(nn.Module):
    """T(x, c) = f(x): a critic that is given the condition and does not listen."""

    def __init__(self, shape: tuple[int, ...], condition: int, width: int = 256, depth: int = 2):
        super().__init__()
        self.critic = PerceptronCritic(shape, width, depth)

    def forward(self, samples: Tensor, condition: Tensor) -> Tensor:
        return self.critic(samples)


WAYS = {  # of being told: what the generator does with the condition, and what the critic does
    "joined": (JoinedGenerator, JoinedCritic),
    "projection": (JoinedGenerator, ProjectionCritic),
    "modulated": (ModulatedGenerator, JoinedCritic),
    "deaf": (JoinedGenerator, DeafCritic),
}


def players(way: str = "joined") -> tuple[nn.Module, nn.Module]:
    """A generator and a critic of two hidden layers of 256 units each, which are told the class so."""
    generator, critic = WAYS[way]
    return generator(LATENT, CLASSES, SHAPE, WIDTH), critic(SHAPE, CLASSES, WIDTH)


def start_digits(
    seed: int, training: Tensor, labels: Tensor, way: str = "joined", device: torch.device | str = "cpu"
) -> Game:
    """The conditional game on the training images (n, 1, 8, 8) and their labels (n,); batch 64."""
    return game.labelled_game(
        seed, training, labels, DIGITS, partial(players, way), batch=BATCH, device=device
    )


def judge_on_demand(
    judge: FeatureNetwork, held_out: Tensor, labels: Tensor, drawn: Tensor
) -> dict[str, float]:
    """Images drawn to order, the i-th as a digit labels[i], against held-out images of those labels.

    `accuracy` is the share in which the judge sees the digit that was asked for, `worst` that of the class
    that fares worst. `frechet` takes all classes together. `precision` and `coverage` are means over the
    classes, each compared with its own held-out images alone (k = 5 neighbours); `least_coverage` is that of
    the class that is covered least.
    """
    right = (judge.predict(drawn) == labels).double()
    real, fake = judge.features(held_out), judge.features(drawn)
    near = [neighbourhoods(real[labels == k], fake[labels == k]) for k in range(CLASSES)]
    coverage = [each.coverage for each in near]
    return {
        "accuracy": right.mean().item(),
        "worst": min(right[labels == k].mean().item() for k in range(CLASSES)),
        "frechet": frechet_distance(real, fake),
        "precision": sum(each.precision for each in near) / CLASSES,
        "coverage": sum(coverage) / CLASSES,
        "least_coverage": min(coverage),
    }


def judging(images: Tensor, labels: Tensor) -> tuple[FeatureNetwork, Tensor, Tensor]:
    """The judge, and the held-out images and labels; it learns from these alone, so no player meets it."""
    held_out, known = halves(images)[1], halves(labels)[1]
    return feature_network(held_out, known, torch.Generator().manual_seed(0)), held_out, known


def run_digits(seed: int, way: str = "joined", moves: int = MOVES) -> Mapping[str, float]:
    """Train on half of the 1 797 digits and their labels; judge as many, drawn to the others' labels."""
    images, labels = data.digits()
    played = start_digits(seed, halves(images)[0], halves(labels)[0], way)
    judge, held_out, known = judging(images, labels)
    untrained = judge_on_demand(judge, held_out, known, _drawn(played, known))["accuracy"]
    for _ in islice(played.moves, moves):
        pass
    return judge_on_demand(judge, held_out, known, _drawn(played, known)) | {"untrained": untrained}


def run_baselines(seed: int) -> Mapping[str, float]:
    """What needs no game: one Gaussian for each class, and real images of the training half to order."""
    images, labels = data.digits()
    training, known = halves(images)[0], halves(labels)[0]
    judge, held_out, asked = judging(images, labels)
    draw, drawn, real = torch.Generator().manual_seed(seed), torch.empty_like(held_out), held_out.clone()
    for k in range(CLASSES):
        mine, wanted = training[known == k], asked == k
        drawn[wanted] = fitted(mine, int(wanted.sum()), seed)
        real[wanted] = mine[torch.randint(len(mine), (int(wanted.sum()),), generator=draw)]
    scores = {"one per class": drawn, "training images": real}
    return {
        f"{name}: {quantity}": value
        for name, made in scores.items()
        for quantity, value in judge_on_demand(judge, held_out, asked, made).items()
    }


@torch.no_grad()
def _drawn(played: Game, labels: Tensor) -> Tensor:
    """Images to order, from latent vectors of their own: looking does not disturb the game."""
    latent = torch.randn(len(labels), LATENT, generator=torch.Generator().manual_seed(1))
    with game.at_rest(played.generator):
        return played.generator(latent.to(played.device), labels.to(played.device)).cpu()


_PROTOCOL = (
    "half of the 1 797 scikit-learn digits (8×8) with their labels for training, the other half for judging,"
    f" by a classifier that has seen this other half alone; 4 000 moves of each player, batch {BATCH},"
    f" {DIGITS.protocol}; as many images as held-out ones, drawn to their labels"
)
_SHARES = ("accuracy", "worst", "precision", "coverage", "least_coverage", "untrained")
_TOLD = {
    "joined": "joined in both players",
    "projection": "joined in the generator, projected in the critic",
    "modulated": "scales and shifts in the generator's batch normalisation, joined in the critic",
    "deaf": "joined in the generator; the critic does not see it",
}

RECIPES = {
    way: Recipe(
        partial(run_digits, way=way),
        f"{_PROTOCOL}; the class: {told}",
        resolution={},
        limits={"frechet": (0.0, 1e9)} | dict.fromkeys(_SHARES, (0.0, 1.0)),
        trivial=dict.fromkeys(("worst", "precision", "coverage", "least_coverage"), 0.0) | {"accuracy": 0.1},
        settings=NATIVE,
        seeds=SEEDS,
    )
    for way, told in _TOLD.items()
} | {
    "baselines": Recipe(
        run_baselines,
        "the same halves and judge; a Gaussian fitted to each class of the training half (0.01 added to every"
        " variance, samples cut to [−1, 1]), and images of the training half drawn with replacement",
        resolution={},
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_10", RECIPES, sys.argv[1:])
