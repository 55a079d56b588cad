"""Who runs the race of five seconds: fourteen critics, each behind its rate, and the points they climb on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import repeat

import torch
from torch import Tensor, nn

from lib.adversarial import Penalty
from lib.arguments import number
from lib.experiments.critics.forms import Cones, scorer
from lib.experiments.critics.kinds import OF_RATE, unbound
from lib.experiments.critics.problems import LAWS, POINTS, Problem
from lib.experiments.critics.training import Contestant
from lib.experiments.game import PenaltyFrom
from lib.lipschitz import GroupSort, MaxMin, autograd_gradient, interpolate, orthonormal, spectral

WIDTH, DEPTH, GROUP = 32, 2, 32  # of the six layered critics, which differ in nothing else; all are sorted
ITERATIONS = 3  # of Björck's, from matrices that are put back after each step
CONES = 64
ELSEWHERE = 10**6  # added to the seed: draws of points that nobody is judged on
BLOCK = 64  # so many draws are taken from the laws at a time


@dataclass(frozen=True)
class Entrant:
    """A contestant, and the points on which it climbs: `points(own, seed)` yields those of each step."""

    contestant: Contestant
    points: Callable[[Problem, int], Iterator[Problem]] = lambda own, seed: repeat(own)


def renewed(size: int = POINTS) -> Callable[[Problem, int], Iterator[Problem]]:
    """Points that are drawn anew from the problem's laws at each step, `size` on either side."""

    def points(own: Problem, seed: int) -> Iterator[Problem]:
        laws, draw = LAWS[own.name], torch.Generator().manual_seed(ELSEWHERE + seed)
        while True:
            real, generated = (
                law.sample(BLOCK * size, draw).to(own.real) for law in (laws.real, laws.generated)
            )
            for pair in zip(real.split(size), generated.split(size), strict=True):
                yield Problem(own.name, *pair)

    return points


def above_one(weight) -> PenaltyFrom:
    """λ mean max(0, |∇f| − 1)² on segments between real and generated points, joined at random.

    The fine on one side: it asks nothing of a slope below 1. Raises TypeError or ValueError when λ = `weight`
    is no positive finite number. Source: Petzka et al. 2018.
    """
    weight = number("weight", weight, "the λ of the penalty")

    def penalty(generator: torch.Generator) -> Penalty:
        def on_one_side(critic: nn.Module, real: Tensor, generated: Tensor) -> Tensor:
            partners = torch.randperm(len(generated), generator=generator, device=generator.device)
            between = interpolate(real, generated[partners], generator)
            slopes = torch.linalg.vector_norm(autograd_gradient(critic, between), dim=1)
            return weight * (slopes - 1).relu().square().mean()

        return on_one_side

    return penalty


@torch.no_grad()
def put_back_(critic: nn.Module) -> None:
    """Let what is trained of an orthonormal layer be what is used of it: then few iterations suffice."""
    for layer in critic.modules():
        if isinstance(layer, nn.Linear):
            layer.parametrizations.weight.original.copy_(layer.weight)


def _layered(activation: Callable[[], nn.Module], matrices: str, rate: float) -> Contestant:
    if matrices == "spectral":
        return Contestant(lambda _: spectral(scorer(WIDTH, DEPTH, activation())), unbound(rate))
    return Contestant(
        lambda _: orthonormal(scorer(WIDTH, DEPTH, activation()), ITERATIONS),
        replace(unbound(rate), constrain=put_back_),
    )


def _one_sided(rate: float) -> Contestant:
    two_sided = OF_RATE["gradient penalty"](rate)
    return replace(two_sided, kind=replace(two_sided.kind, penalty=above_one(10.0)))


def _sorting(rate: float) -> Contestant:
    return _layered(lambda: GroupSort(GROUP), "orthonormal", rate)


def _cones(rate: float) -> Contestant:
    return Contestant(lambda problem: Cones(CONES, problem.real), unbound(rate))


SORTS = {"ReLU": nn.ReLU, "MaxMin": MaxMin, "GroupSort": lambda: GroupSort(GROUP)}
BEHIND: dict[str, Callable[[float], Entrant]] = {
    "clip 0.01": lambda rate: Entrant(OF_RATE["clip 0.01"](rate)),
    "clip 0.1, wide": lambda rate: Entrant(OF_RATE["clip 0.1, wide"](rate)),
    "two-sided fine": lambda rate: Entrant(OF_RATE["gradient penalty"](rate)),
    "one-sided fine": lambda rate: Entrant(_one_sided(rate)),
    **{
        f"{matrices}, {said}": lambda rate, m=matrices, a=activation: Entrant(_layered(a, m, rate))
        for matrices in ("spectral", "orthonormal")
        for said, activation in SORTS.items()
    },
    "semi-dual": lambda rate: Entrant(OF_RATE["semi-dual"](rate)),
    "cones": lambda rate: Entrant(_cones(rate)),
    "orthonormal, GroupSort, renewed": lambda rate: Entrant(_sorting(rate), renewed()),
    "cones, renewed": lambda rate: Entrant(_cones(rate), renewed()),
}
