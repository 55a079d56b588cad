"""The four critics of the lab once more, trained by PyTorch for the figure that stands on paper."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from lib import lipschitz

_WIDTHS = (1, 16, 16, 1)
_STEPS = 300
Scores = Callable[[np.ndarray], np.ndarray]


def train(kind: str, lab) -> Scores:
    """The scores of the critic `kind` ("affine", "clipped", "penalty", "spectral") after its training.

    `lab` is the `CriticLab` with the clouds and the numbers; the result maps points (n,) to scores (n,).
    """
    generator = torch.Generator().manual_seed(lab.seed)
    critic = _network(kind, lab.activation, generator)
    real, fake = (torch.as_tensor(np.sort(cloud))[:, None] for cloud in lab.clouds())
    rate = lab.clip_bound / 20 if kind in ("affine", "clipped") else 0.01
    optimizer = torch.optim.Adam(critic.parameters(), rate, betas=(0.5, 0.99), maximize=True)
    for _ in range(_STEPS):
        scores = critic(torch.cat([real, fake]))
        value = scores[: len(real)].mean() - scores[len(real) :].mean()
        if kind == "penalty":
            order = torch.randperm(len(fake), generator=generator) if lab.pairs == "random" else slice(None)
            points = lipschitz.interpolate(real, fake[order], generator)
            excess = lipschitz.input_gradient(critic, points).abs() - 1
            value = value - lab.penalty * (excess.relu() if lab.sided == "one" else excess).square().mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        if kind in ("affine", "clipped"):
            lipschitz.clip_(critic, lab.clip_bound)
    critic.eval()
    return lambda x: critic(torch.as_tensor(x)[:, None]).detach().squeeze(1).numpy()


def proof(scores: Scores, real: np.ndarray, generated: np.ndarray) -> float:
    """What the scores prove of W₁: `lib.lipschitz.certified_bound` of the two clouds (n,), (m,)."""
    clouds = (torch.as_tensor(cloud)[:, None] for cloud in (real, generated))
    return lipschitz.certified_bound(lambda x: torch.as_tensor(scores(x.squeeze(1).numpy())), *clouds)


def _network(kind: str, activation: str, generator: torch.Generator) -> nn.Sequential:
    """Three layers whose first kinks spread over [−3, 3], the later weights by He et al. 2015."""
    between = {"affine": nn.Identity, "spectral": lipschitz.MaxMin if activation == "maxmin" else nn.ReLU}
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(_WIDTHS):
        layers += [nn.Linear(inputs, outputs, dtype=torch.float64), between.get(kind, nn.ReLU)()]
    with torch.no_grad():
        first, *later = (layer for layer in layers if isinstance(layer, nn.Linear))
        signs = torch.randint(0, 2, (first.out_features, 1), generator=generator)
        first.weight.copy_(2.0 * signs - 1)
        kinks = 6 * torch.rand(first.out_features, generator=generator, dtype=torch.float64) - 3
        first.bias.copy_(-first.weight[:, 0] * kinks / (4 if kind == "spectral" else 1))
        for layer in later:
            most = (6 / layer.in_features) ** 0.5
            layer.weight.uniform_(-most, most, generator=generator)
            layer.bias.zero_()
    network = nn.Sequential(*layers[:-1])
    return lipschitz.spectral(network) if kind == "spectral" else network
