"""Pairs of clouds whose distance is known: the draw on which critics train, fresh draws, a large one."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib.arguments import refusal
from lib.laws import GaussianMixture, eight_gaussians
from lib.metrics import assignment_distance

POINTS = 256
TRAINING = 2017  # the seed of the draw on which critics train
FRESH = range(1, 6)  # and of draws that no critic has seen
LARGE, MANY = 6, 1024  # one more, with many points, for the directions of the plan


@dataclass(frozen=True, eq=False)
class Problem:
    """Two clouds (n, 2), float32, whose distance is sought."""

    name: str
    real: Tensor
    generated: Tensor

    def to(self, device: torch.device | str) -> "Problem":
        """The same clouds on another device."""
        return Problem(self.name, self.real.to(device), self.generated.to(device))

    @property
    def exact(self) -> float:
        """W₁ of the two clouds, by the assignment solver."""
        return assignment_distance(self.real, self.generated)


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


def problem(name: str, seed: int = TRAINING, points: int = POINTS) -> Problem:
    """A draw of `points` real and as many generated points: "ring" or "gaussians"; one seed, one draw.

    Raises ValueError for another name.
    """
    if name not in LAWS:
        raise ValueError(refusal("name", repr(name), f"one of {list(LAWS)}", "problem('ring')"))
    laws, draw = LAWS[name], torch.Generator().manual_seed(seed)
    return Problem(name, laws.real.sample(points, draw), laws.generated.sample(points, draw))


@cache
def fresh(name: str) -> tuple[tuple[Problem, float], ...]:
    """The draws that no critic has seen, each with its exact distance."""
    draws = [problem(name, seed) for seed in FRESH]
    return tuple((each, each.exact) for each in draws)


def difference(critic: nn.Module, problem: Problem) -> Tensor:
    """The payoff of the dual with one function: mean f(real) − mean f(generated)."""
    scores = critic(torch.cat([problem.real, problem.generated]))
    return scores[: len(problem.real)].mean() - scores[len(problem.real) :].mean()
