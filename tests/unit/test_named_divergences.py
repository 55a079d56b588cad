"""The named f-divergences: formulas against searches, integrals written by hand, and extreme numbers."""

import math

import numpy as np
import pytest
import torch
from scipy import optimize, special, stats

from lib.divergences import Divergence, kullback_leibler, named, names
from tests.unit.errors import refused

LINE = np.linspace(-14, 14, 5601)
P, Q = stats.norm(0.3, 1).pdf(LINE), stats.norm(-0.4, 1.2).pdf(LINE)
PARAMETERS = {"weighted jensen-shannon": {"weight": 0.3}, "alpha": {"alpha": 1.5}}
EVERY = [named(name, **PARAMETERS.get(name, {})) for name in names()]
EVERY += [named("alpha", alpha=0.5), named("weighted jensen-shannon", weight=0.8)]
IDS = [each.name for each in EVERY[:-2]] + ["alpha below 1", "weight above a half"]
every = pytest.mark.parametrize("divergence", EVERY, ids=IDS)
M = (P + Q) / 2
INTEGRANDS = {
    "total variation": np.abs(P - Q) / 2,
    "kl": P * np.log(P / Q),
    "reverse kl": Q * np.log(Q / P),
    "pearson": (P - Q) ** 2 / Q,
    "neyman": (P - Q) ** 2 / P,
    "squared hellinger": P + Q - 2 * np.sqrt(P * Q),
    "jeffrey": (P - Q) * np.log(P / Q),
    "jensen-shannon": (P * np.log(P / M) + Q * np.log(Q / M)) / 2,
    "twice jensen-shannon": P * np.log(P / M) + Q * np.log(Q / M),
    "gan": P * np.log(P / (P + Q)) + Q * np.log(Q / (P + Q)),
    "weighted jensen-shannon": 0.3 * P * np.log(P / (0.3 * P + 0.7 * Q))
    + 0.7 * Q * np.log(Q / (0.3 * P + 0.7 * Q)),
    "alpha": (P**1.5 / np.sqrt(Q) - P) / 0.75,
    "softened kl": 2 * M * np.log(M / Q),
    "softened reverse kl": 2 * M * np.log(M / P),
}


def slopes(divergence: Divergence) -> np.ndarray:
    """Slopes that f takes, at ratios from e⁻⁴ to e⁴."""
    return divergence.f_prime(np.exp(np.linspace(-4, 4, 81)))


def test_every_name_has_its_integral():
    assert set(INTEGRANDS) == set(names())


@every
def test_the_value_is_the_integral_that_defines_it(divergence):
    if divergence.name == "alpha" and divergence.domain[1] < math.inf:
        expected = (np.trapezoid(np.sqrt(P * Q), LINE) - 1) / -0.25
    elif divergence.name.startswith("weighted") and divergence.domain[1] < 0.3:
        mixed = 0.8 * P + 0.2 * Q
        expected = np.trapezoid(0.8 * P * np.log(P / mixed) + 0.2 * Q * np.log(Q / mixed), LINE)
    else:
        expected = np.trapezoid(INTEGRANDS[divergence.name], LINE)
    assert divergence.between(P, Q, LINE) == pytest.approx(expected, abs=1e-12)
    by_f = np.trapezoid(Q * divergence.f(P / Q), LINE)
    assert by_f == pytest.approx(expected, abs=1e-12)


@every
def test_the_conjugate_is_the_largest_ut_minus_f(divergence):
    """By bounded search over log u, which shares no formula with the conjugate."""
    high = min(divergence.domain[1], 3.0)
    for t in high - np.array([0.02, 0.3, 1.0, 2.5, 6.0]):
        result = optimize.minimize_scalar(
            lambda s, t=t: float(divergence.f(math.exp(s)) - math.exp(s) * t),
            bounds=(-40, 12),
            method="bounded",
            options={"xatol": 1e-10},
        )
        at_zero = -float(divergence.f(0.0))
        largest = max(-result.fun, at_zero)
        assert divergence.conjugate(t) == pytest.approx(largest, abs=2e-8, rel=2e-8)


@every
def test_fenchels_equality_and_the_inverse_slope(divergence):
    u = np.exp(np.linspace(-4, 4, 81))
    t = divergence.f_prime(u)
    np.testing.assert_allclose(divergence.conjugate(t), u * t - divergence.f(u), rtol=1e-11, atol=1e-12)
    if divergence.name == "total variation":
        return
    t = torch.tensor(t, requires_grad=True)
    (slope,) = torch.autograd.grad(divergence.conjugate(t).sum(), t)
    np.testing.assert_allclose(slope.numpy(), u, rtol=1e-9)


