"""The games of the chapters, a handful of moves of each: they run, they repeat, and they are judged right."""

import math
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
import pytest
import torch

from lib import data, divergences, laws
from lib.experiments import chapter_08, chapter_13
from lib.experiments.baselines import RIDGE, class_by_class, fitted, rivals
from lib.experiments.chapter_08 import RECIPES, start_digits, start_ring
from lib.experiments.chapter_13 import DIGITS, RING
from lib.experiments.examining import certified, examine
from lib.experiments.game import clipped, penalised
from lib.experiments.judging import (
    astray,
    halves,
    judge_digits,
    judge_ring,
    nearer_training,
    ring_clouds,
)
from lib.experiments.spread import load
from lib.features import feature_network
from lib.networks import PerceptronCritic
from tests.unit.errors import refused


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
    make = {"digits": lambda: start_digits(3, halves(digits.images)[0]), "ring": lambda: start_ring(3)}[name]
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
    _, _, first = play(lambda: start_ring(0))
    _, _, second = play(lambda: start_ring(1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("player, poison", [("critic", "generator"), ("generator", "critic")])
def test_both_players_are_guarded(player, poison):
    """A weight that is not finite makes slopes that are not: the game stops and names the layer."""
    game = start_ring(0)
    with torch.no_grad():
        next(iter(getattr(game, poison).parameters()))[0, 0] = torch.nan
    before = weights(getattr(game, player))
    with pytest.raises(FloatingPointError, match="gradient of body"):
        next(game.moves)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(getattr(game, player)), strict=True))


def test_the_critic_of_a_game_climbs_and_scores_real_samples_higher():
    """In its first moves a critic gains faster than a generator: V leaves −2 log 2 upwards."""
    game, _, history = play(lambda: start_ring(0), moves=11)
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
    monkeypatch.setattr(chapter_08, "feature_network", lambda *arguments: features)
    digits = chapter_08.run_digits(1, moves=2)
    judged = {"frechet", "precision", "recall", "coverage", "classes", "nearer"}
    assert set(digits) == judged | {"ratio", "ratio_blind"}
    assert digits["ratio"] == digits["ratio_blind"]  # one network for both, here
    ring = chapter_08.run_ring(1, moves=2, steps=2)
    assert set(ring) == {"modes", "share", "own", "fresh", "none", "least_share", "least_modes"}
    assert 0 <= ring["modes"] <= 8 and 0 <= ring["share"] <= 1
    alone, fitted = chapter_08.run_discriminator(1, steps=2), chapter_08.run_baselines(1)
    assert {name.partition(": ")[2] for name in fitted} == judged
    found = {"digits": digits, "ring": ring, "discriminator": alone, "baselines": fitted}
    assert set(found) == set(RECIPES)
    for name, values in found.items():
        assert set(RECIPES[name].resolution) | set(RECIPES[name].limits) <= set(values)
        assert all(torch.isfinite(torch.tensor(float(v))) for v in values.values())


def test_the_worst_snapshot_is_kept_from_the_first_look_on(monkeypatch):
    """Looks every two moves from the fourth on, at moves 4, 6 and 8, and at the end."""
    monkeypatch.setattr(chapter_08, "LOOK_FROM", 4)
    monkeypatch.setattr(chapter_08, "LOOK_EVERY", 2)
    shares, looked = iter([0.9, 0.4, 0.7, 0.8]), []

    def judge(samples):
        looked.append(samples)
        return {"modes": 8, "share": next(shares)}

    monkeypatch.setattr(chapter_08, "judge_ring", judge)
    found = chapter_08.run_ring(1, moves=9, steps=0)
    assert len(looked) == 4 and found["share"] == 0.8 and found["least_share"] == 0.4


