"""Costs of many decades and small masses: the answer is right to nine digits, or it is no answer.

The oracle enumerates all permutations in rational arithmetic, so it has no scale and no tolerance.
"""

import itertools
import math
import warnings
from fractions import Fraction

import numpy as np
import pytest

from lib.transport import (
    Infeasible,
    SolverFailed,
    constraint_matrix,
    exact,
    kantorovich,
    maximise,
    minimise,
    wasserstein1,
)
from lib.transport.certificate import tightened, violation, violation_on_line
from lib.transport.costs import Costs
from tests.unit.errors import refused

PROGRAMMES = ("lp", "dual", "single")


def best_of_all(cost):
    """The least mean cost of a permutation, as a fraction."""
    exactly = [[Fraction(float(entry)) for entry in row] for row in cost]
    n = len(exactly)
    return min(sum(exactly[i][s[i]] for i in range(n)) for s in itertools.permutations(range(n))) / n


def norms_of_differences(x, y):
    return np.array([[math.dist(p, q) for q in y] for p in x])


def assert_right(answer, cost):
    truth = float(best_of_all(cost))
    assert answer.value == pytest.approx(truth, rel=1e-9, abs=0)
    assert abs(answer.gap) + max(answer.violation, 0) <= 2e-9 * truth
    # the certificate is not taken from the answer either
    above = (answer.f[:, None] + answer.g - cost).max()
    assert answer.violation == pytest.approx(above, rel=1e-6, abs=1e-9 * truth)


@pytest.fixture
def fallback():
    """Another method may answer, with a warning; the tests of that warning do without this."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "method: got no certified answer")
        yield


@pytest.mark.usefixtures("fallback")
@pytest.mark.parametrize("method", ["lp", "dual", "assignment", "network"])
def test_costs_that_must_not_be_used_do_not_hide_the_others(method):
    cost = np.array([[0.5, 0.4, 0.5], [0.8, 0.3, 0.7], [1e10, 1e10, 0.8]])
    answer = kantorovich(cost, method=method)
    assert_right(answer, cost)
    assert answer.value == pytest.approx(1.6 / 3, rel=1e-12)


@pytest.mark.usefixtures("fallback")
@pytest.mark.parametrize("method", ["lp", "dual"])
@pytest.mark.parametrize("seed", range(25))
def test_costs_of_random_decades(method, seed):
    generator = np.random.default_rng(seed)
    n, decades = generator.integers(3, 6), generator.integers(0, 15)
    cost = 10.0 ** generator.uniform(-decades, 0, (n, n)) * 10.0 ** generator.integers(-20, 20)
    assert_right(kantorovich(cost, method=method), cost)


@pytest.mark.usefixtures("fallback")
@pytest.mark.parametrize("method", PROGRAMMES)
@pytest.mark.parametrize("seed", range(8))
def test_one_point_far_away(method, seed):
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(5, 2)), generator.normal(size=(5, 2))
    x[0] *= 1e10
    if seed % 2:
        y[3] = x[0] + 1  # its partner is near: the far costs are not paid
    cost = norms_of_differences(x, y)
    assert_right(wasserstein1(x, y, method=method), cost)


@pytest.mark.usefixtures("fallback")
@pytest.mark.parametrize("method", PROGRAMMES)
@pytest.mark.parametrize("small", [1e-6, 1e-8, 1e-10, 1e-12])
def test_small_masses_have_a_plan(method, small):
    """In the units of the solver's tolerance, 1e-10, they seemed to have none."""
    x, y, a, b = [[0.0], [1.0], [3.0]], [[0.0], [2.0]], [1 - 2 * small, small, small], [1 - small, small]
    answer = wasserstein1(x, y, a, b, method=method)
    assert answer.value / small == pytest.approx(2, rel=1e-3)


def test_rounding_in_the_sums_of_masses_is_no_unbounded_dual():
    """p − q summed to 1e-17, so that adding a constant to f seemed to improve the dual for ever."""
    x, y, small = [[0.0], [1.0], [3.0]], [[0.0], [2.0]], 1e-8
    answer = wasserstein1(x, y, [1 - 2 * small, small, small], [1 - small, small], method="single")
    assert answer.method == "single"


def careless(costs, a, b):
    """The best assignment, turned by one: a plan, but not an optimal one."""
    found = exact.by_assignment(costs, a, b)
    return found._replace(j=np.roll(found.j, 1))


def test_a_wrong_answer_of_a_programme_is_replaced_and_the_warning_says_so(monkeypatch):
    monkeypatch.setitem(exact._SOLVERS, "lp", careless)
    x, y = np.random.default_rng(0).normal(size=(2, 4, 2))
    with pytest.warns(UserWarning, match=r'"lp" and takes "assignment" instead: .*open.*Remedy'):
        answer = wasserstein1(x, y, method="lp")
    assert answer.method == "assignment"
    assert_right(answer, norms_of_differences(x, y))


@pytest.mark.parametrize("method", ["assignment", "network"])
def test_a_wrong_answer_without_a_replacement_is_refused(monkeypatch, method):
    monkeypatch.setitem(exact._SOLVERS, method, careless)
    x, y = np.random.default_rng(1).normal(size=(2, 4, 2))
    with refused(SolverFailed, "method", method, remedy="another method"):
        wasserstein1(x, y, method=method)


