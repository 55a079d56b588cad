"""Critics of many kinds that climb to the same number: the exact Wasserstein-1 distance of two fixed clouds.

A contestant is a network and a kind of training (a constraint, a penalty, an optimiser), with a payoff to
climb and a rate that falls. Training is full-batch: the clouds are fixed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lib.adversarial import Penalty
from lib.arguments import number, refusal, whole_number
from lib.clouds import euclidean
from lib.experiments.critics.problems import Problem, difference
from lib.experiments.game import Kind, PenaltyFrom, adam, clipped
from lib.lipschitz import GroupSort, MaxMin, gradient_penalty, orthonormal, spectral
from lib.networks import perceptron
from lib.objectives import wasserstein

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
        return (euclidean(points, self.generated) - self.potential(self.generated)).amin(dim=1)


def semi_dual(critic: SemiDual, problem: Problem) -> Tensor:
    """The dual with its first potential eliminated: mean_i min_j (|x_i − y_j| − g(y_j)) + mean_j g(y_j).

    At most W₁ for every g. Source: Peyré and Cuturi 2019, chapter 5.
    """
    g = critic.potential(critic.generated)
    return (euclidean(problem.real, critic.generated) - g).amin(dim=1).mean() + g.mean()


@dataclass(frozen=True)
class Contestant:
    """A critic on its own: the network that it is, and the kind of training that it gets.

    `network(problem)` builds the critic, (b, 2) → (b,). The kind's optimiser ascends
    `payoff(critic, problem)` minus the kind's penalty, at its rate times `rate(share of the budget that is
    spent)`; the kind's constraint is applied after each step.
    """

    network: Callable[[Problem], nn.Module]
    kind: Kind
    payoff: Callable[[nn.Module, Problem], Tensor] = difference
    rate: Callable[[float], float] = lambda spent: 1 - spent


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
        return (self.heights - euclidean(points, self.tips)).amax(dim=1)


def between(weight) -> PenaltyFrom:
    """λ times the gradient penalty on segments between real and generated points, joined at random.

    Raises TypeError or ValueError when λ = `weight` is no positive finite number.
    """
    weight = number("weight", weight, "the λ of the penalty")

    def penalty(generator: torch.Generator) -> Penalty:
        def near_one(critic: nn.Module, real: Tensor, generated: Tensor) -> Tensor:
            partners = torch.randperm(len(generated), generator=generator, device=generator.device)
            return weight * gradient_penalty(critic, real, generated[partners], generator)

        return near_one

    return penalty


def unbound(rate: float, betas: tuple[float, float] = (0.9, 0.99)) -> Kind:
    """Adam, and nothing that keeps the slope down: for networks that cannot stretch."""
    return Kind(f"Adam {rate}, β = {betas}", wasserstein, adam(rate, betas))


def steady(spent: float) -> float:
    """The rate of a published setting, which does not fall."""
    return 1.0


KINDS: dict[str, Contestant] = {
    # Arjovsky et al. 2017, Algorithm 1: c = 0.01, RMSProp, rate 5e-5
    "clip 0.01": Contestant(lambda _: scorer(64, 2, nn.ReLU()), clipped(0.01, 5e-5), rate=steady),
    "clip 0.1, wide": Contestant(lambda _: scorer(256, 2, nn.ReLU()), clipped(0.1, 5e-4), rate=steady),
    # Gulrajani et al. 2017: λ = 10
    "gradient penalty": Contestant(
        lambda _: scorer(64, 2, nn.ReLU()), replace(unbound(3e-3), penalty=between(10.0))
    ),
    "spectral, ReLU": Contestant(lambda _: spectral(scorer(64, 2, nn.ReLU())), unbound(3e-3)),
    "spectral, MaxMin": Contestant(lambda _: spectral(scorer(64, 2, MaxMin())), unbound(1e-2)),
    "GroupSort, orthonormal": Contestant(
        lambda _: orthonormal(scorer(32, 5, GroupSort(8)), iterations=2), unbound(1e-2)
    ),
    "max of cones": Contestant(lambda problem: Cones(64, problem.real), unbound(3e-3)),
    "semi-dual": Contestant(
        lambda problem: SemiDual(scorer(64, 2, nn.ReLU()), problem.generated),
        unbound(1e-2),
        payoff=semi_dual,
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


def train(contestant: Contestant, problem: Problem, seed: int, *, steps=None, seconds=None) -> nn.Module:
    """The contestant's critic after so many steps, or after so many CPU seconds of this process.

    Returns it in evaluation mode, where the problem's clouds lie. Weights and penalty depend on the seed
    alone, PyTorch's global generator is left as it was. Raises ValueError unless exactly one budget is given,
    and for one that is not positive; TypeError for what is no number.
    """
    budget, kind, where = _budget(steps, seconds), contestant.kind, problem.real.device
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = contestant.network(problem).to(where)
    penalty = kind.penalty and kind.penalty(torch.Generator(device=where).manual_seed(seed))
    optimizer = kind.optimizer(critic.parameters(), maximize=True)
    full_rate = [group["lr"] for group in optimizer.param_groups]
    for spent in budget:
        for group, rate in zip(optimizer.param_groups, full_rate, strict=True):
            group["lr"] = rate * contestant.rate(spent)
        gain = contestant.payoff(critic, problem)
        if penalty is not None:
            gain = gain - penalty(critic, problem.real, problem.generated)
        optimizer.zero_grad()
        gain.backward()
        optimizer.step()
        if kind.constrain is not None:
            kind.constrain(critic)
    with torch.no_grad():
        for _ in range(SETTLING):
            critic(problem.real)
    return critic.eval()


def _budget(steps, seconds) -> Iterator[float]:
    """The share of the budget that is spent, before each step."""
    if (steps is None) == (seconds is None):
        remedy = "train(…, steps=1000), or train(…, seconds=5)"
        raise ValueError(
            refusal("steps, seconds", f"{steps!r} and {seconds!r}", "exactly one budget", remedy)
        )
    if steps is not None:
        steps = whole_number("steps", steps, at_least=1)
        return (step / steps for step in range(steps))
    return _cpu_time(number("seconds", seconds, "CPU seconds of this process"))


def _cpu_time(seconds) -> Iterator[float]:
    started = time.process_time()
    while (spent := (time.process_time() - started) / seconds) < 1:
        yield spent
