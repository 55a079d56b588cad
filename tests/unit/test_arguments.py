"""What passes the door, and that what does not is told in one dialect, which the tests themselves check."""

import math

import numpy as np
import pytest
import torch

from lib import arguments
from tests.unit.errors import refused


@pytest.mark.parametrize("value", [3, 5, np.int32(4)])
def test_whole_number_returns_a_python_int(value):
    checked = arguments.whole_number("k", value, at_least=3, at_most=5)
    assert checked == value and type(checked) is int


@pytest.mark.parametrize("value, at_most", [(2, None), (2, 5), (6, 5)])
def test_whole_number_refuses_what_is_outside(value, at_most):
    span = "at least 3" if at_most is None else "from 3 to 5"
    with refused(ValueError, "k", value, span, remedy="k=3"):
        arguments.whole_number("k", value, at_least=3, at_most=at_most)


@pytest.mark.parametrize("value", [3.0, True, np.bool_(True), "3", None, torch.tensor(3)])
def test_whole_number_refuses_what_is_none(value):
    with refused(TypeError, "k", repr(value), type(value).__name__, "at least 3", remedy="k=3"):
        arguments.whole_number("k", value, at_least=3)


@pytest.mark.parametrize("value", [2, 0.5, np.float32(0.25), np.float64(0.1), np.int64(3)])
def test_number_returns_a_python_float_of_the_same_value(value):
    checked = arguments.number("c", value, "a weight")
    assert type(checked) is float and checked == value


@pytest.mark.parametrize("value", [-1, -1e-300, math.nan, math.inf, np.float32("nan")])
@pytest.mark.parametrize("positive", [True, False])
def test_number_refuses_what_is_no_size(value, positive):
    expected = "positive" if positive else "non-negative"
    with refused(ValueError, "c", value, f"a {expected} finite number", "a weight", remedy="c="):
        arguments.number("c", value, "a weight", positive=positive)


def test_zero_is_no_positive_number():
    assert arguments.number("c", 0, "a weight", positive=False) == 0
    with refused(ValueError, "c", 0, "a positive"):
        arguments.number("c", 0, "a weight")


@pytest.mark.parametrize("value", ["0.1", None, True, np.bool_(True), torch.tensor(0.1), [1.0], 1j])
def test_number_refuses_what_is_none(value):
    with refused(TypeError, "c", type(value).__name__):
        arguments.number("c", value, "a weight")


def test_tensors_and_generators_pass_as_they_are():
    tensor, generator = torch.zeros(2, dtype=torch.float16), torch.Generator()
    assert arguments.float_tensor("x", tensor, "points") is tensor
    assert arguments.torch_generator("generator", generator) is generator


@pytest.mark.parametrize("value, got", [(np.zeros(2), "ndarray"), ([0.0], "list"), (None, "NoneType")])
def test_what_is_no_tensor_is_refused(value, got):
    with refused(TypeError, "x", got, "points", remedy="as_tensor(x"):
        arguments.float_tensor("x", value, "points")


def test_a_tensor_of_whole_numbers_is_refused():
    with refused(TypeError, "x", "torch.int64", "points", remedy="x.float()"):
        arguments.float_tensor("x", torch.zeros(2, dtype=torch.int64), "points")


@pytest.mark.parametrize("value", [None, 0, np.random.default_rng(0)])
def test_what_is_no_generator_is_refused(value):
    with refused(TypeError, "generator", repr(value), remedy="seed(0).torch"):
        arguments.torch_generator("generator", value)


# -- the matcher itself: it must be able to fail ---------------------------------------------------------

SAID = arguments.refusal("k", 7, "at most 5", "k=5")


@pytest.mark.parametrize(
    "message, error, name, value, remedy",
    [
        ("k must not be 7.", ValueError, "k", 7, ""),  # another dialect
        ("k: got 7, expected at most 5.", ValueError, "k", 7, ""),  # no remedy
        (SAID, ValueError, "kk", 7, ""),
        (SAID, ValueError, "k", 8, ""),
        (SAID, ValueError, "k", 7, "k=4"),
        (SAID, TypeError, "k", 7, ""),
        (None, ValueError, "k", 7, ""),
    ],
)
def test_the_matcher_notices_what_is_missing(message, error, name, value, remedy):
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception)):
        with refused(error, name, value, remedy=remedy):
            if message is not None:
                raise ValueError(message)


def test_the_matcher_lets_the_dialect_pass():
    with refused(ValueError, "k", 7, "at most 5", remedy="k=5"):
        raise ValueError(SAID)
