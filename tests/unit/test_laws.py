"""Densities against independent formulas, samplers against densities, bad parameters refused by name."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from lib import laws
from tests.unit.errors import refused

PLANE = {
    "eight_gaussians": laws.eight_gaussians,
    "twenty_five_gaussians": laws.twenty_five_gaussians,
    "two_moons": laws.two_moons,
    "swiss_roll": laws.swiss_roll,
    "unequal": lambda: laws.GaussianMixture(
        [[-0.5, 0.2], [0.4, 0.4], [0.1, -0.6]], scale=[0.05, 0.15, 0.08], weights=[0.5, 0.3, 0.2]
    ),
}


def generator(n: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(n)


def on_the_line() -> laws.GaussianMixture:
    return laws.GaussianMixture([[-1.0], [2.0]], scale=[1.0, 0.8], weights=[0.6, 0.4])


def exact_line(x: np.ndarray) -> np.ndarray:
    return 0.6 * stats.norm(-1, 1).pdf(x) + 0.4 * stats.norm(2, 0.8).pdf(x)


def box_probabilities(law, edges: np.ndarray) -> np.ndarray:
    """Integrate the density over each box of a grid, by six Gauss-Legendre nodes along each side."""
    at, weight = np.polynomial.legendre.leggauss(6)
    half = (edges[1] - edges[0]) / 2
    nodes = ((edges[:-1] + edges[1:])[:, None] / 2 + half * at).ravel()
    grid = torch.from_numpy(np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1))
    boxes = law.density(grid).numpy().reshape(len(edges) - 1, 6, len(edges) - 1, 6)
    return np.einsum("iajb,a,b->ij", boxes, weight, weight) * half**2


@pytest.mark.parametrize("name", PLANE)
def test_samples_of_the_plane_follow_the_density_which_integrates_to_one(name):
    law, n, edges = PLANE[name](), 20_000, np.linspace(-1.2, 1.2, 49)
    x = law.sample(n, generator(3))
    assert x.shape == (n, 2) and x.dtype == torch.float32
    expected = box_probabilities(law, edges)
    assert expected.sum() == pytest.approx(1, abs=1e-5)
    counts = np.histogram2d(*x.double().numpy().T, bins=[edges, edges])[0]
    full = n * expected >= 10
    observed = np.append(counts[full], n - counts[full].sum())
    wanted = np.append(n * expected[full], n * (1 - expected[full].sum()))
    # Pearson's statistic has mean k and variance about 2 k for k + 1 boxes.
    k = full.sum()
    assert abs(((observed - wanted) ** 2 / wanted).sum() - k) < 4 * math.sqrt(2 * k)


@pytest.mark.parametrize("name", [name for name in PLANE if name != "unequal"])
def test_the_ready_made_laws_lie_well_inside_the_square(name):
    x = PLANE[name]().sample(200_000, generator(5))
    assert x.abs().max() < 1
    assert x.mean(0).norm() < 0.2 and 0.2 < x.std() < 0.6


def test_the_line_follows_the_formula():
    law, n = on_the_line(), 50_000
    x = np.linspace(-6, 6, 301)
    density = law.density(torch.from_numpy(x)[:, None])
    assert density.shape == (301,) and density.dtype == torch.float64
    np.testing.assert_allclose(density.numpy(), exact_line(x), rtol=1e-13)
    drawn = law.sample(n, generator(2))
    assert drawn.shape == (n, 1) and drawn.dtype == torch.float32

    def cumulative(t):
        return 0.6 * stats.norm(-1, 1).cdf(t) + 0.4 * stats.norm(2, 0.8).cdf(t)

    # Kolmogorov: sqrt(n) times the largest gap exceeds 2.2 with probability 1e-4.
    assert stats.kstest(drawn[:, 0].double().numpy(), cumulative).statistic < 2.2 / math.sqrt(n)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**31))
def test_a_mixture_equals_the_sum_of_scipys_normals(k, d, number):
    random = np.random.default_rng(number)
    means, scales = random.normal(size=(k, d)), random.uniform(0.2, 2, k)
    weights = random.dirichlet(np.ones(k))
    x = random.normal(size=(7, d)) * 2
    normals = [stats.multivariate_normal(m, s**2 * np.eye(d)) for m, s in zip(means, scales, strict=True)]
    expected = sum(w * normal.pdf(x) for w, normal in zip(weights, normals, strict=True))
    law = laws.GaussianMixture(means, scales, weights)
    np.testing.assert_allclose(law.density(torch.from_numpy(x)).numpy(), expected, rtol=1e-10)
    np.testing.assert_allclose(law.log_density(torch.from_numpy(x)).numpy(), np.log(expected), rtol=1e-9)


def noise(x: np.ndarray, y: np.ndarray, scale: float) -> float:
    return math.exp(-((x[0] - y[0]) ** 2 + (x[1] - y[1]) ** 2) / 2 / scale**2) / (2 * math.pi * scale**2)


def moons_by_quadrature(x: np.ndarray) -> float:
    """scikit-learn's construction, moved to the origin and halved: two arcs of unit circles."""

    def point(a: float) -> float:
        upper = np.array([math.cos(a), math.sin(a)])
        lower = np.array([1 - math.cos(a), 0.5 - math.sin(a)])
        return sum(noise(x, (y - [0.5, 0.25]) / 2, 0.04) for y in (upper, lower)) / 2

    return integrate.quad(point, 0, math.pi, limit=500, epsabs=1e-13, epsrel=1e-11)[0] / math.pi


