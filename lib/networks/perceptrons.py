"""Perceptrons in every part: generator, critic, encoder and decoder, for points and for small images."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from lib.arguments import whole_number
from lib.networks.checks import Batch, check_batch


def perceptron(widths: list[int], activation: nn.Module) -> nn.Sequential:
    """Affine layers between the given widths, with the activation between them and none after the last."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), activation]
    return nn.Sequential(*layers[:-1])


class PerceptronGenerator(nn.Module):
    """g(z) = squash(W_L ρ(… ρ(W_1 z + b_1) …) + b_L), ρ = ReLU, with `depth` hidden layers of `width` units.

    Takes latent vectors (b, latent), returns samples (b, *shape). `squash` is `nn.Tanh()` for images, which
    live in [−1, 1], and `nn.Identity()` for points. Raises ValueError for latent vectors of another length,
    TypeError for what is no tensor of floats; so do the networks below, for their own arguments.
    """

    def __init__(
        self,
        latent: int,
        shape: tuple[int, ...],
        width: int = 256,
        depth: int = 2,
        squash: nn.Module | None = None,
    ):
        super().__init__()
        self.latent, self.shape = latent, tuple(shape)
        hidden = [width] * whole_number("depth", depth, at_least=0)
        self.body = perceptron([latent, *hidden, math.prod(shape)], nn.ReLU())
        self.squash = nn.Tanh() if squash is None else squash

    def forward(self, latent: Batch) -> Tensor:
        check_batch("latent", latent, (self.latent,), "one latent vector per sample")
        return self.squash(self.body(latent)).unflatten(1, self.shape)


class PerceptronCritic(nn.Module):
    """f(x) = W_L ρ(… ρ(W_1 x + b_1) …) + b_L, ρ = leaky ReLU with slope 0.2; returns scores (b,).

    Takes samples (b, *shape). Raises ValueError for samples of another shape.
    """

    def __init__(self, shape: tuple[int, ...], width: int = 256, depth: int = 2):
        super().__init__()
        self.shape = tuple(shape)
        hidden = [width] * whole_number("depth", depth, at_least=0)
        self.body = perceptron([math.prod(shape), *hidden, 1], nn.LeakyReLU(0.2))

    def forward(self, samples: Batch) -> Tensor:
        check_batch("samples", samples, self.shape, "samples of the shape the critic was built for")
        return self.body(samples.flatten(1)).squeeze(1)


class PerceptronEncoder(nn.Module):
    """E(x) = W_L ρ(… ρ(W_1 x + b_1) …) + b_L with hidden layers of the widths `hidden`, inwards.

    Takes samples (b, *shape), returns codes (b, code), which may be any numbers: nothing squashes them. ρ is
    `activation`, ReLU unless another is given. Without hidden layers it is affine, the encoder of principal
    components. Raises ValueError for samples of another shape, TypeError for what is no tensor of floats.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        code: int,
        hidden: Sequence[int] = (256, 64),
        activation: nn.Module | None = None,
    ):
        super().__init__()
        self.shape, self.code = tuple(shape), whole_number("code", code, at_least=1)
        self.body = perceptron(_stack(math.prod(shape), hidden, code), activation or nn.ReLU())

    def forward(self, samples: Batch) -> Tensor:
        check_batch("samples", samples, self.shape, "samples of the shape the encoder was built for")
        return self.body(samples.flatten(1))


class GaussianEncoder(PerceptronEncoder):
    """x ↦ (μ(x), log s²(x)): the mean and the log variances of a Gaussian over codes, independent given x.

    Takes samples (b, *shape), returns two tensors (b, code) from one perceptron whose last layer has 2·code
    outputs; ask for `mean, log_variance = encoder(x)`. The rest, errors included, as in `PerceptronEncoder`.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        code: int,
        hidden: Sequence[int] = (256, 64),
        activation: nn.Module | None = None,
    ):
        super().__init__(shape, 2 * whole_number("code", code, at_least=1), hidden, activation)
        self.code = code

    def forward(self, samples: Batch) -> tuple[Tensor, Tensor]:
        mean, log_variance = super().forward(samples).chunk(2, dim=1)
        return mean, log_variance


class PerceptronDecoder(nn.Module):
    """G(a) = squash(W_L ρ(… ρ(W_1 a + b_1) …) + b_L) with hidden layers of the widths `hidden`, outwards.

    Takes codes (b, code), returns samples (b, *shape). The mirror image of an encoder has its `hidden` in
    reverse. `squash` is `nn.Tanh()` unless another is given, for images live in [−1, 1]; `nn.Identity()` for
    points. Raises ValueError for codes of another length, TypeError for what is no tensor of floats.
    """

    def __init__(
        self,
        code: int,
        shape: tuple[int, ...],
        hidden: Sequence[int] = (64, 256),
        activation: nn.Module | None = None,
        squash: nn.Module | None = None,
    ):
        super().__init__()
        self.code, self.shape = whole_number("code", code, at_least=1), tuple(shape)
        self.body = perceptron(_stack(code, hidden, math.prod(shape)), activation or nn.ReLU())
        self.squash = nn.Tanh() if squash is None else squash

    def forward(self, codes: Batch) -> Tensor:
        check_batch("codes", codes, (self.code,), "one code per sample")
        return self.squash(self.body(codes)).unflatten(1, self.shape)


def _stack(first: int, hidden: Sequence[int], last: int) -> list[int]:
    return [first, *(whole_number("hidden", width, at_least=1) for width in hidden), last]
