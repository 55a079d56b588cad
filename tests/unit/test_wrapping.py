"""Critics that see their samples blurred, or several at a time."""

import pytest
import torch
from torch import nn

from lib.experiments.wrapping import Blurred, Packed


class Sum(nn.Module):
    def forward(self, samples):
        return samples.sum(dim=1)


def test_blurred_adds_fresh_noise_of_its_scale():
    critic = Blurred(Sum(), 0.5, torch.Generator().manual_seed(0))
    samples = torch.full((100_000, 2), 3.0)
    first, second = critic(samples), critic(samples)
    assert abs(first.mean() - 6) < 0.01 and abs(first.var() - 2 * 0.25) < 0.01
    assert abs(torch.corrcoef(torch.stack([first, second]))[0, 1]) < 0.02
    assert torch.equal(critic.critic(samples), samples.sum(dim=1))


def test_blurred_is_repeatable():
    one, other = (Blurred(Sum(), 1.0, torch.Generator().manual_seed(5)) for _ in range(2))
    samples = torch.randn(7, 3, generator=torch.Generator().manual_seed(1))
    assert torch.equal(one(samples), other(samples))


@pytest.mark.parametrize("scale", [0, -1.0, float("nan")])
def test_blurred_refuses(scale):
    with pytest.raises(ValueError, match="scale"):
        Blurred(Sum(), scale, torch.Generator())


def test_packed_joins_neighbours():
    samples = torch.arange(12.0).reshape(6, 2)
    assert Packed(Sum(), 2)(samples).tolist() == [6.0, 22.0, 38.0]
    assert Packed(Sum(), 3)(samples).tolist() == [15.0, 51.0]


def test_packed_refuses():
    with pytest.raises(ValueError, match="samples"):
        Packed(Sum(), 2)(torch.zeros(5, 2))
    with pytest.raises(ValueError, match="many"):
        Packed(Sum(), 1)
