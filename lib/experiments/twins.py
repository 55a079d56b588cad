"""The twins: two distant blocks that share a sign, and generators whose places know more or less.

The law is made so that a theorem decides: with noise of its own at every place, a generator whose windows do
not reach from one block to the other gives them independent signs, whatever it has learnt.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lib import runtime
from lib.attention import SelfAttention

NOISE, POSITION, WIDTH, SPREAD = 4, 8, 32, 0.1  # channels of noise, of position, within; noise of the data
RATE, BATCHES = 3e-3, {1: 256, 2: 64}  # the size of a batch on the line and in the plane


class Scene(NamedTuple):
    """The shape of a sample, and for each twin the slices that it fills; no two places of the twins touch."""

    shape: tuple[int, ...]
    blocks: tuple[tuple[slice, ...], tuple[slice, ...]]

    def sample(self, n: int, dice: torch.Generator) -> Tensor:
        """n samples (n, 1, *shape): both blocks at +1 or both at −1, each as often; noise 0.1 everywhere."""
        sign = torch.randint(0, 2, (n,), generator=dice, device=dice.device) * 2.0 - 1
        x = SPREAD * torch.randn(n, 1, *self.shape, generator=dice, device=dice.device)
        for block in self.blocks:
            x[(slice(None), 0, *block)] += sign.view(-1, *[1] * len(self.shape))
        return x

    def strangers(self, x: Tensor) -> Tensor:
        """The same samples (n, 1, *shape), but for the second block, which each takes from the one before."""
        there, mixed = (slice(None), 0, *self.blocks[1]), x.clone()
        mixed[there] = x.roll(1, dims=0)[there]
        return mixed

    def signs(self, x: Tensor) -> Tensor:
        """The signs of the two blocks' means, (n, 2), for samples (n, 1, *shape)."""
        means = [x[(slice(None), 0, *block)].flatten(1).mean(dim=1) for block in self.blocks]
        return torch.stack(means, dim=1).sign()

    def leader(self, table: Tensor) -> float:
        """What both twins give to one and the same place: max_i min(mean weight of either block), in (0, 1].

        Takes weights (n, places, places), returns the mean over the samples: 1 divided by the number of
        places if everybody asks everybody alike, 1 if both blocks ask one place alone.
        """
        whole = torch.zeros(self.shape, dtype=torch.int64)
        whole[self.blocks[0]], whole[self.blocks[1]] = 1, 2
        first, second = (table[:, (whole == k).flatten()].mean(dim=1) for k in (1, 2))
        return torch.minimum(first, second).amax(dim=1).mean().item()


LINE = Scene((32,), ((slice(6, 10),), (slice(22, 26),)))
SQUARE = Scene((12, 12), ((slice(1, 3), slice(1, 3)), (slice(9, 11), slice(9, 11))))


def sign_covariance(signs: Tensor) -> float:
    """E s t − E s · E t for pairs of signs (n, 2): 0 for independent ones, 1 for fair twins, in [−1, 1]."""
    first, second = signs.double().T
    return float((first * second).mean() - first.mean() * second.mean())


def position_channels(shape: tuple[int, ...]) -> Tensor:
    """Eight waves over the places, (8, *shape): sines and cosines of whole periods, shared among the axes."""
    periods = POSITION // (2 * len(shape))
    waves = []
    for axis, places in enumerate(shape):
        angle = 2 * math.pi * (torch.arange(places) + 0.5) / places
        along = angle.view([places if k == axis else 1 for k in range(len(shape))]).expand(shape)
        waves += [wave(k * along) for k in range(1, periods + 1) for wave in (torch.sin, torch.cos)]
    return torch.stack(waves)


class TwinsGenerator(nn.Module):
    """Noise of its own at every place, and where the place lies, to samples (b, 1, *shape).

    Three convolutions of three places along each axis, ReLU between them; `dilations` are the steps between
    those places, so that an output sees `sum(dilations)` places to either side. With `attention` there is
    one block of it before the last convolution. Takes latent vectors (b, 4 · places).
    """

    def __init__(
        self, shape: tuple[int, ...], dilations: tuple[int, int, int] = (1, 1, 1), attention: bool = False
    ):
        super().__init__()
        self.shape, self.latent = tuple(shape), NOISE * math.prod(shape)
        convolution = {1: nn.Conv1d, 2: nn.Conv2d}[len(shape)]
        channels = (NOISE + POSITION, WIDTH, WIDTH, 1)
        first, second, last = (
            convolution(before, after, 3, padding=step, dilation=step)
            for before, after, step in zip(channels[:-1], channels[1:], dilations, strict=True)
        )
        self.body = nn.Sequential(first, nn.ReLU(), second, nn.ReLU())
        self.attention = SelfAttention(WIDTH) if attention else nn.Identity()
        self.last = last
        self.register_buffer("position", position_channels(self.shape))

    def forward(self, latent: Tensor) -> Tensor:
        return self.last(self.attention(self._before(latent)))

    def asked(self, latent: Tensor) -> Tensor:
        """Whom the places ask, (b, places, places), where there is attention: `SelfAttention.weights`."""
        return self.attention.weights(self._before(latent))

    def _before(self, latent: Tensor) -> Tensor:
        noise = latent.unflatten(1, (NOISE, *self.shape))
        place = self.position.expand(len(latent), *self.position.shape)
        return self.body(torch.cat([noise, place], dim=1))


ARMS: dict[str, dict] = {
    "convolutions": {},
    "attention": {"attention": True},
    "wide convolutions": {"dilations": (1, 3, 9)},
}


def energy_distance(x: Tensor, y: Tensor) -> Tensor:
    """2 E|X − Y| − E|X − X'| − E|Y − Y'|, estimated without bias, in units of |x|.

    Samples (n, …) and (m, …), n, m >= 2. The expected value is 0 for equal laws alone.
    Source: Székely and Rizzo 2013, equation 2.1 and theorem 2.
    """
    x, y = x.flatten(1), y.flatten(1)
    return 2 * torch.cdist(x, y).mean() - torch.pdist(x).mean() - torch.pdist(y).mean()


def steps(
    seed: int, scene: Scene, arm: str, device: torch.device | str = "cpu"
) -> tuple[TwinsGenerator, Callable[[int], Tensor], Iterator[Tensor]]:
    """A generator, a sampler of its latent vectors, and its steps down the energy distance, for ever."""
    dice = runtime.seed(seed, device).torch
    generator = TwinsGenerator(scene.shape, **ARMS[arm]).to(device)
    descent = torch.optim.Adam(generator.parameters(), lr=RATE)
    batch = BATCHES[len(scene.shape)]

    def latent(n: int) -> Tensor:
        return torch.randn(n, generator.latent, generator=dice, device=device)

    def descend() -> Iterator[Tensor]:
        while True:
            loss = energy_distance(generator(latent(batch)), scene.sample(batch, dice))
            descent.zero_grad()
            loss.backward()
            descent.step()
            yield loss.detach()

    return generator, latent, descend()
