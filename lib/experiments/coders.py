"""One training of an autoencoder, with what may stand between its two halves; and the data of chapter 4."""

from collections.abc import Callable, Iterator
from itertools import islice

import torch
from torch import Tensor, nn

from lib import data, runtime
from lib.experiments.judging import halves
from lib.networks import PerceptronDecoder, PerceptronEncoder

HIDDEN, STEPS, BATCH, RATE = (64, 64), 1500, 64, 3e-3
PIXELS, WIDTH = 64, 2.68
Channel = Callable[[Tensor, torch.Generator], Tensor]


def start(
    seed: int,
    images: Tensor,
    code: int,
    penalty: float = 0.0,
    decay: float = 0.0,
    channel: Channel | None = None,
    rate: float = RATE,
    steps: int = STEPS,
    device: torch.device | str = "cpu",
    activation: nn.Module | None = None,
) -> tuple[PerceptronEncoder, PerceptronDecoder, Iterator[Tensor]]:
    """A fresh pair for images (n, …) and the endless steps of Adam on it; each yields the loss of its batch.

    J = mean over the batch of ‖x − G(channel(a))‖² + `penalty`·‖a‖², a = E(x), plus `decay` times the sum of
    the decoder's squared weights, biases left out. Softplus between the layers unless another `activation` is
    given, tanh after the last; the rate falls in a straight line from `rate` to a hundredth of it at the last
    of `steps`. The channel draws from dice of its own, so that the batches are those without it.
    """
    draw = runtime.seed(seed, device).torch
    spoil = torch.Generator(draw.device).manual_seed(seed + 7000)
    bend = activation or nn.Softplus()
    encoder = PerceptronEncoder(images.shape[1:], code, HIDDEN, bend).to(device)
    decoder = PerceptronDecoder(code, images.shape[1:], HIDDEN[::-1], bend).to(device)
    descend = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=rate)
    fade = torch.optim.lr_scheduler.LinearLR(descend, 1.0, 0.01, total_iters=steps)

    def moves() -> Iterator[Tensor]:
        for (x,) in data.batches(images.to(device), size=BATCH, generator=draw):
            a = encoder(x)
            rebuilt = decoder(a if channel is None else channel(a, spoil))
            J = (x - rebuilt).square().flatten(1).sum(dim=1).mean()
            if penalty:
                J = J + penalty * a.square().sum(dim=1).mean()
            if decay:
                J = J + decay * sum(w.square().sum() for w in decoder.parameters() if w.ndim == 2)
            descend.zero_grad()
            J.backward()
            descend.step()
            fade.step()
            yield J.detach()

    return encoder, decoder, moves()


def trained(
    seed: int, images: Tensor, code: int, steps: int = STEPS, **terms
) -> tuple[PerceptronEncoder, PerceptronDecoder]:
    """The pair after its steps; `terms` as in `start`."""
    encoder, decoder, moves = start(seed, images, code, steps=steps, **terms)
    for _ in islice(moves, steps):
        pass
    return encoder, decoder


def noisy(size: float) -> Channel:
    """a ↦ a + `size`·ε with ε standard normal."""
    return lambda a, draw: a + size * torch.randn(a.shape, generator=draw, device=draw.device)


def noisy_bits(size: float) -> Channel:
    """a ↦ sg(a + `size`·ε): only codes far from 0 survive the noise, and these are nearly 0 or 1."""
    return lambda a, draw: torch.sigmoid(noisy(size)(a, draw))


@torch.no_grad()
def lost(encoder: nn.Module, decoder: nn.Module, images: Tensor, mean: Tensor) -> float:
    """The squared error of the reconstructions, as a share of that of the `mean` of the training images."""
    error = (images - decoder(encoder(images))).double().square().sum()
    return (error / (images - mean).double().square().sum()).item()


def digits_halves() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """898 digits to train on, as many that no network of chapter 4 sees, and the labels of both."""
    images, labels = data.digits()
    return *halves(images), *halves(labels)


def bumps(centres: Tensor) -> Tensor:
    """A line of 64 pixels with one Gaussian bump each, at the centres (n,): (n, 64), from 0 to 1."""
    return torch.exp(-(((torch.arange(PIXELS) - centres[:, None]) / WIDTH) ** 2) / 2)


def random_bumps(seed: int, count: int = 600) -> Tensor:
    """Bumps (count, 64) to train on, at centres from 10 to 54."""
    return bumps(10 + 44 * torch.rand(count, generator=torch.Generator().manual_seed(1000 + seed)))
