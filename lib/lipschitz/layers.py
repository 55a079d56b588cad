"""Layers that cannot stretch: whatever their weights, |layer(x) − layer(x′)| <= |x − x′|, Euclidean.

A chain of such layers cannot stretch either, so a perceptron made of them is a 1-Lipschitz critic by
construction, not by persuasion:

    torch.nn.Sequential(Linear, MaxMin, Linear, MaxMin, Linear)   made hard by `spectral` or `orthonormal`
"""

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from lib.arguments import refusal, whole_number


class GroupSort(nn.Module):
    """Sort the features in groups of `size` neighbours, largest first: ρ(x) = (x_(1), …, x_(size)) per group.

    Takes (…, features), returns the same shape. Its Jacobian is a permutation everywhere, at ties too, so
    unlike ReLU it neither stretches a vector nor shortens a gradient. Raises ValueError when `size` does not
    divide the number of features. Source: Anil, Lucas and Grosse 2019 (who sort the other way round).
    """

    def __init__(self, size):
        super().__init__()
        self.size = whole_number("size", size, at_least=1)

    def forward(self, features: Tensor) -> Tensor:
        return self._grouped(features).sort(dim=-1, descending=True, stable=True).values.flatten(-2)

    def _grouped(self, features: Tensor) -> Tensor:
        if features.ndim < 1 or features.shape[-1] % self.size:
            expected = f"(…, features) with a multiple of {self.size} features to group"
            got = f"shape {tuple(features.shape)}"
            raise ValueError(refusal("features", got, expected, "a layer of another width before it"))
        return features.unflatten(-1, (-1, self.size))

    def extra_repr(self) -> str:
        return f"size={self.size}"


class MaxMin(GroupSort):
    """Replace each pair of neighbours (a, b) by (max(a, b), min(a, b)): `GroupSort(2)`, several times faster.

    Takes (…, features), an even number of them, returns the same shape; ValueError otherwise.
    Source: Chernodub and Nowicki 2016 (OPLU); Anil, Lucas and Grosse 2019 (MaxMin).
    """

    def __init__(self):
        super().__init__(2)

    def forward(self, features: Tensor) -> Tensor:
        first, second = self._grouped(features).unbind(-1)
        ordered = first >= second  # torch.maximum would share the gradient of a tie: no permutation
        larger, smaller = torch.where(ordered, first, second), torch.where(ordered, second, first)
        return torch.stack([larger, smaller], dim=-1).flatten(-2)

    def extra_repr(self) -> str:
        return ""


def bjorck(weight: Tensor, iterations=20) -> Tensor:
    """The orthonormal matrix nearest to `weight`, approached by matrix products alone.

        W ← W/√|WᵀW|_∞,   then repeat   W ← W (I + ½(I − WᵀW)):   each singular value s becomes (3s − s³)/2

    weight: (m, n), in any unit; returns (m, n). The scaling bounds every singular value by 1 from above and
    the iteration keeps it there, so after any number of iterations, 0 included, the map does not stretch. A
    value grows by 3/2 a step while it is small, then the distance e to 1 becomes 3e²/2. What is 0 stays 0: a
    matrix without full rank becomes a partial isometry, the zero matrix stays zero. Differentiable.
    Raises ValueError for what is no matrix. Source: Björck and Bowie 1971; Anil, Lucas and Grosse 2019.
    """
    iterations = whole_number("iterations", iterations, at_least=0)
    if weight.ndim != 2 or weight.numel() == 0:
        got = f"shape {tuple(weight.shape)}"
        raise ValueError(refusal("weight", got, "a matrix (m, n), m, n >= 1", "weight.flatten(1)"))
    if weight.shape[0] < weight.shape[1]:
        return bjorck(weight.T, iterations).T  # the smaller of the two products WᵀW and WWᵀ
    largest = weight.detach().abs().amax()  # the result does not depend on it, so it needs no gradient
    weight = weight / torch.where(largest > 0, largest, 1)  # so that no square over- or underflows
    # σ² is the largest eigenvalue of WᵀW, hence at most its largest row sum; equal for orthonormal columns
    bound = (weight.T @ weight).abs().sum(dim=1).amax()
    weight = weight / torch.where(bound > 0, bound, 1).sqrt()
    for _ in range(iterations):
        weight = 1.5 * weight - 0.5 * weight @ (weight.T @ weight)
    return weight


class _Orthonormal(nn.Module):
    """The parametrisation: what is trained is any matrix, what is used is its orthonormal factor."""

    def __init__(self, iterations: int):
        super().__init__()
        self.iterations = iterations

    def forward(self, weight: Tensor) -> Tensor:
        return bjorck(weight.flatten(1), self.iterations).view_as(weight)

    def right_inverse(self, weight: Tensor) -> Tensor:
        # A fresh layer has singular values near 0, too far from 1 for a few iterations: jump there.
        matrix = weight.detach().double().cpu().flatten(1)
        u, _, v = torch.linalg.svd(matrix, full_matrices=False)
        return (u @ v).to(weight).view_as(weight)


