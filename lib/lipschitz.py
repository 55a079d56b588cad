"""How steep a critic is: keeping its slope down, pulling it towards 1, measuring it, bounding it.

The slope (Lipschitz constant) of f is the largest |f(x) − f(y)| / |x − y|. The dual of the Wasserstein-1
distance allows slopes up to 1 only; a critic of slope K overstates W by up to the factor K. Layers that
keep the slope below 1 by construction stand in `lib.nonexpansive`, gradients and the bound of a network's
slope in `lib.slopes`; all can be imported from here.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from lib.clouds import block_rows, checked_pair
from lib.measures import Norm, checked_norm
from lib.nonexpansive import GroupSort, MaxMin, bjorck, orthonormal, spectral
from lib.slopes import (
    RANDOM,
    SHARED,
    Critic,
    autograd_gradient,
    input_gradient,
    refuse_in_training,
    slope_bound,
)

__all__ = [
    "GroupSort",
    "MaxMin",
    "autograd_gradient",
    "bjorck",
    "certified_bound",
    "certified_slope",
    "clip_",
    "gradient_penalty",
    "input_gradient",
    "interpolate",
    "orthonormal",
    "slope_bound",
    "slope_penalty",
    "spectral",
]

Gradient = Callable[[Critic, Tensor], Tensor]


def clip_(network: nn.Module, bound) -> None:
    """Clamp every parameter, biases too, to [−bound, bound], in place and without gradient.

        w ← min(max(w, −c), c)   after each step of the critic

    Raises ValueError when `bound` is not a positive finite number. Source: Arjovsky et al. 2017, Algorithm 1,
    line 7 (c = 0.01).
    """
    bound = _number("bound", bound, "the weights are clamped to [−bound, bound]", positive=True)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.clamp_(-bound, bound)


def _number(name: str, value, meaning: str, positive: bool) -> float:
    real = isinstance(value, int | float) and not isinstance(value, bool)
    if not (real and math.isfinite(value) and (value > 0 or (value == 0 and not positive))):
        raise ValueError(
            f"{name}: got {value!r}, expected a {'positive' if positive else 'non-negative'} finite number:"
            f" {meaning}. Remedy: e.g. {name}={0.01 if positive else 1.0}."
        )
    return float(value)


def interpolate(real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """A random point on the segment between each real sample and the fake one of the same row.

        x̂_i = u_i x_i + (1 − u_i) x̃_i,   u_i uniform on [0, 1], one per sample

    real, fake: (b, …) of one shape; returns (b, …) without gradient. The rows decide which pairs are joined:
    two independent batches give random pairs, rows put in the order of the optimal plan give matched ones.
    Raises ValueError for two shapes. Source: Gulrajani et al. 2017, Algorithm 1, line 6.
    """
    if real.shape != fake.shape or real.ndim < 2 or len(real) == 0:
        raise ValueError(
            f"real, fake: got shapes {tuple(real.shape)} and {tuple(fake.shape)}, expected one shape (b, …)"
            f" with b >= 1: a segment needs two ends. Remedy: as many fake samples as real ones."
        )
    shares = torch.rand(len(real), generator=generator, device=generator.device, dtype=real.dtype)
    shares = shares.to(real.device).reshape(-1, *[1] * (real.ndim - 1))
    return fake.detach() + shares * (real - fake).detach()


def slope_penalty(
    critic: Critic, points: Tensor, target=1.0, gradient: Gradient = autograd_gradient
) -> Tensor:
    """How far the critic's slope is from the target at the given points: mean_i (|∇f(x̂_i)| − target)².

    points: (b, …), detached inside; returns a scalar >= 0 that trains the critic, to be subtracted, times λ,
    from what the critic maximises. `gradient` is `autograd_gradient` or, cheaper where it applies,
    `input_gradient`. Raises ValueError for a negative target, and as `gradient` does.
    Source: Gulrajani et al. 2017, eq. 3 (target 1, λ = 10).
    """
    target = _number("target", target, "the slope to be reached", positive=False)
    slopes = torch.linalg.vector_norm(gradient(critic, points).flatten(1), dim=1)
    return (slopes - target).square().mean()


def gradient_penalty(
    critic: Critic,
    real: Tensor,
    fake: Tensor,
    generator: torch.Generator,
    *,
    target=1.0,
    gradient: Gradient = autograd_gradient,
) -> Tensor:
    """`slope_penalty` at random points between the rows of real and fake: E (|∇f(x̂)| − 1)².

    real, fake: (b, …) of one shape. Raises as `interpolate` and `slope_penalty`.
    Source: Gulrajani et al. 2017, eq. 3.
    """
    return slope_penalty(critic, interpolate(real, fake, generator), target, gradient)


def certified_slope(critic: Critic, real: Tensor, generated: Tensor, norm: Norm = 2) -> float:
    """The steepest climb from a generated sample to a real one, over all pairs of the two clouds.

        s = max(0, max_ij (f(x_i) − f(y_j)) / |x_i − y_j|)

    For any plan Γ between the clouds
        mean f(x) − mean f(y) = Σ Γ_ij (f(x_i) − f(y_j)) <= s Σ Γ_ij |x_i − y_j|,
    so value ÷ s bounds the W₁ of these very clouds from below, in this norm; of others it says nothing.
    real: (n, …), generated: (m, …); norm: 1, 2 or inf; float64, a block of rows at a time. Equal points are
    scored once, so a pair at distance 0 has equal scores and cannot matter. Points closer than float64 can
    tell, but with different scores, give infinity (and the bound 0).
    Raises ValueError for a critic that answers differently when asked twice or has a layer that does so
    in training mode, for scores that are not finite or not (b,), and for bad clouds.
    """
    return _certificate(critic, real, generated, norm)[1]


def certified_bound(critic: Critic, real: Tensor, generated: Tensor, norm: Norm = 2) -> float:
    """A lower bound of the W₁ of two clouds that any critic proves: its value ÷ its certified slope.

        (mean f(x) − mean f(y)) ÷ max_ij (f(x_i) − f(y_j)) / |x_i − y_j| <= W₁

    Arguments and errors are those of `certified_slope`. 0 when the slope is 0; negative when the critic
    prefers the generated samples, which is true but proves nothing. Source: Kantorovich–Rubinstein duality.
    """
    value, slope = _certificate(critic, real, generated, norm)
    return value / slope if slope > 0 else 0.0


def _certificate(critic: Critic, real: Tensor, generated: Tensor, norm: Norm) -> tuple[float, float]:
    """The critic's value and its slope, from one set of scores."""
    norm = checked_norm(norm)
    flat = {"real": real, "generated": generated}
    flat = {name: x.flatten(1) if isinstance(x, Tensor) and x.ndim > 2 else x for name, x in flat.items()}
    x, y = checked_pair(**flat)
    if real.shape[1:] != generated.shape[1:]:
        raise ValueError(
            f"generated: got samples of shape {tuple(generated.shape[1:])}, expected {tuple(real.shape[1:])}"
            f" like the real ones. Remedy: one shape for both."
        )
    scores = _scores(critic, torch.cat([real.detach(), generated.detach()])).to(x)
    f, g = scores[: len(x)], scores[len(x) :]
    slope = 0.0
    for start in range(0, len(x), block_rows(len(y))):
        rows = slice(start, start + block_rows(len(y)))
        climbs = f[rows, None] - g[None, :]
        away = torch.cdist(x[rows], y, p=float(norm), compute_mode="donot_use_mm_for_euclid_dist")
        slope = max(slope, float(torch.where(climbs > 0, climbs / away, 0).amax()))
    return float(f.mean() - g.mean()), slope


def _scores(critic: Critic, points: Tensor) -> Tensor:
    """f at the points, each distinct point scored once; refuses a critic that is no function of the point."""
    refuse_in_training(critic, RANDOM + SHARED, "one answer per point")
    # In one product of matrices, equal rows may differ in the last bit: enough for an infinite slope.
    distinct, where = torch.unique(points.flatten(1), dim=0, return_inverse=True)
    distinct = distinct.unflatten(1, points.shape[1:])
    with torch.no_grad():
        scores, again = critic(distinct), critic(distinct)
    if tuple(scores.shape) != (len(distinct),) or not scores.isfinite().all():
        raise ValueError(
            f"critic: got scores of shape {tuple(scores.shape)} for {len(distinct)} distinct points,"
            f" {int((~scores.isfinite()).sum())} of them not finite, expected one finite score per point."
            f" Remedy: end the critic with `.squeeze(1)`; look for divergence in its training."
        )
    if not torch.equal(scores, again):
        raise ValueError(
            "critic: got two different answers to the same question, expected a deterministic function: a"
            " random one certifies nothing. Remedy: critic.eval(), and no noise inside."
        )
    return scores[where]
