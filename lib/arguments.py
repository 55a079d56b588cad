"""Arguments checked at the door, and one dialect for what is refused: name, value, expectation, remedy."""

import math
import numbers

import numpy as np
import torch
from torch import Tensor


def refusal(name: str, got, expected: str, remedy: str) -> str:
    """The message of every refusal: "name: got …, expected …. Remedy: …."."""
    return f"{name}: got {got}, expected {expected}. Remedy: {remedy}."


def whole_number(name: str, value, at_least: int, at_most: int | None = None) -> int:
    """Check that an argument is a whole number in a range, and return it as a Python `int`.

    Python and NumPy integers pass, Booleans and floats do not. Both ends of the range belong to it;
    `at_most=None` leaves it open.

    Raises:
        TypeError: `value` is not a whole number.
        ValueError: `value` lies outside the range.
    """
    span = f"at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
    expected, remedy = f"a whole number {span}", f"e.g. {name}={at_least}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(refusal(name, f"{value!r} ({type(value).__name__})", expected, remedy))
    if value < at_least or (at_most is not None and value > at_most):
        raise ValueError(refusal(name, value, expected, remedy))
    return int(value)


def number(name: str, value, meaning: str, *, positive: bool = True) -> float:
    """Check that an argument is a positive (or else a non-negative) finite number; return it as a `float`.

    Numbers of Python and NumPy pass, whatever their precision; Booleans, strings and tensors do not.

    Raises:
        TypeError: `value` is not a real number.
        ValueError: it is infinite, NaN, negative, or 0 where a positive one is needed.
    """
    expected = f"a {'positive' if positive else 'non-negative'} finite number, {meaning}"
    remedy = f"e.g. {name}={0.1 if positive else 1.0}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(refusal(name, f"{value!r} ({type(value).__name__})", expected, remedy))
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise ValueError(refusal(name, value, expected, remedy))
    return float(value)


def float_tensor(name: str, value, meaning: str) -> Tensor:
    """Check that an argument is a tensor of floats, and return it. Raises TypeError for anything else."""
    if not isinstance(value, Tensor):
        remedy = f"torch.as_tensor({name}, dtype=torch.float32)"
        raise TypeError(refusal(name, type(value).__name__, f"a tensor of floats, {meaning}", remedy))
    if not value.is_floating_point():
        expected = f"floating-point numbers, {meaning}"
        raise TypeError(refusal(name, value.dtype, expected, f"{name}.float(), in the right units"))
    return value


def torch_generator(name: str, value) -> torch.Generator:
    """Check that an argument is a torch.Generator, and return it. Raises TypeError for anything else."""
    if not isinstance(value, torch.Generator):
        raise TypeError(refusal(name, repr(value), "a torch.Generator", "seed(0).torch"))
    return value
