"""The trainings of chapter 6, as recipes: digits, parts removed, a learnt noise, a circle, labels."""

import math
import sys
from collections.abc import Mapping
from dataclasses import replace

import torch
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from torch import Tensor

from lib import data, metrics, networks, objectives
from lib.experiments import variational
from lib.experiments.baselines import RIDGE, rivals
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.spread import Recipe, command
from lib.experiments.variational import Autoencoder, Setting, train, with_label
from lib.features import FeatureNetwork, feature_network

CHAPTER = "06_variational_autoencoders"
NATIVE = {"threads": (1,), "instructions": ("native",)}
SEEDS = range(1, 6)


def eyes() -> FeatureNetwork:
    """The classifier that judges, the same for every seed."""
    return feature_network(*data.digits(), torch.Generator().manual_seed(0))


def distance(features: FeatureNetwork, real: Tensor, made: Tensor) -> float:
    """The Fréchet distance of two sets of images, seen by the classifier."""
    return metrics.frechet_distance(features.features(real), features.features(made))


def nearest(features: FeatureNetwork, training: Tensor, made: Tensor) -> float:
    """The mean distance of images to the nearest training image, seen by the classifier."""
    seen = features.features(made).double(), features.features(training).double()
    return torch.cdist(*seen).min(dim=1).values.mean().item()


def run_digits(seed: int) -> Mapping[str, float]:
    """A VAE on half of the digits: bounds, codes, and its decoded draws against the held-out half."""
    training, held_out = halves(data.digits().images)
    features, log = eyes(), []
    made = train(seed, training, Setting(), log.append)
    scores = variational.bounds(made, held_out) | variational.codes(made, held_out)
    scores["elbo_training"] = variational.bounds(made, training, draws=20)["elbo"]
    scores |= {"s_early": _mean(log[1000:1100]), "s_late": _mean(log[-100:])}
    scores |= {f"aggregated_{key}": value for key, value in variational.aggregated(made, training).items()}
    pixels = variational.fitted_noise(made, training)
    one = pixels.square().mean().sqrt().item()
    for name, noise in {"one": one, "each": pixels}.items():
        scores[f"tight_{name}"] = variational.bounds(made, held_out, noise=noise)["tight"]
    drawn = variational.drawn_images(made, len(held_out))
    scores |= judge_digits(features, held_out, drawn)
    scores["nearer"] = nearer_training(drawn, training, held_out)
    with torch.no_grad():
        rebuilt = made.decoder(made.encoder(held_out)[0])
    xi = torch.randn(drawn.shape, generator=torch.Generator().manual_seed(4))
    shown = {
        "rebuilt": rebuilt,
        "noisy": (drawn + made.setting.noise * xi).clamp(-1, 1),
        "untrained": variational.drawn_images(variational.start(seed, Setting())[0], len(held_out)),
        "fitted": variational.fitted_draws(made, training, len(held_out)),
        "aggregated": variational.aggregated_draws(made, training, len(held_out)),
        "recital": training,
        "mean image": training.mean(dim=0).expand_as(held_out),
    } | rivals(training, halves(data.digits().labels)[0], len(held_out), seed)
    scores |= {f"frechet_{name}": distance(features, held_out, images) for name, images in shown.items()}
    scores["nearer_aggregated"] = nearer_training(shown["aggregated"], training, held_out)
    return scores | _likelihoods(training, held_out, seed) | _walked(features, made, training, held_out)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _likelihoods(training: Tensor, held_out: Tensor, seed: int) -> dict[str, float]:
    """Mean log-likelihood of held-out images under laws fitted to the training half, in nats."""
    rows, fresh = (each.flatten(1).double().numpy() for each in (training, held_out))
    scores = {"log_straight": float(PCA(Setting().latent).fit(rows).score(fresh))}
    for name, parts, shape in (("round", 40, "spherical"), ("one", 1, "full"), ("ten", 10, "full")):
        law = GaussianMixture(parts, covariance_type=shape, reg_covar=RIDGE, random_state=seed)
        scores[f"log_{name}"] = float(law.fit(rows).score(fresh))
    return scores


