"""The games of chapter 11 in which Pearson's generator meets a critic with a floor: what that changes."""

import pytest
import torch

from lib.divergences import named
from lib.experiments import chapter_11
from lib.experiments.chapter_11_floor import CHAPTER, GAMES, RECIPES, objective, play
from lib.experiments.spread import load


def test_the_floor_changes_the_generator_s_loss_below_the_slope_at_zero_and_nothing_else():
    real, fake = torch.tensor([0.5, -7.0]), torch.tensor([-5.0, -1.0, 3.0])
    plain, floored = objective(False), objective(True)
    assert torch.equal(plain.critic(real, fake), floored.critic(real, fake))
    assert plain.generator(fake).item() == pytest.approx(1.0)  # −(−5 − 1 + 3)/3
    assert floored.generator(fake).item() == pytest.approx(0.0)  # −(−2 − 1 + 3)/3
    assert torch.equal(plain.generator(fake[1:]), floored.generator(fake[1:]))


def test_the_game_without_a_floor_is_the_chapter_s_own():
    played = play(3, *GAMES["as before"], moves=10)
    assert (played["mean"], played["scale"]) == chapter_11.train_bell(3, named("pearson"), True, moves=10)
    more = play(3, *GAMES["five times the critic's moves"], moves=10)
    assert more["scale"] != played["scale"]


def test_what_is_stored_was_made_by_the_recipe_and_repeats_the_chapter_s_games():
    stored, bells = load(CHAPTER)["bell"], load(chapter_11.CHAPTER)["bell"]
    assert [run["seed"] for run in stored.runs] == [1, 2, 3, 4, 5]
    assert stored.provenance["protocol"] == RECIPES["bell"].protocol
    assert "uncommitted" not in stored.provenance["commit"]
    for what in ("mean", "scale"):
        assert (stored.values(f"as before: {what}") == bells.values(f"pearson, trick: {what}")).all()