def roll_by_quadrature(x: np.ndarray) -> float:
    def point(a: float) -> float:
        return noise(x, np.array([a * math.cos(a), a * math.sin(a)]) * 0.8 / (4.5 * math.pi), 0.03)

    low, high = 1.5 * math.pi, 4.5 * math.pi
    pieces = np.linspace(low, high, 13)
    parts = (
        integrate.quad(point, a, b, limit=200, epsabs=1e-13, epsrel=1e-11)[0]
        for a, b in itertools.pairwise(pieces)
    )
    return sum(parts) / (high - low)


@pytest.mark.parametrize(
    "law, exact", [(laws.two_moons, moons_by_quadrature), (laws.swiss_roll, roll_by_quadrature)]
)
def test_densities_of_noisy_curves_equal_adaptive_quadrature(law, exact):
    x = law().sample(25, generator(8)).double()
    x[:5] += 0.1  # and some points off the curve
    density = law().density(x)
    assert density.dtype == torch.float64
    np.testing.assert_allclose(density.numpy(), [exact(p) for p in x.numpy()], rtol=1e-8, atol=1e-11)


def test_eight_means_lie_on_a_circle_and_twenty_five_on_a_grid():
    ring = laws.eight_gaussians()
    assert ring.scale == 0.03 and ring.means.shape == (8, 2) and ring.means.dtype == torch.float64
    radius = np.hypot(*ring.means.numpy().T)
    angle = np.degrees(np.arctan2(*ring.means.numpy().T[::-1])) % 360
    np.testing.assert_allclose(radius, 0.7, atol=1e-15)
    np.testing.assert_allclose(angle, np.arange(8) * 45, atol=1e-12)
    grid = laws.twenty_five_gaussians()
    places = {(round(x, 9), round(y, 9)) for x, y in grid.means.tolist()}
    assert places == {(0.35 * i, 0.35 * j) for i in range(-2, 3) for j in range(-2, 3)}
    assert grid.weights.tolist() == pytest.approx([1 / 25] * 25)


@pytest.mark.parametrize("name", PLANE)
def test_equal_seeds_give_equal_samples(name):
    first, second, other = (PLANE[name]().sample(50, generator(s)) for s in (1, 1, 2))
    assert torch.equal(first, second) and not torch.equal(first, other)


