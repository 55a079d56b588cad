"""Two laws that do not touch: what a critic reports, and what slope it leaves to the other player."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from lib import networks, runtime
from lib.objectives import minimax, non_saturating


def run_starving(seed: int, stops: tuple[int, ...] = (10, 100, 400, 1600)) -> Mapping[str, float]:
    """Two blobs that do not touch: what a critic reports and what slope it leaves, the longer it is trained.

    Real points even in the unit square around (2, 0), fakes in that around (−2, 0) + θ. For each stop k:
    `k: estimate`, (½ V + log 2)/log 2 on fresh points, and the length of the slope in θ of both losses.
    """
    draw = runtime.seed(seed).torch
    critic = networks.PerceptronCritic((2,), width=64, depth=2)
    climb = torch.optim.Adam(critic.parameters(), lr=1e-3, maximize=True)

    def blob(n: int, x: float) -> Tensor:
        return torch.rand(n, 2, generator=draw) - 0.5 + torch.tensor([x, 0.0])

    values = {}
    for move in range(1, max(stops) + 1):
        value = non_saturating.critic(critic(blob(256, 2.0)), critic(blob(256, -2.0)))
        climb.zero_grad()
        value.backward()
        climb.step()
        if move in stops:
            values |= {f"{move}: {what}": each for what, each in _hunger(critic, blob).items()}
    return values


def _hunger(critic: nn.Module, blob, n: int = 10_000) -> dict[str, float]:
    theta = torch.zeros(2, requires_grad=True)
    fake = critic(blob(n, -2.0) + theta)
    value = non_saturating.critic(critic(blob(n, 2.0)), fake).item()
    slopes = {
        kind.name: torch.autograd.grad(kind.generator(fake), theta, retain_graph=True)[0].norm().item()
        for kind in (minimax, non_saturating)
    }
    return {"estimate": 0.5 * value / math.log(2) + 1} | slopes
