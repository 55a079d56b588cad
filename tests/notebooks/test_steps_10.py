"""What chapter 10 shows by hand and what the library holds are the same: the game with labels."""

from itertools import islice

import numpy as np
import pytest
import torch

from lib import adversarial, networks
from lib.experiments import chapter_10
from lib.objectives import non_saturating
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "bag", "generator-table", "optimum", "losses", "steps", "digits", "digits-start")
    return run_cells("10_conditional_gan", *cells)


@pytest.mark.parametrize("seed", [0, 3])
def test_the_digits_game_shown_makes_the_weights_of_the_recipe(chapter, seed):
    generator, critic, game = chapter["start_digits"](seed)
    recipe = chapter_10.start_digits(seed, chapter["training"], chapter["known"])
    list(islice(game, 15))
    list(islice(recipe.moves, 15))
    shown = [*generator.state_dict().values(), *critic.state_dict().values()]
    library = [*recipe.generator.state_dict().values(), *recipe.critic.state_dict().values()]
    assert len(shown) == len(library)
    assert all(torch.equal(a, b) for a, b in zip(shown, library, strict=True))


def test_the_moves_shown_are_those_of_the_library(chapter):
    def players():
        torch.manual_seed(4)
        generator = networks.JoinedGenerator(3, 4, (2,), width=8).double()
        critic = networks.JoinedCritic((2,), 4, width=8).double()
        climb = torch.optim.SGD(critic.parameters(), lr=0.1, maximize=True)
        descend = torch.optim.SGD(generator.parameters(), lr=0.1)
        draw = torch.Generator().manual_seed(5)
        return generator, critic, climb, descend, lambda n: torch.randn(n, 3, generator=draw).double()

    ends = []
    real, label = torch.randn(6, 2).double(), torch.tensor([0, 3, 1, 1, 2, 0])
    for by_hand in (True, False):
        generator, critic, climb, descend, latent = players()
        if by_hand:
            moves = chapter["make_moves"](generator, critic, climb, descend, latent)
        else:
            moves = adversarial.steps(generator, critic, non_saturating, descend, climb, latent)
        paid = [move(real, label).item() for move in (*moves, *moves)]
        ends.append([*paid, *(w.sum().item() for w in (*generator.parameters(), *critic.parameters()))])
    np.testing.assert_allclose(ends[0], ends[1], rtol=0, atol=1e-12)


def test_the_discriminators_move_leaves_no_trace_in_the_generator(chapter):
    generator, critic = networks.JoinedGenerator(4, 3, (2,)), networks.JoinedCritic((2,), 3)
    climb = torch.optim.SGD(critic.parameters(), lr=0.1, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=0.1)
    latent = networks.gaussian_latent(4, torch.Generator().manual_seed(0))
    move, _ = chapter["make_moves"](generator, critic, climb, descend, latent)
    move(torch.zeros(8, 2), torch.arange(8) % 3)
    assert all(weight.grad is not None for weight in critic.parameters())
    assert all(weight.grad is None for weight in generator.parameters())


def test_the_divergence_of_tables_is_bounded_symmetric_and_zero_for_equals(chapter):
    divergence = chapter["jensen_shannon"]
    p, q = np.random.default_rng(0).dirichlet(np.ones(6), size=2)
    assert divergence(p, q) == pytest.approx(divergence(q, p), abs=1e-15)
    assert divergence(p, p) == 0 and divergence(np.eye(2)[0], np.eye(2)[1]) == pytest.approx(np.log(2))
    middle = (p + q) / 2
    entropy = [-(each * np.log(each)).sum() for each in (middle, p, q)]
    assert divergence(p, q) == pytest.approx(entropy[0] - (entropy[1] + entropy[2]) / 2, abs=1e-14)