@pytest.mark.parametrize("name", PLANE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_densities_keep_type_and_shape(name, dtype):
    law = PLANE[name]()
    x = law.sample(12, generator()).to(dtype)
    flat = law.log_density(x)
    assert flat.shape == (12,) and flat.dtype == dtype
    assert torch.equal(law.density(x), flat.exp())
    assert torch.equal(law.log_density(x.reshape(3, 4, 2)), flat.reshape(3, 4))
    assert law.log_density(x[0]).shape == ()
    torch.testing.assert_close(flat.double(), law.log_density(x.double()), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", PLANE)
def test_the_log_density_is_finite_and_has_a_slope_far_away(name):
    x = torch.tensor([[30.0, -40.0]], dtype=torch.float64, requires_grad=True)
    value = PLANE[name]().log_density(x).sum()
    (slope,) = torch.autograd.grad(value, x)
    assert value < -1e4 and torch.isfinite(value)
    assert slope[0, 0] < 0 < slope[0, 1]  # back towards the law


def test_a_grid_of_many_points_is_evaluated_in_pieces():
    law = laws.two_moons()
    x = torch.rand(5000, 2, generator=generator(), dtype=torch.float64)
    expected = torch.cat([law.density(p) for p in x[::500, None]])
    torch.testing.assert_close(law.density(x)[::500], expected, rtol=1e-12, atol=0)


def test_parameters_are_kept_and_copied():
    means = np.array([[0.0], [1.0]])
    law = laws.GaussianMixture(means, 0.5)
    means[0] = 9
    assert law.means.tolist() == [[0], [1]] and law.scale == 0.5 and isinstance(law.scale, float)
    assert law.weights.tolist() == [0.5, 0.5] and law.weights.dtype == torch.float64
    scales = laws.GaussianMixture(law.means, torch.tensor([0.5, 0.25])).scale
    assert scales.tolist() == [0.5, 0.25] and scales.dtype == torch.float64


def test_weights_are_renormalised_and_a_zero_weight_is_never_drawn():
    law = laws.GaussianMixture([[-5.0], [0.0], [5.0]], 0.1, weights=[0.5, 0.0, 0.5 + 4e-7])
    assert law.weights.sum().item() == pytest.approx(1, abs=1e-15)
    assert law.sample(1000, generator()).abs().min() > 4
    assert law.density(torch.tensor([[0.0]])).item() == 0


@pytest.mark.parametrize(
    "arguments, name, said",
    [
        (([0.0, 1.0], 1), "means", "shape (2,), expected (k, d)"),
        ((torch.zeros(0, 2), 1), "means", "shape (0, 2)"),
        (([[0.0], [math.nan]], 1), "means[1, 0]", "nan, expected finite"),
        (([[0.0], [1.0]], 0), "scale[0]", "0, expected finite and positive"),
        (([[0.0], [1.0]], -1.0), "scale[0]", "-1, expected finite and positive"),
        (([[0.0], [1.0]], [1.0, -2.0]), "scale[1]", "-2, expected finite and positive"),
        (([[0.0], [1.0]], math.inf), "scale[0]", "inf"),
        (([[0.0], [1.0]], [1.0, 1.0, 1.0]), "scale", "shape (3,), expected (2,)"),
        (([[0.0], [1.0]], 1, [1.0]), "weights", "shape (1,), expected (2,)"),
        (([[0.0], [1.0]], 1, [1.2, -0.2]), "weights[1]", "-0.2, expected finite and not negative"),
        (([[0.0], [1.0]], 1, [math.nan, 1.0]), "weights[0]", "nan"),
        (([[0.0], [1.0]], 1, [0.5, 0.4]), "weights", "sum to 0.9, expected a sum of 1"),
        (([[0.0], [1.0]], 1, [0.5, 0.500002]), "weights", "sum to 1.000002, expected a sum of 1"),
    ],
)
def test_parameters_that_make_no_law_are_refused(arguments, name, said):
    with refused(ValueError, name, said):
        laws.GaussianMixture(*arguments)


@pytest.mark.parametrize("scale", [0, -0.1, math.nan])
def test_noise_without_a_positive_scale_is_refused(scale):
    with refused(ValueError, "scale[0]", "finite and positive"):
        laws.NoisyCurves(laws.two_moons().curves, scale)


@pytest.mark.parametrize("law", [on_the_line(), laws.two_moons()], ids=["line", "moons"])
@pytest.mark.parametrize("n, error", [(0, ValueError), (-3, ValueError), (2.0, TypeError), (True, TypeError)])
def test_a_number_of_samples_below_one_is_refused(law, n, error):
    with refused(error, "n", n, "at least 1"):
        law.sample(n, generator())
    with refused(error, "size", n, "at least 1"):
        law.batches(n, generator())


@pytest.mark.parametrize("law", [on_the_line(), laws.two_moons()], ids=["line", "moons"])
def test_batches_are_samples_for_ever_each_drawn_when_it_is_asked_for(law):
    draw, alone = generator(4), generator(4)
    stream = law.batches(np.int64(7), draw)
    assert torch.equal(draw.get_state(), alone.get_state())  # nothing is drawn in advance
    for _ in range(3):
        (points,) = next(stream)
        assert torch.equal(points, law.sample(7, alone))
    assert torch.equal(draw.get_state(), alone.get_state())


@pytest.mark.parametrize(
    "law, x, said, remedy",
    [
        (on_the_line(), torch.zeros(5), "shape (5,), expected (..., 1)", "x[..., None]"),
        (on_the_line(), torch.zeros(5, 2), "shape (5, 2), expected (..., 1)", "x[..., None]"),
        (laws.two_moons(), torch.zeros(5, 3), "shape (5, 3), expected (..., 2)", "2 coordinates"),
        (laws.eight_gaussians(), torch.tensor(1.0), "shape (), expected (..., 2)", "2 coordinates"),
    ],
)
def test_points_of_another_dimension_are_refused(law, x, said, remedy):
    for evaluate in (law.log_density, law.density):
        with refused(ValueError, "x", said, remedy=remedy):
            evaluate(x)


@pytest.mark.parametrize("law", [on_the_line(), laws.two_moons()], ids=["line", "moons"])
def test_points_that_are_no_float_tensor_are_refused(law):
    with refused(TypeError, "x", "torch.int64", "a float tensor"):
        law.density(torch.zeros(3, 2, dtype=torch.int64))
    with pytest.raises(TypeError):
        law.density(np.zeros((3, 2)))
