"""c-transforms, extensions and Farkas' lemma, against their definitions and against other solvers."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from scipy.optimize import nnls

from lib.transport import duality
from lib.transport.duality import c_transform, farkas_certificate, mcshane_extension

seeds = st.integers(0, 2**32 - 1)


def distance(x, y, norm=2):
    return np.array([[np.linalg.norm(p - q, ord=norm) for q in y] for p in x])


# The c-transform


def test_the_transform_is_the_double_loop():
    generator = np.random.default_rng(0)
    cost, f = generator.normal(size=(4, 7)), generator.normal(size=4)
    expected = [min(cost[i, j] - f[i] for i in range(4)) for j in range(7)]
    np.testing.assert_allclose(c_transform(f, cost), expected, atol=1e-15)
    np.testing.assert_allclose(c_transform(torch.tensor(f), torch.tensor(cost)), expected, atol=1e-15)


def test_blocks_of_rows_make_no_difference(monkeypatch):
    generator = np.random.default_rng(1)
    cost, f = generator.normal(size=(5, 9)), generator.normal(size=5)
    whole = c_transform(f, cost)
    monkeypatch.setattr("lib.transport.costs.BLOCK_ENTRIES", 7)
    np.testing.assert_array_equal(c_transform(f, cost), whole)


@given(seed=seeds, norm=st.sampled_from([1, 2, math.inf]))
def test_the_chain_from_any_pair_to_one_lipschitz_function(seed, norm):
    """value(f, g) <= value(f, f^c) <= value(-f^c, f^c), and f^cc = -f^c is 1-Lipschitz, on one space."""
    generator = np.random.default_rng(seed)
    points = generator.normal(size=(9, 2))
    d = distance(points, points, norm)
    p, q = generator.dirichlet(np.ones(9), size=2)
    f = generator.normal(size=9)
    g = (d - f[:, None]).min(axis=0) - generator.exponential(size=9)  # any feasible pair
    transformed = c_transform(f, d)
    assert (transformed >= g).all()
    assert (f[:, None] + transformed <= d + 1e-12).all()
    again = c_transform(transformed, d.T)
    np.testing.assert_allclose(again, -transformed, atol=1e-12)
    assert (again >= f - 1e-12).all()
    assert (abs(transformed[:, None] - transformed) <= d + 1e-12).all()
    assert p @ f + q @ g <= p @ f + q @ transformed + 1e-12
    assert p @ f + q @ transformed <= (q - p) @ transformed + 1e-12


def test_the_difference_of_a_feasible_pair_alone_proves_nothing():
    """On {0, 1}: an optimal pair of value 1 whose f alone gives 10; the chain repairs it."""
    d = np.array([[0.0, 1.0], [1.0, 0.0]])
    f = np.array([10.0, 0.0])
    np.testing.assert_array_equal(c_transform(f, d), [-10.0, -9.0])
    transformed = c_transform([10.0, 0.0], d)
    assert -transformed[0] + transformed[1] == 1.0


def test_the_triangle_inequality_is_needed():
    """For the squared distance f^cc = -f^c fails, so one function does not suffice."""
    points = np.linspace(0, 1, 6)[:, None]
    squared = distance(points, points) ** 2
    transformed = c_transform(points[:, 0], squared)
    assert abs(c_transform(transformed, squared.T) + transformed).max() > 0.1


def test_shapes_and_numbers_of_a_transform_are_checked():
    with pytest.raises(
        ValueError, match=r"f: got shape \(3,\), expected \(…, 2\), one value for each row.*cost.T"
    ):
        c_transform(np.zeros(3), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"f: got nan at index 1 .*expected finite.*Remedy"):
        c_transform([0.0, np.nan], np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"cost: got nan at index \(0, 1\)"):
        c_transform([0.0], [[0.0, np.nan]])


# McShane's extension


@given(seed=seeds, norm=st.sampled_from([1, 2, math.inf]), slope=st.sampled_from([0.5, 1, 3.0]))
def test_extensions_agree_on_the_support_keep_the_slope_and_bound_all_others(seed, norm, slope):
    generator = np.random.default_rng(seed)
    points, at = generator.normal(size=(7, 2)), generator.normal(size=(9, 2)) * 2
    centre = generator.normal(size=2)

    def whole(z):  # a function of exactly this slope on the plane
        return slope * np.linalg.norm(z - centre, ord=norm, axis=1)

    f = whole(points)
    everywhere = np.concatenate([points, at])
    upper, lower = (
        mcshane_extension(points, f, everywhere, norm=norm, slope=slope, side=side)
        for side in ("upper", "lower")
    )
    for extension in (upper, lower):
        np.testing.assert_allclose(extension[:7], f, atol=1e-12)
        steps = abs(extension[:, None] - extension)
        assert (steps <= slope * distance(everywhere, everywhere, norm) + 1e-12).all()
    assert (lower <= whole(everywhere) + 1e-12).all() and (whole(everywhere) <= upper + 1e-12).all()
    by_hand = [min(f[i] + slope * np.linalg.norm(z - points[i], ord=norm) for i in range(7)) for z in at]
    np.testing.assert_allclose(upper[7:], by_hand, atol=1e-12)


def test_a_constant_is_extended_with_slope_zero():
    points = np.random.default_rng(2).normal(size=(4, 3))
    np.testing.assert_array_equal(mcshane_extension(points, np.full(4, 2.5), points + 9, slope=0), 2.5)


def test_what_cannot_be_extended_is_refused_with_the_steepest_pair():
    points = np.array([[0.0], [1.0], [2.0]])
    with pytest.raises(
        ValueError, match=r"f: got slope 3 between points 2 and 1, expected at most slope=1.*Remedy"
    ):
        mcshane_extension(points, [0.0, 0.5, 3.5], [[0.0]])
    with pytest.raises(ValueError, match=r"f: got two values at one point between points 1 and 0.*Remedy"):
        mcshane_extension(np.zeros((2, 1)), [0.0, 1.0], [[0.0]])
    mcshane_extension(points, [0.0, 0.5, 3.5], [[0.0]], slope=3)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"at": [[0.0, 1.0]]}, r"at: got shape \(1, 2\) beside points of shape \(2, 1\).*Remedy"),
        ({"at": [0.0]}, r"at: got shape \(1,\), expected \(n, d\).*Remedy: at\[:, None\]"),
        ({"f": [0.0]}, r"f: got shape \(1,\), expected \(2,\), one value for each row of points.*Remedy"),
        ({"side": "left"}, r"side: got 'left', expected 'upper' or 'lower'.*Remedy"),
        ({"slope": -1}, r"slope: got -1, expected a non-negative finite number.*Remedy"),
        ({"slope": math.nan}, r"slope: got nan"),
        ({"norm": 0}, r"norm: got 0, expected 1"),
        ({"f": [0.0, np.inf]}, r"f: got inf at index 1"),
    ],
)
def test_bad_arguments_of_an_extension_are_refused(change, message):
    arguments = {"points": [[0.0], [1.0]], "f": [0.0, 1.0], "at": [[0.5]]} | change
    with pytest.raises(ValueError, match=message):
        mcshane_extension(**arguments)


def test_several_prices_are_transformed_at_once():
    generator = np.random.default_rng(12)
    cost, f = generator.normal(size=(5, 3)), generator.normal(size=(2, 4, 5))
    together = c_transform(f, cost)
    assert together.shape == (2, 4, 3)
    for i, j in np.ndindex(2, 4):
        np.testing.assert_array_equal(together[i, j], c_transform(f[i, j], cost))
    with pytest.raises(ValueError, match=r"f: got shape \(2, 4, 5\), expected \(…, 3\)"):
        c_transform(f, cost.T)


# Farkas' lemma


def test_exactly_one_of_the_two_systems_can_be_solved():
    """200 random systems; the other answer is excluded by an algorithm of another kind, active sets."""
    generator = np.random.default_rng(3)
    feasible = 0
    for _ in range(200):
        r, k = generator.integers(1, 6), generator.integers(1, 9)
        A, b = generator.normal(size=(r, k)), generator.normal(size=r)
        answer = farkas_certificate(A, b)
        distance_to_cone = nnls(A, b)[1]
        assert answer.feasible == (distance_to_cone <= 1e-9)
        if answer.feasible:
            assert answer.certificate is None and answer.margin == 0
            assert answer.solution.min() >= 0
            assert abs(A @ answer.solution - b).max() <= 1e-9
        else:
            # Such a u excludes (i): 0 < ⟨b, u⟩ = ⟨Γ, Aᵀu⟩ <= 0.
            assert answer.solution is None
            assert (A.T @ answer.certificate).max() <= 1e-9
            assert answer.margin == pytest.approx(b @ answer.certificate) and answer.margin > 1e-6
            assert abs(answer.certificate).max() <= 1 + 1e-9
        feasible += answer.feasible
    assert 40 < feasible < 160  # both cases are there


def test_the_margin_is_the_distance_to_the_cone_in_the_sum_norm():
    quadrant = farkas_certificate(np.eye(2), [-3.0, 2.0])
    np.testing.assert_allclose(quadrant.certificate, [-1, 0], atol=1e-12)
    assert quadrant.margin == pytest.approx(3)


def test_transport_has_a_plan_exactly_when_the_masses_agree():
    from lib.transport.programmes import constraint_matrix

    A = constraint_matrix(3, 4)
    a, b = np.array([0.2, 0.3, 0.5]), np.full(4, 0.25)
    answer = farkas_certificate(A, np.concatenate([a, b]))
    plan = answer.solution.reshape(3, 4)
    np.testing.assert_allclose(plan.sum(axis=1), a, atol=1e-12)
    np.testing.assert_allclose(plan.sum(axis=0), b, atol=1e-12)
    assert answer.violation <= 1e-12
    unbalanced = farkas_certificate(A, np.concatenate([a, 1.2 * b]))
    assert not unbalanced.feasible and unbalanced.margin == pytest.approx(0.2)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_the_units_of_a_system_do_not_matter(size):
    A, b = np.array([[1.0, 2.0], [3.0, 1.0]]), np.array([3.0, 4.0])
    assert farkas_certificate(size * A, b).feasible
    np.testing.assert_allclose(size * farkas_certificate(size * A, b).solution, [1, 1], rtol=1e-9)
    assert farkas_certificate(A, size * b).feasible
    assert not farkas_certificate(size * A, [1.0, -1.0]).feasible
    assert not farkas_certificate(A, size * np.array([1.0, -1.0])).feasible
    assert not farkas_certificate(np.zeros((2, 2)), size * b).feasible


def test_the_zero_vector_lies_in_every_cone():
    answer = farkas_certificate(np.ones((2, 3)), [0.0, 0.0])
    assert answer.feasible and not answer.solution.any()


@pytest.mark.parametrize(
    "A, b, message",
    [
        (
            np.ones((2, 3)),
            np.ones(3),
            r"A: got shape \(2, 3\) beside b of shape \(3,\), expected \(len\(b\), k\)",
        ),
        (np.ones(3), np.ones(3), r"A: got shape \(3,\) beside"),
        (np.ones((2, 0)), np.ones(2), r"A: got shape \(2, 0\) beside"),
        (np.full((1, 2), np.nan), np.ones(1), r"A: got nan at index"),
        (sp.csr_array([[np.inf]]), np.ones(1), r"A: got inf at index"),
        (np.ones((1, 2)), [np.nan], r"b: got nan at index 0"),
    ],
)
def test_bad_systems_are_refused(A, b, message):
    with pytest.raises(ValueError, match=message):
        farkas_certificate(A, b)


def test_a_solver_that_gives_up_is_an_error(monkeypatch):
    complete = duality.linprog

    def short(*arguments, options, **named):
        return complete(*arguments, options=options | {"time_limit": 0.0}, **named)

    monkeypatch.setattr(duality, "linprog", short)
    generator = np.random.default_rng(4)
    with pytest.raises(duality.SolverFailed, match=r"linprog ended with status 1 .*expected 0"):
        farkas_certificate(generator.normal(size=(5, 9)), generator.normal(size=5))
