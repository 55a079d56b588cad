"""What chapter 8 shows by hand and what the library holds are the same: weights, losses, divergences."""

from functools import partial
from itertools import islice

import nbformat
import numpy as np
import pytest
import torch

from lib import adversarial, divergences, networks, objectives
from lib.experiments import chapter_08, examining
from tests.notebooks.reading import CHAPTERS, run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "laws", "value", "divergences", "losses", "by-hand", "steps", "parts", "adam", "ring")
    return run_cells("08_the_gan_game", *cells, "examine", "digits")


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


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_fresh_critic_shown_certifies_what_the_recipe_stores(chapter, shift):
    ring = chapter["ring"]

    def fakes(n, draw):
        return ring.sample(n, draw) + shift

    new = partial(networks.PerceptronCritic, (2,), width=128, depth=3)
    stored = examining.examine(ring.sample, fakes, new, chapter_08.RING.optimizer, seed=3, steps=20)
    shown = chapter["examine"](fakes, 3, steps=20)
    assert shown == stored
    assert abs(shown) < 0.01 if shift == 0 else shown > 0.1


def test_the_discriminator_trained_alone_is_that_of_the_recipe(chapter):
    """Five steps of it: the cell's own code, and the stored quantity."""
    cells = {
        cell.id: cell.source for cell in nbformat.read(CHAPTERS / f"{chapter_08.CHAPTER}.ipynb", 4).cells
    }
    source = cells["train-one"]
    assert source.count("1500") == 2
    names = dict(chapter)
    exec(compile(source.replace("1500", "5"), "train-one", "exec"), names)
    x, p, q = names["x"], names["p"], names["q"]
    with torch.no_grad():
        scores = names["alone"](torch.tensor(x[:, None], dtype=torch.float32))
    error = np.abs(scores.sigmoid().numpy() - p / (p + q))[np.abs(x) < 2].max()
    assert chapter_08.run_discriminator(0, steps=5)["error"] == pytest.approx(error, abs=1e-6)


@pytest.mark.parametrize("whose", ["shown", "library"])
def test_the_loop_takes_turns(chapter, whose):
    """The discriminator first, the generator after it on the same batch; both values detached."""
    alternate = {"shown": chapter["alternate"], "library": adversarial.alternate}[whose]
    log, weight = [], torch.ones((), requires_grad=True)

    def move(real, who):
        log.append((who, real.item()))
        return real * weight

    batches = ((torch.tensor(float(k)),) for k in range(10))
    played = list(islice(alternate(partial(move, who="D"), partial(move, who="G"), batches), 2))
    assert log == [("D", 0.0), ("G", 0.0), ("D", 1.0), ("G", 1.0)]
    assert not any(value.requires_grad for pair in played for value in pair)


def test_the_gradients_by_hand_are_differences(chapter):
    """A third way, beside pencil and autograd."""
    real, noise, h = chapter["real_points"], chapter["noise"], 1e-6

    def objectives_at(u, v, theta):
        scores = [torch.tensor(u * points + v) for points in (real, theta + noise)]
        return chapter["discriminator_value"](*scores).item(), chapter["generator_loss"](scores[1]).item()

    at = np.array([0.7, -0.4, 0.3])
    for k, step in enumerate(h * np.eye(3)):
        up, down = objectives_at(*(at + step)), objectives_at(*(at - step))
        payoff = 0 if k < 2 else 1
        difference = (up[payoff] - down[payoff]) / (2 * h)
        assert chapter["gradients"](*at)[k] == pytest.approx(difference, abs=1e-8)


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
