"""The networks of SNGAN, row for row as in its tables: a chain of convolutions and a residual network.

They are plain: `lipschitz.spectral(critic)` normalises the critic's weights. `width` multiplies the channels
of every layer within, so that a laptop can train the same network with a fraction of its weights; `channels`
are those of the images, 1 for grey ones.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from lib.arguments import float_tensor, number, refusal, whole_number

LATENT, SLOPE = 128, 0.1  # numbers into a generator; slope of the critic's leaky ReLU below 0
Batch = Any  # a tensor of floats; anything else is answered by the network


class ImageGenerator(nn.Module):
    """Latent vectors (b, 128) to images (b, *shape) in (−1, 1), by the layers of `body`.

    Raises TypeError for what is no tensor of floats, ValueError for vectors of another length and for a batch
    of one in training mode, over which batch normalisation has no variance.
    """

    def __init__(self, shape: tuple[int, int, int], body: nn.Sequential):
        super().__init__()
        self.latent, self.shape, self.body = LATENT, shape, body

    def forward(self, latent: Batch) -> Tensor:
        _check("latent", latent, (self.latent,), "one latent vector per sample")
        if self.training and len(latent) < 2:
            expected = "at least 2, since batch normalisation needs a variance over the batch"
            remedy = "generator.eval() before a single image is drawn"
            raise ValueError(refusal("latent", "a batch of 1 in training mode", expected, remedy))
        return self.body(latent)


class ImageCritic(nn.Module):
    """Images (b, *shape) to scores (b,), by the layers of `body`; no layer looks at two images at once.

    Raises TypeError for what is no tensor of floats, ValueError for images of another shape.
    """

    def __init__(self, shape: tuple[int, int, int], body: nn.Sequential):
        super().__init__()
        self.shape, self.body = shape, body

    def forward(self, samples: Batch) -> Tensor:
        _check("samples", samples, self.shape, "images of the shape the critic was built for")
        return self.body(samples).squeeze(1)


def sngan_generator(size=32, width=1.0, channels=3) -> ImageGenerator:
    """128 → M²·512 → three transposed convolutions 4×4 that double the side → a convolution 3×3 and tanh.

    M = size/8: 4 for images of side 32, 6 for side 48. 256, 128 and 64 channels, each transposed convolution
    with batch normalisation and ReLU behind it. 3 812 355 parameters at side 32, 5 133 315 at side 48.
    Raises TypeError or ValueError for a side that 8 does not divide, a width that is not positive, or
    channels that are no whole number. Source: Miyato et al. 2018, Table 3 (a).
    """
    side, (first, *rest) = _eighth(size), _widths(width, 512, 256, 128, 64)
    channels = whole_number("channels", channels, at_least=1)
    layers = [nn.Linear(LATENT, first * side**2), nn.Unflatten(1, (first, side, side))]
    before = first
    for after in rest:
        layers += [nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
        layers += [nn.BatchNorm2d(after), nn.ReLU()]
        before = after
    layers += [nn.Conv2d(before, channels, 3, padding=1), nn.Tanh()]
    return ImageGenerator((channels, size, size), nn.Sequential(*layers))


def sngan_critic(size=32, width=1.0, channels=3) -> ImageCritic:
    """Seven convolutions, 3×3 of stride 1 and 4×4 of stride 2 in turn, and an affine map to one score.

    64, 64, 128, 128, 256, 256 and 512 channels, leaky ReLU with slope 0.1 behind each; the last features are
    M/8 × M/8 × 512 for images of side M. 2 935 873 parameters at side 32, 2 946 113 at side 48. Arguments
    and errors as in `sngan_generator`. Source: Miyato et al. 2018, Table 3 (b).
    """
    side, widths = _eighth(size), _widths(width, 64, 64, 128, 128, 256, 256, 512)
    before = channels = whole_number("channels", channels, at_least=1)
    layers: list[nn.Module] = []
    for k, after in enumerate(widths):
        halves = k % 2 == 1
        layers += [nn.Conv2d(before, after, 4 if halves else 3, stride=2 if halves else 1, padding=1)]
        layers += [nn.LeakyReLU(SLOPE)]
        before = after
    layers += [nn.Flatten(), nn.Linear(before * side**2, 1)]
    return ImageCritic((channels, size, size), nn.Sequential(*layers))


class ResidualBlock(nn.Module):
    """x ↦ shortcut(x) + branch(x): two convolutions 3×3 behind ReLUs, which may double or halve the side.

    `resize` is "up" (nearest neighbour, before the first convolution), "down" (mean over 2×2, behind the
    second) or "". The shortcut is a convolution 1×1 where the side or the channels change, else the identity.
    `normalised` puts batch normalisation before each ReLU; `first` leaves out the first ReLU, for a block
    that meets the image. Source: Miyato et al. 2018, figure 8; Gulrajani et al. 2017, appendix F.
    """

    def __init__(self, before: int, after: int, resize="", normalised=False, first=False):
        super().__init__()
        if resize not in ("", "up", "down"):
            raise ValueError(refusal("resize", repr(resize), '"up", "down" or ""', 'resize="up"'))
        self.resize = resize
        head = [] if first else [*([nn.BatchNorm2d(before)] if normalised else []), nn.ReLU()]
        middle = [*([nn.BatchNorm2d(after)] if normalised else []), nn.ReLU()]
        self.head = nn.Sequential(*head)
        self.inner = nn.Conv2d(before, after, 3, padding=1)
        self.tail = nn.Sequential(*middle, nn.Conv2d(after, after, 3, padding=1))
        changes = bool(resize) or before != after
        self.shortcut = nn.Conv2d(before, after, 1) if changes else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch, across = self.head(x), x
        if self.resize == "up":
            branch, across = (interpolate(each, scale_factor=2, mode="nearest") for each in (branch, across))
        sum_of_both = self.shortcut(across) + self.tail(self.inner(branch))
        return avg_pool2d(sum_of_both, 2) if self.resize == "down" else sum_of_both


class SumOverPlaces(nn.Module):
    """(b, c, h, w) ↦ (b, c): the sum of each channel over its places."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(dim=(2, 3))