REMOVALS = {
    "no teacher": {"weight": 0.0},
    "no noise": {"drawn": False},
    "no reconstruction": {"rebuilt": False},
    "plain": {"drawn": False, "weight": 0.0},
    "weight 8": {"weight": 8.0},
    "weight 16": {"weight": 16.0},
    "weight 32": {"weight": 32.0},
    "weight 64": {"weight": 64.0},
}


def run_removals(seed: int) -> Mapping[str, float]:
    """The VAE with one part removed or another weight; the plain autoencoder lacks two parts."""
    training, held_out = halves(data.digits().images)
    features, scores = eyes(), {}
    for name, without in REMOVALS.items():
        log = []
        made = train(seed, training, replace(Setting(), **without), log.append)
        found = variational.codes(made, held_out) | _walked(features, made, training, held_out)
        found |= {"s_early": _mean(log[1000:1100]), "s_late": _mean(log[-100:])}
        drawn = variational.drawn_images(made, len(held_out))
        found["drawn"] = distance(features, held_out, drawn)
        found["variety"] = drawn.std(dim=0).mean().item()
        found["fitted"] = distance(
            features, held_out, variational.fitted_draws(made, training, len(held_out))
        )
        scores |= {f"{name}: {key}": value for key, value in found.items()}
    middle = (held_out + held_out.roll(1, dims=0)) / 2
    scores["pixels: midpoint"] = distance(features, held_out, middle)
    scores["pixels: midpoint_near"] = nearest(features, training, middle)
    scores["real: near"] = nearest(features, training, held_out)
    scores["mean image: near"] = nearest(features, training, training.mean(dim=0, keepdim=True))
    return scores


def _walked(
    features: FeatureNetwork, made: Autoencoder, training: Tensor, held_out: Tensor
) -> dict[str, float]:
    """Middles of held-out codes: their distance to held-out images, and to the nearest training image."""
    middle = variational.midpoints(made, held_out)
    return {
        "midpoint": distance(features, held_out, middle),
        "midpoint_near": nearest(features, training, middle),
    }


NOISES = {
    "fixed": Setting(steps=3000),
    "learnt, early": Setting(learnt=True, steps=1000),
    "learnt": Setting(learnt=True, steps=3000),
}


def run_noise(seed: int) -> Mapping[str, float]:
    """The decoder's noise held at 0.25 or learnt from there: the bound on both halves; does it recite?"""
    training, held_out = halves(data.digits().images)
    scores = {}
    for name, how in NOISES.items():
        made = train(seed, training, how)
        drawn = variational.drawn_images(made, len(held_out))
        scores |= {
            f"{name}: noise": made.setting.noise,
            f"{name}: elbo": variational.bounds(made, held_out, draws=20)["elbo"],
            f"{name}: elbo_training": variational.bounds(made, training, draws=20)["elbo"],
            f"{name}: nearer": nearer_training(drawn, training, held_out),
        }
    return scores


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


def to_circle(points: Tensor, plane: Tensor) -> Tensor:
    """The distance of points (m, 10) to the unit circle in the plane."""
    flat = points @ plane.T
    aside = (points - flat @ plane).square().sum(dim=1)
    return ((flat.norm(dim=1) - 1).square() + aside).sqrt()


def run_circle(seed: int) -> Mapping[str, float]:
    """Twelve points: where 2 000 decoded draws fall, for two decoder noises, beside three rivals."""
    points, plane = on_circle()
    dice, scores = torch.Generator().manual_seed(seed), {}
    recital = points[torch.randint(12, (2000,), generator=dice)]
    root = torch.linalg.cholesky(points.T.cov(correction=0) + 1e-6 * torch.eye(10))
    clouds = {
        "recital ": recital + 0.02 * torch.randn(2000, 10, generator=dice),
        "Gaussian ": torch.randn(2000, 10, generator=dice) @ root.T,
        "untrained ": variational.drawn_images(variational.start(seed, CIRCLE, (10,))[0], 2000),
    }
    for name, how in {"": CIRCLE, "sharp ": replace(CIRCLE, noise=CIRCLE.noise / 5)}.items():
        clouds[name] = variational.drawn_images(train(seed, points.repeat(8, 1), how), 2000)
    for name, cloud in clouds.items():
        scores |= {
            f"{name}offset": offsets(cloud, plane).mean().item(),
            f"{name}near": (offsets(cloud, plane) < 0.2).float().mean().item(),
            f"{name}inside": ((cloud @ plane.T).norm(dim=1) < 0.7).float().mean().item(),
            f"{name}on": (to_circle(cloud, plane) < 0.15).float().mean().item(),
        }
    return scores


