"""Whom chapter 15's explorer offers: eight kinds of the table, five more of the race, the sixteen arms.

The race's other kinds have the form of one of these: its orthonormal MaxMin is an arm, 2×32 with groups of 2.
"""

from torch import nn

from lib.experiments.critics.climbing import climb
from lib.experiments.critics.entrants import BEHIND
from lib.experiments.critics.equal_steps import STEPS as ARM_STEPS
from lib.experiments.critics.factorial import ARMS, RATES_OF_ARMS, arm
from lib.experiments.critics.kinds import KINDS, LIVE_STEPS
from lib.experiments.critics.on_the_way import on_the_way
from lib.experiments.critics.problems import problem
from lib.experiments.critics.racing import RATES

SEEDS = range(5)  # those of the stored tables; the pictures are of the first
MOMENTS = (0.0, 0.1, 0.3, 1.0)  # shares of the steps
OFFERED = (
    "clip 0.01",
    "clip 0.1, wide",
    "gradient penalty",
    "one-sided fine",
    "spectral, ReLU",
    "spectral, MaxMin",
    "spectral, GroupSort",
    "orthonormal, ReLU",
    "GroupSort, orthonormal",
    "orthonormal, GroupSort, renewed",
    "max of cones",
    "cones, renewed",
    "semi-dual",
)
# From the race, at its rates: so many steps take two of its seconds, as `LIVE_STEPS` do of the table's kinds
RACE_STEPS = {
    "one-sided fine": 1200,
    "spectral, GroupSort": 1100,
    "orthonormal, ReLU": 800,
    "orthonormal, GroupSort, renewed": 650,
    "cones, renewed": 2500,
}


def trained(who: str, name: str, seed: int = SEEDS[0]) -> list[nn.Module]:
    """A kind or an arm on a problem, at all moments, in evaluation mode.

    Those of the race climb on their entrant's points, which may be others than the problem's.
    """
    own = problem(name)
    if who in RACE_STEPS:
        looks = [float(round(moment * RACE_STEPS[who])) for moment in MOMENTS]
        return [look.critic for look in climb(BEHIND[who](RATES[who]), own, seed, looks, tick=1.0)]
    if who in KINDS:
        return on_the_way(KINDS[who], own, seed, LIVE_STEPS[who], MOMENTS)
    return on_the_way(arm(*ARMS[who], RATES_OF_ARMS[who]), own, seed, ARM_STEPS, MOMENTS)