def test_a_fresh_critic_certifies_what_there_is_and_nothing_where_there_is_nothing():
    """Two normal laws a unit apart: the bound comes near their divergence, from below."""
    near, far = (laws.GaussianMixture([[mean]], 1.0) for mean in (0.0, 1.0))
    x = torch.linspace(-9, 10, 4001, dtype=torch.float64)[:, None]
    exact = divergences.jensen_shannon(*(law.density(x).numpy() for law in (near, far)), x[:, 0].numpy())
    new, adam = partial(PerceptronCritic, (1,), width=32), partial(torch.optim.Adam, lr=3e-3)
    found = examine(near.sample, far.sample, new, adam, seed=1, steps=200)
    nothing = examine(near.sample, near.sample, new, adam, seed=1, steps=200)
    assert exact - 0.02 < found < exact + 0.01  # with 10 000 points, ± 0.004
    assert -0.02 < nothing < 0.005


def test_a_critic_certifies_half_its_value_and_log_two():
    sure = torch.nn.Flatten(0)  # the score is the point itself
    real, fake = torch.tensor([[2.0], [3.0]]), torch.tensor([[-1.0]])
    pay = np.log(1 / (1 + np.exp([-2.0, -3.0]))).mean() + np.log(1 / (1 + np.exp(-1.0)))
    assert certified(sure, real, fake) == pytest.approx(pay / 2 + math.log(2), abs=1e-6)


def test_baselines_have_the_moments_of_what_they_were_fitted_to():
    draw = torch.Generator().manual_seed(0)
    images = (0.3 * torch.randn(4000, 1, 2, 2, generator=draw) + torch.tensor([[0.2, -0.1], [0.0, 0.1]])) / 2
    images[:, :, 0, 1] = images[:, :, 0, 0] / 2
    drawn = fitted(images, 4000, seed=1)
    assert drawn.shape == images.shape and drawn.abs().max() <= 1
    torch.testing.assert_close(drawn.mean(0), images.mean(0), atol=0.02, rtol=0)
    ridge = RIDGE * torch.eye(4)
    expected = torch.cov(images.flatten(1).T) + ridge
    torch.testing.assert_close(torch.cov(drawn.flatten(1).T), expected, atol=3e-3, rtol=0)
    assert torch.equal(fitted(images, 50, seed=1), fitted(images, 50, seed=1))


def test_one_gaussian_per_class_keeps_the_classes_and_their_shares():
    labels = torch.arange(400) % 4 // 3  # three of class 0 to one of class 1
    images = 0.1 * torch.randn(400, 1, 2, 2, generator=torch.Generator().manual_seed(0)) - 0.5
    images += labels[:, None, None, None].float()
    drawn = class_by_class(images, labels, 1000, seed=2)
    assert drawn.shape == (1000, 1, 2, 2)
    high = (drawn.mean((1, 2, 3)) > 0).float().mean().item()
    assert high == pytest.approx(0.25, abs=0.05)


def test_the_rivals_are_three_and_each_draws_as_many_as_asked(digits):
    training, labels = digits.images[:300], digits.labels[:300]
    drawn = rivals(training, labels, 40, seed=0)
    assert set(drawn) == {"one Gaussian", "ten Gaussians", "one per class"}
    assert all(images.shape == (40, 1, 8, 8) for images in drawn.values())


def test_copies_of_the_training_half_are_seen(digits):
    training, held_out = halves(digits.images)
    assert nearer_training(training[:50], training, held_out) == 1
    assert nearer_training(held_out[:50], training, held_out) == 0


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_the_stored_runs_of_the_game_are_those_of_its_recipes(name):
    stored, recipe = load(chapter_08.CHAPTER)[name], RECIPES[name]
    assert stored.provenance["protocol"] == recipe.protocol
    assert "uncommitted" not in stored.provenance["commit"]
    combinations = math.prod(map(len, recipe.settings.values()))
    assert len(stored.runs) == 10 * combinations
    assert {run["seed"] for run in stored.runs} == set(recipe.seeds) and 0 not in recipe.seeds
    assert stored.limits == recipe.limits and stored.trivial == recipe.trivial


def test_the_ring_is_judged_by_its_modes_and_the_share_near_them():
    means = laws.eight_gaussians().means
    found = judge_ring(torch.cat([means, means + 0.05, torch.zeros(8, 2)]))
    assert found == {"modes": 8, "share": pytest.approx(2 / 3)}
    assert judge_ring(means[:1].expand(4, 2)) == {"modes": 1, "share": 1.0}


