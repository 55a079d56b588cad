"""What any critic's scores prove about the distance of two clouds: its steepest climb, and a lower bound."""

from typing import NamedTuple

import torch
from torch import Tensor

from lib.arguments import refusal
from lib.clouds import Norm, block_rows, checked_norm, checked_pair
from lib.lipschitz.slopes import RANDOM, SHARED, Critic, refuse_in_training


class Certificate(NamedTuple):
    """What a critic's scores of two clouds say and prove.

    `value` = mean f(real) − mean f(generated); `slope` >= 0: the steepest climb over all pairs; `bound` =
    value ÷ slope <= W₁ of the two clouds, 0 when the slope is 0.
    """

    value: float
    slope: float
    bound: float


def certificate(critic: Critic, real: Tensor, generated: Tensor, norm: Norm = 2) -> Certificate:
    """`certified_slope` and `certified_bound` from one set of scores; arguments and errors are theirs."""
    return proved(*scores(critic, real, generated), real, generated, norm)


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
    return certificate(critic, real, generated, norm).slope


def certified_bound(critic: Critic, real: Tensor, generated: Tensor, norm: Norm = 2) -> float:
    """A lower bound of the W₁ of two clouds that any critic proves: its value ÷ its certified slope.

        (mean f(x) − mean f(y)) ÷ max_ij (f(x_i) − f(y_j)) / |x_i − y_j| <= W₁

    Arguments and errors are those of `certified_slope`. 0 when the slope is 0; negative when the critic
    prefers the generated samples, which is true but proves nothing. Source: Kantorovich–Rubinstein duality.
    """
    return certificate(critic, real, generated, norm).bound


def scores(critic: Critic, real: Tensor, generated: Tensor) -> tuple[Tensor, Tensor]:
    """What `proved` takes: a critic's scores of two clouds, (n,) and (m,), float64, each distinct point once.

    Raises ValueError for what is said at `certified_slope`.
    """
    if real.shape[1:] != generated.shape[1:]:
        got = f"samples of shape {tuple(generated.shape[1:])}"
        expected = f"{tuple(real.shape[1:])} like the real ones"
        raise ValueError(refusal("generated", got, expected, "one shape for both"))
    checked_pair(**_flat(real, generated))  # so that bad clouds are named before a critic stumbles over them
    found = _scores(critic, torch.cat([real.detach(), generated.detach()]))
    found = found.to("cpu" if found.device.type == "mps" else found.device).double()
    return found[: len(real)], found[len(real) :]


def proved(f: Tensor, g: Tensor, real: Tensor, generated: Tensor, norm: Norm = 2) -> Certificate:
    """The certificate of scores that are there already: f (n,) of the real points, g (m,) of the generated.

    Equal points must have equal scores, as `scores` gives them. Raises ValueError for bad clouds.
    """
    norm = checked_norm(norm)
    x, y = checked_pair(**_flat(real, generated))
    slope = 0.0
    for start in range(0, len(x), block_rows(len(y))):
        rows = slice(start, start + block_rows(len(y)))
        climbs = f[rows, None] - g[None, :]
        away = torch.cdist(x[rows], y, p=float(norm), compute_mode="donot_use_mm_for_euclid_dist")
        slope = max(slope, float(torch.where(climbs > 0, climbs / away, 0).amax()))
    value = float(f.mean() - g.mean())
    return Certificate(value, slope, value / slope if slope > 0 else 0.0)


def _flat(real: Tensor, generated: Tensor) -> dict[str, Tensor]:
    named = {"real": real, "generated": generated}
    return {name: x.flatten(1) if isinstance(x, Tensor) and x.ndim > 2 else x for name, x in named.items()}


def _scores(critic: Critic, points: Tensor) -> Tensor:
    """f at the points, each distinct point scored once; refuses a critic that is no function of the point."""
    refuse_in_training(critic, RANDOM + SHARED, "one answer per point")
    # In one product of matrices, equal rows may differ in the last bit: enough for an infinite slope.
    distinct, where = torch.unique(points.flatten(1), dim=0, return_inverse=True)
    distinct = distinct.unflatten(1, points.shape[1:])
    with torch.no_grad():
        scores, again = critic(distinct), critic(distinct)
    if tuple(scores.shape) != (len(distinct),) or not scores.isfinite().all():
        got = (
            f"scores of shape {tuple(scores.shape)} for {len(distinct)} distinct points,"
            f" {int((~scores.isfinite()).sum())} of them not finite"
        )
        remedy = "end the critic with `.squeeze(1)`; look for divergence in its training"
        raise ValueError(refusal("critic", got, "one finite score per point", remedy))
    if not torch.equal(scores, again):
        got, expected = "two different answers to the same question", "a deterministic function"
        raise ValueError(refusal("critic", got, expected, "critic.eval(), and no noise inside"))
    return scores[where]
