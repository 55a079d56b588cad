"""What a class changes in maps: batch normalisation with scales of its own, and a block told twice."""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from lib.arguments import refusal, whole_number


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


def check_label(label, beside: Tensor) -> None:
    """Raises ValueError for what is not one class number, int64, for each row of `beside`."""
    if not isinstance(label, Tensor) or label.dtype != torch.int64 or label.shape != beside.shape[:1]:
        got = f"{label.dtype} {tuple(label.shape)}" if isinstance(label, Tensor) else type(label).__name__
        expected = f"class numbers, int64, one for each of {len(beside)} samples"
        raise ValueError(refusal("label", got, expected, "the labels that data.batches gives"))
