"""The matrices of transport and the linear programmes, against small cases by hand and linprog."""

import sys

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import linprog

from lib.transport import programmes
from lib.transport.programmes import (
    Infeasible,
    SolverFailed,
    Unbounded,
    constraint_matrix,
    lipschitz_matrix,
    maximise,
    minimise,
)
from tests.unit.errors import refused


def transport_problem(seed, n=4, m=3):
    generator = np.random.default_rng(seed)
    a, b = generator.dirichlet(np.ones(n)), generator.dirichlet(np.ones(m))
    return generator.uniform(size=(n, m)), a, b


def test_the_constraint_matrix_of_two_and_three_points_in_full():
    expected = [
        [1, 1, 1, 0, 0, 0],
        [0, 0, 0, 1, 1, 1],
        [1, 0, 0, 1, 0, 0],
        [0, 1, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 1],
    ]
    A = constraint_matrix(2, 3)
    assert sp.issparse(A) and A.nnz == 12
    np.testing.assert_array_equal(A.toarray(), expected)


@pytest.mark.parametrize("n, m", [(1, 1), (1, 4), (3, 5), (6, 6)])
def test_the_constraint_matrix_gives_the_marginals_and_misses_one_rank(n, m):
    A = constraint_matrix(n, m)
    plan = np.random.default_rng(0).uniform(size=(n, m))
    np.testing.assert_allclose(A @ plan.ravel(), [*plan.sum(axis=1), *plan.sum(axis=0)])
    assert np.linalg.matrix_rank(A.toarray()) == n + m - 1


def test_the_lipschitz_matrix_gives_all_slopes():
    f = np.array([1.0, 5.0, 11.0])
    np.testing.assert_array_equal(lipschitz_matrix(3).T @ f, [-4, -10, 4, -6, 10, 6])
    assert lipschitz_matrix(1).shape == (1, 0)


