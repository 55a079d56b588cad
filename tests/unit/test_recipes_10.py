"""The games of chapter 10, a handful of moves of each, and how digits drawn to order are judged."""

import math

import pytest
import torch

from lib import data
from lib.experiments import chapter_10
from lib.experiments.chapter_10 import (
    CLASSES,
    WAYS,
    judge_by_class,
    judge_on_demand,
    judging,
    players,
    recital,
    run_baselines,
    run_digits,
)
from lib.experiments.judging import halves
from lib.experiments.spread import load


@pytest.fixture(scope="module")
def digits():
    return data.digits()


@pytest.fixture(scope="module")
def judged(digits):
    return judging(*digits)


@pytest.mark.parametrize("way", WAYS)
def test_a_short_game_is_judged_and_its_untrained_player_guesses(way):
    values = run_digits(1, way=way, moves=3)
    assert all(math.isfinite(value) for value in values.values())
    assert values["untrained"] < 0.3
    for name in ("accuracy", "precision", "coverage"):
        of_class = [values[f"{name} {k}"] for k in range(CLASSES)]
        assert values[f"least_{name}"] == min(of_class)
        assert values[name] == pytest.approx(sum(of_class) / CLASSES, abs=1e-12)
    limits = chapter_10.RECIPES[way].limits
    assert set(values) == set(limits)
    assert all(limits[name][0] <= value <= limits[name][1] for name, value in values.items())


def test_the_ways_differ_in_one_player_from_the_joined_one():
    joined = WAYS["joined"]
    assert all(
        sum(a is not b for a, b in zip(pair, joined, strict=True)) == 1 for pair in list(WAYS.values())[1:]
    )


def test_a_deaf_critic_gives_a_picture_one_score_whatever_the_label():
    generator, critic = players("deaf")
    images = generator(torch.randn(4, 32), torch.tensor([0, 3, 5, 9]))
    scores = [critic(images, torch.full((4,), label)) for label in (2, 7)]
    assert torch.equal(*scores)


def test_the_judge_has_not_seen_the_training_half(digits, judged):
    judge, held_out, asked = judged
    training, known = halves(digits.images)[0], halves(digits.labels)[0]
    seen = {picture.numpy().tobytes() for picture in training}
    assert not any(picture.numpy().tobytes() in seen for picture in held_out)
    assert (judge.predict(training) == known).float().mean() > 0.9
    assert torch.equal(asked, halves(digits.labels)[1])


def test_pictures_of_the_wrong_class_are_told_class_by_class(judged):
    judge, held_out, asked = judged
    perfect = judge_on_demand(judge, held_out, asked, held_out)
    assert perfect["precision"] == perfect["coverage"] == perfect["least_coverage"] == 1
    assert perfect["frechet"] == pytest.approx(0, abs=1e-3)
    drawn = held_out.clone()
    drawn[asked == 3] = held_out[asked == 8][:1]  # for every three one and the same eight
    scores = judge_on_demand(judge, held_out, asked, drawn)
    by_class = judge_by_class(judge, held_out, asked, drawn)
    own = (judge.predict(held_out) == asked).double()
    for k in range(CLASSES):
        expected = 0 if k == 3 else own[asked == k].mean().item()
        assert by_class["accuracy"][k] == pytest.approx(expected, abs=1e-12)
        assert (by_class["coverage"][k] == 1) is (by_class["precision"][k] == 1) is (k != 3)
    assert scores["least_accuracy"] == 0 and scores["least_coverage"] == by_class["coverage"][3] < 0.2
    assert scores["accuracy"] == pytest.approx(sum(by_class["accuracy"]) / CLASSES, abs=1e-12)


def test_a_recital_gives_each_label_its_own_images_and_none_twice_while_they_last():
    known = torch.tensor([1, 0, 1, 1, 0, 2])
    training = 10 * known[:, None] + torch.arange(6)[:, None] / 10.0
    asked = torch.tensor([0, 1, 2, 1, 0, 2, 0])
    drawn = recital(training, known, asked, 5)
    assert torch.equal((drawn[:, 0] // 10).long(), asked)
    ones, noughts = drawn[asked == 1], drawn[asked == 0]
    assert len(ones.unique()) == 2 and len(noughts.unique()) == 2  # of three, and both of two
    assert not all(torch.equal(recital(training, known, asked, seed), drawn) for seed in range(5))


def test_the_baselines_draw_what_is_asked_for():
    values = run_baselines(1)
    assert values["training images: accuracy"] > 0.9
    assert values["one per class: accuracy"] > 0.8
    assert values["training images: nearer"] == 1
    assert len(values) == 2 * (8 + 3 * CLASSES)


@pytest.mark.parametrize("name", chapter_10.RECIPES)
def test_the_stored_runs_are_those_of_the_recipes(name):
    stored, recipe = load(chapter_10.CHAPTER)[name], chapter_10.RECIPES[name]
    assert stored.provenance["protocol"] == recipe.protocol
    assert "uncommitted" not in stored.provenance["commit"]
    assert [run["seed"] for run in stored.runs] == list(recipe.seeds) == [1, 2, 3, 4, 5]
    assert stored.limits == recipe.limits and stored.trivial == recipe.trivial


def test_in_every_stored_game_the_order_is_obeyed_unless_the_critic_is_deaf():
    stored = load(chapter_10.CHAPTER)
    for way in ("joined", "projection", "modulated"):
        assert stored[way].values("least_accuracy").min() > 0.8
    assert stored["deaf"].values("accuracy").max() < 0.2
    assert all(stored[way].values("untrained").max() < 0.2 for way in WAYS)
