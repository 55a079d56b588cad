"""The trainings of chapter 8, as recipes: a discriminator alone, the ring, the digits and their baselines."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice

import torch
from torch import Tensor

from lib import data, laws, metrics, networks, runtime
from lib.experiments import game
from lib.experiments.baselines import rivals
from lib.experiments.examining import POINTS, Sampler, certified, examine
from lib.experiments.game import Game, Kind, adam
from lib.experiments.judging import RING_SAMPLES, halves, judge_digits, judge_ring, nearer_training
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network
from lib.objectives import non_saturating

CHAPTER = "08_the_gan_game"
RING = Kind(
    "non-saturating loss, Adam 1e-3 (critic) and 3e-4 (generator), β = (0.5, 0.999)",
    non_saturating,
    adam(1e-3, (0.5, 0.999)),
    adam(3e-4, (0.5, 0.999)),
)
DIGITS = Kind("non-saturating loss, Adam 1e-3, β = (0, 0.999)", non_saturating, adam(1e-3, (0.0, 0.999)))
NATIVE = {"threads": (1,), "instructions": ("native",)}  # for what takes a minute a seed
LOOK_FROM, LOOK_EVERY = 1500, 50  # moves
TWO_HUMPS = laws.GaussianMixture([[-1.0], [2.0]], [1.0, 0.8], [0.6, 0.4])
ONE_BELL = laws.GaussianMixture([[0.5]], 1.3)


def run_discriminator(seed: int, steps: int = 1500) -> Mapping[str, float]:
    """Train a discriminator between two known laws on the line; its largest error where |x| < 2."""
    draw = runtime.seed(seed).torch
    critic = networks.PerceptronCritic((1,), width=64)
    climb = torch.optim.Adam(critic.parameters(), lr=3e-3, maximize=True, fused=True)
    decay = torch.optim.lr_scheduler.LinearLR(climb, 1.0, 0.02, total_iters=steps)
    for _ in range(steps):
        reals, fakes = TWO_HUMPS.sample(1024, draw), ONE_BELL.sample(1024, draw)
        climb.zero_grad()
        non_saturating.critic(critic(reals), critic(fakes)).backward()
        climb.step()
        decay.step()
    x = torch.linspace(-2, 2, 801)[1:-1, None]
    best = TWO_HUMPS.density(x) / (TWO_HUMPS.density(x) + ONE_BELL.density(x))
    with torch.no_grad():
        return {"error": (critic(x).sigmoid() - best).abs().max().item()}


def start_ring(seed: int, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 3 × 128 units on eight Gaussians; batch 256."""
    return game.ring_game(seed, RING, width=128, batch=256, device=device)


def start_digits(seed: int, training: Tensor, device: torch.device | str = "cpu") -> Game:
    """Perceptrons of 2 × 256 units on 8×8 digits; batch 64."""
    return game.digits_game(seed, training, DIGITS, width=256, device=device)


def fakes_of(generator: torch.nn.Module) -> Sampler:
    """Samples of a generator that stands still, from latent vectors of one's own."""

    @torch.no_grad()
    def sample(n: int, draw: torch.Generator) -> Tensor:
        return generator(networks.gaussian_latent(generator.latent, draw)(n))

    return sample


