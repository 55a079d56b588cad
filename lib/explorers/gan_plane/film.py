"""The same run as in the page, by PyTorch: the same dice, the same networks, the book's own game."""

import math
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import expit, ndtr, xlogy
from torch import Tensor, nn

from lib import adversarial, objectives

BATCH, WIDTH, SEEN = 64, 24, 128
SIDE, EDGE, SIDE_OF_LATENTS = 48, 1.2, 64
_OBJECTIVES = {
    "minimax": objectives.minimax,
    "non-saturating": objectives.non_saturating,
    "hinge": objectives.hinge,
}


class Dice:
    """Uniform numbers in [0, 1) of the generator Mulberry32, as `kit/dice.js` rolls them."""

    def __init__(self, seed: int):
        self.state = seed & 0xFFFFFFFF

    def uniform(self, count: int) -> np.ndarray:
        """The next `count` numbers: the state runs in equal strides, so that all are mixed at once."""
        low = np.uint64(0xFFFFFFFF)
        state = (self.state + np.uint64(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint64)) & low
        self.state = int(state[-1]) if count else self.state
        mixed = ((state ^ (state >> np.uint64(15))) * (state | np.uint64(1))) & low
        mixed ^= (mixed + ((mixed ^ (mixed >> np.uint64(7))) * (mixed | np.uint64(61)) & low)) & low
        return (mixed ^ (mixed >> np.uint64(14))) / 2.0**32


class Law(NamedTuple):
    """A mixture of equal round Gaussians: centres (k, 2) and their common scale."""

    centres: np.ndarray
    scale: float

    def sample(self, count: int, dice: Dice) -> np.ndarray:
        """Points (count, 2): three numbers of the dice each, one for the centre and two for a Gaussian."""
        lot, one, two = dice.uniform(3 * count).reshape(count, 3).T
        length, angle = self.scale * np.sqrt(-2 * np.log1p(-one)), 2 * np.pi * two
        around = np.stack([length * np.cos(angle), length * np.sin(angle)], axis=1)
        return self.centres[(lot * len(self.centres)).astype(int)] + around

    def masses(self) -> np.ndarray:
        """The mass of each of SIDE × SIDE cells, rows along y, and of all that lies outside."""
        below = ndtr((np.linspace(-EDGE, EDGE, SIDE + 1)[:, None, None] - self.centres) / self.scale)
        across, up = np.diff(below, axis=0).transpose(2, 0, 1)
        inside = up @ across.T / len(self.centres)
        return np.r_[inside.ravel(), 1 - inside.sum()]


def law_of(name: str, drawn: tuple) -> Law:
    """The law of that name; `drawn` holds the centres of the reader's own."""
    turn = 2 * np.pi * np.arange(8) / 8
    half = np.pi * (np.arange(32) + 0.5) / 32
    moon = 0.5 * np.stack([np.cos(half), np.sin(half)], axis=1) - (0.25, 0.1)
    line = 0.35 * np.arange(-2, 3)
    laws = {
        "eight": Law(0.7 * np.stack([np.cos(turn), np.sin(turn)], axis=1), 0.05),
        "twenty-five": Law(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2), 0.04),
        "moons": Law(np.concatenate([moon, -moon]), 0.04),
        "bell": Law(np.array([[0.3, 0.25]]), 0.2),
    }
    return laws.get(name) or Law(np.array(drawn, dtype=float), 0.04)


def network(outputs: int, between: nn.Module, dice: Dice) -> nn.Sequential:
    """2–24–24–outputs in float64, weights and biases uniform within ±1/√inputs, drawn layer by layer."""
    layers: list[nn.Module] = []
    for columns, rows in ((2, WIDTH), (WIDTH, WIDTH), (WIDTH, outputs)):
        # whose own first draw would move the chapter's dice
        linear = nn.utils.skip_init(nn.Linear, columns, rows, dtype=torch.float64)
        for weights in linear.parameters():
            drawn = (2 * dice.uniform(weights.numel()) - 1) / math.sqrt(columns)
            weights.data = torch.from_numpy(drawn.reshape(weights.shape))
        layers += [linear, between]
    return nn.Sequential(*layers[:-1])


