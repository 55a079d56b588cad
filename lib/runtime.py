"""Where the book computes, and from which seed."""

import os
import random
from typing import NamedTuple

import numpy as np
import torch

from lib.arguments import refusal, whole_number

LARGEST_SEED = 2**32 - 1  # NumPy's global generator takes no larger one


class Generators(NamedTuple):
    """The generators of one seed: `.torch` (a `torch.Generator`) and `.numpy` (a NumPy `Generator`)."""

    torch: torch.Generator
    numpy: np.random.Generator


def available_devices() -> list[str]:
    """List the names that `device` accepts on this machine, GPUs first and `"cpu"` last.

    Apple's GPUs are not among them: they lack float64, in which the book draws from its laws.
    """
    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return [*gpus, "cpu"]


def device(name=None) -> torch.device:
    """The device to compute on: the one named here, else by the environment's `BOOK_DEVICE`, else the CPU.

    The CPU is the default also where there is a GPU: the book's networks are so small that a GPU waits for
    its next instruction most of the time, and the stored outputs are those of a CPU. That is an expectation,
    not yet a measurement. What was asked for is confirmed in one printed line; the default prints nothing.

    Args:
        name: `"auto"` takes the first GPU, or the CPU where there is none; or one of `"cpu"`, `"cuda"` (the
            first GPU), `"cuda:1"` (that one); or a `torch.device`.

    Raises:
        ValueError: that is no device, or is not on this machine; the message lists what there is.
    """
    environment = os.environ.get("BOOK_DEVICE", "")
    if name is None and not environment:
        return torch.device("cpu")
    origin, asked = ("BOOK_DEVICE", environment) if name is None else ("name", str(name))
    present = available_devices()
    # Tensors report a GPU with its index, so "cuda" is resolved here and `x.device == device` holds.
    chosen = {"auto": present[0], "cuda": "cuda:0", "cpu:0": "cpu"}.get(asked, asked)
    if chosen not in present:
        choices = ", ".join(map(repr, ("auto", *present)))
        raise ValueError(refusal(origin, repr(asked), f"a device of this machine, {choices}", "'auto'"))
    label = f" ({torch.cuda.get_device_name(chosen)})" if chosen.startswith("cuda") else ""
    print(f"device: {chosen}{label}")
    return torch.device(chosen)


def seed(n, device: torch.device | str = "cpu") -> Generators:
    """Make the generators of one seed, and seed the global ones too.

    The book draws data, latents and batches from the generators returned, of which PyTorch's lives on
    `device`; on another device it draws other numbers. PyTorch's network layers draw their first weights
    from the global state of the CPU and are moved afterwards, so that they start alike everywhere: Python's,
    NumPy's and PyTorch's (every device's) global states are set to `n` as well.

    Args:
        n: a whole number from 0 to 2^32 - 1.
        device: where the PyTorch generator draws, such as `runtime.device()`.

    Raises:
        TypeError: `n` is not a whole number (a float or a Boolean, say).
        ValueError: `n` is negative or too large.
    """
    n = whole_number("n", n, at_least=0, at_most=LARGEST_SEED)
    random.seed(n)
    np.random.seed(n)  # libraries that the book uses still draw from it
    torch.manual_seed(n)
    return Generators(torch.Generator(device=device).manual_seed(n), np.random.default_rng(n))