def run_labels(seed: int) -> Mapping[str, float]:
    """A conditional VAE: how often the judge reads the label that was asked for; ELBO given the label."""
    images, labels = data.digits()
    (training, held_out), (of, of_held_out) = halves(images), halves(labels)
    features = eyes()
    made = variational.train_conditional(seed, training, of, Setting())
    asked = torch.arange(10).repeat_interleave(100)
    z = networks.gaussian_latent(8, torch.Generator().manual_seed(1))(1000)
    with torch.no_grad():
        drawn = made.decoder(with_label(z, asked))
        mean, log_variance = made.encoder(with_label(held_out, of_held_out))
        xi = torch.randn(mean.shape, generator=torch.Generator().manual_seed(2))
        code = mean + (0.5 * log_variance).exp() * xi
        rebuilt = made.decoder(with_label(code, of_held_out))
    given = variational.log_likelihood(held_out, rebuilt, made.setting.noise)
    return {
        "obeyed": (features.predict(drawn) == asked).float().mean().item(),
        "elbo": objectives.evidence_lower_bound(given, mean, log_variance).item(),
        "divergence": objectives.divergence_from_prior(mean, log_variance).mean().item(),
    }


_HALVES = "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging"
_NETS = "two hidden layers of 128 units on each side, 8 codes, s_x = 0.25, Adam 1e-3, batch 64"
_SHARES = ("precision", "recall", "coverage", "nearer")

RECIPES = {
    "digits": Recipe(
        run_digits,
        f"{_HALVES}; {_NETS}, 2 000 steps; bounds with 200 draws; Fréchet distances of 898 images to the"
        " held-out half; Gaussians fitted to the training half with 0.01 added to variances",
        resolution={"active": 1.0, "classes": 1.0},
        limits={"s": (0.0, 1.0)} | dict.fromkeys(_SHARES, (0.0, 1.0)),
        trivial={"s": 1.0, "s_late": 1.0, "divergence": 0.0, "elbo": -51.4, "tight": -51.4, "frechet": 278.0},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "removals": Recipe(
        run_removals,
        f"{_HALVES}; {_NETS}, 2 000 steps; the same seed with a part removed, or β = 8, 16, 32, 64; midpoints"
        " of held-out codes",
        resolution={},
        trivial={"no teacher: s_late": 1.0, "plain: drawn": 278.0},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "noise": Recipe(
        run_noise,
        f"{_HALVES}; {_NETS}, with s_x held or learnt; 3 000 steps, and 1 000 (early); bounds with 20 draws",
        resolution={},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "circle": Recipe(
        run_circle,
        "twelve points on a circle in R¹⁰; two hidden layers of 64 units, 2 codes, s_x = 0.1 (sharp: 0.02),"
        " 4 000 steps of Adam 1e-3, batch 64",
        resolution={},
        limits=dict.fromkeys(("offset", "near", "inside", "on"), (0.0, 1.0)),
        trivial={"offset": 0.0, "near": 1.0, "on": 0.22},
        settings=NATIVE,
        seeds=SEEDS,
    ),
    "labels": Recipe(
        run_labels,
        f"{_HALVES}; {_NETS}, 2 000 steps; the label, one of ten numbers 1, beside the image and the code",
        resolution={},
        limits={"obeyed": (0.0, 1.0)},
        trivial={"obeyed": 0.1},
        settings=NATIVE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_06", RECIPES, sys.argv[1:])
