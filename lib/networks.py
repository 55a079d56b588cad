"""Generators and critics, encoders and decoders.

A generator turns latent vectors (b, k) into samples (b, *shape); a critic turns samples into scores (b,). An
encoder turns samples into codes (b, r), or into the mean and log variance of a Gaussian over codes; a decoder
turns codes into samples. `shape` is (d,) for points and (c, h, w) for images in [−1, 1].

The networks of a conditional game take the condition behind their first argument: class numbers (b,), int64
from 0, which become one-hot vectors, or vectors (b, `condition`) of floats as they are.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from lib.arguments import float_tensor, refusal, whole_number

Batch = Any  # a tensor of floats; anything else is answered by the network


def _check(name: str, value: Batch, shape: tuple[int, ...], meaning: str) -> None:
    float_tensor(name, value, meaning)
    if tuple(value.shape[1:]) != tuple(shape) or value.ndim != len(shape) + 1:
        expected = f"(batch, {', '.join(map(str, shape))}), {meaning}"
        remedy = "reshape the batch, or build the network with the shape of your data"
        raise ValueError(refusal(name, f"shape {tuple(value.shape)}", expected, remedy))


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
        _check("latent", latent, (self.latent,), "one latent vector per sample")
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
        _check("samples", samples, self.shape, "samples of the shape the critic was built for")
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
        _check("samples", samples, self.shape, "samples of the shape the encoder was built for")
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
        _check("codes", codes, (self.code,), "one code per sample")
        return self.squash(self.body(codes)).unflatten(1, self.shape)


def _stack(first: int, hidden: Sequence[int], last: int) -> list[int]:
    return [first, *(whole_number("hidden", width, at_least=1) for width in hidden), last]


class ConvolutionalGenerator(nn.Module):
    """A dense layer to (2·width, h/4, w/4), then two transposed convolutions that double the side, then tanh.

    Takes latent vectors (b, latent), returns images (b, c, h, w) in (−1, 1); h and w divisible by 4. Batch
    normalisation between layers (Radford et al. 2016, section 3). Raises ValueError for another length, for a
    side that 4 does not divide, and for a batch of one in training mode.
    """

    def __init__(self, latent: int, shape: tuple[int, ...], width: int = 64):
        super().__init__()
        channels, height, breadth = _quarterable(shape)
        self.latent = latent
        self.body = nn.Sequential(
            nn.Linear(latent, 2 * width * (height // 4) * (breadth // 4)),
            nn.Unflatten(1, (2 * width, height // 4, breadth // 4)),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.ConvTranspose2d(width, channels, 4, stride=2, padding=1),
            nn.Tanh(),
        )

    def forward(self, latent: Batch) -> Tensor:
        _check("latent", latent, (self.latent,), "one latent vector per sample")
        if self.training and len(latent) < 2:
            expected = "at least 2, since batch normalisation needs a variance over the batch"
            remedy = "generator.eval() before a single image is drawn"
            raise ValueError(refusal("latent", "a batch of 1 in training mode", expected, remedy))
        return self.body(latent)


class ConvolutionalCritic(nn.Module):
    """Two convolutions of stride 2 with leaky ReLU (slope 0.2), then a dense layer to one score.

    Takes images (b, c, h, w), h and w divisible by 4; returns scores (b,). No batch normalisation, so that
    a score belongs to its own image and not to its neighbours in the batch.
    """

    def __init__(self, shape: tuple[int, ...], width: int = 64):
        super().__init__()
        channels, height, breadth = _quarterable(shape)
        self.shape = (channels, height, breadth)
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(2 * width * (height // 4) * (breadth // 4), 1),
        )

    def forward(self, samples: Batch) -> Tensor:
        _check("samples", samples, self.shape, "images of the shape the critic was built for")
        return self.body(samples).squeeze(1)


def _quarterable(shape: tuple[int, ...]) -> tuple[int, int, int]:
    channels, height, breadth = shape if len(shape) == 3 else (0, 0, 0)
    if min(channels, height, breadth) < 1 or height % 4 or breadth % 4:
        expected = "(channels, height, width) with sides divisible by 4"
        raise ValueError(refusal("shape", tuple(shape), expected, "pad or resize, e.g. to 28 or 32"))
    return channels, height, breadth


class JoinedGenerator(nn.Module):
    """G(z, c) = g([z; c]): a perceptron of the latent vector with the condition behind it.

    Takes latent vectors (b, latent) and conditions, returns samples (b, *shape); the rest as in
    `PerceptronGenerator`. Raises ValueError for other lengths and for class numbers outside their range,
    TypeError for conditions of another type; so do the networks below.
    Source: Mirza and Osindero 2014, section 3.2.
    """

    def __init__(
        self,
        latent: int,
        condition: int,
        shape: tuple[int, ...],
        width: int = 256,
        depth: int = 2,
        squash: nn.Module | None = None,
    ):
        super().__init__()
        self.latent, self.condition = latent, whole_number("condition", condition, at_least=1)
        self.joined = PerceptronGenerator(latent + condition, shape, width, depth, squash)

    def forward(self, latent: Batch, condition: Batch) -> Tensor:
        _check("latent", latent, (self.latent,), "one latent vector per sample")
        return self.joined(torch.cat([latent, _code(condition, self.condition, latent)], dim=1))


class JoinedCritic(nn.Module):
    """T(x, c) = f([x; c]): a perceptron of the sample with the condition behind it; returns scores (b,).

    Takes samples (b, *shape) and conditions. Source: Mirza and Osindero 2014, section 3.2.
    """

    def __init__(self, shape: tuple[int, ...], condition: int, width: int = 256, depth: int = 2):
        super().__init__()
        self.shape, self.condition = tuple(shape), whole_number("condition", condition, at_least=1)
        self.joined = PerceptronCritic((math.prod(shape) + condition,), width, depth)

    def forward(self, samples: Batch, condition: Batch) -> Tensor:
        _check("samples", samples, self.shape, "samples of the shape the critic was built for")
        return self.joined(torch.cat([samples.flatten(1), _code(condition, self.condition, samples)], dim=1))


class ProjectionCritic(nn.Module):
    """T(x, c) = w·a(x) + b + (Ac)·a(x): the condition meets the last hidden layer a(x) in an inner product.

    a is a perceptron of `depth` ≥ 1 hidden layers, ρ = leaky ReLU with slope 0.2; for class numbers, Ac is a
    column of A. Takes samples (b, *shape) and conditions, returns scores (b,).
    Source: Miyato and Koyama 2018.
    """

    def __init__(self, shape: tuple[int, ...], condition: int, width: int = 256, depth: int = 2):
        super().__init__()
        self.shape, self.condition = tuple(shape), whole_number("condition", condition, at_least=1)
        widths = [math.prod(shape), *[width] * whole_number("depth", depth, at_least=1)]
        self.features = nn.Sequential(perceptron(widths, nn.LeakyReLU(0.2)), nn.LeakyReLU(0.2))
        self.score = nn.Linear(width, 1)
        self.projection = nn.Linear(condition, width, bias=False)

    def forward(self, samples: Batch, condition: Batch) -> Tensor:
        _check("samples", samples, self.shape, "samples of the shape the critic was built for")
        features = self.features(samples.flatten(1))
        direction = self.projection(_code(condition, self.condition, features))
        return self.score(features).squeeze(1) + (direction * features).sum(dim=1)


class ConditionalBatchNorm(nn.Module):
    """h ↦ γ_c (h − mean) / √(variance + 1e-5) + β_c, unit by unit: every class has its own scale and shift.

    Mean and variance are those of the whole batch, whatever the classes in it; running ones in evaluation
    mode. Takes h (b, units) and conditions; starts with γ_c = 1, β_c = 0 for class numbers.
    Source: de Vries et al. 2017, with scales and shifts of their own for each class.
    """

    def __init__(self, units: int, condition: int):
        super().__init__()
        self.condition = whole_number("condition", condition, at_least=1)
        self.normalised = nn.BatchNorm1d(units, affine=False)
        self.scale = nn.Linear(condition, units, bias=False)
        self.shift = nn.Linear(condition, units, bias=False)
        nn.init.ones_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, preactivation: Batch, condition: Batch) -> Tensor:
        _check("preactivation", preactivation, (self.normalised.num_features,), "one row per sample")
        if self.training and len(preactivation) < 2:
            expected = "at least 2, since batch normalisation needs a variance over the batch"
            remedy = "generator.eval() before a single sample is drawn"
            raise ValueError(refusal("preactivation", "a batch of 1 in training mode", expected, remedy))
        code = _code(condition, self.condition, preactivation)
        return self.scale(code) * self.normalised(preactivation) + self.shift(code)


class ModulatedGenerator(nn.Module):
    """A perceptron of z alone, in whose hidden layers the condition sets scale and shift of each unit.

    Every hidden layer is affine, `ConditionalBatchNorm`, ReLU; then one affine layer and `squash`, tanh
    unless another is given. Takes latent vectors (b, latent) and conditions, returns samples (b, *shape).
    """

    def __init__(
        self,
        latent: int,
        condition: int,
        shape: tuple[int, ...],
        width: int = 256,
        depth: int = 2,
        squash: nn.Module | None = None,
    ):
        super().__init__()
        self.latent, self.shape = latent, tuple(shape)
        widths = [latent, *[width] * whole_number("depth", depth, at_least=1)]
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))
        self.norms = nn.ModuleList(ConditionalBatchNorm(width, condition) for _ in self.hidden)
        self.last = nn.Linear(width, math.prod(shape))
        self.squash = nn.Tanh() if squash is None else squash

    def forward(self, latent: Batch, condition: Batch) -> Tensor:
        _check("latent", latent, (self.latent,), "one latent vector per sample")
        activated = latent
        for affine, norm in zip(self.hidden, self.norms, strict=True):
            activated = torch.relu(norm(affine(activated), condition))
        return self.squash(self.last(activated)).unflatten(1, self.shape)


def _code(condition: Batch, size: int, beside: Tensor) -> Tensor:
    """The condition as vectors (b, size) in the type of what stands beside it; class numbers as one-hot."""
    numbers = isinstance(condition, Tensor) and condition.dtype == torch.int64
    expected = f"class numbers (batch,), int64 from 0 to {size - 1}, or floats (batch, {size})"
    remedy = "the labels that data.batches(images, labels, …) gives beside the images"
    if not numbers and not (isinstance(condition, Tensor) and condition.is_floating_point()):
        got = condition.dtype if isinstance(condition, Tensor) else type(condition).__name__
        raise TypeError(refusal("condition", got, expected, remedy))
    if tuple(condition.shape) != ((len(beside),) if numbers else (len(beside), size)):
        got = f"shape {tuple(condition.shape)} beside {len(beside)} samples"
        raise ValueError(refusal("condition", got, expected, remedy))
    if not numbers:
        return condition.to(beside.dtype)
    if condition.device.type == "cpu" and bool(((condition < 0) | (condition >= size)).any()):
        got = f"class numbers from {condition.min()} to {condition.max()}"
        raise ValueError(refusal("condition", got, expected, remedy))
    # not functional.one_hot, which asks the accelerator for the largest number, and waits
    return (condition[:, None] == torch.arange(size, device=condition.device)).to(beside.dtype)


def parameters(network: nn.Module) -> int:
    """The number of trainable scalars."""
    return sum(p.numel() for p in network.parameters() if p.requires_grad)


def gaussian_latent(
    dimension: int, generator: torch.Generator, device: torch.device | str | None = None
) -> Callable[[int], Tensor]:
    """A sampler n ↦ z ~ N(0, I), shape (n, dimension), drawn from `generator`: a run can be repeated.

    The vectors lie where the generator draws, unless another `device` is named.
    """
    where = generator.device if device is None else device

    def latent(n: int) -> Tensor:
        return torch.randn(n, dimension, generator=generator, device=generator.device).to(where)

    return latent
