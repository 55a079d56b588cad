"""Greedy pre-training, layer by layer, and then a few labels: against the same network without it."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib import data, runtime
from lib.experiments.coders import digits_halves

WIDTHS, LABELS = (64, 64, 32, 16), (10, 20, 50, 100, 200, 898)
PRE_STEPS, FINE_STEPS, BATCH, PRE_RATE = 1000, 500, 64, 3e-3
# the best rates of a grid, on a quarter of the training half and by seeds that are not stored
RATES = {"sigmoid": (1e-2, 3e-3), "relu": (3e-3, 1e-3)}
ACTIVATIONS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU}


def layers(activation: str) -> list[nn.Sequential]:
    """Three fresh hidden layers, 64–64, 64–32, 32–16, each an affine map and its activation."""
    return [nn.Sequential(nn.Linear(WIDTHS[k], WIDTHS[k + 1]), ACTIVATIONS[activation]()) for k in range(3)]


def pretrain(stack: list[nn.Sequential], images: Tensor, draw: torch.Generator, noise: float = 0.3) -> None:
    """Train each layer as the encoder of an autoencoder of what the layer below puts out, without labels.

    The decoder is affine and thrown away. The inputs are spoilt by normal noise, `noise` times as large as
    they vary: the first layer is as wide as an image, and the identity would do. The layers change in place.
    """
    x = images.flatten(1)
    for layer in stack:
        decoder = nn.Linear(layer[0].out_features, layer[0].in_features)
        descend = torch.optim.Adam([*layer.parameters(), *decoder.parameters()], lr=PRE_RATE)
        size = noise * x.std(dim=0).mean()
        moves = data.batches(x, size=BATCH, generator=draw)
        for _, (clean,) in zip(range(PRE_STEPS), moves, strict=False):
            spoilt = clean + size * torch.randn(clean.shape, generator=draw)
            J = (clean - decoder(layer(spoilt))).square().sum(dim=1).mean()
            descend.zero_grad()
            J.backward()
            descend.step()
        with torch.no_grad():
            x = layer(x)


def fine_tune(stack: list[nn.Sequential], images: Tensor, labels: Tensor, rate: float) -> nn.Sequential:
    """Add a random output layer and train everything on the labelled images, all of them in each step."""
    network = nn.Sequential(nn.Flatten(), *stack, nn.Linear(WIDTHS[-1], 10))
    descend = torch.optim.Adam(network.parameters(), lr=rate)
    for _ in range(FINE_STEPS):
        J = functional.cross_entropy(network(images), labels)
        descend.zero_grad()
        J.backward()
        descend.step()
    return network


def few(labels: Tensor, count: int, draw: torch.Generator) -> Tensor:
    """Places of `count` images, as many of each class as of another where the classes allow it."""
    order = torch.randperm(len(labels), generator=draw)
    rank = torch.zeros(len(labels))
    for k in labels.unique():
        own = order[labels[order] == k]
        rank[own] = torch.arange(len(own)).float()
    return order[rank[order].argsort(stable=True)][:count]


@torch.no_grad()
def accuracy(network: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images whose largest score is that of their label."""
    return (network(images).argmax(dim=1) == labels).double().mean().item()


def compare(
    seed: int,
    activation: str,
    unlabelled: Tensor,
    labels: Tensor,
    fresh: Tensor,
    answers: Tensor,
    rates: tuple[float, float] | None = None,
    counts: tuple[int, ...] = LABELS,
) -> Mapping[str, float]:
    """For each number of labels the accuracy on `fresh` of both, from the same first weights and labels."""
    draw, found = runtime.seed(seed).torch, {}
    fresh_stack = layers(activation)
    ready = copy.deepcopy(fresh_stack)
    pretrain(ready, unlabelled, draw)
    rate_plain, rate_pre = rates or RATES[activation]
    for count in counts:
        chosen = few(labels, count, torch.Generator().manual_seed(seed + 5000))
        arms = (("plain", fresh_stack, rate_plain), ("pretrained", ready, rate_pre))
        for name, stack, rate in arms:
            torch.manual_seed(seed + 6000)  # the same output layer for both
            network = fine_tune(copy.deepcopy(stack), unlabelled[chosen], labels[chosen], rate)
            found[f"{name}_{count}"] = accuracy(network, fresh, answers)
    return found


def compare_on_digits(seed: int, activation: str) -> Mapping[str, float]:
    """The comparison on the digits: 898 without labels, some of them with, 898 others to judge by."""
    training, held_out, labels, answers = digits_halves()
    return compare(seed, activation, training, labels, held_out, answers)


def nearest_labelled(seed: int) -> Mapping[str, float]:
    """The baseline that learns nothing: the label of the nearest of the labelled images, by its pixels."""
    training, held_out, labels, answers = digits_halves()
    found = {}
    for count in LABELS:
        chosen = few(labels, count, torch.Generator().manual_seed(seed + 5000))
        near = torch.cdist(held_out.flatten(1), training[chosen].flatten(1)).argmin(dim=1)
        found[f"nearest_{count}"] = (labels[chosen][near] == answers).double().mean().item()
    return found
