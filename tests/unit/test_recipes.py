"""The games of chapter 8, a handful of moves of each: they run, they repeat, and they are judged right."""

import math
from itertools import islice

import pytest
import torch

from lib import data, laws
from lib.experiments import gan_game
from lib.experiments.gan_game import RECIPES, digits_game, halves, judge_digits, ring_game
from lib.features import feature_network


@pytest.fixture(scope="module")
def digits():
    return data.digits()


@pytest.fixture(scope="module")
def features(digits):
    return feature_network(digits.images, digits.labels, torch.Generator().manual_seed(0))


def weights(*networks):
    return [p.detach().clone() for network in networks for p in network.parameters()]


def play(make, moves=3):
    game = make()
    before = weights(game.generator), weights(game.critic)
    history = torch.tensor([[float(v) for v in pair] for pair in islice(game.moves, moves)])
    return game, before, history


def test_halves_share_no_image_and_are_always_the_same(digits):
    training, held_out = halves(digits.images)
    assert len(training) == len(held_out) == 898  # of 1 797, one is left out
    seen = {picture.numpy().tobytes() for picture in training}
    alone = sum(picture.numpy().tobytes() not in seen for picture in held_out)
    assert alone == len(held_out)
    again, _ = halves(digits.images)
    assert torch.equal(training, again)
    numbered = torch.arange(11.0)
    first, second = halves(numbered)
    assert len(first) == len(second) == 5 and len({*first.tolist(), *second.tolist()}) == 10


@pytest.mark.parametrize("name", ["digits", "ring"])
def test_a_game_moves_both_players_and_repeats(name, digits):
    make = {"digits": lambda: digits_game(3, halves(digits.images)[0]), "ring": lambda: ring_game(3)}[name]
    game, before, history = play(make)
    assert torch.isfinite(history).all()
    # before anybody has learnt anything: V = −2 log 2 first, the loss −log D = log 2 second
    assert history[0].tolist() == pytest.approx([-2 * math.log(2), math.log(2)], abs=0.15)
    for old, network in zip(before, (game.generator, game.critic), strict=True):
        assert all(not torch.equal(a, b) for a, b in zip(old, network.parameters(), strict=True))
    again, same_before, same_history = play(make)
    assert torch.equal(history, same_history)
    pairs = zip(weights(game.generator, game.critic), weights(again.generator, again.critic), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert all(torch.equal(a, b) for a, b in zip(before[0], same_before[0], strict=True))


def test_another_seed_is_another_game():
    _, _, first = play(lambda: ring_game(0))
    _, _, second = play(lambda: ring_game(1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("player, poison", [("critic", "generator"), ("generator", "critic")])
def test_both_players_are_guarded(player, poison):
    """A weight that is not finite makes slopes that are not: the game stops and names the layer."""
    game = ring_game(0)
    with torch.no_grad():
        next(iter(getattr(game, poison).parameters()))[0, 0] = torch.nan
    before = weights(getattr(game, player))
    with pytest.raises(FloatingPointError, match="gradient of body"):
        next(game.moves)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(getattr(game, player)), strict=True))


def test_the_critic_of_a_game_climbs_and_scores_real_samples_higher():
    """In its first moves a critic gains faster than a generator: V leaves −2 log 2 upwards."""
    game, _, history = play(lambda: ring_game(0), moves=11)
    assert history[0, 0] == pytest.approx(-2 * math.log(2), abs=0.02)
    assert history[10, 0] > history[0, 0] + 0.1
    real = laws.eight_gaussians().sample(200, torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert game.critic(real).mean() > game.critic(game.generator(game.latent(200))).mean() + 0.2


def test_real_digits_are_judged_well_and_noise_is_not(features, digits):
    training, held_out = halves(digits.images)
    good = judge_digits(features, held_out, training)
    assert good["classes"] == 10
    assert good["precision"] > 0.7 and good["recall"] > 0.7 and good["coverage"] > 0.8
    noise = torch.rand(training.shape, generator=torch.Generator().manual_seed(0)) * 2 - 1
    bad = judge_digits(features, held_out, noise)
    assert bad["frechet"] > 5 * good["frechet"] and bad["coverage"] < 0.1
    one = held_out[:1].expand_as(held_out)
    assert judge_digits(features, held_out, one)["classes"] == 1


def test_a_class_counts_from_one_sample_in_a_hundred(features, digits):
    """99 images of one digit and one of another: two classes; one in 101 is not enough."""
    images, labels = digits
    sure = features.predict(images)
    zero, seven = (images[(sure == k) & (labels == k)] for k in (0, 7))
    few = torch.cat([zero[:99], seven[:1]])
    assert judge_digits(features, images, few)["classes"] == 2
    fewer = torch.cat([zero[:100], seven[:1]])
    assert judge_digits(features, images, fewer)["classes"] == 1


def test_the_runs_give_the_quantities_they_promise(monkeypatch, features):
    monkeypatch.setattr(gan_game, "feature_network", lambda *arguments: features)
    digits = gan_game.run_digits(1, moves=2)
    assert set(digits) == {"frechet", "precision", "recall", "coverage", "classes"}
    ring = gan_game.run_ring(1, moves=2)
    assert set(ring) == {"modes", "share"}
    assert 0 <= ring["modes"] <= 8 and 0 <= ring["share"] <= 1
    for name, values in (("digits", digits), ("ring", ring)):
        assert set(RECIPES[name].resolution) <= set(values)
        assert all(torch.isfinite(torch.tensor(float(v))) for v in values.values())
