"""The quality measures against closed forms, other solvers and the definitions written out as loops."""

import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.stats
import torch

from lib import clouds, metrics
from tests.unit.errors import refused


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def cloud(n, d, seed=0):
    return torch.randn(n, d, generator=generator(seed), dtype=torch.float64)


def with_moments(n, mean, covariance, seed=0):
    """A cloud whose sample mean and sample covariance are exactly the given ones."""
    z = np.random.default_rng(seed).standard_normal((n, len(mean)))
    z -= z.mean(axis=0)
    whitened = np.linalg.solve(np.linalg.cholesky(np.atleast_2d(np.cov(z, rowvar=False))), z.T)
    return torch.tensor((np.linalg.cholesky(covariance) @ whitened).T + mean)


def assert_mean_is(expected, draws):
    """The mean of independent draws lies within four standard errors of its expectation."""
    error = np.std(draws, ddof=1) / math.sqrt(len(draws))
    assert abs(np.mean(draws) - expected) <= 4 * error, (np.mean(draws), expected, error)


# Fréchet distance


def test_frechet_distance_is_the_closed_form_for_commuting_covariances():
    s, t = np.array([0.1, 1.0, 3.0]), np.array([0.5, 2.0, 0.2])
    x = with_moments(50, [0.0, 1.0, -2.0], np.diag(s**2), seed=1)
    y = with_moments(80, [1.0, 1.0, 2.0], np.diag(t**2), seed=2)
    expected = 1 + 16 + ((s - t) ** 2).sum()
    assert metrics.frechet_distance(x, y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_frechet_distance_agrees_with_matrix_square_roots(seed):
    x = cloud(60, 7, seed) @ cloud(7, 7, seed + 10)
    y = cloud(40, 7, seed + 20) @ cloud(7, 7, seed + 30) + 1
    a, b = np.cov(x.numpy(), rowvar=False), np.cov(y.numpy(), rowvar=False)
    shift = ((x.mean(0) - y.mean(0)) ** 2).sum().item()
    by_product = shift + np.trace(a + b - 2 * scipy.linalg.sqrtm(a @ b).real)
    root = scipy.linalg.sqrtm(a).real
    by_symmetrised = shift + np.trace(a + b) - 2 * np.sqrt(np.linalg.eigvalsh(root @ b @ root)).sum()
    measured = metrics.frechet_distance(x, y)
    assert measured == pytest.approx(by_product, rel=1e-9)
    assert measured == pytest.approx(by_symmetrised, rel=1e-9)


def test_frechet_distance_stays_exact_when_features_are_dead_or_copies():
    x, y = with_moments(50, [0.0], [[4.0]], seed=1), with_moments(50, [3.0], [[1.0]], seed=2)
    zeros = torch.zeros_like(x)
    one = metrics.frechet_distance(x, y)
    assert one == pytest.approx(9 + 1, rel=1e-12)
    assert metrics.frechet_distance(torch.hstack([x, zeros]), torch.hstack([y, zeros])) == pytest.approx(
        one, rel=1e-12
    )
    assert metrics.frechet_distance(torch.hstack([x, x]), torch.hstack([y, y])) == pytest.approx(
        2 * one, rel=1e-12
    )


def test_frechet_distance_of_a_translate_and_of_a_rotation():
    x = cloud(50, 4)
    shift = torch.tensor([1.0, -2.0, 0.0, 2.0])
    turn = torch.linalg.qr(cloud(4, 4, 1)).Q
    assert metrics.frechet_distance(x, x + shift) == pytest.approx(9, rel=1e-12)
    assert metrics.frechet_distance(x @ turn, (2 * x) @ turn) == pytest.approx(
        metrics.frechet_distance(x, 2 * x), rel=1e-12
    )
    assert metrics.frechet_distance(x, 2 * x) == pytest.approx(
        (x.mean(0).square().sum() + x.var(0).sum()).item(), rel=1e-12
    )


def test_frechet_distance_says_when_the_covariance_is_short_of_points():
    with pytest.warns(UserWarning, match=r"fx has n = 4 points of k = 6 features.*rank 3"):
        metrics.frechet_distance(cloud(4, 6), cloud(40, 6))


# Kernel distance


def test_kernel_distance_is_the_double_loop():
    x, y = cloud(7, 3, 1), cloud(9, 3, 2) + 0.3

    def kernel(a, b):
        return (float(a @ b) / 3 + 1) ** 3

    expected = sum(kernel(x[i], x[j]) for i in range(7) for j in range(7) if i != j) / (7 * 6)
    expected += sum(kernel(y[i], y[j]) for i in range(9) for j in range(9) if i != j) / (9 * 8)
    expected -= 2 * sum(kernel(a, b) for a in x for b in y) / (7 * 9)
    assert metrics.kernel_distance(x, y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kernel_distance_is_unbiased(shift):
    # On the line (ab + 1)³ is a sum over j of C(3, j) a^j b^j, so MMD² compares the first three moments.
    expected = 3 * shift**2 + 3 * shift**4 + (shift**3 + 3 * shift) ** 2
    draws = [metrics.kernel_distance(cloud(6, 1, 2 * s), cloud(6, 1, 2 * s + 1) + shift) for s in range(3000)]
    assert_mean_is(expected, draws)


# Wasserstein distance, exact and sliced


def test_assignment_distance_on_the_line_agrees_with_scipy():
    x, y = cloud(200, 1, 1), 2 * cloud(200, 1, 2) + 1
    expected = scipy.stats.wasserstein_distance(x[:, 0].numpy(), y[:, 0].numpy())
    assert metrics.assignment_distance(x, y) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(1, 2), (3, 1), (5, 2), (6, 3)])
