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
from lib.experiments.judging import halves, nearer_training
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network
from lib.metrics import frechet_distance, neighbourhoods
from lib.networks import JoinedCritic, JoinedGenerator, ModulatedGenerator, PerceptronCritic, ProjectionCritic

CHAPTER = "10_conditional_gan"
CLASSES, LATENT, SHAPE, WIDTH, BATCH = 10, 32, (1, 8, 8), 256, 64
MOVES = 3000  # a third of a minute on one core
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


def judge_by_class(
    judge: FeatureNetwork, held_out: Tensor, labels: Tensor, drawn: Tensor
) -> dict[str, list[float]]:
    """Images drawn to order, the i-th as a digit labels[i], against held-out images of those labels.

    For each class: `accuracy`, the share in which the judge sees the digit that was asked for, `precision`
    and `coverage` among the held-out images of that class alone (k = 5 neighbours in the judge's features).
    """
    right = (judge.predict(drawn) == labels).double()
    real, fake = judge.features(held_out), judge.features(drawn)
    near = [neighbourhoods(real[labels == k], fake[labels == k]) for k in range(CLASSES)]
    return {
        "accuracy": [right[labels == k].mean().item() for k in range(CLASSES)],
        "precision": [each.precision for each in near],
        "coverage": [each.coverage for each in near],
    }


def judge_on_demand(
    judge: FeatureNetwork, held_out: Tensor, labels: Tensor, drawn: Tensor
) -> dict[str, float]:
    """What `judge_by_class` finds, in a few numbers: means over the classes, and the class that fares worst.

    `frechet` is the squared distance of all images together from the held-out ones, whatever was asked for.
    """
    by_class = judge_by_class(judge, held_out, labels, drawn)
    means = {name: sum(values) / CLASSES for name, values in by_class.items()}
    least = {f"least_{name}": min(values) for name, values in by_class.items()}
    return means | least | {"frechet": frechet_distance(judge.features(held_out), judge.features(drawn))}


def judging(images: Tensor, labels: Tensor) -> tuple[FeatureNetwork, Tensor, Tensor]:
    """The judge, and the held-out images and labels; it learns from these alone, so no player meets it."""
    held_out, known = halves(images)[1], halves(labels)[1]
    return feature_network(held_out, known, torch.Generator().manual_seed(0)), held_out, known


def run_digits(seed: int, way: str = "joined", moves: int = MOVES) -> Mapping[str, float]:
    """Train on half of the 1 797 digits and their labels; judge as many, drawn to the others' labels.

    `nearer` is the share of images nearer to a training image than to any held-out one; `untrained` is the
    accuracy before the first move; `coverage 3` is that of the threes, and so on.
    """
    images, labels = data.digits()
    training = halves(images)[0]
    played = start_digits(seed, training, halves(labels)[0], way)
    judge, held_out, known = judging(images, labels)
    untrained = judge_on_demand(judge, held_out, known, draw_to_order(played, known))["accuracy"]
    for _ in islice(played.moves, moves):
        pass
    drawn = draw_to_order(played, known)
    single = {"untrained": untrained, "nearer": nearer_training(drawn, training, held_out)}
    return judge_on_demand(judge, held_out, known, drawn) | single | _each(judge, held_out, known, drawn)


def run_baselines(seed: int) -> Mapping[str, float]:
    """What needs no game: one Gaussian for each class, and real images of the training half to order."""
    images, labels = data.digits()
    training, known = halves(images)[0], halves(labels)[0]
    judge, held_out, asked = judging(images, labels)
    gaussian = torch.empty_like(held_out)
    for k in range(CLASSES):
        wanted = asked == k
        gaussian[wanted] = fitted(training[known == k], int(wanted.sum()), seed)
    scores = {"one per class": gaussian, "training images": recital(training, known, asked, seed)}
    return {
        f"{name}: {quantity}": value
        for name, drawn in scores.items()
        for quantity, value in (
            judge_on_demand(judge, held_out, asked, drawn)
            | {"nearer": nearer_training(drawn, training, held_out)}
            | _each(judge, held_out, asked, drawn)
        ).items()
    }


def recital(training: Tensor, known: Tensor, asked: Tensor, seed: int) -> Tensor:
    """Real images to order: for each label of `asked` (m,) one of `training` (n, …), labelled `known` (n,).

    They are drawn without replacement while those of a class last; then the same ones come again.
    """
    draw = torch.Generator().manual_seed(seed)
    chosen = torch.empty_like(asked)
    for k in asked.unique():
        mine, wanted = (known == k).nonzero()[:, 0], asked == k
        order = mine[torch.randperm(len(mine), generator=draw)]
        chosen[wanted] = order.repeat(-(-int(wanted.sum()) // len(mine)))[: int(wanted.sum())]
    return training[chosen]


def _each(judge: FeatureNetwork, held_out: Tensor, labels: Tensor, drawn: Tensor) -> dict[str, float]:
    by_class = judge_by_class(judge, held_out, labels, drawn)
    return {f"{name} {k}": value for name, values in by_class.items() for k, value in enumerate(values)}


@torch.no_grad()
def draw_to_order(played: Game, labels: Tensor) -> Tensor:
    """Images to order, from latent vectors of their own: looking does not disturb the game."""
    latent = torch.randn(len(labels), LATENT, generator=torch.Generator().manual_seed(1))
    with game.at_rest(played.generator):
        return played.generator(latent.to(played.device), labels.to(played.device)).cpu()


_PROTOCOL = (
    "half of the 1 797 scikit-learn digits (8×8) with their labels for training, the other half for judging,"
    f" by a classifier that has seen this other half alone; 3 000 moves of each player, batch {BATCH},"
    f" {DIGITS.protocol}; as many images as held-out ones, drawn to their labels"
)
_JUDGED = ("accuracy", "precision", "coverage")
_EACH = tuple(f"{name} {k}" for name in _JUDGED for k in range(CLASSES))
_SHARES = (*_JUDGED, *(f"least_{name}" for name in _JUDGED), "untrained", "nearer", *_EACH)
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
        trivial={"accuracy": 0.1, "least_accuracy": 0.1, "precision": 0.0, "coverage": 0.0},
        settings=NATIVE,
        seeds=SEEDS,
    )
    for way, told in _TOLD.items()
} | {
    "baselines": Recipe(
        run_baselines,
        "the same halves and judge; a Gaussian fitted to each class of the training half (0.01 added to every"
        " variance, samples cut to [−1, 1]), and images of the training half, none twice while those of its"
        " class last",
        resolution={},
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_10", RECIPES, sys.argv[1:])
