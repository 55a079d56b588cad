"""What a critic says and proves about W₁ on old points and on fresh ones, and where its gradient points."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from lib.clouds import euclidean
from lib.experiments.critics.problems import LARGE, MANY, Problem, fresh, problem
from lib.lipschitz import autograd_gradient
from lib.lipschitz.certificates import proved, scores
from lib.lipschitz.slopes import Critic


class Judged(NamedTuple):
    """What a critic says of W₁, and two lower bounds of W₁ that it proves, in the unit of the clouds."""

    raw: float
    certified: float
    transformed: float


def judge(critic: Critic, problem: Problem) -> Judged:
    """The critic's value, the value ÷ its steepest climb, and the value of the pair that it leaves to g.

        raw          mean f(x) − mean f(y)                                        proves nothing by itself
        certified    raw ÷ s,   s = max_ij (f(x_i) − f(y_j)) / |x_i − y_j|        <= W₁
        transformed  mean_i min_j (|x_i − y_j| − g(y_j)) + mean_j g(y_j),         <= W₁
                     g = −f or −f/s, whichever proves more

    The pair (min_j (|x_i − y_j| − g(y_j)), g(y_j)) keeps below the distances for any g at all, so the last
    bound holds for every f and every scale. Float64 from the critic's scores, each point scored once.
    Raises as `lib.lipschitz.certificate`.
    """
    above, below = scores(critic, problem.real, problem.generated)
    value, slope, certified = proved(above, below, problem.real, problem.generated)
    away = euclidean(problem.real.double(), problem.generated.double())
    scales = (1.0, 1 / slope) if slope > 0 else (1.0,)
    pairs = [float((away + scale * below).amin(dim=1).mean() - scale * below.mean()) for scale in scales]
    return Judged(value, certified, max(pairs))


class Shares(NamedTuple):
    """A critic on one problem: what it says and proves in per cent of W₁, and how well its gradient points.

    `raw`, `certified`, `transformed`: on the points it was trained on. `fresh`, `fresh_transformed`: the mean
    of `certified` and `transformed` over draws that it has not seen, each against its own distance.
    `cosine`: see `cosine`.
    """

    raw: float
    certified: float
    transformed: float
    fresh: float
    fresh_transformed: float
    cosine: float


def shares(critic: nn.Module, name: str, trained_on: Problem | None = None) -> Shares:
    """All that is asked of a critic, on the CPU; `trained_on` is the training draw unless it is given."""
    own = problem(name) if trained_on is None else trained_on
    seen = [100 * value / own.exact for value in judge(critic, own)]
    unseen = [(judge(critic, draw), exact) for draw, exact in fresh(name)]
    certified = np.mean([100 * judged.certified / exact for judged, exact in unseen])
    transformed = np.mean([100 * judged.transformed / exact for judged, exact in unseen])
    return Shares(*seen, float(certified), float(transformed), cosine(critic, name))


@cache
def directions(name: str) -> tuple[Tensor, Tensor]:
    """Many fresh generated points (n, 2), and at each the unit vector to its partner in the exact plan."""
    draw = problem(name, LARGE, MANY)
    partner = linear_sum_assignment(euclidean(draw.generated.double(), draw.real.double()).numpy())[1]
    move = draw.real[partner].double() - draw.generated.double()
    return draw.generated, move / move.norm(dim=1, keepdim=True)


def cosine(critic: nn.Module, name: str) -> float:
    """Where a critic sends generated points: the mean cosine between ∇f and the direction of the exact plan.

    At 1024 fresh generated points, against the plan of these and as many fresh real ones; in [−1, 1]. Where
    the gradient is 0 the cosine counts as 0. Source of the measure: Korotin et al. 2022, section 4.
    """
    points, towards = directions(name)
    gradient = autograd_gradient(critic, points).detach().double()
    return float(torch.nn.functional.cosine_similarity(gradient, towards, dim=1, eps=1e-12).mean())
