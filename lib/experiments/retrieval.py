"""Finding images that look like a query: by their pixels, by a code, by a code of bits."""

import torch
from torch import Tensor, nn

from lib.experiments.coders import digits_halves, noisy_bits, trained

BITS, BIT_NOISE, NEIGHBOURS = 32, 4.0, (1, 10)


def precision(queries: Tensor, gallery: Tensor, neighbours: int, power: float = 2.0) -> float:
    """The share of the `neighbours` nearest gallery digits that have the query's label, over all queries.

    `queries` and `gallery` (898, …) stand for the held-out and the training digits; Minkowski distance with
    exponent `power` (1 between bits: the Hamming distance). A tie goes to the lower place in the gallery.
    """
    _, _, gallery_labels, query_labels = digits_halves()
    distances = torch.cdist(queries.flatten(1).double(), gallery.flatten(1).double(), p=power)
    places = distances.argsort(dim=1, stable=True)[:, :neighbours]
    return (gallery_labels[places] == query_labels[:, None]).double().mean().item()


def precisions(name: str, queries: Tensor, gallery: Tensor, power: float = 2.0) -> dict[str, float]:
    """`name_1` and `name_10`: the precision of one neighbour and of ten."""
    return {f"{name}_{k}": precision(queries, gallery, k, power) for k in NEIGHBOURS}


@torch.no_grad()
def by_code(name: str, encoder: nn.Module) -> dict[str, float]:
    """The precision of the codes that an encoder gives."""
    training, held_out, _, _ = digits_halves()
    return precisions(name, encoder(held_out), encoder(training))


def run_bits(seed: int) -> dict[str, float]:
    """Train 32 noisy bits; their precision (`bits`), that of the numbers before rounding (`real`), and how
    near to 0 or 1 these are: `decided` is the share below 0.1 or above 0.9; `spread` the bits that vary."""
    training, held_out, _, _ = digits_halves()
    encoder, _ = trained(seed, training, BITS, channel=noisy_bits(BIT_NOISE))
    with torch.no_grad():
        soft = [torch.sigmoid(encoder(half)) for half in (held_out, training)]
    hard = [(each > 0.5).double() for each in soft]
    return {
        **precisions("real", *soft),
        **precisions("bits", *hard, power=1.0),
        "decided": ((soft[0] - 0.5).abs() > 0.4).double().mean().item(),
        "spread": (hard[1].mean(dim=0) - 0.5).abs().lt(0.49).double().mean().item(),
    }
