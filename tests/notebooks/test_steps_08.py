"""What chapter 8 shows by hand and what the library holds are the same: weights, losses, divergences."""

from itertools import islice

import numpy as np
import pytest
import torch

from lib import divergences, networks, objectives
from lib.experiments import chapter_08
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "laws", "value", "divergences", "losses", "steps", "adam", "ring", "digits")
    return run_cells("08_the_gan_game", *cells)


def weights_after(moves: int, generator, critic, game) -> list[torch.Tensor]:
    list(islice(game, moves))
    return [*generator.state_dict().values(), *critic.state_dict().values()]


@pytest.mark.parametrize("seed", [0, 3])
def test_the_ring_game_shown_makes_the_weights_of_the_recipe(chapter, seed):
    generator, critic, _, game = chapter["start_ring"](seed)
    recipe = chapter_08.start_ring(seed)
    shown = weights_after(15, generator, critic, game)
    library = weights_after(15, recipe.generator, recipe.critic, recipe.moves)
    assert all(torch.equal(a, b) for a, b in zip(shown, library, strict=True))


@pytest.mark.parametrize("seed", [0, 3])
def test_the_digits_game_shown_makes_the_weights_of_the_recipe(chapter, seed):
    generator, critic, _, game = chapter["start_digits"](seed)
    recipe = chapter_08.start_digits(seed, chapter["training"])
    shown = weights_after(15, generator, critic, game)
    library = weights_after(15, recipe.generator, recipe.critic, recipe.moves)
    assert all(torch.equal(a, b) for a, b in zip(shown, library, strict=True))


def test_the_discriminators_move_leaves_no_trace_in_the_generator(chapter):
    """Fakes are data to the discriminator: without `detach` its gradient would reach the generator."""
    latent = networks.gaussian_latent(4, torch.Generator().manual_seed(0))
    generator, critic = networks.PerceptronGenerator(4, (2,)), networks.PerceptronCritic((2,))
    climb = torch.optim.SGD(critic.parameters(), lr=0.1, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=0.1)
    move, _ = chapter["make_moves"](generator, critic, climb, descend, latent)
    move(torch.zeros(8, 2))
    assert all(weight.grad is not None for weight in critic.parameters())
    assert all(weight.grad is None for weight in generator.parameters())


def test_weights_do_move_and_depend_on_the_seed(chapter):
    """Otherwise the two tests above would pass for games that are never played."""
    ends = []
    for seed in (0, 3):
        generator, critic, _, game = chapter["start_ring"](seed)
        start = [tensor.clone() for tensor in (*generator.parameters(), *critic.parameters())]
        end = weights_after(15, generator, critic, game)
        assert not any(torch.equal(a, b) for a, b in zip(start, end, strict=True))
        ends.append(end)
    assert not torch.equal(ends[0][0], ends[1][0])


def test_the_losses_shown_are_those_of_the_library(chapter):
    real, fake = torch.randn(2, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 4
    ours = objectives.non_saturating
    assert torch.equal(chapter["discriminator_value"](real, fake), ours.critic(real, fake))
    assert torch.equal(chapter["generator_loss"](fake), ours.generator(fake))


def test_the_divergences_shown_are_those_of_the_library(chapter):
    p, q, x = chapter["p"], chapter["q"], chapter["x"]
    drawn = chapter["sigmoid"](np.sin(x))
    assert chapter["jensen_shannon"](p, q) == pytest.approx(divergences.jensen_shannon(p, q, x), abs=1e-14)
    assert chapter["kullback_leibler"](p, q) == pytest.approx(
        divergences.kullback_leibler(p, q, x), abs=1e-14
    )
    assert chapter["value"](drawn) == pytest.approx(divergences.game_value(p, q, drawn, x), abs=1e-14)
