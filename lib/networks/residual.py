"""The residual networks of SNGAN for images of side 32, plain like the chain of convolutions in `sngan`."""

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from lib.arguments import refusal, whole_number
from lib.networks.sngan import LATENT, ImageCritic, ImageGenerator, widths


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
    Source: Miyato et al. 2018, Table 4.
    """
    (wide,) = widths(width, 256)
    channels = whole_number("channels", channels, at_least=1)
    layers = [nn.Linear(LATENT, 16 * wide), nn.Unflatten(1, (wide, 4, 4))]
    layers += [ResidualBlock(wide, wide, "up", normalised=True) for _ in range(3)]
    layers += [nn.BatchNorm2d(wide), nn.ReLU(), nn.Conv2d(wide, channels, 3, padding=1), nn.Tanh()]
    return ImageGenerator((channels, 32, 32), nn.Sequential(*layers))


def sngan_resnet_critic(width=1.0, channels=3) -> ImageCritic:
    """Four residual blocks of 128 channels, two of which halve the side, ReLU, sum over places, one score.

    Images of side 32; 1 053 825 parameters. Errors as in `sngan_generator`.
    Source: Miyato et al. 2018, Table 4.
    """
    (wide,) = widths(width, 128)
    channels = whole_number("channels", channels, at_least=1)
    layers = [ResidualBlock(channels, wide, "down", first=True), ResidualBlock(wide, wide, "down")]
    layers += [ResidualBlock(wide, wide) for _ in range(2)]
    layers += [nn.ReLU(), SumOverPlaces(), nn.Linear(wide, 1)]
    return ImageCritic((channels, 32, 32), nn.Sequential(*layers))
