"""Samples of a mixture under every measure, honest ones and cheats, and how unevenly its modes are served."""

from collections.abc import Mapping

import torch
from torch import Tensor

from lib import laws, metrics
from lib.experiments.fooling import CHEATS
from lib.laws import GaussianMixture


def unevenness(samples: Tensor, law: GaussianMixture) -> float:
    """Total variation between the shares of the modes among the samples (n, d) and the law's weights.

    A sample counts for its nearest centre, near or not. 0 for a fair share of each, 1 − 1/k for one of k
    equal modes.
    """
    nearest = torch.cdist(samples.double().cpu(), law.means).argmin(dim=1)
    shares = nearest.bincount(minlength=len(law.means)).double() / len(samples)
    return 0.5 * (shares - law.weights).abs().sum().item()


def judge(held_out: Tensor, training: Tensor, made: Tensor, law: GaussianMixture) -> dict[str, float | int]:
    """Every measure of samples (n, 2) against held-out points (n, 2), and the share nearer to training."""
    near = metrics.neighbourhoods(held_out, made)
    return metrics.modes_covered(made, law.means, law.scale)._asdict() | {
        "uneven": unevenness(made, law),
        "frechet": metrics.frechet_distance(held_out, made),
        "kernel": metrics.kernel_distance(held_out, made),
        "precision": near.precision,
        "recall": near.recall,
        "coverage": near.coverage,
        "nearer": metrics.copying_share(made, training, held_out),
    }


def run_judging(seed: int, n: int = 2500) -> Mapping[str, float | int]:
    """Honest samples and ten cheats of the 25 Gaussians under every measure; `who: measure`.

    The cheats see a training sample; all are judged against a held-out one of the same size.
    """
    law, draw = laws.twenty_five_gaussians(), torch.Generator().manual_seed(seed)
    training, held_out, honest = (law.sample(n, draw) for _ in range(3))
    rivals = {"honest": honest} | {name: cheat(law, training, n, draw) for name, cheat in CHEATS.items()}
    return {
        f"{who}: {measure}": value
        for who, made in rivals.items()
        for measure, value in judge(held_out, training, made, law).items()
    }