@every
def test_the_slope_of_f_is_a_difference(divergence):
    u, h = np.exp(np.linspace(-2, 2, 40)), 1e-6
    difference = (divergence.f(u + h) - divergence.f(u - h)) / (2 * h)
    np.testing.assert_allclose(divergence.f_prime(u), difference, rtol=1e-6, atol=1e-7)


@every
def test_the_threshold_is_the_slope_at_one_and_f_vanishes_there(divergence):
    assert divergence.f_prime(1.0) == pytest.approx(divergence.threshold, abs=1e-15)
    expected = -math.log(4) if divergence.name == "gan" else 0.0
    assert divergence.f(1.0) == pytest.approx(expected, abs=1e-15)


@every
def test_the_activation_increases_into_the_domain_and_its_cost_is_the_conjugate(divergence):
    v = np.linspace(-7, 7, 141)
    t = divergence.activation(v)
    assert (np.diff(t) > 0).all() and (t < divergence.domain[1]).all()
    assert t[0] < divergence.threshold < t[-1]
    expected = divergence.conjugate(t)
    np.testing.assert_allclose(divergence.conjugate_activation(v), expected, rtol=1e-9, atol=1e-11)


@every
def test_the_domain_ends_where_the_conjugate_becomes_infinite(divergence):
    high = divergence.domain[1]
    if math.isinf(high):
        assert np.isfinite(divergence.conjugate(np.array([-50.0, 0.0, 50.0]))).all()
        return
    assert math.isinf(divergence.conjugate(high + 1e-9)) and np.isfinite(divergence.conjugate(high - 1e-9))
    assert bool(np.isfinite(divergence.conjugate(high))) == divergence.closed
    growth = divergence.f(1e12) / 1e12  # f(u)/u tends to f′(∞)
    assert growth == pytest.approx(high, abs=1e-4)


@every
@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_no_finite_number_gives_nan_in_value_or_slope(divergence, precision):
    ends = torch.finfo(precision)
    sizes = torch.logspace(-40, 38, 157, dtype=torch.float64).to(precision)
    special_sizes = [0.0, ends.max, ends.tiny, 1e-45, 0.5, 1, math.log(2)]
    sizes = torch.cat([sizes, torch.tensor(special_sizes, dtype=precision)])
    both = torch.cat([-sizes, sizes])
    if math.isfinite(divergence.domain[1]):
        both = torch.cat([both, torch.tensor([divergence.domain[1]]).to(both)])
    for function in (divergence.f, divergence.f_prime):
        assert not function(sizes).isnan().any()
    for function in (divergence.conjugate, divergence.activation, divergence.conjugate_activation):
        at = both.clone().requires_grad_()
        value = function(at)
        (slope,) = torch.autograd.grad(value.sum(), at)
        assert value.dtype == precision and not value.isnan().any() and not slope.isnan().any()
        assert (slope >= 0).all()  # all three increase


@every
def test_laws_that_do_not_overlap(divergence):
    """Two blocks apart: D = f(0) + f′(∞), by the conventions 0 f(0/0) = 0 and 0 f(a/0) = a f′(∞)."""
    x = (np.arange(4000) + 0.5) / 1000
    p, q = (((x > start) & (x < start + 1)).astype(float) for start in (0.5, 2.5))
    expected = divergence.f(0.0) + divergence.domain[1]
    assert divergence.between(p, q, x) == pytest.approx(expected, abs=1e-9)
    assert divergence.between(p, p, x) == pytest.approx(float(divergence.f(1.0)), abs=1e-9)


def test_jeffrey_is_wrights_omega_function():
    t = np.linspace(-30, 30, 241)
    w = special.wrightomega(1 - t)
    expected = w + 1 / w + t - 2
    np.testing.assert_allclose(named("jeffrey").conjugate(t), expected, rtol=1e-12, atol=1e-10)