@pytest.mark.parametrize("weight", [-1, 0, math.nan, math.inf, -10.0])
def test_a_penalty_or_a_box_that_is_none_is_refused_before_anybody_trains(weight):
    with refused(ValueError, "weight", weight, "positive", "λ"):
        penalised(weight, 1e-3, (0.5, 0.9))
    with refused(ValueError, "bound", weight, "positive"):
        clipped(weight, 1e-3)


# -- chapter 13: Wasserstein GANs ------------------------------------------------------------------------

WASSERSTEIN = [("ring", kind) for kind in RING] + [("digits", kind) for kind in DIGITS]


def start(problem, kind, digits, seed=3):
    if problem == "ring":
        return chapter_13.start_ring(seed, kind)
    return chapter_13.start_digits(seed, halves(digits.images)[0], kind)


def kind_of(problem, name):
    return {"ring": RING, "digits": DIGITS}[problem][name]


@pytest.mark.parametrize("problem, name", WASSERSTEIN)
def test_a_wasserstein_game_moves_both_players_and_repeats(problem, name, digits):
    game, before, history = play(lambda: start(problem, kind_of(problem, name), digits))
    assert torch.isfinite(history).all()
    now = weights(game.generator), weights(game.critic)
    for old, new in ((before[0], now[0]), (before[1][:-1], now[1][:-1])):  # a constant changes no gap
        assert all(not torch.equal(a, b) for a, b in zip(old, new, strict=True))
    again, _, same_history = play(lambda: start(problem, kind_of(problem, name), digits))
    assert torch.equal(history, same_history)
    pairs = zip(weights(game.generator, game.critic), weights(again.generator, again.critic), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    _, _, other = play(lambda: start(problem, kind_of(problem, name), digits, seed=4))
    assert not torch.equal(history, other)


@pytest.mark.parametrize("problem, name, bound", [("ring", "clip", 0.1), ("digits", "clip", 0.03)])
def test_after_each_critic_move_of_a_clipped_game_no_weight_lies_outside(problem, name, bound, digits):
    game = start(problem, replace(kind_of(problem, name), critic_steps=1), digits)
    outside = max(p.abs().max().item() for p in weights(game.critic))
    assert outside > bound  # it is the clipping that puts them inside
    for _ in islice(game.moves, 8):
        largest = max(p.abs().max() for p in weights(game.critic))
        assert largest == torch.tensor(bound)  # some weights pile up at the wall
    assert max(p.abs().max() for p in weights(game.generator)) > bound  # the generator is free


@pytest.mark.parametrize("problem, weight", [("ring", 1.0), ("digits", 10.0)])
def test_the_penalty_is_its_definition_by_finite_differences(problem, weight, digits):
    kind = kind_of(problem, "penalty")
    game = start(problem, kind, digits)
    critic = game.critic.double()
    with torch.no_grad():
        fake = game.generator(game.latent(5)).double()
    source = torch.Generator().manual_seed(1)
    real = torch.rand(fake.shape, generator=source, dtype=torch.float64)
    measured = kind.penalty(torch.Generator().manual_seed(2))(critic, real, fake)

    u = torch.rand(5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    points, small = fake + u.reshape(-1, *[1] * (real.ndim - 1)) * (real - fake), 1e-6
    slopes = []
    for axis in torch.eye(points[0].numel(), dtype=torch.float64).unflatten(1, points.shape[1:]):
        with torch.no_grad():
            slopes.append((critic(points + small * axis) - critic(points - small * axis)) / (2 * small))
    lengths = torch.stack(slopes).square().sum(dim=0).sqrt()
    expected = weight * (lengths - 1).square().mean()
    assert measured.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("problem", ["ring", "digits"])
def test_the_hooks_of_a_kind_are_used_five_times_to_one_generator_move(problem, digits):
    kind, seen = kind_of(problem, "penalty"), []

    def penalty(generator):
        inner = kind.penalty(generator)

        def recorded(critic, real, fake):
            seen.append(real)
            return inner(critic, real, fake)

        return recorded

    watched = start(
        problem, replace(kind, penalty=penalty, constrain=lambda critic: seen.append(None)), digits
    )
    list(islice(watched.moves, 2))
    assert [real is None for real in seen] == [False, True] * 10
    batches = [real for real in seen if real is not None]
    assert all(len(real) == 64 for real in batches)
    assert not any(torch.equal(a, b) for i, a in enumerate(batches) for b in batches[:i])  # each one new
    alone = start(problem, kind, digits)
    list(islice(alone.moves, 2))
    assert all(torch.equal(a, b) for a, b in zip(weights(watched.critic), weights(alone.critic), strict=True))
    free = start(problem, replace(kind, penalty=None), digits)
    list(islice(free.moves, 2))
    pairs = zip(weights(free.critic)[:-1], weights(alone.critic)[:-1], strict=True)
    assert not any(torch.equal(a, b) for a, b in pairs)


def test_the_optimisers_of_the_kinds():
    """RMSProp without momentum under clipping, Adam otherwise."""
    parameter = [torch.nn.Parameter(torch.zeros(1))]
    plain = RING["clip"].optimizer(parameter, maximize=True)
    assert type(plain) is torch.optim.RMSprop and plain.defaults["maximize"]
    assert plain.defaults["momentum"] == 0 and plain.defaults["alpha"] == 0.99
    assert type(DIGITS["clip"].optimizer(parameter, maximize=True)) is torch.optim.RMSprop
    assert DIGITS["penalty"].optimizer(parameter, maximize=True).defaults["betas"] == (0.0, 0.9)
    assert RING["penalty"].optimizer(parameter, maximize=True).defaults["betas"] == (0.5, 0.9)


@pytest.mark.parametrize("constraint", sorted(RING))
def test_the_games_of_the_factorial_differ_in_the_first_betas_alone(constraint):
    parameter, seen = [torch.nn.Parameter(torch.zeros(1))], set()
    for who in chapter_13.MOMENTA:
        for rate in chapter_13.RATES:
            kind = chapter_13.with_momentum(constraint, rate, who)
            players = kind.optimizer(parameter, maximize=True), kind.generator_optimizer(parameter)
            assert [type(each) for each in players] == [torch.optim.Adam] * 2
            assert {each.defaults["lr"] for each in players} == {rate}
            assert {each.defaults["betas"][1] for each in players} == {0.99}
            first = tuple(each.defaults["betas"][0] for each in players)  # the critic's, the generator's
            assert first == chapter_13.MOMENTA[who]
            seen.add((rate, *first))
            back = {"protocol": RING[constraint].protocol, "generator_optimizer": None}
            back["optimizer"] = RING[constraint].optimizer
            assert replace(kind, **back) == RING[constraint]
    betas = {(0, 0), (0.5, 0), (0, 0.5), (0.5, 0.5), (0.9, 0), (0, 0.9), (0.9, 0.9)}
    assert seen == {(rate, *pair) for rate in chapter_13.RATES for pair in betas}
    assert chapter_13.MOMENTA["critic, 0.9"] == (0.9, 0.0)


def test_the_late_looks_are_ten_in_the_last_quarter():
    played, counted = chapter_13.start_ring(1, RING["clip"]), []
    moves = (counted.append(1) or next(played.moves) for _ in range(1000))
    real, _ = ring_clouds()
    looks = []
    for modes, astray_share, exact in chapter_13.late(played._replace(moves=moves), 40, real):
        looks.append(len(counted))
        assert 0 <= modes <= 8 and 0 <= astray_share <= 1 and exact > 0
    assert looks == [30, 31, 32, 33, 34, 36, 37, 38, 39, 40]


@pytest.mark.parametrize("problem", ["ring", "digits"])
@pytest.mark.parametrize("player, poison", [("critic", "generator"), ("generator", "critic")])
def test_both_wasserstein_players_are_guarded(problem, player, poison, digits):
    game = start(problem, kind_of(problem, "penalty"), digits)
    with torch.no_grad():
        next(iter(getattr(game, poison).parameters()))[0, 0] = torch.nan
    before = weights(getattr(game, player))
    with pytest.raises(FloatingPointError, match="gradient of body"):
        next(game.moves)
    assert all(torch.equal(a, b) for a, b in zip(before, weights(getattr(game, player)), strict=True))


def test_the_clouds_of_the_meter_and_the_share_astray():
    real, other = ring_clouds()
    assert real.shape == other.shape == (256, 2) and not torch.equal(real, other)
    assert all(torch.equal(a, b) for a, b in zip((real, other), ring_clouds(), strict=True))
    assert 0 <= astray(real) < 0.05
    means = laws.eight_gaussians().means
    assert astray(means) == 0 and astray(torch.zeros(4, 2)) == 1
    assert astray(torch.cat([means, torch.zeros(8, 2)])) == 0.5
    outwards = means * (1 + 0.08 / 0.7), means * (1 + 0.1 / 0.7)  # three times the scale is 0.09
    assert [astray(points) for points in outwards] == [0, 1]


PLAYED = sorted(name for name in chapter_13.RECIPES if not name.startswith("momentum"))
FACTORIAL = sorted(set(chapter_13.RECIPES) - set(PLAYED))


@pytest.mark.parametrize("name", PLAYED)
def test_the_wasserstein_recipes_give_the_quantities_they_promise(name, monkeypatch, features):
    monkeypatch.setattr(chapter_13, "feature_network", lambda *arguments: features)
    recipe, problem = chapter_13.RECIPES[name], name.partition(",")[0]
    values = recipe.run(1, moves=25)
    judged = {"ring": {"modes", "share"}, "digits": {"frechet", "precision", "recall", "coverage", "classes"}}
    read = {"estimate", "slope", "certified", "exact", "ratio", "floor"}
    follows = {"estimate_follows", "certified_follows", "exact_follows"}
    assert set(values) == judged[problem] | read | follows
    assert set(recipe.resolution) | set(recipe.limits) <= set(values)
    assert all(math.isfinite(value) for value in values.values())
    for quantity, (least, largest) in recipe.limits.items():
        assert least <= values[quantity] <= largest
    assert values["ratio"] == pytest.approx(values["certified"] / values["exact"])
    assert kind_of(problem, name.partition(", ")[2]).protocol in recipe.protocol
    assert recipe.run.keywords["kind"] is kind_of(problem, name.partition(", ")[2])


@pytest.mark.parametrize("name", sorted(chapter_13.RECIPES))
def test_the_stored_runs_are_those_of_the_recipes(name):
    stored = load(chapter_13.CHAPTER)[name]
    recipe = chapter_13.RECIPES[name]
    assert stored.provenance["protocol"] == recipe.protocol
    assert "uncommitted" not in stored.provenance["commit"]
    assert len(stored.distinct) == len(stored.runs) == 5
    assert {run["seed"] for run in stored.runs} == set(range(5))
    if name in PLAYED:
        assert (stored.values("ratio") <= 1).all()


@pytest.mark.parametrize("name", FACTORIAL)
def test_the_factorial_promises_three_quantities_for_each_of_seven_games(name):
    recipe = chapter_13.RECIPES[name]
    names = {f"{who}: {what}" for who in chapter_13.MOMENTA for what in ("modes", "astray", "exact")}
    assert set(recipe.limits) == set(recipe.trivial) == names
    assert set(load(chapter_13.CHAPTER)[name].runs[0]["values"]) == names
    constraint, _, rate = name.removeprefix("momentum, ").partition(", rate ")
    assert recipe.run.keywords == {"constraint": constraint, "rate": float(rate)}


def test_a_game_of_the_factorial_is_the_same_alone():
    real, _ = ring_clouds()
    one = chapter_13.run_momentum(2, "clip", 1e-3, moves=40)
    assert len(set(one.values())) > 14  # no two games are the same
    alone = chapter_13.start_ring(2, chapter_13.with_momentum("clip", 1e-3, "both, 0.9"))
    looks = list(chapter_13.late(alone, 40, real))
    assert one["both, 0.9: exact"] == pytest.approx(sum(look[2] for look in looks) / len(looks))
