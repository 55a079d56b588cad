"""Pairs of laws whose W₁ and whose best critic are known in formulas, in 2 to 128 dimensions.

Source: Korotin, Kolesov and Burnaev 2022, section 3 (arXiv 2206.07767); the parameters of their 28 problems
lie beside this file, under their licence.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from lib.arguments import refusal, whole_number

HALF_SIDE = 2.5  # the box is [−2.5, 2.5]^d
DEGREE = 8  # how strongly the earth is drawn to the centres
DIMENSIONS, FUNNELS = (2, 4, 8, 16, 32, 64, 128), (4, 16, 64, 256)
PUBLISHED = tuple((d, n) for d in DIMENSIONS for n in FUNNELS)


class Draw(NamedTuple):
    """Points of P and of Q, joined as the best plan joins them; each (n, d)."""

    real: Tensor
    generated: Tensor

    @property
    def distance(self) -> float:
        """The mean |x − y| of the pairs, in float64: their own W₁, for the same u is best for them."""
        return (self.real.double() - self.generated.double()).norm(dim=1).mean().item()


@dataclass(frozen=True, eq=False)
class Funnels:
    """u(z) = min_k (|z − a_k| + b_k), and the two laws between which −u is a best critic.

    Q is uniform on the box. A point y of it lies in the funnel k that is lowest there; on its ray from a_k it
    is drawn towards the centre:

        x = a_k + (r/R)⁸ R v,   r = |y − a_k|,   v = (y − a_k)/r,

    R being where the ray leaves the box or enters another funnel. P is the law of x. Both lie in the same
    funnel on one ray, so u(y) − u(x) = |y − x| for every pair, and u has slope 1: W₁(P, Q) = E|y − x|.

    `centres`: (n, d), in the box; `biases`: (n,).
    """

    centres: Tensor
    biases: Tensor

    @property
    def dimension(self) -> int:
        """d."""
        return self.centres.shape[1]

    def sample(self, n: int, generator: torch.Generator) -> Draw:
        """n points of Q, uniform, and where each of them is drawn from: n points of P."""
        n = whole_number("n", n, at_least=1)
        share = torch.rand(n, self.dimension, generator=generator, dtype=self.centres.dtype)
        generated = HALF_SIDE * (2 * share - 1)
        return Draw(self.drawn(generated), generated)

    def drawn(self, points: Tensor) -> Tensor:
        """The x of each y of the box, (b, d) → (b, d)."""
        heights, owner = self._heights(points).min(dim=1)
        ray = points - self.centres[owner]
        radius = ray.norm(dim=1)
        direction = ray / radius.clamp_min(1e-30)[:, None]
        length = radius + torch.minimum(
            self._to_the_wall(points, direction), self._to_another(points, direction, heights, owner)
        )
        shrunk = (radius / length).clamp(max=1) ** DEGREE * length
        return self.centres[owner] + shrunk[:, None] * direction

    def _heights(self, points: Tensor) -> Tensor:
        return torch.cdist(points, self.centres) + self.biases

    @staticmethod
    def _to_the_wall(points: Tensor, direction: Tensor) -> Tensor:
        """How far each point can go before it leaves the box."""
        wall = torch.copysign(torch.full_like(direction, HALF_SIDE), direction)
        return torch.where(direction == 0, torch.inf, (wall - points) / direction).amin(dim=1)

    def _to_another(self, points: Tensor, direction: Tensor, heights: Tensor, owner: Tensor) -> Tensor:
        """How far each point can go before another funnel is the lower one: |y + tv − a_j| = u + t − b_j."""
        rise = heights[:, None] - self.biases  # u(y) − b_j
        inwards = points @ self.centres.T
        squared = points.square().sum(1, keepdim=True) - 2 * inwards + self.centres.square().sum(1)
        along = (points * direction).sum(1, keepdim=True) - direction @ self.centres.T
        t = (squared - rise.square()) / (2 * (rise - along))
        crosses = (t > 0) & (t > -rise)
        crosses[torch.arange(len(points)), owner] = False
        return torch.where(crosses, t, torch.inf).amin(dim=1)

    def critic(self, points: Tensor) -> Tensor:
        """A best critic, −u, (b, d) → (b,)."""
        return -self._heights(points).amin(dim=1)

    def gradient(self, points: Tensor) -> Tensor:
        """∇(−u) at each point, (b, d): the unit vector to the centre of its funnel; 0 at the centre."""
        towards = self.centres[self._heights(points).argmin(dim=1)] - points
        return torch.nn.functional.normalize(towards, dim=1, eps=1e-30)


@cache
def _stored() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parent / "parameters.npz") as stored:
        return dict(stored)


def published(dimension: int, funnels: int) -> Funnels:
    """One of the 28 published problems, float64.

    Raises ValueError for a pair that is not among them.
    """
    if (dimension, funnels) not in PUBLISHED:
        got, expected = f"{(dimension, funnels)}", f"one of {DIMENSIONS} and one of {FUNNELS}"
        raise ValueError(refusal("dimension, funnels", got, expected, "published(2, 4)"))
    named = (_stored()[f"{what}_{dimension}_{funnels}"] for what in ("centres", "biases"))
    return Funnels(*(torch.from_numpy(each).double() for each in named))


def another(dimension: int, funnels: int, seed: int) -> Funnels:
    """A problem of the same make that is not among the published ones, to choose settings on, float64.

    Centres uniform in the box, biases N(0, 0.1²), as the published parameters look.
    """
    draw = torch.Generator().manual_seed(seed)
    centres = HALF_SIDE * (2 * torch.rand(funnels, dimension, generator=draw, dtype=torch.float64) - 1)
    return Funnels(centres, 0.1 * torch.randn(funnels, generator=draw, dtype=torch.float64))
