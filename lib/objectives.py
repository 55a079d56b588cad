"""What is climbed and descended: the payoffs of the two players of the adversarial game, and the bound of a
variational autoencoder.

A *score* T(x) is any real number that the critic gives to a sample; where the game asks for a probability,
the discriminator is D(x) = sg(T(x)). Theorem signs are kept: the critic **maximises** `critic(...)`, the
generator **minimises** `generator(...)`. Both are written with softplus(s) = log(1 + eˢ), so that no score,
however large, overflows or gives log 0. The *evidence lower bound* takes what an encoder and a decoder
return for a batch; it is **maximised**.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus

from lib.arguments import float_tensor, refusal
from lib.divergences import Divergence

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


def _hinges(real_scores: Scores, fake_scores: Scores) -> Tensor:
    """−E [1 − T(real)]₊ − E [1 + T(fake)]₊: a score beyond its own side's margin of 1 earns no more."""
    real_scores, fake_scores = _scores("real_scores", real_scores), _scores("fake_scores", fake_scores)
    return -relu(1 - real_scores).mean() - relu(1 + fake_scores).mean()


hinge = Objective("hinge", _hinges, _minus_mean)
"""The critic maximises −E [1 − T(real)]₊ − E [1 + T(fake)]₊, the generator minimises −E T(fake).

The best critic is sign(p − q), where the critic's payoff is 2 TV − 2; it is flat almost everywhere, so what a
generator learns from depends on a bound of the slope, which this pair does not bring.
Source: Miyato et al. 2018.
"""


def variational(divergence: Any, *, trick: bool = False) -> Objective:
    """The f-GAN pair of a divergence: both players meet E T(real) − E f*(T(fake)) with T = g_f(score).

    The critic climbs it, which for every score bounds D_f(P‖Q) from below; the generator descends its own
    term, −E f*(g_f(score)), or with `trick` −E g_f(score), which has a slope where the first may have none.
    `variational(named("gan"))` is `minimax`, with the trick `non_saturating`.
    Raises TypeError for what is no divergence.
    Source: Nowozin, Cseke and Tomioka 2016, eq. 6 and 7, and section 3.2 for the trick.
    """
    if not isinstance(divergence, Divergence):
        remedy = "variational(named('kl'))"
        raise TypeError(refusal("divergence", repr(divergence), "a divergence of the table", remedy))

    def bound(real_scores: Scores, fake_scores: Scores) -> Tensor:
        real_scores, fake_scores = _scores("real_scores", real_scores), _scores("fake_scores", fake_scores)
        fakes_cost = divergence.conjugate_activation(fake_scores).mean()
        return divergence.activation(real_scores).mean() - fakes_cost

    def own_term(fake_scores: Scores) -> Tensor:
        return -divergence.conjugate_activation(_scores("fake_scores", fake_scores)).mean()

    def minus_activation(fake_scores: Scores) -> Tensor:
        return -divergence.activation(_scores("fake_scores", fake_scores)).mean()

    name = f"variational {divergence.name}{', trick' if trick else ''}"
    return Objective(name, bound, minus_activation if trick else own_term)


def _codes(mean: Any, log_variance: Any) -> tuple[Tensor, Tensor]:
    float_tensor("mean", mean, "the means of the codes")
    float_tensor("log_variance", log_variance, "the logarithms of their variances")
    if mean.ndim != 2 or mean.numel() == 0:
        expected = "one row for each sample, shape (batch, r) with batch >= 1 and r >= 1"
        raise ValueError(refusal("mean", f"shape {tuple(mean.shape)}", expected, "`mean.flatten(1)`"))
    if log_variance.shape != mean.shape:
        remedy = "`log_variance.expand_as(mean)`, where all samples share it"
        got, expected = f"shape {tuple(log_variance.shape)}", f"that of mean, {tuple(mean.shape)}"
        raise ValueError(refusal("log_variance", got, expected, remedy))
    return mean, log_variance


def divergence_from_prior(mean: Any, log_variance: Any) -> Tensor:
    """KL(N(μ, diag s²)‖N(0, I)) = ½ Σᵢ (μᵢ² + sᵢ² − 1 − log sᵢ²), in nats, in [0, ∞), one for each sample.

    `mean` μ and `log_variance` v = log s² have shape (batch, r); returns shape (batch,).
    Raises TypeError for what is no tensor of floats, ValueError for other shapes.
    Source: Kingma and Welling 2014, appendix B.
    """
    mean, log_variance = _codes(mean, log_variance)
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def evidence_lower_bound(log_likelihood: Any, mean: Any, log_variance: Any) -> Tensor:
    """ELBO = E_Q log P(x|z) − KL(Q‖N(0, I)), Q = N(μ, diag s²), in nats, averaged over the batch: a scalar.

    `log_likelihood` has shape (batch,): for each sample log P(x|z) at one z drawn from its Q, or the mean of
    several, all constants and all pixels included; `mean` and `log_variance` as in `divergence_from_prior`.
    Raises TypeError for what is no tensor of floats, ValueError for other shapes.
    Source: Kingma and Welling 2014, eq. 3 and 10.
    """
    divergence = divergence_from_prior(mean, log_variance)
    return (_each("log_likelihood", log_likelihood, divergence.shape) - divergence).mean()


def _each(name: str, values: Any, shape: torch.Size) -> Tensor:
    float_tensor(name, values, "one logarithm for each sample")
    if values.shape != shape:
        expected = f"one number for each sample, {tuple(shape)}"
        remedy = "sum over pixels, `.flatten(1).sum(dim=1)`, and not over the batch"
        raise ValueError(refusal(name, f"shape {tuple(values.shape)}", expected, remedy))
    return values


def importance_weighted_bound(log_ratios: Any) -> Tensor:
    """ELBO_m = E log (1/m) Σⱼ R(zⱼ), R(z) = P(x, z)/Q(z), in nats, averaged over the batch: a scalar.

    `log_ratios` holds log R(zⱼ), shape (m, batch), with zⱼ drawn from Q; m = 1 gives the ELBO.
    Raises TypeError for what is no tensor of floats, ValueError for another shape.
    Source: Burda, Grosse and Salakhutdinov 2016, section 3.
    """
    float_tensor("log_ratios", log_ratios, "logarithms of P(x, z)/Q(z)")
    if log_ratios.ndim != 2 or log_ratios.numel() == 0:
        expected = "shape (m, batch) with m >= 1 draws in the rows and batch >= 1"
        remedy = "`log_ratios[:, None]` for one sample"
        raise ValueError(refusal("log_ratios", f"shape {tuple(log_ratios.shape)}", expected, remedy))
    return (log_ratios.logsumexp(dim=0) - math.log(len(log_ratios))).mean()
