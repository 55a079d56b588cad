"""Weighted clouds: points, their masses and the costs between them, checked at the door.

A measure is a cloud of points (n, d) with masses (n,) that sum to 1. Everything arrives as a NumPy array, a
list or a torch tensor (on any device, with or without gradient) and leaves as a float64 NumPy array. Clouds
of equal weight on an accelerator live in `lib.clouds`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64
from scipy.spatial.distance import cdist

from lib.arrays import Array, as_float64, require_finite
from lib.clouds import Norm, checked_norm

METRICS = {1: "cityblock", 2: "euclidean", math.inf: "chebyshev"}  # SciPy's names for the norms
MASS_TOLERANCE = 1e-5  # float32 weights of 10⁵ atoms sum to 1 within this; a forgotten atom does not
BLOCK_ENTRIES = 2**17  # 1 MiB of float64 stays in the processor's cache


def checked_cloud(name: str, x: Array) -> Float64[np.ndarray, "n d"]:
    """The points (n, d) in float64; raises ValueError for other shapes, an empty cloud, NaN and infinity."""
    x = as_float64(name, x)
    if x.ndim != 2 or x.size == 0:
        remedies = {
            1: f"{name}[:, None] for points on the line, {name}[None, :] for one point",
            2: "a cloud needs at least one point and one coordinate",
        }
        remedy = remedies.get(x.ndim, f"{name}.reshape(len({name}), -1) makes a row of each item")
        raise ValueError(f"{name}: got shape {x.shape}, expected (n, d), n, d >= 1. Remedy: {remedy}.")
    require_finite(name, x, f"leave such rows out, or find the step that made {name}")
    return x


def checked_clouds(x: Array, y: Array) -> tuple[Float64[np.ndarray, "n d"], Float64[np.ndarray, "m d"]]:
    """Both clouds in float64; raises as `checked_cloud`, and ValueError for two different dimensions d."""
    x, y = checked_cloud("x", x), checked_cloud("y", y)
    if x.shape[1] != y.shape[1]:
        raise ValueError(
            f"y: got shape {y.shape} beside x of shape {x.shape}, expected (m, {x.shape[1]}): points of one"
            " space. Remedy: the same coordinates for both."
        )
    return x, y


def checked_masses(name: str, mass: Array | None, n: int, owner: str) -> Float64[np.ndarray, " n"]:
    """Masses (n,) >= 0 that sum to 1 in float64; None gives 1/n each.

    `owner` is the sentence's end that says what there are n of. A sum within 1e-5 of 1, which float32
    leaves, is renormalised. Raises ValueError for another shape or sum, NaN, and negative mass.
    """
    if mass is None:
        return np.full(n, 1 / n)
    mass = as_float64(name, mass)
    if mass.shape != (n,):
        raise ValueError(
            f"{name}: got shape {mass.shape}, expected ({n},), one mass for each {owner}."
            f" Remedy: {name}=None gives equal masses."
        )
    require_finite(name, mass, "0 for a point that carries no mass")
    if (mass < 0).any():
        first = int(np.argmax(mass < 0))
        raise ValueError(
            f"{name}: got {mass[first]} at index {first} ({(mass < 0).sum()} negative of {n}), expected"
            f" masses >= 0. Remedy: {name}.clip(min=0), then divide by the sum, if this is rounding."
        )
    total = math.fsum(mass)
    if not abs(total - 1) <= MASS_TOLERANCE:
        raise ValueError(
            f"{name}: got masses that sum to {total:.9g}, expected 1. Remedy: {name} / {name}.sum()."
        )
    return mass / total


def checked_cost(cost: Array) -> Float64[np.ndarray, "n m"]:
    """The cost matrix in float64; raises ValueError for other shapes, an empty one, NaN and infinity."""
    cost = as_float64("cost", cost)
    if cost.ndim != 2 or cost.size == 0:
        raise ValueError(
            f"cost: got shape {cost.shape}, expected (n, m), n, m >= 1. Remedy: one row per source."
        )
    require_finite("cost", cost, "a large finite cost for a pair that must not be used")
    return cost


def distances(x: Array, y: Array, norm: Norm = 2) -> Float64[np.ndarray, "n m"]:
    """Distances d_ij = |x_i - y_j| of all pairs in the norm 1, 2 or inf, by differences of coordinates.

    x: (n, d), y: (m, d). Raises ValueError for shapes, NaN and other norms.
    """
    x, y = checked_clouds(x, y)
    norm, scale = checked_norm(norm), unit(x, y)
    return scale * cdist(x / scale, y / scale, METRICS[norm])  # in this unit no square over- or underflows


def unit(*arrays: np.ndarray) -> float:
    """The power of two below the largest spread of the columns: dividing by it is exact.

    Solvers have absolute tolerances; in this unit the costs are about 1 whatever the units of the reader.
    Raises ValueError when the spread exceeds the largest float64.
    """
    low = np.min([array.min(axis=0) for array in arrays], axis=0)
    high = np.max([array.max(axis=0) for array in arrays], axis=0)
    with np.errstate(over="ignore"):
        spread = float(np.max(high - low))
    if not math.isfinite(4 * spread * math.sqrt(low.size)):
        raise ValueError(
            f"x, y: got coordinates up to {max(abs(low).max(), abs(high).max()):.3g}, expected distances"
            " below 1e307. Remedy: other units."
        )
    return 2.0 ** max(math.floor(math.log2(spread)), -1000) if spread > 0 else 1.0


def unit_of_costs(cost: np.ndarray) -> float:
    """The power of two below the largest |c_ij|: the same for a given matrix of costs."""
    largest = float(abs(cost).max())
    return 2.0 ** max(math.floor(math.log2(largest)), -1000) if largest > 0 else 1.0


@dataclass(frozen=True)
class Costs:
    """The costs between two supports: distances of points, computed when needed, or a given matrix."""

    shape: tuple[int, int]
    given: np.ndarray | None = None
    x: np.ndarray | None = None
    y: np.ndarray | None = None
    norm: Norm = 2

    @classmethod
    def between(cls, x: np.ndarray, y: np.ndarray, norm: Norm) -> "Costs":
        """Distances between the points of two clouds."""
        return cls((len(x), len(y)), None, x, y, norm)

    @classmethod
    def of(cls, matrix: np.ndarray) -> "Costs":
        """Costs given as a matrix."""
        return cls(matrix.shape, matrix)

    def kept(self) -> "Costs":
        """The same costs with their matrix computed once."""
        return self if self.given is not None else Costs(self.shape, self.rows(), self.x, self.y, self.norm)

    def rows(self, which: Any = slice(None)) -> np.ndarray:
        """Some rows of the matrix, all by default."""
        if self.given is not None:
            return self.given[which]
        return cdist(self.x[which], self.y, METRICS[self.norm])

    def at(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """The costs of the pairs (i_k, j_k)."""
        if self.given is not None:
            return self.given[i, j]
        return np.linalg.norm(self.x[i] - self.y[j], ord=self.norm, axis=1)

    def among(self, rows: np.ndarray, columns: np.ndarray) -> "Costs":
        """The costs between the chosen rows and columns (Boolean arrays) only."""
        if rows.all() and columns.all():
            return self
        given = None if self.given is None else self.given[np.ix_(rows, columns)]
        x, y = (None, None) if self.x is None else (self.x[rows], self.y[columns])
        return Costs((int(rows.sum()), int(columns.sum())), given, x, y, self.norm)

    @property
    def transposed(self) -> "Costs":
        """The costs of the way back."""
        given = None if self.given is None else self.given.T
        return Costs(self.shape[::-1], given, self.y, self.x, self.norm)

    def least(self, g: np.ndarray) -> Float64[np.ndarray, " n"]:
        """min_j [c_ij - g_j] for every row i, a block of rows at a time."""
        return np.concatenate([(self.rows(rows) - g).min(axis=1) for rows in self._blocks()])

    def _blocks(self) -> Iterator[slice]:
        n, m = self.shape
        step = max(1, BLOCK_ENTRIES // m)
        return (slice(start, start + step) for start in range(0, n, step))
