"""Clouds of points: checked at the door, and their distances a block at a time.

A cloud is a floating-point tensor (n, d): n points, equally weighted. Everything that compares two of them
starts here.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Float64
from torch import Tensor

Norm = Any  # 1, 2 or math.inf; anything else is answered by `checked_norm`
NORMS = (1, 2, math.inf)
BLOCK_ENTRIES = 2**23  # 64 MiB of float64: no matrix of distances is held larger than this


def checked_norm(norm: Norm) -> Norm:
    """The norm 1, 2 or inf; raises ValueError for anything else."""
    if isinstance(norm, bool) or norm not in NORMS:
        raise ValueError(
            f"norm: got {norm!r}, expected 1 (sum of absolute differences), 2 (Euclidean) or math.inf (the"
            " largest). Remedy: for another cost use kantorovich(cost, a, b)."
        )
    return norm


def checked_pair(**named: Tensor) -> list[Float64[Tensor, "_ d"]]:
    """The two named clouds in float64 on one device, without gradient.

    Takes two keyword arguments, each floats (n, d) with one d; their names are those of the error messages.
    Raises ValueError for another number of dimensions, an empty cloud, NaN or infinity, or two different d;
    TypeError for what is no tensor of floats.
    """
    checked = [_cloud(name, x) for name, x in named.items()]
    if checked[0].shape[1] != checked[1].shape[1]:
        shapes = " and ".join(f"{name} has shape {tuple(x.shape)}" for name, x in named.items())
        raise ValueError(f"{shapes}; expected the same number of columns: both must be of one dimension.")
    return [x.to(checked[0].device) for x in checked]


def _cloud(name: str, x: Tensor) -> Float64[Tensor, "n d"]:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}; expected a torch tensor: torch.as_tensor({name}).")
    if x.ndim != 2 or x.numel() == 0:
        remedies = {1: f": {name}[:, None] makes n points on the line", 2: ""}
        remedy = remedies.get(x.ndim, f": {name}.flatten(1) makes a row of each item")
        raise ValueError(
            f"{name} has shape {tuple(x.shape)}; expected (n, d) with at least one row and column{remedy}."
        )
    if not x.is_floating_point():
        raise TypeError(
            f"{name} has dtype {x.dtype}; expected floats: {name}.float(), in the units of the other."
        )
    if broken := int((~x.isfinite()).sum()):
        raise ValueError(
            f"{name} has {broken} entries that are NaN or infinite, of {x.numel()}; expected none."
        )
    home = "cpu" if x.device.type == "mps" else x.device  # Apple's processors have no float64
    return x.detach().to(home).double()


def equal_size(x: Tensor, y: Tensor) -> int:
    """The common number of points of x and y; raises ValueError when they differ."""
    if len(x) != len(y):
        n = min(len(x), len(y))
        raise ValueError(
            f"x has {len(x)} points and y {len(y)}; expected equally many: a random {n} of the larger."
        )
    return len(x)


def require_points(name: str, x: Tensor, least: int) -> int:
    """The number of points of x; raises ValueError when it is below `least`."""
    if len(x) < least:
        raise ValueError(f"{name} has {len(x)} points; expected at least {least} for this measure.")
    return len(x)


def block_rows(columns: int) -> int:
    """How many rows of so many columns a block may have."""
    return max(1, BLOCK_ENTRIES // columns)


def euclidean(x: Tensor, y: Tensor) -> Float[Tensor, "n m"]:
    """The distances |x_i - y_j| of all pairs, in the precision of the points, differentiable."""
    # Not by way of a matrix product: in float64 that leaves 1e-7 between equal points, and ties between
    # distances, which memorised samples bring, would be decided by rounding; in float32 short distances would
    # be off by 1e-3.
    return torch.cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist")


def distance_blocks(x: Tensor, y: Tensor) -> Iterator[tuple[slice, Float64[Tensor, "b m"]]]:
    """Distances from some rows of x to all of y at a time, with the slice that says which rows."""
    step = block_rows(len(y))
    for start in range(0, len(x), step):
        yield slice(start, start + step), euclidean(x[start : start + step], y)


def neighbour_radii(x: Tensor, neighbours: int) -> Float64[Tensor, " n"]:
    """Distance to the k-th nearest other point: entry k + 1 in order, as each point is its own nearest."""
    nearest = [d.topk(neighbours + 1, dim=1, largest=False).values[:, -1] for _, d in distance_blocks(x, x)]
    return torch.cat(nearest)
