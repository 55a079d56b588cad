"""The games of chapter 14: one factor apart, watched without being disturbed, kept down as named."""

from itertools import islice

import pytest
import torch
from torch import nn

from lib import data
from lib.experiments import chapter_14, chapter_14_beginning, normalised
from lib.experiments.chapter_14 import RECIPES, RIVALS, SEEDS, run_digits
from lib.experiments.game import at_rest
from lib.experiments.judging import halves, judge_digits
from lib.experiments.meter import metered
from lib.experiments.normalised import CLIP, CONSTRAINTS, FAST, LOOKS, SLOW, start_digits, stretches, watched
from lib.experiments.spread import load
from lib.features import FeatureNetwork
from lib.lipschitz import autograd_gradient, convolution_norm
from tests.unit.errors import refused


@pytest.fixture(scope="module")
def images() -> tuple[torch.Tensor, torch.Tensor]:
    return halves(data.digits(normalised.SIZE).images)


def played(images, constraint, moves=2, seed=3):
    game = start_digits(seed, images[0], FAST, constraint)
    next(islice(game.moves, moves - 1, None))
    return game


def matrices(critic) -> list[torch.Tensor]:
    layers = [layer for layer in critic.eval().modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    return [layer.weight.detach().flatten(1) for layer in layers]


def kept_down(constraint: str, weight: torch.Tensor) -> bool:
    """What the constraint promises of a layer's weights as a matrix."""
    values = torch.linalg.svdvals(weight)
    return {
        "plain": True,
        "clipping": bool(weight.abs().max() <= CLIP),
        "penalty": True,
        "weight norm": bool((weight.norm(dim=1) - 1).abs().max() < 1e-5),
        "orthonormal": bool((values - 1).abs().max() < 1e-4),
        "spectral": bool(abs(values[0] - 1) < 0.1 and (len(values) == 1 or values[-1] < 0.99)),
    }[constraint]


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_after_two_moves_the_critic_is_kept_down_as_named_and_the_plain_one_is_not(images, constraint):
    assert all(kept_down(constraint, weight) for weight in matrices(played(images, constraint).critic))
    if constraint not in ("plain", "penalty"):
        plain = matrices(played(images, "plain").critic)
        assert not all(kept_down(constraint, weight) for weight in plain)


def test_the_games_of_a_seed_begin_alike_and_meet_the_same_batches(images):
    games = [start_digits(3, images[0], FAST, constraint) for constraint in CONSTRAINTS]
    for game in games[1:]:
        for mine, its in zip(games[0].generator.parameters(), game.generator.parameters(), strict=True):
            assert torch.equal(mine, its)
    first = {torch.equal(game.latent(4), latent) for latent in [games[0].latent(4)] for game in games[1:]}
    assert first == {True}
    free = {
        constraint: game.critic.body[2].parametrizations.weight
        for constraint, game in zip(CONSTRAINTS, games, strict=True)
        if constraint in ("weight norm", "spectral")
    }
    raw = games[0].critic.body[2].weight
    assert torch.equal(free["spectral"].original, raw)
    torch.testing.assert_close(free["weight norm"].original1, raw)
    u, _, v = torch.linalg.svd(raw.flatten(1), full_matrices=False)
    torch.testing.assert_close(games[4].critic.body[2].weight.flatten(1), u @ v, rtol=0, atol=1e-5)


def test_after_two_moves_the_games_of_a_seed_still_draw_the_same(images):
    """A penalty that drew its points from the game's source would change all later batches and latents."""
    drawn = [played(images, constraint).latent(4) for constraint in CONSTRAINTS]
    assert all(torch.equal(drawn[0], latent) for latent in drawn[1:])


def test_the_penalty_is_ten_times_the_squared_distance_of_the_slope_from_one():
    """A critic of slope 3 everywhere pays 10 · (3 − 1)²."""
    penalty = normalised.kind(FAST, "penalty").penalty(torch.Generator().manual_seed(0))
    steep = nn.Sequential(nn.Flatten(), nn.Linear(4, 1, bias=False))
    nn.init.constant_(steep[1].weight, 1.5)
    real, fake = torch.rand(2, 5, 1, 2, 2)
    assert penalty(steep, real, fake).item() == pytest.approx(40, rel=1e-5)
    others = [normalised.kind(FAST, name) for name in CONSTRAINTS if name != "penalty"]
    assert {other.penalty for other in others} == {None}
    assert [name for name in CONSTRAINTS if normalised.kind(FAST, name).constrain] == ["clipping"]


def test_a_constraint_that_is_none_is_refused():
    with refused(ValueError, "constraint", "'spectrum'", "weight norm", remedy="spectral"):
        normalised.kind(FAST, "spectrum")


def test_looking_does_not_disturb_the_game(images):
    seen, unseen = (start_digits(4, images[0], SLOW, "spectral") for _ in range(2))
    looks = list(watched(seen, LOOKS, images[1][:8]))
    next(islice(unseen.moves, LOOKS - 1, None))
    for mine, its in zip(seen.critic.state_dict().values(), unseen.critic.state_dict().values(), strict=True):
        assert torch.equal(mine, its)
    assert [look.move for look in looks] == list(range(LOOKS + 1))
    assert all(0 < look.median <= look.largest < 648 * 1.1 for look in looks)


def test_the_meter_reads_a_spectral_game_of_convolutions(images):
    """As it is, in evaluation mode: reading makes no round of power iteration and proves what is true."""
    seen, unseen = (start_digits(5, images[0], FAST, "spectral") for _ in range(2))
    readings = list(metered(seen, 2, images[1][:12], lambda fake: float(fake.mean()), readings=2))
    next(islice(unseen.moves, 1, None))
    for mine, its in zip(seen.critic.state_dict().values(), unseen.critic.state_dict().values(), strict=True):
        assert torch.equal(mine, its)
    assert all(reading.certified <= reading.exact * (1 + 1e-6) for reading in readings)
    assert seen.critic.training


def test_what_is_proved_of_a_slope_is_above_what_is_measured(images):
    game = played(images, "spectral")
    found = stretches(game.critic)
    with at_rest(game.critic):
        gradient = autograd_gradient(game.critic, images[1][:16]).flatten(1)
    assert gradient.norm(dim=1).max() < found["norms"] < found["bound"]
    assert 648 <= found["bound"] < 1.5 * 648  # each norm is estimated from below, while the weights move
    values = [found[f"value {i}"] for i in range(1, 17)]
    assert values == sorted(values, reverse=True) and values[0] == pytest.approx(1, abs=0.1)
    assert game.critic.training and "value 17" not in found


def test_the_product_of_norms_is_that_of_the_layers_at_the_sides_they_meet(images):
    critic = played(images, "plain").critic.eval()
    sides, channels = (32, 32, 16, 16, 8, 8, 4), (1, 4, 4, 8, 8, 16, 16)
    convolutions = [layer for layer in critic.body if isinstance(layer, nn.Conv2d)]
    expected = torch.linalg.matrix_norm(critic.body[-1].weight.detach().double(), 2).item()
    for layer, side, count in zip(convolutions, sides, channels, strict=True):
        expected *= convolution_norm(layer, (count, side, side))
    assert stretches(critic)["norms"] == pytest.approx(expected, rel=1e-9)


def test_a_run_says_every_quantity_of_every_game(images, monkeypatch):
    torch.manual_seed(0)  # eyes that have learnt nothing cost nothing
    body = nn.Sequential(nn.Linear(32 * 32, 64), nn.ReLU())
    untrained = FeatureNetwork(body, nn.Linear(64, 10), (1, 32, 32), accuracy=0.1, digest="none")
    monkeypatch.setattr(chapter_14, "eyes", lambda: untrained)
    found = run_digits(7, FAST, ("plain", "spectral"), moves=LOOKS)
    names = {name.partition(": ")[2] for name in found}
    assert {name.partition(": ")[0] for name in found} == {"plain", "spectral"}
    assert {*chapter_14.SCORES, *chapter_14.STEEP, "value 1", "value 16"} <= names
    assert len(found) == 2 * len(names)


def test_the_recipes_change_one_thing_at_a_time_and_leave_the_live_seed_alone():
    assert set(RECIPES) == {f"digits, rate {FAST}", f"digits, rate {SLOW}", "rivals"}
    assert 0 not in SEEDS and len(set(SEEDS)) >= 5 and {"replay", "one Gaussian"} <= set(RIVALS)
    fast, slow = (RECIPES[f"digits, rate {rate}"] for rate in (FAST, SLOW))
    assert fast.run.keywords["constraints"] == CONSTRAINTS
    assert set(slow.run.keywords["constraints"]) == {"plain", "spectral"}
    assert all(f"{name}: frechet" in fast.trivial for name in CONSTRAINTS)
    assert fast.protocol.replace(str(FAST), str(SLOW)) == slow.protocol


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_stored_was_made_from_five_seeds_by_the_recipe(name):
    stored = load(chapter_14.CHAPTER)[name]
    assert [run["seed"] for run in stored.runs] == list(SEEDS)
    assert stored.provenance["protocol"] == RECIPES[name].protocol
    assert stored.limits == RECIPES[name].limits
    assert "uncommitted" not in stored.provenance["commit"]


def test_the_stored_games_of_a_seed_began_alike_at_both_rates():
    """What is measured before the first move depends on the critic and the seed alone."""
    fast, slow = (load(chapter_14.CHAPTER)[f"digits, rate {rate}"] for rate in (FAST, SLOW))
    for constraint in CONSTRAINTS:
        before = f"{constraint}: untrained_frechet"
        assert fast.values(before).tolist() == fast.values("plain: untrained_frechet").tolist()
    for name in (f"{critic}: {what}" for critic in ("plain", "spectral") for what in chapter_14.UNTRAINED):
        assert fast.values(name).tolist() == slow.values(name).tolist()


def test_what_has_learnt_nothing_is_the_untrained_generator_of_the_seed_of_the_trials(images):
    """It is nearer than those of all stored seeds: a game that beats it beats its own beginning."""
    training, held_out = images
    began = start_digits(100, training, FAST, "plain").samples(len(held_out))
    trivial = RECIPES[f"digits, rate {FAST}"].trivial["plain: frechet"]
    # the classifier that measures is trained here, and another processor rounds it otherwise
    here = judge_digits(chapter_14.eyes(), held_out, began)["frechet"]
    assert trivial == pytest.approx(here, rel=8e-3)
    assert 100 not in SEEDS
    for rate in (FAST, SLOW):
        stored = load(chapter_14.CHAPTER)[f"digits, rate {rate}"].values("plain: untrained_frechet")
        assert trivial < stored.min()
    assert chapter_14_beginning.RECIPES[f"digits, rate {FAST}"].trivial["frechet"] == trivial
