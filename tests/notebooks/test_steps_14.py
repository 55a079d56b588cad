"""What chapter 14 shows by hand and what the library holds find the same norms."""

import numpy as np
import pytest
import torch
from torch import nn

from lib import lipschitz
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(
        "14_spectral_normalization", "imports", "three-ways", "power", "links", "convolution", "cure"
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
