"""The networks of SAGAN: residual blocks, a class that sets scales and scores, and one block of attention.

They are plain: `lipschitz.spectral` normalises the weights of both players. `width` multiplies the channels
within, `channels` are those of the images. `attention` is the side of the features that the block looks at,
None for the same network without it.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from lib.arguments import float_tensor, number, refusal, whole_number
from lib.attention import SelfAttention
from lib.sngan import Batch, ResidualBlock, Row, SumOverPlaces

LATENT, FIRST, SIDE = 128, 64, 4  # numbers into a generator; channels beside the image; the smallest side


class ConditionalBatchNorm2d(nn.Module):
    """h ↦ scale_c (h − mean) / √(variance + 1e-5) + shift_c, channel by channel: each class c has its own.

    Mean and variance are those of the whole batch over all places, whatever its classes; running ones in
    evaluation mode. Takes features (b, units, h, w) and class numbers (b,), int64 from 0 to classes − 1;
    begins with scale 1 and shift 0. Source: de Vries et al. 2017; Dumoulin et al. 2017.
    """

    def __init__(self, units: int, classes: int):
        super().__init__()
        self.classes = whole_number("classes", classes, at_least=1)
        self.normalised = nn.BatchNorm2d(units, affine=False)
        # rows of a table that is looked up, not a matrix that maps: kept flat, and left by the spectral norm
        self.scale = nn.Parameter(torch.ones(classes * units))
        self.shift = nn.Parameter(torch.zeros(classes * units))

    def forward(self, features: Tensor, label: Tensor) -> Tensor:
        of_class = (table.view(self.classes, -1)[label] for table in (self.scale, self.shift))
        scale, shift = (row[:, :, None, None] for row in of_class)
        return scale * self.normalised(features) + shift


class UpBlock(nn.Module):
    """A residual block of the generator: it doubles the side and is told the class before each convolution.

    Takes features (b, before, h, w) and class numbers (b,), returns (b, after, 2h, 2w).
    Source: Miyato and Koyama 2018; the program of Zhang et al. 2019.
    """

    def __init__(self, before: int, after: int, classes: int):
        super().__init__()
        self.entering = ConditionalBatchNorm2d(before, classes)
        self.inner = nn.Conv2d(before, after, 3, padding=1)
        self.between = ConditionalBatchNorm2d(after, classes)
        self.outer = nn.Conv2d(after, after, 3, padding=1)
        self.shortcut = nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        branch = self.inner(_doubled(torch.relu(self.entering(x, label))))
        return self.shortcut(_doubled(x)) + self.outer(torch.relu(self.between(branch, label)))


def _doubled(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2, mode="nearest")


class SelfAttentionGenerator(nn.Module):
    """Latent vectors (b, 128) and class numbers (b,) to images (b, *shape) in (−1, 1), stage by stage.

    Raises TypeError for what is no tensor of floats, ValueError for vectors of another length, for class
    numbers of another type or shape, and for a batch of one in training mode.
    """

    def __init__(self, shape: tuple[int, int, int], classes: int, stages: nn.ModuleList):
        super().__init__()
        self.latent, self.shape, self.classes, self.stages = LATENT, shape, classes, stages

    def forward(self, latent: Batch, label: Batch) -> Tensor:
        float_tensor("latent", latent, "one latent vector per sample")
        if latent.shape[1:] != (self.latent,):
            expected = f"(batch, {self.latent}), one latent vector per sample"
            raise ValueError(
                refusal("latent", f"shape {tuple(latent.shape)}", expected, "latent(len(label))")
            )
        if self.training and len(latent) < 2:
            expected = "at least 2, since batch normalisation needs a variance over the batch"
            remedy = "generator.eval() before a single image is drawn"
            raise ValueError(refusal("latent", "a batch of 1 in training mode", expected, remedy))
        _check_label(label, latent)
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
        float_tensor("samples", samples, "images of the shape the critic was built for")
        if samples.shape[1:] != self.shape:
            expected = f"(batch, {', '.join(map(str, self.shape))})"
            remedy = "resize the images, or build the critic for their size"
            raise ValueError(refusal("samples", f"shape {tuple(samples.shape)}", expected, remedy))
        _check_label(label, samples)
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
    widths = [_wide(width, 2**k) for k in reversed(range(blocks))]
    first = widths[0]
    stages: list[nn.Module] = [
        nn.Sequential(nn.Linear(LATENT, first * SIDE**2), nn.Unflatten(1, (first, SIDE, SIDE)))
    ]
    side = SIDE
    for before, after in pairwise([first, *widths]):
        side *= 2
        stages.append(UpBlock(before, after, classes))
        if side == attention:
            stages.append(SelfAttention(after))
    last = nn.Conv2d(widths[-1], whole_number("channels", channels, at_least=1), 3, padding=1)
    stages.append(nn.Sequential(nn.BatchNorm2d(widths[-1]), nn.ReLU(), last, nn.Tanh()))
    return SelfAttentionGenerator((channels, size, size), classes, nn.ModuleList(stages))


def sagan_critic(
    size=128, width=1.0, channels=3, classes=1000, attention: int | None = 32
) -> SelfAttentionCritic:
    """Residual blocks that halve the side down to 4×4, one that does not, ReLU, sum over places, projection.

    64 · width channels behind the first block, twice as many behind each next one; the attention stands
    behind the block that makes its side. Arguments and errors as in `sagan_generator`.
    """
    blocks, attention = _blocks(size), _side(attention, size)
    widths = [_wide(width, 2**k) for k in range(blocks)]
    before, side = whole_number("channels", channels, at_least=1), size
    stages: list[nn.Module] = []
    for after in widths:
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


def _check_label(label, beside: Tensor) -> None:
    if not isinstance(label, Tensor) or label.dtype != torch.int64 or label.shape != beside.shape[:1]:
        got = f"{label.dtype} {tuple(label.shape)}" if isinstance(label, Tensor) else type(label).__name__
        expected = f"class numbers, int64, one for each of {len(beside)} samples"
        raise ValueError(refusal("label", got, expected, "the labels that data.batches gives"))


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


def _wide(width, times: int) -> int:
    return max(1, math.floor(number("width", width, "the factor of all widths") * FIRST * times + 0.5))
