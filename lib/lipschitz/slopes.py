"""The slope of a network: its gradient at a point, a bound that holds everywhere, and on the line exactly."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from torch.nn.utils import parametrizations, parametrize

from lib.arguments import refusal
from lib.lipschitz.convolutions import convolution_bound
from lib.lipschitz.layers import GroupSort, MaxMin

Critic = Callable[[Tensor], Tensor]

# What answers differently next time, or by the company a point is in, while it is in training mode
RANDOM = (nn.modules.dropout._DropoutNd, nn.RReLU, parametrizations._SpectralNorm)
SHARED = (nn.modules.batchnorm._BatchNorm,)


def autograd_gradient(critic: Critic, points: Tensor) -> Tensor:
    """∇f at each point by automatic differentiation, itself differentiable in the critic's weights.

    points: (b, …); returns (b, …). The critic returns one score per point, (b,) or (b, 1). Raises ValueError
    for other scores, for scores without a graph, and for batch normalisation in training mode, with which a
    score depends on the whole batch and has no gradient at a point of its own.
    """
    refuse_in_training(critic, SHARED, "a score that belongs to its point alone")
    points = points.detach().requires_grad_()
    scores = _one_each(critic(points), points)
    gradient = None
    if scores.requires_grad:
        (gradient,) = torch.autograd.grad(scores.sum(), points, create_graph=True, allow_unused=True)
    if gradient is None:
        expected = "scores that depend on the points differentiably"
        remedy = "no torch.no_grad() around this call and no .detach() inside the critic"
        raise ValueError(refusal("critic", "scores without a graph", expected, remedy))
    return gradient


_DERIVATIVES: dict[type, Callable[[nn.Module, Tensor], Tensor]] = {
    nn.ReLU: lambda layer, h: (h > 0).to(h.dtype),
    nn.LeakyReLU: lambda layer, h: torch.where(h > 0, 1, torch.full_like(h, layer.negative_slope)),
    nn.Tanh: lambda layer, h: 1 - torch.tanh(h).square(),
}


def input_gradient(perceptron: nn.Module, points: Tensor) -> Tensor:
    """∇f at each point of a perceptron in closed form, as a product of weights and derivatives.

        ∇f(x) = W₁ᵀ D₁ W₂ᵀ D₂ … W_Lᵀ,   D_l = diag ρ′(W_l a_{l−1} + b_l)

    points: (b, d); returns (b, d), differentiable in the weights by one ordinary backward pass, which makes
    the penalty cheaper than the double pass of `autograd_gradient` (clearly for images, hardly for d = 2).
    Takes a `torch.nn.Sequential` of linear layers and ReLU, leaky ReLU or tanh, with one output: for a
    `PerceptronCritic` its `.body`. Raises TypeError for other layers, ValueError for more outputs.
    """
    layers = _chain(perceptron, _DERIVATIVES)
    values, passed = points.detach(), []
    for layer in layers:
        if isinstance(layer, nn.Linear):
            weight = layer.weight  # read once: a parametrised weight is computed anew at each reading
            passed.append(weight)
            values = linear(values, weight, layer.bias)
        else:
            passed.append(_DERIVATIVES[type(layer)](layer, values))
            values = layer(values)
    _one_each(values, points)
    gradient = torch.ones_like(values)
    for layer, factor in zip(reversed(layers), reversed(passed), strict=True):
        gradient = gradient @ factor if isinstance(layer, nn.Linear) else gradient * factor
    return gradient


# The largest |ρ′| of each activation, exactly
_STEEPEST: dict[type, Callable[[nn.Module], float]] = {
    nn.Identity: lambda layer: 1.0,
    nn.Flatten: lambda layer: 1.0,
    nn.ReLU: lambda layer: 1.0,
    nn.LeakyReLU: lambda layer: max(1.0, abs(layer.negative_slope)),
    nn.Tanh: lambda layer: 1.0,
    nn.Sigmoid: lambda layer: 0.25,
    nn.Softplus: lambda layer: 1.0,
    GroupSort: lambda layer: 1.0,
    MaxMin: lambda layer: 1.0,
}


def slope_bound(perceptron: nn.Module) -> float:
    """An upper bound of the Euclidean slope of a network, everywhere: K <= Π_l σ(W_l) Π_l sup |ρ_l′|.

    σ is the largest singular value, in float64, for a convolution times what its patches overlap. Often far
    above the slope that is reached: the layers' worst directions need not meet. Takes a `torch.nn.Sequential`
    of linear layers, convolutions of images and common activations (of a `PerceptronCritic` and an
    `ImageCritic` the `.body`), in evaluation mode when `spectral`. Raises TypeError for other layers,
    ValueError for convolutions that are dilated or padded by anything but zeros.
    Source: Miyato et al. 2018, section 2.1.
    """
    refuse_in_training(perceptron, RANDOM, "weights that stay as they are when they are read")
    bound = 1.0
    for layer in _chain(perceptron, _STEEPEST | {nn.Conv2d: convolution_bound}):
        if isinstance(layer, nn.Linear):
            bound *= float(torch.linalg.matrix_norm(layer.weight.detach().cpu().double(), ord=2))
        else:
            bound *= (
                convolution_bound(layer) if isinstance(layer, nn.Conv2d) else _STEEPEST[type(layer)](layer)
            )
    return bound


# What makes of straight pieces straight pieces, each with its kink at 0 or none
_STRAIGHT = dict.fromkeys((nn.Identity, nn.Flatten, nn.ReLU, nn.LeakyReLU))


def line_slope(perceptron: nn.Module) -> float:
    """The least Lipschitz constant of a perceptron of one number, exactly: that of its steepest piece.

    Between its kinks it is a straight line. Layer by layer, the new kinks are where what enters an activation
    passes 0 between the old ones, or beyond the outermost. Takes a `torch.nn.Sequential` of linear layers,
    (leaky) ReLU and identities from one number to one number, computes in float64, and leaves it as it is.
    Pieces shorter than a billionth are left out. Raises TypeError for other layers, ValueError for another
    number of inputs or outputs.
    """
    refuse_in_training(perceptron, RANDOM, "weights that stay as they are when they are read")
    layers = _chain(perceptron, _STRAIGHT)
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    ends = (linear[0].in_features, linear[-1].out_features) if linear else (0, 0)
    if ends != (1, 1):
        got = f"{ends[0]} inputs and {ends[1]} outputs"
        raise ValueError(refusal("perceptron", got, "one number in, one out", "slope_bound, for a bound"))
    chain = copy.deepcopy(nn.Sequential(*layers)).cpu().double()
    kinks = torch.zeros(1, dtype=torch.float64)
    with torch.no_grad():
        for k, layer in enumerate(chain):
            if isinstance(layer, nn.ReLU | nn.LeakyReLU):
                around = _and_beyond(kinks)
                kinks = torch.cat([kinks, _crossings(around, chain[:k](around[:, None]))]).unique()
        around = _and_beyond(kinks)
        widths, climbs = around.diff(), chain(around[:, None])[:, 0].diff()
    long = widths > 1e-9 * (1 + around[1:].abs())
    return float((climbs[long] / widths[long]).abs().max())


def _and_beyond(kinks: Tensor) -> Tensor:
    """Sorted places with one more at each end, a unit away."""
    return torch.cat([kinks[:1] - 1, kinks, kinks[-1:] + 1])


def _crossings(places: Tensor, values: Tensor) -> Tensor:
    """Where the straight pieces through `values` (n, units) at n places pass 0; the outer pieces go on."""
    least, most = torch.zeros(len(places) - 1, 1), torch.ones(len(places) - 1, 1)
    least[0], most[-1] = -torch.inf, torch.inf
    share = values[:-1] / (values[:-1] - values[1:])
    inside = (share > least) & (share < most) & share.isfinite()
    return (places[:-1, None] + share * places.diff()[:, None])[inside]


def refuse_in_training(critic: Critic, kinds: tuple[type, ...], expected: str) -> None:
    """Raises ValueError for a module of one of these kinds in training mode; other callables pass."""
    if not isinstance(critic, nn.Module):
        return
    for name, module in critic.named_modules():
        if isinstance(module, kinds) and module.training:
            got = f"{type(module).__name__.strip('_')} in training mode ({name or 'itself'})"
            raise ValueError(
                refusal("critic", got, expected, "critic.eval(), or a critic without that layer")
            )


def _one_each(scores: Tensor, points: Tensor) -> Tensor:
    if tuple(scores.shape) not in ((len(points),), (len(points), 1)):
        got = f"scores of shape {tuple(scores.shape)} for {len(points)} points"
        expected = f"({len(points)},), one per point"
        raise ValueError(refusal("critic", got, expected, "one output unit, then `.squeeze(1)`"))
    return scores


def _chain(perceptron: nn.Module, allowed: dict[type, object]) -> list[nn.Module]:
    """The layers of a Sequential, nested ones unrolled; refuses what is neither linear nor allowed.

    A subclass may compute anything, and so may a forward hook (which PyTorch's older weight normalisation is
    made of): what is said of a layer holds for exactly that layer.
    """
    kind = parametrize.type_before_parametrizations(perceptron)
    if perceptron._forward_hooks or perceptron._forward_pre_hooks:
        got, remedy = f"a {kind.__name__} with a forward hook", "remove it, or use autograd_gradient"
        raise TypeError(refusal("perceptron", got, "layers that compute what their kind computes", remedy))
    if kind is nn.Sequential:
        return [layer for inner in perceptron for layer in _chain(inner, allowed)]
    if kind is not nn.Linear and kind not in allowed:
        expected = f"a torch.nn.Sequential of Linear and {', '.join(each.__name__ for each in allowed)}"
        remedy = "the Sequential inside it, for a PerceptronCritic `.body`"
        raise TypeError(refusal("perceptron", f"a {kind.__name__}", expected, remedy))
    return [perceptron]