def test_assignment_distance_is_the_least_over_all_permutations(n, d):
    x, y = cloud(n, d, 1), cloud(n, d, 2)
    costs = [[math.dist(a, b) for b in y.tolist()] for a in x.tolist()]
    expected = min(sum(costs[i][s[i]] for i in range(n)) / n for s in itertools.permutations(range(n)))
    assert metrics.assignment_distance(x, y) == pytest.approx(expected, rel=1e-12)


def test_assignment_distance_agrees_with_the_transport_linear_programme():
    n = 20
    x, y = cloud(n, 2, 1), cloud(n, 2, 2) + 0.5
    cost = np.linalg.norm(x.numpy()[:, None] - y.numpy()[None], axis=2)
    rows, columns = np.kron(np.eye(n), np.ones(n)), np.kron(np.ones(n), np.eye(n))
    plan = scipy.optimize.linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.full(2 * n, 1 / n))
    assert plan.status == 0
    assert metrics.assignment_distance(x, y) == pytest.approx(plan.fun, rel=1e-9)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_sliced_wasserstein1_of_a_translate(d):
    directions = 4000
    x, shift = cloud(30, d), torch.linspace(1, 2, d)
    length = shift.norm().item()
    mean = math.gamma(d / 2) / (
        math.sqrt(math.pi) * math.gamma((d + 1) / 2)
    )  # E |<u, e>| for a unit vector e
    error = math.sqrt(max(1 / d - mean**2, 0) / directions)  # since E <u, e>² = 1/d
    measured = metrics.sliced_wasserstein1(x, x + shift, generator(), directions)
    assert abs(measured / length - mean) <= 4 * error + 1e-12


def test_sliced_wasserstein1_lies_below_the_exact_one_and_equals_it_on_the_line():
    x, y = cloud(40, 3, 1), cloud(40, 3, 2) + 1
    assert 0 < metrics.sliced_wasserstein1(x, y, generator()) < metrics.assignment_distance(x, y)
    line = metrics.sliced_wasserstein1(x[:, :1], y[:, :1], generator(), directions=3)
    assert line == pytest.approx(metrics.assignment_distance(x[:, :1], y[:, :1]), rel=1e-12)


