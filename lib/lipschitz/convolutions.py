"""How much a convolution stretches an image: more than its kernel, as a matrix, stretches a patch."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from lib.arguments import refusal, whole_number


def overlap(layer: nn.Module) -> float:
    """By what factor ‖conv‖ may exceed σ of the kernel as a matrix with a row for each output.

        √(⌈k_h/s_h⌉ ⌈k_w/s_w⌉),   since a pixel lies in at most so many patches

    Raises TypeError for what is no `Conv2d`, ValueError for one that is dilated, or padded but not by zeros.
    """
    sizes = zip(_plain(layer).kernel_size, layer.stride, strict=True)
    return math.prod(math.ceil(k / s) for k, s in sizes) ** 0.5


def convolution_bound(layer: nn.Module) -> float:
    """An upper bound of a convolution's slope, in float64: `overlap` times σ of its kernel as a matrix.

    Approached by a kernel of ones on large images. Raises as `overlap` does.
    """
    kernel = _plain(layer).weight.detach().cpu().double().flatten(1)
    return overlap(layer) * float(torch.linalg.matrix_norm(kernel, ord=2))


def convolution_norm(layer: nn.Module, shape: tuple[int, int, int], rounds=200) -> float:
    """The slope of a convolution on images (c, h, w), by power iteration with the layer as the matrix.

        x ← convᵀ conv x / ‖convᵀ conv x‖,   `rounds` times, then ‖conv x‖

    From below, as every such estimate; on the CPU in float64, from one fixed random image. Raises TypeError
    and ValueError as `overlap` does, for images of other channels too, and for rounds that are no number.
    Source: Miyato et al. 2018, Algorithm 1, with the convolution in the place of the matrix.
    """
    rounds, weight = whole_number("rounds", rounds, at_least=1), _plain(layer).weight.detach().cpu().double()
    if len(shape) != 3 or shape[0] != layer.in_channels:
        expected = f"({layer.in_channels}, height, width)"
        raise ValueError(refusal("shape", tuple(shape), expected, "the shape of what enters the layer"))

    def there(image: Tensor) -> Tensor:
        return conv2d(image, weight, None, layer.stride, layer.padding, 1, layer.groups)

    image = torch.randn(1, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for _ in range(rounds):
        back = torch.func.vjp(there, image)[1]  # the transposed map of a linear one
        image = back(there(image))[0]
        image = image / image.norm().clamp(min=1e-300)
    return float(there(image).norm())


def _plain(layer: nn.Module) -> nn.Conv2d:
    if not isinstance(layer, nn.Conv2d):
        remedy = "torch.linalg.matrix_norm(weight, 2), for a linear layer"
        raise TypeError(refusal("layer", f"a {type(layer).__name__}", "a Conv2d", remedy))
    if layer.padding_mode != "zeros" or set(layer.dilation) != {1}:
        got = f"padding_mode={layer.padding_mode!r}, dilation={layer.dilation}"
        expected = "zeros and no dilation, for which the factor is proved"
        raise ValueError(refusal("layer", got, expected, "another layer, or a slope that is measured"))
    return layer
