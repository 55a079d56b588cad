"""Two fixed pairs of clouds whose distance is known exactly, and what a critic says and proves about it."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib.arguments import refusal
from lib.clouds import euclidean
from lib.laws import GaussianMixture, eight_gaussians
from lib.lipschitz import certificate

POINTS = 256


@dataclass(frozen=True, eq=False)
class Problem:
    """Two clouds (n, 2), float32, whose distance is sought."""

    name: str
    real: Tensor
    generated: Tensor

    def to(self, device: torch.device | str) -> "Problem":
        """The same clouds on another device."""
        return Problem(self.name, self.real.to(device), self.generated.to(device))


class Laws(NamedTuple):
    """Where the two clouds of a problem are drawn from, in words and to draw from."""

    said: str
    real: GaussianMixture
    generated: GaussianMixture


def _ring_of_radius(radius: float, scale: float) -> GaussianMixture:
    means = eight_gaussians().means
    return GaussianMixture(radius / float(means[0].norm()) * means, scale)


LAWS = {
    "ring": Laws(
        "Eight Gaussians of scale 0.05 on the circle of radius 2 against N(0, I).",
        _ring_of_radius(2.0, 0.05),
        GaussianMixture([[0.0, 0.0]], 1.0),
    ),
    "gaussians": Laws(
        "A Gaussian of scale 0.6 at (2, 1.5) against one of scale 1.2 at the origin.",
        GaussianMixture([[2.0, 1.5]], 0.6),
        GaussianMixture([[0.0, 0.0]], 1.2),
    ),
}


def problem(name: str) -> Problem:
    """One fixed draw of 256 real and 256 generated points: "ring" or "gaussians".

    Raises ValueError for another name.
    """
    if name not in LAWS:
        raise ValueError(refusal("name", repr(name), f"one of {list(LAWS)}", "problem('ring')"))
    laws, draw = LAWS[name], torch.Generator().manual_seed(2017)
    return Problem(name, laws.real.sample(POINTS, draw), laws.generated.sample(POINTS, draw))


def difference(critic: nn.Module, problem: Problem) -> Tensor:
    """The payoff of the dual with one function: mean f(real) − mean f(generated)."""
    scores = critic(torch.cat([problem.real, problem.generated]))
    return scores[: len(problem.real)].mean() - scores[len(problem.real) :].mean()


class Judged(NamedTuple):
    """What a critic says of W₁, and two lower bounds of W₁ that it proves, in the unit of the clouds."""

    raw: float
    certified: float
    transformed: float


def judge(critic: nn.Module, problem: Problem) -> Judged:
    """The critic's value, the value ÷ its steepest climb, and the value of the pair that it leaves to g.

        raw          mean f(x) − mean f(y)                                        proves nothing by itself
        certified    raw ÷ s,   s = max_ij (f(x_i) − f(y_j)) / |x_i − y_j|        <= W₁
        transformed  mean_i min_j (|x_i − y_j| − g(y_j)) + mean_j g(y_j),         <= W₁
                     g = −f or −f/s, whichever proves more

    The pair (min_j (|x_i − y_j| − g(y_j)), g(y_j)) keeps below the distances for any g at all, so the last
    bound holds for every f and every scale. Float64 from the critic's scores. Raises as `certificate`.
    """
    _, slope, certified = certificate(critic, problem.real, problem.generated)
    with torch.no_grad():
        above, below = critic(problem.real).double(), critic(problem.generated).double()
    away = euclidean(problem.real.double(), problem.generated.double())
    scales = (1.0, 1 / slope) if slope > 0 else (1.0,)
    pairs = [float((away + scale * below).amin(dim=1).mean() - scale * below.mean()) for scale in scales]
    return Judged(float(above.mean() - below.mean()), certified, max(pairs))
