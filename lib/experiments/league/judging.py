"""What a critic of the league says, proves and points at, on fresh points."""

import numpy as np
import torch
from torch import Tensor

from lib.experiments.league.problems import Funnels
from lib.lipschitz import autograd_gradient, certificate
from lib.lipschitz.slopes import Critic

JUDGED, PAIRS = 4096, 2048  # fresh points for gradients, and pairs of them for what is proved
ELSEWHERE = 10_000  # the seed of fresh points


def directions(problem: Funnels) -> tuple[Tensor, Tensor]:
    """Fresh points of P, float32, and ∇(−u) there, float64; points on a centre, which have none, left out."""
    points = problem.sample(JUDGED, torch.Generator().manual_seed(ELSEWHERE)).real.float()
    truth = problem.gradient(points.double())
    there = truth.norm(dim=1) > 0.5
    return points[there], truth[there]


def judge(critic: Critic, problem: Funnels) -> dict[str, float]:
    """All that is asked of a critic.

    cosine    mean of cos(∇f, −∇u)
    error     mean of |∇f + ∇u|²
    length    median of |∇f|
    reads     mean f(x) − mean f(y), in per cent of the pairs' own W₁
    proves    that divided by the steepest climb between any two of the points, in per cent
    """
    points, truth = directions(problem)
    found = autograd_gradient(critic, points).detach().double()
    lengths = found.norm(dim=1)
    fresh = problem.sample(PAIRS, torch.Generator().manual_seed(ELSEWHERE + 1))
    proof = certificate(critic, fresh.real.float(), fresh.generated.float())
    return {
        "cosine": torch.nn.functional.cosine_similarity(found, truth, dim=1, eps=1e-12).mean().item(),
        "error": (found - truth).square().sum(dim=1).mean().item(),
        "length": float(np.median(lengths.numpy())),
        "reads": 100 * proof.value / fresh.distance,
        "proves": 100 * proof.bound / fresh.distance,
        "left out": float(JUDGED - len(points)),
    }
