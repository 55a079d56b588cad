"""The networks of SNGAN against the published tables: sizes row by row, and how many numbers they hold."""

import pytest
import torch
from torch import nn

from lib import lipschitz, networks
from lib.networks import ResidualBlock, Row
from tests.unit.errors import refused


def built(make, **options):
    with torch.device("meta"):
        return make(**options)


def of_kind(network, *kinds):
    return [row.output for row in networks.table(network) if row.layer in kinds]


@pytest.mark.parametrize(("size", "side", "count"), [(32, 4, 3_812_355), (48, 6, 5_133_315)])
def test_the_generator_is_the_table(size, side, count):
    generator = built(networks.sngan_generator, size=size)
    expected = [(512, side, side), (256, 2 * side, 2 * side), (128, 4 * side, 4 * side), (64, size, size)]
    assert of_kind(generator, "Unflatten", "ConvTranspose2d") == expected
    assert of_kind(generator, "Conv2d", "Tanh") == [(3, size, size)] * 2
    assert of_kind(generator, "BatchNorm2d") == of_kind(generator, "ReLU") == expected[1:]
    assert networks.parameters(generator) == sum(row.parameters for row in networks.table(generator)) == count


@pytest.mark.parametrize(("size", "count"), [(32, 2_935_873), (48, 2_946_113)])
def test_the_critic_is_the_table_with_256_channels_in_its_sixth_row(size, count):
    critic = built(networks.sngan_critic, size=size)
    sides = [size, size // 2, size // 2, size // 4, size // 4, size // 8, size // 8]
    channels = [64, 64, 128, 128, 256, 256, 512]
    expected = [(c, m, m) for c, m in zip(channels, sides, strict=True)]
    assert of_kind(critic, "Conv2d") == of_kind(critic, "LeakyReLU") == expected
    assert of_kind(critic, "Linear") == [(1,)]
    assert networks.parameters(critic) == sum(row.parameters for row in networks.table(critic)) == count
    assert {layer.negative_slope for layer in critic.modules() if isinstance(layer, nn.LeakyReLU)} == {0.1}


def test_the_residual_networks_hold_what_their_table_says():
    generator, critic = built(networks.sngan_resnet_generator), built(networks.sngan_resnet_critic)
    assert of_kind(generator, "ResidualBlock") == [(256, 8, 8), (256, 16, 16), (256, 32, 32)]
    assert of_kind(critic, "ResidualBlock") == [(128, 16, 16), (128, 8, 8), (128, 8, 8), (128, 8, 8)]
    square, one = 256 * 256 * 9 + 256, 256 * 256 + 256
    block = 2 * square + one + 2 * 512
    assert networks.parameters(generator) == 128 * 4096 + 4096 + 3 * block + 512 + 6915 == 4_276_739
    square, one = 128 * 128 * 9 + 128, 128 * 128 + 128
    first = 3 * 128 * 9 + 128 + square + 3 * 128 + 128
    assert networks.parameters(critic) == first + 2 * square + one + 4 * square + 129 == 1_053_825


@pytest.mark.parametrize("size", [8, 16])
def test_narrow_pairs_make_and_score_grey_images(size):
    torch.manual_seed(0)
    generator = networks.sngan_generator(size, width=1 / 32, channels=1)
    critic = networks.sngan_critic(size, width=1 / 32, channels=1)
    images = generator(100 * torch.randn(3, 128))
    assert images.shape == (3, 1, size, size) and images.abs().max() <= 1
    assert critic(images).shape == (3,)
    torch.testing.assert_close(critic(images)[:1], critic(images[:1]))  # a score belongs to its own image
    assert [row.output[0] for row in networks.table(critic) if row.layer == "Conv2d"] == [
        2,
        2,
        4,
        4,
        8,
        8,
        16,
    ]
    critic(images).sum().backward()
    for weight in (*generator.parameters(), *critic.parameters()):
        assert weight.grad is not None and weight.grad.isfinite().all()


def pooled(images):
    return images.unflatten(3, (-1, 2)).unflatten(2, (-1, 2)).mean(dim=(3, 5))


def twice(images):
    return images.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def test_a_residual_block_is_its_formula():
    """Both paths by hand: mean over 2×2 of x ↦ 1×1 and of ReLU, 3×3, ReLU, 3×3."""
    torch.manual_seed(0)
    x = torch.randn(2, 3, 4, 6, dtype=torch.float64)
    block = ResidualBlock(3, 5, "down").double()
    branch = block.tail[1](block.inner(x.clamp(min=0)).clamp(min=0))
    torch.testing.assert_close(block(x), pooled(block.shortcut(x)) + pooled(branch))
    first = ResidualBlock(3, 5, "down", first=True).double()
    branch = first.tail[1](first.inner(x).clamp(min=0))
    torch.testing.assert_close(first(x), pooled(first.shortcut(x) + branch))
    same = ResidualBlock(3, 3).double()
    torch.testing.assert_close(same(x) - x, same.tail[1](same.inner(x.clamp(min=0)).clamp(min=0)))
    up = ResidualBlock(3, 3, "up").double()
    branch = up.tail[1](up.inner(twice(x.clamp(min=0))).clamp(min=0))
    torch.testing.assert_close(up(x), up.shortcut(twice(x)) + branch)


def test_every_matrix_of_the_critics_can_be_normalised():
    for make in (networks.sngan_critic, networks.sngan_resnet_critic):
        critic = lipschitz.spectral(make(width=1 / 32, channels=1)).eval()
        weights = [layer.weight for layer in critic.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        norms = torch.stack([torch.linalg.matrix_norm(weight.flatten(1), ord=2) for weight in weights])
        torch.testing.assert_close(norms, torch.ones(len(norms)), rtol=0.1, atol=0)


def test_a_table_leaves_the_network_as_it_is():
    generator = networks.sngan_generator(8, width=1 / 64)
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    rows = list(networks.table(generator))
    assert rows[0] == Row("Linear", (8,), 128 * 8 + 8)
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


@pytest.mark.parametrize("make", [networks.sngan_generator, networks.sngan_critic])
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("size", 28, "halved three times"), ("size", 0, "at least 8"), ("width", 0, "positive")],
)
def test_sizes_and_widths_that_are_none_are_refused(make, name, value, expected):
    with refused(ValueError, name, value, expected):
        make(**{name: value})


def test_batches_of_another_shape_are_refused():
    generator = networks.sngan_generator(8, width=1 / 64, channels=1)
    critic = networks.sngan_critic(8, width=1 / 64, channels=1)
    with refused(ValueError, "latent", (5, 3), "(batch, 128)"):
        generator(torch.zeros(5, 3))
    with refused(ValueError, "latent", "a batch of 1", "at least 2", remedy="eval()"):
        generator(torch.zeros(1, 128))
    with refused(ValueError, "samples", (5, 1, 8, 9), "(batch, 1, 8, 8)"):
        critic(torch.zeros(5, 1, 8, 9))
    with refused(TypeError, "samples", torch.int64):
        critic(torch.zeros(5, 1, 8, 8, dtype=torch.int64))
    with refused(ValueError, "resize", "'both'", '"up"'):
        ResidualBlock(2, 2, "both")
