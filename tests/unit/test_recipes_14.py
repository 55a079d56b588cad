"""The games of chapter 14: one factor apart, watched without being disturbed, normalised where named."""

from itertools import islice

import pytest
import torch
from torch import nn

from lib import data
from lib.experiments import chapter_14
from lib.experiments.chapter_14 import LOOKS, RATES, RECIPES, SAMPLES, SEEDS, start_digits, watched
from lib.experiments.judging import halves


@pytest.fixture(scope="module")
def images() -> tuple[torch.Tensor, torch.Tensor]:
    return halves(data.digits(chapter_14.SIZE).images)


def unnormalised(critic: nn.Module) -> list[torch.Tensor]:
    """The critic's free weights and biases, whether they are divided when they are read or not."""
    state = critic.state_dict()
    names = [name for name in state if name.endswith(("weight", "original", "bias"))]
    return [state[name] for name in sorted(names, key=lambda name: name.replace("parametrizations.", ""))]


def test_the_two_games_begin_with_the_same_weights_and_meet_the_same_batches(images):
    training, _ = images
    spectral, plain = (start_digits(3, training, RATES[0], normalised) for normalised in (True, False))
    for mine, its in zip(spectral.generator.parameters(), plain.generator.parameters(), strict=True):
        assert torch.equal(mine, its)
    sizes = [
        sorted(weight.double().norm().item() for weight in unnormalised(g.critic)) for g in (spectral, plain)
    ]
    assert sizes[0] == sizes[1]
    assert torch.equal(spectral.latent(4), plain.latent(4))


def test_only_the_normalised_critic_has_norms_near_one(images):
    training, _ = images
    for normalised in (True, False):
        critic = start_digits(3, training, RATES[0], normalised).critic.eval()
        layers = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        norms = torch.stack([torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2) for layer in layers])
        assert ((norms - 1).abs() < 0.1).all() == normalised and len(norms) == 8


def test_looking_does_not_disturb_the_game(images):
    training, held_out = images
    seen, unseen = (start_digits(4, training, RATES[1], normalised=True) for _ in range(2))
    looks = list(watched(seen, LOOKS, held_out[:8]))
    next(islice(unseen.moves, LOOKS - 1, None))
    for mine, its in zip(seen.critic.state_dict().values(), unseen.critic.state_dict().values(), strict=True):
        assert torch.equal(mine, its)
    assert [look.move for look in looks] == list(range(1, LOOKS + 1))
    assert all(0 < look.median <= look.largest < 648 * 1.1 for look in looks)


def test_the_recipes_are_two_by_two_and_leave_the_live_seed_alone():
    assert set(RECIPES) == {
        f"digits, {kind}, rate {rate}" for kind in ("spectral", "plain") for rate in RATES
    }
    assert 0 not in SEEDS and len(set(SEEDS)) >= 5
    assert all(str(SAMPLES) in recipe.protocol for recipe in RECIPES.values())
