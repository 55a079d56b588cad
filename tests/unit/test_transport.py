"""The exact Wasserstein-1 distance against brute force, other solvers, closed forms and its axioms."""

import itertools
import math
import sys

import hypothesis.strategies as st
import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from scipy import stats
from scipy.optimize import linprog

from lib.transport import SolverFailed, choice, couplings, exact, kantorovich, wasserstein1

EVERYWHERE = ("lp", "dual", "single", "network")
NORMS = (1, 2, math.inf)
seeds = st.integers(0, 2**32 - 1)


def draw(seed, n=6, m=None, d=2):
    """Two clouds and two vectors of masses, no two alike."""
    generator = np.random.default_rng(seed)
    m = n if m is None else m
    x, y = generator.normal(size=(n, d)), generator.normal(size=(m, d)) + 0.3
    a, b = generator.uniform(0.1, 1, n), generator.uniform(0.1, 1, m)
    return x, y, a / a.sum(), b / b.sum()


def norms_of_differences(x, y, norm):
    """The matrix of distances, one pair at a time."""
    return np.array([[np.linalg.norm(p - q, ord=norm) for q in y] for p in x])


def by_linprog(cost, a, b):
    """The primal, written out without any matrix of the library."""
    n, m = cost.shape
    equations = [np.eye(n)[i].repeat(m) for i in range(n)] + [np.tile(np.eye(m)[j], n) for j in range(m)]
    answer = linprog(cost.ravel(), A_eq=np.array(equations), b_eq=np.concatenate([a, b]), method="highs")
    assert answer.status == 0
    return answer.fun


def assert_optimal(answer, cost, a, b, atol=1e-9):
    """Plan and potentials are feasible and of one value, computed here from their definitions."""
    plan = answer.plan.toarray() if sp.issparse(answer.plan) else answer.plan
    assert plan.shape == cost.shape and plan.min() >= 0
    np.testing.assert_allclose(plan.sum(axis=1), a, rtol=0, atol=atol)
    np.testing.assert_allclose(plan.sum(axis=0), b, rtol=0, atol=atol)
    slack = cost - answer.f[:, None] - answer.g[None, :]
    assert -slack.min() <= atol
    assert answer.violation == pytest.approx(-slack.min(), abs=1e-12)
    assert answer.value == pytest.approx((plan * cost).sum(), abs=1e-12)
    assert answer.gap == pytest.approx(answer.value - answer.f @ a - answer.g @ b, abs=1e-12)
    assert abs(answer.gap) <= atol
    assert abs(plan * slack).max() <= atol  # complementary slackness
    assert answer.f[0] == 0


# The value


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", [*EVERYWHERE, "assignment", "auto"])
def test_equal_masses_give_the_best_of_all_permutations(method, norm):
    x, y, _, _ = draw(1, n=6)
    cost = norms_of_differences(x, y, norm)
    best = min(np.mean([cost[i, s[i]] for i in range(6)]) for s in itertools.permutations(range(6)))
    answer = wasserstein1(x, y, method=method, norm=norm)
    assert answer.value == pytest.approx(best, abs=1e-12)
    assert_optimal(answer, cost, np.full(6, 1 / 6), np.full(6, 1 / 6))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", [*EVERYWHERE, "auto"])
def test_unequal_masses_agree_with_linprog(method, norm):
    x, y, a, b = draw(2, n=7, m=5, d=3)
    cost = norms_of_differences(x, y, norm)
    answer = wasserstein1(x, y, a, b, method=method, norm=norm)
    assert answer.value == pytest.approx(by_linprog(cost, a, b), abs=1e-9)
    assert_optimal(answer, cost, a, b)


@pytest.mark.parametrize("method", [*EVERYWHERE, "line", "auto"])
def test_on_the_line_agrees_with_scipy(method):
    x, y, a, b = draw(3, n=9, m=6, d=1)
    expected = stats.wasserstein_distance(x[:, 0], y[:, 0], a, b)
    answer = wasserstein1(x, y, a, b, method=method)
    assert answer.value == pytest.approx(expected, abs=1e-9)
    assert_optimal(answer, abs(x - y.T), a, b)


