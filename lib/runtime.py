"""Where and how the book computes: the device, the precision, the seed.

Every function says what it chose in one printed line, and refuses a bad request with the list of what
there is.
"""

import random
from typing import NamedTuple

import numpy as np
import torch

LARGEST_SEED = 2**32 - 1  # NumPy's global generator takes no larger one


class Generators(NamedTuple):
    """The generators of one seed: `.torch` (a CPU `torch.Generator`) and `.numpy` (a NumPy `Generator`)."""

    torch: torch.Generator
    numpy: np.random.Generator


def whole_number(name: str, value, at_least: int, at_most: int | None = None) -> int:
    """Check that an argument is a whole number in a range, and return it as a Python `int`.

    Args:
        name: the argument's name, for the message.
        value: what came; Python and NumPy integers pass, Booleans and floats do not.
        at_least, at_most: the range, both ends included; `at_most=None` leaves it open.

    Raises:
        TypeError: `value` is not a whole number.
        ValueError: `value` lies outside the range.
    """
    span = f"at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{name} must be a whole number {span}, but {value!r} ({type(value).__name__}) came: "
            f"pass an int, such as {name}={at_least}"
        )
    if value < at_least or (at_most is not None and value > at_most):
        raise ValueError(f"{name} must be a whole number {span}, but {value} came: choose one in that range")
    return int(value)


def available_devices() -> list[str]:
    """List the names that `device` accepts on this machine, the fastest kind first and `"cpu"` last."""
    gpus = [f"cuda:{i}" for i in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    apple = ["mps"] if torch.backends.mps.is_available() else []
    return [*gpus, *apple, "cpu"]


def device(name="auto") -> torch.device:
    """Choose the device to compute on, and say which one and why.

    Args:
        name: `"auto"` takes the first of CUDA, MPS (Apple) and the CPU that is there; or one of `"cpu"`,
            `"cuda"` (the first GPU), `"cuda:1"` (that one), `"mps"`; or a `torch.device`.

    Raises:
        ValueError: `name` is no such device, or is not on this machine; the message lists what there is.
    """
    present = available_devices()
    asked = str(name)
    if asked == "auto":
        chosen = present[0]
        reason = "no GPU was found" if chosen == "cpu" else "the first GPU found"
    else:
        # Tensors report a GPU with its index, so "cuda" is resolved here and `x.device == device` holds.
        chosen = {"cuda": "cuda:0", "mps:0": "mps", "cpu:0": "cpu"}.get(asked, asked)
        reason = "as asked"
        if chosen not in present:
            known = asked == "mps" or asked == "cuda" or asked.removeprefix("cuda:").isdigit()
            problem = "is not on this machine" if known else "is not the name of a device"
            raise ValueError(
                f"name={asked!r} {problem}: choose one of 'auto', {', '.join(map(repr, present))}, "
                "which are what this machine has"
            )
    label = f"{torch.cuda.get_device_name(chosen)}, {reason}" if chosen.startswith("cuda") else reason
    print(f"device: {chosen} ({label})")
    return torch.device("mps", 0) if chosen == "mps" else torch.device(chosen)


def seed(n) -> Generators:
    """Make the generators of one seed, and seed the global ones too.

    The book draws data, latents and batches from the generators returned. PyTorch's network layers draw
    their first weights from the global state, so Python's, NumPy's and PyTorch's (every device's) are set
    to `n` as well.

    Args:
        n: a whole number from 0 to 2^32 - 1.

    Raises:
        TypeError: `n` is not a whole number (a float or a Boolean, say).
        ValueError: `n` is negative or too large.
    """
    n = whole_number("n", n, at_least=0, at_most=LARGEST_SEED)
    random.seed(n)
    np.random.seed(n)  # libraries that the book uses still draw from it
    torch.manual_seed(n)
    return Generators(torch=torch.Generator().manual_seed(n), numpy=np.random.default_rng(n))


def has_native_bfloat16(where: torch.device) -> bool:
    """Say whether a device has bfloat16 instructions of its own (emulating them is slower than float32)."""
    if where.type == "cuda":
        return bool(torch.version.hip) or torch.cuda.get_device_capability(where) >= (8, 0)
    if where.type == "cpu":
        # Older PyTorch cannot tell: then float32, which is always right.
        flags = getattr(torch.cpu, "get_capabilities", dict)()
        return any(flags.get(flag, False) for flag in ("avx512_bf16", "amx_bf16", "bf16"))
    return False


def precision(name="float32", device="cpu") -> torch.autocast:
    """Choose the arithmetic of the forward passes as a context manager, and say which one.

    `with precision("bfloat16", where): ...` runs matrix products and convolutions in bfloat16 and keeps
    the weights, sums and losses in float32 (PyTorch's autocast). `"float32"` switches autocast off;
    PyTorch's other settings stay as they are (its convolutions on a CUDA device may use TF32). The line is
    printed when the manager is made.

    Args:
        name: `"float32"`, `"bfloat16"`, or `"auto"`: bfloat16 where the device has instructions for it.
        device: the `torch.device` (or its name) on which the forward passes run.

    Raises:
        ValueError: `name` is none of the three.
    """
    choices = ("float32", "bfloat16", "auto")
    if name not in choices:
        raise ValueError(f"name={name!r} is not a precision: choose one of {', '.join(map(repr, choices))}")
    where = torch.device(device)
    chosen, reason = name, "as asked"
    if name == "auto":
        native = has_native_bfloat16(where)
        chosen = "bfloat16" if native else "float32"
        reason = f"{where.type} {'has' if native else 'has no'} bfloat16 instructions"
    print(f"precision: {chosen} ({reason})")
    return torch.autocast(where.type, dtype=torch.bfloat16, enabled=chosen == "bfloat16")
