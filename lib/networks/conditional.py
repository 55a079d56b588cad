"""Networks of a conditional game: they take the condition behind their first argument.

Conditions are class numbers (b,), int64 from 0, which become one-hot vectors, or vectors (b, `condition`) of
floats as they are.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from lib.arguments import refusal, whole_number
from lib.networks.checks import Batch, check_batch
from lib.networks.perceptrons import PerceptronCritic, PerceptronGenerator, perceptron


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
        check_batch("latent", latent, (self.latent,), "one latent vector per sample")
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
        check_batch("samples", samples, self.shape, "samples of the shape the critic was built for")
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
        check_batch("samples", samples, self.shape, "samples of the shape the critic was built for")
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
        check_batch("preactivation", preactivation, (self.normalised.num_features,), "one row per sample")
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
        check_batch("latent", latent, (self.latent,), "one latent vector per sample")
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
