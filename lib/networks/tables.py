"""A network as the table in which a paper prints it: row by row, sizes and parameters."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import nn

from lib.networks.sngan import ImageCritic, ImageGenerator


def parameters(network: nn.Module) -> int:
    """The number of trainable scalars."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


class Row(NamedTuple):
    """One row of a network's table: a layer's kind, the shape of its output for one sample, its weights."""

    layer: str
    output: tuple[int, ...]
    parameters: int


def table(network: ImageGenerator | ImageCritic) -> Iterator[Row]:
    """The layers of the network's body as rows of a table, measured by an empty batch that passes through.

    Nothing is computed: the pass runs on the meta device, with a copy of the weights.
    """
    enters = (network.latent,) if isinstance(network, ImageGenerator) else network.shape
    with torch.device("meta"):
        value = torch.empty(2, *enters)
    for layer in network.body:
        weights = {name: weight.to("meta") for name, weight in layer.state_dict().items()}
        with torch.no_grad():
            value = torch.func.functional_call(layer, weights, (value,))
        count = sum(weight.numel() for weight in layer.parameters() if weight.requires_grad)
        yield Row(type(layer).__name__, tuple(value.shape[1:]), count)
