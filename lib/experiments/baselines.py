"""What a generator of digits has to beat: Gaussian laws fitted to the same training images, in seconds."""

import warnings

import torch
from sklearn.mixture import GaussianMixture
from torch import Tensor

RIDGE = 0.01  # added to every variance: some pixels are the same in all images


def fitted(images: Tensor, n: int, seed: int, parts: int = 1) -> Tensor:
    """n samples of a Gaussian mixture of so many parts, fitted to the images (m, c, h, w), cut to [−1, 1].

    Maximum likelihood with full covariances; the expectation–maximisation algorithm for several parts.
    """
    model = GaussianMixture(parts, reg_covar=RIDGE, random_state=seed)
    drawn, _ = model.fit(images.flatten(1).double().numpy()).sample(n)
    return torch.as_tensor(drawn).float().clamp(-1, 1).reshape(n, *images.shape[1:])


def class_by_class(images: Tensor, labels: Tensor, n: int, seed: int) -> Tensor:
    """n samples (n, c, h, w) of one Gaussian for each label, in the shares in which the labels (m,) come."""
    draw = torch.Generator().manual_seed(seed)
    counts = labels[torch.randint(len(labels), (n,), generator=draw)].bincount(
        minlength=int(labels.max()) + 1
    )
    return torch.cat([fitted(images[labels == k], int(m), seed) for k, m in enumerate(counts) if m])


def rivals(training: Tensor, labels: Tensor, n: int, seed: int) -> dict[str, Tensor]:
    """n images of each baseline: one Gaussian, ten without labels, one Gaussian for each class."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a fit that has not converged is no baseline
        return {
            "one Gaussian": fitted(training, n, seed),
            "ten Gaussians": fitted(training, n, seed, parts=10),
            "one per class": class_by_class(training, labels, n, seed),
        }