def run_ring(seed: int, moves: int = 3000, steps: int = 2500) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring; judge the end, the way there, and what critics certify at the end.

    `own` is certified by the game's critic, `fresh` by one that has never played, `none` by a fresh one
    between two samples of the *same* law. `least_share` and `least_modes` are the worst of the snapshots
    every fifty moves from move 1 500 on.
    """
    played, looked = start_ring(seed), []
    fakes, ring = fakes_of(played.generator), laws.eight_gaussians()
    for move, _ in enumerate(islice(played.moves, moves), start=1):
        if move >= LOOK_FROM and move % LOOK_EVERY == 0:
            looked.append(judge_ring(fakes(RING_SAMPLES, torch.Generator().manual_seed(move))))
    end = judge_ring(fakes(RING_SAMPLES, torch.Generator().manual_seed(1)))
    looked.append(end)
    draw = torch.Generator().manual_seed(2)
    own = certified(played.critic, ring.sample(POINTS, draw), fakes(POINTS, draw))
    new = partial(networks.PerceptronCritic, (2,), width=128, depth=3)
    bounds = {
        name: examine(ring.sample, other, new, RING.optimizer, seed, steps)
        for name, other in (("fresh", fakes), ("none", ring.sample))
    }
    worst = {f"least_{name}": min(each[name] for each in looked) for name in ("share", "modes")}
    return end | {"own": own} | bounds | worst


def run_digits(seed: int, moves: int = 6000) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits, judge as many samples against the other half.

    `nearer` is the share of samples nearer to a training image than to a held-out one. `ratio` is the Fréchet
    distance in units of the training half's own; `ratio_blind` the same for a feature network that has not
    seen the held-out half.
    """
    images, labels = data.digits()
    training, held_out = halves(images)
    played = start_digits(seed, training)
    for _ in islice(played.moves, moves):
        pass
    fakes = fakes_of(played.generator)(len(held_out), torch.Generator().manual_seed(1))
    features = _features(images, labels)
    ratio = partial(_ratio, training=training, held_out=held_out, fakes=fakes)
    return judge_digits(features, held_out, fakes) | {
        "nearer": nearer_training(fakes, training, held_out),
        "ratio": ratio(features),
        "ratio_blind": ratio(_features(training, halves(labels)[0])),
    }


def run_baselines(seed: int) -> Mapping[str, float | int]:
    """Judge what fitted Gaussians draw, as the generator is judged; quantities `baseline: quantity`."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features, scores = _features(images, labels), {}
    for name, drawn in rivals(training, halves(labels)[0], len(held_out), seed).items():
        judged = judge_digits(features, held_out, drawn)
        judged["nearer"] = nearer_training(drawn, training, held_out)
        scores |= {f"{name}: {quantity}": value for quantity, value in judged.items()}
    return scores


def _features(images: Tensor, labels: Tensor) -> FeatureNetwork:
    return feature_network(images, labels, torch.Generator().manual_seed(0))


def _ratio(features: FeatureNetwork, training: Tensor, held_out: Tensor, fakes: Tensor) -> float:
    seen: Callable[[Tensor], Tensor] = features.features
    floor = metrics.frechet_distance(seen(held_out), seen(training))
    return metrics.frechet_distance(seen(held_out), seen(fakes)) / floor


_SHARES = ("precision", "recall", "coverage")
_HALVES = "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging"
_EYES = "features: the hidden layer of a small classifier trained on four fifths of all 1 797"

RECIPES = {
    "discriminator": Recipe(
        run_discriminator,
        "two humps against one bell on the line, 1 500 Adam steps of 1 024 + 1 024 fresh samples, the rate"
        " falling from 3e-3 to 6e-5; two hidden layers of 64 units; largest |D − D*| where |x| < 2",
        resolution={},
        limits={"error": (0.0, 1.0)},
        trivial={"error": 0.25},
    ),
    "digits": Recipe(
        run_digits,
        f"{_HALVES}; 6 000 moves of each player, batch 64, {DIGITS.protocol}; {_EYES}",
        resolution={"classes": 1.0},
        limits={"frechet": (0.0, 1e9), "ratio": (0.0, 1e9), "ratio_blind": (0.0, 1e9), "classes": (0.0, 10.0)}
        | dict.fromkeys((*_SHARES, "nearer"), (0.0, 1.0)),
        trivial=dict.fromkeys(_SHARES, 0.0) | {"frechet": 605.0, "classes": 8.0, "nearer": 0.5},
        settings=NATIVE,
    ),
    "baselines": Recipe(
        run_baselines,
        f"{_HALVES}; Gaussian laws fitted to the training half by maximum likelihood, 0.01 added to every"
        f" variance, samples cut to [−1, 1]; {_EYES}",
        resolution={},
        settings=NATIVE,
    ),
    "ring": Recipe(
        run_ring,
        "eight Gaussians of scale 0.03 on a circle of radius 0.7; 3 000 moves of each player, batch 256,"
        f" {RING.protocol}; {RING_SAMPLES} samples; fresh critics: 2 500 steps against the generator as it"
        f" stands, judged on {POINTS} fresh points of each kind",
        resolution={"modes": 1.0},
        limits={"modes": (0.0, 8.0), "share": (0.0, 1.0)},
        trivial={"modes": 0.0, "share": 0.0, "fresh": 0.0},
        settings=NATIVE,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_08", RECIPES, sys.argv[1:])