@given(seed=seeds, n=st.integers(1, 12), m=st.integers(1, 12))
def test_sorting_agrees_with_scipy_when_places_coincide_and_masses_vanish(seed, n, m):
    generator = np.random.default_rng(seed)
    x, y = generator.integers(-4, 4, (n, 1)), generator.integers(-4, 4, (m, 1))
    a, b = generator.integers(0, 3, n) + 0.0, generator.integers(0, 3, m) + 0.0
    a[generator.integers(n)] += 1
    b[generator.integers(m)] += 1
    a, b = a / a.sum(), b / b.sum()
    answer = wasserstein1(x, y, a, b, method="line")
    assert answer.value == pytest.approx(stats.wasserstein_distance(x[:, 0], y[:, 0], a, b), abs=1e-12)
    assert_optimal(answer, abs(x - y.T).astype(float), a, b, atol=1e-12)
    assert np.count_nonzero(answer.plan) <= n + m - 1


def test_closed_forms():
    x = np.random.default_rng(4).normal(size=(20, 3))
    shift = np.array([1.0, -2.0, 2.0])
    for norm, size in ((1, 5.0), (2, 3.0), (math.inf, 2.0)):
        assert wasserstein1(x, x + shift, norm=norm).value == pytest.approx(size, abs=1e-12)
    one = wasserstein1([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]], q=[0.25, 0.75])
    assert one.value == pytest.approx(0.25 * 5 + 0.75 * 1, abs=1e-15)
    uniform = np.linspace(0, 1, 1001)[:, None]
    assert wasserstein1(uniform, 2 * uniform).value == pytest.approx(0.5, abs=1e-12)


@pytest.mark.parametrize("method", ["lp", "dual", "network"])
def test_the_discrete_metric_gives_total_variation(method):
    _, _, p, q = draw(5, n=8)
    answer = kantorovich(1 - np.eye(8), p, q, method=method)
    assert answer.value == pytest.approx(np.maximum(p - q, 0).sum(), abs=1e-9)


def test_costs_of_any_sign_and_of_no_metric():
    generator = np.random.default_rng(6)
    cost = generator.normal(size=(5, 5))
    best = min(np.mean([cost[i, s[i]] for i in range(5)]) for s in itertools.permutations(range(5)))
    for method in ("lp", "dual", "assignment", "network", "auto"):
        answer = kantorovich(cost, method=method)
        assert answer.value == pytest.approx(best, abs=1e-12)
        assert_optimal(answer, cost, np.full(5, 0.2), np.full(5, 0.2))
    assert kantorovich(np.zeros((2, 3))).value == 0


# Potentials


def test_potentials_agree_up_to_a_constant_where_they_are_unique():
    """Masses without coinciding partial sums make the optimal plan a tree: then the potentials are unique."""
    for seed in range(5):
        x, y, a, b = draw(seed, n=7, m=5)
        answers = [wasserstein1(x, y, a, b, method=method) for method in ("lp", "dual", "network")]
        reference = by_tree(norms_of_differences(x, y, 2), answers[0].plan)
        for answer in answers:
            np.testing.assert_allclose(np.concatenate([answer.f, answer.g]), reference, atol=1e-9)
        single = wasserstein1(x, y, a, b, method="single")
        np.testing.assert_allclose(np.concatenate([single.f, single.g]), reference, atol=1e-9)


def by_tree(cost, plan):
    """Potentials with f_0 = 0 from f_i + g_j = c_ij along the plan's arcs, by least squares."""
    n, m = cost.shape
    arcs = np.argwhere(plan > 1e-12)
    assert len(arcs) == n + m - 1
    equations, right = np.zeros((n + m, n + m)), np.zeros(n + m)
    for row, (i, j) in enumerate(arcs):
        equations[row, [i, n + j]], right[row] = 1, cost[i, j]
    equations[-1, 0] = 1
    return np.linalg.solve(equations, right)


def test_the_single_potential_is_one_function_on_the_union():
    x, y, a, b = draw(7, n=6, m=6)
    y[2], y[4] = x[1], x[5]  # shared places
    answer = wasserstein1(x, y, a, b, method="single")
    assert answer.g[2] == -answer.f[1] and answer.g[4] == -answer.f[5]
    union, values = np.concatenate([x, y]), np.concatenate([answer.f, -answer.g])
    assert (abs(values[:, None] - values) - norms_of_differences(union, union, 2)).max() <= 1e-9
    assert_optimal(answer, norms_of_differences(x, y, 2), a, b)


