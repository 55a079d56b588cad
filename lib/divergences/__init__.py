"""How far apart two laws are, where their densities are known, and the convex functions behind such numbers.

Behind this door: `densities` (Kullback–Leibler, Jensen–Shannon, total variation and the value of the GAN
game, for densities on a grid), `convex` (what belongs to one f-divergence: f, f′, the conjugate, the output
activation, the exact value), `rows` and `mixtures` (each divergence that has a name) and `table` (their
names: `named("kl")`).
"""

from lib.divergences.convex import Divergence
from lib.divergences.densities import (
    deficit,
    game_value,
    jensen_shannon,
    kullback_leibler,
    optimal_discriminator,
    total_variation,
)
from lib.divergences.table import named, names

__all__ = [
    "Divergence",
    "deficit",
    "game_value",
    "jensen_shannon",
    "kullback_leibler",
    "named",
    "names",
    "optimal_discriminator",
    "total_variation",
]
