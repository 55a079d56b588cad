"""The trainings of chapter 9, as recipes: starving, a film, mode collapse and its cures, and judging."""

import math
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

import torch
from torch import Tensor, nn

from lib import laws, metrics, networks, runtime
from lib.experiments import game
from lib.experiments.fooling import CHEATS
from lib.experiments.game import Game, Kind, adam
from lib.experiments.spread import Recipe, command
from lib.experiments.wrapping import Blurred, Packed
from lib.laws import GaussianMixture
from lib.lipschitz import slope_penalty
from lib.objectives import minimax, non_saturating

CHAPTER = "09_training_gans"
SEEDS = range(1, 6)  # the chapter plays another one live
ONCE = {"threads": (1,), "instructions": ("native",)}
SAMPLES, LOOKS = 2500, 10
MOVES = {"ring": 2500, "grid": 4000}
LAWS = {"ring": laws.eight_gaussians, "grid": laws.twenty_five_gaussians}

BASE = Kind("non-saturating loss, Adam 1e-3, β = (0.5, 0.999)", non_saturating, adam(1e-3, (0.5, 0.999)))


def friction(weight: float, at_real: bool):
    """γ/2 E ‖∇T‖² at real samples (R1) or at generated ones (R2), as `Kind.penalty` takes it."""

    def penalty(_: torch.Generator):
        def near_zero(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
            return weight / 2 * slope_penalty(critic, real if at_real else fake, target=0.0)

        return near_zero

    return penalty


GAMMA, NOISE = 0.1, 0.1
KINDS = {  # each differs from the first in one thing
    "base": BASE,
    "minimax": replace(BASE, protocol="minimax loss", objective=minimax),
    "five steps": replace(BASE, protocol="five moves of the critic for each", critic_steps=5),
    "quick critic": replace(
        BASE,
        protocol="critic's rate 4e-3",
        optimizer=adam(4e-3, (0.5, 0.999)),
        generator_optimizer=BASE.optimizer,
    ),
    "R1": replace(BASE, protocol=f"R1, γ = {GAMMA}", penalty=friction(GAMMA, at_real=True)),
    "R2": replace(BASE, protocol=f"R2, γ = {GAMMA}", penalty=friction(GAMMA, at_real=False)),
    "noise": replace(BASE, protocol=f"noise {NOISE} on all that the critic sees"),
    "pairs": replace(BASE, protocol="the critic sees two samples at a time"),
}


def start(law: GaussianMixture, seed: int, name: str, *, width: int = 64, batch: int = 128) -> Game:
    """Perceptrons of 3 × `width` units, latent dimension 4, on fresh batches; `name` is a key of `KINDS`.

    The generator's first weights are those of "base" under the same seed; the critic's too, where it has the
    same shape.
    """
    draw = runtime.seed(seed).torch
    generator = networks.PerceptronGenerator(4, (2,), width=width, depth=3, squash=nn.Identity())
    critic = networks.PerceptronCritic((4,) if name == "pairs" else (2,), width=width, depth=3)
    if name == "pairs":
        critic = Packed(critic, 2)
    if name == "noise":
        critic = Blurred(critic, NOISE, torch.Generator().manual_seed(seed))
    return game.start(generator, critic, KINDS[name], law.batches(batch, draw), draw)


def unevenness(samples: Tensor, law: GaussianMixture) -> float:
    """Total variation between the shares of the modes among the samples (n, d) and the law's weights.

    A sample counts for its nearest centre, near or not. 0 for a fair share of each, 1 − 1/k for one of k
    equal modes.
    """
    nearest = torch.cdist(samples.double().cpu(), law.means).argmin(dim=1)
    shares = nearest.bincount(minlength=len(law.means)).double() / len(samples)
    return 0.5 * (shares - law.weights).abs().sum().item()


def look(played: Game, law: GaussianMixture, seed: int) -> dict[str, float | int]:
    """What 2 500 fresh samples show: modes, the share near one, how uneven the modes are."""
    with torch.no_grad():
        latent = networks.gaussian_latent(played.generator.latent, torch.Generator().manual_seed(seed))
        samples = played.generator(latent(SAMPLES))
    covered = metrics.modes_covered(samples, law.means, law.scale)
    return covered._asdict() | {"uneven": unevenness(samples, law)}


def run_collapse(seed: int, where: str, moves: int | None = None) -> Mapping[str, float | int]:
    """One game of each kind on the ring or the grid, all from one seed: the means of the last ten looks.

    Quantities are `kind: modes`, `kind: share`, `kind: uneven`, and `kind: least`, the fewest modes seen.
    """
    law, moves, values = LAWS[where](), moves or MOVES[where], {}
    for name in KINDS:
        played, seen = start(law, seed, name), []
        next(islice(played.moves, moves * 3 // 4 - 1, None))
        for k in range(LOOKS):
            next(islice(played.moves, moves // 4 // LOOKS - 1, None))
            seen.append(look(played, law, 10_000 + k))
        values |= {f"{name}: {what}": sum(each[what] for each in seen) / LOOKS for what in seen[0]}
        values[f"{name}: least"] = min(each["modes"] for each in seen)
    return values


def run_starving(seed: int, stops: tuple[int, ...] = (10, 100, 400, 1600)) -> Mapping[str, float]:
    """Two blobs that do not touch: what a critic reports and what slope it leaves, the longer it is trained.

    Real points even in the unit square around (2, 0), fakes in that around (−2, 0) + θ. For each stop k:
    `k: estimate`, (½ V + log 2)/log 2 on fresh points, and the length of the slope in θ of both losses.
    """
    draw = runtime.seed(seed).torch
    critic = networks.PerceptronCritic((2,), width=64, depth=2)
    climb = torch.optim.Adam(critic.parameters(), lr=1e-3, maximize=True)

    def blob(n: int, x: float) -> Tensor:
        return torch.rand(n, 2, generator=draw) - 0.5 + torch.tensor([x, 0.0])

    values = {}
    for move in range(1, max(stops) + 1):
        value = non_saturating.critic(critic(blob(256, 2.0)), critic(blob(256, -2.0)))
        climb.zero_grad()
        value.backward()
        climb.step()
        if move in stops:
            values |= {f"{move}: {what}": each for what, each in _hunger(critic, blob).items()}
    return values


def _hunger(critic: nn.Module, blob, n: int = 10_000) -> dict[str, float]:
    theta = torch.zeros(2, requires_grad=True)
    fake = critic(blob(n, -2.0) + theta)
    value = non_saturating.critic(critic(blob(n, 2.0)), fake).item()
    slopes = {
        kind.name: torch.autograd.grad(kind.generator(fake), theta, retain_graph=True)[0].norm().item()
        for kind in (minimax, non_saturating)
    }
    return {"estimate": 0.5 * value / math.log(2) + 1} | slopes


def run_film(seed: int, moves: int = 3000) -> Mapping[str, float]:
    """The ring in twelve pictures: sliced W₁ to fresh real points, and how often the critic is right.

    `first`, `last`: the distance before the first move and after the last; `early`, `late`: the share
    of fresh points of both kinds on their own side of D = ½, after a tenth of the moves and at the end.
    """
    law, played = laws.eight_gaussians(), start(laws.eight_gaussians(), seed, "R1")
    before = _picture(played, law)
    next(islice(played.moves, moves // 10 - 1, None))
    early = _picture(played, law)
    next(islice(played.moves, moves - moves // 10 - 1, None))
    after = _picture(played, law)
    return {
        "first": before["distance"],
        "last": after["distance"],
        "ratio": after["distance"] / before["distance"],
        "early": early["right"],
        "late": after["right"],
    }


def _picture(played: Game, law: GaussianMixture) -> dict[str, float]:
    draw = torch.Generator().manual_seed(10_000)
    real = law.sample(SAMPLES, draw)
    with torch.no_grad():
        fake = played.generator(networks.gaussian_latent(played.generator.latent, draw)(SAMPLES))
        sides = (played.critic(real) > 0).double().mean(), (played.critic(fake) < 0).double().mean()
    right = sum(sides).item() / 2
    return {"distance": metrics.sliced_wasserstein1(real, fake, draw), "right": right}


def judge(held_out: Tensor, training: Tensor, made: Tensor, law: GaussianMixture) -> dict[str, float | int]:
    """Every measure of samples (n, 2) against held-out points (n, 2), and the share nearer to training."""
    near = metrics.neighbourhoods(held_out, made)
    return metrics.modes_covered(made, law.means, law.scale)._asdict() | {
        "uneven": unevenness(made, law),
        "frechet": metrics.frechet_distance(held_out, made),
        "kernel": metrics.kernel_distance(held_out, made),
        "precision": near.precision,
        "recall": near.recall,
        "coverage": near.coverage,
        "nearer": metrics.copying_share(made, training, held_out),
    }


def run_judging(seed: int) -> Mapping[str, float | int]:
    """Honest samples and ten cheats of the 25 Gaussians under every measure; `who: measure`.

    The cheats see a training sample; all are judged against a held-out one of the same size.
    """
    law, draw = laws.twenty_five_gaussians(), torch.Generator().manual_seed(seed)
    training, held_out, honest = (law.sample(SAMPLES, draw) for _ in range(3))
    rivals = {"honest": honest} | {
        name: cheat(law, training, SAMPLES, draw) for name, cheat in CHEATS.items()
    }
    return {
        f"{who}: {measure}": value
        for who, made in rivals.items()
        for measure, value in judge(held_out, training, made, law).items()
    }


def _collapse_recipe(where: str, said: str) -> Recipe:
    modes = float(len(LAWS[where]().means))

    def each(**ends) -> dict:
        return {f"{name}: {what}": end for name in KINDS for what, end in ends.items()}

    return Recipe(
        partial(run_collapse, where=where),
        f"{said}; both players of 3 × 64 units, 4 latent numbers, batch 128, {MOVES[where]} moves;"
        f" {BASE.protocol}, and with one thing changed: "
        + "; ".join(f"{name}: {kind.protocol}" for name, kind in list(KINDS.items())[1:])
        + f". The mean of {LOOKS} looks at {SAMPLES} samples in the last quarter",
        resolution={},
        limits=each(modes=(0.0, modes), least=(0.0, modes), share=(0.0, 1.0), uneven=(0.0, 1.0)),
        trivial=each(modes=0.0, least=0.0, share=0.0, uneven=1 - 1 / modes),
        settings=ONCE,
        seeds=SEEDS,
    )


RECIPES = {
    "collapse, ring": _collapse_recipe("ring", "eight Gaussians of scale 0.03 on a circle of radius 0.7"),
    "collapse, grid": _collapse_recipe("grid", "25 Gaussians of scale 0.02 on a grid of spacing 0.35"),
    "starving": Recipe(
        run_starving,
        "unit squares around (2, 0) and (−2, 0); a critic of 2 × 64 units, Adam 1e-3, batch 256; 10 000 fresh"
        " points of each kind",
        resolution={},
        settings=ONCE,
        seeds=SEEDS,
    ),
    "film": Recipe(
        run_film,
        f"eight Gaussians on a circle; {KINDS['R1'].protocol}, else as in the collapse; 3 000 moves;"
        f" {SAMPLES} fresh points of each kind, 256 directions",
        resolution={},
        limits={"ratio": (0.0, 1e9), "early": (0.0, 1.0), "late": (0.0, 1.0)},
        trivial={"ratio": 1.0, "early": 0.5},
        settings=ONCE,
        seeds=SEEDS,
    ),
    "judging": Recipe(
        run_judging,
        f"25 Gaussians of scale 0.02 on a grid; {SAMPLES} samples of each kind against as many held-out ones;"
        " k = 5 neighbours",
        resolution={},
        settings=ONCE,
        seeds=SEEDS,
    ),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_09", RECIPES, sys.argv[1:])
