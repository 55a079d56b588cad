"""A fresh critic against a player that stands still: what the game's own critic no longer sees."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from lib import runtime
from lib.objectives import non_saturating

Sampler = Callable[[int, torch.Generator], Tensor]  # n, where to draw from ↦ points (n, d)
POINTS = 10_000


def certified(critic: nn.Module, real: Tensor, fake: Tensor) -> float:
    """The lower bound of JS in nats that a critic certifies on points it was not trained on, (n, d) each.

        ½ V + log 2,   V = mean log D(real) + mean log(1 − D(fake))

    In expectation at most JS for every fixed critic (chapter 8, Proposition 8.5); negative for a bad one.
    """
    with torch.no_grad():
        return non_saturating.critic(critic(real), critic(fake)).item() / 2 + math.log(2)


def examine(
    real: Sampler,
    fake: Sampler,
    critic: Callable[[], nn.Module],
    optimizer: Callable[..., torch.optim.Optimizer],
    seed: int,
    steps: int = 2500,
    batch: int = 256,
) -> float:
    """Train a critic that has never played, and return what it certifies on 10 000 fresh points of each kind.

    `critic()` builds it under the seed; `optimizer(parameters, maximize=True)` is that of the game.
    """
    draw = runtime.seed(seed).torch
    examiner = critic()
    climb = optimizer(examiner.parameters(), maximize=True)
    for _ in range(steps):
        value = non_saturating.critic(examiner(real(batch, draw)), examiner(fake(batch, draw)))
        climb.zero_grad()
        value.backward()
        climb.step()
    return certified(examiner, real(POINTS, draw), fake(POINTS, draw))
