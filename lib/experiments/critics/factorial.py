"""Depth, width, group size and matrices of a sorting critic, each changed alone: sixteen critics."""

from itertools import product

import numpy as np
from torch import nn

from lib.experiments.critics.forms import scorer
from lib.experiments.critics.kinds import ITERATIONS, unbound
from lib.experiments.critics.training import Contestant
from lib.lipschitz import GroupSort, MaxMin, orthonormal, spectral

FACTORS = {
    "depth": (2, 5),
    "width": (32, 64),
    "group": (2, 8),
    "matrices": ("spectral", "orthonormal"),
}
ARMS = {"{}×{}, groups of {}, {}".format(*levels): levels for levels in product(*FACTORS.values())}

# Found on other draws, arm by arm: `lib.experiments.critics.tuning`
CHOSEN = (0.01, 0.03, 0.01, 0.03, 0.01, 0.03, 0.01, 0.03, 0.003, 0.01, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03)
RATES_OF_ARMS = dict(zip(ARMS, CHOSEN, strict=True))


def arm(depth: int, width: int, group: int, matrices: str, rate: float) -> Contestant:
    """One of the sixteen: hidden layers, units in each, how many are sorted together, what is done to W.

    Groups of two are sorted by MaxMin, which computes the same faster.
    """

    def network(_) -> nn.Module:
        critic = scorer(width, depth, MaxMin() if group == 2 else GroupSort(group))
        return spectral(critic) if matrices == "spectral" else orthonormal(critic, ITERATIONS)

    return Contestant(network, unbound(rate))


def effects(values: np.ndarray) -> np.ndarray:
    """Main effects of the four factors, (…, 4), from the values of the sixteen arms in their order, (…, 16).

    The mean of the eight arms at a factor's second level minus that of the eight at its first.
    """
    grid = np.asarray(values).reshape(*np.shape(values)[:-1], 2, 2, 2, 2)
    axes = range(grid.ndim - 4, grid.ndim)
    others = [tuple(axis for axis in axes if axis != own) for own in axes]
    means = [grid.mean(axis=away) for away in others]
    return np.stack([mean[..., 1] - mean[..., 0] for mean in means], axis=-1)
