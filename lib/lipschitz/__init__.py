"""How steep a critic is: keeping its slope down, pulling it towards 1, measuring it, bounding it.

The slope (Lipschitz constant) of f is the largest |f(x) − f(y)| / |x − y|. The dual of the Wasserstein-1
distance allows slopes up to 1 only; a critic of slope K overstates W by up to the factor K. Behind this door:
`slopes` (gradients, and the bound of a network's slope), `convolutions` (how much they stretch), `layers`
(which keep the slope below 1 by construction), `constraints` (clipping and the penalty) and `certificates`
(what a critic's scores prove).
"""

from lib.lipschitz.certificates import Certificate, certificate, certified_bound, certified_slope
from lib.lipschitz.constraints import clip_, gradient_penalty, interpolate, slope_penalty
from lib.lipschitz.convolutions import convolution_bound, convolution_norm, overlap
from lib.lipschitz.layers import GroupSort, MaxMin, bjorck, orthonormal, spectral
from lib.lipschitz.slopes import autograd_gradient, input_gradient, line_slope, slope_bound

__all__ = [
    "Certificate",
    "GroupSort",
    "MaxMin",
    "autograd_gradient",
    "bjorck",
    "certificate",
    "certified_bound",
    "certified_slope",
    "clip_",
    "convolution_bound",
    "convolution_norm",
    "gradient_penalty",
    "input_gradient",
    "interpolate",
    "line_slope",
    "orthonormal",
    "overlap",
    "slope_bound",
    "slope_penalty",
    "spectral",
]
