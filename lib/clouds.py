"""Clouds of points: checked at the door, and their distances a block at a time.

A cloud is a floating-point tensor (n, d): n points, equally weighted. Everything that compares two of them
starts here.
"""

import math
import numbers
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from lib.arguments import refusal

Norm = Any  # 1, 2 or math.inf; anything else is answered by `checked_norm`
NORMS = (1, 2, math.inf)
LARGEST, SMALLEST = 1e150, 1e-140  # beyond, the squares in a distance over- or underflow
BLOCK_ENTRIES = 2**23  # 64 MiB of float64: no matrix of distances is held larger than this


def checked_norm(norm: Norm) -> Norm:
    """The norm 1, 2 or inf; raises ValueError for anything else."""
    if isinstance(norm, bool) or not isinstance(norm, numbers.Real) or norm not in NORMS:
        raise ValueError(
            f"norm: got {norm!r}, expected 1 (sum of absolute differences), 2 (Euclidean) or math.inf (the"
            " largest). Remedy: for another cost use kantorovich(cost, a, b)."
        )
    return norm


def checked_pair(**named: Tensor) -> list[Float64[Tensor, "_ d"]]:
    """The two named clouds in float64 on one device, without gradient.

    Takes two keyword arguments, each floats (n, d) with one d; their names are those of the error messages.
    Raises ValueError for another number of dimensions, an empty cloud, NaN or infinity, two different d, or
    numbers whose squares leave float64; TypeError for what is no tensor of floats.
    """
    checked = [_cloud(name, x) for name, x in named.items()]
    names = ", ".join(named)
    if checked[0].shape[1] != checked[1].shape[1]:
        got = " and ".join(f"shape {tuple(x.shape)}" for x in checked)
        raise ValueError(refusal(names, got, "two clouds of one dimension", "the same coordinates for both"))
    checked = [x.to(checked[0].device) for x in checked]
    _require_scale(names, *checked)
    return checked


def _require_scale(names: str, *clouds: Tensor) -> None:
    """Raises ValueError when the squares in the distances of these points leave float64."""
    high = torch.stack([x.amax(0) for x in clouds]).amax(0)
    low = torch.stack([x.amin(0) for x in clouds]).amin(0)
    largest, spread = float(torch.maximum(high.abs(), low.abs()).max()), float((high - low).max())
    if largest > LARGEST or 0 < spread < SMALLEST:
        got = f"coordinates up to {largest:.3g} that differ by {spread:.3g} at most"
        expected = f"at most {LARGEST:.0e} and differences of at least {SMALLEST:.0e}"
        raise ValueError(refusal(names, got, expected, "other units"))


def _cloud(name: str, x: Tensor) -> Float64[Tensor, "n d"]:
    if not isinstance(x, Tensor):
        raise TypeError(refusal(name, type(x).__name__, "a torch tensor", f"torch.as_tensor({name})"))
    if x.ndim != 2 or x.numel() == 0:
        remedies = {1: f"{name}[:, None] makes n points on the line", 2: "at least one row and column"}
        remedy = remedies.get(x.ndim, f"{name}.flatten(1) makes a row of each item")
        raise ValueError(refusal(name, f"shape {tuple(x.shape)}", "(n, d), n, d >= 1", remedy))
    if not x.is_floating_point():
        remedy = f"{name}.float(), in the units of the other"
        raise TypeError(refusal(name, f"dtype {x.dtype}", "floats", remedy))
    if broken := int((~x.isfinite()).sum()):
        got, remedy = f"{broken} entries that are NaN or infinite, of {x.numel()}", "leave such rows out"
        raise ValueError(refusal(name, got, "none", remedy))
    home = "cpu" if x.device.type == "mps" else x.device  # Apple's processors have no float64
    return x.detach().to(home).double()


def equal_size(x: Tensor, y: Tensor) -> int:
    """The common number of points of x and y; raises ValueError when they differ."""
    if len(x) != len(y):
        got, remedy = f"{len(x)} and {len(y)} points", f"a random {min(len(x), len(y))} of the larger"
        raise ValueError(refusal("x, y", got, "equally many", remedy))
    return len(x)


def require_points(name: str, x: Tensor, least: int) -> int:
    """The number of points of x; raises ValueError when it is below `least`."""
    if len(x) < least:
        raise ValueError(
            refusal(name, f"{len(x)} points", f"at least {least} for this measure", "more points")
        )
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
