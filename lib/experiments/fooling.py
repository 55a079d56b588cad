"""Samples that please a measure and are bad, for judging the measures: three for each of them.

Every cheat is told the law, a training sample of it, how many points to make and where to draw from. None is
a generator that anybody would train; each stands for a way in which a trained one may go wrong unseen.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from lib import metrics
from lib.laws import GaussianMixture

Cheat = Callable[[GaussianMixture, Tensor, int, torch.Generator], Tensor]
TRIES = 20


def crowd(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """An eighth of its fair share for every mode but the first, which gets all the rest."""
    each = math.ceil(n / len(law.means) / 8)
    which = torch.arange(len(law.means)).repeat_interleave(each)
    which = torch.cat([which, torch.zeros(n - len(which), dtype=torch.long)])
    return (law.means[which] + law.scale * torch.randn(n, law.means.shape[1], generator=draw)).float()


def centres(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """The centres of the modes, over and over: nothing varies within a mode."""
    return law.means[torch.arange(n) % len(law.means)].float()


def recital(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """The training sample by heart, in another order, again from the start where it ends."""
    order = torch.randperm(len(training), generator=draw)
    return training[order[torch.arange(n) % len(training)]]


def one_gaussian(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """A single normal law with the mean and the covariance of the training sample."""
    mean, root = _moments(training)
    return (mean + torch.randn(n, len(mean), generator=draw, dtype=torch.float64) @ root.T).float()


def four_points(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """The points m ± √2 R u and m ± √2 R v with S = R Rᵀ, u, v the unit diagonals, equally often.

    They have the mean m and the covariance S of the training sample (divided by n), and third central moments
    of zero, as a symmetric law does.
    """
    mean, root = _moments(training)
    diagonals = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float64)
    return (mean + (diagonals @ root.T)[torch.arange(n) % 4]).float()


def best_of_twenty(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """Of twenty draws of `one_gaussian` the one with the least kernel distance from the training sample."""
    tries = [one_gaussian(law, training, n, draw) for _ in range(TRIES)]
    return min(tries, key=lambda made: metrics.kernel_distance(training, made))


def one_point(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """One point of the training sample, the one nearest to the first mode's centre, n times."""
    nearest = (training - law.means[0]).norm(dim=1).argmin()
    return training[nearest].repeat(n, 1)


def one_mode(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """True samples of the first mode alone: what cutting down on variety leaves."""
    return (law.means[0] + law.scale * torch.randn(n, law.means.shape[1], generator=draw)).float()


def wide_net(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """Even points in the box of the training sample made half as wide again: holes and modes alike."""
    low, high = training.amin(dim=0), training.amax(dim=0)
    middle, half = (low + high) / 2, 0.75 * (high - low)
    return middle + half * (2 * torch.rand(n, len(low), generator=draw) - 1)


def six_outliers(law: GaussianMixture, training: Tensor, n: int, draw: torch.Generator) -> Tensor:
    """`one_mode`, but for six points on a circle of radius 10 around the plane's origin.

    A lonely point has far neighbours, so that its ball holds almost everything.
    """
    made = one_mode(law, training, n, draw)
    angles = torch.arange(6) * (math.pi / 3)
    made[:6] = 10 * torch.stack([angles.cos(), angles.sin()], dim=1)
    return made


def _moments(points: Tensor) -> tuple[Tensor, Tensor]:
    """The mean (d,) and a root R (d, d) of the covariance, S = R Rᵀ, in float64."""
    points = points.double()
    return points.mean(dim=0), torch.linalg.cholesky(torch.cov(points.T))


CHEATS: dict[str, Cheat] = {
    "crowd": crowd,
    "centres": centres,
    "recital": recital,
    "one Gaussian": one_gaussian,
    "four points": four_points,
    "best of twenty": best_of_twenty,
    "one point": one_point,
    "one mode": one_mode,
    "wide net": wide_net,
    "six outliers": six_outliers,
}
FOOLS = {
    "modes": ("crowd", "centres", "recital"),
    "frechet": ("one Gaussian", "four points", "recital"),
    "kernel": ("one Gaussian", "four points", "best of twenty"),
    "precision": ("one point", "one mode", "recital"),
    "recall": ("wide net", "six outliers", "recital"),
}
"""Which cheats are to please which measure."""
