"""One f-divergence: the convex function, its conjugate, the output activation and the exact value.

    D_f(P‖Q) = ∫ q f(p/q) dx,   f*(t) = sup over u >= 0 of ut − f(u),   T*(x) = f′(p(x)/q(x))

Functions of one number take tensors of floats, and arrays and numbers too, which come back as such; they are
evaluated in the precision that they come in, and are never NaN at a finite input. Logarithms are natural.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lib.arguments import float_tensor, refusal
from lib.arrays import as_float64

Values = Any  # a tensor, an array or a number; what comes in goes out


def _applied(function: Callable[[Tensor], Tensor], name: str, values: Values) -> Values:
    if isinstance(values, Tensor):
        return function(float_tensor(name, values, "numbers of one precision"))
    array = np.asarray(values)
    if array.dtype != np.float32:
        array = as_float64(name, values)
    result = function(torch.from_numpy(np.array(array))).numpy()
    return result if result.ndim else result[()]


@dataclass(frozen=True)
class Divergence:
    """A convex f on [0, ∞) and what belongs to it.

    `domain` holds the slopes t at which f*(t) is finite: all below its upper end f′(∞), and that end too if
    `closed`. `threshold` is f′(1), the value of T* where both densities are equal.
    """

    name: str
    domain: tuple[float, float]
    threshold: float
    _f: Callable[[Tensor], Tensor]
    _f_prime: Callable[[Tensor], Tensor]
    _conjugate: Callable[[Tensor], Tensor]
    _activation: Callable[[Tensor], Tensor]
    _conjugate_activation: Callable[[Tensor], Tensor]
    _between: Callable[[np.ndarray, np.ndarray, np.ndarray], float]
    closed: bool = False

    def __repr__(self) -> str:
        return f"Divergence({self.name!r})"

    def f(self, u: Values) -> Values:
        """f(u) at density ratios u >= 0, in (−∞, ∞], with f(0) its limit. Raises ValueError for u < 0."""
        return _applied(lambda u: self._f(_ratios(u)), "u", u)

    def f_prime(self, u: Values) -> Values:
        """f′(u) for u >= 0; −∞ at u = 0 where f is steep there. Raises ValueError for u < 0."""
        return _applied(lambda u: self._f_prime(_ratios(u)), "u", u)

    def conjugate(self, t: Values) -> Values:
        """f*(t) = sup over u >= 0 of ut − f(u), for every real t; ∞ outside the domain."""
        return _applied(self._within, "t", t)

    def activation(self, v: Values) -> Values:
        """g_f(v): increasing, from all real scores v into the domain, so that T = g_f(V) is allowed."""
        return _applied(self._activation, "v", v)

    def conjugate_activation(self, v: Values) -> Values:
        """f*(g_f(v)), simplified before it is computed: what a fake sample with the score v costs."""
        return _applied(self._conjugate_activation, "v", v)

    def between(self, p: Values, q: Values, x: Values) -> float:
        """D_f(P‖Q) in (−∞, ∞] by quadrature, for densities p, q at the points of an increasing grid x, (n,).

        0 f(0/0) = 0 and 0 f(a/0) = a f′(∞). Raises ValueError for what is no density on the grid.
        """
        return self._between(*(as_float64(name, v) for name, v in (("p", p), ("q", q), ("x", x))))

    def of_masses(self, p: Values, q: Values) -> float:
        """D_f(P‖Q) = Σ q f(p/q) in (−∞, ∞], for masses p, q (n,) on the same n atoms.

        0 f(0/0) = 0 and 0 f(a/0) = a f′(∞). Raises ValueError for what is not two lists of masses that sum
        to 1.
        """
        p, q = (_masses(name, values) for name, values in (("p", p), ("q", q)))
        if len(p) != len(q):
            remedy = "list every atom in both, with mass 0 where a law has none"
            raise ValueError(refusal("q", f"{len(q)} masses", f"as many as p has, {len(p)}", remedy))
        held, lone = q > 0, p[q == 0].sum()
        value = (q[held] * self.f(p[held] / q[held])).sum()
        return float(value + (lone * self.domain[1] if lone > 0 else 0))

    def _within(self, t: Tensor) -> Tensor:
        """The conjugate inside, ∞ outside; what lies outside never enters the formula, whose slope it is."""
        high = self.domain[1]
        if math.isinf(high):
            return self._conjugate(t)
        inside = (t <= high) if self.closed else (t < high)
        value = self._conjugate(torch.where(inside, t, torch.full_like(t, min(high - 1, self.threshold))))
        return torch.where(inside, value, torch.full_like(t, math.inf))


def _masses(name: str, values: Values) -> np.ndarray:
    array = as_float64(name, values)
    if array.ndim != 1 or not (array >= 0).all() or not math.isclose(array.sum(), 1, abs_tol=1e-9):
        came = f"shape {array.shape}, least {array.min(initial=0):g}, sum {array.sum():g}"
        raise ValueError(
            refusal(name, came, "a list of masses >= 0 with the sum 1", f"{name} / {name}.sum()")
        )
    return array


def _ratios(u: Tensor) -> Tensor:
    bad = ~(u >= 0)
    if bool(bad.any()):
        expected = "density ratios p/q, numbers >= 0"
        raise ValueError(refusal("u", f"{u[bad].flatten()[0].item():g}", expected, "p / q, not log(p / q)"))
    return u


def same(v: Tensor) -> Tensor:
    """The output activation of a divergence whose domain is the whole line."""
    return v.clone()


class _Known(torch.autograd.Function):
    """A value that was computed by iteration, with the derivative that it is known to have."""

    @staticmethod
    def forward(context, t: Tensor, value: Tensor, slope: Tensor) -> Tensor:
        context.save_for_backward(slope)
        return value.clone()

    @staticmethod
    def backward(context, gradient: Tensor):
        return gradient * context.saved_tensors[0], None, None


def with_slope(t: Tensor, value: Tensor, slope: Tensor) -> Tensor:
    """`value` as a function of t whose derivative is `slope`, which is cut to the largest number there is."""
    return _Known.apply(t, value, slope.clamp(max=torch.finfo(t.dtype).max))


@torch.no_grad()
def log_omega(z: Tensor, steps: int = 8) -> Tensor:
    """The logarithm ℓ of Wright's omega function: exp ℓ + ℓ = z, by Newton's method from above.

    exp ℓ + ℓ is convex and increasing, so that the steps descend to the root and none of them overflows.
    """
    root = torch.where(z > 1, z.clamp(min=1).log(), z)
    for _ in range(steps):
        exponential = root.exp().clamp(max=torch.finfo(z.dtype).max)  # the root of the largest z, rounded up
        root = root - (exponential + root - z) / (exponential + 1)
    return root


@torch.no_grad()
def beyond_one(a: Tensor, steps: int = 8) -> Tensor:
    """δ >= 0 with δ − log(1 + δ) = a for a >= 0, by Newton's method from above: δ <= a + √(2a)."""
    root = a + math.sqrt(2) * a.sqrt()
    for _ in range(steps):
        gap = (root - root.log1p() - a).clamp(min=0)
        root = torch.where(root > 0, root - gap * ((1 + root) / root.clamp(min=1e-37)), root)
    return root
