"""The evidence lower bound and its regulariser, against PyTorch's laws, quadrature and exact enumeration."""

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given
from scipy import stats

from lib.objectives import divergence_from_prior, evidence_lower_bound, importance_weighted_bound
from tests.unit.errors import refused

rows = st.integers(1, 4).flatmap(
    lambda r: st.lists(st.tuples(*[st.floats(-5, 5)] * r, *[st.floats(-6, 3)] * r), min_size=1, max_size=5)
)


@given(rows)
def test_the_regulariser_is_the_divergence_that_pytorch_computes(drawn):
    both = torch.tensor(drawn, dtype=torch.float64)
    mean, log_variance = both.chunk(2, dim=1)
    law = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(law, torch.distributions.Normal(0.0, 1.0)).sum(dim=1)
    torch.testing.assert_close(divergence_from_prior(mean, log_variance), expected, rtol=1e-10, atol=1e-12)


def test_the_prior_costs_nothing_and_everything_else_something():
    zero = torch.zeros(1, 3)
    assert divergence_from_prior(zero, zero).tolist() == [0.0]
    steps = torch.eye(3)[:, None] * 0.5
    assert all(divergence_from_prior(step, zero).item() == 0.125 for step in steps)
    for step in (*steps, *-steps):
        assert divergence_from_prior(zero, step).item() > 0.01


def test_the_slopes_of_the_regulariser():
    """∂μ = μ and ∂v = ½(eᵛ − 1): the mean is pulled to 0, the variance to 1."""
    mean = torch.tensor([[1.5, -0.3]], dtype=torch.float64, requires_grad=True)
    log_variance = torch.tensor([[0.7, -1.2]], dtype=torch.float64, requires_grad=True)
    of_mean, of_v = torch.autograd.grad(divergence_from_prior(mean, log_variance).sum(), (mean, log_variance))
    torch.testing.assert_close(of_mean, mean.detach())
    torch.testing.assert_close(of_v, (log_variance.detach().exp() - 1) / 2)


def test_the_bound_is_the_log_likelihood_at_the_posterior_and_less_elsewhere():
    """x|z ~ N(1.2 z + ½, ¼), x = 2: P(x) = N(½, 1.69); one row at the posterior, one elsewhere."""
    variance = 0.25 / 1.69
    mean = torch.tensor([[1.2 * 1.5 / 1.69], [0.4]], dtype=torch.float64)
    log_variance = torch.tensor([[variance], [0.5]], dtype=torch.float64).log()
    square = (1.5 - 1.2 * mean) ** 2 + 1.44 * log_variance.exp()
    likelihood = (-square / 0.5 - 0.5 * math.log(0.5 * math.pi))[:, 0]
    truth = stats.norm.logpdf(2, 0.5, 1.3)
    at_posterior = evidence_lower_bound(likelihood[:1], mean[:1], log_variance[:1]).item()
    elsewhere = evidence_lower_bound(likelihood[1:], mean[1:], log_variance[1:]).item()
    gap = np.log(np.sqrt(variance / 0.5)) + (0.5 + (0.4 - mean[0, 0].item()) ** 2) / (2 * variance) - 0.5
    assert at_posterior == pytest.approx(truth, abs=1e-13)
    assert elsewhere == pytest.approx(truth - gap, abs=1e-12)
    both = evidence_lower_bound(likelihood, mean, log_variance).item()
    assert both == pytest.approx(
        (at_posterior + elsewhere) / 2, abs=1e-13
    )  # the mean over the batch, not the sum


@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_importance_weighted_bound_of_two_codes_is_an_enumeration(m):
    """Over all sequences of m draws: the expectation of the function is the exact ladder."""
    q, joint = np.array([0.4, 0.6]), np.array([0.035, 0.12])
    sequences = np.array(list(itertools.product([0, 1], repeat=m)))
    chance = q[sequences].prod(axis=1)
    ratios = torch.tensor(np.log(joint / q)[sequences])
    each = [importance_weighted_bound(ratios[k][:, None]).item() for k in range(len(sequences))]
    exact = sum(
        math.comb(m, k) * 0.6**k * 0.4 ** (m - k) * math.log((k * 0.2 + (m - k) * 0.0875) / m)
        for k in range(m + 1)
    )
    assert (chance * each).sum() == pytest.approx(exact, abs=1e-14)


def test_draws_are_averaged_before_the_logarithm_and_samples_after_it():
    ratios = torch.tensor([[0.0, math.log(2)], [math.log(3), math.log(4)]], dtype=torch.float64)
    expected = (math.log(2) + math.log(3)) / 2  # means of (1, 3) and of (2, 4)
    assert importance_weighted_bound(ratios).item() == pytest.approx(expected, abs=1e-15)
    assert importance_weighted_bound(ratios[:1]).item() == pytest.approx(math.log(2) / 2, abs=1e-15)


def test_ratios_beyond_the_range_of_numbers_do_no_harm():
    far = importance_weighted_bound(torch.tensor([[-2000.0], [-2000.0 + math.log(3)]], dtype=torch.float64))
    assert far.item() == pytest.approx(-2000 + math.log(2), abs=1e-9)


def test_other_shapes_are_refused():
    right = torch.zeros(4, 2)
    with refused(ValueError, "mean", "(4,)", remedy="flatten"):
        divergence_from_prior(torch.zeros(4), torch.zeros(4))
    with refused(ValueError, "mean", "(0, 2)"):
        divergence_from_prior(right[:0], right[:0])
    with refused(ValueError, "log_variance", "(2,)", "(4, 2)", remedy="expand_as"):
        divergence_from_prior(right, torch.zeros(2))
    for shape in ((4, 1), (4, 2), (3,), ()):
        with refused(ValueError, "log_likelihood", str(shape), "(4,)"):
            evidence_lower_bound(torch.zeros(shape), right, right)
    for shape in ((4,), (0, 4), (2, 2, 2)):
        with refused(ValueError, "log_ratios", str(shape), "(m, batch)"):
            importance_weighted_bound(torch.zeros(shape))


def test_what_is_no_tensor_of_floats_is_refused():
    right = torch.zeros(4, 2)
    calls = {
        "mean": lambda wrong: divergence_from_prior(wrong, right),
        "log_variance": lambda wrong: divergence_from_prior(right, wrong),
        "log_likelihood": lambda wrong: evidence_lower_bound(wrong, right, right),
        "log_ratios": importance_weighted_bound,
    }
    for name, call in calls.items():
        for wrong in ([[1.0]], np.zeros((4, 2)), torch.zeros(4, 2, dtype=torch.int64)):
            with refused(TypeError, name):
                call(wrong)
