"""Variational autoencoders of chapter 6 and what is measured of them: bounds, codes, decoded draws."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from lib import data, networks, objectives, runtime
from lib.experiments.baselines import RIDGE


@dataclass(frozen=True)
class Setting:
    """How an autoencoder is trained: sizes, the decoder's noise s_x, the weight β, and which parts are on.

    `drawn`: the code is drawn from Q, and not its mean; `rebuilt`: the squared error is in the loss;
    `learnt`: s_x starts at `noise` and is trained with the networks.
    """

    latent: int = 8
    width: int = 128
    noise: float = 0.25
    weight: float = 1.0
    drawn: bool = True
    rebuilt: bool = True
    learnt: bool = False
    steps: int = 2000


@dataclass(frozen=True)
class Autoencoder:
    """An encoder, a decoder and the setting that they were trained in."""

    encoder: nn.Module
    decoder: nn.Module
    setting: Setting


def squared_error(images: Tensor, rebuilt: Tensor) -> Tensor:
    """‖x − x̃‖², summed over pixels, one number for each image."""
    return (images - rebuilt).flatten(1).square().sum(dim=1)


def log_likelihood(images: Tensor, rebuilt: Tensor, noise: float | Tensor) -> Tensor:
    """log 𝒩(x; x̃, s_x²), in nats, one number for each image; `noise` is s_x, or one for each pixel (d,)."""
    noise = torch.as_tensor(noise, dtype=images.dtype)
    away = ((images - rebuilt).flatten(1) / noise).square() / 2 + noise.log() + 0.5 * math.log(2 * math.pi)
    return -away.sum(dim=1)


def start(seed: int, how: Setting, shape: tuple[int, ...] = (1, 8, 8)) -> tuple[Autoencoder, torch.Generator]:
    """Untrained networks, and the dice that batches and noise are drawn with."""
    draw = runtime.seed(seed).torch
    squash = nn.Tanh() if len(shape) == 3 else nn.Identity()
    hidden = (how.width, how.width)
    encoder = networks.GaussianEncoder(shape, how.latent, hidden)
    decoder = networks.PerceptronDecoder(how.latent, shape, hidden, squash=squash)
    return Autoencoder(encoder, decoder, how), draw


def train(
    seed: int, training: Tensor, how: Setting, watch: Callable[[float], None] = lambda s: None
) -> Autoencoder:
    """Adam with rate 1e-3 on batches of 64, one draw of the code for each image.

    Descends ‖x − x̃‖²/(2 s_x²) + β KL (and d log s_x, if the noise is learnt): −ELBO for β = 1, but for a
    constant. `watch` is told the mean standard deviation of the codes of each batch.
    """
    made, draw = start(seed, how, tuple(training.shape[1:]))
    log_noise = torch.tensor(math.log(how.noise), requires_grad=how.learnt)
    weights = [*made.encoder.parameters(), *made.decoder.parameters(), *([log_noise] if how.learnt else [])]
    descend, pixels = torch.optim.Adam(weights, lr=1e-3), training[0].numel()
    batches = data.batches(training, size=min(64, len(training)), generator=draw)
    for (images,) in islice(batches, how.steps):
        mean, log_variance = made.encoder(images)
        s, xi = (0.5 * log_variance).exp(), torch.randn(len(images), how.latent, generator=draw)
        away = squared_error(images, made.decoder(mean + s * xi if how.drawn else mean))
        error = away / (2 * how.noise**2)
        if how.learnt:
            error = away / (2 * (2 * log_noise).exp()) + pixels * log_noise
        paid = how.weight * objectives.divergence_from_prior(mean, log_variance)
        descend.zero_grad()
        (how.rebuilt * error + paid).mean().backward()
        descend.step()
        watch(s.detach().mean().item())
    return replace(made, setting=replace(how, noise=log_noise.exp().item() if how.learnt else how.noise))


@torch.no_grad()
def log_ratios(
    made: Autoencoder,
    images: Tensor,
    draws: int,
    draw: torch.Generator,
    noise: float | Tensor | None = None,
) -> Tensor:
    """log P(x, z)/Q(z|x) for z drawn from Q, all constants included, in nats: shape (draws, n).

    `noise` stands in for the s_x of the training, if it is given.
    """
    mean, log_variance = made.encoder(images)
    s_x, found = made.setting.noise if noise is None else noise, []
    for _ in range(draws):
        xi = torch.randn(mean.shape, generator=draw)
        z = mean + (0.5 * log_variance).exp() * xi
        prior_over_q = 0.5 * (xi.square() - z.square() + log_variance).sum(dim=1)
        found.append(log_likelihood(images, made.decoder(z), s_x) + prior_over_q)
    return torch.stack(found)


@torch.no_grad()
def bounds(
    made: Autoencoder, images: Tensor, draws: int = 200, noise: float | Tensor | None = None
) -> dict[str, float]:
    """ELBO and ELBO_m (m = draws) on images, in nats, averaged over them."""
    ratios = log_ratios(made, images, draws, torch.Generator().manual_seed(1), noise)
    return {"elbo": ratios.mean().item(), "tight": objectives.importance_weighted_bound(ratios).item()}


@torch.no_grad()
def codes(made: Autoencoder, images: Tensor) -> dict[str, float]:
    """The divergence paid, the squared error of decoded means and of decoded draws, the mean s, active units.

    A unit is active if its mean has a variance above 0.01 over the images (Burda et al. 2016).
    """
    mean, log_variance = made.encoder(images)
    s = (0.5 * log_variance).exp()
    drawn = mean + s * torch.randn(mean.shape, generator=torch.Generator().manual_seed(2))
    return {
        "divergence": objectives.divergence_from_prior(mean, log_variance).mean().item(),
        "error": squared_error(images, made.decoder(mean)).mean().item(),
        "noisy_error": squared_error(images, made.decoder(drawn)).mean().item(),
        "s": s.mean().item(),
        "active": float((mean.var(dim=0) > 0.01).sum()),
    }


@torch.no_grad()
def aggregated(made: Autoencoder, images: Tensor) -> dict[str, float]:
    """Mean and covariance of the aggregated posterior, the mean of all Q(z|x_i), against N(0, I).

    Returns the length of its mean, the least and the largest eigenvalue of its covariance, the divergence of
    the normal law with both from the prior, and the mean divergence of the single Q, in nats.
    """
    mean, log_variance = made.encoder(images)
    whole = mean.T.cov(correction=0) + log_variance.exp().mean(dim=0).diag()
    values, centre = torch.linalg.eigvalsh(whole.double()), mean.mean(dim=0).double()
    divergence = 0.5 * (values.sum() + centre.square().sum() - len(values) - values.log().sum())
    return {
        "centre": centre.norm().item(),
        "least": values[0].item(),
        "largest": values[-1].item(),
        "normal": divergence.item(),
        "paid": objectives.divergence_from_prior(mean, log_variance).mean().item(),
    }


@torch.no_grad()
def fitted_noise(made: Autoencoder, images: Tensor) -> Tensor:
    """s_x for each pixel (d,), from the errors of decoded draws on images, with the baselines' ridge."""
    mean, log_variance = made.encoder(images)
    xi = torch.randn(mean.shape, generator=torch.Generator().manual_seed(3))
    away = (images - made.decoder(mean + (0.5 * log_variance).exp() * xi)).flatten(1).square().mean(dim=0)
    return (away + RIDGE).sqrt()