class Scores(nn.Module):
    """A critic with scores of shape (batch,), which sees every point through noise of width `noise`."""

    def __init__(self, network: nn.Sequential, noise: float, dice: Dice):
        super().__init__()
        self.network, self.noise, self.dice = network, noise, dice
        self.seen: list[Tensor] = []

    def forward(self, points: Tensor) -> Tensor:
        if self.noise > 0:
            length, angle = self.dice.uniform(points.numel()).reshape(-1, 2).T
            length = np.sqrt(-2 * np.log1p(-length))
            blur = np.stack([np.cos(2 * np.pi * angle), np.sin(2 * np.pi * angle)], axis=1)
            points = points + self.noise * torch.from_numpy(length[:, None] * blur)
        self.seen = [*self.seen[-1:], points]
        return self.network(points)[:, 0]

    def friction(self, weight: float) -> Tensor:
        """R1, (weight/2) mean ‖∇T‖² at the real points as they were seen, which was before the fakes."""
        points = self.seen[0].detach().requires_grad_(True)
        (slopes,) = torch.autograd.grad(self.network(points).sum(), points, create_graph=True)
        return weight / 2 * slopes.square().sum(dim=1).mean()


class Settings(NamedTuple):
    """What the page plays by; the traits of the explorer with the same names."""

    loss: str = "non-saturating"
    inner: int = 3
    rate_d: float = 4e-3
    rate_g: float = 2e-3
    penalty: float = 0.0
    noise: float = 0.0


class Game:
    """Two players before their first step, and their moves by `lib.adversarial`."""

    def __init__(self, law: Law, seed: int, settings: Settings):
        self.law, self.dice = law, Dice(seed + 2000)
        self.generator = network(2, nn.Tanh(), Dice(seed))
        self.critic = Scores(network(1, nn.LeakyReLU(0.2), Dice(seed + 1000)), settings.noise, self.dice)
        adam = partial(torch.optim.Adam, betas=(0.5, 0.999))
        self._moves = adversarial.steps(
            self.generator,
            self.critic,
            _OBJECTIVES[settings.loss],
            adam(self.generator.parameters(), lr=settings.rate_g),
            adam(self.critic.parameters(), lr=settings.rate_d, maximize=True),
            self.latents,
            penalty=(lambda critic, real, fake: critic.friction(settings.penalty))
            if settings.penalty > 0
            else None,
        )

    def latents(self, count: int) -> Tensor:
        """Latents (count, 2), uniform in [−1, 1]²."""
        return torch.from_numpy(2 * self.dice.uniform(2 * count).reshape(count, 2) - 1)

    def climb(self) -> float:
        """One step of D on a fresh batch; returns the value before it."""
        return self._moves[0](torch.from_numpy(self.law.sample(BATCH, self.dice))).item()

    def descend(self) -> None:
        """One step of G."""
        self._moves[1](torch.empty(BATCH, 2))


class Moment(NamedTuple):
    """After so many rounds: D on the raster (48, 48), fakes (128, 2), both distances in nats."""

    rounds: int
    field: np.ndarray
    fakes: np.ndarray
    js: float
    certificate: float


def middles(side: int, edge: float) -> Tensor:
    """The middles of side × side equal squares of [−edge, edge]², row after row from the lowest."""
    line = edge * ((2 * torch.arange(side, dtype=torch.float64) + 1) / side - 1)
    return torch.cartesian_prod(line, line).flip(1)


@torch.no_grad()
def moment(game: Game, rounds: int) -> Moment:
    """What can be seen and measured now."""
    fakes = game.generator(middles(SIDE_OF_LATENTS, 1.0)).numpy()
    cells = np.floor((fakes + EDGE) / (2 * EDGE) * SIDE).astype(int)
    inside = ((cells >= 0) & (cells < SIDE)).all(axis=1)
    places = np.where(inside, cells[:, 1] * SIDE + cells[:, 0], SIDE * SIDE)
    made = np.bincount(places, minlength=SIDE * SIDE + 1) / len(fakes)
    scores = game.critic.network(middles(SIDE, EDGE))[:, 0].numpy()
    mass, logits = game.law.masses(), np.r_[scores, 0.0]
    halves = xlogy(mass, 2 * mass / (mass + made + 1e-300)) + xlogy(made, 2 * made / (mass + made + 1e-300))
    proved = -(mass * np.logaddexp(0, -logits) + made * np.logaddexp(0, logits)).sum() / 2 + math.log(2)
    field = expit(scores).reshape(SIDE, SIDE)
    shown = np.random.default_rng(0).choice(len(fakes), SEEN, replace=False)
    return Moment(rounds, field, fakes[shown], halves.sum() / 2, proved)


@lru_cache
def film(law: str, drawn: tuple, seed: int, settings: Settings, moments: tuple[int, ...]) -> list[Moment]:
    """One run of the page, at these numbers of rounds, which increase."""
    game, rounds, found = Game(law_of(law, drawn), seed, settings), 0, []
    for until in moments:
        while rounds < until:
            for _ in range(settings.inner):
                game.climb()
            game.descend()
            rounds += 1
        found.append(moment(game, rounds))
    return found
