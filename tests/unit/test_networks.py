"""Generators, critics, encoders and decoders: what goes in and out, and how many numbers they hold."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lib.networks import (
    ConvolutionalCritic,
    ConvolutionalGenerator,
    GaussianEncoder,
    PerceptronCritic,
    PerceptronDecoder,
    PerceptronEncoder,
    PerceptronGenerator,
    gaussian_latent,
    parameters,
    perceptron,
)
from tests.unit.errors import refused

sizes = st.integers(1, 6)
shapes = st.one_of(sizes.map(lambda d: (d,)), st.tuples(st.integers(1, 3), sizes, sizes))
sides = st.sampled_from([4, 8, 12])


def dense(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def body(inputs: int, width: int, depth: int, outputs: int) -> int:
    """One layer in, depth − 1 square ones, one out; a single affine map when there is no hidden layer."""
    if depth == 0:
        return dense(inputs, outputs)
    return dense(inputs, width) + (depth - 1) * dense(width, width) + dense(width, outputs)


@given(latent=sizes, shape=shapes, width=sizes, depth=st.integers(0, 3), batch=st.integers(1, 4))
def test_perceptrons_shapes_ranges_and_sizes(latent, shape, width, depth, batch):
    generator = PerceptronGenerator(latent, shape, width=width, depth=depth)
    critic = PerceptronCritic(shape, width=width, depth=depth)
    samples = generator(100 * torch.randn(batch, latent))
    assert samples.shape == (batch, *shape)
    assert samples.abs().max() <= 1
    assert critic(samples).shape == (batch,)
    assert parameters(generator) == body(latent, width, depth, math.prod(shape))
    assert parameters(critic) == body(math.prod(shape), width, depth, 1)


@given(channels=st.integers(1, 3), height=sides, breadth=sides, width=st.integers(1, 4))
def test_convolutional_pair_shapes_ranges_and_sizes(channels, height, breadth, width):
    shape, quarter = (channels, height, breadth), (height // 4) * (breadth // 4)
    generator = ConvolutionalGenerator(5, shape, width=width)
    critic = ConvolutionalCritic(shape, width=width)
    images = generator(100 * torch.randn(3, 5))
    assert images.shape == (3, *shape)
    assert images.abs().max() <= 1
    assert critic(images).shape == (3,)

    def kernel(inputs, outputs):
        return 16 * inputs * outputs + outputs  # 4 × 4 taps

    normalised = 2 * (2 * width) + 2 * width  # a scale and a shift per channel, in two layers
    assert parameters(generator) == (
        dense(5, 2 * width * quarter) + normalised + kernel(2 * width, width) + kernel(width, channels)
    )
    assert parameters(critic) == (
        kernel(channels, width) + kernel(width, 2 * width) + dense(2 * width * quarter, 1)
    )


def test_a_perceptron_is_the_formula_it_states():
    """W₂ ρ(W₁ z + b₁) + b₂ by hand, then tanh: no activation after the last layer, ReLU between."""
    generator = PerceptronGenerator(3, (2,), width=4, depth=1).double()
    critic = PerceptronCritic((2,), width=4, depth=1).double()
    z = torch.randn(5, 3, dtype=torch.float64)
    (w1, b1, w2, b2), x = generator.parameters(), torch.randn(5, 2, dtype=torch.float64)
    by_hand = torch.tanh((z @ w1.T + b1).clamp(min=0) @ w2.T + b2)
    torch.testing.assert_close(generator(z), by_hand)
    v1, c1, v2, c2 = critic.parameters()
    hidden = x @ v1.T + c1
    hidden = torch.where(hidden > 0, hidden, 0.2 * hidden)
    torch.testing.assert_close(critic(x), (hidden @ v2.T + c2)[:, 0])


def test_points_may_leave_the_square_when_nothing_squashes_them():
    torch.manual_seed(0)
    generator = PerceptronGenerator(2, (2,), squash=nn.Identity())
    assert generator(1e3 * torch.randn(50, 2)).abs().max() > 1
    assert PerceptronGenerator(2, (2,))(1e3 * torch.randn(50, 2)).abs().max() <= 1


def test_perceptron_ends_with_an_affine_layer():
    kinds = [type(layer) for layer in perceptron([4, 3, 2], nn.ReLU())]
    assert kinds == [nn.Linear, nn.ReLU, nn.Linear]


@pytest.mark.parametrize("shape", [(4,), (1, 8, 8)])
def test_every_weight_of_a_pair_feels_the_score(shape):
    generator, critic = PerceptronGenerator(3, shape, width=16), PerceptronCritic(shape, width=16)
    critic(generator(torch.randn(8, 3))).sum().backward()
    for parameter in (*generator.parameters(), *critic.parameters()):
        assert parameter.grad is not None and parameter.grad.any()


def test_a_score_belongs_to_its_own_image():
    """No batch normalisation in the critic: the neighbours in the batch make no difference."""
    critic = ConvolutionalCritic((1, 8, 8), width=4)
    images = torch.rand(6, 1, 8, 8) * 2 - 1
    torch.testing.assert_close(critic(images)[:1], critic(images[:1]))


def of_stack(widths: list[int]) -> int:
    return sum(dense(before, after) for before, after in itertools.pairwise(widths))


@given(shape=shapes, code=sizes, hidden=st.lists(sizes, max_size=3), batch=st.integers(1, 4))
def test_coders_shapes_ranges_and_sizes(shape, code, hidden, batch):
    pixels, x, a = math.prod(shape), 100 * torch.randn(batch, *shape), 100 * torch.randn(batch, code)
    encoder, decoder = PerceptronEncoder(shape, code, hidden), PerceptronDecoder(code, shape, hidden[::-1])
    gaussian = GaussianEncoder(shape, code, hidden)
    assert encoder(x).shape == (batch, code)
    assert [each.shape for each in gaussian(x)] == [(batch, code)] * 2
    assert decoder(a).shape == (batch, *shape) and decoder(a).abs().max() <= 1
    assert parameters(encoder) == of_stack([pixels, *hidden, code])
    assert parameters(gaussian) == of_stack([pixels, *hidden, 2 * code])
    assert parameters(decoder) == of_stack([code, *hidden[::-1], pixels])


def by_hand(network: nn.Module, inputs: torch.Tensor, activation) -> torch.Tensor:
    """The affine layers one after the other, with the activation before each but the first."""
    weights = list(network.parameters())
    for k, (weight, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        inputs = (activation(inputs) if k else inputs) @ weight.T + bias
    return inputs


@pytest.mark.parametrize(
    ("activation", "formula"), [(None, lambda h: h.clamp(min=0)), (nn.Softplus(), lambda h: h.exp().log1p())]
)
def test_coders_are_the_formulas_they_state(activation, formula):
    """The widths lie from the image inwards and from the code outwards; the order in an image is kept."""
    x, a = torch.randn(5, 1, 2, 3, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
    encoder = PerceptronEncoder((1, 2, 3), 2, (7, 4), activation).double()
    assert [each.shape[0] for each in encoder.parameters()][::2] == [7, 4, 2]
    torch.testing.assert_close(encoder(x), by_hand(encoder, x.reshape(5, 6), formula))
    gaussian = GaussianEncoder((1, 2, 3), 2, (7, 4), activation).double()
    outputs = by_hand(gaussian, x.reshape(5, 6), formula)
    mean, log_variance = gaussian(x)
    torch.testing.assert_close(mean, outputs[:, :2])
    torch.testing.assert_close(log_variance, outputs[:, 2:])
    decoder = PerceptronDecoder(2, (1, 2, 3), (4, 7), activation).double()
    assert [each.shape[0] for each in decoder.parameters()][::2] == [4, 7, 6]
    by_formula = torch.tanh(by_hand(decoder, a, formula)).reshape(5, 1, 2, 3)
    torch.testing.assert_close(decoder(a), by_formula)


def test_a_decoder_of_points_and_a_code_may_be_any_numbers():
    torch.manual_seed(0)
    points = PerceptronDecoder(2, (2,), squash=nn.Identity())
    assert points(1e3 * torch.randn(50, 2)).abs().max() > 1
    assert PerceptronEncoder((2,), 2)(1e3 * torch.randn(50, 2)).abs().max() > 1


def test_every_weight_of_a_pair_of_coders_feels_the_reconstruction():
    torch.manual_seed(0)
    encoder, decoder = GaussianEncoder((1, 4, 4), 3, (16,)), PerceptronDecoder(3, (1, 4, 4), (16,))
    x = torch.rand(32, 1, 4, 4) * 2 - 1
    mean, log_variance = encoder(x)
    (decoder(mean + log_variance.exp().sqrt()) - x).square().sum().backward()
    for parameter in (*encoder.parameters(), *decoder.parameters()):
        assert parameter.grad is not None and parameter.grad.any()


@pytest.mark.parametrize(("name", "code", "hidden"), [("code", 0, (4,)), ("hidden", 2, (4, 0))])
def test_widths_that_are_no_widths_are_refused(name, code, hidden):
    for each in (PerceptronEncoder, GaussianEncoder):
        with refused(ValueError, name, 0, "at least 1"):
            each((3,), code, hidden)
    with refused(ValueError, name, 0, "at least 1"):
        PerceptronDecoder(code, (3,), hidden)


NETWORKS = {
    "codes": [PerceptronDecoder(3, (1, 8, 8), (4,))],
    "latent": [PerceptronGenerator(3, (2,), width=4), ConvolutionalGenerator(3, (1, 8, 8), width=2)],
    "samples": [
        PerceptronCritic((1, 8, 8), width=4),
        ConvolutionalCritic((1, 8, 8), width=2),
        PerceptronEncoder((1, 8, 8), 2, (4,)),
        GaussianEncoder((1, 8, 8), 2, (4,)),
    ],
}


@pytest.mark.parametrize("network", NETWORKS["latent"], ids=lambda n: type(n).__name__)
@pytest.mark.parametrize("shape", [(5, 4), (3,), (5, 3, 1)])
def test_latent_vectors_of_another_length_are_refused(network, shape):
    with refused(ValueError, "latent", shape, "(batch, 3)"):
        network(torch.zeros(shape))


@pytest.mark.parametrize("shape", [(5, 4), (3,), (5, 3, 1)])
def test_codes_of_another_length_are_refused(shape):
    with refused(ValueError, "codes", shape, "(batch, 3)"):
        NETWORKS["codes"][0](torch.zeros(shape))


@pytest.mark.parametrize("network", NETWORKS["samples"], ids=lambda n: type(n).__name__)
@pytest.mark.parametrize("shape", [(5, 64), (5, 8, 8, 1), (1, 8, 8), (5, 3, 8, 8), (5, 1, 28, 28)])
def test_samples_of_another_shape_are_refused(network, shape):
    with refused(ValueError, "samples", shape, "(batch, 1, 8, 8)"):
        network(torch.zeros(shape))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("wrong", [np.zeros((5, 3)), torch.zeros(5, 3, dtype=torch.int64), [0.0]])
def test_what_is_no_tensor_of_floats_is_refused(name, wrong):
    got = wrong.dtype if isinstance(wrong, torch.Tensor) else type(wrong).__name__
    for network in NETWORKS[name]:
        with refused(TypeError, name, got):
            network(wrong)


def test_a_batch_of_one_through_batch_normalisation_is_explained():
    generator = ConvolutionalGenerator(3, (1, 8, 8), width=2)
    with refused(ValueError, "latent", "a batch of 1", "at least 2", remedy="eval()"):
        generator(torch.zeros(1, 3))
    generator.eval()
    assert generator(torch.zeros(1, 3)).shape == (1, 1, 8, 8)


@pytest.mark.parametrize("network", [lambda s: ConvolutionalGenerator(3, s), ConvolutionalCritic])
@pytest.mark.parametrize("shape", [(1, 30, 28), (1, 28, 30), (1, 0, 4), (0, 8, 8), (8, 8), (1, 1, 8, 8)])
def test_image_sides_that_cannot_be_halved_twice_are_refused(network, shape):
    with refused(ValueError, "shape", shape, "(channels, height, width)"):
        network(shape)


def test_frozen_weights_are_not_counted():
    network = nn.Linear(3, 2)
    assert parameters(network) == 8
    network.bias.requires_grad_(False)
    assert parameters(network) == 6


def test_gaussian_latent_repeats_and_is_standard_normal():
    first = gaussian_latent(4, torch.Generator().manual_seed(3))
    second = gaussian_latent(4, torch.Generator().manual_seed(3))
    z = first(20_000)
    assert z.shape == (20_000, 4) and torch.equal(z, second(20_000))
    assert not torch.equal(z, first(20_000))  # the next draw is another one
    error = 5 / math.sqrt(20_000)
    assert z.mean(0).abs().max() < error and (torch.cov(z.T) - torch.eye(4)).abs().max() < 2 * error


def test_latent_vectors_lie_where_the_generator_draws_unless_told_otherwise():
    draw = torch.Generator().manual_seed(3)
    assert gaussian_latent(4, draw)(2).device == draw.device
    assert gaussian_latent(4, draw, "meta")(2).device == torch.device("meta")


def test_gaussian_latent_leaves_the_global_generator_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    gaussian_latent(4, torch.Generator().manual_seed(3))(10)
    assert torch.equal(torch.rand(1), expected)
