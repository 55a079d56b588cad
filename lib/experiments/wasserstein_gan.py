"""The games of chapter 13, as recipes: Wasserstein GANs with clipping and with the gradient penalty."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor, nn

from lib import data, laws, metrics, runtime
from lib.adversarial import Constraint, Penalty, alternate, guard, steps
from lib.experiments.gan_game import Game, halves, judge_digits
from lib.experiments.meter import READINGS, Reading, metered, rank_correlations
from lib.experiments.spread import Recipe, command
from lib.features import feature_network
from lib.lipschitz import clip_, gradient_penalty, input_gradient
from lib.networks import PerceptronCritic, PerceptronGenerator, gaussian_latent
from lib.objectives import wasserstein

CHAPTER = "13_wasserstein_gan"
CRITIC_STEPS = 5
SAMPLES = 256  # on each side of a reading, for an exact distance in some 10 ms
RING_MOVES, DIGITS_MOVES = 800, 500


@dataclass(frozen=True)
class Kind:
    """What keeps the critic's slope down, and the optimiser that goes with it.

    `optimizer(parameters, maximize=…)` builds the one of each player. `penalty(generator)` gives the penalty
    that draws its random points from that generator; `constrain(critic)` acts after each critic move.
    """

    protocol: str
    optimizer: Callable[..., torch.optim.Optimizer]
    penalty: Callable[[torch.Generator], Penalty] | None = None
    constrain: Constraint | None = None


def clipped(bound: float, rate: float) -> Kind:
    """Clip every weight of the critic to [−bound, bound]; RMSProp (Arjovsky et al. 2017, Algorithm 1)."""
    optimizer = partial(torch.optim.RMSprop, lr=rate, alpha=0.99)
    return Kind(f"clip {bound}, RMSProp {rate}", optimizer, constrain=partial(clip_, bound=bound))


def penalised(weight: float, rate: float, betas: tuple[float, float]) -> Kind:
    """λ E (|∇f| − 1)² with λ = `weight`; Adam (Gulrajani et al. 2017, Algorithm 1).

    The critic is a perceptron, whose gradient in closed form saves the second backward pass.
    """

    def penalty(generator: torch.Generator) -> Penalty:
        def near_one(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
            real, fake = real.flatten(1), fake.flatten(1)
            return weight * gradient_penalty(critic.body, real, fake, generator, gradient=input_gradient)

        return near_one

    optimizer = partial(torch.optim.Adam, lr=rate, betas=betas, fused=True)
    return Kind(f"gradient penalty λ = {weight}, Adam {rate}, β = {betas}", optimizer, penalty=penalty)


def with_momentum(kind: Kind, rate: float, first_beta: float = 0.9) -> Kind:
    """The same constraint with Adam: RMSProp's running mean of squares (0.99), and momentum on top."""
    betas = (first_beta, 0.99)
    optimizer = partial(torch.optim.Adam, lr=rate, betas=betas, fused=True)
    constraint = kind.protocol.partition(",")[0]
    return replace(kind, protocol=f"{constraint}, Adam {rate}, β = {betas}", optimizer=optimizer)


RING = {"clip": clipped(0.1, 1e-3), "penalty": penalised(1.0, 2e-3, (0.5, 0.9))}
RING["clip, momentum"] = with_momentum(RING["clip"], 1e-3)
RING["clip, Adam"] = with_momentum(RING["clip"], 1e-3, first_beta=0.0)  # the control: all but the momentum
DIGITS = {"clip": clipped(0.03, 5e-4), "penalty": penalised(10.0, 1e-3, (0.0, 0.9))}


def ring_game(seed: int, kind: Kind) -> Game:
    """Perceptrons of 3 × 64 units on eight Gaussians; batch 64, five critic moves for one of the other."""
    generators = runtime.seed(seed)
    generator = PerceptronGenerator(4, (2,), width=64, depth=3, squash=nn.Identity())
    critic = PerceptronCritic((2,), width=64, depth=3)
    law = laws.eight_gaussians()
    batches = ((law.sample(64, generators.torch),) for _ in iter(int, 1))
    return _game(generator, critic, kind, batches, generators.torch)


