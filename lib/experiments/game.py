"""A whole game, from its parts: two networks, a kind of training, batches, and the moves for ever.

A kind of training is a product of independent choices: an objective, what keeps the critic's slope down, an
optimiser for each player, and how many moves the critic has to one of the generator.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib import data, laws, runtime
from lib.adversarial import Constraint, Penalty, alternate, guard, steps
from lib.arguments import number
from lib.lipschitz import clip_, gradient_penalty, input_gradient
from lib.networks import PerceptronCritic, PerceptronGenerator, gaussian_latent
from lib.objectives import Objective, wasserstein

Optimizer = Callable[..., torch.optim.Optimizer]  # optimizer(parameters, maximize=…)
PenaltyFrom = Callable[[torch.Generator], Penalty]


@contextmanager
def at_rest(*networks: nn.Module) -> Iterator[None]:
    """Inside, the networks are in evaluation mode; afterwards each layer is in the mode it was in before."""
    modes = [(module, module.training) for network in networks for module in network.modules()]
    for network in networks:
        network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


class Game(NamedTuple):
    """A game that is ready to be played: two players, a source of latent vectors, and the moves for ever."""

    generator: nn.Module
    critic: nn.Module
    latent: Callable[[int], Tensor]
    moves: Iterator[tuple[Tensor, Tensor]]

    @property
    def device(self) -> torch.device:
        """Where the generator lives."""
        return next((weight.device for weight in self.generator.parameters()), torch.device("cpu"))

    @torch.no_grad()
    def samples(self, n: int, *label: Tensor) -> Tensor:
        """n generated samples (n, …), without gradient, from the generator in evaluation mode.

        A conditional generator is given the labels (n,) of what it shall draw.
        """
        with at_rest(self.generator):
            return self.generator(self.latent(n), *label)


@dataclass(frozen=True)
class Kind:
    """How a critic, and the generator against it, are trained, whatever their networks are.

    `optimizer(parameters, maximize=…)` builds the critic's optimiser, and the generator's too unless it has
    one of its own. `penalty(generator)` gives the penalty that draws its random points from that generator;
    `constrain(critic)` acts after each critic move. `protocol` says all this in words, for the provenance.
    """

    protocol: str
    objective: Objective
    optimizer: Optimizer
    generator_optimizer: Optimizer | None = None
    penalty: PenaltyFrom | None = None
    constrain: Constraint | None = None
    critic_steps: int = 1


def adam(rate: float, betas: tuple[float, float]) -> Optimizer:
    """Adam, all weights in one call."""
    return partial(torch.optim.Adam, lr=rate, betas=betas, fused=True)


def clipped(bound, rate: float, critic_steps: int = 5) -> Kind:
    """Clip every weight of the critic to [−bound, bound]; RMSProp (Arjovsky et al. 2017, Algorithm 1).

    Raises TypeError or ValueError when `bound` is no positive finite number.
    """
    bound = number("bound", bound, "the weights being clamped to [−bound, bound]")
    optimizer = partial(torch.optim.RMSprop, lr=rate, alpha=0.99)
    constrain = partial(clip_, bound=bound)
    protocol = f"clip {bound}, RMSProp {rate}"
    return Kind(protocol, wasserstein, optimizer, constrain=constrain, critic_steps=critic_steps)


def penalised(weight, rate: float, betas: tuple[float, float], critic_steps: int = 5) -> Kind:
    """λ E (|∇f| − 1)² with λ = `weight`; Adam (Gulrajani et al. 2017, Algorithm 1).

    The critic is a perceptron, whose gradient in closed form saves the second backward pass.
    Raises TypeError or ValueError when λ is no positive finite number.
    """
    weight = number("weight", weight, "the λ of the penalty")

    def penalty(generator: torch.Generator) -> Penalty:
        def near_one(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
            real, fake = real.flatten(1), fake.flatten(1)
            return weight * gradient_penalty(critic.body, real, fake, generator, gradient=input_gradient)

        return near_one

    protocol = f"gradient penalty λ = {weight}, Adam {rate}, β = {betas}"
    return Kind(protocol, wasserstein, adam(rate, betas), penalty=penalty, critic_steps=critic_steps)


def start(
    generator: nn.Module, critic: nn.Module, kind: Kind, batches: Iterator[tuple], source: torch.Generator
) -> Game:
    """The game of two networks that lie where they shall compute; latents and penalty draw from `source`."""
    latent = gaussian_latent(generator.latent, source)
    descend = (kind.generator_optimizer or kind.optimizer)(generator.parameters(), maximize=False)
    climb = kind.optimizer(critic.parameters(), maximize=True)
    guard(generator, descend)
    guard(critic, climb)
    penalty = None if kind.penalty is None else kind.penalty(source)
    players = steps(
        generator, critic, kind.objective, descend, climb, latent, penalty=penalty, constrain=kind.constrain
    )
    return Game(generator, critic, latent, alternate(*players, batches, kind.critic_steps))


def ring_game(seed: int, kind: Kind, *, width: int, batch: int, device: torch.device | str = "cpu") -> Game:
    """Perceptrons with three hidden layers on fresh batches of the eight Gaussians on a circle."""
    draw = runtime.seed(seed, device).torch
    generator = PerceptronGenerator(4, (2,), width=width, depth=3, squash=nn.Identity()).to(device)
    critic = PerceptronCritic((2,), width=width, depth=3).to(device)
    return start(generator, critic, kind, laws.eight_gaussians().batches(batch, draw), draw)


def digits_game(
    seed: int, training: Tensor, kind: Kind, *, width: int, device: torch.device | str = "cpu"
) -> Game:
    """Perceptrons with two hidden layers on batches of 64 of the training images (n, 1, 8, 8)."""
    draw = runtime.seed(seed, device).torch
    generator = PerceptronGenerator(32, (1, 8, 8), width=width).to(device)
    critic = PerceptronCritic((1, 8, 8), width=width).to(device)
    batches = data.batches(training.to(device), size=64, generator=draw)
    return start(generator, critic, kind, batches, draw)


def labelled_game(
    seed: int,
    images: Tensor,
    labels: Tensor,
    kind: Kind,
    players: Callable[[], tuple[nn.Module, nn.Module]],
    *,
    batch: int,
    device: torch.device | str = "cpu",
) -> Game:
    """A conditional game on batches of images (n, …) and their labels (n,).

    `players()` builds the generator and the critic, in this order, after the seed is set. In each move the
    generator is asked for the labels of the real batch, so that real and generated labels have one law.
    """
    draw = runtime.seed(seed, device).torch
    generator, critic = (network.to(device) for network in players())
    batches = data.batches(images.to(device), labels.to(device), size=batch, generator=draw)
    return start(generator, critic, kind, batches, draw)
