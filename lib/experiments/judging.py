"""How good generated samples are, by measures from outside the game: digits, and points of the ring."""

import torch
from torch import Tensor

from lib import laws, metrics
from lib.features import FeatureNetwork

RING_SAMPLES = 2500


def halves(images: Tensor) -> tuple[Tensor, Tensor]:
    """Training images and as many that the players never see, (n // 2, …) each; one fixed shuffle."""
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(2014))
    half = len(images) // 2
    return images[order[:half]], images[order[half : 2 * half]]


def judge_digits(features: FeatureNetwork, held_out: Tensor, generated: Tensor) -> dict[str, float | int]:
    """Generated images (m, …) against held-out ones (n, …), as the eyes of a classifier see both.

    The squared Fréchet distance, precision, recall and coverage of the features (k = 5 neighbours), and the
    number of classes to which the classifier gives at least one sample in a hundred. None of them notices
    copies of the images that the players have seen: `nearer_training` does.
    """
    real, fake = features.features(held_out), features.features(generated)
    near = metrics.neighbourhoods(real, fake)
    counts = features.predict(generated).bincount(minlength=10)
    return {
        "frechet": metrics.frechet_distance(real, fake),
        "precision": near.precision,
        "recall": near.recall,
        "coverage": near.coverage,
        "classes": int((counts >= len(generated) / 100).sum()),
    }


def nearer_training(generated: Tensor, training: Tensor, held_out: Tensor) -> float:
    """The share of images (m, …) nearer, pixel by pixel, to a training image than to any held-out one."""
    return metrics.copying_share(generated.flatten(1), training.flatten(1), held_out.flatten(1))


def judge_ring(samples: Tensor) -> dict[str, float | int]:
    """How many of the ring's eight modes the samples (n, 2) reach, and what share lies near one of them."""
    law = laws.eight_gaussians()
    return metrics.modes_covered(samples, law.means, law.scale)._asdict()


def astray(samples: Tensor) -> float:
    """The share of samples (n, 2) farther than three standard deviations from every mode of the ring."""
    return 1 - judge_ring(samples)["share"]


def ring_clouds(n: int = 256) -> tuple[Tensor, Tensor]:
    """Two clouds of the ring, (n, 2) each: one for the meter, and one more for its floor."""
    source, law = torch.Generator().manual_seed(2017), laws.eight_gaussians()
    return law.sample(n, source), law.sample(n, source)