def digits_game(seed: int, training: Tensor, kind: Kind) -> Game:
    """Perceptrons of 2 × 128 units on 8×8 digits; batch 64, five critic moves for one of the other."""
    generators = runtime.seed(seed)
    generator = PerceptronGenerator(32, (1, 8, 8), width=128)
    critic = PerceptronCritic((1, 8, 8), width=128)
    batches = data.batches(training, size=64, generator=generators.torch)
    return _game(generator, critic, kind, batches, generators.torch)


def _game(
    generator: nn.Module, critic: nn.Module, kind: Kind, batches: Iterator, source: torch.Generator
) -> Game:
    latent = gaussian_latent(generator.latent, source)
    descend = kind.optimizer(generator.parameters(), maximize=False)
    climb = kind.optimizer(critic.parameters(), maximize=True)
    guard(generator, descend)
    guard(critic, climb)
    penalty = None if kind.penalty is None else kind.penalty(source)
    players = steps(
        generator, critic, wasserstein, descend, climb, latent, penalty=penalty, constrain=kind.constrain
    )
    return Game(generator, critic, latent, alternate(*players, batches, CRITIC_STEPS))


def ring_clouds(n: int = SAMPLES) -> tuple[Tensor, Tensor]:
    """Two clouds of the ring, (n, 2) each: one for the meter, and one more for its floor."""
    source, law = torch.Generator().manual_seed(2017), laws.eight_gaussians()
    return law.sample(n, source), law.sample(n, source)


def astray(samples: Tensor) -> float:
    """The share of samples (n, 2) farther than three standard deviations from every mode of the ring."""
    law = laws.eight_gaussians()
    return 1 - metrics.modes_covered(samples, law.means, law.scale).share


def run_ring(seed: int, kind: Kind, moves: int = RING_MOVES) -> Mapping[str, float | int]:
    """Train on fresh samples of the ring under the meter; count modes and good samples among 2 500."""
    game, law = ring_game(seed, kind), laws.eight_gaussians()
    real, other = ring_clouds()
    readings = list(metered(game, moves, real, astray))
    with torch.no_grad():
        modes, share = metrics.modes_covered(game.generator(game.latent(2500)), law.means, law.scale)
    return {"modes": modes, "share": share} | summary(readings, real, other)


def run_digits(seed: int, kind: Kind, moves: int = DIGITS_MOVES) -> Mapping[str, float | int]:
    """Train on half of the 1 797 digits under the meter; judge as many samples against the other half."""
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    game = digits_game(seed, training, kind)
    seen = features.features(held_out)
    real, other = held_out[:SAMPLES], held_out[SAMPLES : 2 * SAMPLES]
    readings = list(
        metered(game, moves, real, lambda fake: metrics.frechet_distance(seen, features.features(fake)))
    )
    with torch.no_grad():
        judged = judge_digits(features, held_out, game.generator(game.latent(len(held_out))))
    return judged | summary(readings, real, other)


def summary(readings: list[Reading], real: Tensor, other: Tensor) -> dict[str, float]:
    """The last reading, certified ÷ exact, W₁ of two real clouds, and which curve followed the defect."""
    last = readings[-1]
    read = {name: getattr(last, name) for name in ("estimate", "slope", "certified", "exact")}
    floor = metrics.wasserstein1(real.flatten(1), other.flatten(1))
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
    )


RECIPES = {f"ring, {name}": _ring_recipe(kind) for name, kind in RING.items()} | {
    f"digits, {name}": _digits_recipe(kind) for name, kind in DIGITS.items()
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.wasserstein_gan", RECIPES, sys.argv[1:])
