"""What chapter 5 shows by hand and what the library holds are the same: laws, the bound, the ladder."""

import numpy as np
import pytest
import torch
from scipy import stats

from lib import laws, objectives
from lib.explorers.elbo_bars import ElboBars
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "mixture", "normal-density", "exponent", "two-models", "closed-forms", "handwritten")
    return run_cells("05_variational_bound", *cells, "elbo-check", "gap", "best-normal", "coin", "ladder")


def drawn_codes(r: int) -> tuple[torch.Tensor, torch.Tensor]:
    mean, log_variance = torch.randn(2, 7, r, generator=torch.Generator().manual_seed(r), dtype=torch.float64)
    return 2 * mean, log_variance - 0.5


def test_the_mixture_shown_is_that_of_the_library(chapter):
    theirs = laws.GaussianMixture(chapter["means"][:, None], chapter["scales"], chapter["weights"])
    at = torch.linspace(-5, 4, 91, dtype=torch.float64)[:, None]
    shown = chapter["components"](at[:, 0].numpy()).sum(axis=1)
    assert shown == pytest.approx(theirs.density(at).numpy(), rel=1e-12)


def test_the_normal_density_shown_is_that_of_pytorch(chapter):
    draw = np.random.default_rng(0)
    root, mean, at = draw.normal(size=(4, 4)), draw.normal(size=4), draw.normal(size=(9, 4))
    covariance = root @ root.T + 0.3 * np.eye(4)
    theirs = torch.distributions.MultivariateNormal(torch.tensor(mean), torch.tensor(covariance))
    shown = chapter["log_normal"](at, mean, covariance)
    assert shown == pytest.approx(theirs.log_prob(torch.tensor(at)).numpy(), rel=1e-10)


@pytest.mark.parametrize("r", [1, 3])
def test_the_regulariser_shown_is_that_of_the_library(chapter, r):
    mean, log_variance = drawn_codes(r)
    shown = chapter["divergence_from_prior"](mean, log_variance)
    theirs = objectives.divergence_from_prior(mean, log_variance)
    assert shown.shape == (7,)
    assert torch.equal(shown, theirs)


@pytest.mark.parametrize("r", [1, 3])
def test_the_bound_shown_and_its_gradients_are_those_of_the_library(chapter, r):
    mean, log_variance = (each.requires_grad_() for each in drawn_codes(r))
    likelihood = torch.linspace(-9, -1, 7, dtype=torch.float64) ** 3
    ends = []
    for bound in (chapter["evidence_lower_bound"], objectives.evidence_lower_bound):
        value = bound(likelihood, mean, log_variance)
        ends.append([value, *torch.autograd.grad(value, (mean, log_variance))])
    assert all(torch.equal(a, b) for a, b in zip(*ends, strict=True))


@pytest.mark.parametrize("mu, s", [(0.0, 1.0), (1.33, 0.188), (-0.4, 0.7)])
def test_the_closed_bound_shown_is_the_librarys_for_that_likelihood(chapter, mu, s):
    for G in (chapter["straight"], chapter["bent"]):
        fits = -chapter["misfit"](mu, s, G) / (2 * chapter["s_x"] ** 2)
        fits -= 0.5 * np.log(2 * np.pi * chapter["s_x"] ** 2)
        law = torch.tensor([[mu]], dtype=torch.float64), torch.tensor([[2 * np.log(s)]], dtype=torch.float64)
        theirs = objectives.evidence_lower_bound(torch.tensor([fits], dtype=torch.float64), *law)
        assert chapter["closed_elbo"](mu, s, G) == pytest.approx(theirs.item(), abs=1e-12)


@pytest.mark.parametrize("many", [1, 5, 40])
def test_the_ladder_shown_is_the_librarys_bound_on_the_same_draws(chapter, many):
    x, s_x = chapter["x"], chapter["s_x"]
    for G in (chapter["straight"], chapter["bent"]):
        shown = chapter["ladder"](0.3, 0.9, G, many, 6, np.random.default_rng(3))
        z = 0.3 + 0.9 * np.random.default_rng(3).normal(size=(6, many))
        ratios = stats.norm.logpdf(z) + stats.norm.logpdf(x, G(z), s_x) - stats.norm.logpdf(z, 0.3, 0.9)
        theirs = objectives.importance_weighted_bound(torch.tensor(ratios.T))
        assert shown.mean() == pytest.approx(theirs.item(), abs=1e-12)
        each = objectives.importance_weighted_bound(torch.tensor(ratios[4])[:, None]).item()
        assert shown[4] == pytest.approx(each, abs=1e-12)


def test_the_coin_is_the_expectation_of_the_librarys_bound(chapter):
    """Three draws, eight sequences."""
    sequences = np.array(np.meshgrid(*[[0, 1]] * 3)).reshape(3, -1)
    chance = chapter["coin_q"][sequences].prod(axis=0)
    ratios = torch.tensor(np.log(chapter["R"][sequences]))
    each = [objectives.importance_weighted_bound(ratios[:, k : k + 1]).item() for k in range(8)]
    assert chapter["coin_ladder"](3) == pytest.approx(chance @ each, abs=1e-14)


@pytest.mark.parametrize("model", ["straight", "bent"])
@pytest.mark.parametrize("mu, s", [(0.0, 1.0), (1.33, 0.188), (-0.4, 0.7)])
def test_the_explorer_shows_the_models_of_the_chapter(chapter, model, mu, s):
    terms = ElboBars(model=model, mu=mu, s=s).terms()
    bound = chapter["closed_elbo"](mu, s, chapter[model])
    assert terms.elbo == pytest.approx(bound, abs=1e-10)
    assert terms.gap == pytest.approx(chapter["truth"][chapter[model]] - bound, abs=1e-9)