def test_what_comes_in_goes_out():
    kl = named("KL")
    assert isinstance(kl.f(2.0), float) and kl.f(2) == pytest.approx(2 * math.log(2))
    assert kl.f(np.ones(3, dtype=np.float32)).dtype == np.float32
    assert kl.f([1, 2]).shape == (2,)
    assert kl.f(torch.ones(3)).dtype == torch.float32
    assert repr(kl) == "Divergence('kl')"
    assert kl.between(P, Q, LINE) == kullback_leibler(P, Q, LINE)


@pytest.mark.parametrize(
    "asked, near",
    [("lk", "'kl'"), ("hellinger", "'squared hellinger'"), ("reverse_kll", "'reverse kl'"), ("", "'gan'")],
)
def test_an_unknown_name_is_answered_with_the_nearest(asked, near):
    with refused(ValueError, "name", repr(asked), remedy=near):
        named(asked)


def test_wrong_parameters_and_ratios_are_refused():
    with refused(TypeError, "name", "3", remedy='named("kl")'):
        named(3)
    with refused(ValueError, "alpha", "1", remedy='named("kl")'):
        named("alpha", alpha=1)
    with refused(ValueError, "weight", "1.5", "0 < π < 1"):
        named("weighted jensen-shannon", weight=1.5)
    for u in (-0.5, math.nan):
        with refused(ValueError, "u", f"{u:g}", "density ratios"):
            named("kl").f(u)
    with refused(TypeError, "t", "torch.int64"):
        named("kl").conjugate(torch.tensor([1, 2]))
    with pytest.raises(TypeError, match="alpha"):
        named("kl", alpha=2)


def test_the_rows_that_are_others_in_disguise():
    """Half of twice, π = ½, α = 2 is half of Pearson, α → 1 is KL."""
    value = {name: named(name).between(P, Q, LINE) for name in names()}
    assert value["twice jensen-shannon"] == pytest.approx(2 * value["jensen-shannon"], abs=1e-15)
    assert value["weighted jensen-shannon"] == pytest.approx(value["jensen-shannon"], abs=1e-14)
    assert named("alpha", alpha=2).between(P, Q, LINE) == pytest.approx(value["pearson"] / 2, abs=1e-13)
    assert named("alpha", alpha=1.0001).between(P, Q, LINE) == pytest.approx(value["kl"], abs=1e-4)


def test_masses_on_atoms_as_scipy_has_them():
    p, q = np.random.default_rng(4).dirichlet(np.full(6, 0.5), size=2)
    mixture = (p + q) / 2
    by_scipy = {
        "kl": special.rel_entr(p, q).sum(),
        "reverse kl": special.rel_entr(q, p).sum(),
        "jensen-shannon": (special.rel_entr(p, mixture) + special.rel_entr(q, mixture)).sum() / 2,
        "total variation": np.abs(p - q).sum() / 2,
        "pearson": ((p - q) ** 2 / q).sum(),
        "squared hellinger": ((np.sqrt(p) - np.sqrt(q)) ** 2).sum(),
    }
    for name, expected in by_scipy.items():
        assert named(name).of_masses(p, q) == pytest.approx(expected, rel=1e-12), name


def test_atoms_that_one_law_lacks():
    p, q = [0.5, 0.5, 0.0, 0.0], [0.25, 0.0, 0.75, 0.0]
    assert named("kl").of_masses(p, q) == math.inf
    assert named("reverse kl").of_masses(p, q) == math.inf
    assert named("total variation").of_masses(p, q) == pytest.approx(0.75, abs=1e-15)
    # ½·½ log(½ ÷ ⅜) + ½·½ log 2 + ½·¼ log(¼ ÷ ⅜) + ½·¾ log 2
    expected = (math.log(4 / 3) + math.log(2)) / 4 + math.log(2 / 3) / 8 + 3 * math.log(2) / 8
    assert named("jensen-shannon").of_masses(p, q) == pytest.approx(expected, rel=1e-12)
    assert named("kl").of_masses(p, p) == 0


@pytest.mark.parametrize(
    ("p", "q", "name"),
    [
        ([0.5, 0.6], [0.5, 0.5], "p"),
        ([0.5, 0.5], [1.5, -0.5], "q"),
        ([0.5, 0.5], [1.0], "q"),
        ([[0.5, 0.5]], [0.5, 0.5], "p"),
        ([], [1.0], "p"),
        ([math.nan, 1.0], [0.5, 0.5], "p"),
    ],
)
def test_what_is_no_list_of_masses_is_refused(p, q, name):
    with refused(ValueError, name):
        named("kl").of_masses(p, q)