def sngan_resnet_generator(width=1.0, channels=3) -> ImageGenerator:
    """128 → 4×4×256, three residual blocks that double the side, batch normalisation, ReLU, 3×3, tanh.

    Images of side 32; 4 276 739 parameters. Errors as in `sngan_generator`.
    Source: Miyato et al. 2018, Table 4 (a).
    """
    (wide,) = _widths(width, 256)
    channels = whole_number("channels", channels, at_least=1)
    layers = [nn.Linear(LATENT, 16 * wide), nn.Unflatten(1, (wide, 4, 4))]
    layers += [ResidualBlock(wide, wide, "up", normalised=True) for _ in range(3)]
    layers += [nn.BatchNorm2d(wide), nn.ReLU(), nn.Conv2d(wide, channels, 3, padding=1), nn.Tanh()]
    return ImageGenerator((channels, 32, 32), nn.Sequential(*layers))


def sngan_resnet_critic(width=1.0, channels=3) -> ImageCritic:
    """Four residual blocks of 128 channels, two of which halve the side, ReLU, sum over places, one score.

    Images of side 32; 1 053 825 parameters. Errors as in `sngan_generator`.
    Source: Miyato et al. 2018, Table 4 (b).
    """
    (wide,) = _widths(width, 128)
    channels = whole_number("channels", channels, at_least=1)
    layers = [ResidualBlock(channels, wide, "down", first=True), ResidualBlock(wide, wide, "down")]
    layers += [ResidualBlock(wide, wide) for _ in range(2)]
    layers += [nn.ReLU(), SumOverPlaces(), nn.Linear(wide, 1)]
    return ImageCritic((channels, 32, 32), nn.Sequential(*layers))


class Row(NamedTuple):
    """One row of a network's table: a layer's kind, the shape of its output for one sample, its weights."""

    layer: str
    output: tuple[int, ...]
    parameters: int


def table(network: ImageGenerator | ImageCritic) -> Iterator[Row]:
    """The layers of the network's body as rows of a table, measured by an empty batch that passes through.

    Nothing is computed: the pass runs on the meta device, with a copy of the weights.
    """
    enters = (network.latent,) if isinstance(network, ImageGenerator) else network.shape
    with torch.device("meta"):
        value = torch.empty(2, *enters)
    for layer in network.body:
        weights = {name: weight.to("meta") for name, weight in layer.state_dict().items()}
        with torch.no_grad():
            value = torch.func.functional_call(layer, weights, (value,))
        count = sum(weight.numel() for weight in layer.parameters() if weight.requires_grad)
        yield Row(type(layer).__name__, tuple(value.shape[1:]), count)


def _check(name: str, value: Batch, shape: tuple[int, ...], meaning: str) -> None:
    float_tensor(name, value, meaning)
    if tuple(value.shape[1:]) != tuple(shape) or value.ndim != len(shape) + 1:
        expected = f"(batch, {', '.join(map(str, shape))}), {meaning}"
        remedy = "reshape the batch, or build the network for the size of your data"
        raise ValueError(refusal(name, f"shape {tuple(value.shape)}", expected, remedy))


def _eighth(size) -> int:
    size = whole_number("size", size, at_least=8)
    if size % 8:
        raise ValueError(refusal("size", size, "a side that can be halved three times", "size=32, or 48"))
    return size // 8


def _widths(width, *channels: int) -> list[int]:
    width = number("width", width, "the factor of all widths within")
    return [max(1, math.floor(width * each + 0.5)) for each in channels]
