"""The fused attention against the table written out: seconds and memory of a block, forwards and backwards.

    python benchmarks/attention.py                  sides 16, 32 and 64, 64 channels, a batch of 4
    python benchmarks/attention.py --sides 16 32    other sides

Each row is measured in processes of its own, since a process never gives its largest memory back: one that
only builds block and batch, and one that computes. Seconds are those of one core, the least of five
repetitions: the machine drops out of the ratios.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch

from lib.attention import SelfAttention

WAYS = {"fused": True, "table": False}
REPETITIONS = 5
LIMITS = {64: (2.5, 5.0)}  # from this side on the fused form has to be so much faster and smaller


def measured(way: str, side: int, channels: int, batch: int, repetitions: int) -> dict[str, float]:
    """Least CPU seconds of a forward and backward pass (0 without any), and the largest memory in MiB."""
    torch.manual_seed(0)
    block = SelfAttention(channels, fused=WAYS[way])
    torch.nn.init.ones_(block.gamma)
    x = torch.randn(batch, channels, side, side, requires_grad=True)
    seconds = []
    for _ in range(repetitions):
        started = time.process_time()
        block(x).square().sum().backward()
        seconds.append(time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
    return {"seconds": min(seconds, default=0.0), "MiB": peak}


def in_own_process(way: str, side: int, channels: int, batch: int, repetitions: int) -> dict[str, float]:
    """`measured`, in a fresh process."""
    one = [str(each) for each in (way, side, channels, batch, repetitions)]
    line = [sys.executable, __file__, "--one", *one]
    return json.loads(subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> int:
    """Print the table; 1 when the two ways disagree about a block's output, or a limit is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sides", type=int, nargs="+", default=[16, 32, 64])
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        way, *sizes = asked.one
        print(json.dumps(measured(way, *map(int, sizes))))
        return 0
    torch.manual_seed(0)
    block, x = SelfAttention(asked.channels), torch.randn(2, asked.channels, 8, 8)
    torch.nn.init.ones_(block.gamma)
    fused = block(x)
    block.fused = False
    if not torch.allclose(block(x), fused, rtol=0, atol=1e-5):
        print("The two ways disagree: mend them before you time them.")
        return 1
    print(f"{torch.get_num_threads()} threads, {asked.channels} channels, batch {asked.batch}")
    print(
        f"{'side':>5}{'places':>8}"
        + "".join(f"{way + ' s':>12}{way + ' MiB':>12}" for way in WAYS)
        + "   ratios"
    )
    missed = 0
    for side in asked.sides:
        rows = {}
        for way in WAYS:
            still, busy = (
                in_own_process(way, side, asked.channels, asked.batch, n) for n in (0, REPETITIONS)
            )
            rows[way] = busy["seconds"], busy["MiB"] - still["MiB"]
        cells = "".join(f"{seconds:12.4f}{memory:12.1f}" for seconds, memory in rows.values())
        faster, smaller = (rows["table"][k] / max(rows["fused"][k], 1e-9) for k in (0, 1))
        print(f"{side:5}{side**2:8}{cells}   {faster:.1f} × faster, {smaller:.1f} × less memory")
        missed += any(
            got < least for got, least in zip((faster, smaller), LIMITS.get(side, (0, 0)), strict=True)
        )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
