"""Distances between laws on the line, against closed forms and against adaptive quadrature."""

import importlib.util
import math
import sys

import hypothesis.strategies as st
import jaxtyping
import numpy as np
import pytest
from hypothesis import given
from scipy import integrate, stats

from lib import divergences
from lib.divergences import (
    deficit,
    game_value,
    jensen_shannon,
    kullback_leibler,
    optimal_discriminator,
    total_variation,
)

LINE = np.linspace(-14, 14, 5601)
laws = st.tuples(st.floats(-2, 2), st.floats(0.45, 1.5))  # no density underflows to 0 on the grid
seeds = st.integers(0, 2**32 - 1)


def gaussian(mean: float, scale: float) -> np.ndarray:
    return stats.norm.pdf(LINE, mean, scale)


def uniform(x: np.ndarray, start: float) -> np.ndarray:
    return ((x > start) & (x < start + 1)).astype(float)


@pytest.fixture(scope="module")
def unhooked():
    """The module as a reader has it: without the shape checker that the tests install."""
    specification = importlib.util.spec_from_file_location(
        "plain_divergences", divergences.densities.__file__
    )
    module = importlib.util.module_from_spec(specification)
    sys.modules["plain_divergences"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["plain_divergences"]


@given(first=laws, second=laws)
def test_kullback_leibler_of_gaussians_is_the_closed_form(first, second):
    (a, s), (b, t) = first, second
    expected = math.log(t / s) + (s**2 + (a - b) ** 2) / (2 * t**2) - 0.5
    assert kullback_leibler(gaussian(a, s), gaussian(b, t), LINE) == pytest.approx(expected, abs=1e-9)


def test_kullback_leibler_is_infinite_where_only_the_second_law_vanishes():
    p, q = uniform(LINE, 0.0), uniform(LINE, 0.5)
    assert kullback_leibler(p, q, LINE) == math.inf
    wide = ((LINE > -1) & (LINE < 3)).astype(float) / 4
    assert kullback_leibler(p, wide, LINE) == pytest.approx(math.log(4), abs=2e-2)  # a jump costs a step


@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 0.75, 1.0, 1.5])
def test_jensen_shannon_of_shifted_uniforms_is_the_shift_times_log_two(shift):
    """JS(U[0, 1], U[θ, 1 + θ]) = min(θ, 1) log 2; with jumps between grid points the rule is exact."""
    x = (np.arange(-800, 3200) + 0.5) / 800
    p, q = uniform(x, 0.0), uniform(x, shift)
    expected = min(shift, 1.0) * math.log(2)
    assert jensen_shannon(p, q, x) == pytest.approx(expected, abs=1e-12)
    assert total_variation(p, q, x) == pytest.approx(min(shift, 1.0), abs=1e-12)


def test_jensen_shannon_against_adaptive_quadrature():
    def p(x):
        return stats.norm.pdf(x, -1, 0.6)

    def q(x):
        return stats.norm.pdf(x, 0.8, 1.1)

    def entropy(density):
        return integrate.quad(lambda x: -density(x) * math.log(density(x)), -9, 9, limit=200)[0]

    expected = entropy(lambda x: (p(x) + q(x)) / 2) - entropy(p) / 2 - entropy(q) / 2
    assert jensen_shannon(p(LINE), q(LINE), LINE) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("shift", [0.1, 1.0, 2.5])
@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_total_variation_of_shifted_gaussians_is_given_by_the_normal_cdf(shift, scale):
    """TV(N(0, s²), N(a, s²)) = 2 Φ(a / 2s) − 1; the kink at a/2 is met to second order in the step."""
    expected = 2 * stats.norm.cdf(shift / (2 * scale)) - 1
    measured = total_variation(gaussian(0, scale), gaussian(shift, scale), LINE)
    assert measured == pytest.approx(expected, abs=2e-5)