class _Spectral(nn.Module):
    """PyTorch's parametrisation, with an answer for W = 0, where W/σ would be 0/0: W itself."""

    def __init__(self, weight: Tensor, iterations: int, outputs: int):
        super().__init__()
        scratch = nn.Module()
        scratch.weight = nn.Parameter(self._filled(weight.detach()))
        parametrizations.spectral_norm(scratch, n_power_iterations=iterations, dim=outputs)
        self.normalise = scratch.parametrizations.weight[0]

    @staticmethod
    def _filled(weight: Tensor) -> Tensor:
        return torch.where(weight.any(), weight, 1)

    def forward(self, weight: Tensor) -> Tensor:
        return torch.where(weight.any(), self.normalise(self._filled(weight)), weight)


TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, *TRANSPOSED)


def spectral(network: nn.Module, iterations=1) -> nn.Module:
    """Divide the weights of every layer by their largest singular value, in place: W/σ(W).

    Takes linear, bilinear and embedding layers and convolutions, transposed ones too. σ is that of the
    weights as a matrix with a row for each output. For a convolution this is its kernel as a matrix
    (outputs, inputs · places), and σ = 1 bounds the slope of the convolution (padded by zeros) not by 1 but
    by √places, since a value of the image is used at that many places.

    σ is followed by `iterations` steps of the power method each time the weights are read in training mode
    (from 15 at the start), and not touched in evaluation mode; it is an estimate from below, so the slope
    may exceed 1 a little while the weights move. Returns `network`. A zero matrix stays zero, and trains.

    Scored in two calls, real and fake samples meet two different critics. One joint call
    `critic(torch.cat([real, fake]))` is right and fastest; `torch.nn.utils.parametrize.cached()` around both
    calls is the other way. Raises ValueError for a network without such layers, with weights that would stay
    as they are (recurrent layers, attention), or constrained before.
    Source: Miyato et al. 2018, section 2.1 and Algorithm 1.
    """
    iterations = whole_number("iterations", iterations, at_least=1)
    kinds = (nn.Linear, nn.Bilinear, nn.Embedding, *CONVOLUTIONS)
    for layer in _layers(network, kinds, "spectral"):
        outputs = 1 if isinstance(layer, TRANSPOSED) else 0
        parametrize.register_parametrization(layer, "weight", _Spectral(layer.weight, iterations, outputs))
    return network


def orthonormal(network: nn.Module, iterations=12) -> nn.Module:
    """Give every linear layer and convolution the orthonormal factor of its weights, by `bjorck`, in place.

    Of a convolution it is that of its kernel as a matrix (outputs, inputs · places), as in `spectral`.
    All singular values of W are then at most 1, and near 1 as far as `iterations` reach: with `GroupSort`
    between the layers the gradient reaches the input at (nearly) full length. The layers start exactly
    orthonormal (by singular value decomposition) and drift as they train, so that few iterations do not
    suffice: of a singular value s of the scaled matrix 2 make .53 for s = .25, 8 make .998 for s = .1, the
    default 12 make .998 for s = .02. Measured after a CPU second of training in the plane (chapter 15): with
    12 all of them lie within 1e-6 of 1; with 2, in MaxMin 2 × 64 at the rate .01, they went down to .50.
    What is assigned starts exactly orthonormal too, so `layer.weight = layer.weight` renews the matrix.

    Returns `network`. Raises ValueError for a network without such layers, with others that have matrices
    (transposed convolutions too), or constrained before. Source: Anil, Lucas and Grosse 2019.
    """
    iterations = whole_number("iterations", iterations, at_least=1)
    for layer in _layers(network, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d), "orthonormal"):
        parametrize.register_parametrization(layer, "weight", _Orthonormal(iterations))
    return network


def _layers(network: nn.Module, kinds: tuple[type, ...], constraint: str) -> list[nn.Module]:
    """The layers to constrain; refuses, before one is changed, what would make the constraint void."""
    layers, others = [], []
    for module in network.modules():
        if isinstance(module, kinds):
            layers.append(module)
        # a vector (a bias, the scale of a normalisation) is left as it is, a matrix must not be
        elif any(weight.ndim > 1 for weight in module.parameters(recurse=False)):
            others.append(module)
    if any(parametrize.is_parametrized(layer, "weight") for layer in layers):
        got, expected = "a layer whose weights are already parametrised", "free weights"
        raise ValueError(refusal("network", got, expected, f"call {constraint} once, on a new network"))
    if others or not layers:
        names = ", ".join(kind.__name__ for kind in kinds)
        got = f"a {type(others[0]).__name__} layer" if others else "no layer to constrain"
        remedy = f"{constraint} for a part of the network at a time" if others else "a network with layers"
        raise ValueError(refusal("network", got, f"layers among {names}", remedy))
    return layers
