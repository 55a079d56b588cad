"""Critics of many kinds that climb to the same number: the exact Wasserstein-1 distance of two fixed clouds.

A kind of critic is a product of independent choices: a network, the payoff that it climbs, a constraint
applied after each step, a penalty, an optimiser and its rate. Training is full-batch: the clouds are fixed.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from lib.clouds import distances
from lib.experiments.critics.problems import Problem, difference
from lib.lipschitz import clip_, gradient_penalty
from lib.lipschitz.layers import GroupSort, MaxMin, orthonormal, spectral
from lib.networks import perceptron
from lib.runtime import whole_number

SETTLING = 30  # readings of the weights, by which the power method catches up with the last step


class SemiDual(nn.Module):
    """The critic that a free potential g on the generated points makes: f(x) = min_j (|x − y_j| − g(y_j)).

    A minimum of cones, so its slope is at most 1 whatever g is. Takes (b, 2), returns (b,).
    """

    def __init__(self, potential: nn.Module, generated: Tensor):
        super().__init__()
        self.potential = potential
        self.register_buffer("generated", generated)

    def forward(self, points: Tensor) -> Tensor:
        return (distances(points, self.generated) - self.potential(self.generated)).amin(dim=1)


def semi_dual(critic: SemiDual, problem: Problem) -> Tensor:
    """The dual with its first potential eliminated: mean_i min_j (|x_i − y_j| − g(y_j)) + mean_j g(y_j).

    At most W₁ for every g. Source: Peyré and Cuturi 2019, chapter 5.
    """
    g = critic.potential(critic.generated)
    return (distances(problem.real, critic.generated) - g).amin(dim=1).mean() + g.mean()


Payoff = Callable[[nn.Module, Problem], Tensor]
Penalty = Callable[[nn.Module, Problem, torch.Generator], Tensor]
Optimiser = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


@dataclass(frozen=True)
class Kind:
    """One way to train a critic, as a product of choices.

    `network(problem)` builds the critic, (b, 2) → (b,). `optimiser(parameters)` ascends `payoff` minus
    `penalty`, at the optimiser's rate times `rate(share of the budget that is spent)`. `constrain(critic)`
    is applied after each step.
    """

    network: Callable[[Problem], nn.Module]
    optimiser: Optimiser
    payoff: Payoff = difference
    rate: Callable[[float], float] = lambda spent: 1 - spent
    penalty: Penalty | None = None
    constrain: Callable[[nn.Module], None] | None = None


def scorer(width: int, depth: int, activation: nn.Module) -> nn.Sequential:
    """A perceptron on the plane, (b, 2) → (b,), with `depth` hidden layers of `width` units."""
    return nn.Sequential(*perceptron([2, *[width] * depth, 1], activation), nn.Flatten(0))


class Cones(nn.Module):
    """f(x) = max_k (b_k − |x − a_k|): a landscape of cones of slope 1 with free tips a and heights b.

    The optimal potential is of this form with one cone for each real point (it is its own lower McShane
    extension from there). So the tips start on `count` real points, fewer than there are, at height 0.
    Takes (b, 2), returns (b,); the slope is at most 1 whatever the weights.
    """

    def __init__(self, count: int, real: Tensor):
        super().__init__()
        self.tips = nn.Parameter(real[torch.randperm(len(real))[:count]].clone())
        self.heights = nn.Parameter(torch.zeros(len(self.tips)))

    def forward(self, points: Tensor) -> Tensor:
        return (self.heights - distances(points, self.tips)).amax(dim=1)


def between(weight: float) -> Penalty:
    """λ times the gradient penalty on segments between real and generated points, joined at random."""

    def penalty(critic: nn.Module, problem: Problem, generator: torch.Generator) -> Tensor:
        partners = torch.randperm(len(problem.generated), generator=generator)
        return weight * gradient_penalty(critic, problem.real, problem.generated[partners], generator)

    return penalty


def adam(rate: float, betas: tuple[float, float] = (0.9, 0.99)) -> Optimiser:
    """Adam that ascends."""
    return partial(torch.optim.Adam, lr=rate, betas=betas, maximize=True, fused=True)


def rmsprop(rate: float) -> Optimiser:
    """RMSProp that ascends."""
    return partial(torch.optim.RMSprop, lr=rate, maximize=True)


def clipped(bound: float) -> Callable[[nn.Module], None]:
    """Clamp every parameter to [−bound, bound]."""
    return partial(clip_, bound=bound)


def steady(spent: float) -> float:
    """The rate of a published setting, which does not fall."""
    return 1.0


KINDS: dict[str, Kind] = {
    # Arjovsky et al. 2017, Algorithm 1: c = 0.01, RMSProp, rate 5e-5
    "clip 0.01": Kind(
        lambda _: scorer(64, 2, nn.ReLU()), rmsprop(5e-5), rate=steady, constrain=clipped(0.01)
    ),
    "clip 0.1, wide": Kind(
        lambda _: scorer(256, 2, nn.ReLU()), rmsprop(5e-4), rate=steady, constrain=clipped(0.1)
    ),
    # Gulrajani et al. 2017: λ = 10
    "gradient penalty": Kind(lambda _: scorer(64, 2, nn.ReLU()), adam(3e-3), penalty=between(10.0)),
    "spectral, ReLU": Kind(lambda _: spectral(scorer(64, 2, nn.ReLU())), adam(3e-3)),
    "spectral, MaxMin": Kind(lambda _: spectral(scorer(64, 2, MaxMin())), adam(1e-2)),
    "GroupSort, orthonormal": Kind(
        lambda _: orthonormal(scorer(32, 5, GroupSort(8)), iterations=2), adam(1e-2)
    ),
    "max of cones": Kind(lambda problem: Cones(64, problem.real), adam(3e-3)),
    "semi-dual": Kind(
        lambda problem: SemiDual(scorer(64, 2, nn.ReLU()), problem.generated), adam(1e-2), payoff=semi_dual
    ),
}

# So many steps take about 1.2 CPU seconds, on one core of a 2026 AMD EPYC
LIVE_STEPS = {
    "clip 0.01": 2200,
    "clip 0.1, wide": 400,
    "gradient penalty": 1200,
    "spectral, ReLU": 1300,
    "spectral, MaxMin": 850,
    "GroupSort, orthonormal": 450,
    "max of cones": 2500,
    "semi-dual": 2000,
}


def train(kind: Kind, problem: Problem, seed: int, *, steps=None, seconds=None) -> nn.Module:
    """A critic of this kind after so many steps, or after so many CPU seconds of this process.

    Returns it in evaluation mode. Weights and penalty depend on the seed alone, PyTorch's global generator
    is left as it was. Raises ValueError unless exactly one budget is given, and for one that is not positive.
    """
    budget = _budget(steps, seconds)
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = kind.network(problem)
    optimiser = kind.optimiser(critic.parameters())
    full_rate = [group["lr"] for group in optimiser.param_groups]
    for spent in budget:
        for group, rate in zip(optimiser.param_groups, full_rate, strict=True):
            group["lr"] = rate * kind.rate(spent)
        gain = kind.payoff(critic, problem)
        if kind.penalty is not None:
            gain = gain - kind.penalty(critic, problem, generator)
        optimiser.zero_grad()
        gain.backward()
        optimiser.step()
        if kind.constrain is not None:
            kind.constrain(critic)
    with torch.no_grad():
        for _ in range(SETTLING):
            critic(problem.real)
    return critic.eval()


def _budget(steps, seconds) -> Iterator[float]:
    """The share of the budget that is spent, before each step."""
    if (steps is None) == (seconds is None):
        raise ValueError(
            f"steps, seconds: got {steps!r} and {seconds!r}, expected exactly one budget."
            f" Remedy: train(..., steps=1000), or train(..., seconds=5)."
        )
    if steps is not None:
        steps = whole_number("steps", steps, at_least=1)
        return (step / steps for step in range(steps))
    if not (isinstance(seconds, int | float) and 0 < seconds < math.inf):
        raise ValueError(
            f"seconds: got {seconds!r}, expected a positive finite number of CPU seconds. Remedy: seconds=5."
        )
    return _cpu_time(seconds)


def _cpu_time(seconds) -> Iterator[float]:
    started = time.process_time()
    while (spent := (time.process_time() - started) / seconds) < 1:
        yield spent
