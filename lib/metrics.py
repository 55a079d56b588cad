"""How far generated samples are from real ones, as numbers.

All of these are estimates from finite samples: two batches of *real* data do not score perfectly against each
other either. So a score is printed beside its real-against-real floor at the same sample size, which
`against_floor` computes. Distances between images are taken between features (`feature_network`), never
between pixels. All arithmetic is in float64 and without gradient, on the device of the first argument;
results are Python numbers.
"""

import math
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from jaxtyping import Float64
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from lib.arguments import refusal, torch_generator, whole_number
from lib.clouds import (
    block_rows,
    checked_pair,
    distance_blocks,
    equal_size,
    euclidean,
    neighbour_radii,
    require_points,
)
from lib.features import FeatureNetwork, feature_network

__all__ = [
    "FeatureNetwork",
    "ModeCoverage",
    "Neighbourhoods",
    "Scored",
    "against_floor",
    "assignment_distance",
    "copying_share",
    "feature_network",
    "frechet_distance",
    "kernel_distance",
    "modes_covered",
    "neighbourhoods",
    "sliced_wasserstein1",
]

ASSIGNMENT_LIMIT = 5000  # measured: 4.7 s and 32 MB for n = 2000, growing as n^3 and n^2


class ModeCoverage(NamedTuple):
    """Number of modes that received samples, and the share of samples that lie near some mode."""

    modes: int
    share: float


class Neighbourhoods(NamedTuple):
    """Fidelity (precision, density) and diversity (recall, coverage) of generated samples."""

    precision: float
    recall: float
    density: float
    coverage: float


class Scored(NamedTuple):
    """A metric between real and generated samples, and the same metric between real and real ones."""

    value: Any
    floor: Any


def modes_covered(
    samples: Tensor,
    means: Tensor,
    scale: float | int | Tensor,
    within: float | int = 3.0,
    at_least: float | int = 0.1,
) -> ModeCoverage:
    """Count the modes of a Gaussian mixture that the samples reach, and the share of samples near a mode.

    A sample is good if its nearest mode is at most `within` standard deviations away; it counts for that
    mode. A mode is covered when it has at least max(1, at_least · n / k) good samples: with the default, a
    tenth of its fair share. The published convention, a single good sample among 2500 (Srivastava et al.
    2017), is at_least=0. It grows more generous with n, and lets a mode count that only a few samples touch
    on their way from one mode to the next. A tenth of the fair share does neither, and true samples still
    pass with room to spare (25 modes, n = 2500: 99 ± 10 good samples a mode where 10 are asked).
    In the plane and with separated modes even true samples have share 1 - exp(-within²/2): 0.989 for 3.

    samples: (n, d); means: (k, d); scale: standard deviation per coordinate, one number or (k,); equal
    weights are assumed in the fair share. Returns modes in 0..k and share in [0, 1].
    Raises ValueError for shapes, NaN, scale or within not positive, at_least outside [0, 1].
    """
    samples, means = checked_pair(samples=samples, means=means)
    scale = torch.as_tensor(scale, dtype=torch.float64, device=means.device).detach()
    if scale.shape not in ((), (len(means),)) or not bool((scale > 0).all() and scale.isfinite().all()):
        expected = f"one positive number, or one for each of {len(means)} means"
        raise ValueError(refusal("scale", scale.tolist(), expected, "the standard deviation of the modes"))
    if not within > 0:
        raise ValueError(refusal("within", within, "a positive number of standard deviations", "within=3"))
    if not 0 <= at_least <= 1:
        raise ValueError(refusal("at_least", at_least, "a share in [0, 1]", "at_least=0.1"))
    nearest, mode = (euclidean(samples, means) / scale).min(dim=1)
    good = nearest <= within
    counts = torch.bincount(mode[good], minlength=len(means))
    needed = max(1.0, at_least * len(samples) / len(means))
    enough = counts >= needed - 1e-9  # 0.1 · 70 / 7 is a little more than 1 in floating point
    return ModeCoverage(int(enough.sum()), good.double().mean().item())


