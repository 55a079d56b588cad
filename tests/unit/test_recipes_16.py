"""The recipes of chapter 16: one factor apart, judged without being disturbed, short of their full length."""

import pytest
import torch
from torch import nn

from lib import data
from lib.experiments import chapter_16
from lib.experiments.chapter_16 import RECIPES, SEEDS, drawn, judged_twins, kind, start_digits, start_duel
from lib.experiments.judging import halves
from lib.experiments.twins import ARMS, LINE, TwinsGenerator


@pytest.fixture(scope="module")
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = data.digits(chapter_16.SIZE)
    return halves(images)[0], halves(labels)[0]


def test_the_recipes_leave_the_live_seed_alone_and_differ_in_one_thing():
    assert 0 not in SEEDS and len(set(SEEDS)) >= 5
    assert len(RECIPES) == 3 * len(ARMS) + 4
    protocols = {recipe.protocol for recipe in RECIPES.values()}
    assert len(protocols) == len(RECIPES)


def test_the_rates_are_the_papers_and_the_critics_is_four_times_the_generators():
    made = kind(1)
    weight = [nn.Parameter(torch.zeros(2))]
    climb = made.optimizer(weight, maximize=True).defaults
    descend = made.generator_optimizer(weight, maximize=False).defaults
    assert (climb["lr"], descend["lr"]) == (4e-4, 1e-4)
    assert climb["betas"] == descend["betas"] == (0.0, 0.9)
    assert made.critic_steps == 1 and made.objective.name == "hinge"


def test_a_run_of_the_twins_reports_what_it_saw():
    values = RECIPES["twins, line, attention"].run(100, moves=8)
    assert values["largest"] >= abs(values["covariance"]) and values["gamma"] != 0
    assert values["untrained_energy"] > 0
    assert set(RECIPES["twins, line, convolutions"].trivial) <= set(values)


def test_judging_draws_from_a_source_of_its_own():
    torch.manual_seed(1)
    generator = TwinsGenerator(LINE.shape)
    state = torch.random.get_rng_state()
    first, second = (judged_twins(LINE, generator, 1024) for _ in range(2))
    assert first == second and torch.equal(state, torch.random.get_rng_state())


def test_a_duel_normalises_the_critic_and_leaves_the_generator():
    played = start_duel(100, "attention")
    next(played.moves)
    assert any(isinstance(part, nn.utils.parametrize.ParametrizationList) for part in played.critic.modules())
    assert not hasattr(played.generator.last, "parametrizations")


def test_the_digits_games_differ_in_the_attention_alone(digits):
    counts = []
    for attention in (chapter_16.ATTENTION, None):
        played = start_digits(100, *digits, attention, 1)
        counts.append(sum(weight.numel() for weight in played.generator.parameters()))
        for player in (played.generator, played.critic):
            layers = [
                part for part in player.modules() if isinstance(part, nn.Conv2d | nn.Linear | nn.Conv1d)
            ]
            assert all(hasattr(layer, "parametrizations") for layer in layers)
    assert counts[0] - counts[1] == 4 * 32 * 4 + 1
    next(played.moves)
    images = drawn(played, torch.arange(10))
    assert images.shape == (10, 1, 32, 32) and torch.equal(images, drawn(played, torch.arange(10)))
