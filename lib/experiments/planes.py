"""What lies between the codes: holes of a code plane, and the midpoints of pairs."""

import torch
from torch import Tensor, nn

from lib.experiments.coders import bumps, digits_halves

SIDE, PAIRS = 20, 300


def nearest(points: Tensor, others: Tensor) -> Tensor:
    """The distance of each of the points (m, …) to the nearest of the others (n, …): (m,)."""
    return torch.cdist(points.flatten(1).double(), others.flatten(1).double()).amin(dim=1)


def code_grid(codes: Tensor, side: int = SIDE, wide: float = 1.0) -> Tensor:
    """side² codes (side², 2) over the rectangle from the 1 % to the 99 % quantile of the codes (n, 2).

    `wide` stretches the rectangle about its centre.
    """
    low, high = codes.quantile(torch.tensor([0.01, 0.99], dtype=codes.dtype), dim=0)
    low, high = ((1 + wide) * a / 2 + (1 - wide) * b / 2 for a, b in ((low, high), (high, low)))
    first, second = (
        torch.linspace(*ends, side, dtype=codes.dtype)
        for ends in zip(low.tolist(), high.tolist(), strict=True)
    )
    return torch.cartesian_prod(first, second)


def share_beyond(values: Tensor, usual: Tensor) -> float:
    """The share of the values above the 99 % quantile of the usual ones."""
    return (values > usual.quantile(0.99)).double().mean().item()


@torch.no_grad()
def judge_plane(
    encoder: nn.Module, decoder: nn.Module, training: Tensor, held_out: Tensor
) -> dict[str, float]:
    """The plane of codes of two numbers, on a grid of 20 × 20.

    `empty`: the share of its codes farther from every training code than 99 % of the held-out codes are.
    `holes`: the share of its decodings farther from every training image than 99 % of the held-out
    reconstructions are; `far`: the same over a rectangle three times as wide. `radius`: the root mean square
    of the held-out codes' length.
    """
    codes, fresh = encoder(training), encoder(held_out)
    usual = nearest(decoder(fresh), training)
    grid, wide = code_grid(codes), code_grid(codes, wide=3.0)
    return {
        "empty": share_beyond(nearest(grid, codes), nearest(fresh, codes)),
        "holes": share_beyond(nearest(decoder(grid), training), usual),
        "far": share_beyond(nearest(decoder(wide), training), usual),
        "radius": fresh.square().sum(dim=1).mean().sqrt().item(),
    }


def pairs_of(first: int, second: int, count: int = PAIRS) -> tuple[Tensor, Tensor]:
    """Places among the held-out digits of `count` random pairs, from the one class and from the other."""
    labels, draw = digits_halves()[3], torch.Generator().manual_seed(79)
    places = [(labels == k).nonzero()[:, 0] for k in (first, second)]
    return tuple(each[torch.randint(len(each), (count,), generator=draw)] for each in places)


def to_third(points: Tensor, real: Tensor, *ends: Tensor) -> float:
    """The median distance of the points (m, …) to the nearest real image that is neither end of its pair."""
    distances = torch.cdist(points.flatten(1).double(), real.flatten(1).double())
    for places in ends:
        distances[torch.arange(len(points)), places] = torch.inf
    return distances.amin(dim=1).quantile(0.5).item()


@torch.no_grad()
def judge_midpoints(encoder: nn.Module, decoder: nn.Module) -> dict[str, float]:
    """Halfway from a 7 to a 9, both held out: the median distance to the nearest third digit, of 300 pairs.

    `rebuilt`: of the decoded 7 itself; `blend`: of the mean of the two decoded images; `code`: of the decoded
    mean of the two codes.
    """
    training, held_out, _, _ = digits_halves()
    sevens, nines = pairs_of(7, 9)
    real, codes = torch.cat([held_out, training]), encoder(held_out)
    decoded = decoder(codes)
    halfway = decoder((codes[sevens] + codes[nines]) / 2)
    return {
        "rebuilt": to_third(decoded[sevens], real, sevens, nines),
        "blend": to_third((decoded[sevens] + decoded[nines]) / 2, real, sevens, nines),
        "code": to_third(halfway, real, sevens, nines),
    }


@torch.no_grad()
def judge_bumps(encoder: nn.Module, decoder: nn.Module) -> dict[str, float]:
    """The distance from the nearest bump: `midpoint` of the codes of the bumps at 16 and 48, decoded, and the
    `place` of that bump; the farthest `rebuilt` one; `between`, the farthest of 101 on the way.

    `shift`: how far apart in code a bump and its copy 9.5 pixels to the right are, as a share of how far the
    farthest bump is; the mean over 45 bumps.
    """
    centres = torch.linspace(5, 59, 5401)
    every = bumps(centres)
    ends = encoder(bumps(torch.tensor([16.0, 48.0])))
    alpha = torch.linspace(0, 1, 101)[:, None]
    decoded = decoder(alpha * ends[0] + (1 - alpha) * ends[1])
    way = nearest(decoded, every)
    here = encoder(bumps(torch.linspace(10, 54, 89)))
    rebuilt = nearest(decoder(here), every)
    gaps = torch.cdist(here.double(), here.double())
    copies = gaps.diagonal(19)[:45] / gaps[:45].amax(dim=1)  # 19 places of half a pixel
    return {
        "midpoint": way[50].item(),
        "place": centres[(every - decoded[50]).square().sum(dim=1).argmin()].item(),
        "between": way.max().item(),
        "rebuilt": rebuilt.max().item(),
        "shift": copies.mean().item(),
    }
