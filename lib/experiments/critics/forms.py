"""Critics as functions of the plane: perceptrons, cones, the critic that prices make; and two to compare.

Each takes points (b, 2) and returns scores (b,).
"""

import torch
from torch import Tensor, nn

from lib.clouds import euclidean
from lib.experiments.critics.problems import Problem
from lib.networks import perceptron
from lib.transport import wasserstein1


def scorer(width: int, depth: int, activation: nn.Module) -> nn.Sequential:
    """A perceptron on the plane, (b, 2) → (b,), with `depth` hidden layers of `width` units."""
    return nn.Sequential(*perceptron([2, *[width] * depth, 1], activation), nn.Flatten(0))


class Cones(nn.Module):
    """f(x) = max_k (b_k − |x − a_k|): a landscape of cones of slope 1 with free tips a and heights b.

    The optimal potential is of this form with one cone for each real point (it is its own lower McShane
    extension from there). So the tips start on `count` real points, fewer than there are, at height 0.
    The slope is at most 1 whatever the weights.
    """

    def __init__(self, count: int, real: Tensor):
        super().__init__()
        self.tips = nn.Parameter(real[torch.randperm(len(real))[:count]].clone())
        self.heights = nn.Parameter(torch.zeros(len(self.tips)))

    def forward(self, points: Tensor) -> Tensor:
        return (self.heights - euclidean(points, self.tips)).amax(dim=1)


class SemiDual(nn.Module):
    """The critic that a free potential g on the generated points makes: f(x) = min_j (|x − y_j| − g(y_j)).

    A minimum of cones, so its slope is at most 1 whatever g is.
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


class Straight(nn.Module):
    """f(x) = ⟨e, x⟩ with the unit vector e from the generated mean to the real one.

    It reads the distance of the means, the most that a linear critic of slope 1 can read.
    """

    def __init__(self, problem: Problem):
        super().__init__()
        between = problem.real.mean(dim=0) - problem.generated.mean(dim=0)
        self.weight = nn.Parameter(between / between.norm())

    def forward(self, points: Tensor) -> Tensor:
        return points @ self.weight


class Solved(nn.Module):
    """The programme's own answer, asked at new points: an exact pair (f, g) of the clouds, continued.

        "low"   f(x) = max_i (f_i − |x − x_i|)     the least continuation: cones on the real points
        "high"  f(x) = min_j (|x − y_j| − g_j)     the largest: cones upside down on the generated points

    Both prove all of W₁ on the clouds themselves, and both have slope 1. Source: McShane 1934.
    """

    def __init__(self, problem: Problem, continued: str):
        super().__init__()
        answer = wasserstein1(problem.real, problem.generated)
        self.low = {"low": True, "high": False}[continued]
        self.points = (problem.real if self.low else problem.generated).double()
        self.prices = torch.as_tensor(answer.f if self.low else answer.g)

    def forward(self, points: Tensor) -> Tensor:
        away = euclidean(points.double(), self.points)
        return (self.prices - away).amax(dim=1) if self.low else (away - self.prices).amin(dim=1)
