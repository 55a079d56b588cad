"""Samples made to please a measure: each does what it says, and pleases the measure it is made for."""

import pytest
import torch

from lib import laws, metrics
from lib.experiments.fooling import CHEATS, FOOLS

N = 1000


@pytest.fixture(scope="module")
def made():
    law = laws.twenty_five_gaussians()
    draw = torch.Generator().manual_seed(0)
    training, held_out = law.sample(N, draw), law.sample(N, draw)
    cheats = {name: cheat(law, training, N, draw) for name, cheat in CHEATS.items()}
    return law, training, held_out, law.sample(N, draw), cheats


def test_every_measure_has_three(made):
    assert all(len(set(names)) == 3 and set(names) <= set(CHEATS) for names in FOOLS.values())
    assert {name for names in FOOLS.values() for name in names} == set(CHEATS)
    assert all(samples.shape == (N, 2) and samples.dtype == torch.float32 for samples in made[4].values())


@pytest.mark.parametrize("name", FOOLS["modes"])
def test_modes(made, name):
    law, *_, cheats = made
    assert metrics.modes_covered(cheats[name], law.means, law.scale).modes == 25


def test_crowd_is_uneven(made):
    law, *_, cheats = made
    counts = torch.cdist(cheats["crowd"].double(), law.means).argmin(dim=1).bincount(minlength=25)
    assert counts.tolist() == [N - 24 * 5] + [5] * 24


@pytest.mark.parametrize("name", ["one Gaussian", "four points", "recital"])
def test_frechet(made, name):
    _, training, _, honest, cheats = made
    ceiling = 3 * metrics.frechet_distance(training, honest)
    assert metrics.frechet_distance(training, cheats[name]) <= ceiling


def test_four_points_have_the_moments(made):
    training, points = made[1].double(), made[4]["four points"].double()
    assert len(points.unique(dim=0)) == 4
    assert torch.allclose(points.mean(dim=0), training.mean(dim=0), rtol=0, atol=1e-6)
    assert (torch.cdist(points, made[0].means).amin(dim=1) > 0.15).all()  # far from every mode
    assert torch.allclose(torch.cov(points.T, correction=0), torch.cov(training.T), rtol=0, atol=1e-6)


def test_best_of_twenty_is_negative(made):
    assert metrics.kernel_distance(made[1], made[4]["best of twenty"]) < 0


@pytest.mark.parametrize("name", FOOLS["precision"])
def test_precision(made, name):
    assert metrics.neighbourhoods(made[1], made[4][name]).precision > 0.95


@pytest.mark.parametrize("name", FOOLS["recall"])
def test_recall(made, name):
    assert metrics.neighbourhoods(made[1], made[4][name]).recall > 0.9


def test_six_points_make_the_recall(made):
    _, training, _, _, cheats = made
    assert metrics.neighbourhoods(training, cheats["one mode"]).recall < 0.1
    assert (cheats["six outliers"].norm(dim=1) > 5).sum() == 6


def test_recital_is_the_training_sample(made):
    _, training, held_out, _, cheats = made
    assert torch.equal(cheats["recital"].sort(dim=0).values, training.sort(dim=0).values)
    assert metrics.copying_share(cheats["recital"], training, held_out) == 1
