"""Entropic transport against its fixed point written out, and its bias against the exact distance."""

import itertools
import math
import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given, settings

from lib.transport import entropic as module
from lib.transport import kantorovich, wasserstein1
from lib.transport.entropic import sinkhorn, sinkhorn_of_cost
from tests.unit.errors import refused

seeds = st.integers(0, 2**32 - 1)


def draw(seed, n=5, m=4, d=2):
    generator = np.random.default_rng(seed)
    x, y = generator.normal(size=(n, d)), generator.normal(size=(m, d)) + 0.5
    return x, y, generator.dirichlet(np.ones(n)), generator.dirichlet(np.ones(m))


def entropy(p):
    return -sum(v * math.log(v) for v in p if v > 0)


def in_the_linear_domain(cost, a, b, epsilon):
    """Cuturi's iteration as he wrote it: it works where no exponential underflows."""
    kernel, v = np.exp(-cost / epsilon), np.ones(len(b))
    for _ in range(20_000):
        u = a / (kernel @ v)
        v = b / (kernel.T @ u)
    return u[:, None] * kernel * v


@pytest.mark.parametrize("epsilon", [0.2, 1.0, 10.0])
def test_the_plan_is_that_of_the_linear_iteration(epsilon):
    x, y, a, b = draw(0)
    cost = np.linalg.norm(x[:, None] - y, axis=2)
    expected = in_the_linear_domain(cost, a, b, epsilon)
    answer = sinkhorn(x, y, a, b, epsilon=epsilon, tolerance=1e-12)
    np.testing.assert_allclose(answer.plan, expected, atol=1e-10)
    assert answer.value == pytest.approx((expected * cost).sum(), abs=1e-10)
    by_potentials = np.exp((answer.f[:, None] + answer.g - cost) / epsilon) * np.outer(a, b)
    np.testing.assert_allclose(by_potentials, expected, atol=1e-10)


@settings(max_examples=25)
@given(seed=seeds, epsilon=st.sampled_from([0.05, 0.2, 1.0]), norm=st.sampled_from([1, 2, math.inf]))
def test_the_bias_against_the_exact_distance_is_bounded_by_epsilon_times_an_entropy(seed, epsilon, norm):
    x, y, a, b = draw(seed)
    exact = wasserstein1(x, y, a, b, method="lp", norm=norm).value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # slow convergence: the error enters the bound
        answer = sinkhorn(x, y, a, b, epsilon=epsilon, norm=norm)
    assert answer.lower - 1e-9 <= exact <= answer.value + 1e-9
    slack = 2 * answer.error * np.abs(x[:, None] - y).sum(axis=2).max()
    assert answer.value - exact <= epsilon * min(entropy(a), entropy(b)) + slack + 1e-9
    np.testing.assert_allclose(answer.plan.sum(axis=1), a, atol=1e-12)
    np.testing.assert_allclose(answer.plan.sum(axis=0), b, atol=1e-12)
    assert answer.plan.min() >= 0


def test_the_bias_grows_with_epsilon_towards_the_independent_plan():
    x, y, a, b = draw(1, n=12, m=12)
    values = [sinkhorn(x, y, a, b, epsilon=epsilon).value for epsilon in (0.1, 0.3, 1, 3, 1000)]
    assert all(low + 1e-4 < high for low, high in itertools.pairwise(values))
    independent = a @ np.linalg.norm(x[:, None] - y, axis=2) @ b
    assert values[-1] == pytest.approx(independent, rel=1e-3)
    assert values[0] - wasserstein1(x, y, a, b).value > 1e-4  # a bias it is


def test_a_translation_shows_the_bias_exactly():
    """Two atoms at 0 and 1, moved by nothing: off-diagonal mass is 1/(1 + e^{1/ε}), by symmetry."""
    x = np.array([[0.0], [1.0]])
    answer = sinkhorn(x, x, epsilon=0.5)
    assert answer.value == pytest.approx(1 / (1 + math.exp(1 / 0.5)), abs=1e-9)
    assert answer.lower == pytest.approx(0, abs=1e-9)