@pytest.mark.parametrize("bad, error", [(0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_sizes_are_checked(bad, error):
    with refused(error, "n", bad, "whole number at least 1"):
        constraint_matrix(bad, 2)
    with refused(error, "m", bad, "whole number at least 1"):
        constraint_matrix(2, bad)
    with refused(error, "n", bad, "whole number at least 1"):
        lipschitz_matrix(bad)


@pytest.mark.parametrize("seed", range(3))
def test_both_programmes_return_both_solutions(seed):
    cost, a, b = transport_problem(seed)
    A, right = constraint_matrix(*cost.shape), np.concatenate([a, b])
    expected = linprog(cost.ravel(), A_eq=A.toarray(), b_eq=right).fun
    for x, y in (minimise(cost.ravel(), A, right), maximise(right, A, cost.ravel())[::-1]):
        assert cost.ravel() @ x == pytest.approx(expected, abs=1e-9)
        assert right @ y == pytest.approx(expected, abs=1e-9)
        np.testing.assert_allclose(A @ x, right, atol=1e-9)
        assert x.min() >= -1e-12 and (A.T @ y - cost.ravel()).max() <= 1e-9


def test_the_most_expensive_plan_is_a_minimum_over_the_turned_inequality():
    """min { ⟨b, u⟩ | Aᵀu >= c } = max { ⟨c, Γ⟩ | A Γ = b, Γ >= 0 }."""
    cost, a, b = transport_problem(3)
    A, right = constraint_matrix(*cost.shape), np.concatenate([a, b])
    dearest = -linprog(-cost.ravel(), A_eq=A.toarray(), b_eq=right).fun
    y, _ = maximise(-right, -A, -cost.ravel())
    assert right @ y == pytest.approx(dearest, abs=1e-9)


def test_a_turned_inequality_makes_the_dual_unbounded():
    cost, a, b = transport_problem(4)
    A, right = constraint_matrix(*cost.shape), np.concatenate([a, b])
    with pytest.raises(Unbounded, match=r"status 'unbounded', expected 'optimal'.*Remedy: .*Aᵀu <= c"):
        maximise(right, -A, -cost.ravel())


def test_constraints_for_equal_indices_alone_make_the_dual_unbounded():
    cost, a, b = transport_problem(5, 4, 4)
    diagonal = np.arange(4) * 5
    A, right = constraint_matrix(4, 4)[:, diagonal], np.concatenate([a, b])
    with pytest.raises(Unbounded):
        maximise(right, A, cost.ravel()[diagonal])


def test_masses_that_differ_make_the_primal_infeasible():
    cost, a, b = transport_problem(6)
    A = constraint_matrix(*cost.shape)
    with pytest.raises(Infeasible, match=r"status 'infeasible'.*Remedy: .*farkas_certificate"):
        minimise(cost.ravel(), A, np.concatenate([a, 1.1 * b]))


def test_any_other_status_is_an_error_with_that_status(monkeypatch):
    monkeypatch.setitem(programmes.OPTIONS, "time_limit", 0.0)
    cost, a, b = transport_problem(7, 12, 12)
    with refused(SolverFailed, "A, b, c", "status", "HIGHS", remedy="minutes"):  # exactly of this class
        minimise(cost.ravel(), constraint_matrix(12, 12), np.concatenate([a, b]))


def test_scipys_copy_of_the_solver_stands_in_and_says_so(monkeypatch):
    import cvxpy

    cost, a, b = transport_problem(8)
    A, right = constraint_matrix(*cost.shape), np.concatenate([a, b])
    expected = linprog(cost.ravel(), A_eq=A.toarray(), b_eq=right).fun
    monkeypatch.setattr(programmes, "installed", lambda name: name != "highspy")
    monkeypatch.setattr(cvxpy, "installed_solvers", lambda: ["SCIPY", "SCS"])
    with pytest.warns(
        UserWarning, match=r"HIGHS is missing \(present: SCIPY, SCS\).*Remedy: pip install highspy"
    ):
        x, y = minimise(cost.ravel(), A, right)
    assert cost.ravel() @ x == pytest.approx(expected, abs=1e-9)
    assert right @ y == pytest.approx(expected, abs=1e-9)
    with pytest.warns(UserWarning), pytest.raises(SolverFailed, match="unbounded"):
        maximise(right, -A, -cost.ravel())


def test_inexact_solvers_alone_are_refused_with_their_list(monkeypatch):
    import cvxpy

    monkeypatch.setattr(programmes, "installed", lambda name: name != "highspy")
    monkeypatch.setattr(cvxpy, "installed_solvers", lambda: ["OSQP", "SCS"])
    cost, a, b = transport_problem(9)
    with pytest.raises(
        ImportError, match=r"cvxpy finds OSQP, SCS, expected HIGHS or SCIPY.*pip install highspy"
    ):
        minimise(cost.ravel(), constraint_matrix(*cost.shape), np.concatenate([a, b]))


def test_without_cvxpy_the_install_line_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvxpy", None)
    with pytest.raises(ImportError, match=r'pip install "cvxpy>=1.9" highspy.*"assignment"'):
        minimise([1.0], [[1.0]], [1.0])


@pytest.mark.parametrize(
    "c, A, b, message",
    [
        (
            [1.0],
            np.ones((2, 2)),
            [1.0, 1.0],
            r"A: got shape \(2, 2\) beside b of shape \(2,\) and c of shape \(1,\)",
        ),
        ([1.0, np.nan], np.ones((1, 2)), [1.0], r"c: got NaN or infinity"),
        ([1.0, 1.0], [[1.0, np.inf]], [1.0], r"A: got NaN or infinity"),
        ([1.0, 1.0], np.ones((1, 2)), [np.nan], r"b: got NaN or infinity"),
    ],
)
def test_bad_programmes_are_refused(c, A, b, message):
    with pytest.raises(ValueError, match=message + r".*expected.*Remedy"):
        minimise(c, A, b)
    with pytest.raises(ValueError, match=message):
        maximise(b, A, c)
