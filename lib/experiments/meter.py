"""A meter of training: what the critic says, what it proves, what is true, and how good the samples are."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from lib import metrics
from lib.arguments import whole_number
from lib.experiments.game import Game, at_rest
from lib.lipschitz import certificate
from lib.networks import gaussian_latent

READINGS = 25
CURVES = ("estimate", "certified", "exact")
Defect = Callable[[Tensor], float]


class Reading(NamedTuple):
    """What the critic says after so many moves, what is true of the same two clouds, and the defect.

    `estimate` = mean f(real) − mean f(fake); `slope`: the critic's steepest climb over all pairs;
    `certified` = estimate ÷ slope <= `exact` = W₁ of the two clouds. `defect` >= 0 says how bad the samples
    are (a share astray, a Fréchet distance of features): the smaller the better, as for the others.
    """

    move: int
    estimate: float
    slope: float
    certified: float
    exact: float
    defect: float


def measure(game: Game, move: int, real: Tensor, latent: Tensor, defect: Defect) -> Reading:
    """Read the meter: the critic's view of n real samples against n generated ones, and the truth.

    real: (n, …); latent: (n, k), as many, since the exact distance is an assignment; `defect(fake)` judges
    the generated samples (n, …). Both players are read in evaluation mode, on the game's device. No weight,
    no running average and no random state changes, so that a game with a meter is the game without.
    Raises ValueError as `certificate` and `assignment_distance` do, for unequal n too.
    """
    real, latent = real.to(game.device), latent.to(game.device)
    with at_rest(game.generator, game.critic):
        with torch.no_grad():
            fake = game.generator(latent)
        proved = certificate(game.critic, real, fake)
    exact = metrics.assignment_distance(real.flatten(1), fake.flatten(1))
    return Reading(move, proved.value, proved.slope, proved.bound, exact, defect(fake))


def metered(game: Game, moves: int, real: Tensor, defect: Defect, readings=READINGS) -> Iterator[Reading]:
    """Play, and read the meter after ⌊moves · (i ÷ readings)²⌋ moves, each time on fresh generated samples.

    The squares put more readings where more happens, at the beginning; no move has two. Raises TypeError and
    ValueError when `moves` and `readings` are not whole, or there are fewer moves than readings.
    """
    readings = whole_number("readings", readings, at_least=1)
    moves = whole_number("moves", moves, at_least=readings)
    # a source of its own: the meter must not take random numbers away from the game
    latent = gaussian_latent(game.generator.latent, torch.Generator().manual_seed(2017))
    played = 0
    for reading in range(1, readings + 1):
        due = max(moves * reading**2 // readings**2, played + 1)
        for _ in islice(game.moves, due - played):
            pass
        played = due
        yield measure(game, played, real, latent(len(real)), defect)


def rank_correlations(readings: Iterable[Reading]) -> dict[str, float]:
    """Spearman's rank correlation of estimate, certified bound and exact W₁ with the defect along a run.

    In [−1, 1]: 1 for a curve that falls whenever the samples improve, whatever its scale; NaN for a constant.
    """
    columns = Reading(*zip(*readings, strict=True))
    return {name: _ranked(getattr(columns, name), columns.defect) for name in CURVES}


def clock_correlation(readings: Iterable[Reading]) -> float:
    """What a clock scores in `rank_correlations`, which knows nothing: that of −move with the defect.

    1 when the samples get better from each reading to the next; whatever falls all the time scores the same.
    """
    columns = Reading(*zip(*readings, strict=True))
    return _ranked([-move for move in columns.move], columns.defect)


def change_correlations(readings: Iterable[Reading]) -> dict[str, float]:
    """`rank_correlations` of the changes from each reading to the next: does it turn when they do?

    In [−1, 1]. A curve that drifts by as much from each reading to the next scores nothing here (NaN); one
    whose drift slows down as the samples' does may score without knowing them.
    """
    columns = Reading(*zip(*readings, strict=True))
    defect = np.diff(columns.defect)
    return {name: _ranked(np.diff(getattr(columns, name)), defect) for name in CURVES}


def _ranked(curve, defect) -> float:
    return float(spearmanr(curve, defect).statistic)
