"""The games of chapter 11 on the ring whose critic has a meter: they are the ring's own, and they are cut."""

import math
from itertools import islice

import pytest
import torch
from torch import nn

from lib.divergences import named
from lib.experiments import chapter_11, chapter_11_gradients
from lib.experiments.chapter_11 import fakes_of, start_ring
from lib.experiments.chapter_11_gradients import GAMES, UNCUT, Meter, key_of, play
from lib.experiments.judging import RING_SAMPLES
from lib.experiments.spread import load


def test_a_meter_cuts_what_is_longer_and_remembers_the_longest():
    meter, weights = Meter(5.0), [nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))]
    for first, second, kept in (([6.0, 0.0], [8.0], 5.0), ([0.0, 3.0], [0.0], 3.0)):
        weights[0].grad, weights[1].grad = torch.tensor(first), torch.tensor(second)
        meter.cut(weights)
        length = math.hypot(*weights[0].grad.tolist(), *weights[1].grad.tolist())
        assert math.isclose(length, kept, rel_tol=1e-5)
    assert weights[0].grad.tolist() == [0.0, 3.0]  # what is short enough stays as it is
    assert meter.largest == 10.0
    uncut = Meter(UNCUT)
    weights[0].grad = torch.tensor([3e38, 3e38])  # its length is no float32, its entries are
    uncut.cut(weights)
    assert uncut.largest == math.inf and weights[0].grad.isfinite().all()


def test_a_game_that_is_not_cut_is_the_ring_s_own():
    measured = play(2, "kl", True, UNCUT, moves=6)
    game = start_ring(2, named("kl"))
    list(islice(game.moves, 3))
    before = fakes_of(game.generator)(RING_SAMPLES, torch.Generator().manual_seed(1))
    list(islice(game.moves, 3))
    after = fakes_of(game.generator)(RING_SAMPLES, torch.Generator().manual_seed(1))
    assert measured["away"] == after.norm(dim=1).median().item() > 0.1
    assert measured["moved"] == (after - before).norm(dim=1).max().item() > 0.01
    short = play(2, "kl", True, 0.01, moves=6)
    assert short["away"] != measured["away"]  # and one that is cut is another


@pytest.mark.parametrize("name", ["bell", "ring", "digits"])
def test_what_is_stored_was_made_from_five_seeds_by_the_recipe(name):
    stored = load(chapter_11.CHAPTER)
    assert [run["seed"] for run in stored[name].runs] == [1, 2, 3, 4, 5]
    assert stored[name].provenance["protocol"] == chapter_11.RECIPES[name].protocol
    assert "uncommitted" not in stored[name].provenance["commit"]


def test_the_stored_games_that_are_not_cut_are_those_of_the_ring():
    ring, metered = (load(part.CHAPTER)["ring"] for part in (chapter_11, chapter_11_gradients))
    assert [run["seed"] for run in metered.runs] == [1, 2, 3, 4, 5]
    for name, trick, length in GAMES:
        key = key_of(name, trick, length)
        for quantity in ("share", "modes", "finished") if length == UNCUT else ():
            what = f"{key}: {quantity}"
            assert metered.values(what).tolist() == ring.values(what).tolist()
