"""What every network asks of what it is given: a batch of the right shape, and enough of it to normalise."""

from typing import Any

from torch import nn

from lib.arguments import float_tensor, refusal

Batch = Any  # a tensor of floats; anything else is answered by the network


def check_batch(name: str, value: Batch, shape: tuple[int, ...], meaning: str) -> None:
    """Raises TypeError for what is no tensor of floats, ValueError for other shapes than (b, *shape)."""
    float_tensor(name, value, meaning)
    if tuple(value.shape[1:]) != tuple(shape) or value.ndim != len(shape) + 1:
        expected = f"(batch, {', '.join(map(str, shape))}), {meaning}"
        remedy = "reshape the batch, or build the network with the shape of your data"
        raise ValueError(refusal(name, f"shape {tuple(value.shape)}", expected, remedy))


def check_latent(generator: nn.Module, latent: Batch) -> None:
    """`check_batch` for the latent vectors of a generator with batch normalisation.

    Raises ValueError for a batch of one in training mode too: over it, there is no variance.
    """
    check_batch("latent", latent, (generator.latent,), "one latent vector per sample")
    if generator.training and len(latent) < 2:
        expected = "at least 2, since batch normalisation needs a variance over the batch"
        remedy = "generator.eval() before a single image is drawn"
        raise ValueError(refusal("latent", "a batch of 1 in training mode", expected, remedy))
