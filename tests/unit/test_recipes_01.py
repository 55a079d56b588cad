"""The trainings of chapter 1: what they are trained on, what they change, and what is stored of them."""

import numpy as np
import pytest

from lib import backprop
from lib.experiments import chapter_01
from lib.experiments.chapter_01 import RECIPES, accuracy, split_digits, start, train
from lib.experiments.spread import load


@pytest.mark.parametrize("shuffled", [True, False])
def test_no_held_out_image_is_trained_on(shuffled):
    split = split_digits(shuffled)
    assert split.x.shape == (1197, 64) and split.x_held.shape == (600, 64)
    known = {row.tobytes() for row in split.x}
    assert not any(row.tobytes() in known for row in split.x_held)
    assert (split.y.sum(axis=1) == 1).all() and set(np.unique(split.y)) == {0.0, 1.0}
    again = split_digits(shuffled)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))


def test_only_one_split_is_shuffled():
    mixed, in_order = split_digits(True), split_digits(False)
    assert not np.array_equal(mixed.x_held, in_order.x_held)
    assert in_order.y[:10].argmax(axis=1).tolist() == list(range(10))  # the file begins 0, 1, 2, …


def test_accuracy_counts_rows():
    score = backprop.Layer(np.eye(3), np.zeros(3), backprop.identity)
    x = np.array([[3.0, 1, 2], [0, 5, 1], [1, 0, 2], [9, 0, 0]])
    assert accuracy([score], x, np.eye(3)[[0, 1, 1, 2]]) == 0.5


def test_the_slip_lets_weights_fade_and_biases_learn(monkeypatch):
    monkeypatch.setattr(chapter_01, "EPOCHS", 1)
    split = split_digits()
    fresh, draw = start(7)
    after = train(fresh, split.x, split.y, draw, literal=True)
    steps = len(split.x) // chapter_01.BATCH
    kept = (1 - chapter_01.RATE * chapter_01.DECAY) ** steps
    for old, new in zip(fresh, after, strict=True):
        np.testing.assert_allclose(new.weight, kept * old.weight, rtol=1e-12)
        assert (new.bias != 0).any()


def test_the_deep_recipes_differ_in_one_thing_each():
    sigmoid, _ = start(3, chapter_01.DEEP, backprop.sigmoid, 1.0)
    large, _ = start(3, chapter_01.DEEP, backprop.sigmoid, 16.0)
    tanh, _ = start(3, chapter_01.DEEP, backprop.tanh, 1.0)
    assert len(sigmoid) == 7
    for one, four_times, other in zip(sigmoid, large, tanh, strict=True):
        np.testing.assert_allclose(four_times.weight, 4 * one.weight, rtol=1e-12)
        assert np.array_equal(one.weight, other.weight)
    assert [layer.activation for layer in tanh] == [backprop.tanh] * 6 + [backprop.identity]


def test_what_is_stored_was_made_by_ten_seeds_without_the_live_one():
    stored = load(chapter_01.CHAPTER)
    assert stored.keys() == RECIPES.keys()
    for spread in stored.values():
        assert [run["seed"] for run in spread.runs] == list(range(1, 11))
        assert len(spread.distinct) == 10


@pytest.mark.parametrize("recipe", ["linear", "in order", "network"])
def test_a_stored_run_repeats(recipe):
    stored = load(chapter_01.CHAPTER)[recipe]
    again = RECIPES[recipe].run(3)
    assert again == pytest.approx(stored.runs[2]["values"], abs=0.004)