def test_potentials_above_the_cost_are_repaired_not_returned(monkeypatch):
    def optimistic(costs, a, b):
        found = exact.by_assignment(costs, a, b)
        return found._replace(f=found.f + np.eye(4)[1] / 10, g=found.g - np.eye(4)[2] / 10)

    monkeypatch.setitem(exact._SOLVERS, "assignment", optimistic)
    x, y = np.random.default_rng(2).normal(size=(2, 4, 2))
    assert_right(wasserstein1(x, y, method="assignment"), norms_of_differences(x, y))


def test_the_violation_is_the_largest_excess():
    cost = np.array([[1.0, 2.0, 4.0], [3.0, 0.5, 7.0]])
    f, g = np.array([0.5, 0.25]), np.array([0.25, 1.5, -3.0])
    assert violation(Costs.of(cost), f, g) == 0.25 + 1.5 - 0.5  # the others: at most 0
    assert violation(Costs.of(cost), f - 2, g) == -0.75  # below the cost everywhere, nearest in row 1


@pytest.mark.parametrize("seed", range(5))
def test_the_violation_on_the_line_is_that_of_the_matrix(seed):
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(6, 1)), generator.normal(size=(4, 1))
    f, g = generator.normal(size=6), generator.normal(size=4)
    expected = max(f[i] + g[j] - abs(x[i, 0] - y[j, 0]) for i in range(6) for j in range(4))
    assert violation_on_line(Costs.between(x, y, 2), f, g) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_potentials_are_found_from_the_plan_alone(seed):
    generator = np.random.default_rng(seed)
    cost, a, b = (
        generator.uniform(size=(6, 4)),
        generator.dirichlet(np.ones(6)),
        generator.dirichlet(np.ones(4)),
    )
    plan = kantorovich(cost, a, b, method="network").plan
    i, j = np.nonzero(plan)
    f, g = tightened(Costs.of(cost), i, j, generator.normal(size=6), generator.normal(size=4))
    assert (f[:, None] + g - cost).max() <= 1e-14
    np.testing.assert_allclose(f[i] + g[j], cost[i, j], atol=1e-14)


# The programmes


@pytest.mark.parametrize("solve", ["minimise", "maximise"])
@pytest.mark.parametrize(
    "size_c, size_A, size_b", [(1e-12, 1, 1), (1, 1e-9, 1), (1, 1, 1e-10), (1e25, 1e-25, 1e-9)]
)
def test_the_units_of_a_programme_do_not_matter(solve, size_c, size_A, size_b):
    """min { ⟨c, Γ⟩ | A Γ = b } for transport between four points, by enumeration."""
    cost = np.random.default_rng(5).uniform(size=(4, 4))
    A, b = size_A * constraint_matrix(4, 4), np.full(8, size_b / 4)
    plan, u = (
        minimise(size_c * cost.ravel(), A, b)
        if solve == "minimise"
        else maximise(b, A, size_c * cost.ravel())[::-1]
    )
    unit = size_c * size_b / size_A
    truth = float(best_of_all(cost))
    assert size_c * cost.ravel() @ plan / unit == pytest.approx(truth, rel=1e-9)
    assert b @ u / unit == pytest.approx(truth, rel=1e-9)
    assert (plan * size_A / size_b).min() >= -1e-10


def test_rows_in_units_of_their_own_do_not_matter():
    A, b, c = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]), np.array([1.0, 2.0]), np.array([3.0, 1.0, 1.0])
    units = np.array([1e-11, 1e7])
    x, u = minimise(c, units[:, None] * A, units * b)
    np.testing.assert_allclose(x, [0, 1, 1], atol=1e-9)
    np.testing.assert_allclose(u * units, [0, 1], atol=1e-9)


@pytest.mark.parametrize("size", [1.0, 1e-9, 1e-12])
def test_masses_that_differ_are_infeasible_however_small(size):
    with pytest.raises(Infeasible):
        minimise(np.ones(4), constraint_matrix(2, 2), size * np.array([0.5, 0.5, 0.5, 0.6]))


def test_a_programme_of_too_many_decades_is_refused():
    cost = np.array([[0.5, 0.4, 0.5], [0.8, 0.3, 0.7], [1e10, 1e10, 0.8]])
    try:
        plan, _ = minimise(cost.ravel(), constraint_matrix(3, 3), np.full(6, 1 / 3))
    except SolverFailed as error:
        assert "Aᵀu <= c is violated by" in str(error) and "Remedy: " in str(error)
    else:  # another version of the solver may get it right
        assert cost.ravel() @ plan == pytest.approx(1.6 / 3, rel=1e-9)


@pytest.mark.parametrize("name", ["c", "A", "b"])
def test_no_imaginary_part_is_dropped(name):
    arguments = {"c": np.ones(4), "A": constraint_matrix(2, 2).toarray(), "b": np.full(4, 0.5)}
    arguments[name] = arguments[name] + 1j
    with refused(TypeError, name, "complex128"):
        minimise(**arguments)
