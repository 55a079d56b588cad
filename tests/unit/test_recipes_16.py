"""The recipes of chapter 16: one factor apart, judged without being disturbed, short of their full length."""

import pytest
import torch
from torch import nn

from lib import data
from lib.experiments import chapter_16_digits
from lib.experiments.attentive import SIZE, drawn, gaussians_to_order, kind, start_digits
from lib.experiments.chapter_16 import RECIPES, SEEDS
from lib.experiments.judging import halves
from lib.experiments.teaching_twins import judged_twins, start_duel
from lib.experiments.twins import ARMS, LINE, TwinsGenerator


@pytest.fixture(scope="module")
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = data.digits(SIZE)
    return halves(images)[0], halves(labels)[0]


def test_the_recipes_leave_the_live_seed_alone_and_differ_in_one_thing():
    assert 0 not in SEEDS and len(set(SEEDS)) >= 5
    seeds = chapter_16_digits.SEEDS
    assert 0 not in seeds and len(set(seeds)) >= 3
    both = RECIPES | chapter_16_digits.RECIPES
    assert len(both) == len(ARMS) + 6
    protocols = {recipe.protocol for recipe in both.values()}
    assert len(protocols) == len(both)


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
    assert abs(values["floor_energy"]) < 0.02 < 0.3 < values["strangers_energy"] < 0.55
    assert set(RECIPES["twins, line, attention"].trivial) <= set(values)


def test_a_leader_of_nothing_learnt_is_one_place_of_all():
    leaders = {name: recipe.trivial.get("leader") for name, recipe in RECIPES.items()}
    assert leaders["twins, line, attention"] == leaders["twins, duel, attention"] == 1 / 32
    assert leaders["twins, square, attention"] == 1 / 144
    assert leaders["twins, line, convolutions"] is None


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
    first_weights = []
    for attention in (True, False):
        played = start_digits(100, *digits, attention)
        for player in (played.generator, played.critic):
            layers = [
                part for part in player.modules() if isinstance(part, nn.Conv2d | nn.Linear | nn.Conv1d)
            ]
            assert all(hasattr(layer, "parametrizations") for layer in layers)
            block = [
                {id(weight) for weight in part.parameters()}
                for part in player.modules()
                if type(part).__name__ == "SelfAttention"
            ]
            assert len(block) == attention
            inside = set().union(*block)
            first_weights.append([weight for weight in player.parameters() if id(weight) not in inside])
    for k in (0, 1):  # generators, critics
        with_it, without = first_weights[k], first_weights[2 + k]
        assert len(with_it) == len(without) > 10
        assert all(torch.equal(one, other) for one, other in zip(with_it, without, strict=True))
    next(played.moves)
    images = drawn(played, torch.arange(10))
    assert images.shape == (10, 1, 32, 32) and torch.equal(images, drawn(played, torch.arange(10)))


def test_a_run_on_digits_reports_all_that_its_recipe_limits():
    recipe = chapter_16_digits.RECIPES["digits, attention"]
    values = recipe.run(100, moves=2)
    assert set(recipe.limits) | set(recipe.trivial) <= set(values)
    assert values["left"] == pytest.approx(values["frechet"] / values["untrained_frechet"])
    assert values["floor_frechet"] < values["fitted_frechet"] < values["untrained_frechet"]
    assert values["gamma"] != 0 != values["gamma_critic"] and values["fitted_accuracy"] > 0.8


def test_one_gaussian_for_each_class_has_the_mean_and_the_covariance_of_its_images():
    draw = torch.Generator().manual_seed(3)
    known = torch.tensor([0] * 5 + [1] * 7)
    training = 0.1 * torch.randn(12, 1, 2, 2, generator=draw) + 0.3 * known.view(-1, 1, 1, 1)
    asked = torch.arange(20_000) % 2
    made = gaussians_to_order(training, known, asked, seed=1)
    for label in (0, 1):
        own, drawn_to_it = training[known == label].flatten(1), made[asked == label].flatten(1)
        torch.testing.assert_close(drawn_to_it.mean(dim=0), own.mean(dim=0), rtol=0, atol=0.005)
        torch.testing.assert_close(drawn_to_it.T.cov(), own.T.cov(), rtol=0, atol=0.001)
    assert gaussians_to_order(10 * training, known, asked, seed=1).abs().max() == 1  # cut
