"""Games about the twins: on the line and in the plane, against critics of two kinds that see all places."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from lib import lipschitz, runtime
from lib.attention import SelfAttention
from lib.experiments import attentive, game
from lib.experiments.attentive import BETAS, RATES, gate
from lib.experiments.game import Game, adam
from lib.experiments.teaching_twins import DUEL_BATCH, DUEL_SPEED, DUEL_WIDTH
from lib.experiments.twins import ARMS, Scene, TwinsGenerator
from lib.experiments.watched_twins import watched
from lib.networks import PerceptronCritic

CHANNELS = 32  # of a critic of convolutions


def twins_critic(shape: tuple[int, ...], attention: bool = False) -> nn.Sequential:
    """Samples (b, 1, *shape) to scores (b,): convolutions of 3, 4 and 4 places, the last two of which halve.

    The last layer takes all places that are left, so that the score depends on every one. With `attention`
    there is one block of it where the places have been halved once. Leaky ReLU between the layers.
    """
    convolution = {1: nn.Conv1d, 2: nn.Conv2d}[len(shape)]
    halve = {"kernel_size": 4, "stride": 2, "padding": 1}
    return nn.Sequential(
        convolution(1, CHANNELS, 3, padding=1),
        nn.LeakyReLU(0.2),
        convolution(CHANNELS, CHANNELS, **halve),
        nn.LeakyReLU(0.2),
        SelfAttention(CHANNELS) if attention else nn.Identity(),
        convolution(CHANNELS, 2 * CHANNELS, **halve),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(2 * CHANNELS * math.prod(side // 4 for side in shape), 1),
        nn.Flatten(0),
    )


@dataclass(frozen=True)
class Duel:
    """A game about the twins: where, whose generator, which critic, and how many moves of it to one.

    `critic` is "perceptron", "convolutions" or "attention" (convolutions and a block of it). `speed`
    multiplies both rates of SAGAN, `haste` the generator's once more; `normalised` divides the generator's
    weights by their norms too.
    """

    scene: Scene
    arm: str
    critic: str = "perceptron"
    critic_steps: int = 5
    speed: int = DUEL_SPEED
    haste: int = 1
    normalised: bool = False

    @property
    def protocol(self) -> str:
        """What is trained how, in words."""
        kinds = {
            "perceptron": f"perceptron critic of width {DUEL_WIDTH}",
            "convolutions": f"critic of convolutions, {CHANNELS} and {2 * CHANNELS} channels",
            "attention": f"critic of convolutions, {CHANNELS} and {2 * CHANNELS} channels, with attention",
        }
        both = "both players" if self.normalised else "the critic"
        return (
            f"{kinds[self.critic]}, spectral norm in {both}; {attentive.kind(self.speed).protocol}; generator"
            f" {self.haste} times as fast; {self.critic_steps} moves of the critic to one; batch {DUEL_BATCH}"
        )

    def start(self, seed: int) -> Game:
        """Both players and the moves for ever, every weight of the critic normalised."""
        draw = runtime.seed(seed).torch
        generator = TwinsGenerator(self.scene.shape, **ARMS[self.arm])
        if self.normalised:
            lipschitz.spectral(generator)
        kind = replace(
            attentive.kind(self.speed),
            critic_steps=self.critic_steps,
            generator_optimizer=adam(self.haste * self.speed * RATES[1], BETAS),
        )
        return game.start(generator, lipschitz.spectral(self._critic()), kind, self._batches(draw), draw)

    def _critic(self) -> nn.Module:
        if self.critic == "perceptron":
            return PerceptronCritic((1, *self.scene.shape), width=DUEL_WIDTH)
        return twins_critic(self.scene.shape, self.critic == "attention")

    def _batches(self, draw: torch.Generator) -> Iterator[tuple[Tensor]]:
        while True:
            yield (self.scene.sample(DUEL_BATCH, draw),)


def run_game(seed: int, duel: Duel, moves: int) -> Mapping[str, float]:
    """A duel of `moves` generator moves, looked at eight times; γ of the critic too."""
    played = duel.start(seed)
    return watched(duel.scene, played.generator, played.moves, moves) | {"gamma_critic": gate(played.critic)}
