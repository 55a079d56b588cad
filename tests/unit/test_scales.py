"""Numbers that float64 cannot hold, and arguments that are none: refused where they gave wrong answers."""

import math
import pathlib
import types

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from lib import arrays, claims, clouds, divergences, lipschitz, metrics, networks
from lib.transport import (
    constraint_matrix,
    distances,
    entropic,
    farkas_certificate,
    kantorovich,
    lipschitz_matrix,
    mcshane_extension,
    memory,
    sinkhorn,
    wasserstein1,
)
from lib.transport.costs import Costs
from tests.unit.errors import refused

GRID = np.linspace(-8, 9, 2001)


def gaussian(mean):
    return np.exp(-((GRID - mean) ** 2) / 2) / math.sqrt(2 * math.pi)


def clouds_of(size, n=12):
    x, y = np.random.default_rng(0).normal(size=(2, n, 2))
    return size * torch.from_numpy(x), size * torch.from_numpy(y)


# Densities


@pytest.mark.parametrize("factor", [0.5, 0.9, 1.1, 9.0])
@pytest.mark.parametrize(
    "of", [divergences.kullback_leibler, divergences.jensen_shannon, divergences.total_variation]
)
def test_a_density_without_mass_one_has_no_divergence(of, factor):
    """KL(p/2, p) was negative, TV(9p, p) was 4."""
    p, q = gaussian(0), gaussian(1)
    assert of(p, q, GRID) > 0
    with refused(ValueError, "p", f"mass {factor:.6g}", remedy=f"{factor:.6g}"):
        of(factor * p, q, GRID)
    with refused(ValueError, "q", f"mass {factor:.6g}"):
        of(p, factor * q, GRID)


def test_the_game_needs_densities_too():
    half = np.full(len(GRID), 0.5)
    for of in (divergences.game_value, divergences.deficit):
        with refused(ValueError, "q", "mass 2"):
            of(gaussian(0), 2 * gaussian(0), half, GRID)


# Claims

BEYOND = 2**53 + 1  # the first whole number that float64 does not hold


@pytest.mark.parametrize(
    "measured", [2**53 + 1, np.array([1, 2**53 + 1]), np.uint64(2**64 - 1), -(2**53) - 1]
)
def test_a_whole_number_that_float64_rounds_is_not_claimed(measured):
    """2⁵³ + 1 "equalled" 2⁵³ exactly."""
    with refused(ValueError, "measured", "that float64 holds exactly", remedy="difference"):
        claims.claim("S2.49", measured, 2**53)
    with refused(ValueError, "expected", "that float64 holds exactly"):
        claims.claim("S2.49", np.zeros(np.shape(measured)), measured)


def test_whole_numbers_that_float64_holds_are_claimed(capsys):
    claims.claim("S2.49", np.array([2**53, 2**60, -(2**62)]), np.array([2**53, 2**60, -(2**62)]))
    assert "exactly" in capsys.readouterr().out


def test_a_longer_float_is_not_rounded_into_a_claim():
    longer = np.longdouble(1) + np.finfo(np.longdouble).eps
    if np.finfo(np.longdouble).eps < np.finfo(float).eps:  # not on every processor
        with refused(ValueError, "measured", "that float64 holds exactly"):
            claims.claim("S2.49", longer, 1.0)
    claims.claim("S2.49", np.longdouble(0.5), 0.5)


# Scales


@pytest.mark.parametrize("size", [1e-170, 1e-300, 1e155, 1e300])
@pytest.mark.parametrize(
    "measure",
    [
        metrics.assignment_distance,
        metrics.neighbourhoods,
        metrics.frechet_distance,
        metrics.kernel_distance,
        lambda x, y: lipschitz.certified_bound(lambda z: z[:, 0], x, y),
        lambda x, y: lipschitz.certified_slope(lambda z: z[:, 0], x, y),
    ],
)
def test_clouds_whose_squares_leave_float64_are_refused(measure, size):
    """Their distances were 0 or inf, their neighbourhoods perfect, and a bound of W₁ lay above it."""
    x, y = clouds_of(size)
    with pytest.raises(ValueError, match=r": got coordinates up to .*expected .*Remedy: other units"):
        measure(x, y)


@pytest.mark.parametrize("size", [1e-130, 1e-60, 1e60, 1e140])
def test_other_sizes_are_units(size):
    x, y = clouds_of(1.0)
    w, k = metrics.assignment_distance(x, y), metrics.neighbourhoods(x, y)
    assert metrics.assignment_distance(size * x, size * y) == pytest.approx(size * w, rel=1e-9)
    assert metrics.neighbourhoods(size * x, size * y) == k
    bound = lipschitz.certified_bound(lambda z: z[:, 0] / size, size * x, size * y)
    assert bound <= size * w and bound == pytest.approx(
        size * lipschitz.certified_bound(lambda z: z[:, 0], x, y), rel=1e-9
    )