@torch.no_grad()
def drawn_images(made: Autoencoder, n: int) -> Tensor:
    """n decoded draws from the prior (means of the decoder, without its noise)."""
    return made.decoder(networks.gaussian_latent(made.setting.latent, torch.Generator().manual_seed(1))(n))


@torch.no_grad()
def fitted_draws(made: Autoencoder, training: Tensor, n: int) -> Tensor:
    """n decoded draws from the normal law fitted to the codes of the training images."""
    mean, _ = made.encoder(training)
    root = torch.linalg.cholesky(mean.T.cov() + 1e-6 * torch.eye(mean.shape[1]))
    xi = networks.gaussian_latent(mean.shape[1], torch.Generator().manual_seed(1))(n)
    return made.decoder(mean.mean(dim=0) + xi @ root.T)


@torch.no_grad()
def aggregated_draws(made: Autoencoder, training: Tensor, n: int) -> Tensor:
    """n decoded draws from the aggregated posterior: the code of a random training image, with its noise."""
    draw = torch.Generator().manual_seed(1)
    mean, log_variance = made.encoder(training[torch.randint(len(training), (n,), generator=draw)])
    return made.decoder(mean + (0.5 * log_variance).exp() * torch.randn(mean.shape, generator=draw))


@torch.no_grad()
def midpoints(made: Autoencoder, images: Tensor) -> Tensor:
    """The decoded middle between the codes of an image and of the next one in the list."""
    mean, _ = made.encoder(images)
    return made.decoder((mean + mean.roll(1, dims=0)) / 2)


def with_label(samples: Tensor, labels: Tensor) -> Tensor:
    """The samples as rows, with ten more numbers that say the label."""
    return torch.cat([samples.flatten(1), one_hot(labels, 10).to(samples.dtype)], dim=1)


def train_conditional(seed: int, training: Tensor, labels: Tensor, how: Setting) -> Autoencoder:
    """As `train`, with the label given to both players; the decoder takes (b, latent + 10)."""
    draw = runtime.seed(seed).torch
    hidden = (how.width, how.width)
    encoder = networks.GaussianEncoder((training[0].numel() + 10,), how.latent, hidden)
    decoder = networks.PerceptronDecoder(how.latent + 10, tuple(training.shape[1:]), hidden)
    descend = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
    batches = data.batches(training, labels, size=64, generator=draw)
    for images, of in islice(batches, how.steps):
        mean, log_variance = encoder(with_label(images, of))
        code = mean + (0.5 * log_variance).exp() * torch.randn(mean.shape, generator=draw)
        error = squared_error(images, decoder(with_label(code, of))) / (2 * how.noise**2)
        descend.zero_grad()
        (error + how.weight * objectives.divergence_from_prior(mean, log_variance)).mean().backward()
        descend.step()
    return Autoencoder(encoder, decoder, how)