# Precision, recall, density, coverage


def by_definition(real, generated, k):
    """Kynkäänniemi et al. 2019 and Naeem et al. 2020, written out point by point."""
    real, generated = real.tolist(), generated.tolist()

    def radius(points, i):
        return sorted(math.dist(points[i], points[j]) for j in range(len(points)) if j != i)[k - 1]

    ball = [(x, radius(real, i)) for i, x in enumerate(real)]
    other = [(y, radius(generated, j)) for j, y in enumerate(generated)]
    precision = sum(any(math.dist(x, y) <= r for x, r in ball) for y in generated) / len(generated)
    recall = sum(any(math.dist(x, y) <= r for y, r in other) for x in real) / len(real)
    density = sum(math.dist(x, y) <= r for y in generated for x, r in ball) / (k * len(generated))
    coverage = sum(any(math.dist(x, y) <= r for y in generated) for x, r in ball) / len(real)
    return precision, recall, density, coverage


@pytest.mark.parametrize(("n", "m", "k"), [(12, 9, 1), (20, 31, 3), (30, 30, 5)])
def test_neighbourhoods_are_the_definitions(n, m, k):
    real, generated = cloud(n, 2, n), 0.7 * cloud(m, 2, m + 100) + 0.5
    expected = by_definition(real, generated, k)
    assert 0 < min(expected) and expected[:2] != (1, 1)  # a case that can tell the four apart
    assert metrics.neighbourhoods(real, generated, k) == pytest.approx(expected, abs=1e-12)


def test_neighbourhoods_count_ties_as_inside():
    # Points of a grid, some twice, and generated ones memorised from among them: most distances are tied.
    grid = torch.tensor([[i, j] for i in range(4) for j in range(4)], dtype=torch.float64)
    real, generated = torch.cat([grid, grid[:3]]), torch.cat([grid[2:9], grid[2:5]])
    for k in (1, 2, 4):
        expected = by_definition(real, generated, k)
        assert metrics.neighbourhoods(real, generated, k) == pytest.approx(expected, abs=1e-12)


def test_density_and_coverage_have_their_expectation_for_equal_laws():
    n, m, k = 20, 15, 3
    draws = [metrics.neighbourhoods(cloud(n, 2, 2 * s), cloud(m, 2, 2 * s + 1), k) for s in range(1500)]
    missed = math.prod((n - j) / (n + m - j) for j in range(1, k + 1))
    assert_mean_is(1.0, [draw.density for draw in draws])
    assert_mean_is(1 - missed, [draw.coverage for draw in draws])


def test_neighbourhoods_of_a_set_with_itself_and_of_sets_far_apart():
    x = cloud(30, 3)
    same = metrics.neighbourhoods(x, x)
    assert (same.precision, same.recall, same.coverage) == (1.0, 1.0, 1.0)
    assert metrics.neighbourhoods(x, x + 100) == (0.0, 0.0, 0.0, 0.0)


# Modes


def test_modes_covered_on_points_made_by_hand():
    means = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    samples = torch.tensor([[0.0, 2.9], [0.1, 0.0], [10.0, -3.0], [0.0, 6.9], [5.0, 5.0], [3.0, 3.0]])
    assert metrics.modes_covered(samples, means, scale=1.0) == (2, 0.5)  # 3σ itself still counts
    assert metrics.modes_covered(samples, means, scale=1) == (2, 0.5)
    assert metrics.modes_covered(samples, means, scale=1.0, within=4) == (3, 4 / 6)
    assert metrics.modes_covered(samples, means, scale=1.0, within=0.5) == (1, 1 / 6)
    assert metrics.modes_covered(samples, means, scale=torch.tensor([1.0, 0.5, 2.0])) == (2, 0.5)


