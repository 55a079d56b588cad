"""What chapter 7 shows by hand and what the library holds are the same: pairs, judges, renewals."""

from functools import partial

import numpy as np
import pytest
import torch

from lib import networks
from lib.experiments import alone, chapter_07, pairing
from tests.notebooks.reading import run_cells

SOME = (
    "imports",
    "four-numbers",
    "digits",
    "fit",
    "line",
    "cheapest",
    "teach",
    "renew",
    "rounds",
    "measures",
)


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(chapter_07.CHAPTER, *SOME)


def same(shown: torch.nn.Module, library: torch.nn.Module) -> bool:
    pairs = zip(shown.parameters(), library.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("group", [1, 256])
def test_the_fit_shown_makes_the_weights_of_the_recipe(chapter, seed, group):
    arrange = chapter["cheapest"] if group > 1 else lambda pictures, wanted: wanted
    shown = chapter["fit"](arrange, seed=seed, steps=4)
    assert same(shown, chapter_07.fit_digits(seed, chapter["training"], group=group, steps=4))
    assert not same(shown, chapter_07.fit_digits(seed, chapter["training"], group=group, steps=3))


def test_kept_numbers_shown_are_those_of_the_recipe(chapter):
    training = chapter["training"]
    numbers = chapter_07.numbers_of(2, len(training))
    shown = chapter["fit"](lambda pictures, wanted: wanted, seed=2, numbers=numbers, steps=4)
    assert same(shown, chapter_07.fit_digits(2, training, once=True, steps=4))
    assert not same(shown, chapter_07.fit_digits(2, training, steps=4))


@pytest.mark.parametrize("kind", chapter_07.PAIRINGS)
def test_the_line_shown_makes_the_weights_of_the_recipe(chapter, kind):
    shown, z, y = chapter["fit_line"](kind, seed=3, steps=4)
    library, shades = chapter_07.fit_line(3, kind, steps=4)
    assert same(shown, library) and torch.equal(y.sort(dim=0).values, shades.sort(dim=0).values)
    assert len(z) == 512


def test_the_pairing_shown_is_that_of_the_library(chapter):
    x, y = torch.randn(2, 9, 1, 2, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(chapter["cheapest"](x, y), y[pairing.cheapest(x, y)])
    assert chapter["spread_of"](chapter["training"].cpu()) == pytest.approx(
        pairing.spread(chapter["training"].cpu(), chapter["held_out"].cpu()), rel=1e-6
    )


@pytest.mark.parametrize("negatives", [None, alone.square])
def test_the_judge_shown_learns_as_that_of_the_library(chapter, negatives):
    taught = []
    for teach in (chapter["teach"], alone.teach):
        torch.manual_seed(1)
        critic, draw = networks.PerceptronCritic((2,), width=16), torch.Generator().manual_seed(1)
        teach(critic, alone.annulus(0, 0.5), negatives, draw, 5)
        taught.append(critic)
    assert same(*taught)


@pytest.mark.parametrize("name", ["favourites", "reweighted"])
def test_the_rounds_shown_are_those_of_the_library(chapter, name):
    shown = chapter["rounds"](chapter[name], seed=3, many=2)
    library = partial(alone.loop, chapter["humps"], seed=3, rounds=2)
    assert shown.tolist() == library(alone.renewals(chapter["humps"])[name])
    assert shown.tolist() != library(alone.renewals(chapter["humps"])["real"])


def test_the_laws_shown_are_those_of_the_recipes(chapter):
    for shown, library in (
        (chapter["two_shades"], chapter_07.TWO_SHADES),
        (chapter["humps"], chapter_07.TWO_HUMPS),
    ):
        x = torch.linspace(-3, 3, 50)[:, None]
        assert torch.equal(shown.density(x), library.density(x))


def test_the_slopes_shown_are_those_of_autograd(chapter):
    z, y = (torch.tensor(chapter[name]) for name in ("z8", "y8"))
    theta = torch.tensor([0.4, -0.7, 0.2, 0.9], dtype=torch.float64, requires_grad=True)
    loss = (theta[1] * (theta[0] * z + theta[2]) + theta[3] - y).square().mean()
    (gradient,) = torch.autograd.grad(loss, theta)
    assert np.allclose(chapter["slopes"](theta.detach().numpy()), gradient.numpy(), rtol=0, atol=1e-13)
    assert chapter["loss"](theta.detach().numpy()) == pytest.approx(loss.item(), abs=1e-14)
