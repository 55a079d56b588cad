"""The twins taught and judged: by the energy distance, and in a duel with a critic that sees all places."""

from collections.abc import Iterator, Mapping
from itertools import islice

import torch
from torch import Tensor

from lib import lipschitz, runtime
from lib.attention import SelfAttention
from lib.experiments import game, twins
from lib.experiments.attentive import gate, kind
from lib.experiments.game import Game, at_rest
from lib.experiments.twins import ARMS, LINE, Scene, TwinsGenerator, energy_distance, sign_covariance
from lib.networks import PerceptronCritic

MOVES, LOOKS, JUDGED = 400, 4, 4096
DUEL_MOVES, DUEL_WIDTH, DUEL_BATCH, DUEL_SPEED = 1500, 128, 64, 3  # the paper's rates, three times as fast


@torch.no_grad()
def judged_twins(scene: Scene, generator: TwinsGenerator, n: int = JUDGED) -> dict[str, float]:
    """The covariance of the twins' signs in n samples, the share of +, and the energy distance to real ones.

    Beside it stand the distances of fresh real samples and of strangers, whose second block is another's.
    Latent vectors and real samples have a source of their own: judging does not disturb training.
    """
    dice = torch.Generator().manual_seed(16)
    latent = torch.randn(n, generator.latent, generator=dice)
    with at_rest(generator):
        made = torch.cat([generator(part) for part in latent.split(512)])
    real, fresh = (scene.sample(1024, dice) for _ in range(2))  # all pairs are compared
    compared = {"energy": made[:1024], "floor_energy": fresh, "strangers_energy": scene.strangers(fresh)}
    attentive = isinstance(generator.attention, SelfAttention)
    signs = scene.signs(made)
    return {name: energy_distance(each, real).item() for name, each in compared.items()} | {
        "covariance": sign_covariance(signs),
        "plus": (signs > 0).double().mean().item(),
        "leader": scene.leader(generator.asked(latent[:64])) if attentive else 0.0,
    }


def run_twins(seed: int, scene: Scene, arm: str, moves: int = MOVES) -> Mapping[str, float]:
    """Descend the energy distance, and look `LOOKS` times, evenly, at the covariance of the signs."""
    generator, _, steps = twins.steps(seed, scene, arm)
    before = judged_twins(scene, generator)
    seen = []
    for _ in range(LOOKS):
        next(islice(steps, moves // LOOKS - 1, None))
        seen.append(judged_twins(scene, generator))
    covariances = [each["covariance"] for each in seen]
    return seen[-1] | {
        "untrained_covariance": before["covariance"],
        "untrained_energy": before["energy"],
        "untrained_leader": before["leader"],
        "half_way": covariances[LOOKS // 2 - 1],
        "largest": max(map(abs, covariances)),
        "gamma": gate(generator),
    }


def start_duel(seed: int, arm: str) -> Game:
    """The twins of the line against a critic that sees all places at once, every weight of it normalised."""
    draw = runtime.seed(seed).torch
    generator = TwinsGenerator(LINE.shape, **ARMS[arm])
    critic = lipschitz.spectral(PerceptronCritic((1, *LINE.shape), width=DUEL_WIDTH))
    batches = _batches(LINE, draw)
    return game.start(generator, critic, kind(DUEL_SPEED), batches, draw)


def _batches(scene: Scene, draw: torch.Generator) -> Iterator[tuple[Tensor]]:
    while True:
        yield (scene.sample(DUEL_BATCH, draw),)


def run_duel(seed: int, arm: str, moves: int = DUEL_MOVES) -> Mapping[str, float]:
    """The same twins and the same generators, taught by a critic instead of the energy distance."""
    played = start_duel(seed, arm)
    before = judged_twins(LINE, played.generator)
    next(islice(played.moves, moves - 1, None))
    after = judged_twins(LINE, played.generator)
    return (
        after
        | {f"untrained_{name}": value for name, value in before.items()}
        | {"gamma": gate(played.generator)}
    )
