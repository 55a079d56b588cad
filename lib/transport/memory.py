"""How much memory there is, and a refusal, with an estimate, before more than that is asked for."""

import math
from pathlib import Path

import psutil

from lib.arguments import refusal

BYTES_OF_PAIR = 80  # of a column of `constraint_matrix` or `lipschitz_matrix` while they are made
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container, which the system's own figure does not know


def available_memory() -> float:
    """Bytes of memory that can still be had: what the system offers, within the limit of a container."""
    offered = float(psutil.virtual_memory().available)
    try:
        return min(offered, float(LIMIT.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit
        return offered


def require_memory(name: str, got: object, needed: float | int, remedy: str) -> None:
    """Raises ValueError when `needed` bytes are more than there are."""
    available = available_memory()
    if needed > available:
        digits = f"{needed / 1e9:.1f} GB" if needed < 1e15 else f"10^{math.log10(needed / 1e9):.0f} GB"
        expected = f"a size that fits into {available / 1e9:.1f} GB"
        raise ValueError(refusal(name, f"{got}, which takes about {digits}", expected, remedy))
