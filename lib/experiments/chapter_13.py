"""The games of chapter 13, as recipes: Wasserstein GANs with clipping and with the gradient penalty."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from lib import data, metrics
from lib.arguments import whole_number
from lib.experiments import game
from lib.experiments.game import Game, Kind, adam, clipped, penalised
from lib.experiments.judging import RING_SAMPLES, astray, halves, judge_digits, judge_ring, ring_clouds
from lib.experiments.meter import READINGS, Reading, metered, rank_correlations
from lib.experiments.spread import Recipe, command
from lib.features import feature_network

CHAPTER = "13_wasserstein_gan"
LATE = ("modes", "astray", "exact")  # what `late` sees, in this order
SAMPLES = 256  # on each side of a reading, for an exact distance in some 10 ms
RING_MOVES, DIGITS_MOVES = 800, 500
ONCE = {
    "threads": (1,),
    "instructions": ("native",),
}  # with two threads the games are the same, to the last digit
SEEDS = range(5)  # the chapter plays another one live

RING = {"clip": clipped(0.1, 1e-3), "penalty": penalised(1.0, 2e-3, (0.5, 0.9))}
RATES, SECOND_BETA, LOOKS = (1e-3, 2e-3), 0.99, 10
# who has momentum, and how much: the first beta of Adam for the critic and for the generator
MOMENTA = {"nobody": (0.0, 0.0)} | {
    f"{who}, {beta}": betas
    for beta in (0.5, 0.9)
    for who, betas in (("critic", (beta, 0.0)), ("generator", (0.0, beta)), ("both", (beta, beta)))
}
DIGITS = {"clip": clipped(0.03, 5e-4), "penalty": penalised(10.0, 1e-3, (0.0, 0.9))}


def start_ring(seed: int, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 3 × 64 units on eight Gaussians; batch 64."""
    return game.ring_game(seed, kind, width=64, batch=64, device=device)