@pytest.mark.filterwarnings("ignore:sinkhorn stopped")
@pytest.mark.parametrize("epsilon", [1e-3, 1e-8, 1e-16, 1e-200])
def test_a_tiny_epsilon_neither_overflows_nor_lies(epsilon):
    x, y, a, b = draw(2, n=8, m=8)
    with np.errstate(all="raise", under="ignore"):
        answer = sinkhorn(x, y, a, b, epsilon=epsilon, iterations=2000)
    exact = wasserstein1(x, y, a, b).value
    assert answer.lower - 1e-12 <= exact <= answer.value + 1e-12
    assert np.isfinite(answer.f).all() and np.isfinite(answer.g).all()
    assert exact - answer.lower < 0.02 * exact
    np.testing.assert_allclose(answer.plan.sum(axis=1), a, atol=1e-12)


def test_a_missed_tolerance_is_said_and_measured_on_the_plan():
    x, y, _, _ = draw(3, n=30, m=30)
    with pytest.warns(
        UserWarning, match=r"stopped after 7 iterations .*expected 1e-09.*Remedy: .*wasserstein1"
    ):
        answer = sinkhorn(x, y, epsilon=0.01, iterations=7)
    assert answer.iterations == 7 and answer.error > 1e-3
    cost = np.linalg.norm(x[:, None] - y, axis=2)
    raw = np.exp((answer.f[:, None] + answer.g - cost) / 0.01) / 900
    error = abs(raw.sum(axis=1) - 1 / 30).sum() + abs(raw.sum(axis=0) - 1 / 30).sum()
    assert answer.error == pytest.approx(error, rel=1e-6)
    with pytest.warns(UserWarning, match="sinkhorn stopped"):  # the digits end before the tolerance
        sinkhorn(x, y, epsilon=1e-16, iterations=200)


@pytest.mark.filterwarnings("error")
def test_copies_massless_atoms_tensors_and_units():
    x, y, a, b = draw(4, n=5, m=4)
    a[2] = 0
    a /= a.sum()
    plain = sinkhorn(x, y, a, b, epsilon=0.5)
    assert not plain.plan[2].any() and np.isfinite(plain.f).all()
    keep = a > 0
    assert sinkhorn(x[keep], y, a[keep], b, epsilon=0.5).value == pytest.approx(plain.value, abs=1e-9)
    twice = np.concatenate([a, a]) / 2
    copies = sinkhorn(np.concatenate([x, x]), y, twice, b, epsilon=0.5)
    assert copies.value == pytest.approx(plain.value, abs=1e-9)
    scaled = sinkhorn(1e6 * x, 1e6 * y, a, b, epsilon=0.5e6)
    assert scaled.value == pytest.approx(1e6 * plain.value, rel=1e-8)
    assert scaled.lower == pytest.approx(1e6 * plain.lower, rel=1e-8)
    tensor = sinkhorn(torch.tensor(x, requires_grad=True), torch.tensor(y), a, b, epsilon=0.5)
    assert tensor.value == plain.value
    assert type(plain.value) is float and type(plain.lower) is float


@pytest.mark.parametrize("epsilon", [0, -1.0, math.nan, math.inf, 1e-300])
def test_a_useless_epsilon_is_refused(epsilon):
    x, y, a, b = draw(5)
    with refused(ValueError, "epsilon", epsilon, "wasserstein1"):
        sinkhorn(x, y, a, b, epsilon=epsilon)


def test_other_arguments_are_checked():
    x, y, a, _ = draw(6)
    with pytest.raises(ValueError, match=r"p: got masses that sum to 0.9"):
        sinkhorn(x, y, 0.9 * a, epsilon=1.0)
    with refused(ValueError, "iterations", 0, "at least 1"):
        sinkhorn(x, y, epsilon=1.0, iterations=0)
    with pytest.raises(ValueError, match=r"norm: got 3"):
        sinkhorn(x, y, epsilon=1.0, norm=3)


