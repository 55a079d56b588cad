"""Divergences whose integrand is a formula in p and q: total variation, KL, χ², Hellinger, Jeffrey, α."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from lib.arguments import number, refusal
from lib.divergences import densities
from lib.divergences.convex import Divergence, log_omega, same, with_slope

EVERYWHERE = (-math.inf, math.inf)


def _of(pointwise: Callable) -> Callable:
    """An exact value from its integrand, with 0/0 = 0 and a/0 = ∞."""

    def between(p, q, x):
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return densities.integral(lambda p, q: np.where(p == q, 0.0, pointwise(p, q)), p, q, x)

    return between


def total_variation() -> Divergence:
    """½ ∫ |p − q|; f has a corner at 1, where any slope in [−½, ½] will do and 0 is taken."""
    return Divergence(
        "total variation",
        (-math.inf, 0.5),
        0.0,
        lambda u: (u - 1).abs() / 2,
        lambda u: (u - 1).sign() / 2,
        lambda t: t.clamp(min=-0.5),
        lambda v: v.tanh() / 2,
        lambda v: v.tanh() / 2,
        densities.total_variation,
        closed=True,
    )


def kl() -> Divergence:
    """∫ p log(p/q)."""
    return Divergence(
        "kl",
        EVERYWHERE,
        1.0,
        lambda u: torch.xlogy(u, u),
        lambda u: 1 + u.log(),
        lambda t: (t - 1).exp(),
        same,
        lambda v: (v - 1).exp(),
        densities.kullback_leibler,
    )


def reverse_kl() -> Divergence:
    """∫ q log(q/p)."""
    return Divergence(
        "reverse kl",
        (-math.inf, 0.0),
        -1.0,
        lambda u: -u.log(),
        lambda u: -1 / u,
        lambda t: -1 - (-t).log(),
        lambda v: -(-v).exp(),
        lambda v: v - 1,
        lambda p, q, x: densities.kullback_leibler(q, p, x),
    )


def pearson() -> Divergence:
    """∫ (p − q)² / q."""

    def conjugate(t: Tensor) -> Tensor:
        t = t.clamp(min=-2)  # below, the supremum is attained at u = 0
        return t * (t / 4 + 1)

    return Divergence(
        "pearson",
        EVERYWHERE,
        0.0,
        lambda u: (u - 1).square(),
        lambda u: 2 * (u - 1),
        conjugate,
        same,
        conjugate,
        _of(lambda p, q: (p - q) ** 2 / q),
    )


def neyman() -> Divergence:
    """∫ (p − q)² / p."""
    return Divergence(
        "neyman",
        (-math.inf, 1.0),
        0.0,
        lambda u: (1 - u) * ((1 - u) / u),
        lambda u: 1 - u.reciprocal().square(),
        lambda t: 2 - 2 * (1 - t).sqrt(),
        lambda v: -torch.expm1(-v),
        lambda v: -2 * torch.expm1(-v / 2),
        _of(lambda p, q: (p - q) ** 2 / p),
        closed=True,
    )


def squared_hellinger() -> Divergence:
    """∫ (√p − √q)²."""
    return Divergence(
        "squared hellinger",
        (-math.inf, 1.0),
        0.0,
        lambda u: (u.sqrt() - 1).square(),
        lambda u: 1 - u.rsqrt(),
        lambda t: t / (1 - t),
        lambda v: -torch.expm1(-v),
        torch.expm1,
        _of(lambda p, q: (np.sqrt(p) - np.sqrt(q)) ** 2),
    )


def jeffrey() -> Divergence:
    """∫ (p − q) log(p/q) = KL(P‖Q) + KL(Q‖P); its conjugate needs Wright's omega function."""

    def conjugate(t: Tensor) -> Tensor:
        root = log_omega(1 - t)  # u = exp(−root) solves f′(u) = t
        return with_slope(t, torch.expm1(-root) - root, (-root).exp())

    return Divergence(
        "jeffrey",
        EVERYWHERE,
        0.0,
        lambda u: (u - 1) * u.log(),
        lambda u: u.log() + (1 - 1 / u),
        conjugate,
        same,
        conjugate,
        lambda p, q, x: densities.kullback_leibler(p, q, x) + densities.kullback_leibler(q, p, x),
    )


def alpha(alpha: float | int = 1.5) -> Divergence:
    """(∫ pᵅ q¹⁻ᵅ − 1) / (α(α − 1)), α > 0; Pearson is twice the row α = 2."""
    a = number("alpha", alpha, "the exponent α, not 1, where the limit is kl")
    if a == 1:
        raise ValueError(refusal("alpha", alpha, "an exponent α > 0 other than 1", 'named("kl"), its limit'))
    if a > 1:
        high, power = math.inf, a / (a - 1)

        def f(u: Tensor) -> Tensor:  # uᵅ − αu as a product, for two large numbers may both be infinite
            return (u * (u.pow(a - 1) - a) + (a - 1)) / (a * (a - 1))

        def conjugate(t: Tensor) -> Tensor:
            return ((1 + (a - 1) * t).clamp(min=0).pow(power) - 1) / a

        activation, cost = same, conjugate
    else:
        high = 1 / (1 - a)

        def f(u: Tensor) -> Tensor:
            return (1 + a * (u - 1) - u.pow(a)) / (a * (1 - a))

        def conjugate(t: Tensor) -> Tensor:
            return ((1 - (1 - a) * t).pow(a / (a - 1)) - 1) / a

        def activation(v: Tensor) -> Tensor:
            return -torch.expm1(-v) / (1 - a)

        def cost(v: Tensor) -> Tensor:
            return torch.expm1(v * (a / (1 - a))) / a

    return Divergence(
        "alpha",
        (-math.inf, high),
        0.0,
        f,
        lambda u: (u.pow(a - 1) - 1) / (a - 1),
        conjugate,
        activation,
        cost,
        _of(lambda p, q: (p**a * q ** (1 - a) - a * p - (1 - a) * q) / (a * (a - 1))),
    )
