"""The training of chapter 2 as a recipe: a linear autoencoder of digits beside their principal components."""

import sys
from collections.abc import Iterator, Mapping
from itertools import islice

import torch
from torch import Tensor, nn

from lib import data, runtime
from lib.experiments.judging import halves
from lib.experiments.spread import Recipe, command

CHAPTER = "02_principal_components"
CODE, STEPS, BATCH, RATE = 10, 3000, 64, 1e-2


def start_linear(
    seed: int, training: Tensor, device: torch.device | str = "cpu"
) -> tuple[nn.Sequential, Iterator[Tensor]]:
    """Two affine layers, 64 → 10 → 64, and the endless steps of Adam on them; each yields the batch's loss.

    The loss is the squared error summed over the pixels and averaged over the batch; `training` is (n, 64).
    The rate falls in a straight line from 1e-2 to a hundredth of it at step 3 000.
    """
    draw = runtime.seed(seed, device).torch
    network = nn.Sequential(nn.Linear(64, CODE), nn.Linear(CODE, 64)).to(device)
    descend = torch.optim.Adam(network.parameters(), lr=RATE)
    fade = torch.optim.lr_scheduler.LinearLR(descend, 1.0, 0.01, total_iters=STEPS)

    def steps() -> Iterator[Tensor]:
        for (batch,) in data.batches(training.to(device), size=BATCH, generator=draw):
            loss = (batch - network(batch)).square().sum(dim=1).mean()
            descend.zero_grad()
            loss.backward()
            descend.step()
            fade.step()
            yield loss.detach()

    return network, steps()


def judge_linear(network: nn.Sequential, training: Tensor, held_out: Tensor) -> dict[str, float]:
    """A linear autoencoder against the principal components of the training images (n, 64), in float64.

    `excess`: its loss on them over that of the principal subspace, minus 1. `held_out`: its loss on the other
    images. `cosine`: the least cosine of a principal angle between its decoder and the principal subspace.
    `stretch`: the largest over the least singular value of its decoder. `likeness`: the largest cosine of a
    decoder's column with any principal direction, the median over the columns.
    """
    code = network[0].out_features
    _, _, directions = torch.linalg.svd((training - training.mean(dim=0)).double(), full_matrices=False)
    principal = directions[:code].T
    left = (training.double() - training.double().mean(dim=0)) @ directions[code:].T
    best = left.square().sum(dim=1).mean().item()
    decoder = network[1].weight.detach().cpu().double()
    strengths = torch.linalg.svdvals(decoder)
    frame = torch.linalg.qr(decoder).Q
    columns = decoder / decoder.norm(dim=0)
    return {
        "excess": _loss(network, training) / best - 1,
        "held_out": _loss(network, held_out),
        "cosine": torch.linalg.svdvals(principal.T @ frame).min().item(),
        "stretch": (strengths[0] / strengths[-1]).item(),
        "likeness": (directions @ columns).abs().amax(dim=0).quantile(0.5).item(),
    }


@torch.no_grad()
def _loss(network: nn.Sequential, images: Tensor) -> float:
    weights = [each.detach().cpu().double() for each in network.parameters()]
    x = images.cpu().double()
    code = x @ weights[0].T + weights[1]
    return (x - code @ weights[2].T - weights[3]).square().sum(dim=1).mean().item()


def run_linear(seed: int, steps: int = STEPS) -> Mapping[str, float]:
    """Train on half of the digits; judge the network before (`untrained`: its loss, held out) and after."""
    training, held_out = (half.flatten(1) for half in halves(data.digits().images))
    network, moves = start_linear(seed, training)
    before = judge_linear(network, training, held_out)["held_out"]
    for _ in islice(moves, steps):
        pass
    return judge_linear(network, training, held_out) | {"untrained": before}


RECIPES = {
    "linear": Recipe(
        run_linear,
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; affine layers"
        f" 64 → {CODE} → 64, {STEPS} Adam steps of {BATCH} images, the rate falling from {RATE:g} 100-fold",
        resolution={},
        limits={"excess": (0.0, 1e9), "cosine": (0.0, 1.0), "held_out": (0.0, 1e9)},
        trivial={"excess": 2.92, "cosine": 0.0, "held_out": 18.9},
        settings={"threads": (1,), "instructions": ("native",)},
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_02", RECIPES, sys.argv[1:])
