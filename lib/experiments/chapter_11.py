"""The trainings of chapter 11, as recipes: a bell, a ring and the digits, under one divergence each."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import torch
from scipy import optimize
from torch import Tensor, nn

from lib import data, laws, networks, runtime
from lib.divergences import Divergence, named
from lib.experiments import game
from lib.experiments.chapter_08 import DIGITS, RING, fakes_of
from lib.experiments.game import Game, Kind, adam
from lib.experiments.judging import RING_SAMPLES, halves, judge_digits, judge_ring
from lib.experiments.spread import Recipe, command
from lib.features import feature_network
from lib.objectives import variational

CHAPTER = "11_f_gan"
SEEDS = range(1, 6)
NATIVE = {"threads": (1,), "instructions": ("native",)}
TRAINED = (
    "kl",
    "pearson",
    "jensen-shannon",
    "squared hellinger",
    "jeffrey",
    "total variation",
    "softened reverse kl",
    "reverse kl",
)
TRICKED = ("kl", "pearson", "jensen-shannon")
OWN_TERM = ("kl", "jensen-shannon", "reverse kl")
TWO_HILLS = laws.GaussianMixture([[-1.5], [2.0]], [0.6, 0.5], [0.65, 0.35])
LINE = np.linspace(-9, 9, 1801)
BELL_RATES = adam(2e-3, (0.5, 0.999)), adam(1e-2, (0.5, 0.999))


class Bell(nn.Module):
    """G(z) = μ + s z, z ~ N(0, 1): the law N(μ, s²), with s = exp of a parameter; (n, 1) to (n, 1)."""

    latent = 1

    def __init__(self, mean: float = 0.0, scale: float = 1.0):
        super().__init__()
        self.mean = nn.Parameter(torch.tensor(float(mean)))
        self.log_scale = nn.Parameter(torch.tensor(float(scale)).log())

    def forward(self, z: Tensor) -> Tensor:
        return self.mean + self.log_scale.exp() * z


def bell(x: np.ndarray, mean, scale) -> np.ndarray:
    """The density of N(mean, scale²) at x."""
    return np.exp(-0.5 * ((x - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


def best_bell(
    divergence: Divergence, law: laws.GaussianMixture = TWO_HILLS, x: np.ndarray = LINE
) -> tuple[float, float, float]:
    """(μ, s, D_f) of the bell nearest to a law on the line, by quadrature and a simplex search.

    The search starts at every hill and at the law's own mean and standard deviation; the best end counts.
    """
    p = law.density(torch.from_numpy(x)[:, None]).numpy()
    moments = np.trapezoid(x * p, x), np.sqrt(np.trapezoid(x**2 * p, x) - np.trapezoid(x * p, x) ** 2)
    starts = [moments, *zip(law.means[:, 0].tolist(), torch.as_tensor(law.scale).tolist(), strict=True)]

    def off(parameters: np.ndarray) -> float:
        mean, scale = parameters[0], np.exp(parameters[1])
        outside = abs(mean) > 3 or not 0.35 < scale < 3  # where the grid would cut the bell or its tails
        return np.inf if outside else divergence.between(p, bell(x, mean, scale), x)

    ends = [
        optimize.minimize(
            off, [mean, np.log(scale)], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-13}
        )
        for mean, scale in starts
    ]
    found = min(ends, key=lambda end: end.fun)
    return float(found.x[0]), float(np.exp(found.x[1])), float(found.fun)


def start_bell(
    seed: int, divergence: Divergence, trick: bool = False, law: laws.GaussianMixture = TWO_HILLS
) -> Game:
    """The bell N(0, 1) against a critic with two hidden layers of 64 units, three critic moves to one."""
    draw = runtime.seed(seed).torch
    kind = Kind("", variational(divergence, trick=trick), *BELL_RATES, critic_steps=3)
    critic = networks.PerceptronCritic((1,), width=64)
    return game.start(Bell(), critic, kind, law.batches(512, draw), draw)


def train_bell(
    seed: int,
    divergence: Divergence,
    trick: bool = False,
    law: laws.GaussianMixture = TWO_HILLS,
    moves: int = 800,
) -> tuple[float, float]:
    """(μ, s) of the trained bell, averaged over the last fifth of the moves.

    Raises FloatingPointError where a gradient is no longer finite.
    """
    played, path = start_bell(seed, divergence, trick, law), []
    for move, _ in enumerate(islice(played.moves, moves)):
        if move >= moves - moves // 5:
            path.append([played.generator.mean.item(), played.generator.log_scale.exp().item()])
    mean, scale = np.mean(path, axis=0)
    return float(mean), float(scale)


def run_bell(seed: int, moves: int = 800) -> Mapping[str, float]:
    """Train the bell under each divergence, some with the trick too: its μ, its s, and if the game ended.

    A game whose gradients are not finite at some move counts with μ = 0, s = 1, the bell that it began with.
    """
    scores = {}
    for name, trick in [*((name, False) for name in TRAINED), *((name, True) for name in TRICKED)]:
        key = f"{name}{', trick' if trick else ''}"
        try:
            mean, scale = train_bell(seed, named(name), trick, moves=moves)
            ended = 1.0
        except FloatingPointError:
            mean, scale, ended = 0.0, 1.0, 0.0
        scores |= {f"{key}: mean": mean, f"{key}: scale": scale, f"{key}: finished": ended}
    return scores


def start_ring(seed: int, divergence: Divergence, trick: bool = True) -> Game:
    """The ring game of chapter 8 with another objective, and half its width."""
    kind = replace(RING, objective=variational(divergence, trick=trick))
    return game.ring_game(seed, kind, width=64, batch=256)


def start_digits(seed: int, training: Tensor, divergence: Divergence, trick: bool = True) -> Game:
    """The digits game of chapter 8 with another objective."""
    kind = replace(DIGITS, objective=variational(divergence, trick=trick))
    return game.digits_game(seed, training, kind, width=256)


def finished(played: Game, moves: int) -> bool:
    """Play so many moves; whether all gradients stayed finite. The weights stay where they were last good."""
    try:
        for _ in islice(played.moves, moves):
            pass
    except FloatingPointError:
        return False
    return True


def run_ring(seed: int, moves: int = 1500) -> Mapping[str, float]:
    """The ring under each divergence with the trick, some without: modes, share, and if the game ended."""
    scores = {}
    for name, trick in [*((name, True) for name in TRAINED), *((name, False) for name in OWN_TERM)]:
        played = start_ring(seed, named(name), trick)
        key = f"{name}{', trick' if trick else ''}"
        scores[f"{key}: finished"] = float(finished(played, moves))
        fakes = fakes_of(played.generator)(RING_SAMPLES, torch.Generator().manual_seed(1))
        scores |= {f"{key}: {quantity}": value for quantity, value in judge_ring(fakes).items()}
    return scores


def run_digits(seed: int, moves: int = 1000) -> Mapping[str, float]:
    """The digits under each divergence, with the trick: as chapter 8 judges them, and if the game ended."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features, scores = feature_network(images, labels, torch.Generator().manual_seed(0)), {}
    for name in TRAINED:
        played = start_digits(seed, training, named(name))
        scores[f"{name}: finished"] = float(finished(played, moves))
        fakes = fakes_of(played.generator)(len(held_out), torch.Generator().manual_seed(1))
        judged = judge_digits(features, held_out, fakes)
        scores |= {f"{name}: {quantity}": judged[quantity] for quantity in ("frechet", "recall", "classes")}
    return scores


