"""Convolutions as linear maps: their norm, its bound, and what normalising their kernels does."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrize

from lib.lipschitz import (
    autograd_gradient,
    convolution_bound,
    convolution_norm,
    orthonormal,
    overlap,
    slope_bound,
    spectral,
)
from lib.networks import sngan_critic
from tests.unit.errors import refused

LAYERS = {
    "3×3": (dict(in_channels=2, out_channels=3, kernel_size=3, padding=1), (2, 5, 6)),
    "4×4, stride 2": (dict(in_channels=2, out_channels=4, kernel_size=4, stride=2, padding=1), (2, 6, 6)),
    "odd sides": (dict(in_channels=1, out_channels=2, kernel_size=3, stride=2), (1, 6, 4)),
    "grouped": (dict(in_channels=4, out_channels=2, kernel_size=(3, 1), groups=2), (4, 5, 4)),
}


def built(name):
    torch.manual_seed(3)
    options, shape = LAYERS[name]
    return nn.Conv2d(**options).double(), shape


def as_matrix(layer, shape):
    """A column for each unit image, without the bias."""
    units = torch.eye(math.prod(shape), dtype=torch.float64).unflatten(1, shape)
    with torch.no_grad():
        return (layer(units) - layer(torch.zeros_like(units))).flatten(1).T.numpy()


@pytest.mark.parametrize("name", LAYERS)
def test_the_norm_is_that_of_the_matrix_and_lies_between_kernel_and_bound(name):
    layer, shape = built(name)
    exact = np.linalg.norm(as_matrix(layer, shape), 2)
    kernel = np.linalg.norm(layer.weight.detach().flatten(1).numpy(), 2)
    assert convolution_norm(layer, shape, rounds=3000) == pytest.approx(exact, rel=1e-7)
    assert convolution_norm(layer, shape, rounds=3) <= exact * (1 + 1e-12)
    assert exact <= convolution_bound(layer) * (1 + 1e-12)
    assert convolution_bound(layer) == pytest.approx(overlap(layer) * kernel, rel=1e-12)
    if layer.groups == 1:
        assert kernel <= exact * (1 + 1e-12)  # a patch lies wholly inside


@pytest.mark.parametrize(
    ("size", "stride", "factor"),
    [(3, 1, 3), (4, 2, 2), (1, 1, 1), (3, 2, 2), ((3, 4), 2, 2), ((5, 1), 2, 3**0.5)],
)
def test_the_overlap_counts_the_patches_of_a_pixel(size, stride, factor):
    layer = nn.Conv2d(1, 1, size, stride=stride, padding=2).double()
    assert overlap(layer) == pytest.approx(factor, rel=1e-12)
    with torch.no_grad():
        patches = torch.nn.functional.unfold(
            torch.arange(1.0, 145).reshape(1, 1, 12, 12), layer.kernel_size, padding=2, stride=stride
        )
    most = patches[patches > 0].int().bincount().max().item()
    assert most == round(factor**2)


def test_a_kernel_of_ones_comes_near_the_bound():
    """A line of n pixels, three neighbours added: 1 + 2 cos π/(n + 1), in both directions."""
    layer = nn.Conv2d(1, 1, 3, padding=1, bias=False).double()
    nn.init.ones_(layer.weight)
    found = convolution_norm(layer, (1, 16, 16), rounds=2000)
    assert found == pytest.approx((1 + 2 * math.cos(math.pi / 17)) ** 2, rel=1e-9)
    assert convolution_bound(layer) == pytest.approx(9, rel=1e-12)


def test_a_kernel_of_zeros_stretches_nothing():
    layer = nn.Conv2d(1, 1, 3).double()
    nn.init.zeros_(layer.weight)
    assert convolution_norm(layer, (1, 5, 5)) == 0 == convolution_bound(layer)


def test_the_bound_of_a_normalised_critic_is_the_product_of_what_its_patches_overlap():
    """3 · 2 · 3 · 2 · 3 · 2 · 3 = 648, and no gradient is longer."""
    torch.manual_seed(0)
    critic = spectral(sngan_critic(16, width=1 / 32, channels=1).double(), 300)
    images = torch.rand(4, 1, 16, 16, dtype=torch.float64)
    critic(images)
    bound = slope_bound(critic.eval().body)
    assert bound == pytest.approx(648, rel=1e-6)
    assert autograd_gradient(critic, images).flatten(1).norm(dim=1).max() <= bound


def test_a_single_convolution_attains_its_bound_where_patches_do_not_overlap():
    layer = nn.Conv2d(1, 3, 2, stride=2, bias=False).double()
    exact = np.linalg.norm(as_matrix(layer, (1, 4, 4)), 2)
    assert slope_bound(nn.Sequential(layer)) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("constraint", [spectral, orthonormal])
def test_real_and_fake_meet_one_critic_within_a_reading(constraint):
    """Cached, both halves and the joint call agree; each reading of a normalised critic is a round."""
    torch.manual_seed(1)
    critic = constraint(sngan_critic(8, width=1 / 32, channels=1).double())
    real, fake = torch.rand(2, 3, 1, 8, 8, dtype=torch.float64)
    with torch.no_grad():
        for layer in critic.body:
            if parametrize.is_parametrized(layer):
                layer.parametrizations.weight.original.normal_()  # so that one round moves the estimate
        apart = not torch.equal(critic(real), critic(real))
        with parametrize.cached():
            scores = [critic(real), critic(fake)]
            torch.testing.assert_close(critic(torch.cat([real, fake])), torch.cat(scores), rtol=0, atol=1e-12)
            assert torch.equal(critic(real), scores[0])
        assert apart == (constraint is spectral)
        critic.eval()
        assert torch.equal(critic(real), critic(real))


def test_orthonormal_kernels_are_orthonormal_as_matrices_and_train():
    torch.manual_seed(2)
    critic = orthonormal(sngan_critic(8, width=1 / 16, channels=1).double())
    climb = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for _ in range(3):
        for layer in (each for each in critic.body if parametrize.is_parametrized(each)):
            values = np.linalg.svd(layer.weight.detach().flatten(1).numpy())[1]
            np.testing.assert_allclose(values, 1, atol=1e-6)
        before = [w.detach().clone() for w in critic.parameters()]
        climb.zero_grad()
        critic(torch.rand(4, 1, 8, 8, dtype=torch.float64)).square().mean().backward()
        climb.step()
    assert all(not torch.equal(a, b) for a, b in zip(before, critic.parameters(), strict=True))


@pytest.mark.parametrize(
    ("call", "error", "name", "got"),
    [
        (lambda: overlap(nn.Linear(2, 2)), TypeError, "layer", "a Linear"),
        (lambda: convolution_norm(nn.Conv1d(1, 1, 3), (1, 5, 5)), TypeError, "layer", "a Conv1d"),
        (lambda: convolution_bound(nn.Conv2d(1, 1, 3, dilation=2)), ValueError, "layer", "dilation=(2, 2)"),
        (
            lambda: overlap(nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect")),
            ValueError,
            "layer",
            "reflect",
        ),
        (lambda: convolution_norm(nn.Conv2d(2, 1, 3), (1, 5, 5)), ValueError, "shape", "(1, 5, 5)"),
        (lambda: convolution_norm(nn.Conv2d(2, 1, 3), (2, 5, 5), rounds=0), ValueError, "rounds", 0),
        (lambda: slope_bound(nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2))), ValueError, "layer", "dilation"),
    ],
)
def test_what_is_not_proved_is_refused(call, error, name, got):
    with refused(error, name, got):
        call()
