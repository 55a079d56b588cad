"""Distances between points and what a cost is made of, against their definitions."""

import math

import numpy as np
import pytest
import torch

from lib.transport import costs
from lib.transport.costs import Costs, checked_masses, distances, unit


@pytest.mark.parametrize("norm", [1, 2, math.inf])
def test_distances_are_the_norms_of_differences(norm):
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(4, 3)), generator.normal(size=(5, 3))
    expected = [[np.linalg.norm(p - q, ord=norm) for q in y] for p in x]
    np.testing.assert_allclose(distances(x, torch.tensor(y), norm), expected, atol=1e-14)
    costs = Costs.between(x, y, norm)
    i, j = np.array([0, 3, 3]), np.array([4, 0, 1])
    for form in (costs, costs.kept(), Costs.of(np.array(expected))):
        np.testing.assert_allclose(form.at(i, j), np.array(expected)[i, j], atol=1e-14)
        np.testing.assert_allclose(form.transposed.rows(slice(1, 3)), np.array(expected).T[1:3], atol=1e-14)
        rows, columns = np.array([1, 0, 1, 0], bool), np.array([0, 1, 1, 0, 1], bool)
        np.testing.assert_allclose(
            form.among(rows, columns).rows(), np.array(expected)[np.ix_(rows, columns)], atol=1e-14
        )


def test_equal_points_are_at_distance_zero_however_far_out():
    x = np.array([[1e8, 1e8], [1e8 + 1, 1e8]])
    np.testing.assert_array_equal(distances(x, x), [[0, 1], [1, 0]])


@pytest.mark.parametrize("spread, expected", [(1.0, 1.0), (1.5, 1.0), (0.9, 0.5), (4.0, 4.0), (0.0, 1.0)])
def test_the_unit_is_the_power_of_two_below_the_spread(spread, expected):
    assert unit(np.array([[7.0, 0.0]]), np.array([[7.0, spread]])) == expected


def test_float32_weights_pass_and_forgotten_atoms_do_not():
    mass = torch.rand(100_000, generator=torch.Generator().manual_seed(0))
    mass = mass / mass.sum()
    checked = checked_masses("a", mass, 100_000, "row of x")
    assert math.fsum(checked) == pytest.approx(1, abs=1e-14) and checked.dtype == np.float64
    with pytest.raises(ValueError, match=r"a: got masses that sum to 0\.9999, expected 1"):
        checked_masses("a", np.array([0.5, 0.4999]), 2, "row of x")
    np.testing.assert_array_equal(checked_masses("a", None, 4, "row of x"), 0.25)


def test_integers_and_half_precision_become_float64():
    for value in (torch.tensor([[1, 2]]), torch.tensor([[1.0, 2.0]], dtype=torch.bfloat16), [[1, 2]]):
        cloud = costs.checked_cloud("x", value)
        assert cloud.dtype == np.float64
        np.testing.assert_array_equal(cloud, [[1.0, 2.0]])
