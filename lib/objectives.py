"""What the two players of the adversarial game want, as pairs of functions of scores.

A *score* T(x) is any real number that the critic gives to a sample; where the game asks for a probability,
the discriminator is D(x) = sg(T(x)). Theorem signs are kept: the critic **maximises** `critic(...)`, the
generator **minimises** `generator(...)`. Both are written with softplus(s) = log(1 + eˢ), so that no score,
however large, overflows or gives log 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn.functional import softplus

from lib.arguments import float_tensor, refusal

Scores = Any  # a tensor of floats (batch,); anything else is answered by `_scores`


@dataclass(frozen=True)
class Objective:
    """A pair of payoffs: the critic climbs the first, the generator descends the second.

    `critic(real_scores, fake_scores)` and `generator(fake_scores)` take scores of shape (batch,) and return
    a scalar mean. Both raise ValueError for scores of another shape: (batch, 1) against (batch,) would
    broadcast to (batch, batch) without a word; TypeError for what is no tensor of floats.
    """

    name: str
    critic: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]


def _scores(name: str, scores: Scores) -> Tensor:
    float_tensor(name, scores, "the critic's scores")
    if scores.ndim != 1 or scores.numel() == 0:
        expected = "one score per sample, shape (batch,) with batch >= 1"
        remedy = "end the critic with `.squeeze(1)` (or `.flatten()`)"
        raise ValueError(refusal(name, f"shape {tuple(scores.shape)}", expected, remedy))
    return scores


def _game_value(real_scores: Scores, fake_scores: Scores) -> Tensor:
    """V = E log D(real) + E log(1 − D(fake)): log sg(s) = −softplus(−s), log(1 − sg(s)) = −softplus(s)."""
    real_scores, fake_scores = _scores("real_scores", real_scores), _scores("fake_scores", fake_scores)
    return -softplus(-real_scores).mean() - softplus(fake_scores).mean()


def _log_one_minus_discriminator(fake_scores: Scores) -> Tensor:
    """E log(1 − D(fake)): the generator's own term of V (Goodfellow et al. 2014, eq. 1)."""
    return -softplus(_scores("fake_scores", fake_scores)).mean()


def _minus_log_discriminator(fake_scores: Scores) -> Tensor:
    """−E log D(fake): same fixed point, but a slope of −(1 − D) per score where the first has −D."""
    return softplus(-_scores("fake_scores", fake_scores)).mean()


def _mean_gap(real_scores: Scores, fake_scores: Scores) -> Tensor:
    """E f(real) − E f(fake), the dual's value if f has slope 1 at most (Arjovsky et al. 2017, eq. 3)."""
    real_scores, fake_scores = _scores("real_scores", real_scores), _scores("fake_scores", fake_scores)
    return real_scores.mean() - fake_scores.mean()


def _minus_mean(fake_scores: Scores) -> Tensor:
    """−E f(fake): the generator's own term of the gap (Arjovsky et al. 2017, Algorithm 1, line 10)."""
    return -_scores("fake_scores", fake_scores).mean()


minimax = Objective("minimax", _game_value, _log_one_minus_discriminator)
"""The zero-sum game min_G max_D V(G, D) (Goodfellow et al. 2014, eq. 1)."""

non_saturating = Objective("non-saturating", _game_value, _minus_log_discriminator)
"""The same critic; the generator minimises −E log D instead (Goodfellow et al. 2014, section 3)."""

wasserstein = Objective("Wasserstein", _mean_gap, _minus_mean)
"""The critic maximises E f(real) − E f(fake), the generator minimises −E f(fake): no sigmoid, no logarithm.

The gap is at most K · W₁ for a critic of slope K. Nothing in this pair bounds K, which clipping or a penalty
has to do. Source: Arjovsky, Chintala and Bottou 2017, eq. 3 and Algorithm 1.
"""
