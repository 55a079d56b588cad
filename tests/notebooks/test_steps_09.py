"""What chapter 9 shows by hand and what the library holds are the same: friction, its step, the film."""

from itertools import islice

import pytest
import torch

from lib import laws, lipschitz, networks
from lib.experiments import chapter_09
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells("09_training_gans", "imports", "friction-step", "film-start")


def points(n: int = 32) -> tuple[torch.Tensor, torch.Tensor, networks.PerceptronCritic]:
    draw = torch.Generator().manual_seed(1)
    torch.manual_seed(2)
    real, fake = torch.randn(2, n, 2, generator=draw, dtype=torch.float64)
    return real, fake, networks.PerceptronCritic((2,), width=16).double()


@pytest.mark.parametrize("gamma", [0.0, 0.1, 2.0])
def test_one_step_with_friction_is_the_librarys(chapter, gamma):
    """Plain ascent, so that the step is the gradient: the value's, less γ/2 times that of the penalty."""
    real, fake, critic = points()
    weights = list(critic.parameters())
    before = [weight.detach().clone() for weight in weights]
    value = chapter["losses"].critic(critic(real), critic(fake))
    climbed = value - gamma / 2 * lipschitz.slope_penalty(critic, real, target=0.0)
    expected = torch.autograd.grad(climbed, weights, allow_unused=True)
    climb = torch.optim.SGD(weights, lr=1.0, maximize=True)
    shown = chapter["friction_step"](critic, real, fake, climb, gamma)
    assert shown.item() == pytest.approx(value.item(), rel=1e-12)
    for weight, start, slope in zip(weights, before, expected, strict=True):
        assert torch.allclose(weight - start, slope, rtol=0, atol=1e-12)


@pytest.mark.parametrize("seed", [0, 3])
def test_the_film_shown_makes_the_weights_of_the_recipe(chapter, seed):
    generator, critic, moves = chapter["start_film"](seed)
    recipe = chapter_09.start(laws.eight_gaussians(), seed, "R1")
    start = [weight.detach().clone() for weight in (*generator.parameters(), *critic.parameters())]
    pairs = list(zip(islice(moves, 10), islice(recipe.moves, 10), strict=True))
    for ours, theirs in pairs:
        assert torch.allclose(torch.stack(ours), torch.stack(theirs), rtol=0, atol=1e-5)
    shown = [*generator.parameters(), *critic.parameters()]
    library = [*recipe.generator.parameters(), *recipe.critic.parameters()]
    # the length of a slope squared and the sum of its squares differ in the last digit
    assert all(torch.allclose(a, b, rtol=0, atol=1e-4) for a, b in zip(shown, library, strict=True))
    assert max((a - b).abs().max().item() for a, b in zip(shown, start, strict=True)) > 5e-3


def test_friction_is_felt(chapter):
    """Without it the same game goes elsewhere, so that the test above could have failed."""
    ends = []
    for gamma in (0.1, 0.0):
        _, critic, moves = chapter["start_film"](0, gamma)
        list(islice(moves, 10))
        ends.append(torch.cat([weight.detach().flatten() for weight in critic.parameters()]))
    assert (ends[0] - ends[1]).abs().max() > 1e-3
