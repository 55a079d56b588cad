"""The networks of SAGAN: sizes stage by stage, what the class changes, and what the attention adds."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from lib import lipschitz, networks
from lib.attention import SelfAttention
from lib.networks import ConditionalBatchNorm2d, UpBlock, sagan_critic, sagan_generator, stages
from tests.unit.errors import refused


def built(make, **options):
    with torch.device("meta"):
        return make(**options)


def small(make, **options):
    torch.manual_seed(0)
    return make(size=16, width=1 / 4, channels=1, classes=3, **({"attention": 8} | options))


def convolution(before: int, after: int, places: int) -> int:
    return before * after * places + after


def test_the_generator_for_128_stage_by_stage():
    rows = stages(built(sagan_generator))
    sides = [(1024, 4), (1024, 8), (512, 16), (256, 32), (256, 32), (128, 64), (64, 128)]
    assert [row.output for row in rows] == [(c, s, s) for c, s in sides] + [(3, 128, 128)]
    assert [row.layer for row in rows][3:5] == ["UpBlock", "SelfAttention"]
    first = 128 * 16 * 1024 + 16 * 1024
    widths = [1024, 1024, 512, 256, 128, 64]
    blocks = [
        convolution(a, b, 9) + convolution(b, b, 9) + convolution(a, b, 1) + 2 * 1000 * (a + b)
        for a, b in pairwise(widths)
    ]
    attention, last = 4 * 256 * 32 + 1, 2 * 64 + convolution(64, 3, 9)
    assert [row.parameters for row in rows] == [first, *blocks[:3], attention, *blocks[3:], last]


def test_the_critic_for_128_stage_by_stage():
    critic = built(sagan_critic)
    rows = stages(critic)
    shapes = [(64, 64), (128, 32), (128, 32), (256, 16), (512, 8), (1024, 4), (1024, 4)]
    assert [row.output for row in rows] == [(c, s, s) for c, s in shapes] + [(1024,), (1,), (1024,)]
    assert [row.layer for row in rows][2] == "SelfAttention"
    assert rows[2].parameters == 4 * 128 * 16 + 1
    assert sum(row.parameters for row in rows) == networks.parameters(critic)
    assert rows[-1].parameters == 1000 * 1024


def test_forward_and_backward_on_the_meta_device():
    generator, critic = built(sagan_generator), built(sagan_critic)
    with torch.device("meta"):
        label = torch.zeros(2, dtype=torch.int64)
        score = critic(generator(torch.zeros(2, 128), label), label)
    score.sum().backward()
    assert score.shape == (2,) and all(weight.grad is not None for weight in generator.parameters())


@pytest.mark.parametrize("make", [sagan_generator, sagan_critic])
def test_without_attention_the_rest_is_the_same(make):
    """Every network draws its own first weights, so the counts agree, not the numbers."""
    with_it, without = small(make), small(make, attention=None)
    block = next(part for part in with_it.modules() if isinstance(part, SelfAttention))
    assert networks.parameters(with_it) - networks.parameters(block) == networks.parameters(without)
    assert not [part for part in without.modules() if isinstance(part, SelfAttention)]


def test_each_class_has_its_own_scale_and_shift():
    layer = ConditionalBatchNorm2d(2, 3).double()
    with torch.no_grad():
        layer.scale.copy_(torch.arange(1.0, 7.0))  # rows (1, 2), (3, 4), (5, 6)
        layer.shift.copy_(torch.arange(10.0, 16.0))
    h = torch.randn(4, 2, 3, 5, dtype=torch.float64)
    label = torch.tensor([2, 0, 2, 1])
    for unit in range(2):
        mean, variance = h[:, unit].mean(), h[:, unit].var(correction=0)
        for b, k in enumerate(label.tolist()):
            expected = (2 * k + 1 + unit) * (h[b, unit] - mean) / (variance + 1e-5).sqrt() + 10 + 2 * k + unit
            torch.testing.assert_close(layer(h, label)[b, unit], expected, rtol=0, atol=1e-12)


def test_the_score_is_an_affine_map_of_the_features_and_a_projection_on_the_class():
    critic, image = small(sagan_critic).eval(), torch.rand(2, 1, 16, 16) * 2 - 1
    with torch.no_grad():
        scores = torch.stack([critic(image, torch.full((2,), k)) for k in range(3)])
        seen = image
        for stage in critic.stages:
            seen = stage(seen)
        for k in range(3):
            row = critic.score.weight[0] + critic.classes.weight[k]
            torch.testing.assert_close(scores[k], seen @ row + critic.score.bias)
    assert (scores[0] - scores[1]).abs().min() > 0


def test_an_image_is_in_range_and_belongs_to_its_class():
    generator = small(sagan_generator)
    z = torch.randn(4, 128)
    generator(z, torch.tensor([0, 1, 2, 0]))
    assert torch.equal(
        *(generator.eval()(z, torch.full((4,), k)) for k in (0, 1))
    )  # all scales are 1 at first
    with torch.no_grad():
        for part in generator.modules():
            if isinstance(part, ConditionalBatchNorm2d):
                part.scale.add_(torch.rand_like(part.scale))
    zero, one = (generator(z, torch.full((4,), k)) for k in (0, 1))
    assert zero.shape == (4, 1, 16, 16) and zero.abs().max() < 1
    assert (zero - one).abs().max() > 1e-3


@pytest.mark.parametrize("make", [sagan_generator, sagan_critic])
def test_the_spectral_norm_takes_every_matrix_and_leaves_the_tables_of_the_normalisation(make):
    network = lipschitz.spectral(small(make), iterations=30).eval()
    kinds = nn.Conv2d | nn.Linear | nn.Embedding | nn.Conv1d
    norms = [
        torch.linalg.matrix_norm(layer.weight.flatten(1), ord=2)
        for layer in network.modules()
        if isinstance(layer, kinds)
    ]
    torch.testing.assert_close(torch.stack(norms), torch.ones(len(norms)), rtol=0, atol=1e-3)
    tables = [part.scale for part in network.modules() if isinstance(part, ConditionalBatchNorm2d)]
    assert all((table == 1).all() for table in tables)
    assert bool(tables) == (make is sagan_generator)


def test_refusals():
    for make in (sagan_generator, sagan_critic):
        with refused(ValueError, "size", 48):
            make(size=48, attention=None)
        with refused(ValueError, "attention", 32, "[8, 16]"):
            make(size=32)
    generator, critic = small(sagan_generator), small(sagan_critic)
    label = torch.zeros(2, dtype=torch.int64)
    with refused(ValueError, "latent", "(2, 64)"):
        generator(torch.zeros(2, 64), label)
    with refused(ValueError, "latent", "batch of 1"):
        generator(torch.zeros(1, 128), label[:1])
    with refused(ValueError, "samples", "(2, 1, 8, 8)"):
        critic(torch.zeros(2, 1, 8, 8), label)
    for wrong in (label[:1], label.float(), [0, 0]):
        with refused(ValueError, "label"):
            critic(torch.zeros(2, 1, 16, 16), wrong)
    with refused(TypeError, "latent", "list"):
        generator([0.0], label)
    assert isinstance(generator.stages[1], UpBlock)
