"""Where latent vectors come from."""

from collections.abc import Callable

import torch
from torch import Tensor


def gaussian_latent(
    dimension: int, generator: torch.Generator, device: torch.device | str | None = None
) -> Callable[[int], Tensor]:
    """A sampler n ↦ z ~ N(0, I), shape (n, dimension), drawn from `generator`: a run can be repeated.

    The vectors lie where the generator draws, unless another `device` is named.
    """
    where = generator.device if device is None else device

    def latent(n: int) -> Tensor:
        return torch.randn(n, dimension, generator=generator, device=generator.device).to(where)

    return latent