def test_equal_points_have_no_scale():
    point = torch.zeros(7, 2)
    assert metrics.assignment_distance(point, point) == 0


def test_a_score_that_overflows_is_refused():
    with refused(ValueError, "fx, fy", "distance of", remedy="units"):
        metrics.kernel_distance(*clouds_of(1e60))


@pytest.mark.parametrize("norm", [1, 2, math.inf])
@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e155, 1e300])
def test_distances_have_no_scale(size, norm):
    x, y = (cloud.numpy() for cloud in clouds_of(1.0))
    expected = [[np.linalg.norm(p - q, ord=norm) for q in y] for p in x]
    np.testing.assert_allclose(distances(size * x, size * y, norm) / size, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "size, rise",
    [
        (1e-300, 1.0),
        (1e-300, 1e-200),
        (1e-170, 1.0),
        (1.0, 1e-200),
        (1.0, 1e200),
        (1e155, 1.0),
        (1e300, 1e200),
    ],
)
def test_an_extension_has_no_scale(size, rise):
    """f = rise · x on the axis, slope rise / size: the extension at the points between is rise · x again."""
    points, at = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([[0.25, 0.0], [0.5, 0.0]])
    for side in ("upper", "lower"):
        extended = mcshane_extension(
            size * points, rise * points[:, 0], size * at, slope=rise / size, side=side
        )
        np.testing.assert_allclose(extended / rise, [0.25, 0.5], rtol=1e-12)


def test_an_extension_beyond_float64_is_refused():
    with refused(ValueError, "slope", 1e200, remedy="units"):
        mcshane_extension([[0.0], [1e200]], [0.0, 1.0], [[1.0]], slope=1e200)


@pytest.mark.parametrize("epsilon", [1e-3, 1.0, 1e16, 1e50, 1e100, 1e300])
def test_the_bounds_of_sinkhorn_hold_for_every_epsilon(epsilon):
    """Beside potentials of 10³⁴ the costs were lost, and the lower bound was above W₁."""
    x, y = (cloud.numpy() for cloud in clouds_of(1.0, n=6))
    a, b = np.random.default_rng(1).dirichlet(np.ones(6), 2)
    exact = wasserstein1(x, y, a, b).value
    answer = sinkhorn(x, y, a, b, epsilon=epsilon)
    assert answer.lower <= exact * (1 + 1e-12) and exact <= answer.value * (1 + 1e-12)
    assert abs(answer.lower) <= answer.value


@pytest.mark.parametrize("constant", [1e10, 1e34, -1e34, 1e300])
def test_a_constant_added_to_a_potential_changes_nothing(constant):
    """Σ a f + Σ b g = 0 · constant, but in floating point a thousandth of its last digit is above W₁."""
    x, y = (cloud.numpy() for cloud in clouds_of(1.0, n=6))
    a, b = np.random.default_rng(1).dirichlet(np.ones(6), 2)
    exact, costs = wasserstein1(x, y, a, b), Costs.between(x, y, 2)
    assert entropic._worth(costs, exact.f, a, b) == pytest.approx(exact.value, rel=1e-12)
    level = entropic._worth(costs, np.zeros(6), a, b)
    assert entropic._worth(costs, np.full(6, constant), a, b) == pytest.approx(level, rel=1e-12)


@pytest.mark.parametrize("size", [1e-300, 1e300, 1e308])
def test_farkas_has_no_scale(size):
    inside = farkas_certificate(np.eye(2), [size, size])
    assert inside.feasible and inside.solution == pytest.approx([size, size], rel=1e-9)
    outside = farkas_certificate(np.eye(2), [size, -size])
    assert not outside.feasible and outside.certificate @ [size, -size] > 0
    assert math.isfinite(outside.margin) and outside.margin == pytest.approx(size, rel=1e-9)


# Arguments


@pytest.mark.parametrize("tolerance", [math.nan, -1.0, math.inf])
def test_a_tolerance_that_nothing_meets_or_misses_is_refused(tolerance):
    with refused(ValueError, "tolerance", tolerance):
        sinkhorn([[0.0]], [[1.0]], epsilon=1.0, tolerance=tolerance)


@pytest.mark.parametrize("epsilon", ["0.1", torch.tensor(0.1), None, True, [0.1]])
def test_an_epsilon_that_is_no_number_is_refused(epsilon):
    with refused(TypeError, "epsilon", type(epsilon).__name__):
        sinkhorn([[0.0]], [[1.0]], epsilon=epsilon)


