"""A pair of small convolutional networks for images whose sides are divisible by 4."""

from torch import Tensor, nn

from lib.arguments import refusal
from lib.networks.checks import Batch, check_batch, check_latent


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
        check_latent(self, latent)
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
        check_batch("samples", samples, self.shape, "images of the shape the critic was built for")
        return self.body(samples).squeeze(1)


def _quarterable(shape: tuple[int, ...]) -> tuple[int, int, int]:
    channels, height, breadth = shape if len(shape) == 3 else (0, 0, 0)
    if min(channels, height, breadth) < 1 or height % 4 or breadth % 4:
        expected = "(channels, height, width) with sides divisible by 4"
        raise ValueError(refusal("shape", tuple(shape), expected, "pad or resize, e.g. to 28 or 32"))
    return channels, height, breadth