def test_a_single_potential_needs_no_detour_through_another_place(monkeypatch):
    """0 -> 1 -> 2 costs what 0 -> 2 costs: a solver's flow may pass through 1, the plan must not."""
    pairs = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    flow = {(0, 1): 0.7, (1, 2): 0.7}  # optimal, but at 1 neither comes to rest nor starts

    def passing(b, A, c):
        assert c[1] == 1  # |0 - 2| in the solver's unit of length
        return np.array([0.0, -0.5, -1.0]), np.array([flow.get(pair, 0.0) for pair in pairs])

    monkeypatch.setattr(couplings, "maximise", passing)
    x, y, a, b = np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]]), [0.7, 0.3], [0.3, 0.7]
    answer = wasserstein1(x, y, a, b, method="single")
    np.testing.assert_allclose(answer.plan, [[0.0, 0.7], [0.3, 0.0]], atol=1e-12)
    assert_optimal(answer, abs(x - y.T), np.array(a), np.array(b))


def test_all_ways_through_are_straightened():
    flow = np.array([[0, 0.7, 0, 0], [0, 0, 0.5, 0.2], [0, 0, 0, 0.4], [0, 0, 0.0, 0]])
    couplings._straighten(flow)
    assert not (flow.sum(axis=0) * flow.sum(axis=1)).any()  # no place both receives and sends
    np.testing.assert_allclose(flow.sum(axis=1) - flow.sum(axis=0), [0.7, 0, -0.1, -0.6], atol=1e-15)


def test_the_network_simplex_leaves_no_violation():
    """By itself it leaves some 1e-12, as its potentials start from a large artificial cost."""
    x, y, a, b = draw(26, n=300)
    answer = wasserstein1(x, y, a, b, method="network")
    assert answer.violation <= 5e-15 and abs(answer.gap) <= 1e-11


def test_an_optimal_plan_has_few_entries():
    x, y, a, b = draw(8, n=12)
    for method in ("lp", "network"):
        assert np.count_nonzero(wasserstein1(x, y, a, b, method=method).plan) <= 12 + 12 - 1
    plan = wasserstein1(x, y, method="lp").plan  # Birkhoff: equal masses, a permutation
    assert np.count_nonzero(plan) == 12
    np.testing.assert_allclose(plan[plan > 0], 1 / 12, atol=1e-12)


# Axioms, by any method


@settings(max_examples=25)
@given(seed=seeds, method=st.sampled_from(["auto", "network", "line"]), norm=st.sampled_from(NORMS))
def test_metric_axioms(seed, method, norm):
    d = 1 if method == "line" else 2
    x, y, a, b = draw(seed, n=5, m=4, d=d)
    z, _, c, _ = draw(seed + 1, n=6, d=d)

    def distance(*pair):
        return wasserstein1(*pair, method=method, norm=norm).value

    there, back = distance(x, y, a, b), distance(y, x, b, a)
    assert there > 0 and there == pytest.approx(back, abs=1e-9)
    assert distance(x, x[::-1], a, a[::-1]) == pytest.approx(0, abs=1e-12)
    assert there <= distance(x, z, a, c) + distance(z, y, c, b) + 1e-9


@settings(max_examples=25)
@given(seed=seeds, factor=st.floats(1e-3, 1e3), norm=st.sampled_from(NORMS))
def test_translation_and_scaling(seed, factor, norm):
    x, y, a, b = draw(seed, n=5, m=4)
    value = wasserstein1(x, y, a, b, norm=norm).value
    shift = np.array([3.0, -7.0])
    assert wasserstein1(x + shift, y + shift, a, b, norm=norm).value == pytest.approx(value, abs=1e-9)
    assert wasserstein1(factor * x, factor * y, a, b, norm=norm).value == pytest.approx(
        factor * value, rel=1e-9
    )
    same = np.concatenate([x, y])
    moved = wasserstein1(same, same + shift, norm=norm).value
    assert moved == pytest.approx(np.linalg.norm(shift, ord=norm), abs=1e-9)


@settings(max_examples=25)
@given(seed=seeds, factor=st.floats(0.1, 10), constant=st.floats(-5, 5))
def test_linearity_in_the_cost(seed, factor, constant):
    """A factor and a constant, and terms of one side alone, pass through; the minimum of a sum is no less."""
    x, y, a, b = draw(seed, n=5, m=4)
    cost = norms_of_differences(x, y, 2)
    of_rows, other = x[:, 0], norms_of_differences(x, y, 1)
    value = kantorovich(cost, a, b).value
    assert kantorovich(factor * cost + constant, a, b).value == pytest.approx(
        factor * value + constant, abs=1e-9
    )
    with_rows = kantorovich(cost + of_rows[:, None], a, b).value
    assert with_rows == pytest.approx(value + a @ of_rows, abs=1e-9)
    assert kantorovich(cost + other, a, b).value >= value + kantorovich(other, a, b).value - 1e-9


