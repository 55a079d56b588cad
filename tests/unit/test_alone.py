"""A discriminator without a generator: its data, its negatives, and how they are renewed."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from lib import laws, networks
from lib.experiments import alone
from lib.experiments.spread import load

HUMPS = laws.GaussianMixture([[-1.0], [2.0]], [1.0, 0.8], [0.6, 0.4])


def test_an_annulus_is_uniform_in_area():
    x = alone.annulus(1, 3)(40_000, torch.Generator().manual_seed(0))
    radius = x.norm(dim=1)
    assert 1 <= radius.min() and radius.max() <= 3
    assert (radius < 2).float().mean().item() == pytest.approx(3 / 8, abs=0.01)
    assert x.mean(dim=0).abs().max() < 0.05
    circle = alone.annulus(1.2, 1.2)(50, torch.Generator().manual_seed(0))
    assert torch.allclose(circle.norm(dim=1), torch.full((50,), 1.2), rtol=1e-6, atol=0)


def test_the_square_and_the_interval_are_where_they_should_be():
    square = alone.square(20_000, torch.Generator().manual_seed(0))
    line = alone.spaced(20_000, torch.Generator().manual_seed(0))
    for points, edge in ((square, 4), (line, 6)):
        assert points.abs().max() <= edge
        assert points.std(dim=0).tolist() == pytest.approx([edge / math.sqrt(3)] * points.shape[1], rel=0.02)


@pytest.mark.parametrize("negatives", [True, False])
def test_teaching_climbs_the_value(negatives):
    torch.manual_seed(0)
    critic, draw = networks.PerceptronCritic((1,), width=16), torch.Generator().manual_seed(0)
    real, fake = laws.GaussianMixture([[2.0]], 0.3), laws.GaussianMixture([[-2.0]], 0.3)
    alone.teach(critic, real.sample, fake.sample if negatives else None, draw, 200)
    with torch.no_grad():
        on_real = critic(torch.full((1, 1), 2.0)).sigmoid().item()
        on_fake = critic(torch.full((1, 1), -2.0)).sigmoid().item()
    assert on_real > 0.95
    if negatives:
        assert on_fake < 0.05
    else:
        assert on_real > 0.99  # nobody argues


@pytest.mark.parametrize("n", [1, 7, 400])
def test_the_distance_to_a_law_is_that_of_scipy(n):
    points = HUMPS.sample(n, torch.Generator().manual_seed(n)) + 0.5
    x = np.linspace(-12, 12, 200_001)
    F = 0.6 * stats.norm.cdf(x, -1, 1) + 0.4 * stats.norm.cdf(x, 2, 0.8)
    quantiles = np.interp((np.arange(100_000) + 0.5) / 100_000, F, x)
    expected = stats.wasserstein_distance(points[:, 0].numpy(), quantiles)
    assert alone.distance(points, HUMPS) == pytest.approx(expected, abs=2e-3)


class Slope(nn.Module):
    """A critic whose score is its input: D/(1 − D) = exp(x)."""

    def forward(self, x):
        return x[:, 0]


def test_favourites_replace_three_in_ten_by_the_highest_scores():
    pool = torch.full((1000, 1), -5.0)
    renewed = alone.favourites(Slope(), pool, torch.Generator().manual_seed(0))
    new = renewed[renewed[:, 0] != -5]
    assert len(renewed) == 1000 and len(new) == 300
    assert new.min() > 6 - 12 * 400 / 20_000  # the top three hundred of twenty thousand, with room for luck


def test_weights_follow_the_ratio():
    pool = torch.tensor([[0.0]] * 500 + [[math.log(3)]] * 500)
    drawn = alone.reweighted(Slope(), pool, torch.Generator().manual_seed(0))
    assert len(drawn) == 1000
    assert (drawn > 0).float().mean().item() == pytest.approx(0.75, abs=0.05)


def test_exact_weights_turn_negatives_into_data():
    """With a perfect critic one round is enough, up to the luck of a finite pool."""

    class Perfect(nn.Module):
        def forward(self, x):
            return HUMPS.log_density(x)  # the negatives are uniform: log q is a constant

    pool = alone.spaced(1000, torch.Generator().manual_seed(0))
    renewed = alone.reweighted(Perfect(), pool, torch.Generator().manual_seed(1))
    assert alone.distance(pool, HUMPS) > 1.3
    assert alone.distance(renewed, HUMPS) < 0.2


def test_the_control_is_renewed_by_the_law():
    pool = torch.full((1000, 1), 50.0)
    renewed = alone.renewals(HUMPS)["real"](Slope(), pool, torch.Generator().manual_seed(0))
    assert (renewed == 50).sum() == 700
    assert alone.distance(renewed[renewed[:, 0] != 50], HUMPS) < 0.3


def test_a_loop_repeats_and_reports_every_round():
    far = alone.loop(HUMPS, alone.favourites, 3, rounds=2, steps=3)
    assert len(far) == 3 and far == alone.loop(HUMPS, alone.favourites, 3, rounds=2, steps=3)
    assert far[0] == pytest.approx(1.55, abs=0.15)
    assert far != alone.loop(HUMPS, alone.favourites, 4, rounds=2, steps=3)


def test_the_stored_loops_and_judges_say_what_the_chapter_says():
    stored = load("07_from_matching_to_an_adversary")
    loops, judges = stored["loop"], stored["negatives"]
    assert len(loops.distinct) == len(judges.distinct) == 5
    astray = np.stack([loops.values(f"favourites_{k:02}") for k in range(12, 25)]).max(axis=0)
    assert (astray > 1).all()
    assert (loops.values("favourites_end") > 5 * loops.values("reweighted_end")).all()
    assert (loops.values("reweighted_end") > loops.values("real_end")).all()
    assert (judges.values("far_beside") > 0.98).all() and (judges.values("near_beside") < 1e-3).all()
