"""The networks of SAGAN: residual blocks, a class that sets scales and scores, and one block of attention.

They are plain: `lipschitz.spectral` normalises the weights of both players. `width` multiplies the channels
within, `channels` are those of the images. `attention` is the side of the features that the block looks at,
None for the same network without it.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from lib.arguments import refusal, whole_number
from lib.attention import SelfAttention
from lib.networks.checks import Batch, check_batch, check_latent
from lib.networks.classwise import UpBlock, check_label
from lib.networks.residual import ResidualBlock, SumOverPlaces
from lib.networks.sngan import LATENT, widths
from lib.networks.tables import Row

FIRST, SIDE = 64, 4  # channels beside the image; the smallest side


class SelfAttentionGenerator(nn.Module):
    """Latent vectors (b, 128) and class numbers (b,) to images (b, *shape) in (−1, 1), stage by stage.

    Raises TypeError for what is no tensor of floats, ValueError for vectors of another length, for class
    numbers of another type or shape, and for a batch of one in training mode.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, stages: nn.ModuleList):
        super().__init__()
        self.latent, self.shape, self.classes, self.stages = LATENT, shape, classes, stages

    def forward(self, latent: Batch, label: Batch) -> Tensor:
        check_latent(self, latent)
        check_label(label, latent)
        value = latent
        for stage in self.stages:
            value = stage(value, label) if isinstance(stage, UpBlock) else stage(value)
        return value


class SelfAttentionCritic(nn.Module):
    """T(x, c) = w·a(x) + b + e_c·a(x): images (b, *shape) and class numbers (b,) to scores (b,).

    a(x) is the sum over places of the last features, e_c a row of a table: the class is projected on what
    was seen. No layer looks at two images at once. Raises TypeError for what is no tensor of floats,
    ValueError for images of another shape. Source: Miyato and Koyama 2018.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, stages: nn.ModuleList, features: int):
        super().__init__()
        self.shape, self.stages = shape, stages
        self.score = nn.Linear(features, 1)
        self.classes = nn.Embedding(classes, features)

    def forward(self, samples: Batch, label: Batch) -> Tensor:
        check_batch("samples", samples, self.shape, "images of the shape the critic was built for")
        check_label(label, samples)
        seen = samples
        for stage in self.stages:
            seen = stage(seen)
        return self.score(seen)[:, 0] + (self.classes(label) * seen).sum(dim=1)


def sagan_generator(
    size=128, width=1.0, channels=3, classes=1000, attention: int | None = 32
) -> SelfAttentionGenerator:
    """128 → 4×4 → residual blocks that double the side up to `size` → batch norm, ReLU, 3×3, tanh.

    The last block has 64 · width channels, each one before it twice as many, the first two as many as each
    other; the attention stands behind the block that makes its side. At size 128: 1024, 1024, 512, 256, 128
    and 64. Raises TypeError or ValueError for a size that is no power of two from 8 on, a width that is not
    positive, and a side of attention that no block makes. Source: Zhang et al. 2019 and their program.
    """
    blocks, attention = _blocks(size), _side(attention, size)
    channels_within = widths(width, *(FIRST * 2**k for k in reversed(range(blocks))))
    first = channels_within[0]
    stages: list[nn.Module] = [
        nn.Sequential(nn.Linear(LATENT, first * SIDE**2), nn.Unflatten(1, (first, SIDE, SIDE)))
    ]
    side = SIDE
    for before, after in pairwise([first, *channels_within]):
        side *= 2
        stages.append(UpBlock(before, after, classes))
        if side == attention:
            stages.append(SelfAttention(after))
    last = nn.Conv2d(channels_within[-1], whole_number("channels", channels, at_least=1), 3, padding=1)
    stages.append(nn.Sequential(nn.BatchNorm2d(channels_within[-1]), nn.ReLU(), last, nn.Tanh()))
    return SelfAttentionGenerator((channels, size, size), classes, nn.ModuleList(stages))


def sagan_critic(
    size=128, width=1.0, channels=3, classes=1000, attention: int | None = 32
) -> SelfAttentionCritic:
    """Residual blocks that halve the side down to 4×4, one that does not, ReLU, sum over places, projection.

    64 · width channels behind the first block, twice as many behind each next one; the attention stands
    behind the block that makes its side. Arguments and errors as in `sagan_generator`.
    """
    blocks, attention = _blocks(size), _side(attention, size)
    channels_within = widths(width, *(FIRST * 2**k for k in range(blocks)))
    before, side = whole_number("channels", channels, at_least=1), size
    stages: list[nn.Module] = []
    for after in channels_within:
        side //= 2
        stages.append(ResidualBlock(before, after, "down", first=not stages))
        before = after
        if side == attention:
            stages.append(SelfAttention(after))
    stages += [ResidualBlock(before, before), nn.Sequential(nn.ReLU(), SumOverPlaces())]
    return SelfAttentionCritic((channels, size, size), classes, nn.ModuleList(stages), before)


def stages(network: SelfAttentionGenerator | SelfAttentionCritic) -> list[Row]:
    """What each stage of a network makes of one sample: its kind, the shape of its output, its weights.

    A batch of zeros passes through where the network lies; on the meta device nothing is computed.
    """
    rows: list[Row] = []

    def note(stage: nn.Module, _, output: Tensor) -> None:
        kind = "+".join(type(each).__name__ for each in stage) if isinstance(stage, nn.Sequential) else ""
        count = sum(weight.numel() for weight in stage.parameters() if weight.requires_grad)
        rows.append(Row(kind or type(stage).__name__, tuple(output.shape[1:]), count))

    parts = [*network.stages, *(part for name, part in network.named_children() if name != "stages")]
    hooks = [part.register_forward_hook(note) for part in parts]
    device = next(network.parameters()).device
    enters = (LATENT,) if isinstance(network, SelfAttentionGenerator) else network.shape
    with torch.no_grad():
        network(torch.zeros(2, *enters, device=device), torch.zeros(2, dtype=torch.int64, device=device))
    for hook in hooks:
        hook.remove()
    return rows


def _blocks(size) -> int:
    size = whole_number("size", size, at_least=2 * SIDE)
    if size & (size - 1):
        raise ValueError(refusal("size", size, "a power of two", "size=32, or 128"))
    return int(math.log2(size // SIDE))


def _side(attention, size: int) -> int | None:
    sides = [SIDE * 2**k for k in range(1, _blocks(size))]
    if attention is None or attention in sides:
        return attention
    expected = f"a side of features that both players have, {sides}, or None"
    raise ValueError(refusal("attention", attention, expected, "attention=None, or size // 4"))