def start_digits(seed: int, training: Tensor, kind: Kind, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 2 × 128 units on 8×8 digits; batch 64."""
    return game.digits_game(seed, training, kind, width=128, device=device)


def run_ring(seed: int, kind: Kind, moves: int = RING_MOVES) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring under the meter; count modes and good samples among 2 500."""
    played = start_ring(seed, kind)
    real, other = ring_clouds(SAMPLES)
    readings = list(metered(played, moves, real, astray))
    return judge_ring(played.samples(RING_SAMPLES)) | summary(readings, real, other)


def with_momentum(constraint: str, rate: float, who: str) -> Kind:
    """The ring's "clip" or "penalty" under Adam for both players, alike in all but the first betas of `who`.

    `who` is a key of `MOMENTA`; the rate and the second beta, 0.99, are the same for both players.
    """
    critic, generator = (adam(rate, (beta, SECOND_BETA)) for beta in MOMENTA[who])
    said = f"{_said(constraint)}, Adam {rate}, β₁ = {MOMENTA[who]}, β₂ = {SECOND_BETA}"
    return replace(RING[constraint], protocol=said, optimizer=critic, generator_optimizer=generator)


def _said(constraint: str) -> str:
    return RING[constraint].protocol.partition(",")[0]


def late(played: Game, moves: int, real: Tensor) -> Iterator[tuple[int, float, float]]:
    """Play, and look `LOOKS` times in the last quarter: modes, share astray, exact W₁ from the real cloud.

    Raises TypeError or ValueError when `moves` is not a whole number with that many in its last quarter.
    """
    moves = whole_number("moves", moves, at_least=4 * LOOKS)
    stops = np.linspace(0.75 * moves, moves, LOOKS).round().astype(int)
    for pause in np.diff(stops, prepend=0):
        next(islice(played.moves, pause - 1, None))
        samples = played.samples(RING_SAMPLES)
        judged = judge_ring(samples)
        exact = metrics.assignment_distance(real, samples[: len(real)].cpu())
        yield judged["modes"], 1 - judged["share"], exact


def run_momentum(seed: int, constraint: str, rate: float, moves: int = RING_MOVES) -> Mapping[str, float]:
    """One game for each of `MOMENTA`, all from one seed: the means of what `late` sees."""
    real, _ = ring_clouds(SAMPLES)
    values = {}
    for who in MOMENTA:
        played = start_ring(seed, with_momentum(constraint, rate, who))
        means = np.mean(list(late(played, moves, real)), axis=0)
        values |= {f"{who}: {name}": mean for name, mean in zip(LATE, means, strict=True)}
    return values


def run_digits(seed: int, kind: Kind, moves: int = DIGITS_MOVES) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits under the meter; judge as many samples against the other half."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    played = start_digits(seed, training, kind)
    seen = features.features(held_out)
    real, other = held_out[:SAMPLES], held_out[SAMPLES : 2 * SAMPLES]
    readings = list(
        metered(played, moves, real, lambda fake: metrics.frechet_distance(seen, features.features(fake)))
    )
    return judge_digits(features, held_out, played.samples(len(held_out))) | summary(readings, real, other)


def summary(readings: list[Reading], real: Tensor, other: Tensor) -> dict[str, float]:
    """The last reading, certified ÷ exact, W₁ of two real clouds, and which curve followed the defect."""
    last = readings[-1]
    read = {name: getattr(last, name) for name in ("estimate", "slope", "certified", "exact")}
    floor = metrics.assignment_distance(real.flatten(1), other.flatten(1))
    follows = {f"{name}_follows": value for name, value in rank_correlations(readings).items()}
    return read | {"ratio": last.certified / last.exact, "floor": floor} | follows


_HELD = f"five critic moves for each of the generator, batch 64; {READINGS} readings of {SAMPLES} samples"
_READ_LIMITS = (
    dict.fromkeys(("slope", "exact", "floor"), (0.0, 1e9))
    | {"ratio": (-1e9, 1.0)}
    | dict.fromkeys(("estimate_follows", "certified_follows", "exact_follows"), (-1.0, 1.0))
)
_UNRELATED = dict.fromkeys(("estimate_follows", "certified_follows", "exact_follows"), 0.0)
_UNTRAINED = dict.fromkeys(("precision", "recall", "coverage"), 0.0) | {"frechet": 605.0, "classes": 8.0}


def _ring_recipe(kind: Kind) -> Recipe:
    return Recipe(
        partial(run_ring, kind=kind),
        "eight Gaussians of scale 0.03 on a circle of radius 0.7, both players of 3 × 64 units;"
        f" {kind.protocol}; {RING_MOVES} moves of the generator, {_HELD}",
        resolution={"modes": 1.0},
        limits={"modes": (0.0, 8.0), "share": (0.0, 1.0)} | _READ_LIMITS,
        trivial={"modes": 0.0, "share": 0.0, "exact": 0.68} | _UNRELATED,
        settings=ONCE,
        seeds=SEEDS,
    )


def _momentum_recipe(constraint: str, rate: float) -> Recipe:
    def each(**values) -> dict:
        return {f"{who}: {name}": value for who in MOMENTA for name, value in values.items()}

    return Recipe(
        partial(run_momentum, constraint=constraint, rate=rate),
        "eight Gaussians of scale 0.03 on a circle of radius 0.7, both players of 3 × 64 units;"
        f" {_said(constraint)}, Adam {rate}, β₂ = {SECOND_BETA}, β₁ of the players as named;"
        f" {RING_MOVES} moves of the"
        f" generator, five critic moves for each, batch 64; the mean of {LOOKS} looks in the last quarter",
        resolution={},
        limits=each(modes=(0.0, 8.0), astray=(0.0, 1.0), exact=(0.0, 1e9)),
        trivial=each(modes=0.0, astray=1.0, exact=0.68),
        settings=ONCE,
        seeds=SEEDS,
    )


def _digits_recipe(kind: Kind) -> Recipe:
    return Recipe(
        partial(run_digits, kind=kind),
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging, both players"
        f" of 2 × 128 units; {kind.protocol}; {DIGITS_MOVES} moves of the generator, {_HELD}; features: the"
        " hidden layer of a small classifier trained on four fifths of all 1 797",
        resolution={"classes": 1.0},
        limits={"frechet": (0.0, 1e9), "classes": (0.0, 10.0)}
        | dict.fromkeys(("precision", "recall", "coverage"), (0.0, 1.0))
        | _READ_LIMITS,
        trivial=_UNTRAINED | {"exact": 6.7} | _UNRELATED,
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {f"ring, {name}": _ring_recipe(kind) for name, kind in RING.items()}
RECIPES |= {f"digits, {name}": _digits_recipe(kind) for name, kind in DIGITS.items()}
RECIPES |= {
    f"momentum, {constraint}, rate {rate}": _momentum_recipe(constraint, rate)
    for constraint in RING
    for rate in RATES
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_13", RECIPES, sys.argv[1:])
