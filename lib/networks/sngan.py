"""The networks of SNGAN for images of side 32 and 48: row for row the chain of convolutions of its tables.

They are plain: `lipschitz.spectral(critic)` normalises the critic's weights. `width` multiplies the channels
of every layer within, so that a laptop can train the same network with a fraction of its weights; `channels`
are those of the images, 1 for grey ones.
"""

import math

from torch import Tensor, nn

from lib.arguments import number, refusal, whole_number
from lib.networks.checks import Batch, check_batch, check_latent

LATENT, SLOPE = 128, 0.1  # numbers into a generator; slope of the critic's leaky ReLU below 0


class ImageGenerator(nn.Module):
    """Latent vectors (b, 128) to images (b, *shape) in (−1, 1), by the layers of `body`.

    Raises TypeError for what is no tensor of floats, ValueError for vectors of another length and for a batch
    of one in training mode, over which batch normalisation has no variance.
    """

    def __init__(self, shape: tuple[int, int, int], body: nn.Sequential):
        super().__init__()
        self.latent, self.shape, self.body = LATENT, shape, body

    def forward(self, latent: Batch) -> Tensor:
        check_latent(self, latent)
        return self.body(latent)


class ImageCritic(nn.Module):
    """Images (b, *shape) to scores (b,), by the layers of `body`; no layer looks at two images at once.

    Raises TypeError for what is no tensor of floats, ValueError for images of another shape.
    """

    def __init__(self, shape: tuple[int, int, int], body: nn.Sequential):
        super().__init__()
        self.shape, self.body = shape, body

    def forward(self, samples: Batch) -> Tensor:
        check_batch("samples", samples, self.shape, "images of the shape the critic was built for")
        return self.body(samples).squeeze(1)


def sngan_generator(size=32, width=1.0, channels=3) -> ImageGenerator:
    """128 → M²·512 → three transposed convolutions 4×4 that double the side → a convolution 3×3 and tanh.

    M = size/8: 4 for images of side 32, 6 for side 48. 256, 128 and 64 channels, each transposed convolution
    with batch normalisation and ReLU behind it. 3 812 355 parameters at side 32, 5 133 315 at side 48.
    Raises TypeError or ValueError for a side that 8 does not divide, a width that is not positive, or
    channels that are no whole number. Source: Miyato et al. 2018, appendix B.4.
    """
    side, (first, *rest) = _eighth(size), widths(width, 512, 256, 128, 64)
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
    and errors as in `sngan_generator`. Source: Miyato et al. 2018, appendix B.4.
    """
    side, channels_within = _eighth(size), widths(width, 64, 64, 128, 128, 256, 256, 512)
    before = channels = whole_number("channels", channels, at_least=1)
    layers: list[nn.Module] = []
    for k, after in enumerate(channels_within):
        halves = k % 2 == 1
        layers += [nn.Conv2d(before, after, 4 if halves else 3, stride=2 if halves else 1, padding=1)]
        layers += [nn.LeakyReLU(SLOPE)]
        before = after
    layers += [nn.Flatten(), nn.Linear(before * side**2, 1)]
    return ImageCritic((channels, size, size), nn.Sequential(*layers))


def _eighth(size) -> int:
    size = whole_number("size", size, at_least=8)
    if size % 8:
        raise ValueError(refusal("size", size, "a side that can be halved three times", "size=32, or 48"))
    return size // 8


def widths(width, *channels: int) -> list[int]:
    """So many channels times `width`, rounded to whole numbers, at least 1 each."""
    width = number("width", width, "the factor of all widths within")
    return [max(1, math.floor(width * each + 0.5)) for each in channels]
