"""The duel of `chapter_16` on the line, with five moves of the critic to one in place of one."""

import math
import sys
from functools import partial

from lib.experiments.chapter_16 import ONCE, SEEDS
from lib.experiments.spread import Recipe, command
from lib.experiments.teaching_twins import DUEL_MOVES, JUDGED
from lib.experiments.twin_games import Duel, run_game
from lib.experiments.twins import LINE
from lib.experiments.watched_twins import LOOKS

CHAPTER = "16_duels"
TRIED = (
    "Tried with attention, from seed 100, each once, one factor changed from the duel of chapter_16 (there"
    " covariance 0 and one sign only, after 1500 moves and after 2000): five moves of the critic to one (0.98"
    " after 1500), batches of 256 (0.92 after 1500), a critic of convolutions (0, one sign only)"
)


def duel_recipe(duel: Duel, moves: int, tried: str, seeds: range = SEEDS) -> Recipe:
    """A duel over the seeds: `moves` of the generator, looked at eight times."""
    looks = [f"covariance_{k}" for k in range(1, LOOKS + 1)]
    places = math.prod(duel.scene.shape)
    return Recipe(
        partial(run_game, duel=duel, moves=moves),
        f"twins, {duel.arm}; {' × '.join(map(str, duel.scene.shape))} places; {duel.protocol}; {moves}"
        f" moves of the generator; {JUDGED} fresh samples judged at each of {LOOKS} looks, 1024 of them for"
        f" the energy distance. {tried}",
        resolution={},
        limits=dict.fromkeys(["covariance", *looks], (-1.0, 1.0))
        | dict.fromkeys(("largest", "leader", "plus"), (0.0, 1.0)),
        trivial=dict.fromkeys(["covariance", "largest", *looks], 0.0)
        | ({"leader": 1 / places} if duel.arm == "attention" else {}),
        settings=ONCE,
        seeds=seeds,
    )


RECIPES = {
    f"duel, {arm}": duel_recipe(Duel(LINE, arm), DUEL_MOVES, TRIED) for arm in ("convolutions", "attention")
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_duels", RECIPES, sys.argv[1:])
