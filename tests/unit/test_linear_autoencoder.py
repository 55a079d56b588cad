"""The judgement of a linear autoencoder, on networks whose answers are known by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from lib.experiments.chapter_02 import judge_linear


@pytest.fixture
def halves() -> tuple[torch.Tensor, torch.Tensor]:
    """Two sets of 200 points in six dimensions, far from the origin, of unequal spreads."""
    draw = torch.Generator().manual_seed(0)
    spread = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0, 0.5])
    turned = torch.linalg.qr(torch.randn(6, 6, generator=draw)).Q
    return tuple((torch.randn(200, 6, generator=draw) * spread) @ turned + 3 for _ in range(2))


def network_of(encoder, decoder, mean) -> nn.Sequential:
    """x → mean + decoder · encoder · (x − mean), as two affine layers."""
    network = nn.Sequential(nn.Linear(6, len(encoder)), nn.Linear(len(encoder), 6)).double()
    with torch.no_grad():
        network[0].weight.copy_(encoder)
        network[0].bias.copy_(-encoder @ mean)
        network[1].weight.copy_(decoder)
        network[1].bias.copy_(mean)
    return network


@pytest.fixture
def principal(halves) -> tuple[torch.Tensor, torch.Tensor]:
    mean = halves[0].double().mean(dim=0)
    frame = torch.linalg.eigh(torch.cov(halves[0].double().T)).eigenvectors[:, [-1, -2]]
    return mean, frame


def test_principal_components_have_no_excess(halves, principal):
    mean, frame = principal
    judged = judge_linear(network_of(frame.T, frame, mean), *halves)
    assert judged["excess"] == pytest.approx(0, abs=1e-6)
    assert judged["cosine"] == pytest.approx(1, abs=1e-6)
    assert judged["stretch"] == pytest.approx(1, abs=1e-6)
    assert judged["likeness"] == pytest.approx(1, abs=1e-6)


def test_a_mixed_code_keeps_the_subspace_and_loses_the_components(halves, principal):
    mean, frame = principal
    mix = torch.tensor([[2.0, 1.0], [-1.0, 1.0]], dtype=torch.float64)
    judged = judge_linear(network_of(torch.linalg.inv(mix) @ frame.T, frame @ mix, mean), *halves)
    assert judged["excess"] == pytest.approx(0, abs=1e-6)
    assert judged["cosine"] == pytest.approx(1, abs=1e-6)
    strengths = np.linalg.svd(mix.numpy())[1]
    assert judged["stretch"] == pytest.approx(strengths[0] / strengths[1], rel=1e-6)
    assert judged["likeness"] == pytest.approx((2 / 5**0.5 + 1 / 2**0.5) / 2, rel=1e-6)


def test_the_wrong_pair_of_directions_is_seen(halves, principal):
    mean, _ = principal
    values, vectors = torch.linalg.eigh(torch.cov(halves[0].double().T))
    frame = vectors[:, [-1, -3]]
    judged = judge_linear(network_of(frame.T, frame, mean), *halves)
    lost, least = values[:3].sum() + values[4], values[:4].sum()
    assert judged["excess"] == pytest.approx((lost / least).item() - 1, rel=1e-5)
    assert judged["cosine"] == pytest.approx(0, abs=1e-6)


def test_a_constant_answer_loses_the_spread_around_it(halves, principal):
    mean, frame = principal
    judged = judge_linear(network_of(0 * frame.T, frame, mean), *halves)
    by_hand = ((halves[1].double() - mean) ** 2).sum(dim=1).mean()
    assert judged["held_out"] == pytest.approx(by_hand.item(), rel=1e-6)
    values = torch.linalg.eigvalsh(torch.cov(halves[0].double().T))
    assert judged["excess"] == pytest.approx((values.sum() / values[:4].sum()).item() - 1, rel=1e-5)