def test_norms_are_ordered_and_not_interchangeable():
    x, y, _, _ = draw(9, n=30)
    one, two, largest = (wasserstein1(x, y, norm=norm).value for norm in NORMS)
    assert largest + 0.01 < two < one - 0.01
    assert one <= math.sqrt(2) * two and two <= math.sqrt(2) * largest


@pytest.mark.parametrize("method", [*EVERYWHERE, "assignment"])
@pytest.mark.parametrize("size", [1e-150, 1e-9, 1e9, 1e150])
def test_the_unit_of_length_does_not_matter(method, size):
    """Solvers have absolute tolerances of 1e-10, so 1e-9 would be nothing to them."""
    x, y, _, _ = draw(10, n=5)
    expected = wasserstein1(x, y, method="assignment").value
    answer = wasserstein1(size * x, size * y, method=method)
    assert answer.value / size == pytest.approx(expected, rel=1e-9)
    assert abs(answer.gap) / size <= 1e-9 and answer.violation / size <= 1e-9


def test_a_power_of_two_changes_no_bit():
    x, y, a, b = draw(11, n=5, m=4)
    for method in EVERYWHERE:
        here, there = (wasserstein1(k * x, k * y, a, b, method=method) for k in (1.0, 2.0**-40))
        assert there.value == here.value * 2.0**-40
        np.testing.assert_array_equal(there.f, here.f * 2.0**-40)


def test_small_masses_are_not_lost_in_the_solvers_tolerance():
    x, y = np.array([[0.0], [1000.0]]), np.array([[0.0], [1.0]])
    for method in (*EVERYWHERE, "line"):
        answer = wasserstein1(x, y, [1 - 1e-8, 1e-8], [1.0, 0.0], method=method)
        assert answer.value == pytest.approx(1e-5, rel=1e-6), method


# Zero masses, copies, sizes


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", EVERYWHERE)
def test_copies_and_atoms_without_mass(method, norm):
    generator = np.random.default_rng(12)
    x, y = generator.integers(0, 3, (9, 2)), generator.integers(0, 3, (8, 2))
    a, b = generator.uniform(0.1, 1, 9), generator.uniform(0.1, 1, 8)
    a[[0, 4]], b[[2, 7]] = 0, 0
    a, b = a / a.sum(), b / b.sum()
    cost = norms_of_differences(x, y, norm)
    answer = wasserstein1(x, y, a, b, method=method, norm=norm)
    assert answer.value == pytest.approx(by_linprog(cost, a, b), abs=1e-9)
    assert_optimal(answer, cost, a, b)  # the potentials keep below the cost at the massless atoms, too


def test_an_assignment_may_hide_behind_atoms_without_mass():
    x, y, _, _ = draw(13, n=4, m=3)
    a, b = [0.5, 0, 0.5, 0], [0.0, 0.5, 0.5]
    answer = wasserstein1(x, y, a, b, method="assignment")
    cost = norms_of_differences(x, y, 2)
    assert answer.value == pytest.approx(by_linprog(cost, np.array(a), np.array(b)), abs=1e-12)
    assert_optimal(answer, cost, np.array(a), np.array(b))


def test_one_cloud_on_itself_costs_nothing():
    x = np.zeros((3, 2))
    for method in (*EVERYWHERE, "assignment"):
        answer = wasserstein1(x, x, method=method)
        assert answer.value == 0 and answer.violation <= 0 and answer.gap == pytest.approx(0, abs=1e-15)


def test_large_plans_are_sparse_and_the_line_needs_no_matrix():
    x = np.random.default_rng(14).normal(size=(100_000, 1))
    y = np.random.default_rng(15).normal(size=(70_000, 1)) + 0.5
    answer = wasserstein1(x, y)
    assert answer.method == "line" and sp.issparse(answer.plan) and answer.plan.nnz <= 170_000 - 1
    assert answer.value == pytest.approx(stats.wasserstein_distance(x[:, 0], y[:, 0]), abs=1e-9)
    assert abs(answer.gap) <= 1e-9 and answer.violation <= 1e-9
    np.testing.assert_allclose(answer.plan.sum(axis=0), 1 / 70_000, atol=1e-12)


def test_rounding_sends_nothing_to_a_massless_atom_on_the_line():
    generator = np.random.default_rng(0)
    a = np.append(generator.uniform(size=20_000), 0.0)
    a /= a.sum()
    assert np.cumsum(a)[-1] < 1 - 8 * np.finfo(float).eps  # the case is there: the sum stops short of 1
    x = np.append(np.sort(generator.normal(size=20_000)), 1e9)[:, None]
    answer = wasserstein1(x, x[:-1], a, method="line")
    assert answer.plan[[20_000]].nnz == 0


