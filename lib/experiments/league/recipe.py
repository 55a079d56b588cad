"""One recipe for all 28 problems, a layered critic and a minute of one core; and its rivals."""

import itertools
import math
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lib.arguments import number
from lib.experiments.league.problems import HALF_SIDE, Funnels
from lib.lipschitz import GroupSort, MaxMin, orthonormal, spectral

BATCH = 1024
FINE = 10.0  # λ
TIPS = 256
Fine = Callable[[Tensor], Tensor]  # lengths of ∇f (b,) ↦ what each costs (b,)


class Swish(nn.Module):
    """h ↦ h sg(κh): smooth, and the nearer to ReLU the larger κ is. Source: Ramachandran et al. 2017."""

    def __init__(self, sharpness: float):
        super().__init__()
        self.sharpness = sharpness

    def forward(self, h: Tensor) -> Tensor:
        return nn.functional.silu(self.sharpness * h) / self.sharpness


class Cones(nn.Module):
    """f(z) = max_k (b_k − |z − a_k|), with free tips and heights: the form of the answer, no layers."""

    def __init__(self, dimension: int):
        super().__init__()
        self.tips = nn.Parameter(HALF_SIDE * (2 * torch.rand(TIPS, dimension) - 1))
        self.heights = nn.Parameter(torch.zeros(TIPS))

    def forward(self, points: Tensor) -> Tensor:
        return (self.heights - torch.cdist(points, self.tips)).amax(dim=1)


def layered(dimension: int, activation: nn.Module | None = None) -> nn.Sequential:
    """Three hidden layers of max(2d, 128) units, (b, d) → (b,), as wide as those of the published runs.

    The activation is h sg(κh) unless another is given, κ = max(1, 8/√d): where two funnels lie close
    together, the kink between them has to be sharp.
    """
    width = max(2 * dimension, 128)
    if activation is None:
        activation = Swish(max(1.0, 8 / math.sqrt(dimension)))
    widths = [dimension, width, width, width]
    hidden = [each for ends in itertools.pairwise(widths) for each in (nn.Linear(*ends), activation)]
    return nn.Sequential(*hidden, nn.Linear(width, 1), nn.Flatten(0))


def one_sided(lengths: Tensor) -> Tensor:
    """max(0, |∇f| − 1)². Source: Petzka et al. 2018, there between the points."""
    return (lengths - 1).clamp_min(0).square()


def two_sided(lengths: Tensor) -> Tensor:
    """(|∇f| − 1)². Source: Gulrajani et al. 2017, (3)."""
    return (lengths - 1).square()


def adam(critic: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Adam for everything."""
    return [torch.optim.Adam(critic.parameters(), rate, betas=(0.9, 0.99))]


def muon(critic: nn.Module, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices; Adam, at a quarter of the rate, for biases and the last layer.

    Muon moves a matrix by the orthonormal factor of its momentum. Source: Liu et al. 2025.
    """
    last = [layer for layer in critic.modules() if isinstance(layer, nn.Linear)][-1].weight
    hidden = [weight for weight in critic.parameters() if weight.ndim == 2 and weight is not last]
    rest = [weight for weight in critic.parameters() if weight.ndim != 2 or weight is last]
    return [
        torch.optim.Muon(hidden, lr=rate, weight_decay=0.0),
        torch.optim.Adam(rest, rate / 4, betas=(0.9, 0.99)),
    ]


@dataclass(frozen=True)
class Entrant:
    """A critic that may enter the league: its network, its fine, and its optimisers at a rate.

    `network(d)` builds the critic. The fine is taken at the very points that are scored, of both laws.
    """

    network: Callable[[int], nn.Module]
    fine: Fine | None
    optimisers: Callable[[nn.Module, float], list[torch.optim.Optimizer]]


RECIPE = Entrant(layered, one_sided, muon)
ENTRANTS = {
    "recipe": RECIPE,
    "two-sided": replace(RECIPE, fine=two_sided),
    "ReLU": replace(RECIPE, network=lambda d: layered(d, nn.ReLU())),
    "Adam": replace(RECIPE, optimisers=adam),
    "spectral, MaxMin": Entrant(lambda d: spectral(layered(d, MaxMin())), None, adam),
    "orthonormal, GroupSort": Entrant(lambda d: orthonormal(layered(d, GroupSort(8))), None, adam),
    "cones": Entrant(Cones, None, adam),
}


def payoff(critic: nn.Module, real: Tensor, generated: Tensor, fine: Fine | None) -> Tensor:
    """mean f(x) − mean f(y) − λ mean fine(|∇f|) over all the points, both clouds (b, d).

    With a fine, the layers compute in bfloat16.
    """
    points = torch.cat([real, generated]).requires_grad_(fine is not None)
    with nullcontext() if fine is None else torch.autocast(points.device.type, torch.bfloat16):
        scores = critic(points).float()
    value = scores[: len(real)].mean() - scores[len(real) :].mean()
    if fine is None:
        return value
    (gradient,) = torch.autograd.grad(scores.sum(), points, create_graph=True)
    return value - FINE * fine(gradient.float().norm(dim=1)).mean()


def train(
    problem: Funnels,
    seed: int,
    *,
    entrant: Entrant,
    rate: float,
    seconds: float | int,
    looks: Iterable[float | int] = (),
    look: Callable[[nn.Module, float | int], None] = lambda critic, seconds: None,
) -> nn.Module:
    """A critic for P against Q after so many CPU seconds of this process, on fresh points at each step.

    All rates fall to 0 in a straight line. Drawing the points counts; the looks, `look(critic, seconds)`
    after so many seconds each, do not. Weights and points depend on the seed alone, the number of steps on
    the machine. Raises TypeError or ValueError for a bad `rate` or `seconds`.
    """
    seconds, waiting = number("seconds", seconds, "CPU seconds of this process"), sorted(looks)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = entrant.network(problem.dimension)
    draw = torch.Generator().manual_seed(seed)
    light = Funnels(problem.centres.float(), problem.biases.float())
    climbing = entrant.optimisers(critic, number("rate", rate, "the rate of the optimisers"))
    groups = [(group, group["lr"]) for each in climbing for group in each.param_groups]
    started = time.process_time()
    while (spent := time.process_time() - started) < seconds:
        if waiting and spent >= waiting[0]:
            look(critic.eval(), waiting.pop(0))
            critic.train()
            started = time.process_time() - spent
        for group, full in groups:
            group["lr"] = full * (1 - spent / seconds)
        loss = -payoff(critic, *light.sample(BATCH, draw), entrant.fine)
        critic.zero_grad()
        loss.backward()
        for each in climbing:
            each.step()
    settle(critic, problem.dimension)
    return critic.eval()


@torch.no_grad()
def settle(critic: nn.Module, dimension: int, readings: int = 30) -> None:
    """Let the power method of a spectral critic catch up with the last step; others do not notice."""
    for _ in range(readings):
        critic(torch.zeros(1, dimension))
