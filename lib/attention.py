"""The self-attention block: every position asks all positions, and adds what it hears to what it is."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, scaled_dot_product_attention

from lib.arguments import float_tensor, refusal, whole_number

SHARE = 8  # channels of the features to one channel of a key
MANY = 512  # places from which on the fused operation is the faster one; see benchmarks/attention.py


class SelfAttention(nn.Module):
    """Each place adds a weighted mean over all places to what it is.

        y_j = x_j + γ W_v Σ_i β_ji W_h x_i,    β_ji = exp s_ij / Σ_k exp s_kj,    s_ij = (W_f x_i) · (W_g x_j)

    Takes features (b, channels, *places) with one axis of places or more, N places in all, and returns the
    same shape. W_f (keys) and W_g (queries) have channels // 8 rows, W_h has `values` rows, as many unless
    others are asked for, and W_v leads back: 2 · channels · (channels // 8 + values) + 1 parameters, no
    biases. γ is one number, 0 at the start, where the block is the identity. Scores are not divided by √d.

    From 512 places on the sum is PyTorch's fused attention, which keeps no N × N table but cannot be
    differentiated twice; below, the table is computed. `fused` asks for one or the other, `weights(x)` shows
    the table. Raises TypeError for what is no tensor of floats,
    ValueError for other channels, for features without places, and for fewer than 8 channels.
    Source: Zhang et al. 2019, equations 1 to 3; `values` = channels // 2 in the authors' program.
    """

    def __init__(self, channels: int, values: int | None = None, fused: bool | None = None):
        super().__init__()
        self.channels = whole_number("channels", channels, at_least=SHARE)
        keys = self.channels // SHARE
        values = keys if values is None else whole_number("values", values, at_least=1)
        self.key = nn.Conv1d(self.channels, keys, 1, bias=False)  # W_f
        self.query = nn.Conv1d(self.channels, keys, 1, bias=False)  # W_g
        self.value = nn.Conv1d(self.channels, values, 1, bias=False)  # W_h
        self.output = nn.Conv1d(values, self.channels, 1, bias=False)  # W_v
        self.gamma = nn.Parameter(torch.zeros(()))
        self.fused = fused

    def forward(self, x: Any) -> Tensor:
        flat = self._flat(x)
        fused = flat.shape[2] >= MANY if self.fused is None else self.fused
        heard = self._heard_fused(flat) if fused else self._heard_by_table(flat)
        return x + self.gamma * self.output(heard).reshape(x.shape)

    def weights(self, x: Any) -> Tensor:
        """β as a table (b, N, N): row j holds what place j takes from each place i, and sums to 1."""
        flat = self._flat(x)
        scores = torch.einsum("bcj,bci->bji", self.query(flat), self.key(flat))
        return scores.softmax(dim=2)

    def _heard_by_table(self, flat: Tensor) -> Tensor:
        return torch.einsum("bji,bci->bcj", self.weights(flat), self.value(flat))

    def _heard_fused(self, flat: Tensor) -> Tensor:
        each = [layer(flat).transpose(1, 2) for layer in (self.query, self.key, self.value)]  # (b, N, rows)
        # the fused kernels want equal widths, rows that lie side by side, and an axis of heads; otherwise the
        # table is written down after all. A zero more changes no inner product.
        widest = max(part.shape[2] for part in each)
        query, key, value = (pad(part, (0, widest - part.shape[2])).contiguous()[:, None] for part in each)
        heard = scaled_dot_product_attention(query, key, value, scale=1.0)[:, 0]
        return heard[..., : each[2].shape[2]].transpose(1, 2)

    def _flat(self, x: Any) -> Tensor:
        float_tensor("x", x, "features of an image or of a line")
        if x.ndim < 3 or x.shape[1] != self.channels:
            expected = f"(batch, {self.channels}, *places), with one axis of places at least"
            remedy = "x.unflatten(1, (channels, -1)), or SelfAttention(x.shape[1])"
            raise ValueError(refusal("x", f"shape {tuple(x.shape)}", expected, remedy))
        return x.flatten(2)
