"""The trainings of chapter 7, as recipes: pairing on a line and on digits, a discriminator on its own."""

import sys
from collections.abc import Mapping
from statistics import fmean

import torch
from torch import Tensor, nn

from lib import data, laws, networks, runtime
from lib.experiments import alone
from lib.experiments.baselines import fitted
from lib.experiments.judging import halves, judge_digits, nearer_training
from lib.experiments.pairing import regress, spread
from lib.experiments.spread import Recipe, command
from lib.features import feature_network

CHAPTER = "07_from_matching_to_an_adversary"
HOW = {
    "settings": {"threads": (1,), "instructions": ("native",)},  # rounding hardly moves a regression
    "seeds": range(1, 6),
}
TWO_SHADES = laws.GaussianMixture([[-1.0], [1.0]], 0.05)
TWO_HUMPS = laws.GaussianMixture([[-1.0], [2.0]], [1.0, 0.8], [0.6, 0.4])
PAIRINGS = ("anew", "once", "sorted")
GROUPS = (1, 4, 16, 64, 256)
LATENT, STEPS, LONG = 8, 800, 4000
OTHER = 1000  # the numbers of `once` come from seeds of their own


def fit_line(seed: int, pairing: str, steps: int = 800, n: int = 512) -> tuple[nn.Module, Tensor]:
    """Fit G on [0, 1] to n shades, paired with n numbers `anew` at each step, `once`, or `sorted`.

    Returns G and the shades (n, 1). All three pairings begin with the same weights, numbers and shades.
    """
    draw = runtime.seed(seed).torch
    generator = networks.PerceptronGenerator(1, (1,), width=64, squash=nn.Identity())
    numbers, shades = torch.rand(n, 1, generator=draw), TWO_SHADES.sample(n, draw)
    if pairing == "sorted":
        numbers, shades = numbers.sort(dim=0).values, shades.sort(dim=0).values
    descend = torch.optim.Adam(generator.parameters(), 3e-3, fused=True)
    for _ in range(steps):
        if pairing == "anew":
            shades = shades[torch.randperm(n, generator=draw)]
        loss = (generator(numbers) - shades).square().mean()
        descend.zero_grad()
        loss.backward()
        descend.step()
    return generator, shades


def judge_line(generator: nn.Module, shades: Tensor) -> dict[str, float]:
    """Spread of the outputs at 1 000 even numbers over that of the shades; the share within 0.15 of ±1."""
    with torch.no_grad():
        made = generator((torch.arange(1000.0)[:, None] + 0.5) / 1000)
    near = (made.abs() - 1).abs() < 3 * TWO_SHADES.scale
    return {"spread": spread(made, shades), "share": near.float().mean().item()}


def run_line(seed: int) -> Mapping[str, float]:
    """The three pairings on the line, and the generator that nobody has fitted."""
    fits = {pairing: fit_line(seed, pairing) for pairing in PAIRINGS}
    fits["unfitted"] = fit_line(seed, "sorted", steps=0)
    return {
        f"{name}_{quantity}": value
        for name, fit in fits.items()
        for quantity, value in judge_line(*fit).items()
    }


def fit_digits(
    seed: int, training: Tensor, *, group: int = 1, once: bool = False, steps: int = STEPS
) -> nn.Module:
    """Fit G (2 × 256 units, eight normal numbers) to pictures, paired at least cost within each group.

    The numbers are drawn anew at each step or, with `once`, a single time for each picture.
    """
    draw = runtime.seed(seed).torch
    generator = networks.PerceptronGenerator(LATENT, (1, 8, 8))
    numbers = numbers_of(seed, len(training)) if once else None
    regress(generator, training, draw, steps=steps, group=group, numbers=numbers)
    return generator


def numbers_of(seed: int, n: int) -> Tensor:
    """The numbers (n, 8) that `once` gives to n pictures."""
    return networks.gaussian_latent(LATENT, torch.Generator().manual_seed(seed + OTHER))(n)


def missed(made: Tensor, wanted: Tensor) -> float:
    """Mean squared distance to the pictures paired with them over their variance: 1 for the mean picture."""
    return ((made - wanted).square().mean(dim=0).sum() / wanted.var(dim=0, unbiased=False).sum()).item()