@pytest.mark.parametrize("norm", [1, 2])
def test_distances_may_be_computed_as_the_network_simplex_goes(norm, monkeypatch):
    x, y, a, b = draw(16, n=40, m=30)
    stored = wasserstein1(x, y, a, b, method="network", norm=norm)
    monkeypatch.setattr(choice, "LAZY_ENTRIES", 0)
    monkeypatch.setattr(exact, "DENSE_ENTRIES", 0)
    lazily = wasserstein1(x, y, a, b, method="network", norm=norm)
    assert lazily.value == pytest.approx(stored.value, abs=1e-12)
    assert sp.issparse(lazily.plan)
    assert_optimal(lazily, norms_of_differences(x, y, norm), a, b)


def test_the_interior_point_method_takes_over_and_stays_exact(monkeypatch):
    x, y, a, b = draw(17, n=15, m=12)
    from lib.transport import programmes

    monkeypatch.setattr(programmes, "INTERIOR_POINT_ABOVE", 0)
    for method in ("lp", "dual", "single"):
        assert_optimal(wasserstein1(x, y, a, b, method=method), norms_of_differences(x, y, 2), a, b)


# What may come in


@pytest.mark.parametrize(
    "form",
    [
        lambda v: torch.tensor(v, requires_grad=True),
        lambda v: torch.tensor(v, requires_grad=True) * 1.0,  # inside a graph
        lambda v: torch.tensor(v, dtype=torch.float32),
        lambda v: v.astype(np.float32),
        lambda v: np.asfortranarray(v)[::1],
        lambda v: v.tolist(),
    ],
    ids=["leaf", "graph", "float32 tensor", "float32", "fortran", "lists"],
)
def test_tensors_arrays_and_lists_all_give_float64_answers(form):
    x, y, a, b = (np.round(v * 8) / 8 for v in draw(18, n=4, m=4))
    a, b = np.array([0.25, 0.5, 0.125, 0.125]), np.array([0.5, 0.25, 0.125, 0.125])
    expected = wasserstein1(x, y, a, b)
    answer = wasserstein1(form(x), form(y), form(a), form(b))
    assert answer.value == expected.value  # eighths are exact in float32
    assert type(answer.value) is float and answer.f.dtype == answer.plan.dtype == np.float64


def test_a_tensor_is_left_as_it_was():
    x, y, a, b = (torch.tensor(v) for v in draw(19))
    before = [v.clone() for v in (x, y, a, b)]
    wasserstein1(x, y, a * 1.000001, b)
    for now, then in zip((x, y, a, b), before, strict=True):
        assert torch.equal(now, then)


def test_masses_off_by_rounding_are_renormalised():
    x, y, a, b = draw(20)
    off = wasserstein1(x, y, a * (1 + 1e-6), b, method="lp")
    assert off.value == pytest.approx(wasserstein1(x, y, a, b, method="lp").value, abs=1e-12)
    assert off.plan.sum() == pytest.approx(1, abs=1e-12)


def test_the_answer_is_frozen_and_short_in_print():
    answer = wasserstein1(*draw(21)[:2])
    with pytest.raises(AttributeError):
        answer.value = 0.0
    assert "plan" not in repr(answer) and "gap" in repr(answer)


# What is refused