def test_the_repair_of_the_marginals_by_hand():
    """Altschuler, Weed and Rigollet's algorithm 2 on a case with one full and one empty row."""
    a, b = np.array([0.5, 0.5]), np.array([0.25, 0.75])
    plan = module._repaired(np.array([[1.0, 0.0], [0.0, 0.0]]), a, b)
    # Row one is scaled to .5, then column one to .25; .25 and .5 of rows, .75 of column two are missing.
    np.testing.assert_allclose(plan, [[0.25, 0.25], [0.0, 0.5]], atol=1e-15)


# Any cost


def test_the_costs_may_come_as_a_matrix():
    x, y, p, q = draw(7)
    cost = np.linalg.norm(x[:, None] - y, axis=2)
    clouds = sinkhorn(x, y, p, q, epsilon=0.3)
    matrix = sinkhorn_of_cost(cost, p, q, epsilon=0.3)
    np.testing.assert_allclose(matrix.plan, clouds.plan, atol=1e-9)
    assert matrix.value == pytest.approx(clouds.value, abs=1e-9)
    assert matrix.lower == pytest.approx(clouds.lower, abs=1e-9)
    equal = sinkhorn_of_cost(cost, epsilon=0.3)
    np.testing.assert_allclose(equal.plan.sum(axis=0), 1 / 4, atol=1e-12)


@pytest.mark.parametrize("level", [-7.0, 0.0, 7.0])
@pytest.mark.parametrize("epsilon", [0.1, 1.0])
def test_costs_of_either_sign_make_the_plan_of_the_linear_iteration(level, epsilon):
    cost = np.random.default_rng(8).normal(size=(5, 4)) + level
    *_, p, q = draw(8)
    expected = in_the_linear_domain(cost - level, p, q, epsilon)
    answer = sinkhorn_of_cost(cost, p, q, epsilon=epsilon, tolerance=1e-12)
    np.testing.assert_allclose(answer.plan, expected, atol=1e-10)
    assert answer.value == pytest.approx((expected * cost).sum(), abs=1e-9)
    by_potentials = np.exp((answer.f[:, None] + answer.g - cost) / epsilon) * np.outer(p, q)
    np.testing.assert_allclose(by_potentials, expected, atol=1e-9)
    exact = kantorovich(cost, p, q).value
    assert answer.lower - 1e-9 <= exact <= answer.value + 1e-9
    assert answer.value - exact <= epsilon * min(entropy(p), entropy(q)) + 1e-9


def test_a_large_or_small_unit_of_the_costs_changes_nothing():
    cost = np.random.default_rng(9).normal(size=(4, 4))
    plain = sinkhorn_of_cost(cost, epsilon=0.5)
    for size in (1e-200, 1e200):
        scaled = sinkhorn_of_cost(size * cost, epsilon=0.5 * size)
        np.testing.assert_allclose(scaled.plan, plain.plan, atol=1e-9)
        assert scaled.value == pytest.approx(size * plain.value, rel=1e-8)
    flat = sinkhorn_of_cost(np.full((2, 3), -4.0), epsilon=1.0)
    assert flat.value == flat.lower == pytest.approx(-4)


def test_what_is_no_cost_is_refused_as_by_exact_transport():
    cost = np.ones((3, 4))
    for bad in (np.ones(3), np.ones((0, 2)), [[1.0, np.nan]], [[1.0, np.inf]]):
        with pytest.raises(ValueError) as exact:
            kantorovich(bad)
        with pytest.raises(ValueError) as soft:
            sinkhorn_of_cost(bad, epsilon=1.0)
        assert str(soft.value) == str(exact.value) and str(soft.value).startswith("cost: got")
    for masses in ({"p": np.full(4, 0.25)}, {"q": np.full(4, 0.3)}):
        with pytest.raises(ValueError) as exact:
            kantorovich(cost, **masses)
        with pytest.raises(ValueError) as soft:
            sinkhorn_of_cost(cost, epsilon=1.0, **masses)
        assert str(soft.value) == str(exact.value)
    with refused(ValueError, "epsilon", -1.0, "kantorovich"):
        sinkhorn_of_cost(cost, epsilon=-1.0)
    with pytest.warns(UserWarning, match=r"stopped after 3 iterations.*or kantorovich"):
        sinkhorn_of_cost(np.random.default_rng(1).random((30, 30)), epsilon=1e-3, iterations=3)
