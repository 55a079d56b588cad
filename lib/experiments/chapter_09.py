"""The trainings of chapter 9, as recipes: starving, a film, mode collapse and its cures, and judging."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

import torch
from torch import Tensor, nn

from lib import laws, metrics, networks, runtime
from lib.experiments import game
from lib.experiments.comparing import run_judging, unevenness
from lib.experiments.game import Game, Kind, adam
from lib.experiments.spread import Recipe, command
from lib.experiments.starving import run_starving
from lib.experiments.wrapping import Blurred, Packed
from lib.laws import GaussianMixture
from lib.lipschitz import slope_penalty
from lib.objectives import minimax, non_saturating

CHAPTER = "09_training_gans"
SEEDS = range(1, 6)  # the chapter plays another one live
ONCE = {"threads": (1,), "instructions": ("native",)}
SAMPLES, LOOKS = 2500, 10
MOVES = {"ring": 1500, "grid": 2000}
LAWS = {"ring": laws.eight_gaussians, "grid": laws.twenty_five_gaussians}

BASE = Kind("non-saturating loss, Adam 1e-3, β = (0, 0.999)", non_saturating, adam(1e-3, (0.0, 0.999)))


def friction(weight: float, at_real: bool):
    """γ/2 E ‖∇T‖² at real samples (R1) or at generated ones (R2), as `Kind.penalty` takes it."""

    def penalty(_: torch.Generator):
        def near_zero(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
            return weight / 2 * slope_penalty(critic, real if at_real else fake, target=0.0)

        return near_zero

    return penalty


GAMMA, NOISE = 0.1, 0.03
KINDS = {  # each differs from the first in one thing; all numbers were chosen on 16 Gaussians, seeds 101–103
    "base": BASE,
    "momentum": replace(BASE, protocol="β₁ = 0.5", optimizer=adam(1e-3, (0.5, 0.999))),
    "minimax": replace(BASE, protocol="minimax loss", objective=minimax),
    "five steps": replace(BASE, protocol="five moves of the critic for each", critic_steps=5),
    "quick critic": replace(
        BASE,
        protocol="critic's rate 2e-3",
        optimizer=adam(2e-3, (0.0, 0.999)),
        generator_optimizer=BASE.optimizer,
    ),
    "R1": replace(BASE, protocol=f"R1, γ = {GAMMA}", penalty=friction(GAMMA, at_real=True)),
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


def run_film(seed: int, moves: int = 2000) -> Mapping[str, float]:
    """The ring while it is learnt: sliced W₁ to fresh real points, and how often the critic is right.

    `first`, `last`: the distance before the first move and after the last; `floor`: between two samples of
    the ring; `early`, `late`: the share of fresh points of both kinds on their own side of D = ½, after a
    tenth of the moves and at the end.
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
        "floor": before["floor"],
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
    return {
        "distance": metrics.sliced_wasserstein1(real, fake, draw),
        "floor": metrics.sliced_wasserstein1(real, law.sample(SAMPLES, draw), draw),
        "right": right,
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
        f"eight Gaussians on a circle; {KINDS['R1'].protocol}, else as in the collapse; 2 000 moves;"
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
