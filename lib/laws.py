"""Probability laws that can be drawn from and whose density is known: Gaussian mixtures and noisy curves.

A law gives points (n, d) in float32; its density is evaluated in the precision of the points that it is
given. The ready-made laws of the plane lie well inside [-1, 1]^2.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from lib.arguments import refusal, whole_number

Points = Float[Tensor, "n d"]


def _float64(value) -> Tensor:
    # A copy on the CPU: a law does not change when the caller's array does.
    return torch.as_tensor(value, dtype=torch.float64).detach().cpu().clone()


def _vector(name: str, value, k: int) -> Tensor:
    vector = _float64(value)
    if vector.shape != (k,):
        got, expected = f"shape {tuple(vector.shape)}", f"({k},), since means has {k} rows"
        raise ValueError(refusal(name, got, expected, "one entry for each row"))
    return vector


def _refuse(bad: Tensor, name: str, values: Tensor, expected: str) -> None:
    """Raise for the first entry that is marked bad, naming its index and value."""
    if bad.any():
        at = bad.nonzero()[0].tolist()
        got = f"{values[tuple(at)].item():g}"
        raise ValueError(refusal(f"{name}{at}", got, f"{expected} values", "correct that entry"))


def _check_points(x, d: int) -> None:
    if not isinstance(x, Tensor) or not x.is_floating_point():
        got = x.dtype if isinstance(x, Tensor) else type(x).__name__
        raise TypeError(refusal("x", got, "a float tensor", "torch.as_tensor(x, dtype=torch.float64)"))
    if x.ndim == 0 or x.shape[-1] != d:
        remedy = "x[..., None]" if d == 1 else f"the {d} coordinates on the last axis"
        raise ValueError(refusal("x", f"shape {tuple(x.shape)}", f"(..., {d}), points of this law", remedy))


def _weights(weights, k: int) -> Tensor:
    if weights is None:
        return torch.full((k,), 1 / k, dtype=torch.float64)
    w = _vector("weights", weights, k)
    _refuse(~(torch.isfinite(w) & (w >= 0)), "weights", w, "finite and not negative")
    total = w.sum().item()
    if abs(total - 1) > 1e-6:
        got = f"weights that sum to {total:.9g}"
        raise ValueError(refusal("weights", got, "a sum of 1 within 1e-6", "divide them by their sum"))
    return w / total


class Law:
    """What can be drawn from: `sample(n, generator)` gives points (n, d) on the generator's device."""

    def batches(self, size, generator: torch.Generator) -> Iterator[tuple[Points]]:
        """Yield fresh batches `(points,)` for ever, each of `size` points, drawn when it is asked for.

        Raises:
            TypeError or ValueError: `size` is not a whole number of at least 1.
        """
        size = whole_number("size", size, at_least=1)
        return ((self.sample(size, generator),) for _ in itertools.repeat(None))


class GaussianMixture(Law):
    """A mixture of k round Gaussians in d dimensions.

    p(x) = sum_j w_j (2 pi s_j^2)^(-d/2) exp(-|x - m_j|^2 / (2 s_j^2))

    Args:
        means: the centres m, shape (k, d); one-dimensional laws have means of shape (k, 1).
        scale: the standard deviation s along each axis, one positive number for all or shape (k,).
        weights: the probabilities w, shape (k,); they sum to 1 within 1e-6 and are renormalised in float64.
            None makes them equal.

    Attributes:
        means: (k, d) float64. `scale`: as passed, a float or (k,) float64. `weights`: (k,) float64.

    Raises:
        ValueError: a shape does not fit, an entry is not finite, a scale is not positive, a weight is
            negative, or the weights do not sum to 1; the message names the index.
    """

    def __init__(self, means, scale, weights=None):
        self.means = _float64(means)
        if self.means.ndim != 2 or 0 in self.means.shape:
            got, expected = f"shape {tuple(self.means.shape)}", "(k, d) with k and d at least 1"
            remedy = "for a one-dimensional law a column, means[:, None]"
            raise ValueError(refusal("means", got, expected, remedy))
        _refuse(~torch.isfinite(self.means), "means", self.means, "finite")
        k = len(self.means)
        single = torch.as_tensor(scale).ndim == 0
        scales = _vector("scale", [float(scale)] * k if single else scale, k)
        _refuse(~(torch.isfinite(scales) & (scales > 0)), "scale", scales, "finite and positive")
        self._scales = scales
        self.scale = float(scale) if single else scales
        self.weights = _weights(weights, k)

    def __repr__(self) -> str:
        k, d = self.means.shape
        return f"GaussianMixture({k} components in {d} dimensions)"

    def sample(self, n, generator: torch.Generator) -> Points:
        """Draw n independent points, shape (n, d), float32, on the generator's device.

        Raises:
            TypeError or ValueError: `n` is not a whole number of at least 1.
        """
        n, where = whole_number("n", n, at_least=1), generator.device
        which = torch.multinomial(self.weights.to(where), n, replacement=True, generator=generator)
        noise = torch.randn(n, self.means.shape[1], generator=generator, device=where)
        spread = self._scales.to(where)[which, None]
        return (self.means.to(where)[which] + spread * noise).float()

    def log_density(self, x: Tensor) -> Float[Tensor, "*shape"]:
        """Evaluate log p(x), by log-sum-exp, so that it is finite far from every centre.

        Args:
            x: points of shape (..., d), any float type.

        Returns:
            shape (...), natural logarithm, in the precision and on the device of `x`.

        Raises:
            TypeError: `x` is not a float tensor.
            ValueError: the last axis of `x` does not have length d.
        """
        d = self.means.shape[1]
        _check_points(x, d)
        means, scales, weights = (t.to(x) for t in (self.means, self._scales, self.weights))
        squared = ((x[..., None, :] - means) / scales[:, None]).square().sum(-1)
        constant = weights.log() - d * scales.log() - 0.5 * d * math.log(2 * math.pi)
        return torch.logsumexp(constant - 0.5 * squared, dim=-1)

    def density(self, x: Tensor) -> Float[Tensor, "*shape"]:
        """Evaluate p(x); shapes, precision and errors as `log_density`."""
        return self.log_density(x).exp()


