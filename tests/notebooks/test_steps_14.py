"""What chapter 14 shows by hand and what the library holds find the same norms and make the same weights."""

from itertools import islice

import numpy as np
import pytest
import torch
from torch import nn

from lib import lipschitz
from lib.experiments import normalised
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(
        "14_spectral_normalization",
        "imports",
        "three-ways",
        "power",
        "links",
        "convolution",
        "ratios",
        "cure",
    )


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("shape", [(4, 4), (3, 6), (5, 2)])
def test_the_rounds_shown_are_the_librarys(chapter, k, shape):
    """The library begins its round with the other vector, so it is given the transposed matrix."""
    draw = np.random.default_rng(k)
    matrix, start = draw.normal(size=shape), draw.normal(size=shape[0])
    layer = nn.Linear(shape[0], shape[1], bias=False).double()  # weight: (outputs, inputs)
    layer.weight.data = torch.tensor(matrix.T.copy())
    lipschitz.spectral(layer, iterations=k)
    library = layer.parametrizations.weight[0].normalise
    library._v.copy_(torch.tensor(start / np.linalg.norm(start)))
    u, v, value = chapter["rounds"](matrix, start, k)
    np.testing.assert_allclose(layer.train().weight.detach().numpy().T, matrix / value, atol=1e-12)
    np.testing.assert_allclose(library._v.numpy(), u, atol=1e-12)
    np.testing.assert_allclose(library._u.numpy(), v, atol=1e-12)


@pytest.mark.parametrize(("side", "size", "stride"), [(6, 3, 1), (8, 4, 2)])
def test_a_convolution_as_a_matrix_and_its_norm(chapter, side, size, stride):
    """The matrix shown does to images what PyTorch's layer does; its norm is the one that is iterated."""
    draw = np.random.default_rng(size)
    kernel = torch.tensor(draw.normal(size=(2, 3, size, size)))
    layer = nn.Conv2d(3, 2, size, stride=stride, padding=1, bias=False).double()
    layer.weight.data = kernel
    image = torch.tensor(draw.normal(size=(1, 3, side, side)))
    shown = chapter["matrix_of"](kernel, side, stride)
    np.testing.assert_allclose(
        shown @ image.flatten().numpy(), layer(image).detach().flatten().numpy(), atol=1e-12
    )
    iterated = chapter["norm_of_convolution"](kernel, side, stride, steps=2000)
    assert iterated == pytest.approx(np.linalg.norm(shown, 2), rel=1e-6)


@pytest.fixture(scope="module")
def played() -> dict:
    return run_cells("14_spectral_normalization", "imports", "steps", "start")


def state(game) -> dict[str, torch.Tensor]:
    """All that a move changes: weights, running means, and the vectors of the power iteration."""
    players = {"generator": game.generator, "critic": game.critic}
    return {
        f"{who}.{name}": value.clone()
        for who, player in players.items()
        for name, value in player.state_dict().items()
    }


@pytest.mark.parametrize("rate", [normalised.FAST, normalised.SLOW])
def test_the_steps_shown_make_the_weights_of_the_recipe(played, rate):
    """`normalised` plays with `lib.adversarial.steps`, the chapter with its own two."""
    shown = played["begin"](3, rate)
    recipe = normalised.start_digits(3, played["training"], rate, "spectral")
    before = state(shown)
    values = [list(islice(game.moves, 3)) for game in (shown, recipe)]
    assert values[0] == values[1]
    after, its = state(shown), state(recipe)
    assert after.keys() == its.keys() and all(torch.equal(after[name], its[name]) for name in its)
    # the bias at the end, of which one half of the batch takes what the other adds while no margin is met,
    # and the left vector of a matrix of one row
    still = {name for name in before if torch.equal(before[name], after[name])}
    assert still <= {"critic.body.15.bias", "critic.body.15.parametrizations.weight.0.normalise._u"}


def test_a_step_of_the_critic_is_one_round_and_real_and_fake_meet_one_critic(played):
    """PyTorch's round: u from v, then v from u. Two readings would have made two."""
    seen = []

    class Watched(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = lipschitz.spectral(nn.Linear(3, 4, bias=False))

        def forward(self, x):
            seen.append(self.layer.weight.detach().clone())
            return (x @ self.layer.weight.T).sum(dim=1)

    torch.manual_seed(5)
    critic, generator = Watched(), nn.Linear(2, 3)
    normal = critic.layer.parametrizations.weight[0].normalise
    with torch.no_grad():
        critic.layer.parametrizations.weight.original.normal_()
    weight, v = critic.layer.parametrizations.weight.original.detach().clone(), normal._v.clone()
    climb = torch.optim.SGD(critic.parameters(), lr=0.1, maximize=True)
    descend = torch.optim.SGD(generator.parameters(), lr=0.1)
    critic_step, _ = played["make_steps"](generator, critic, lambda n: torch.randn(n, 2), descend, climb)
    critic_step(torch.randn(6, 3))
    u = nn.functional.normalize(weight @ v, dim=0)
    torch.testing.assert_close(normal._u, u)
    torch.testing.assert_close(normal._v, nn.functional.normalize(weight.T @ u, dim=0))
    assert len(seen) == 2 and torch.equal(*seen)
    assert not torch.equal(critic.layer.parametrizations.weight.original, weight)