def test_a_mode_needs_a_tenth_of_its_fair_share():
    means = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])

    def of_hundred(on_the_right):
        return torch.cat([means[:1].repeat(100 - on_the_right, 1), means[1:].repeat(on_the_right, 1)])

    assert metrics.modes_covered(of_hundred(5), means, 0.1).modes == 2
    assert metrics.modes_covered(of_hundred(4), means, 0.1).modes == 1
    assert metrics.modes_covered(of_hundred(1), means, 0.1, at_least=0).modes == 2
    assert metrics.modes_covered(of_hundred(0), means, 0.1, at_least=0).modes == 1


def test_a_tenth_of_the_fair_share_is_not_lost_to_rounding():
    means = torch.arange(7.0)[:, None]  # of 70 samples each mode must have one
    assert metrics.modes_covered(torch.cat([means, means[:1].repeat(63, 1)]), means, 0.1).modes == 7


def test_true_samples_cover_all_modes_and_their_share_is_known():
    n, scale = 20_000, 0.05
    means = torch.tensor([[i, j] for i in range(5) for j in range(5)], dtype=torch.float64)
    which = torch.randint(25, (n,), generator=generator())
    covered = metrics.modes_covered(means[which] + scale * cloud(n, 2), means, scale)
    expected = 1 - math.exp(-9 / 2)
    assert covered.modes == 25
    assert abs(covered.share - expected) <= 4 * math.sqrt(expected * (1 - expected) / n)


# What holds for every measure of two clouds

TWO_CLOUDS = {
    "assignment_distance": metrics.assignment_distance,
    "sliced_wasserstein1": lambda x, y: metrics.sliced_wasserstein1(x, y, generator(), 64),
    "frechet_distance": metrics.frechet_distance,
    "kernel_distance": metrics.kernel_distance,
    "precision": lambda x, y: metrics.neighbourhoods(x, y).precision,
    "recall": lambda x, y: metrics.neighbourhoods(x, y).recall,
    "density": lambda x, y: metrics.neighbourhoods(x, y).density,
    "coverage": lambda x, y: metrics.neighbourhoods(x, y).coverage,
}
DISTANCES = ["assignment_distance", "sliced_wasserstein1", "frechet_distance"]


@pytest.fixture
def pair():
    return cloud(50, 3, 1), 0.8 * cloud(50, 3, 2) + 0.4


@pytest.mark.parametrize("name", TWO_CLOUDS)
def test_order_of_points_precision_and_block_size_do_not_matter(name, pair, monkeypatch):
    x, y = (p.float() for p in pair)
    expected = TWO_CLOUDS[name](x, y)
    assert type(expected) is float
    shuffled = TWO_CLOUDS[name](x[torch.randperm(50, generator=generator(1))], y.flip(0))
    assert shuffled == pytest.approx(expected, rel=1e-9)
    assert TWO_CLOUDS[name](x.double(), y.clone().requires_grad_()) == expected
    monkeypatch.setattr(clouds, "BLOCK_ENTRIES", 170)  # three rows at a time
    assert TWO_CLOUDS[name](x, y) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", TWO_CLOUDS)
def test_arguments_and_global_random_state_stay_as_they_were(name, pair):
    x, y = pair
    before = x.clone(), y.clone(), torch.get_rng_state(), np.random.get_state()[1].copy()
    TWO_CLOUDS[name](x, y)
    after = x, y, torch.get_rng_state(), np.random.get_state()[1]
    assert all(np.array_equal(b, a) for b, a in zip(before, after, strict=True))


@pytest.mark.parametrize("name", [*DISTANCES, "kernel_distance"])
def test_symmetric(name, pair):
    x, y = pair
    assert TWO_CLOUDS[name](x, y) == pytest.approx(TWO_CLOUDS[name](y, x), rel=1e-12)


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_is_zero_to_itself_and_moves_with_both(name, pair):
    x, y = pair
    shift = torch.tensor([5.0, -1.0, 2.0])
    assert TWO_CLOUDS[name](x, x) == pytest.approx(0, abs=1e-13)
    assert TWO_CLOUDS[name](x, y) > 0.1
    assert TWO_CLOUDS[name](x + shift, y + shift) == pytest.approx(TWO_CLOUDS[name](x, y), rel=1e-12)


