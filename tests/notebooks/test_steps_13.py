"""What chapter 13 shows by hand and what the library holds make the same weights, penalties and scores."""

from itertools import islice

import pytest
import torch

from lib import laws, lipschitz, networks, runtime
from lib.experiments import chapter_13
from tests.notebooks.reading import run_cells

KINDS = ("clip", "penalty")
RECIPES = chapter_13.RING | {
    "no momentum": chapter_13.with_momentum("penalty", 1e-3, "nobody"),
    "critic's momentum": chapter_13.with_momentum("penalty", 1e-3, "critic, 0.9"),
}


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "step", "moves", "penalty", "fresh", "conditions", "start-ring")
    return run_cells("13_wasserstein_gan", *cells)


def weights(game) -> list[torch.Tensor]:
    return [*game.generator.state_dict().values(), *game.critic.state_dict().values()]


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("kind", RECIPES)
def test_the_ring_game_shown_makes_the_weights_of_the_recipe(chapter, kind, seed):
    shown = chapter["start_ring"](seed, kind)
    recipe = chapter_13.start_ring(seed, RECIPES[kind])
    start = [tensor.clone() for tensor in weights(shown)]
    for game in (shown, recipe):
        list(islice(game.moves, 5))
    assert all(torch.equal(a, b) for a, b in zip(weights(shown), weights(recipe), strict=True))
    # but for the critic's last bias: a constant added to the critic changes nothing, so it has no gradient
    still = [torch.equal(a, b) for a, b in zip(weights(shown), start, strict=True)]
    assert not any(still[:-1])


def test_the_two_conditions_make_different_games(chapter):
    clipped, penalised = (chapter["start_ring"](0, kind) for kind in KINDS)
    for game in (clipped, penalised):
        list(islice(game.moves, 2))
    largest = [max(w.abs().max() for w in game.critic.parameters()) for game in (clipped, penalised)]
    assert largest[0] <= 0.1 < largest[1]


def test_the_penalty_shown_is_the_librarys(chapter):
    draw = runtime.seed(1).torch
    critic = networks.PerceptronCritic((2,), width=16).double()
    real, fake = torch.randn(2, 32, 2, generator=draw, dtype=torch.float64)
    points = lipschitz.interpolate(real, fake, torch.Generator().manual_seed(2))
    share = ((points - fake) / (real - fake))[:, :1]
    shown = chapter["gradient_penalty"](critic, real, fake, share)
    stored = lipschitz.slope_penalty(critic, points)
    assert shown.item() == pytest.approx(stored.item(), rel=1e-9)


def test_the_algorithm_written_out_clips_at_its_bound_and_draws_five_batches_a_round(chapter):
    """A bound or a count that is not the algorithm's would pass unseen if both players shared the slip."""
    written = run_cells("13_wasserstein_gan", "imports", "by-hand")
    draw = runtime.seed(5).torch
    generator = networks.PerceptronGenerator(2, (2,), width=8, squash=torch.nn.Identity())
    critic = networks.PerceptronCritic((2,), width=8)
    law, drawn = laws.eight_gaussians(), []

    def batches():
        while True:
            drawn.append(1)
            yield (law.sample(64, draw),)

    written["algorithm_1"](generator, critic, batches(), networks.gaussian_latent(2, draw), rounds=3)
    assert len(drawn) == 15
    assert max(w.abs().max().item() for w in critic.parameters()) == pytest.approx(0.01)
