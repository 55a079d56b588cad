"""The twins at length: what is changed is one thing, looking disturbs nothing, and critics see all places."""

from dataclasses import replace
from functools import partial
from itertools import islice

import pytest
import torch
from torch import nn

from lib import networks
from lib.experiments import (
    chapter_16,
    chapter_16_duels,
    chapter_16_plane,
    chapter_16_plane_duels,
    twins,
    watched_twins,
)
from lib.experiments.spread import load
from lib.experiments.teaching_twins import judged_twins, start_duel
from lib.experiments.twin_games import Duel, run_game, twins_critic
from lib.experiments.twins import LINE, SQUARE, Scene
from lib.experiments.watched_twins import LOOKS, watched


@pytest.mark.parametrize("attention", [False, True])
@pytest.mark.parametrize("scene", [LINE, SQUARE])
def test_the_score_of_a_critic_depends_on_every_place(scene, attention):
    torch.manual_seed(0)
    critic = twins_critic(scene.shape, attention)
    x = scene.sample(5, torch.Generator().manual_seed(1)).requires_grad_()
    scores = critic(x)
    assert scores.shape == (5,)
    (slope,) = torch.autograd.grad(scores[0], x)
    assert (slope[0] != 0).all() and (slope[1:] == 0).all()


def test_critics_with_attention_and_without_differ_by_a_block_that_begins_as_nothing():
    with_it, without = (networks.parameters(twins_critic(SQUARE.shape, wanted)) for wanted in (True, False))
    assert with_it - without == 513


def test_looking_at_a_training_does_not_disturb_it():
    watched_one, _, steps = twins.steps(100, LINE, "attention")
    values = watched(LINE, watched_one, steps, moves=LOOKS)
    plain, _, steps = twins.steps(100, LINE, "attention")
    next(islice(steps, LOOKS - 1, None))
    assert all(map(torch.equal, plain.parameters(), watched_one.parameters()))
    assert values["covariance"] == values[f"covariance_{LOOKS}"]
    looks = [abs(values[f"covariance_{k}"]) for k in range(1, LOOKS + 1)]
    assert values["largest"] == max(looks) and values["untrained_covariance"] not in looks[1:]


def test_with_one_move_of_a_perceptron_the_duel_is_the_old_one():
    old, new = start_duel(100, "attention"), Duel(LINE, "attention", critic_steps=1).start(100)
    for _ in range(2):
        assert all(map(torch.equal, next(old.moves), next(new.moves)))
    busier = Duel(LINE, "attention").start(100)
    assert all(
        map(torch.equal, busier.generator.parameters(), start_duel(100, "attention").generator.parameters())
    )


@pytest.mark.parametrize("moves", [1, 5])
def test_the_critic_has_as_many_moves_as_it_is_given(moves, monkeypatch):
    drawn = []
    sample = Scene.sample
    monkeypatch.setattr(Scene, "sample", lambda scene, n, dice: drawn.append(n) or sample(scene, n, dice))
    played = Duel(LINE, "convolutions", critic_steps=moves).start(100)
    next(islice(played.moves, 1, None))
    assert drawn == [64] * 2 * moves  # fresh twins for each of its moves


def test_speed_is_that_of_both_players():
    slow, fast = (Duel(LINE, "convolutions", critic_steps=1, speed=speed).start(100) for speed in (3, 9))
    players = [[game.critic, game.generator] for game in (slow, fast)]
    first = [nn.utils.parameters_to_vector(each.parameters()).detach().clone() for each in players[0]]
    next(slow.moves), next(fast.moves)
    (critic, generator), ways = first, []
    for each in players:
        ends = [nn.utils.parameters_to_vector(player.parameters()).detach() for player in each]
        ways.append([ends[0] - critic, ends[1] - generator])
    torch.testing.assert_close(3 * ways[0][0], ways[1][0], rtol=1e-2, atol=1e-6)
    assert ways[1][1].abs().max() == pytest.approx(3 * ways[0][1].abs().max().item(), rel=0.05)


