"""The four critics of the lab once more, for the figure that stands on paper: the same dice, the same steps.

Derivatives are taken by hand as in the page (`kit/networks.js`), so that both follow one run up to rounding,
and paper and page print the same shares.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

_WIDTHS = (1, 16, 16, 1)
_STEPS = 600
_KINDS = ("affine", "clipped", "penalty", "spectral")
_HALVED = 200
_BETAS = (0.5, 0.99)
Scores = Callable[[np.ndarray], np.ndarray]
Pass = Callable[[np.ndarray, np.ndarray], np.ndarray]


def train(kind: str, lab) -> Scores:
    """The scores of the critic `kind` ("affine", "clipped", "penalty", "spectral") after its training.

    `lab` is the `CriticLab` with the clouds and the numbers; the result maps points (n,) to scores (n,).
    """
    random = dice(1000 * lab.seed + 17 * _KINDS.index(kind))
    clips = kind in ("affine", "clipped")
    through = _between(kind, lab)
    weights = _first_weights(random, kind)
    box = lab.clip_bound if clips else np.inf
    weights = [np.clip(each, -box, box) for each in weights]
    moments = [[np.zeros_like(each) for each in weights] for _ in _BETAS]
    for step in range(_STEPS):
        gradients = _objective(kind, lab, random, weights, through)
        rate = (lab.clip_bound / 20 if clips else 0.01) / (1 + step / _HALVED)
        for index, gradient in enumerate(gradients):
            for moment, beta, power in zip(moments, _BETAS, (1, 2), strict=True):
                moment[index] += (1 - beta) * (gradient**power - moment[index])
            first, second = (
                moment[index] / (1 - beta ** (step + 1)) for moment, beta in zip(moments, _BETAS, strict=True)
            )
            weights[index] = np.clip(weights[index] + rate * first / (np.sqrt(second) + 1e-8), -box, box)
    final = _normalised(weights)[0] if kind == "spectral" else weights
    return lambda x: _forward(final, through, x)[0][-1][:, 0]


def proof(scores: Scores, real: np.ndarray, generated: np.ndarray) -> float:
    """What the scores prove of W₁: mean difference over the steepest climb to a real point."""
    up, down = scores(real), scores(generated)
    apart = np.abs(np.subtract.outer(real, generated))
    climb = (np.subtract.outer(up, down) / np.where(apart > 0, apart, np.inf)).max()
    return float(max(0.0, (up.mean() - down.mean()) / climb)) if climb > 0 else 0.0


def dice(seed: int) -> Iterator[float]:
    """Mulberry32, as in `kit/dice.js`: uniform numbers in [0, 1) for ever, the same in every browser."""
    state = seed % 2**32
    while True:
        state = (state + 0x6D2B79F5) % 2**32
        mixed = (state ^ (state >> 15)) * (state | 1) % 2**32
        mixed ^= (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) % 2**32
        yield (mixed ^ (mixed >> 14)) / 2**32


def _first_weights(random: Iterator[float], kind: str) -> list[np.ndarray]:
    """W₁, b₁, W₂, b₂, W₃, b₃: first kinks spread over [−3, 3], later weights by He et al. 2015."""
    found = []
    for layer, (inputs, outputs) in enumerate(pairwise(_WIDTHS)):
        weight, bias = np.zeros((outputs, inputs)), np.zeros(outputs)
        for index in np.ndindex(outputs, inputs):
            if layer:
                weight[index] = (2 * next(random) - 1) * (6 / inputs) ** 0.5
            else:
                weight[index] = -1 if next(random) < 0.5 else 1
                reach = 3 * (2 * next(random) - 1) / (4 if kind == "spectral" else 1)
                bias[index[0]] = -weight[index] * reach
        found += [weight, bias]
    return found


def _between(kind: str, lab) -> Pass:
    """What stands between the layers: which of the values it passes on, and where to, as the heights say."""

    def relu(heights, values):
        return np.where(heights > 0, values, 0.0)

    def maxmin(heights, values):
        pairs = values.reshape(len(values), -1, 2)
        kept = heights[:, ::2] >= heights[:, 1::2]
        return np.where(kept[:, :, None], pairs, pairs[:, :, ::-1]).reshape(values.shape)

    if kind == "affine":
        return lambda heights, values: values
    return maxmin if kind == "spectral" and lab.activation == "maxmin" else relu


def _forward(weights: list[np.ndarray], through: Pass, x: np.ndarray):
    """Heights, values and tangents of all layers at the points x (n,); the last heights are the scores."""
    values, tangents, heights = [x[:, None]], [np.ones((len(x), 1))], []
    for weight, bias in zip(weights[::2], weights[1::2], strict=True):
        heights.append(values[-1] @ weight.T + bias)
        moved = tangents[-1] @ weight.T
        values.append(through(heights[-1], heights[-1]) if len(weight) > 1 else heights[-1])
        tangents.append(through(heights[-1], moved) if len(weight) > 1 else moved)
    return heights, values, tangents


def _derivatives(weights, through: Pass, passed, by_scores, by_slopes) -> list[np.ndarray]:
    """Those by W₁, b₁, … of Σ by_scores f(x) + by_slopes f′(x), both of shape (n,)."""
    heights, values, tangents = passed
    found, deltas = [], np.ones((len(by_scores), 1))
    for layer in (2, 1, 0):
        scored, sloped = by_scores[:, None] * deltas, by_slopes[:, None] * deltas
        found = [scored.T @ values[layer] + sloped.T @ tangents[layer], scored.sum(0), *found]
        if layer:
            deltas = through(heights[layer - 1], deltas @ weights[2 * layer])
    return found


def _objective(kind: str, lab, random: Iterator[float], weights, through: Pass) -> list[np.ndarray]:
    """The derivatives of what the critic climbs, by the weights that are trained."""
    real, fake = lab.clouds()
    used, singular = _normalised(weights) if kind == "spectral" else (weights, [])
    x = np.r_[real, fake]
    signs = np.r_[np.full(len(real), 1 / len(real)), np.full(len(fake), -1 / len(fake))]
    found = _derivatives(used, through, _forward(used, through, x), signs, np.zeros(len(x)))
    if kind == "penalty":
        points = _points_between(random, lab, np.sort(real), np.sort(fake))
        passed = _forward(weights, through, points)
        slopes = passed[2][-1][:, 0]
        excess = np.abs(slopes) - 1
        excess = np.maximum(0, excess) if lab.sided == "one" else excess
        by_slopes = -2 * lab.penalty * excess * np.sign(slopes) / len(points)
        fine = _derivatives(weights, through, passed, np.zeros(len(points)), by_slopes)
        found = [one + other for one, other in zip(found, fine, strict=True)]
    for layer, (norm, u, v) in enumerate(singular):
        along = (found[2 * layer] * used[2 * layer]).sum()
        found[2 * layer] = (found[2 * layer] - along * np.outer(u, v)) / norm
    return found


def _points_between(random: Iterator[float], lab, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    """Random points of the segments between pairs, matched in order or thrown together."""
    if lab.pairs == "random":
        for last in range(len(fake) - 1, 0, -1):
            other = int(next(random) * (last + 1))
            fake[[last, other]] = fake[[other, last]]
    shares = np.array([next(random) for _ in real])
    return shares * real + (1 - shares) * fake


def _normalised(weights: list[np.ndarray]):
    """The same weights with every matrix over its largest singular value σ, and for each its σ, u and v."""
    used, singular = list(weights), []
    for layer in range(3):
        left, sigma, right = np.linalg.svd(weights[2 * layer])
        used[2 * layer] = weights[2 * layer] / sigma[0]
        singular.append((sigma[0], left[:, 0], right[0]))
    return used, singular