def refusals():
    x, y, a, b = draw(22, n=3, m=4)
    good = {"x": x, "y": y, "p": a, "q": b}
    broken = x.copy()
    broken[2, 1] = np.nan
    yield "sum", good | {"p": 0.9 * a}, r"p: got masses that sum to 0.9, expected 1. Remedy: p / p.sum\(\)"
    negative = np.array([0.5, -0.25, 0.75])
    yield "negative", good | {"p": negative}, r"p: got -0.25 at index 1 .*expected masses >= 0.*Remedy"
    yield "nan mass", good | {"q": [0.5, np.nan, 0.5, 0]}, r"q: got nan at index 1 .*expected finite.*Remedy"
    yield "nan point", good | {"x": broken}, r"x: got nan at index \(2, 1\) .*expected finite.*Remedy"
    yield (
        "sizes",
        good | {"p": b},
        r"p: got shape \(4,\), expected \(3,\), one mass for each row of x.*Remedy",
    )
    yield (
        "empty",
        good | {"x": np.empty((0, 2)), "p": None},
        r"x: got shape \(0, 2\), expected \(n, d\).*Remedy",
    )
    yield "spaces", good | {"y": y[:, :1]}, r"y: got shape \(4, 1\) beside x of shape \(3, 2\).*Remedy"
    yield "flat", good | {"x": x[:, 0]}, r"x: got shape \(3,\), expected \(n, d\).*Remedy: x\[:, None\]"
    yield "images", good | {"y": y[:, :, None]}, r"y: got shape \(4, 2, 1\).*y.reshape\(len\(y\), -1\)"
    yield "norm", good | {"norm": 3}, r"norm: got 3, expected 1 .*2 .*inf.*Remedy: .*kantorovich"
    yield "norm name", good | {"norm": "l2"}, r"norm: got 'l2', expected 1"
    yield (
        "unknown",
        good | {"method": "netwrok"},
        r"method: got 'netwrok', expected 'auto'.*perhaps 'network'",
    )
    yield "line", good | {"method": "line"}, r'"line" for points of dimension 2, expected points on the line'
    yield (
        "assignment",
        good | {"method": "assignment"},
        r'"assignment" for 3 and 4 points .*expected equally many.*Remedy: method="auto"',
    )
    yield "huge", good | {"x": x * 1e308}, r"x, y: got coordinates up to .*expected distances below 1e307"


@pytest.mark.parametrize("arguments, message", [pytest.param(a, m, id=i) for i, a, m in refusals()])
def test_bad_input_is_refused_with_name_value_expectation_and_remedy(arguments, message):
    clouds = {name: arguments[name] for name in ("x", "y")}
    rest = {name: value for name, value in arguments.items() if name not in clouds}
    with pytest.raises(ValueError, match=message):
        wasserstein1(*clouds.values(), **rest)


def test_bad_costs_are_refused():
    cost = np.ones((3, 4))
    for broken, shown in ((np.nan, "nan"), (np.inf, "inf")):
        bad = cost.copy()
        bad[1, 2] = broken
        with pytest.raises(
            ValueError, match=rf"cost: got {shown} at index \(1, 2\).*expected finite.*Remedy"
        ):
            kantorovich(bad)
    with pytest.raises(
        ValueError, match=r"p: got shape \(4,\), expected \(3,\).*cost, which has shape \(3, 4\)"
    ):
        kantorovich(cost, p=np.full(4, 0.25))
    with pytest.raises(
        ValueError, match=r"q: got shape \(3,\), expected \(4,\).*cost, which has shape \(3, 4\)"
    ):
        kantorovich(cost, q=np.full(3, 1 / 3))
    with pytest.raises(ValueError, match=r"cost: got shape \(0, 4\), expected \(n, m\)"):
        kantorovich(cost[:0])
    for method in ("line", "single"):
        with pytest.raises(ValueError, match=rf'"{method}" for a matrix of costs.*wasserstein1\(x, y\)'):
            kantorovich(cost, method=method)


@pytest.mark.parametrize(
    "bad", [np.array([["a"]]), torch.ones(2, 2) * 1j, np.ones((2, 2), bool), [[1], [1, 2]]]
)
def test_what_is_no_array_of_real_numbers_is_refused(bad):
    with pytest.raises(TypeError, match=r"x: got .*expected .*Remedy"):
        wasserstein1(bad, [[0.0, 0.0]])


def test_a_plan_that_misses_its_marginals_is_not_returned(monkeypatch):
    def careless(costs, a, b):
        found = couplings.by_assignment(costs, a, b)
        return found._replace(mass=found.mass * 0.99)

    monkeypatch.setitem(exact._SOLVERS, "assignment", careless)
    with pytest.raises(SolverFailed, match=r"marginals that are off by 2.\de-03, expected at most 1e-09"):
        wasserstein1(*draw(23, n=4)[:2], method="assignment")


def test_a_network_simplex_that_stops_short_is_an_error(monkeypatch):
    import ot

    complete = ot.emd

    def short(a, b, cost, numItermax, log):
        return complete(a, b, cost, numItermax=1, log=log)

    monkeypatch.setattr(ot, "emd", short)
    with pytest.raises(SolverFailed, match=r"network simplex ended with .*numItermax.*expected an optimum"):
        wasserstein1(*draw(25, n=30), method="network")


def test_nothing_optional_is_imported_with_the_module():
    import subprocess

    code = "import sys; import lib.transport; print({'cvxpy', 'ot', 'highspy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