def test_haste_is_the_generators_alone():
    slow, fast = (Duel(LINE, "convolutions", haste=haste).start(100) for haste in (1, 4))
    first = [each.clone() for each in slow.generator.parameters()]
    assert all(map(torch.equal, next(slow.moves), next(fast.moves)))
    assert all(map(torch.equal, slow.critic.parameters(), fast.critic.parameters()))
    ways = [
        torch.cat([(b - a).flatten() for a, b in zip(first, game.generator.parameters(), strict=True)])
        for game in (slow, fast)
    ]
    torch.testing.assert_close(4 * ways[0], ways[1], rtol=1e-2, atol=1e-6)


def test_what_is_told_of_eight_looks(monkeypatch):
    told = iter([0.3, 0.01, -0.7, 0.2, 0.5, 0.1, -0.1, 0.4, 0.6])
    monkeypatch.setattr(
        watched_twins, "judged_twins", lambda *_: {"covariance": next(told), "energy": 1.0, "plus": 0.5}
    )
    generator, _, steps = twins.steps(100, LINE, "convolutions")
    values = watched(LINE, generator, steps, moves=LOOKS)
    assert (values["untrained_covariance"], values["covariance_2"], values["covariance"]) == (0.3, -0.7, 0.6)
    assert values["largest"] == 0.7 and values["gamma"] == 0


def test_the_protocol_says_what_differs():
    base = Duel(SQUARE, "attention")
    others = [
        replace(base, critic_steps=1),
        replace(base, critic="convolutions"),
        replace(base, critic="attention"),
        replace(base, normalised=True),
        replace(base, speed=9),
    ]
    assert len({each.protocol for each in [base, *others]}) == 6
    assert "5 moves of the critic" in base.protocol


def test_a_normalised_generator_has_every_matrix_normalised_and_the_block_of_attention_too():
    generator = Duel(SQUARE, "attention", normalised=True).start(100).generator
    layers = [part for part in generator.modules() if isinstance(part, nn.Conv1d | nn.Conv2d)]
    assert len(layers) == 7  # three of the painter, four of the block
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2).item() == pytest.approx(1, abs=0.2)


def test_the_runs_of_the_plane_are_those_of_the_chapter_carried_on():
    longer, shorter = load("16_plane"), load("16_self_attention")
    at_400 = chapter_16_plane.STEPS // 400
    for arm in ("convolutions", "attention"):
        early = longer[f"plane, {arm}"].values(f"covariance_{LOOKS // at_400}")
        assert abs(early - shorter[f"twins, square, {arm}"].values("covariance")).max() < 1e-3


@pytest.mark.parametrize("arm", ["convolutions", "attention"])
def test_a_short_run_reports_all_that_its_recipe_limits(arm, monkeypatch):
    monkeypatch.setattr(watched_twins, "judged_twins", partial(judged_twins, n=1024))
    shorter = {
        "plane": partial(chapter_16_plane.run_plane, arm=arm),
        "duel": partial(run_game, duel=Duel(LINE, arm)),
        "plane duel": partial(run_game, duel=Duel(SQUARE, arm)),
    }
    modules = {"plane": chapter_16_plane, "duel": chapter_16_duels, "plane duel": chapter_16_plane_duels}
    for name, run in shorter.items():
        recipe, values = modules[name].RECIPES[f"{name}, {arm}"], run(100, moves=LOOKS)
        assert set(recipe.limits) | set(recipe.trivial) <= set(values)
        assert values["energy"] > 0 and values["untrained_energy"] > 0


def test_the_recipes_leave_the_live_seed_and_the_tried_ones_alone():
    both = chapter_16_plane.RECIPES | chapter_16_duels.RECIPES | chapter_16_plane_duels.RECIPES
    assert all(not set(recipe.seeds) & {0, *range(100, 110)} for recipe in both.values())
    assert len({recipe.protocol for recipe in (both | chapter_16.RECIPES).values()}) == len(both) + len(
        chapter_16.RECIPES
    )
