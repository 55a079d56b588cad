"""Divergences that measure from a mixture of both laws: Jensen–Shannon, the GAN row, the softened KL pair."""

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lib.arguments import number, refusal
from lib.divergences import densities
from lib.divergences.convex import Divergence, beyond_one, same, with_slope

LOG2 = math.log(2)
EVERYWHERE = (-math.inf, math.inf)
softplus = partial(functional.softplus, threshold=40)  # from there on log(1 + eᵛ) is v in float64 too


def _odds(u: Tensor) -> Tensor:
    """u / (1 + u), which is D* where u = p/q."""
    return u / (1 + u)


def weighted_jensen_shannon(weight: float | int = 0.5) -> Divergence:
    """π KL(P‖m) + (1 − π) KL(Q‖m) with m = πp + (1 − π)q, `weight` π in (0, 1)."""
    a = number("weight", weight, "the share π of P in the mixture")
    if a >= 1:
        raise ValueError(refusal("weight", weight, "a share π of P with 0 < π < 1", "weight=0.3"))

    def between(p, q, x):
        m = a * np.asarray(p) + (1 - a) * np.asarray(q)
        return a * densities.kullback_leibler(p, m, x) + (1 - a) * densities.kullback_leibler(q, m, x)

    high = -a * math.log(a)
    return Divergence(
        "weighted jensen-shannon",
        (-math.inf, high),
        0.0,
        lambda u: a * torch.xlogy(u, u / (1 - a + a * u)) - (1 - a) * (1 - a + a * u).log(),
        lambda u: a * (u / (1 - a + a * u)).log(),
        lambda t: (1 - a) * (math.log(1 - a) - (-torch.expm1((t - high) / a)).log()),
        lambda v: high - a * softplus(-v),
        lambda v: (1 - a) * (math.log(1 - a) + softplus(v)),
        between,
    )


def twice_jensen_shannon() -> Divergence:
    """2 JS(P, Q): the row that most printed tables call Jensen–Shannon."""
    return Divergence(
        "twice jensen-shannon",
        (-math.inf, LOG2),
        0.0,
        lambda u: torch.xlogy(u, 2 * _odds(u)) - (torch.log1p(u) - LOG2),
        lambda u: (2 * _odds(u)).log(),
        lambda t: -LOG2 - (-torch.expm1(t - LOG2)).log(),
        lambda v: LOG2 - softplus(-v),
        lambda v: softplus(v) - LOG2,
        lambda p, q, x: 2 * densities.jensen_shannon(p, q, x),
    )


def jensen_shannon() -> Divergence:
    """JS(P, Q), with its halves."""
    twice = twice_jensen_shannon()
    return Divergence(
        "jensen-shannon",
        (-math.inf, LOG2 / 2),
        0.0,
        lambda u: twice._f(u) / 2,
        lambda u: twice._f_prime(u) / 2,
        lambda t: twice._conjugate(2 * t) / 2,
        lambda v: twice._activation(v) / 2,
        lambda v: twice._conjugate_activation(v) / 2,
        densities.jensen_shannon,
    )


def gan() -> Divergence:
    """2 JS(P, Q) − log 4, the best value of the GAN game; here f(1) = −log 4."""
    return Divergence(
        "gan",
        (-math.inf, 0.0),
        -LOG2,
        lambda u: torch.xlogy(u, _odds(u)) - torch.log1p(u),
        lambda u: _odds(u).log(),
        lambda t: -(-torch.expm1(t)).log(),
        lambda v: -softplus(-v),
        softplus,
        lambda p, q, x: densities.game_value(p, q, densities.optimal_discriminator(p, q), x),
    )


def softened_kl() -> Divergence:
    """2 KL(m‖Q) with m = ½(p + q)."""

    def conjugate(t: Tensor) -> Tensor:
        t = t.clamp(min=1 - LOG2)
        return 2 * (t - 1).exp() - t

    return Divergence(
        "softened kl",
        EVERYWHERE,
        1.0,
        lambda u: (1 + u) * (torch.log1p(u) - LOG2),
        lambda u: 1 + (torch.log1p(u) - LOG2),
        conjugate,
        same,
        conjugate,
        lambda p, q, x: 2 * densities.kullback_leibler((p + q) / 2, q, x),
    )


def softened_reverse_kl() -> Divergence:
    """2 KL(m‖P): what −log D as the generator's loss descends against the best discriminator."""

    def slope_of(s: Tensor) -> Tensor:  # f′(1/s)
        finite = s.clamp(max=torch.finfo(s.dtype).max)
        return torch.log1p(finite) - LOG2 - s

    def conjugate(t: Tensor) -> Tensor:
        root = beyond_one((-LOG2 - t).clamp(min=0))  # u = 1/root solves f′(u) = t
        return with_slope(t, LOG2 - 1 - root.log1p(), 1 / root)

    return Divergence(
        "softened reverse kl",
        (-math.inf, -LOG2),
        -1.0,
        lambda u: (1 + u) * torch.log1p((1 - u) / u / 2),
        lambda u: slope_of(1 / u),
        conjugate,
        lambda v: softplus(-v) - LOG2 - (-v).exp(),
        lambda v: LOG2 - 1 - softplus(-v),
        lambda p, q, x: 2 * densities.kullback_leibler((p + q) / 2, p, x),
        closed=True,
    )