def test_numbers_of_numpy_are_numbers():
    plain = sinkhorn([[0.0]], [[1.0]], epsilon=0.5)
    assert sinkhorn([[0.0]], [[1.0]], epsilon=np.float32(0.5)).value == plain.value
    assert mcshane_extension([[0.0]], [0.0], [[2.0]], slope=np.float32(0.5)) == [1.0]


@pytest.mark.parametrize("norm", [[2], np.array([2]), np.array([1, 2]), torch.tensor(2), "2", None, True, 3])
def test_a_norm_that_is_none_is_refused(norm):
    for call in (
        lambda: distances([[0.0]], [[1.0]], norm),
        lambda: wasserstein1([[0.0]], [[1.0]], norm=norm),
        lambda: lipschitz.certified_slope(lambda z: z[:, 0], *clouds_of(1.0), norm=norm),
    ):
        with refused(ValueError, "norm", repr(norm).splitlines()[0]):
            call()
    assert clouds.checked_norm(np.float64(2)) == 2


MASKED = np.ma.masked_array([[0.0], [9.0]], mask=[[False], [True]])


@pytest.mark.parametrize("bad", [np.array([[1.0 + 2j]]), MASKED, torch.tensor([[1j]])])
def test_nothing_of_an_array_is_dropped(bad):
    kind = "masked" if bad is MASKED else "complex"
    with refused(TypeError, "x", kind):
        wasserstein1(bad, [[0.0]])
    with refused(TypeError, "cost", kind):
        kantorovich(bad)
    with refused(TypeError, "A", kind):
        farkas_certificate(bad, np.ones(len(bad)))


def test_nothing_of_a_density_is_dropped():
    p = gaussian(0)
    hidden = np.ma.masked_less(p, 1e-3)
    unhooked = without_the_checker(divergences.densities)
    with refused(TypeError, "p", "masked"):
        unhooked.total_variation(hidden, p, GRID)
    with refused(TypeError, "q", "complex", remedy=".real"):
        unhooked.kullback_leibler(p, p + 0j, GRID)
    with refused(TypeError, "p", "masked"):
        unhooked.optimal_discriminator(hidden, p)
    with refused(ValueError, "measured", "masked"):
        claims.claim("S2.49", hidden, at_least=0)


def without_the_checker(module):
    """The module as a reader has it: in these tests the types are checked before the function sees them."""
    plain = types.ModuleType("plain")
    source = pathlib.Path(module.__file__).read_text(encoding="utf-8")
    exec(compile(source, module.__file__, "exec"), plain.__dict__)
    return plain


def test_a_mask_that_hides_nothing_is_no_mask():
    assert (arrays.as_float64("x", np.ma.masked_array([1.0, 2.0])) == [1, 2]).all()


def test_a_complex_sparse_matrix_is_refused():
    with refused(TypeError, "A", "complex"):
        farkas_certificate(sp.eye_array(2) * 1j, [1.0, 1.0])


def test_a_network_has_no_negative_depth():
    with refused(ValueError, "depth", -3):
        networks.PerceptronCritic((2,), depth=-3)
    with refused(ValueError, "depth", -3):
        networks.PerceptronGenerator(2, (2,), depth=-3)


# Memory


@pytest.mark.parametrize(
    "ask, name, said",
    [
        (lambda: constraint_matrix(10**6, 10**6), "n, m", "1000000"),
        (lambda: constraint_matrix(10**12, 10**200), "n, m", "10^"),
        (lambda: lipschitz_matrix(10**6), "n", "1000000"),
        (lambda: sinkhorn(np.zeros((10**6, 1)), np.ones((10**6, 1)), epsilon=1.0), "x, y", "1000000 points"),
    ],
)
def test_what_does_not_fit_is_refused_with_an_estimate(ask, name, said):
    with refused(ValueError, name, said, "GB", remedy="wasserstein1"):
        ask()


@pytest.mark.parametrize("make, pairs", [(constraint_matrix, 400**2), (lipschitz_matrix, 400**2)])
def test_the_estimate_is_what_it_takes(make, pairs):
    import tracemalloc

    tracemalloc.start()
    try:
        make(400, 400) if make is constraint_matrix else make(400)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.4 * peak <= memory.BYTES_OF_PAIR * pairs <= 3 * peak


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    whole = memory.available_memory()
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "LIMIT", limit)
    assert memory.available_memory() > 1e6  # no such file
    limit.write_text("1000\n")
    assert memory.available_memory() == 1000
    limit.write_text("max\n")
    assert memory.available_memory() >= 0.5 * whole