def assignment_distance(x: Tensor, y: Tensor) -> float:
    """Exact Wasserstein-1 distance between two clouds of equally many points, by optimal assignment.

        W1 = min over permutations s of (1/n) sum_i |x_i - y_s(i)|,   Euclidean norm

    x, y: (n, d). Returns a number >= 0 in the units of x. Equal weights and sizes make an optimal plan a
    permutation (Birkhoff's theorem), so nothing is approximated. Time grows as n³ (half a second for 1000
    points), memory as 8 n² bytes.
    Raises ValueError for other shapes, NaN, unequal sizes, and n > 5000, with the time and memory needed.
    Source: Peyré and Cuturi 2019, Proposition 2.1.
    """
    x, y = checked_pair(x=x, y=y)
    n = equal_size(x, y)
    if n > ASSIGNMENT_LIMIT:
        minutes, gigabytes = 4.7 * (n / 2000) ** 3 / 60, 8e-9 * n**2
        got = f"{n} points each, for which the assignment takes {minutes:.0f} minutes and {gigabytes:.1f} GB"
        remedy = "sliced_wasserstein1, or random subsets"
        raise ValueError(refusal("x, y", got, f"at most {ASSIGNMENT_LIMIT}", remedy))
    cost = euclidean(x, y).cpu().numpy()
    return float(cost[linear_sum_assignment(cost)].mean())


def sliced_wasserstein1(x: Tensor, y: Tensor, generator: torch.Generator, directions: int = 256) -> float:
    """Wasserstein-1 distance of one-dimensional projections, averaged over random directions.

        SW1 = mean over unit vectors u of (1/n) sum_i |sort(x u)_i - sort(y u)_i|

    x, y: (n, d), equal sizes. Returns a number >= 0, whose sampling error falls as 1/sqrt(directions). It is
    at most W1; a translation by t gives |t| Γ(d/2) / (√π Γ((d+1)/2)), in the plane 2|t|/π.
    Raises ValueError for other shapes, NaN, unequal sizes, directions < 1; TypeError without a Generator.
    Source: Bonneel et al. 2015, with the first power of the distance in place of the second.
    """
    x, y = checked_pair(x=x, y=y)
    equal_size(x, y)
    torch_generator("generator", generator)
    directions = whole_number("directions", directions, 1)
    u = torch.randn(directions, x.shape[1], generator=generator, device=generator.device, dtype=torch.float64)
    u = (u / u.norm(dim=1, keepdim=True)).to(x.device)
    gaps = [
        _sorted(x @ block.T).sub_(_sorted(y @ block.T)).abs().mean(dim=0)
        for block in u.split(block_rows(len(x)))
    ]
    return torch.cat(gaps).mean().item()


def frechet_distance(fx: Tensor, fy: Tensor) -> float:
    """Squared Wasserstein-2 distance between the Gaussians fitted to two sets of features.

        d² = |m_x - m_y|² + tr S_x + tr S_y - 2 tr (S_x^½ S_y S_x^½)^½,   m means, S covariances

    The last trace is the sum of the singular values of R_x R_yᵀ, where S = RᵀR comes from the QR
    factorisation of the centred features. So no covariance is formed and no square root taken of a nearly
    singular one: features that are always zero are harmless, and d² of a set to itself is zero to rounding.

    fx, fy: (n, k) and (m, k), n, m >= 2. Returns a number >= 0, squared as is the custom. Covariances divide
    by n - 1. The estimate is biased upwards, more so for small n: compare at equal n only.
    Raises ValueError for shapes, NaN, n < 2. Warns when n <= k: the covariance then has rank n - 1 < k.
    Source: Dowson and Landau 1982; Heusel et al. 2017, eq. (6).
    """
    fx, fy = checked_pair(fx=fx, fy=fy)
    mean_x, root_x = _moments("fx", fx)
    mean_y, root_y = _moments("fy", fy)
    cross = torch.linalg.svdvals(root_x @ root_y.T).sum()
    squared = (mean_x - mean_y).square().sum() + root_x.square().sum() + root_y.square().sum() - 2 * cross
    return max(squared.item(), 0.0)


