"""Keeping a critic's slope down: clipping its weights, and the penalty that pulls its slope towards 1."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lib.arguments import float_tensor, number, refusal, torch_generator
from lib.lipschitz.slopes import Critic, autograd_gradient

Gradient = Callable[[Critic, Tensor], Tensor]
Points = Any  # a tensor of floats (b, …); anything else is answered by `interpolate`


def clip_(network: nn.Module, bound) -> None:
    """Clamp every parameter, biases too, to [−bound, bound], in place and without gradient.

        w ← min(max(w, −c), c)   after each step of the critic

    Raises TypeError when `bound` is no real number, ValueError when it is not positive and finite.
    Source: Arjovsky et al. 2017, Algorithm 1, line 7 (c = 0.01).
    """
    bound = number("bound", bound, "the weights being clamped to [−bound, bound]")
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.clamp_(-bound, bound)


def interpolate(real: Points, fake: Points, generator: Any) -> Tensor:
    """A random point on the segment between each real sample and the fake one of the same row.

        x̂_i = u_i x_i + (1 − u_i) x̃_i,   u_i uniform on [0, 1], one per sample

    real, fake: floats (b, …) of one shape; returns (b, …) without gradient. The rows decide which pairs are
    joined: two independent batches give random pairs, rows put in the order of the optimal plan matched ones.
    Raises ValueError for two shapes, TypeError for what is no tensor of floats or no generator.
    Source: Gulrajani et al. 2017, Algorithm 1, line 6.
    """
    real, fake = (float_tensor(name, x, "samples (b, …)") for name, x in (("real", real), ("fake", fake)))
    torch_generator("generator", generator)
    if real.shape != fake.shape or real.ndim < 2 or len(real) == 0:
        got = f"shapes {tuple(real.shape)} and {tuple(fake.shape)}"
        expected = "one shape (b, …) with b >= 1, since a segment needs two ends"
        raise ValueError(refusal("real, fake", got, expected, "as many fake samples as real ones"))
    shares = torch.rand(len(real), generator=generator, device=generator.device, dtype=real.dtype)
    shares = shares.to(real.device).reshape(-1, *[1] * (real.ndim - 1))
    return fake.detach() + shares * (real - fake).detach()


def slope_penalty(
    critic: Critic, points: Tensor, target=1.0, gradient: Gradient = autograd_gradient
) -> Tensor:
    """How far the critic's slope is from the target at the given points: mean_i (|∇f(x̂_i)| − target)².

    points: (b, …), detached inside; returns a scalar >= 0 that trains the critic, to be subtracted, times λ,
    from what the critic maximises. `gradient` is `autograd_gradient` or, cheaper where it applies,
    `input_gradient`. Raises TypeError or ValueError for a target that is no slope, and as `gradient` does.
    Source: Gulrajani et al. 2017, eq. 3 (target 1, λ = 10).
    """
    target = number("target", target, "the slope to be reached", positive=False)
    slopes = torch.linalg.vector_norm(gradient(critic, points).flatten(1), dim=1)
    return (slopes - target).square().mean()


def gradient_penalty(
    critic: Critic,
    real: Points,
    fake: Points,
    generator: Any,
    *,
    target=1.0,
    gradient: Gradient = autograd_gradient,
) -> Tensor:
    """`slope_penalty` at random points between the rows of real and fake: E (|∇f(x̂)| − 1)².

    real, fake: (b, …) of one shape. Raises as `interpolate` and `slope_penalty`.
    Source: Gulrajani et al. 2017, eq. 3.
    """
    return slope_penalty(critic, interpolate(real, fake, generator), target, gradient)
