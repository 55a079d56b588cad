"""The duel with many samples in one move: who is given how many, and that nothing else is changed."""

from functools import partial

import torch

from lib.experiments import chapter_16, chapter_16_duels, watched_twins
from lib.experiments.chapter_16_samples import CROWD, RECIPES, Crowded
from lib.experiments.spread import load
from lib.experiments.teaching_twins import DUEL_BATCH, judged_twins, start_duel
from lib.experiments.twin_games import Duel, run_game
from lib.experiments.twins import LINE
from lib.experiments.watched_twins import LOOKS


def test_the_critic_alone_is_given_more():
    game, seen = Crowded(LINE, "attention").start(100), []
    game.critic.register_forward_hook(lambda _, given, __: seen.append(("critic", len(given[0]))))
    game.generator.register_forward_hook(lambda _, given, __: seen.append(("generator", len(given[0]))))
    next(game.moves)
    climbs = [("generator", CROWD), ("critic", CROWD), ("critic", CROWD)]
    assert seen == [*climbs, ("generator", DUEL_BATCH), ("critic", DUEL_BATCH)]
    assert CROWD == Duel(LINE, "attention").critic_steps * DUEL_BATCH


def test_it_begins_as_the_other_duels_do():
    crowded, other = Crowded(LINE, "attention").start(100), start_duel(100, "attention")
    for name in ("generator", "critic"):
        both = (getattr(game, name).state_dict().values() for game in (crowded, other))
        assert all(map(torch.equal, *both))


def test_its_rates_and_betas_are_those_of_the_old_duel(monkeypatch):
    made = []
    adam = torch.optim.Adam.__init__

    def noted(self, parameters, **options):
        made.append(options)
        adam(self, parameters, **options)

    monkeypatch.setattr(torch.optim.Adam, "__init__", noted)
    for game in (Crowded(LINE, "attention").start(100), start_duel(100, "attention")):
        next(game.moves)
    assert made[:2] == made[2:]


def test_the_recipes_are_their_own_and_leave_the_live_seed_and_the_tried_ones_alone():
    protocols = {each.protocol for each in (RECIPES | chapter_16_duels.RECIPES | chapter_16.RECIPES).values()}
    assert len(protocols) == len(RECIPES) + len(chapter_16_duels.RECIPES) + len(chapter_16.RECIPES)
    for recipe in RECIPES.values():
        assert f"{CROWD} for the critic" in recipe.protocol and "; 1 moves of the critic" in recipe.protocol
        assert not set(recipe.seeds) & {0, *range(100, 110)}


def test_a_short_run_reports_all_that_its_recipe_limits(monkeypatch):
    monkeypatch.setattr(watched_twins, "judged_twins", partial(judged_twins, n=1024))
    for arm in ("convolutions", "attention"):
        values, recipe = run_game(100, Crowded(LINE, arm), LOOKS), RECIPES[f"crowded duel, {arm}"]
        assert set(recipe.limits) | set(recipe.trivial) <= set(values)


def test_the_stored_runs_began_where_the_old_duels_began():
    stored, old = load("16_samples"), load("16_self_attention")
    for arm in ("convolutions", "attention"):
        pairs = (
            runs[name] for runs, name in ((stored, f"crowded duel, {arm}"), (old, f"twins, duel, {arm}"))
        )
        first, second = (runs.values("untrained_energy") for runs in pairs)
        assert abs(first - second).max() < 1e-4