def test_recall_is_precision_the_other_way_round(pair):
    x, y = pair
    one, other = metrics.neighbourhoods(x, y), metrics.neighbourhoods(y, x)
    assert (one.precision, one.recall) == (other.recall, other.precision)


# The floor


# copies


def test_copying_share_is_the_definition_written_as_a_loop():
    y, a, b = cloud(40, 3, 1), cloud(25, 3, 2), cloud(25, 3, 3) + 0.2
    nearer = [min(math.dist(p, q) for q in a) < min(math.dist(p, q) for q in b) for p in y]
    assert metrics.copying_share(y, a, b) == pytest.approx(np.mean(nearer), abs=1e-12)
    assert metrics.copying_share(y, b, a) == pytest.approx(1 - np.mean(nearer), abs=1e-12)


def test_copying_share_of_copies_and_ties():
    training, held_out = cloud(30, 4, 1), cloud(30, 4, 2)
    assert metrics.copying_share(training[:7], training, held_out) == 1
    assert metrics.copying_share(held_out[:7], training, held_out) == 0
    mixed = torch.cat([training[:3], held_out[:1]])
    assert metrics.copying_share(mixed, training, held_out) == 0.75
    line = torch.tensor([[0.0], [2.0], [9.0]])  # 1 is as far from 0 as from 2
    assert metrics.copying_share(torch.tensor([[1.0], [0.4]]), line[[0, 2]], line[1:]) == 0.75


def test_copying_share_of_what_does_not_know_the_split_is_one_half():
    """Exchangeable halves, whatever the law of the generated points."""
    draws = [
        metrics.copying_share(3 * cloud(50, 2, 3 * k), cloud(20, 2, 3 * k + 1), cloud(20, 2, 3 * k + 2))
        for k in range(100)
    ]
    assert_mean_is(0.5, draws)


def test_copying_share_refuses_halves_of_unequal_size():
    with refused(ValueError, "training, held_out", "20 and 21 points", remedy="halves of one data set"):
        metrics.copying_share(cloud(5, 2), cloud(20, 2), cloud(21, 2))


def test_against_floor_splits_the_real_points_and_takes_as_many_generated():
    real, generated = torch.arange(101.0)[:, None], -torch.arange(1.0, 201.0)[:, None]
    value, floor = metrics.against_floor(lambda a, b: (a, b), real, generated, generator())
    first, chosen, again, second = (set(part.flatten().tolist()) for part in (*value, *floor))
    assert [len(s) for s in (first, chosen, second)] == [50, 50, 50]  # sets: nothing twice
    assert first == again and not first & second and first | second <= set(range(101))
    assert max(chosen) < 0
    assert first != set(range(50)) and chosen != {
        -float(i) for i in range(1, 51)
    }  # drawn, not the first ones


def test_against_floor_shrinks_to_the_generated_and_reproduces():
    def size(a, b):
        return len(a), len(b)

    assert metrics.against_floor(size, cloud(100, 2), cloud(7, 2, 1), generator()) == ((7, 7), (7, 7))
    one, two = (
        metrics.against_floor(metrics.frechet_distance, cloud(80, 2), cloud(60, 2, 1) + 3, generator(5))
        for _ in range(2)
    )
    assert one == two
    assert one.value > 10 > 1 > one.floor


# Bad input

SQUARE, NARROW = torch.zeros(8, 2), torch.zeros(8, 3)
BROKEN = torch.tensor([[0.0, math.nan], [math.inf, 1.0]]).repeat(4, 1)
EVERY = {
    "assignment_distance": ("x", "y", metrics.assignment_distance),
    "sliced_wasserstein1": ("x", "y", lambda x, y: metrics.sliced_wasserstein1(x, y, generator())),
    "frechet_distance": ("fx", "fy", metrics.frechet_distance),
    "kernel_distance": ("fx", "fy", metrics.kernel_distance),
    "neighbourhoods": ("real", "generated", metrics.neighbourhoods),
    "modes_covered": ("samples", "means", lambda x, y: metrics.modes_covered(x, y, 0.1)),
}


