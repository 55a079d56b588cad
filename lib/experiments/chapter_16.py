"""The trainings of chapter 16, as recipes: twins with and without attention, and a small SAGAN on digits."""

import math
import sys
from collections.abc import Mapping
from functools import partial
from itertools import islice

import torch
from torch import Tensor, nn

from lib import data, lipschitz, runtime
from lib.attention import SelfAttention
from lib.experiments import game, twins
from lib.experiments.game import Game, Kind, adam, at_rest
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.spread import Recipe, command
from lib.experiments.twins import ARMS, LINE, SQUARE, Scene, TwinsGenerator, energy_distance, sign_covariance
from lib.features import FeatureNetwork, feature_network
from lib.networks import PerceptronCritic
from lib.objectives import hinge
from lib.sagan import sagan_critic, sagan_generator

CHAPTER = "16_self_attention"
SEEDS = range(1, 6)  # the chapter trains 0 live; what was tried in advance was tried with 100 and above
ONCE = {"threads": (1,), "instructions": ("native",)}

TWINS_MOVES, LOOKS, JUDGED = 400, 4, 4096
DUEL_MOVES, DUEL_WIDTH, DUEL_BATCH, DUEL_SPEED = 1500, 128, 64, 10  # the paper's rates, ten times as fast

DIGITS_SEEDS = range(1, 4)  # a run takes a minute
SIZE, WIDTH, BATCH, DIGITS_MOVES = 32, 1 / 8, 32, 300
SPEED = 5  # of the paper's pair of rates, which was made for a million moves
ATTENTION = SIZE // 4  # as 32 is to the paper's 128
RATES, BETAS = (4e-4, 1e-4), (0.0, 0.9)  # critic and generator, Zhang et al. 2019


def kind(speed: float | int) -> Kind:
    """The hinge pair, Adam at two rates, four times as fast for the critic, one move of either player."""
    climb, descend = (adam(speed * rate, BETAS) for rate in RATES)
    protocol = f"hinge, Adam {speed} × {RATES} for critic and generator, β = {BETAS}"
    return Kind(protocol, hinge, climb, generator_optimizer=descend, critic_steps=1)


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


def run_twins(seed: int, scene: Scene, arm: str, moves: int = TWINS_MOVES) -> Mapping[str, float]:
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
        "gamma": _gate(generator),
    }


def start_duel(seed: int, arm: str) -> Game:
    """The twins of the line against a critic that sees all places at once, every weight of it normalised."""
    draw = runtime.seed(seed).torch
    generator = TwinsGenerator(LINE.shape, **ARMS[arm])
    critic = lipschitz.spectral(PerceptronCritic((1, *LINE.shape), width=DUEL_WIDTH))
    batches = _batches(LINE, draw)
    return game.start(generator, critic, kind(DUEL_SPEED), batches, draw)


def _batches(scene: Scene, draw: torch.Generator):
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
        | {"gamma": _gate(played.generator)}
    )


def _gate(network: torch.nn.Module) -> float:
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
    generator, critic = sagan_generator(**options).to(device), sagan_critic(**options).to(device)
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
    seed: int, attention: bool, speed: float | int = SPEED, moves: int = DIGITS_MOVES
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
        "gamma": _gate(played.generator),
        "gamma_critic": _gate(played.critic),
    }


def _accuracy(judge: FeatureNetwork, images: Tensor, asked: Tensor) -> float:
    """The share of images in which the judge sees the class that was asked for."""
    return (judge.predict(images) == asked).double().mean().item()


def _twins_recipe(run, how: str, places: int, **choice) -> Recipe:
    untrained = {"covariance": 0.0} | ({"leader": 1 / places} if choice["arm"] == "attention" else {})
    if run is run_twins:
        untrained |= {"largest": 0.0, "half_way": 0.0}
    return Recipe(
        partial(run, **choice),
        f"twins, {choice['arm']}; {how}; {JUDGED} fresh samples judged, 1024 of them for the energy distance",
        resolution={},
        limits={
            "covariance": (-1.0, 1.0),
            "half_way": (-1.0, 1.0),
            "largest": (0.0, 1.0),
            "leader": (0.0, 1.0),
            "plus": (0.0, 1.0),
        },
        trivial=untrained,
        settings=ONCE,
        seeds=SEEDS,
    )


def _digits_recipe(attention: bool) -> Recipe:
    how = f"attention at {ATTENTION}×{ATTENTION} in both" if attention else "no attention"
    distances = ("frechet", "untrained_frechet", "floor_frechet", "fitted_frechet", "left")
    shares = ("precision", "recall", "coverage", "accuracy", "fitted_accuracy", "nearer_training")
    return Recipe(
        partial(run_digits, attention=attention),
        f"half of the 1 797 scikit-learn digits, enlarged to {SIZE}×{SIZE}, with labels, for training, the"
        f" other half for judging; SAGAN's residual networks at {WIDTH} of their width, spectral norm in both"
        f" players; {how}; {kind(SPEED).protocol}; {DIGITS_MOVES} moves of either player, batch {BATCH};"
        " features: the hidden layer of a small classifier trained on the held-out half",
        resolution={"classes": 1.0},
        limits=dict.fromkeys(distances, (0.0, 1e9))
        | dict.fromkeys(shares, (0.0, 1.0))
        | {"classes": (0.0, 10.0)},
        trivial=dict.fromkeys(("precision", "recall", "coverage"), 0.0) | {"accuracy": 0.1, "left": 1.0},
        settings=ONCE,
        seeds=DIGITS_SEEDS,
    )


# wide convolutions, whose windows overlap, make their point on the line; elsewhere they cost the most
_PAIR = ("convolutions", "attention")
_SCENES = {"line": (LINE, "32 places", ARMS), "square": (SQUARE, "12 × 12 places", _PAIR)}
RECIPES = (
    {
        f"twins, {name}, {arm}": _twins_recipe(
            run_twins,
            f"{places}; energy distance, {TWINS_MOVES} steps of Adam {twins.RATE}, batch"
            f" {twins.BATCHES[len(scene.shape)]}",
            math.prod(scene.shape),
            scene=scene,
            arm=arm,
        )
        for name, (scene, places, arms) in _SCENES.items()
        for arm in arms
    }
    | {
        f"twins, duel, {arm}": _twins_recipe(
            run_duel,
            f"32 places; perceptron critic of width {DUEL_WIDTH}, spectral norm; {kind(DUEL_SPEED).protocol};"
            f" {DUEL_MOVES} moves of either player, batch {DUEL_BATCH}",
            math.prod(LINE.shape),
            arm=arm,
        )
        for arm in _PAIR
    }
    | {f"digits, {'attention' if wanted else 'plain'}": _digits_recipe(wanted) for wanted in (True, False)}
)

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16", RECIPES, sys.argv[1:])
