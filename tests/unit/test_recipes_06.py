"""The trainings of chapter 6: what they measure, by an independent way to it, and what is stored of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from lib.experiments import chapter_06, variational
from lib.experiments.chapter_06 import RECIPES, nearest, offsets, on_circle, to_circle
from lib.experiments.spread import load
from lib.experiments.variational import Autoencoder, Setting
from lib.features import FeatureNetwork


class Fixed(nn.Module):
    """An encoder whose means are the first numbers of the sample, with variances that are given."""

    def __init__(self, variances: list[float]):
        super().__init__()
        self.logs = torch.tensor(variances).log()

    def forward(self, samples):
        mean = samples.flatten(1)[:, : len(self.logs)]
        return mean, self.logs.expand_as(mean)


def made(variances=(0.5, 0.1), decoder=None):
    return Autoencoder(Fixed(list(variances)), decoder or nn.Identity(), Setting(latent=len(variances)))


def samples(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(8))


def test_the_likelihood_is_that_of_a_normal_law():
    x, rebuilt = samples(2, 5, 1, 2, 3)
    each = torch.rand(6, generator=torch.Generator().manual_seed(1)) + 0.2
    for noise in (0.3, each):
        law = torch.distributions.Normal(rebuilt.flatten(1), noise)
        theirs = law.log_prob(x.flatten(1)).sum(dim=1)
        assert torch.allclose(variational.log_likelihood(x, rebuilt, noise), theirs, rtol=1e-5, atol=1e-5)


def test_the_aggregated_posterior_is_the_law_of_drawn_codes():
    x = samples(300, 2) * torch.tensor([1.0, 2.0]) + torch.tensor([0.5, -1.0])
    found = variational.aggregated(made(), x)
    drawn = variational.aggregated_draws(made(), x, 400_000)
    whole = drawn.T.cov()
    values = torch.linalg.eigvalsh(whole)
    assert math.isclose(found["least"], values[0].item(), rel_tol=0.02)
    assert math.isclose(found["largest"], values[1].item(), rel_tol=0.02)
    assert math.isclose(found["centre"], drawn.mean(dim=0).norm().item(), rel_tol=0.02)
    law = torch.distributions.MultivariateNormal(drawn.mean(dim=0), whole)
    prior = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
    theirs = torch.distributions.kl_divergence(law, prior).item()
    assert math.isclose(found["normal"], theirs, rel_tol=0.02)
    mean = x.square().sum(dim=1).mean().item()
    assert math.isclose(found["paid"], 0.5 * (mean + 0.6 - 2 - math.log(0.05)), rel_tol=1e-4)


def test_codes_counts_the_units_whose_means_vary():
    x = samples(50, 3)
    x[:, 1] = 0.7
    found = variational.codes(made((0.25, 1.0, 1.0)), x)
    assert found["active"] == 2
    assert math.isclose(found["s"], (0.5 + 1 + 1) / 3, rel_tol=1e-5)
    assert found["error"] == 0 and 1.5 < found["noisy_error"] < 3


def test_the_noise_that_is_fitted_is_the_error_of_each_pixel_with_the_ridge():
    silent = nn.Linear(1, 2, bias=False)
    nn.init.zeros_(silent.weight)
    silent = Autoencoder(Fixed([1.0]), silent, Setting(latent=1))
    x = torch.tensor([[1.0, 3.0], [-1.0, 4.0]])
    assert torch.allclose(
        variational.fitted_noise(silent, x), torch.tensor([1.01, 12.51]).sqrt(), rtol=1e-6, atol=0
    )


def test_a_middle_lies_between_an_image_and_the_one_before():
    x = torch.tensor([[0.0, 2.0], [4.0, 6.0], [1.0, 1.0]])
    assert variational.midpoints(made(), x).tolist() == [[0.5, 1.5], [2.0, 4.0], [2.5, 3.5]]


def test_fitted_draws_have_the_mean_and_covariance_of_the_codes():
    x = samples(500, 2) @ torch.tensor([[2.0, 0.5], [0.0, 0.3]]) + 3
    drawn = variational.fitted_draws(made(), x, 200_000)
    assert torch.allclose(drawn.mean(dim=0), x.mean(dim=0), rtol=0, atol=0.03)
    assert torch.allclose(drawn.T.cov(), x.T.cov(), rtol=0.03, atol=0.02)


def test_a_label_stands_behind_its_sample():
    rows = variational.with_label(torch.full((2, 1, 1, 3), 0.5), torch.tensor([9, 0]))
    assert rows.shape == (2, 13) and (rows[:, :3] == 0.5).all()
    assert rows[:, 3:].argmax(dim=1).tolist() == [9, 0] and rows[:, 3:].sum().item() == 2


def test_only_a_learnt_noise_moves_and_the_bound_says_which_way():
    x = samples(64, 1, 8, 8).clamp(-1, 1)  # no decoder gets near these: more noise is better
    held = variational.train(3, x, Setting(steps=20))
    learnt = variational.train(3, x, Setting(steps=20, learnt=True))
    assert held.setting.noise == 0.25
    assert 0.25 < learnt.setting.noise < 0.26
    grey = torch.zeros(64, 1, 8, 8)  # which a decoder says almost as it is made
    assert 0.24 < variational.train(3, grey, Setting(steps=20, learnt=True)).setting.noise < 0.25
    before = variational.train(3, x, Setting(steps=0, learnt=True))
    assert math.isclose(before.setting.noise, 0.25, rel_tol=1e-6)


def test_watching_hears_the_mean_deviation_of_every_step():
    heard = []
    variational.train(3, samples(64, 1, 8, 8).clamp(-1, 1), Setting(steps=7, weight=50.0), heard.append)
    assert len(heard) == 7 and all(0.5 < s < 2 for s in heard)


def test_a_label_given_to_both_players_changes_what_is_decoded():
    x, of = samples(64, 1, 8, 8).clamp(-1, 1), torch.arange(64) % 10
    conditional = variational.train_conditional(3, x, of, Setting(steps=3))
    z = torch.zeros(2, 8)
    pair = conditional.decoder(variational.with_label(z, torch.tensor([1, 2])))
    assert pair.shape == (2, 1, 8, 8) and not torch.equal(pair[0], pair[1])


def test_the_circle_is_a_circle_and_its_measures_are_right():
    points, plane = on_circle()
    assert torch.allclose(plane @ plane.T, torch.eye(2), rtol=0, atol=1e-6)
    assert torch.allclose(to_circle(points, plane), torch.zeros(12), rtol=0, atol=1e-6)
    gaps = (points - points.roll(1, dims=0)).norm(dim=1)
    assert torch.allclose(gaps, torch.full((12,), 2 * math.sin(math.pi / 12)), rtol=1e-5, atol=0)
    quarter = math.pi / 24  # a quarter of a gap beyond the first point
    beyond = torch.tensor([[math.cos(quarter), math.sin(quarter)]]) @ plane
    assert math.isclose(offsets(beyond, plane).item(), 0.5, abs_tol=1e-5)
    aside = torch.linalg.qr(torch.cat([plane.T, samples(10, 1)], dim=1))[0][:, 2]
    assert math.isclose(to_circle((3 * points[:1] + aside), plane).item(), math.sqrt(5), rel_tol=1e-5)


def test_the_rivals_on_the_circle_score_as_arithmetic_says(monkeypatch):
    monkeypatch.setattr(chapter_06, "CIRCLE", replace(chapter_06.CIRCLE, steps=2))
    scores = chapter_06.run_circle(7)
    assert scores["recital on"] == 1 and scores["recital near"] > 0.97
    assert abs(scores["Gaussian on"] - (math.exp(-(0.85**2)) - math.exp(-(1.15**2)))) < 0.04
    assert abs(scores["Gaussian near"] - 0.2) < 0.04 and scores["untrained on"] < 0.05


def test_the_nearest_is_the_mean_of_least_distances():
    eyes = FeatureNetwork(nn.Sequential(nn.Identity()), nn.Linear(1, 2), (1, 1, 1), 1.0, "")
    training, found = torch.tensor([0.0, 0.5]), torch.tensor([0.05, 0.4, 0.65])
    each = nearest(eyes, training.reshape(2, 1, 1, 1), found.reshape(3, 1, 1, 1))
    assert math.isclose(each, 0.1, rel_tol=1e-5)


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_stored_was_made_from_five_seeds_without_the_live_one(name):
    stored = load(chapter_06.CHAPTER)
    assert stored.keys() == RECIPES.keys()
    assert [run["seed"] for run in stored[name].runs] == [1, 2, 3, 4, 5]
    assert np.isfinite([list(run["values"].values()) for run in stored[name].runs]).all()
