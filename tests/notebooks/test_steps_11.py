"""What chapter 11 shows by hand and what the library holds are the same: objectives, games, nearest bells."""

from itertools import islice

import nbformat
import numpy as np
import pytest
import torch

from lib import objectives
from lib.divergences import named, names
from lib.experiments import chapter_11
from tests.notebooks.reading import CHAPTERS, run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "nearest-bell", "losses", "moves", "bell-player", "bell-game")
    return run_cells("11_f_gan", *cells)


@pytest.mark.parametrize("trick", [False, True])
@pytest.mark.parametrize("name", names())
def test_the_objective_shown_is_that_of_the_library(chapter, name, trick):
    real, fake = torch.tensor([0.4, -1.3, 2.0]), torch.tensor([-0.7, 1.1])
    critic_value, generator_loss = chapter["f_gan"](named(name), trick)
    library = objectives.variational(named(name), trick=trick)
    assert torch.equal(critic_value(real, fake), library.critic(real, fake))
    assert torch.equal(generator_loss(fake), library.generator(fake))


@pytest.mark.parametrize("seed, name, trick", [(0, "kl", False), (3, "kl", True), (3, "pearson", False)])
def test_the_bell_shown_makes_the_numbers_of_the_recipe(chapter, seed, name, trick):
    path = chapter["train_bell"](seed, named(name), trick, moves=10)
    mean, scale = chapter_11.train_bell(seed, named(name), trick, moves=10)
    assert path.shape == (10, 2)
    np.testing.assert_array_equal(path[-2:].mean(axis=0), [mean, scale])
    assert abs(path[-1] - [0, 1]).min() > 0.01  # the bell has moved, and in both numbers
    other = chapter["train_bell"](seed + 1, named(name), trick, moves=10)
    assert (other[3:] != path[3:]).all()  # the first move of Adam is the same for all


@pytest.mark.parametrize("name", ["kl", "total variation", "reverse kl"])
def test_the_nearest_bell_shown_is_that_of_the_library(chapter, name):
    shown, library = chapter["nearest_bell"](named(name)), chapter_11.best_bell(named(name))
    np.testing.assert_allclose(shown, library, rtol=0, atol=1e-6)


def test_the_critics_move_leaves_no_trace_in_the_generator(chapter):
    generator, critic = chapter["Bell"](), torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Flatten(0))
    climb = torch.optim.SGD(critic.parameters(), lr=0.1, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=0.1)
    losses = chapter["f_gan"](named("kl"))
    latent = lambda n: torch.linspace(-1, 1, n)[:, None]  # noqa: E731
    critic_move, generator_move = chapter["make_moves"](generator, critic, losses, descend, climb, latent)
    before = critic_move(torch.full((8, 1), 2.0))
    assert generator.mean.grad is None and generator.log_scale.grad is None
    assert critic_move(torch.full((8, 1), 2.0)) > before  # the critic climbs
    first = generator_move(torch.zeros(8, 1)).item()
    assert generator_move(torch.zeros(8, 1)).item() < first  # the generator descends


@pytest.mark.parametrize("seed, name, trick", [(0, "squared hellinger", True), (3, "reverse kl", False)])
def test_the_ring_game_shown_makes_the_weights_of_the_recipe(chapter, seed, name, trick):
    cells = {c.id: c.source for c in nbformat.read(CHAPTERS / "11_f_gan.ipynb", 4).cells}
    shown = dict(chapter)
    exec(compile(cells["ring-game"].split("\n\n\n")[0], "ring-game", "exec"), shown)  # without the live game
    generator, critic, moves = shown["start_ring"](seed, named(name), trick)
    recipe = chapter_11.start_ring(seed, named(name), trick)
    before = [weight.detach().clone() for weight in generator.parameters()]
    for game in (moves, recipe.moves):
        list(islice(game, 5))
    ours = [*generator.parameters(), *critic.parameters()]
    theirs = [*recipe.generator.parameters(), *recipe.critic.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(before, generator.parameters(), strict=True))


def test_the_games_of_the_recipes_play_and_are_judged():
    assert list(islice(chapter_11.start_ring(0, named("kl")).moves, 1))
    scores = chapter_11.run_bell(0, moves=5)
    assert set(scores) == {
        f"{key}: {quantity}"
        for key in (*chapter_11.TRAINED, *(f"{name}, trick" for name in chapter_11.TRICKED))
        for quantity in ("mean", "scale", "finished")
    }
    assert all(scores[f"{name}: finished"] == 1 for name in chapter_11.TRAINED)
