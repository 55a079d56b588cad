"""The trainings of chapter 6, as recipes: digits, what happens without a part, collapse, a circle, labels."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn
from torch.nn.functional import one_hot

from lib import data, metrics, networks, objectives, runtime
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.spread import Recipe, command
from lib.features import FeatureNetwork, feature_network

CHAPTER = "06_variational_autoencoders"
NATIVE = {"threads": (1,), "instructions": ("native",)}
SEEDS = range(1, 6)


@dataclass(frozen=True)
class Setting:
    """How an autoencoder is trained: sizes, the decoder's noise s_x, the weight β, and which parts are on.

    `drawn`: the code is drawn from Q, and not its mean; `rebuilt`: the squared error is in the loss.
    """

    latent: int = 8
    width: int = 128
    noise: float = 0.25
    weight: float = 1.0
    drawn: bool = True
    rebuilt: bool = True
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


def loss(made: Autoencoder, images: Tensor, xi: Tensor) -> Tensor:
    """‖x − x̃‖²/(2 s_x²) + β KL, averaged over the batch: −ELBO for β = 1, but for a constant."""
    how = made.setting
    mean, log_variance = made.encoder(images)
    code = mean + (0.5 * log_variance).exp() * xi if how.drawn else mean
    error = squared_error(images, made.decoder(code)) / (2 * how.noise**2)
    paid = how.weight * objectives.divergence_from_prior(mean, log_variance)
    return (how.rebuilt * error + paid).mean()


def start(seed: int, how: Setting, shape: tuple[int, ...] = (1, 8, 8)) -> tuple[Autoencoder, torch.Generator]:
    """Untrained networks, and the dice that batches and noise are drawn with."""
    draw = runtime.seed(seed).torch
    squash = nn.Tanh() if len(shape) == 3 else nn.Identity()
    hidden = (how.width, how.width)
    encoder = networks.GaussianEncoder(shape, how.latent, hidden)
    decoder = networks.PerceptronDecoder(how.latent, shape, hidden, squash=squash)
    return Autoencoder(encoder, decoder, how), draw


def train(seed: int, training: Tensor, how: Setting) -> Autoencoder:
    """Adam with rate 1e-3 on batches of 64, one draw of the code for each image."""
    made, draw = start(seed, how, tuple(training.shape[1:]))
    weights = [*made.encoder.parameters(), *made.decoder.parameters()]
    descend = torch.optim.Adam(weights, lr=1e-3)
    batches = data.batches(training, size=min(64, len(training)), generator=draw)
    for _ in range(how.steps):
        (images,) = next(batches)
        descend.zero_grad()
        loss(made, images, torch.randn(len(images), how.latent, generator=draw)).backward()
        descend.step()
    return made


@torch.no_grad()
def log_ratios(made: Autoencoder, images: Tensor, draws: int, draw: torch.Generator) -> Tensor:
    """log P(x, z)/Q(z|x) for z drawn from Q, all constants included, in nats: shape (draws, n)."""
    mean, log_variance = made.encoder(images)
    s_x, found = made.setting.noise, []
    for _ in range(draws):
        xi = torch.randn(mean.shape, generator=draw)
        z = mean + (0.5 * log_variance).exp() * xi
        pixels = images[0].numel()
        given = -squared_error(images, made.decoder(z)) / (2 * s_x**2)
        given = given - pixels * math.log(s_x * math.sqrt(2 * math.pi))
        prior_over_q = 0.5 * (xi.square() - z.square() + log_variance).sum(dim=1)
        found.append(given + prior_over_q)
    return torch.stack(found)


@torch.no_grad()
def bounds(made: Autoencoder, images: Tensor, draws: int = 200) -> dict[str, float]:
    """ELBO and ELBO_m (m = draws) on images, their divergence, squared error and mean s; in nats."""
    ratios = log_ratios(made, images, draws, torch.Generator().manual_seed(1))
    mean, log_variance = made.encoder(images)
    noisy = mean + (0.5 * log_variance).exp() * torch.randn(
        mean.shape, generator=torch.Generator().manual_seed(2)
    )
    return {
        "elbo": ratios.mean().item(),
        "tight": objectives.importance_weighted_bound(ratios).item(),
        "divergence": objectives.divergence_from_prior(mean, log_variance).mean().item(),
        "error": squared_error(images, made.decoder(mean)).mean().item(),
        "noisy_error": squared_error(images, made.decoder(noisy)).mean().item(),
        "s": (0.5 * log_variance).exp().mean().item(),
        "active": float((mean.var(dim=0) > 0.01).sum()),
    }


@torch.no_grad()
def drawn_images(made: Autoencoder, n: int) -> Tensor:
    """n decoded draws from the prior (means of the decoder, without its noise)."""
    return made.decoder(networks.gaussian_latent(made.setting.latent, torch.Generator().manual_seed(1))(n))


@torch.no_grad()
def midpoints(made: Autoencoder, images: Tensor) -> Tensor:
    """The decoded middle between the codes of an image and of the next one in the list."""
    mean, _ = made.encoder(images)
    return made.decoder((mean + mean.roll(1, dims=0)) / 2)


@torch.no_grad()
def fitted_draws(made: Autoencoder, training: Tensor, n: int) -> Tensor:
    """n decoded draws from the normal law fitted to the codes of the training images."""
    mean, _ = made.encoder(training)
    root = torch.linalg.cholesky(mean.T.cov() + 1e-6 * torch.eye(mean.shape[1]))
    xi = networks.gaussian_latent(mean.shape[1], torch.Generator().manual_seed(1))(n)
    return made.decoder(mean.mean(dim=0) + xi @ root.T)


def eyes() -> FeatureNetwork:
    """The classifier that judges, the same for every seed."""
    return feature_network(*data.digits(), torch.Generator().manual_seed(0))


def run_digits(seed: int) -> Mapping[str, float]:
    """A VAE on half of the digits: bounds on both halves, and its samples against the held-out half."""
    training, held_out = halves(data.digits().images)
    features, made = eyes(), train(seed, training, Setting())
    scores = bounds(made, held_out) | {"elbo_training": bounds(made, training)["elbo"]}
    drawn = drawn_images(made, len(held_out))
    with torch.no_grad():
        rebuilt = made.decoder(made.encoder(held_out)[0])
        noisy = (drawn + made.setting.noise * torch.randn_like(drawn)).clamp(-1, 1)
        untrained = drawn_images(start(seed, Setting())[0], len(held_out))
    scores |= judge_digits(features, held_out, drawn) | _walked(features, made, held_out)
    scores["nearer"] = nearer_training(drawn, training, held_out)
    seen = features.features
    for name, pictures in {"rebuilt": rebuilt, "noisy": noisy, "untrained": untrained}.items():
        scores[f"frechet_{name}"] = metrics.frechet_distance(seen(held_out), seen(pictures))
    straight = PCA(Setting().latent).fit(training.flatten(1).double().numpy())
    scores["straight"] = float(straight.score(held_out.flatten(1).double().numpy()))
    scores["frechet_fitted"] = metrics.frechet_distance(
        seen(held_out), seen(fitted_draws(made, training, len(held_out)))
    )
    return scores


REMOVALS = {
    "no teacher": {"weight": 0.0},
    "no noise": {"drawn": False},
    "no reconstruction": {"rebuilt": False},
    "plain": {"drawn": False, "weight": 0.0},
    "mean over pixels": {"weight": 64.0},
    "weight 8": {"weight": 8.0},
}


BOUNDS = ("s", "divergence", "error", "noisy_error", "active", "elbo")


def run_removals(seed: int) -> Mapping[str, float]:
    """The VAE with one part removed or another weight; the plain autoencoder lacks two parts."""
    training, held_out = halves(data.digits().images)
    features, scores = eyes(), {}
    for name, without in REMOVALS.items():
        made = train(seed, training, replace(Setting(), **without))
        found = bounds(made, held_out, draws=1)
        scores |= {f"{name}: {key}": found[key] for key in BOUNDS}
        scores |= {f"{name}: {key}": value for key, value in _walked(features, made, held_out).items()}
        for key, pictures in {
            "drawn": drawn_images(made, len(held_out)),
            "fitted": fitted_draws(made, training, len(held_out)),
        }.items():
            scores[f"{name}: {key}"] = _distance(features, held_out, pictures)
    middle = (held_out + held_out.roll(1, dims=0)) / 2
    scores["pixels: midpoint"] = _distance(features, held_out, middle)
    scores["pixels: midpoint_precision"] = _precision(features, held_out, middle)
    return scores


def _walked(features: FeatureNetwork, made: Autoencoder, held_out: Tensor) -> dict[str, float]:
    middle = midpoints(made, held_out)
    return {
        "midpoint": _distance(features, held_out, middle),
        "midpoint_precision": _precision(features, held_out, middle),
    }


def _distance(features: FeatureNetwork, real: Tensor, made: Tensor) -> float:
    return metrics.frechet_distance(features.features(real), features.features(made))


def _precision(features: FeatureNetwork, real: Tensor, made: Tensor) -> float:
    return metrics.neighbourhoods(features.features(real), features.features(made)).precision


def on_circle(n: int = 12) -> tuple[Tensor, Tensor]:
    """n points equally spaced on a unit circle in a plane of R¹⁰: (points, the plane's two directions)."""
    turn = torch.linalg.qr(torch.randn(10, 10, generator=torch.Generator().manual_seed(12)))[0]
    angle = 2 * math.pi * torch.arange(n) / n
    return torch.stack([angle.cos(), angle.sin()], dim=1) @ turn[:2], turn[:2]


CIRCLE = Setting(latent=2, width=64, noise=0.1, steps=4000)


def offsets(points: Tensor, plane: Tensor, n: int = 12) -> Tensor:
    """The angle to the nearest training point in halves of a gap: 0 at a point, 1 in the middle."""
    flat = points @ plane.T
    place = torch.atan2(flat[:, 1], flat[:, 0]) / (2 * math.pi / n)
    return 2 * (place - place.round()).abs()


def run_circle(seed: int) -> Mapping[str, float]:
    """Twelve points: where between them 2 000 decoded draws of the prior fall, for two decoder noises."""
    points, plane = on_circle()
    dice, scores = torch.Generator().manual_seed(seed), {}
    recital = points[torch.randint(12, (2000,), generator=dice)]
    clouds = {"recital ": recital + 0.02 * torch.randn(2000, 10, generator=dice)}
    for name, how in {"": CIRCLE, "sharp ": replace(CIRCLE, noise=CIRCLE.noise / 5)}.items():
        clouds[name] = drawn_images(train(seed, points.repeat(8, 1), how), 2000)
    for name, cloud in clouds.items():
        flat = cloud @ plane.T
        scores |= {
            f"{name}offset": offsets(cloud, plane).mean().item(),
            f"{name}near": (offsets(cloud, plane) < 0.2).float().mean().item(),
            f"{name}inside": (flat.norm(dim=1) < 0.7).float().mean().item(),
            f"{name}off_plane": (cloud - flat @ plane).norm(dim=1).mean().item(),
        }
    return scores


def with_label(samples: Tensor, labels: Tensor) -> Tensor:
    """The samples as rows, with ten more numbers that say the label."""
    return torch.cat([samples.flatten(1), one_hot(labels, 10).to(samples.dtype)], dim=1)


def train_conditional(seed: int, training: Tensor, labels: Tensor, how: Setting) -> Autoencoder:
    """As `train`, with the label given to both players; the decoder takes (b, latent + 10)."""
    draw = runtime.seed(seed).torch
    hidden = (how.width, how.width)
    encoder = networks.GaussianEncoder((74,), how.latent, hidden)
    decoder = networks.PerceptronDecoder(how.latent + 10, (1, 8, 8), hidden)
    descend = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
    batches = data.batches(training, labels, size=64, generator=draw)
    for _ in range(how.steps):
        images, of = next(batches)
        mean, log_variance = encoder(with_label(images, of))
        code = mean + (0.5 * log_variance).exp() * torch.randn(mean.shape, generator=draw)
        error = squared_error(images, decoder(with_label(code, of))) / (2 * how.noise**2)
        descend.zero_grad()
        (error + objectives.divergence_from_prior(mean, log_variance)).mean().backward()
        descend.step()
    return Autoencoder(encoder, decoder, how)


def run_labels(seed: int) -> Mapping[str, float]:
    """A conditional VAE: how often the judge reads the label that was asked for; ELBO given the label."""
    images, labels = data.digits()
    (training, held_out), (of, of_held_out) = halves(images), halves(labels)
    features = eyes()
    made = train_conditional(seed, training, of, Setting())
    asked = torch.arange(10).repeat_interleave(100)
    z = networks.gaussian_latent(8, torch.Generator().manual_seed(1))(1000)
    with torch.no_grad():
        drawn = made.decoder(with_label(z, asked))
        mean, log_variance = made.encoder(with_label(held_out, of_held_out))
        xi = torch.randn(mean.shape, generator=torch.Generator().manual_seed(2))
        code = mean + (0.5 * log_variance).exp() * xi
        error = squared_error(held_out, made.decoder(with_label(code, of_held_out)))
        s_x = made.setting.noise
        given = -error / (2 * s_x**2) - 64 * math.log(s_x * math.sqrt(2 * math.pi))
    return {
        "obeyed": (features.predict(drawn) == asked).float().mean().item(),
        "elbo": objectives.evidence_lower_bound(given, mean, log_variance).item(),
        "divergence": objectives.divergence_from_prior(mean, log_variance).mean().item(),
        "frechet": _distance(features, held_out, drawn[:: 1000 // 898][:898]),
    }


_HALVES = "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging"
_NETS = "two hidden layers of 128 units on each side, 8 codes, s_x = 0.25, Adam 1e-3, batch 64, 2 000 steps"

RECIPES = {
    "digits": Recipe(
        run_digits,
        f"{_HALVES}; {_NETS}; bounds with 200 draws; Fréchet distance of 898 images to the held-out half",
        resolution={"active": 1.0, "classes": 1.0},
        limits={"s": (0.0, 1.0)} | dict.fromkeys(("precision", "recall", "coverage", "nearer"), (0.0, 1.0)),
        trivial={"s": 1.0, "precision": 0.0, "recall": 0.0, "coverage": 0.0, "nearer": 0.5}
        | {"frechet": 605.0, "divergence": 0.0, "elbo": -60.0, "tight": -60.0},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "removals": Recipe(
        run_removals,
        f"{_HALVES}; {_NETS}; the same seed with a part removed, or β = 8, 64; midpoints of held-out codes",
        resolution={},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "circle": Recipe(
        run_circle,
        "twelve points on a circle in R¹⁰; two hidden layers of 64 units, 2 codes, s_x = 0.1 (sharp: 0.02),"
        " 4 000 steps",
        resolution={},
        limits=dict.fromkeys(("offset", "near"), (0.0, 1.0)),
        trivial={"offset": 0.0, "near": 1.0},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "labels": Recipe(
        run_labels,
        f"{_HALVES}; {_NETS}; the label, one of ten numbers 1, beside the image and beside the code",
        resolution={},
        limits={"obeyed": (0.0, 1.0)},
        trivial={"obeyed": 0.1},
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_06", RECIPES, sys.argv[1:])