def run_digits(seed: int) -> Mapping[str, float]:
    """Every pairing of the digits, the unfitted G, the mean picture and one Gaussian, all judged alike.

    `once` and `long` (five times the steps) keep their pairs; `missed` is what is left of the loss on these.
    """
    images, labels = data.digits()
    training, held_out = halves(images)
    features = feature_network(images, labels, torch.Generator().manual_seed(0))
    many = len(held_out)
    fits = {
        "unfitted": fit_digits(seed, training, steps=0),
        "once": fit_digits(seed, training, once=True),
        "long": fit_digits(seed, training, once=True, steps=LONG),
    } | {f"group_{group}": fit_digits(seed, training, group=group) for group in GROUPS}
    latent = networks.gaussian_latent(LATENT, torch.Generator().manual_seed(1))(many)
    with torch.no_grad():
        made = {name: generator(latent) for name, generator in fits.items()}
        kept = {name: fits[name](numbers_of(seed, len(training))) for name in ("once", "long")}
    made["mean"] = training.mean(dim=0, keepdim=True).repeat(many, 1, 1, 1)
    made["gaussian"] = fitted(training, many, seed)
    scores = {f"{name}_missed": missed(fakes, training) for name, fakes in kept.items()}
    for name, fakes in made.items():
        judged = judge_digits(features, held_out, fakes) | {"spread": spread(fakes, held_out)}
        judged["nearer"] = nearer_training(fakes, training, held_out)
        scores |= {f"{name}_{quantity}": value for quantity, value in judged.items()}
    return scores


def run_negatives(seed: int) -> Mapping[str, float]:
    """What a discriminator says on the data, beside them and far away, by where its negatives were."""
    return {
        f"{negatives}_{place}": value
        for negatives in alone.NEGATIVES
        for place, value in alone.judge_at(seed, negatives).items()
    }


def run_loop(seed: int) -> Mapping[str, float]:
    """W₁ of the negatives to the data before the first round and after each, by how they are renewed.

    `floor` is as many fresh points of the law, `end` the mean of the last ten rounds.
    """
    fresh = TWO_HUMPS.sample(alone.POOL, torch.Generator().manual_seed(seed))
    scores = {"floor": alone.distance(fresh, TWO_HUMPS)}
    for name, renew in alone.renewals(TWO_HUMPS).items():
        far = alone.loop(TWO_HUMPS, renew, seed)
        scores |= {f"{name}_{k:02}": value for k, value in enumerate(far)}
        scores[f"{name}_end"] = fmean(far[-10:])
    return scores


_SHARES = ("precision", "recall", "coverage", "nearer", "spread")

RECIPES = {
    "line": Recipe(
        run_line,
        "512 uniform numbers and 512 shades from two Gaussians of scale 0.05 at −1 and 1; two hidden layers"
        " of 64 units, 800 steps of Adam 3e-3 on all pairs; share: outputs at 1 000 even numbers within 0.15"
        " of ±1",
        resolution={},
        limits={"sorted_share": (0.0, 1.0), "sorted_spread": (0.0, 1e9)},
        trivial={"sorted_share": 0.0, "sorted_spread": 0.0},
        **HOW,
    ),
    "digits": Recipe(
        run_digits,
        "half of the 1 797 scikit-learn digits (8×8) for training, the other half for judging; eight normal"
        f" numbers, two hidden layers of 256 units, {STEPS} steps of Adam 1e-3 on 256 pairs, paired at least"
        " squared distance within groups; features: the hidden layer of a classifier trained on four fifths"
        " of all 1 797",
        resolution={},
        limits={f"group_256_{name}": (0.0, 1.0) for name in _SHARES} | {"group_256_frechet": (0.0, 1e9)},
        trivial={f"group_256_{name}": 0.0 for name in ("spread", "recall", "coverage")}
        | {"group_256_frechet": 260.0},
        **HOW,
    ),
    "negatives": Recipe(
        run_negatives,
        "data uniform on a disc of radius 0.5; two hidden layers of 64 units, 500 steps of Adam 3e-3 on"
        " 256 + 256 fresh points; negatives: none, 3 ≤ |x| ≤ 4, 0.6 ≤ |x| ≤ 1.8, or uniform on [−4, 4]²",
        resolution={},
        limits={f"{name}_beside": (0.0, 1.0) for name in alone.NEGATIVES},
        trivial={f"{name}_beside": 0.5 for name in alone.NEGATIVES},
        **HOW,
    ),
    "loop": Recipe(
        run_loop,
        "two humps on the line; 1 000 negatives, uniform on [−6, 6] at first; 24 rounds of 100 steps of Adam"
        " 3e-3 on 256 + 256 points (two hidden layers of 64 units, kept from round to round), then 300"
        " negatives renewed, or all of them drawn again with weights D/(1 − D); end: mean of the last ten"
        " rounds",
        resolution={},
        trivial={"favourites_end": 1.5, "reweighted_end": 1.5, "real_end": 1.5},
        **HOW,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_07", RECIPES, sys.argv[1:])