@given(first=laws, second=laws)
def test_bounds_and_symmetry(first, second):
    p, q = gaussian(*first), gaussian(*second)
    js, tv = jensen_shannon(p, q, LINE), total_variation(p, q, LINE)
    assert js == pytest.approx(jensen_shannon(q, p, LINE), abs=1e-12)
    assert tv == pytest.approx(total_variation(q, p, LINE), abs=1e-12)
    assert -1e-12 <= js <= math.log(2) + 1e-12 and 0 <= tv <= 1 + 1e-12
    assert js <= tv * math.log(2) + 1e-9  # Lin 1991, theorem 3
    assert 2 * tv**2 <= kullback_leibler(p, q, LINE) + 1e-6  # Pinsker's inequality
    assert tv**2 / 2 <= js + 1e-6  # Pinsker on both halves
    assert kullback_leibler(p, p, LINE) == jensen_shannon(p, p, LINE) == total_variation(p, p, LINE) == 0


def test_the_optimal_discriminator_of_two_gaussians_is_a_logistic_curve():
    """p/(p + q) = σ(log p − log q), which for N(0, 1) and N(1, 1) is σ(½ − x)."""
    expected = 1 / (1 + np.exp(LINE - 0.5))
    np.testing.assert_allclose(optimal_discriminator(gaussian(0, 1), gaussian(1, 1)), expected, atol=1e-13)


def test_the_optimal_discriminator_is_a_half_where_both_vanish():
    best = optimal_discriminator(np.array([0.0, 2.0, 0.0, 1.0]), np.array([0.0, 0.0, 3.0, 3.0]))
    np.testing.assert_array_equal(best, [0.5, 1.0, 0.0, 0.25])


@given(first=laws, second=laws)
def test_the_value_at_the_optimum_is_twice_js_minus_two_log_two(first, second):
    p, q = gaussian(*first), gaussian(*second)
    value = game_value(p, q, optimal_discriminator(p, q), LINE)
    assert value == pytest.approx(2 * jensen_shannon(p, q, LINE) - 2 * math.log(2), abs=1e-9)


def test_a_far_tail_does_not_make_the_optimal_value_infinite():
    """There p/(p + q) rounds to 1 though q > 0, and q log(1 − 1) would be −∞."""
    p, q = gaussian(-3, 0.8), gaussian(3, 0.5)
    assert np.any((p > 0) & (q > 0) & (p / np.maximum(p + q, 1e-300) == 1))  # the case is there
    value = game_value(p, q, optimal_discriminator(p, q), LINE)
    assert value == pytest.approx(2 * jensen_shannon(p, q, LINE) - 2 * math.log(2), abs=1e-9)


@given(first=laws, second=laws, seed=seeds)
def test_the_deficit_is_what_any_other_discriminator_misses(first, second, seed):
    p, q = gaussian(*first), gaussian(*second)
    other = np.random.default_rng(seed).uniform(0.01, 0.99, LINE.size)
    best = game_value(p, q, optimal_discriminator(p, q), LINE)
    missed = deficit(p, q, other, LINE)
    assert missed == pytest.approx(best - game_value(p, q, other, LINE), abs=1e-9)
    assert missed > 0


@given(seed=seeds, amount=st.floats(0.05, 0.4))
def test_no_discriminator_near_the_optimum_does_better(seed, amount):
    p, q = gaussian(-0.5, 0.7), gaussian(0.5, 1.1)
    best = optimal_discriminator(p, q)
    other = np.clip(best + amount * np.random.default_rng(seed).uniform(-1, 1, LINE.size), 1e-6, 1 - 1e-6)
    assert game_value(p, q, other, LINE) < game_value(p, q, best, LINE)


def test_the_deficit_of_the_optimum_is_zero_and_of_a_certain_error_infinite():
    p, q = gaussian(0, 1), gaussian(1, 1)
    assert deficit(p, q, optimal_discriminator(p, q), LINE) == pytest.approx(0, abs=1e-12)
    sure = (LINE < 0.5).astype(float)
    assert deficit(p, q, sure, LINE) == math.inf
    assert game_value(p, q, sure, LINE) == -math.inf


