"""What chapter 6 shows by hand and what the library holds are the same: loss, training, bounds."""

import math
from dataclasses import replace

import pytest
import torch

from lib import objectives
from lib.experiments import chapter_06, variational
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "loss", "linear", "steps", "train", "bounds-draws", "interpolation-walk")
    return run_cells(chapter_06.CHAPTER, *cells, "kernel", "circle-steps")


def weights_of(*networks) -> list[torch.Tensor]:
    return [tensor for network in networks for tensor in network.state_dict().values()]


@pytest.mark.parametrize(
    "shown, recipe",
    [
        ({}, {}),
        ({"beta": 0.0}, {"weight": 0.0}),
        ({"noisy": False}, {"drawn": False}),
        ({"beta": 64.0}, {"weight": 64.0}),
    ],
)
@pytest.mark.parametrize("seed", [0, 3])
def test_the_training_shown_makes_the_weights_of_the_recipe(chapter, seed, shown, recipe):
    made = variational.train(seed, chapter["training"], replace(variational.Setting(steps=12), **recipe))
    by_chapter = chapter["train"](seed, steps=12, **shown)
    pairs = zip(weights_of(*by_chapter), weights_of(made.encoder, made.decoder), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_the_parts_that_are_removed_change_the_weights(chapter):
    """Otherwise the test above would pass for a switch that is connected to nothing."""
    ends = [
        weights_of(*chapter["train"](0, steps=12, **how))
        for how in ({}, {"beta": 0.0}, {"noisy": False}, {"beta": 0.0, "noisy": False})
    ]
    assert len({float(each[0].sum()) for each in ends}) == 4


def test_the_noise_and_the_steps_of_the_chapter_are_those_of_the_setting(chapter):
    assert chapter["S_X"] == variational.Setting().noise
    encoder, decoder, _ = chapter["players"](0)
    assert encoder.code == decoder.code == variational.Setting().latent


def test_the_circle_shown_makes_the_weights_of_the_recipe(chapter):
    points, _ = chapter_06.on_circle()
    made = variational.train(3, points.repeat(8, 1), replace(chapter_06.CIRCLE, steps=12))
    shown = chapter["train_points"](3, s_x=chapter_06.CIRCLE.noise, steps=12)
    assert all(torch.equal(a, b) for a, b in zip(weights_of(shown), weights_of(made.decoder), strict=True))


def test_the_bound_shown_is_that_of_the_recipe_and_of_the_library(chapter):
    made, _ = variational.start(3, variational.Setting())
    x = chapter["held_out"][:20]
    shown = chapter["log_ratios"](made.encoder, made.decoder, x, 5, torch.Generator().manual_seed(1))
    stored = variational.log_ratios(made, x, 5, torch.Generator().manual_seed(1))
    assert torch.allclose(shown, stored, rtol=1e-6, atol=0)
    many = chapter["log_ratios"](made.encoder, made.decoder, x, 4000, torch.Generator().manual_seed(2))
    with torch.no_grad():
        mean, log_variance = made.encoder(x)
        dice = torch.Generator().manual_seed(3)
        drawn = [
            mean + (log_variance / 2).exp() * torch.randn(mean.shape, generator=dice) for _ in range(4000)
        ]
        given = torch.stack([chapter["log_likelihood"](x, made.decoder(z), 0.25) for z in drawn]).mean(dim=0)
    theirs = objectives.evidence_lower_bound(given, mean, log_variance)
    error = many.mean(dim=1).std() / math.sqrt(4000) * 2**0.5
    assert abs(many.mean() - theirs) < 5 * error


def test_the_regulariser_shown_is_twice_the_divergence_of_the_library(chapter):
    mean, log_variance = torch.randn(2, 7, 3, generator=torch.Generator().manual_seed(0)).double()
    theirs = objectives.divergence_from_prior(mean, log_variance)
    assert torch.allclose(chapter["regulariser"](mean, log_variance), 2 * theirs, rtol=1e-12, atol=0)


def test_the_exact_bound_of_straight_networks_is_the_mean_of_draws(chapter):
    dice = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(*shape, generator=dice, dtype=torch.float64)

    x, W, b, A, a, log_s, log_s_x = draw(9, 4), draw(4, 2), draw(4), draw(2, 4), draw(4), draw(2), draw(1)[0]
    exact = chapter["straight_bound"](x, W, b, A, a, log_s, log_s_x)
    mean = (x - a) @ A.T
    z = mean + log_s.exp() * draw(200_000, 9, 2)
    law = torch.distributions.Normal(z @ W.T + b, log_s_x.exp())
    prior, own = torch.distributions.Normal(0.0, 1.0), torch.distributions.Normal(mean, log_s.exp())
    each = (law.log_prob(x).sum(-1) + (prior.log_prob(z) - own.log_prob(z)).sum(-1)).mean(dim=1)
    assert abs(each.mean() - exact) < 4 * each.std() / math.sqrt(len(each))


@pytest.mark.parametrize("s", [0.2, 0.7])
def test_the_best_decoder_shown_is_the_conditional_mean_of_draws(chapter, s):
    dice = torch.Generator().manual_seed(0)
    which = torch.randint(6, (400_000,), generator=dice)
    z = chapter["codes_on_line"][which] + s * torch.randn(400_000, generator=dice, dtype=torch.float64)
    near = (z - 0.1).abs() < 0.02
    shares = which[near].bincount(minlength=6).double() / near.sum()
    drawn = (shares @ chapter["six"].flatten(1)).reshape(1, 1, 8, 8)
    best = chapter["best_decoder"](torch.tensor([0.1], dtype=torch.float64), s)
    assert torch.allclose(drawn, best, rtol=0, atol=0.05)


def test_a_walk_ends_where_its_formula_says(chapter):
    start, end = torch.tensor([1.0]), torch.tensor([5.0])
    assert chapter["walk"](start, end, [0.0, 0.25, 1.0]).flatten().tolist() == [5.0, 4.0, 1.0]
