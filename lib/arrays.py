"""What a reader has at hand (a list, an array of NumPy, a tensor) as an array of float64, nothing lost."""

from typing import Any

import numpy as np
import scipy.sparse as sp
from torch import Tensor

from lib.arguments import refusal

Array = Any  # a NumPy array, a torch tensor or nested lists: what a reader has at hand


def as_float64(name: str, values: Array) -> np.ndarray:
    """The values as a float64 NumPy array; raises TypeError for what is no full array of real numbers.

    Imaginary parts and the mask of a masked array would be lost, so neither is taken.
    """
    if isinstance(values, Tensor):
        if values.is_complex():
            raise TypeError(refusal(name, f"dtype {values.dtype}", "real numbers", f"{name}.real"))
        values = values.detach().cpu().double().numpy()  # first to the CPU: Apple's processors lack float64
    if np.ma.is_masked(values):
        got = f"a masked array with {np.ma.count_masked(values)} entries masked"
        raise TypeError(refusal(name, got, "all entries", f"{name}.compressed(), or {name}.filled(value)"))
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of different lengths
        raise TypeError(refusal(name, error, "an array", "rows of one length")) from error
    if array.dtype.kind not in "fiu":
        got = f"a {type(values).__name__} of dtype {array.dtype}"
        remedy = f"{name}.real" if array.dtype.kind == "c" else f"np.asarray({name}, dtype=float)"
        raise TypeError(refusal(name, got, "real numbers", remedy))
    return array.astype(np.float64, copy=False)


def as_matrix(name: str, values: Any) -> Any:
    """The same for a matrix, which may be sparse: then it stays so."""
    if not sp.issparse(values):
        return as_float64(name, values)
    if values.dtype.kind not in "fiu":
        got = f"a sparse matrix of dtype {values.dtype}"
        raise TypeError(refusal(name, got, "real numbers", f"{name}.real"))
    return values.astype(np.float64)


def require_finite(name: str, array: np.ndarray, remedy: str) -> None:
    """Raises ValueError with the first index at which the array is NaN or infinite."""
    broken = ~np.isfinite(array)
    if broken.any():
        first = tuple(int(i) for i in np.argwhere(broken)[0])
        where = first[0] if len(first) == 1 else first
        got = f"{array[first]} at index {where} ({broken.sum()} such of {array.size})"
        raise ValueError(refusal(name, got, "finite numbers", remedy))
