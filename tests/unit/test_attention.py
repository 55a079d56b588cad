"""The self-attention block against its sum written out term by term, and what it must not depend on."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

from lib import lipschitz, networks
from lib.attention import SelfAttention
from tests.unit.errors import refused


def block(channels: int = 16, gamma: float = 0.7, seed: int = 0, **options) -> SelfAttention:
    torch.manual_seed(seed)
    made = SelfAttention(channels, **options).double()
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(std=0.5)  # no two rows of the table of weights alike
        made.gamma.fill_(gamma)
    return made


def features(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_loops(made: SelfAttention, x: Tensor) -> tuple[Tensor, Tensor]:
    """Output and table, sums written out over images, places that ask, places that are asked, and rows."""
    matrices = [layer.weight[:, :, 0].tolist() for layer in (made.key, made.query, made.value, made.output)]
    flat, gamma = x.flatten(2), made.gamma.item()
    images, channels, places = flat.shape
    output, table = flat.clone().detach(), torch.zeros(images, places, places, dtype=x.dtype)
    for b in range(images):
        columns = [flat[b, :, i].tolist() for i in range(places)]
        keys, queries, values = (
            [[sum(w * v for w, v in zip(row, column, strict=True)) for row in matrix] for column in columns]
            for matrix in matrices[:3]
        )
        for j in range(places):
            powers = [
                math.exp(sum(a * c for a, c in zip(keys[i], queries[j], strict=True))) for i in range(places)
            ]
            heard = [0.0] * len(values[0])
            for i in range(places):
                table[b, j, i] = powers[i] / sum(powers)
                for k, value in enumerate(values[i]):
                    heard[k] += float(table[b, j, i]) * value
            for c in range(channels):
                output[b, c, j] += gamma * sum(w * v for w, v in zip(matrices[3][c], heard, strict=True))
    return output.reshape(x.shape), table


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(("values", "places"), [(None, (5,)), (8, (2, 3)), (1, (2, 1, 3))])
def test_the_block_is_the_sum_written_out(fused, values, places):
    made, x = block(values=values, fused=fused), features(2, 16, *places)
    output, table = by_loops(made, x)
    torch.testing.assert_close(made(x), output, rtol=0, atol=1e-13)
    torch.testing.assert_close(made.weights(x), table, rtol=0, atol=1e-14)
    torch.testing.assert_close(made.weights(x).sum(dim=2), torch.ones(2, math.prod(places)).double())


def test_the_sums_over_the_places_that_ask_are_not_one():
    """A softmax over the wrong axis would pass for the right one in a table with equal rows."""
    sums = block().weights(features(1, 16, 6)).sum(dim=1)
    assert (sums - 1).abs().max() > 0.1


def test_both_ways_have_the_same_gradients():
    x = features(2, 16, 3, 3)
    gradients = []
    for fused in (True, False):
        made, entered = block(fused=fused, values=8), x.clone().requires_grad_()
        (made(entered) ** 2 * features(2, 16, 3, 3, seed=2)).sum().backward()
        gradients.append([entered.grad, *(weight.grad for weight in made.parameters())])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-10)


@pytest.mark.parametrize("values", [None, 5])
def test_the_fast_kernel_takes_what_it_is_given(values):
    """Where rows do not lie side by side or widths differ, the framework writes the table down in silence."""
    x = features(2, 16, 9)
    with sdpa_kernel(SDPBackend.FLASH_ATTENTION):  # refuses instead
        block(values=values, fused=True)(x.requires_grad_()).sum().backward()
    assert x.grad.abs().min() > 0


@pytest.mark.parametrize(("places", "fused"), [((16, 16), False), ((511,), False), ((16, 32), True)])
def test_few_places_are_compared_in_a_table(places, fused, monkeypatch):
    called = []

    def spied(*each, **options):
        called.append(True)
        return scaled_dot_product_attention(*each, **options)

    monkeypatch.setattr("lib.attention.scaled_dot_product_attention", spied)
    block(8)(features(1, 8, *places))
    assert bool(called) == fused


def test_the_table_can_be_differentiated_twice():
    made, x = block(fused=False), features(1, 16, 4).requires_grad_()
    (slope,) = torch.autograd.grad(made(x).square().sum(), x, create_graph=True)
    slope.square().sum().backward()
    assert x.grad.abs().max() > 0


def test_at_the_start_it_is_the_identity_and_gamma_alone_learns():
    torch.manual_seed(0)
    made, x = SelfAttention(16).double(), features(3, 16, 4, 4)
    assert torch.equal(made(x), x)
    descent = torch.optim.Adam(made.parameters(), lr=0.01)
    before = {name: weight.detach().clone() for name, weight in made.named_parameters()}
    for first in (True, False):
        descent.zero_grad()
        (made(x) - features(3, 16, 4, 4, seed=5)).square().sum().backward()
        descent.step()
        moved = {name for name, weight in made.named_parameters() if not torch.equal(weight, before[name])}
        assert moved == ({"gamma"} if first else set(before))


def test_a_permutation_of_the_places_permutes_the_output_and_nothing_else():
    made, x = block(), features(2, 16, 12)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(3))
    torch.testing.assert_close(made(x[:, :, order]), made(x)[:, :, order], rtol=0, atol=1e-14)
    assert (made(x[:, :, order]) - made(x)).abs().max() > 0.1


def test_an_image_is_its_row_of_pixels():
    made, x = block(), features(2, 16, 3, 5)
    assert torch.equal(made(x), made(x.flatten(2)).unflatten(2, (3, 5)))


@pytest.mark.parametrize(("values", "count"), [(None, 513), (16, 2 * 32 * (4 + 16) + 1)])
def test_how_many_numbers_it_holds(values, count):
    assert networks.parameters(SelfAttention(32, values)) == count


def test_the_scores_are_not_divided():
    """Two places, one row of keys: the scores are products of two numbers, and the weights their softmax."""
    made = block(8)
    with torch.no_grad():
        for layer in (made.key, made.query):
            layer.weight.zero_()
            layer.weight[0, 0] = 1.0
    x = torch.zeros(1, 8, 2).double()
    x[0, 0] = torch.tensor([1.0, 3.0])
    expected = torch.tensor([[1 / (1 + math.exp(2)), 1 / (1 + math.exp(-2))]], dtype=torch.float64)
    torch.testing.assert_close(made.weights(x)[0, :1], expected, rtol=0, atol=1e-15)


def test_each_of_its_matrices_can_be_normalised():
    made = lipschitz.spectral(block(values=8), iterations=50).eval()
    norms = [
        torch.linalg.matrix_norm(layer.weight[:, :, 0], ord=2)
        for layer in made.modules()
        if isinstance(layer, nn.Conv1d)
    ]
    torch.testing.assert_close(torch.stack(norms), torch.ones(4).double(), rtol=0, atol=1e-6)


def test_refusals():
    with refused(ValueError, "channels", 7):
        SelfAttention(7)
    with refused(ValueError, "values", 0):
        SelfAttention(16, values=0)
    with refused(ValueError, "x", "(2, 8, 4)", "(batch, 16, *places)"):
        block()(features(2, 8, 4))
    with refused(ValueError, "x", "(2, 16)"):
        block()(features(2, 16))
    with refused(TypeError, "x", "list"):
        block().weights([1.0])
