"""What chapter 3 shows and what its recipes run are the same: a training, three gradients, a formula."""

import pytest
import torch

from lib.experiments import chapter_03 as recipes
from tests.notebooks.reading import run_cells

BELLS = ("imports", "bells")


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(recipes.CHAPTER, *BELLS, "train-denoiser", "gradients")


@pytest.fixture
def autoencoder() -> recipes.BinaryAutoencoder:
    torch.manual_seed(5)
    return recipes.BinaryAutoencoder()


@pytest.mark.parametrize("seed", [0, 3])
def test_the_denoiser_shown_has_the_weights_of_the_recipe(chapter, seed):
    shown = chapter["train_denoiser"](seed, steps=12)
    before, after = recipes.train_denoiser(seed, steps=12)
    assert all(torch.equal(a, b) for a, b in zip(shown.parameters(), after.parameters(), strict=True))
    moved = [not torch.equal(a, b) for a, b in zip(before.parameters(), after.parameters(), strict=True)]
    assert all(moved)


def test_the_best_denoiser_shown_is_that_of_the_recipe(chapter):
    points = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.allclose(chapter["best_denoiser"](points), recipes.denoised(points), rtol=0, atol=1e-12)


def gradient(cost: torch.Tensor, autoencoder: torch.nn.Module) -> torch.Tensor:
    return torch.cat([each.flatten() for each in torch.autograd.grad(cost, list(autoencoder.parameters()))])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("exact", "expected_error"),
        ("straight-through", "straight_through_error"),
        ("score function", "score_function_error"),
    ],
)
def test_the_gradients_shown_are_those_of_the_recipe(chapter, autoencoder, name, shown):
    x = recipes.split_digits()[0][:40]
    uniform = torch.rand(40, recipes.BITS, generator=torch.Generator().manual_seed(1)).clamp(1e-6, 1 - 1e-6)
    arguments = () if name == "exact" else (uniform,)
    by_chapter = chapter[shown](autoencoder.encoder(x), x, autoencoder.decoder, *arguments)
    by_recipe = autoencoder.cost(x, name, torch.Generator().manual_seed(1))
    expected = gradient(by_recipe, autoencoder)
    assert expected.abs().max() > 0.1
    assert torch.allclose(gradient(by_chapter, autoencoder), expected, rtol=0, atol=1e-4)


def test_the_estimates_of_a_recipe_average_as_they_should(autoencoder):
    """Over many draws the score function meets the encoder's exact gradient, the other two do not."""
    with torch.no_grad():  # a decoder that bends more, and an encoder that is not undecided
        autoencoder.decoder[0].weight *= 3
        autoencoder.decoder[2].weight *= 5
        autoencoder.encoder[2].weight *= 3
    x = recipes.split_digits()[0][:1].repeat(40_000, 1)
    exact = gradient(autoencoder.expected(x[:1]).mean(), autoencoder.encoder)
    off = {
        name: gradient(autoencoder.cost(x, name, torch.Generator().manual_seed(2)), autoencoder.encoder)
        - exact
        for name in ("score function", "straight-through", "relaxed")
    }
    share = {name: (each.norm() / exact.norm()).item() for name, each in off.items()}
    assert share["score function"] < 0.04
    assert share["straight-through"] > 0.12 and share["relaxed"] > 0.1


def test_every_code_is_there_once_and_its_chances_sum_to_one(autoencoder):
    codes = recipes.all_codes()
    assert codes.shape == (256, 8) and len(codes.unique(dim=0)) == 256
    x = recipes.split_digits()[0][:5]
    # a decoder that answers x itself, plus one: the expected error is then 64 whatever the chances are
    autoencoder.decoder = torch.nn.Linear(8, 64)
    torch.nn.init.zeros_(autoencoder.decoder.weight)
    for row in x:
        with torch.no_grad():
            autoencoder.decoder.bias.copy_(row + 1)
            assert autoencoder.expected(row[None]).item() == pytest.approx(64, rel=1e-5)


@pytest.mark.parametrize("closing", recipes.CLOSINGS)
def test_closings_differ_in_what_they_say_and_in_nothing_else(closing):
    torch.manual_seed(3)
    autoencoder = recipes.SparseAutoencoder(closing)
    torch.manual_seed(3)
    plain = recipes.SparseAutoencoder("nothing")
    x, codes = recipes.sparse_points(200, torch.Generator().manual_seed(4))
    assert (codes > 0).sum(1).tolist() == [recipes.ACTIVE] * 200
    code, made = autoencoder(x)
    if closing == "top":
        assert ((code > 0).sum(1) <= 2).all() and ((plain(x)[0] > 0).sum(1) > 2).any()
    else:
        assert torch.allclose(made, plain(x)[1], rtol=0, atol=1e-5)
    tax = code.abs().sum(1).mean() * recipes.LAMBDA if closing not in ("nothing", "top") else 0
    decay = recipes.DECAY * autoencoder.decoder.weight.square().sum() if closing == "decay" else 0
    expected = (x - made).square().sum(1).mean() + tax + decay
    assert autoencoder.cost(x).item() == pytest.approx(float(expected.detach()), rel=1e-6)


def test_evading_the_tax_leaves_the_judgement_but_not_the_price():
    """Codes a tenth, columns tenfold: the same units, the same atoms, a tenth of the tax."""
    torch.manual_seed(3)
    autoencoder = recipes.SparseAutoencoder("open")
    honest = recipes.judge_sparse(autoencoder, 500)
    with torch.no_grad():
        autoencoder.encoder.weight /= 10
        autoencoder.encoder.bias /= 10
        autoencoder.decoder.weight *= 10
    evaded = recipes.judge_sparse(autoencoder, 500)
    for same in ("units", "found"):
        assert evaded[same] == honest[same]
    assert evaded["error"] == pytest.approx(honest["error"], rel=1e-4)
    assert evaded["l1"] == pytest.approx(honest["l1"] / 10, rel=1e-4)
    assert evaded["length"] == pytest.approx(10 * honest["length"], rel=1e-4)


def test_true_atoms_are_found_and_true_codes_use_two_units():
    autoencoder = recipes.SparseAutoencoder("open")
    with torch.no_grad():
        autoencoder.decoder.weight.copy_(recipes.true_atoms().flip(1) * 3)
    assert recipes.judge_sparse(autoencoder, 100)["found"] == 12
