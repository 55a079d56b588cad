"""What chapter 16 shows by hand is what the library does: the block, the twins, the steps that teach them."""

from itertools import islice

import pytest
import torch

from lib import data, networks, runtime
from lib.adversarial import alternate
from lib.attention import SelfAttention
from lib.experiments import attentive, twins
from lib.experiments.judging import halves
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells("16_self_attention", "imports", "twins-law", "strangers", "attend", "energy", "steps")


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("gamma", [0.0, -0.3, 1.0])
def test_the_block_shown_is_the_librarys(chapter, fused, gamma):
    torch.manual_seed(1)
    block = SelfAttention(16, fused=fused).double()
    with torch.no_grad():
        for weight in block.parameters():
            weight.normal_()
        block.gamma.fill_(gamma)
        matrices = [layer.weight[:, :, 0] for layer in (block.key, block.query, block.value, block.output)]
        x = torch.randn(3, 16, 7, dtype=torch.float64)
        shown = [chapter["attend"](one, *matrices, block.gamma) for one in x]
        torch.testing.assert_close(block(x), torch.stack([y for y, _ in shown]), rtol=0, atol=1e-11)
        torch.testing.assert_close(block.weights(x), torch.stack([b for _, b in shown]), rtol=0, atol=1e-13)


def test_the_twins_shown_are_the_librarys(chapter):
    one, other = (torch.Generator().manual_seed(2) for _ in range(2))
    shown, library = chapter["twins_of"](50, one), twins.LINE.sample(50, other)
    assert torch.equal(shown, library[:, 0])
    assert torch.equal(chapter["signs"](shown), twins.LINE.signs(library))


@pytest.mark.parametrize("arm", twins.ARMS)
def test_the_steps_shown_and_the_librarys_make_the_same_weights(chapter, arm):
    library, _, moves = twins.steps(3, twins.LINE, arm)
    losses = list(islice(moves, 3))
    dice = runtime.seed(3).torch
    generator = twins.TwinsGenerator((32,), **twins.ARMS[arm])
    descent = torch.optim.Adam(generator.parameters(), lr=twins.RATE)
    shown = [chapter["descend"](generator, descent, dice) for _ in range(3)]
    assert torch.equal(torch.stack(shown), torch.stack(losses))
    for mine, its in zip(generator.parameters(), library.parameters(), strict=True):
        assert torch.equal(mine, its)


@pytest.mark.parametrize("attention", [True, False])
def test_the_two_moves_shown_and_the_librarys_make_the_same_players(chapter, attention):
    training, known = map(halves, data.digits(attentive.SIZE))
    library, shown = (attentive.start_digits(3, training[0], known[0], attention) for _ in range(2))
    moves, own = attentive.kind(attentive.SPEED), runtime.seed(3).torch
    batches = data.batches(training[0], known[0], size=attentive.BATCH, generator=own)
    adams = [
        make(player.parameters(), maximize=climbs)
        for make, player, climbs in (
            (moves.generator_optimizer, shown.generator, False),
            (moves.optimizer, shown.critic, True),
        )
    ]
    players = chapter["make_steps"](shown.generator, shown.critic, networks.gaussian_latent(128, own), *adams)
    for its, mine in islice(zip(library.moves, alternate(*players, batches), strict=False), 2):
        assert all(torch.equal(one, other) for one, other in zip(its, mine, strict=True))
    for name in ("generator", "critic"):
        both = (getattr(game, name).state_dict() for game in (library, shown))
        for one, other in zip(*(state.values() for state in both), strict=True):
            assert torch.equal(one, other)
