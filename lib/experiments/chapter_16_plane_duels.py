"""The duel of `chapter_16_duels` in the plane, at rates three times as large and with half the moves."""

import sys

from lib.experiments.chapter_16_duels import duel_recipe
from lib.experiments.spread import command
from lib.experiments.twin_games import Duel
from lib.experiments.twins import SQUARE

CHAPTER = "16_plane_duels"
SEEDS = range(1, 4)  # a minute a run
SPEED, MOVES = 9, 752  # as many moves as eight looks divide
TRIED = (
    "Tried with attention, from seed 100, each once, five moves of the critic to one: 3 × the rates of SAGAN"
    " (covariance 0 after 1000 moves, both signs), the generator's alone four times as large (one sign only,"
    " 600 moves), a critic of convolutions with attention and spectral norm in both (one sign, 400 moves),"
    " and 9 × the rates (0.98 after 750 moves), which was chosen"
)
RECIPES = {
    f"plane duel, {arm}": duel_recipe(Duel(SQUARE, arm, speed=SPEED), MOVES, TRIED, SEEDS)
    for arm in ("convolutions", "attention")
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_plane_duels", RECIPES, sys.argv[1:])