@pytest.mark.parametrize("name", EVERY)
def test_clouds_that_cannot_be_compared(name):
    first, second, metric = EVERY[name]
    with refused(ValueError, f"{first}, {second}", (8, 2), (8, 3), remedy="coordinates"):
        metric(SQUARE, NARROW)
    with refused(ValueError, second, (8,), remedy=f"{second}[:, None]"):
        metric(SQUARE, torch.zeros(8))
    with refused(ValueError, first, (8, 1, 4, 4), remedy=f"{first}.flatten(1)"):
        metric(torch.zeros(8, 1, 4, 4), SQUARE)
    with refused(ValueError, first, (0, 2), remedy="at least one row"):
        metric(torch.zeros(0, 2), SQUARE)
    with refused(ValueError, second, 8, 16, remedy="leave such rows out"):
        metric(SQUARE, BROKEN)
    with refused(TypeError, first, torch.int64, remedy=f"{first}.float()"):
        metric(SQUARE.long(), SQUARE)
    with pytest.raises(TypeError):
        metric(SQUARE.numpy(), SQUARE)


@pytest.mark.parametrize(
    ("call", "name", "said", "remedy"),
    [
        (lambda: metrics.assignment_distance(SQUARE, SQUARE[:5]), "x, y", "8 and 5", "random 5"),
        (lambda: metrics.sliced_wasserstein1(SQUARE, SQUARE[:5], generator()), "x, y", "8 and 5", "random 5"),
        (
            lambda: metrics.sliced_wasserstein1(SQUARE, SQUARE, generator(), 0),
            "directions",
            0,
            "directions=1",
        ),
        (lambda: metrics.assignment_distance(*[torch.zeros(6000, 1)] * 2), "x, y", "2 minutes", "sliced"),
        (lambda: metrics.frechet_distance(SQUARE[:1], SQUARE), "fx", "at least 2", "more points"),
        (lambda: metrics.kernel_distance(SQUARE, SQUARE[:1]), "fy", "at least 2", "more points"),
        (lambda: metrics.neighbourhoods(SQUARE, SQUARE[:5]), "generated", "at least 6", "more points"),
        (lambda: metrics.neighbourhoods(SQUARE, SQUARE, 0), "neighbours", 0, "neighbours=1"),
        (lambda: metrics.modes_covered(SQUARE, SQUARE, 0.0), "scale", "8 means", "deviation"),
        (lambda: metrics.modes_covered(SQUARE, SQUARE, torch.ones(3)), "scale", [1.0, 1.0, 1.0], "deviation"),
        (lambda: metrics.modes_covered(SQUARE, SQUARE, 1.0, within=-1.0), "within", -1.0, "within=3"),
        (lambda: metrics.modes_covered(SQUARE, SQUARE, 1.0, at_least=10), "at_least", 10, "at_least=0.1"),
        (lambda: metrics.against_floor(max, SQUARE, NARROW, generator()), "real, generated", (8, 3), "kind"),
        (
            lambda: metrics.against_floor(max, SQUARE[:1], SQUARE, generator()),
            "real, generated",
            "1 and 8",
            "more",
        ),
    ],
)
def test_arguments_out_of_range(call, name, said, remedy):
    with refused(ValueError, name, said, remedy=remedy):
        call()


def test_a_seed_is_no_generator():
    with pytest.raises(TypeError, match="generator"):
        metrics.sliced_wasserstein1(SQUARE, SQUARE, 0)
    with pytest.raises(TypeError, match="generator"):
        metrics.against_floor(max, SQUARE, SQUARE, 0)
