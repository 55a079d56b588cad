"""A linear programme in units in which all its numbers are about 1, and the check of what a solver returned.

Solvers have absolute tolerances: a cost of 1e-11 is nothing to them, whatever its unit. Changing the units by
powers of two is exact, so it changes the tolerances and nothing else.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

RELATIVE = 1e-9  # of the terms of a row: what a constraint or the value may be off by
ROUNDING = 1e-14  # of the largest cost or mass: a row whose terms are all zero


class Units(NamedTuple):
    """min { ⟨c, Γ⟩ | A Γ = b, Γ >= 0 } in units of its own; Γ = 2^columns Γ' and u = 2^rows u' undo them."""

    c: np.ndarray
    A: sp.csc_array
    b: np.ndarray
    rows: np.ndarray
    columns: np.ndarray

    @classmethod
    def of(cls, c: np.ndarray, A: sp.csc_array, b: np.ndarray) -> "Units":
        """The programme with largest entries between 1 and 2: in the columns of A, in b, and in c."""
        row, column = A.indices, np.repeat(np.arange(A.shape[1]), np.diff(A.indptr))
        size, present = _exponents(A.data), A.data != 0
        rows = -_largest(row[present], size[present], A.shape[0])
        columns = -_largest(column[present], (size + rows[row])[present], A.shape[1])
        scaled = sp.csc_array((np.ldexp(A.data, rows[row] + columns[column]), row, A.indptr), shape=A.shape)
        of_b, of_c = _unit(b, rows), _unit(c, columns)
        return cls(np.ldexp(c, columns - of_c), scaled, np.ldexp(b, rows - of_b), rows + of_c, columns + of_b)

    def restored(self, x: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both solutions in the reader's units."""
        return np.ldexp(x, self.columns), np.ldexp(u, self.rows)


def violated(problem: Units, x: np.ndarray, u: np.ndarray) -> str:
    """What of A Γ = b, Γ >= 0, Aᵀu <= c and ⟨c, Γ⟩ = ⟨b, u⟩ does not hold to rounding, "" when all do.

    Together the four prove both solutions optimal, whoever found them.
    """
    c, A, b, size = problem.c, problem.A, problem.b, abs(problem.A)
    largest_b, largest_c = abs(b).max(initial=0), abs(c).max(initial=0)
    measured = {
        "A Γ = b": (abs(A @ x - b), size @ abs(x) + abs(b), largest_b),
        "Γ >= 0": (-x, abs(x).max(initial=0), largest_b),
        "Aᵀu <= c": (A.T @ u - c, size.T @ abs(u) + abs(c), largest_c),
        "⟨c, Γ⟩ = ⟨b, u⟩": (abs(c @ x - b @ u), abs(c) @ abs(x) + abs(b) @ abs(u), largest_b * largest_c),
    }
    for statement, (error, terms, largest) in measured.items():
        excess = np.max(error - RELATIVE * terms - ROUNDING * largest, initial=-np.inf)
        if not excess <= 0:
            return f"{statement} is violated by {np.max(error):.1e} in units in which the numbers are about 1"
    return ""


def _exponents(values: np.ndarray) -> np.ndarray:
    """The largest e with 2^e <= |value|."""
    return np.frexp(values)[1] - 1


def _largest(group: np.ndarray, exponents: np.ndarray, groups: int) -> np.ndarray:
    """The largest exponent in each group; 0 in an empty one."""
    lowest = np.iinfo(np.int32).min
    found = np.full(groups, lowest, dtype=np.int32)
    np.maximum.at(found, group, exponents)
    return np.where(found == lowest, 0, found)


def _unit(values: np.ndarray, shifts: np.ndarray) -> int:
    """The exponent of the largest entry of 2^shifts · values."""
    return int(np.max((_exponents(values) + shifts)[values != 0], initial=-(2**31))) if values.any() else 0
