"""Eight kinds of critics that climb to one number: the exact Wasserstein-1 distance of two fixed clouds."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from lib.adversarial import Penalty
from lib.arguments import number
from lib.experiments.critics.forms import Cones, SemiDual, scorer, semi_dual
from lib.experiments.critics.training import Contestant, steady
from lib.experiments.game import Kind, PenaltyFrom, adam, clipped
from lib.lipschitz import GroupSort, MaxMin, gradient_penalty, orthonormal, spectral
from lib.objectives import wasserstein

ITERATIONS = 12  # of Björck's: all singular values of a trained critic within 1e-3 of 1


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


# What stands behind a rate; the published setting has only one, and does not let it fall
OF_RATE = {
    # Arjovsky et al. 2017, Algorithm 1: c = 0.01, RMSProp, rate 5e-5
    "clip 0.01": lambda rate: Contestant(
        lambda _: scorer(64, 2, nn.ReLU()), clipped(0.01, rate), rate=steady
    ),
    "clip 0.1, wide": lambda rate: Contestant(
        lambda _: scorer(256, 2, nn.ReLU()), clipped(0.1, rate), rate=steady
    ),
    # Gulrajani et al. 2017: λ = 10
    "gradient penalty": lambda rate: Contestant(
        lambda _: scorer(64, 2, nn.ReLU()), replace(unbound(rate), penalty=between(10.0))
    ),
    "spectral, ReLU": lambda rate: Contestant(lambda _: spectral(scorer(64, 2, nn.ReLU())), unbound(rate)),
    "spectral, MaxMin": lambda rate: Contestant(lambda _: spectral(scorer(64, 2, MaxMin())), unbound(rate)),
    "GroupSort, orthonormal": lambda rate: Contestant(
        lambda _: orthonormal(scorer(32, 5, GroupSort(8)), ITERATIONS), unbound(rate)
    ),
    "max of cones": lambda rate: Contestant(lambda problem: Cones(64, problem.real), unbound(rate)),
    "semi-dual": lambda rate: Contestant(
        lambda problem: SemiDual(scorer(64, 2, nn.ReLU()), problem.generated),
        unbound(rate),
        payoff=semi_dual,
    ),
}
# Published, the first; found on other draws, the others: `lib.experiments.critics.tuning`
RATES = {
    "clip 0.01": 5e-5,
    "clip 0.1, wide": 5e-05,
    "gradient penalty": 0.03,
    "spectral, ReLU": 0.001,
    "spectral, MaxMin": 0.01,
    "GroupSort, orthonormal": 0.03,
    "max of cones": 0.01,
    "semi-dual": 0.03,
}
KINDS: dict[str, Contestant] = {kind: OF_RATE[kind](rate) for kind, rate in RATES.items()}

# So many steps take about 1.2 CPU seconds, on one core of a 2026 AMD EPYC
LIVE_STEPS = {
    "clip 0.01": 2200,
    "clip 0.1, wide": 400,
    "gradient penalty": 1200,
    "spectral, ReLU": 1300,
    "spectral, MaxMin": 850,
    "GroupSort, orthonormal": 350,
    "max of cones": 2500,
    "semi-dual": 2000,
}