def kernel_distance(fx: Tensor, fy: Tensor) -> float:
    """Unbiased estimate of the squared maximum mean discrepancy with the cubic polynomial kernel.

        MMD² = mean_{i≠j} k(x_i, x_j) + mean_{i≠j} k(y_i, y_j) - 2 mean_{i,j} k(x_i, y_j)
        k(a, b) = (aᵀb/d + 1)³

    fx, fy: (n, d) and (m, d), n, m >= 2. The expectation is 0 for equal laws at every n, so single values may
    be negative. It sees the moments up to the third, and no more.
    Raises ValueError for shapes, NaN, n < 2.
    Source: Gretton et al. 2012, eq. (3), for the estimator; Bińkowski et al. 2018 for the kernel.
    """
    fx, fy = checked_pair(fx=fx, fy=fy)
    n, m = require_points("fx", fx, 2), require_points("fy", fy, 2)
    within_x = (_kernel_sum(fx, fx) - _kernel_diagonal(fx)) / (n * (n - 1))
    within_y = (_kernel_sum(fy, fy) - _kernel_diagonal(fy)) / (m * (m - 1))
    return _finite("fx, fy", within_x + within_y - 2 * _kernel_sum(fx, fy) / (n * m))


def neighbourhoods(real: Tensor, generated: Tensor, neighbours: int = 5) -> Neighbourhoods:
    """Precision, recall, density and coverage from balls that reach to the k-th nearest neighbour.

    B(z) is the closed ball around z that reaches to the k-th nearest other point of z's own set.

        (1) precision = share of generated y that lie in B(x) for some real x
        (2) recall    = share of real x that lie in B(y) for some generated y
        (3) density   = (1 / (k m)) · number of pairs with y in B(x)
        (4) coverage  = share of real x whose B(x) holds some generated y

    real: (n, d), generated: (m, d), more than k = `neighbours` points each. Precision, recall and coverage
    lie in [0, 1], density is >= 0. For equal continuous laws, in every dimension, E density = 1 and
    E coverage = 1 - prod_{j=1..k} (n - j) / (n + m - j), about 1 - 2^-k for n = m; precision and recall have
    no such fixed level: see their floor.
    Raises ValueError for shapes, NaN, and too few points.
    Source: (1), (2): Kynkäänniemi et al. 2019, eqs. (1)-(2); (3), (4): Naeem et al. 2020, Lemmas 1 and 2.
    """
    real, generated = checked_pair(real=real, generated=generated)
    neighbours = whole_number("neighbours", neighbours, 1)
    n = require_points("real", real, neighbours + 1)
    m = require_points("generated", generated, neighbours + 1)
    radius_real, radius_generated = neighbour_radii(real, neighbours), neighbour_radii(generated, neighbours)
    recalled = torch.zeros(n, dtype=torch.bool, device=real.device)
    covered = recalled.clone()
    precise = pairs = 0
    for rows, distance in distance_blocks(generated, real):
        in_real_ball = distance <= radius_real
        precise += int(in_real_ball.any(dim=1).sum())
        pairs += int(in_real_ball.sum())
        covered |= in_real_ball.any(dim=0)
        recalled |= (distance <= radius_generated[rows, None]).any(dim=0)
    return Neighbourhoods(
        precision=precise / m,
        recall=int(recalled.sum()) / n,
        density=pairs / (neighbours * m),
        coverage=int(covered.sum()) / n,
    )


