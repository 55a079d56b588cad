"""A small SAGAN on the digits, the same game without its attention, and one Gaussian for each class."""

import math
from collections.abc import Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from lib import data, lipschitz, networks, runtime
from lib.attention import SelfAttention
from lib.experiments import game
from lib.experiments.game import Game, Kind, adam, at_rest
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.features import FeatureNetwork, feature_network
from lib.objectives import hinge

SIZE, WIDTH, BATCH, MOVES = 32, 1 / 8, 32, 300
SPEED = 5  # of the paper's pair of rates, which was made for a million moves
ATTENTION = SIZE // 4  # as 32 is to the paper's 128
RATES, BETAS = (4e-4, 1e-4), (0.0, 0.9)  # critic and generator, Zhang et al. 2019


def kind(speed: float | int) -> Kind:
    """The hinge pair, Adam at two rates, four times as fast for the critic, one move of either player."""
    climb, descend = (adam(speed * rate, BETAS) for rate in RATES)
    protocol = f"hinge, Adam {speed} × {RATES} for critic and generator, β = {BETAS}"
    return Kind(protocol, hinge, climb, generator_optimizer=descend, critic_steps=1)


def gate(network: nn.Module) -> float:
    """γ of a network's attention; 0 where it has none."""
    gates = [part.gamma.item() for part in network.modules() if isinstance(part, SelfAttention)]
    return gates[0] if gates else 0.0


def start_digits(
    seed: int,
    training: Tensor,
    labels: Tensor,
    attention: bool,
    speed: float | int = SPEED,
    device: torch.device | str = "cpu",
) -> Game:
    """A small SAGAN on images (n, 1, 32, 32) and labels (n,), every weight of both players normalised.

    Without attention the blocks are drawn all the same, and taken out: both games start from the same
    weights and meet the same batches.
    """
    draw = runtime.seed(seed, device).torch
    options = {"size": SIZE, "width": WIDTH, "channels": 1, "classes": 10, "attention": ATTENTION}
    generator, critic = (
        make(**options).to(device) for make in (networks.sagan_generator, networks.sagan_critic)
    )
    for player in (generator, critic):
        if not attention:
            player.stages = nn.ModuleList(
                part for part in player.stages if not isinstance(part, SelfAttention)
            )
        lipschitz.spectral(player)
    batches = data.batches(training.to(device), labels.to(device), size=BATCH, generator=draw)
    return game.start(generator, critic, kind(speed), batches, draw)


@torch.no_grad()
def drawn(played: Game, labels: Tensor) -> Tensor:
    """Images of the classes asked for, from latent vectors of their own, (n, 1, 32, 32)."""
    latent = torch.randn(len(labels), played.generator.latent, generator=torch.Generator().manual_seed(16))
    with at_rest(played.generator):
        pairs = zip(latent.to(played.device).split(128), labels.to(played.device).split(128), strict=True)
        return torch.cat([played.generator(*pair) for pair in pairs]).cpu()


def gaussians_to_order(training: Tensor, known: Tensor, asked: Tensor, seed: int) -> Tensor:
    """Images (m, …) to the labels `asked` (m,) from one Gaussian for each class, cut to [−1, 1].

    Mean and covariance of a Gaussian are those of the `training` images (n, …) that are labelled so in
    `known` (n,): sums of them with normal weights have just this law.
    """
    draw = torch.Generator().manual_seed(seed)
    made = training.new_empty(len(asked), *training.shape[1:])
    for label in asked.unique():
        own, wanted = training[known == label], asked == label
        weights = torch.randn(int(wanted.sum()), len(own), generator=draw) / math.sqrt(len(own) - 1)
        made[wanted] = own.mean(dim=0) + torch.tensordot(weights, own - own.mean(dim=0), dims=1)
    return made.clamp(-1, 1)


def run_digits(
    seed: int, attention: bool, speed: float | int = SPEED, moves: int = MOVES
) -> Mapping[str, float]:
    """Train on half of the digits and their labels; judge as many, drawn to the other half's labels.

    `left` is the share of the untrained distance that is left; `fitted` one Gaussian for each class.
    """
    images, labels = data.digits(SIZE)
    (training, held_out), (known, asked) = halves(images), halves(labels)
    judge = feature_network(held_out, asked, torch.Generator().manual_seed(0))
    played = start_digits(seed, training, known, attention, speed)
    before = judge_digits(judge, held_out, drawn(played, asked))["frechet"]
    next(islice(played.moves, moves - 1, None))
    samples, fitted = drawn(played, asked), gaussians_to_order(training, known, asked, seed)
    scores = judge_digits(judge, held_out, samples)
    return scores | {
        "accuracy": _accuracy(judge, samples, asked),
        "nearer_training": nearer_training(samples, training, held_out),
        "untrained_frechet": before,
        "left": scores["frechet"] / before,
        "fitted_frechet": judge_digits(judge, held_out, fitted)["frechet"],
        "fitted_accuracy": _accuracy(judge, fitted, asked),
        "floor_frechet": judge_digits(judge, held_out, training)["frechet"],
        "gamma": gate(played.generator),
        "gamma_critic": gate(played.critic),
    }


def _accuracy(judge: FeatureNetwork, images: Tensor, asked: Tensor) -> float:
    """The share of images in which the judge sees the class that was asked for."""
    return (judge.predict(images) == asked).double().mean().item()
