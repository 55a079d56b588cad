"""A discriminator without a generator: what its negatives teach it, and what becomes of its favourites."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from lib import laws, networks, runtime

Sampler = Callable[[int, torch.Generator], Tensor]  # n, where to draw from ↦ points (n, d)
POOL, SHARE, HALF_WIDTH = 1000, 0.3, 6.0  # negatives; how many of them change in a round; where they begin


def annulus(inner: float | int, outer: float | int) -> Sampler:
    """Points of the plane, uniform where inner ≤ |x| ≤ outer; a disc for inner = 0, a circle if equal."""

    def sample(n: int, draw: torch.Generator) -> Tensor:
        radius = (inner**2 + (outer**2 - inner**2) * torch.rand(n, generator=draw)).sqrt()
        angle = 2 * math.pi * torch.rand(n, generator=draw)
        return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)

    return sample


def square(n: int, draw: torch.Generator) -> Tensor:
    """Points of the plane, uniform on [−4, 4]²."""
    return 8 * torch.rand(n, 2, generator=draw) - 4


NEGATIVES = {"none": None, "far": annulus(3, 4), "near": annulus(0.6, 1.8), "everywhere": square}


def teach(
    critic: nn.Module, real: Sampler, negatives: Sampler | None, draw: torch.Generator, steps: int
) -> None:
    """Climb E log D(real) + E log(1 − D(negatives)), D = sg(critic), by Adam (rate 3e-3) on 256 + 256 points.

    Without `negatives` the second term is left out.
    """
    climb = torch.optim.Adam(critic.parameters(), 3e-3, maximize=True, fused=True)
    for _ in range(steps):
        value = -softplus(-critic(real(256, draw))).mean()
        if negatives is not None:
            value = value - softplus(critic(negatives(256, draw))).mean()
        climb.zero_grad()
        value.backward()
        climb.step()


def judge_at(seed: int, negatives: str, steps: int = 500) -> dict[str, float]:
    """Mean D on the data (a disc of radius ½), on the circle of radius 1.2 and on that of radius 10."""
    draw = runtime.seed(seed).torch
    critic = networks.PerceptronCritic((2,), width=64)
    teach(critic, annulus(0, 0.5), NEGATIVES[negatives], draw, steps)
    fresh = torch.Generator().manual_seed(1)
    places = {"data": annulus(0, 0.5), "beside": annulus(1.2, 1.2), "remote": annulus(10, 10)}
    with torch.no_grad():
        return {name: critic(at(2000, fresh)).sigmoid().mean().item() for name, at in places.items()}


def distance(points: Tensor, law: laws.GaussianMixture) -> float:
    """W₁ = ∫ |F_points − F| dx over [−12, 12], between equally weighted points (n, 1) and a mixture."""
    x = torch.linspace(-12, 12, 24_001, dtype=torch.float64)
    scales = torch.as_tensor(law.scale, dtype=torch.float64).expand(len(law.means))
    exact = (law.weights * torch.special.ndtr((x[:, None] - law.means[:, 0]) / scales)).sum(dim=1)
    found = torch.searchsorted(points[:, 0].double().sort().values, x, right=True) / len(points)
    return torch.trapezoid((found - exact).abs(), x).item()


def spaced(n: int, draw: torch.Generator) -> Tensor:
    """Points of the line (n, 1), uniform on [−6, 6]."""
    return HALF_WIDTH * (2 * torch.rand(n, 1, generator=draw) - 1)


Renewal = Callable[[nn.Module, Tensor, torch.Generator], Tensor]  # critic, pool, where to draw from ↦ pool


def _kept(pool: Tensor, draw: torch.Generator) -> Tensor:
    """Seven in ten of the pool, drawn at random."""
    return pool[torch.randperm(len(pool), generator=draw)[: round((1 - SHARE) * len(pool))]]


def favourites(critic: nn.Module, pool: Tensor, draw: torch.Generator) -> Tensor:
    """The pool with three in ten replaced by the highest scores among 20 000 points of [−6, 6]."""
    kept, candidates = _kept(pool, draw), spaced(20_000, draw)
    return torch.cat([kept, candidates[critic(candidates).topk(len(pool) - len(kept)).indices]])


def reweighted(critic: nn.Module, pool: Tensor, draw: torch.Generator) -> Tensor:
    """As many points drawn from the pool with weights D/(1 − D) = exp(score)."""
    weights = critic(pool).double().softmax(dim=0)
    return pool[torch.multinomial(weights, len(pool), replacement=True, generator=draw)]


def renewals(law: laws.Law) -> dict[str, Renewal]:
    """How negatives may be renewed; `real`, by points of the law, is what no search can be better than."""

    def real(critic: nn.Module, pool: Tensor, draw: torch.Generator) -> Tensor:
        kept = _kept(pool, draw)
        return torch.cat([kept, law.sample(len(pool) - len(kept), draw)])

    return {"favourites": favourites, "reweighted": reweighted, "real": real}


def loop(
    law: laws.GaussianMixture, renew: Renewal, seed: int, rounds: int = 24, steps: int = 100
) -> list[float]:
    """Teach a discriminator and renew its negatives, again and again.

    Returns W₁ of the negatives to the law, before the first round and after each: rounds + 1 numbers.
    """
    draw = runtime.seed(seed).torch
    critic = networks.PerceptronCritic((1,), width=64)
    pool = spaced(POOL, draw)
    far = [distance(pool, law)]

    def negatives(n: int, draw: torch.Generator) -> Tensor:
        return pool[torch.randint(len(pool), (n,), generator=draw)]

    for _ in range(rounds):
        teach(critic, law.sample, negatives, draw, steps)
        with torch.no_grad():
            pool = renew(critic, pool, draw)
        far.append(distance(pool, law))
    return far
