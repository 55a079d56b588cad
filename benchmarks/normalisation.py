"""What it costs a move to keep a critic's slope down: spectral normalisation and the penalty against none.

    python benchmarks/normalisation.py                     chapter 14's game, at 1/16 and 1/4 of the width
    python benchmarks/normalisation.py --sixteenths 1 16   other widths; 16 sixteenths are the paper's

The games of all ways stand side by side and move in turn, so that a machine that is busy for a while is busy
for all of them. A move is one of the critic on a batch and one of the generator, as in the chapter. Seconds
are those of one core, the median over the moves; the ratios are those of each move to the plain one beside
it, median, least and largest: the machine drops out of them.
"""

import argparse
import os
import platform
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from lib import data, lipschitz, networks, runtime
from lib.experiments import game, normalised
from lib.experiments.game import Game
from lib.experiments.judging import halves

WAYS = ("plain", "spectral", "penalty")
WARM = 3  # moves before the clock is looked at: buffers, Adam's averages, the first power iterations


def begun(way: str, width: float, training: torch.Tensor) -> Game:
    """The chapter's game at another width: the same seed, batches and latent vectors for every way."""
    draw = runtime.seed(0).torch
    generator = networks.sngan_generator(normalised.SIZE, width, channels=1)
    critic = networks.sngan_critic(normalised.SIZE, width, channels=1)
    if way == "spectral":
        critic = lipschitz.spectral(critic)
    batches = data.batches(training, size=normalised.BATCH, generator=draw)
    return game.start(generator, critic, normalised.kind(normalised.FAST, way), batches, draw)


def seconds(games: dict[str, Game], moves: int) -> dict[str, np.ndarray]:
    """CPU seconds of each move of each game, all of them moving in turn."""
    taken = {way: [] for way in games}
    for _ in range(WARM + moves):
        for way, played in games.items():
            started = time.process_time()
            next(played.moves)
            taken[way].append(time.process_time() - started)
    return {way: np.array(each[WARM:]) for way, each in taken.items()}


def main() -> int:
    """Print a row for each width and way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sixteenths", type=int, nargs="+", default=[1, 4], help="of the paper's width")
    parser.add_argument("--moves", type=int, default=20)
    asked = parser.parse_args()
    training, _ = halves(data.digits(normalised.SIZE).images)
    where = f"{platform.machine()}, PyTorch {torch.__version__}, {torch.get_num_threads()} thread"
    print(f"{where}; batches of {normalised.BATCH}, {asked.moves} moves of either player")
    print(f"{'width':>6}  {'critic':10}{'s for a move':>13}   ratio to plain: median [least, largest]")
    for sixteenths in asked.sixteenths:
        games = {way: begun(way, sixteenths / 16, training) for way in WAYS}
        taken = seconds(games, asked.moves)
        for way, each in taken.items():
            ratio = each / taken["plain"]
            cells = f"{np.median(ratio):.2f} [{ratio.min():.2f}, {ratio.max():.2f}]"
            print(f"{sixteenths:3}/16  {way:10}{np.median(each):13.4f}   {cells}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