class NoisyCurves(Law):
    """Points on curves in the plane, plus round Gaussian noise.

    A curve c_j is drawn with equal probability, then t uniform on [0, 1], then x = c_j(t) + s z, z ~ N(0, I):
    p(x) = mean_j of the integral over t in [0, 1] of N(x; c_j(t), s^2 I) dt.
    It is evaluated by Gauss-Legendre quadrature, that is, as a Gaussian mixture centred on `nodes` points of
    each curve.

    Args:
        curves: functions that take t of shape (m,), float64, to points of shape (m, 2).
        scale: the standard deviation s of the noise along each axis, positive.
        nodes: quadrature nodes on each curve; the quadrature is exact to rounding once they lie closer
            together than about one `scale`.

    Raises:
        ValueError: `scale` is not a positive finite number.
    """

    def __init__(self, curves: Sequence[Callable[[Tensor], Tensor]], scale, nodes: int = 512):
        self.curves = tuple(curves)
        self.scale = float(scale)
        at, weight = np.polynomial.legendre.leggauss(nodes)
        t, w = torch.from_numpy((at + 1) / 2), torch.from_numpy(weight / 2)
        centres = torch.cat([curve(t) for curve in self.curves])
        self._quadrature = GaussianMixture(centres, scale, w.repeat(len(self.curves)) / len(self.curves))

    def sample(self, n, generator: torch.Generator) -> Points:
        """Draw n independent points, shape (n, 2), float32, on the generator's device.

        Raises:
            TypeError or ValueError: `n` is not a whole number of at least 1.
        """
        n, where = whole_number("n", n, at_least=1), generator.device
        which = torch.randint(len(self.curves), (n,), generator=generator, device=where)
        t = torch.rand(n, dtype=torch.float64, generator=generator, device=where)
        noise = torch.randn(n, 2, generator=generator, device=where)
        places = torch.stack([curve(t) for curve in self.curves])[which, torch.arange(n, device=where)]
        return (places + self.scale * noise).float()

    def log_density(self, x: Tensor) -> Float[Tensor, "*shape"]:
        """Evaluate log p(x) for points of shape (..., 2): shape (...), in the precision of `x`.

        Raises:
            TypeError: `x` is not a float tensor.
            ValueError: the last axis of `x` does not have length 2.
        """
        _check_points(x, 2)
        # A thousand points at a time: each meets every node, and a fine grid at once would fill the memory.
        rows = x.reshape(-1, 2).split(1024)
        return torch.cat([self._quadrature.log_density(row) for row in rows]).reshape(x.shape[:-1])

    def density(self, x: Tensor) -> Float[Tensor, "*shape"]:
        """Evaluate p(x); shapes, precision and errors as `log_density`."""
        return self.log_density(x).exp()


def eight_gaussians() -> GaussianMixture:
    """Eight equal Gaussians of scale 0.03 on the circle of radius 0.7, the first on the positive x axis."""
    angles = torch.arange(8, dtype=torch.float64) * (math.pi / 4)
    return GaussianMixture(0.7 * torch.stack([angles.cos(), angles.sin()], dim=1), scale=0.03)


def twenty_five_gaussians() -> GaussianMixture:
    """Twenty-five equal Gaussians of scale 0.02 on the 5 x 5 grid of spacing 0.35 centred on the origin."""
    line = torch.linspace(-0.7, 0.7, 5, dtype=torch.float64)
    return GaussianMixture(torch.cartesian_prod(line, line), scale=0.02)


def two_moons() -> NoisyCurves:
    """Two interleaved half circles of radius 0.5 with noise of scale 0.04, uniform along each.

    Upper: ((cos a)/2 - 1/4, (sin a)/2 - 1/8); lower: (1/4 - (cos a)/2, 1/8 - (sin a)/2); a = pi t.
    """

    def upper(t: Tensor) -> Tensor:
        angle = math.pi * t
        return torch.stack([angle.cos() / 2 - 0.25, angle.sin() / 2 - 0.125], dim=1)

    return NoisyCurves([upper, lambda t: -upper(t)], scale=0.04)


def swiss_roll() -> NoisyCurves:
    """A spiral of one and a half turns with noise of scale 0.03, uniform in the angle.

    c(t) = r (cos a, sin a) with a = (3 pi / 2)(1 + 2 t) and r = 0.8 a / (9 pi / 2), from 0.27 to 0.8.
    """

    def spiral(t: Tensor) -> Tensor:
        angle = 1.5 * math.pi * (1 + 2 * t)
        radius = 0.8 * angle / (4.5 * math.pi)
        return torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1)

    return NoisyCurves([spiral], scale=0.03)
