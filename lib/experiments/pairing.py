"""A generator fitted by squared error to pictures that are paired with its numbers, at random or not."""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from lib import networks


def cheapest(made: Tensor, wanted: Tensor) -> Tensor:
    """The order π of wanted points (m, …) in which Σᵢ |madeᵢ − wanted_π(i)|² is least.

    Returns indices (m,), a permutation of 0 … m − 1. Time grows as m³: a millisecond for 128 points.
    Source: Peyré and Cuturi 2019, section 2.2.
    """
    cost = torch.cdist(made.detach().flatten(1), wanted.flatten(1)).square()
    return torch.from_numpy(linear_sum_assignment(cost.cpu().numpy())[1]).to(wanted.device)


def repaired(made: Tensor, wanted: Tensor, group: int) -> Tensor:
    """The wanted points in the order that is cheapest within each `group` of pairs; 1 moves nothing."""
    if group == 1:
        return wanted
    pairs = zip(made.split(group), wanted.split(group), strict=True)
    return torch.cat([theirs[cheapest(mine, theirs)] for mine, theirs in pairs])


def regress(
    generator: nn.Module,
    training: Tensor,
    draw: torch.Generator,
    *,
    steps: int,
    group: int = 1,
    numbers: Tensor | None = None,
    batch: int = 256,
) -> None:
    """Fit G to pictures (n, c, h, w) by Adam (rate 1e-3) on (1/m) Σᵢ |G(zᵢ) − yᵢ|².

    Every step draws m = `batch` pictures, with normal numbers z drawn anew, or with their rows of `numbers`
    (n, k), the same at every step. Within each `group` of pairs the pictures then change hands so that they
    cost least.
    """
    descend = torch.optim.Adam(generator.parameters(), 1e-3, fused=True)
    latent = networks.gaussian_latent(generator.latent, draw)
    for _ in range(steps):
        chosen = torch.randint(len(training), (batch,), generator=draw)
        made = generator(latent(batch) if numbers is None else numbers[chosen])
        wanted = repaired(made, training[chosen], group)
        loss = (made - wanted).square().flatten(1).sum(dim=1).mean()
        descend.zero_grad()
        loss.backward()
        descend.step()


def spread(made: Tensor, real: Tensor) -> float:
    """Total variance of what is made over that of what is real, (n, …) each: 0 for a single picture."""
    return (made.flatten(1).var(dim=0).sum() / real.flatten(1).var(dim=0).sum()).item()
