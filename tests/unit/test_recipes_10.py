"""The games of chapter 10, a handful of moves of each, and how digits drawn to order are judged."""

import math

import pytest
import torch

from lib import data
from lib.experiments import chapter_10
from lib.experiments.chapter_10 import (
    CLASSES,
    WAYS,
    judge_on_demand,
    judging,
    players,
    run_baselines,
    run_digits,
)
from lib.experiments.judging import halves


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
    assert values["worst"] <= values["accuracy"] and values["least_coverage"] <= values["coverage"]
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
    right = (judge.predict(drawn) == asked).double()
    assert scores["worst"] == right[asked == 3].mean() < 0.05
    assert scores["accuracy"] == pytest.approx(right.mean().item(), abs=1e-12)
    assert scores["least_coverage"] < 0.2 and scores["coverage"] > (CLASSES - 1) / CLASSES - 1e-9


def test_the_baselines_draw_what_is_asked_for():
    values = run_baselines(1)
    assert values["training images: accuracy"] > 0.9
    assert values["one per class: accuracy"] > 0.8
    assert len(values) == 12
