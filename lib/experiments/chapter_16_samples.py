"""The duel of `chapter_16` on the line: one move to one, for the critic on as many samples as five moves."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from lib import lipschitz, runtime
from lib.adversarial import alternate, steps
from lib.experiments import attentive
from lib.experiments.chapter_16_duels import duel_recipe
from lib.experiments.game import Game
from lib.experiments.spread import command
from lib.experiments.teaching_twins import DUEL_BATCH, DUEL_MOVES
from lib.experiments.twin_games import Duel
from lib.experiments.twins import ARMS, LINE, TwinsGenerator
from lib.networks import gaussian_latent

CHAPTER = "16_samples"
CROWD = 5 * DUEL_BATCH
TRIED = "Nothing was tried: rates, moves and networks are those of the duels of chapter_16"


@dataclass(frozen=True)
class Crowded(Duel):
    """A duel whose critic has one move to one, on `CROWD` real and as many generated samples.

    The generator's own batches are those of the other duels, and so are all weights at the beginning.
    """

    critic_steps: int = 1

    @property
    def protocol(self) -> str:
        return f"{super().protocol} for the generator, {CROWD} for the critic"

    def start(self, seed: int) -> Game:
        """Both players and the moves for ever, every weight of the critic normalised."""
        draw = runtime.seed(seed).torch
        generator = TwinsGenerator(self.scene.shape, **ARMS[self.arm])
        critic = lipschitz.spectral(self._critic())
        kind, latent = attentive.kind(self.speed), gaussian_latent(generator.latent, draw)
        descend = kind.generator_optimizer(generator.parameters(), maximize=False)
        climb = kind.optimizer(critic.parameters(), maximize=True)
        critic_step, generator_step = steps(generator, critic, kind.objective, descend, climb, latent)

        def with_few(real: Tensor) -> Tensor:
            return generator_step(real[:DUEL_BATCH])

        return Game(generator, critic, latent, alternate(critic_step, with_few, self._batches(draw)))

    def _batches(self, draw: torch.Generator) -> Iterator[tuple[Tensor]]:
        while True:
            yield (self.scene.sample(CROWD, draw),)


RECIPES = {
    f"crowded duel, {arm}": duel_recipe(Crowded(LINE, arm), DUEL_MOVES, TRIED)
    for arm in ("convolutions", "attention")
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_16_samples", RECIPES, sys.argv[1:])