@pytest.mark.filterwarnings("error")
def test_what_a_discriminator_says_where_no_sample_falls_does_not_count():
    """Disjoint laws, D certain everywhere and right on both: nothing is missed, and V = 0."""
    p, q = uniform(LINE, 0.0), uniform(LINE, 2.0)
    sure = (LINE < 1.5).astype(float)
    assert deficit(p, q, sure, LINE) == 0.0
    assert game_value(p, q, sure, LINE) == 0.0


def test_the_game_value_of_a_guess_is_minus_two_log_two():
    half = np.full_like(LINE, 0.5)
    value = game_value(gaussian(0, 1), gaussian(2, 1), half, LINE)
    assert value == pytest.approx(-2 * math.log(2), abs=1e-12)


@pytest.mark.parametrize("function", [kullback_leibler, jensen_shannon, total_variation])
def test_a_logarithm_in_place_of_a_density_is_refused(function):
    p = gaussian(0, 1)
    for bad, shown in ((np.log(gaussian(0, 1)), "-9"), (np.where(LINE == 0, np.nan, p), "nan at index 2800")):
        with pytest.raises(ValueError, match=rf"p: got {shown}.*expected finite values >= 0.*Remedy"):
            function(bad, p, LINE)
        with pytest.raises(ValueError, match=rf"q: got {shown}.*expected finite values >= 0.*Remedy"):
            function(p, bad, LINE)


def test_a_density_that_is_not_a_number_is_no_half():
    with pytest.raises(ValueError, match=r"q: got nan at index 1, expected finite values.*Remedy"):
        optimal_discriminator(np.array([1.0, 1.0]), np.array([1.0, np.nan]))


@pytest.mark.parametrize("function", [game_value, deficit])
@pytest.mark.parametrize("bad, shown", [(1.5, "1.5"), (-0.1, "-0.1"), (np.nan, "nan")])
def test_a_score_in_place_of_a_probability_is_refused(function, bad, shown):
    p = gaussian(0, 1)
    scores = np.full_like(LINE, 0.5)
    scores[7] = bad
    with pytest.raises(ValueError, match=rf"discriminator: got {shown} at index 7, expected.*Remedy"):
        function(p, p, scores, LINE)


@pytest.mark.parametrize(
    "grid, shown",
    [
        (LINE[::-1].copy(), r"x: got 14.0 and then 13.99\d* at index 0, expected finite, increasing"),
        (np.where(LINE == 0, np.nan, LINE), r"x: got -0.00\d+ and then nan at index 2799"),
        (np.where(LINE == LINE[-1], np.inf, LINE), r"x: got 13.99\d* and then inf at index 5599"),
    ],
    ids=["falling", "nan", "infinite"],
)
def test_a_grid_that_does_not_increase_is_refused(grid, shown):
    p = gaussian(0, 1)
    with pytest.raises(ValueError, match=shown + ".*Remedy"):
        total_variation(p, p, grid)


def test_shapes_that_do_not_fit_are_refused_with_and_without_the_checker(unhooked):
    p, short = gaussian(0, 1), gaussian(0, 1)[:-1]
    for call in (lambda m: m.total_variation(p, short, LINE), lambda m: m.optimal_discriminator(p, short)):
        with pytest.raises(jaxtyping.TypeCheckError):
            call(divergences)
    with pytest.raises(ValueError, match=r"q: got shape \(5600,\), expected \(5601,\).*Remedy"):
        unhooked.total_variation(p, short, LINE)
    with pytest.raises(ValueError, match=r"q: got shape \(5600,\), expected that of p, \(5601,\).*Remedy"):
        unhooked.optimal_discriminator(p, short)
    with pytest.raises(ValueError, match=r"p: got shape \(5601, 1\), expected \(5601,\)"):
        unhooked.kullback_leibler(p[:, None], p, LINE)
    with pytest.raises(ValueError, match=r"x: got shape \(1,\), expected a grid"):
        unhooked.kullback_leibler(p[:1], p[:1], LINE[:1])
    assert unhooked.total_variation(list(p), list(p), LINE) == 0  # a reader may pass lists