def copying_share(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    """Share of generated points that lie nearer to a training point than to any held-out one.

        (1/m) sum_i [d(y_i, training) < d(y_i, held out)] + ½ [they are equal],   d Euclidean, to the nearest

    generated: (m, d); training, held_out: (n, d), equally many, or the larger cloud would be nearer by its
    size alone. For points drawn independently of the split, from whatever law, the expectation is ½: the two
    halves are exchangeable. Copies of training points score 1. A law fitted to the training half leans to it
    without copying, so a share above ½ is read beside that of other fitted laws.
    Raises ValueError for shapes, NaN, halves of unequal size.
    Idea: Meehan, Chaudhuri and Dasgupta 2020, who compare the distances themselves.
    """
    generated, training = checked_pair(generated=generated, training=training)
    _, held_out = checked_pair(training=training, held_out=held_out)
    if len(training) != len(held_out):
        got = f"{len(training)} and {len(held_out)} points"
        raise ValueError(refusal("training, held_out", got, "equally many", "halves of one data set"))
    nearest = [
        torch.cat([distance.min(dim=1).values for _, distance in distance_blocks(generated, half)])
        for half in (training, held_out)
    ]
    gap = nearest[1] - nearest[0]
    return ((gap > 0).double() + 0.5 * (gap == 0).double()).mean().item()


def against_floor(
    metric: Callable[[Tensor, Tensor], Any], real: Tensor, generated: Tensor, generator: torch.Generator
) -> Scored:
    """A metric beside its real-against-real floor, at the same sample size and against the same real points.

    `real` is split at random into two disjoint halves A and B, and as many generated points G are drawn
    without replacement: value = metric(A, G), floor = metric(A, B). With fewer generated points than half the
    real ones, A and B shrink to their number. Where value comes down to floor, this metric at this n cannot
    tell the generated points from real ones. Images go through a feature network first: it, too, has seen
    most of `real`, so the floor is that of familiar data.

    metric(real, other) may return anything; real: (n, ...), generated: (m, ...), the same trailing shape.
    Raises ValueError for shapes, fewer than two real or no generated points; TypeError without a Generator.
    """
    torch_generator("generator", generator)
    if real.ndim == 0 or real.shape[1:] != generated.shape[1:]:
        got = f"shapes {tuple(real.shape)} and {tuple(generated.shape)}"
        expected = "shapes that differ in the first number only"
        raise ValueError(refusal("real, generated", got, expected, "samples of one kind"))
    n = min(len(real) // 2, len(generated))
    if n < 1:
        got = f"{len(real)} and {len(generated)} rows"
        raise ValueError(refusal("real, generated", got, "at least 2 and 1", "more samples"))
    shuffled = real[_shuffle(len(real), generator).to(real.device)]
    chosen = generated[_shuffle(len(generated), generator)[:n].to(generated.device)]
    first, second = shuffled[:n], shuffled[n : 2 * n]
    return Scored(metric(first, chosen), metric(first, second))


def _finite(names: str, value: float) -> float:
    """The value; raises ValueError where the powers in it have left float64."""
    if not math.isfinite(value):
        expected = "features whose powers float64 can hold"
        raise ValueError(refusal(names, f"features with a distance of {value}", expected, "other units"))
    return value


def _shuffle(n: int, generator: torch.Generator) -> Tensor:
    return torch.randperm(n, generator=generator, device=generator.device)


def _sorted(x: Tensor) -> Tensor:
    return x.sort(dim=0).values


def _moments(name: str, f: Tensor) -> tuple[Float64[Tensor, " k"], Float64[Tensor, "r k"]]:
    """The mean, and a triangular root R of the covariance: RᵀR = S."""
    n, k = require_points(name, f, 2), f.shape[1]
    if n <= k:
        warnings.warn(
            f"{name} has n = {n} points of k = {k} features: its covariance has rank {n - 1} at most, and "
            f"the distance is biased upwards. Take n > {k}, better 10 times as many.",
            stacklevel=3,
        )
    mean = f.mean(dim=0)
    return mean, torch.linalg.qr((f - mean) / math.sqrt(n - 1), mode="r").R


def _kernel_sum(x: Tensor, y: Tensor) -> float:
    blocks = [((rows @ y.T) / x.shape[1] + 1).pow(3).sum() for rows in x.split(block_rows(len(y)))]
    return torch.stack(blocks).sum().item()


def _kernel_diagonal(x: Tensor) -> float:
    return (x.square().sum(dim=1) / x.shape[1] + 1).pow(3).sum().item()