RECIPES = {
    "bell": Recipe(
        run_bell,
        "a bell against 0.65 N(−1.5, 0.6²) + 0.35 N(2, 0.5²), from N(0, 1), each divergence as its own"
        " zero-sum game; 800 moves, three critic moves to one, batch 512, Adam 2e-3 and 1e-2,"
        " β = (0.5, 0.999), critic 2 × 64; mean and scale averaged over the last 160 moves",
        resolution={},
        trivial={
            f"{name}: {quantity}": value
            for name in (*TRAINED, *(f"{name}, trick" for name in TRICKED))
            for quantity, value in (("mean", 0.0), ("scale", 1.0))
        },
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "ring": Recipe(
        run_ring,
        "chapter 8's eight Gaussians and optimisers, networks of 3 × 64 units, 1 500 moves of each player;"
        " the generator descends −E g_f(V) (trick) or its own term; one divergence after another",
        resolution={},
        limits={f"{name}, trick: share": (0.0, 1.0) for name in TRAINED},
        trivial={f"{name}, trick: share": 0.0 for name in TRAINED},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "digits": Recipe(
        run_digits,
        "chapter 8's digits, networks, halves and optimisers, 1 000 moves, the generator with the trick; one"
        " divergence after another",
        resolution={},
        limits={f"{name}: frechet": (0.0, 1e9) for name in TRAINED},
        trivial={f"{name}: frechet": 605.0 for name in TRAINED},
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_11", RECIPES, sys.argv[1:])
