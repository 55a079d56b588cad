"""SNGAN's game on digits, and the same game with its critic kept down in other ways, or in none."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from lib import data, lipschitz, networks, runtime
from lib.adversarial import Penalty
from lib.arguments import refusal
from lib.experiments import game
from lib.experiments.game import Game, Kind, adam, at_rest
from lib.objectives import hinge

SIZE, WIDTH, BATCH = 32, 1 / 16, 32
MOVES, LOOKS, SAMPLES = 400, 10, 256
# the third of the paper's six settings, and one with five times its rate and no change besides
SLOW, FAST, BETAS = 2e-4, 1e-3, (0.5, 0.999)
# the paper clips at 0.01; a sixteenth of its width has a sixteenth of the weights at each unit
CLIP, PENALTY = 0.1, 10.0
CONSTRAINTS = ("plain", "clipping", "penalty", "weight norm", "orthonormal", "spectral")
SPECTRUM = 5  # the critic's sixth convolution, whose singular values are kept: 16 at this width


class Look(NamedTuple):
    """The critic's gradient between real and fake images after so many moves: median and largest norm."""

    move: int
    median: float
    largest: float


def unit_rows(network: nn.Module) -> nn.Module:
    """Weight normalisation with lengths held at 1, in place: every output's weights are a unit vector."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            parametrizations.weight_norm(layer)
            layer.parametrizations.weight.original0.requires_grad_(False).fill_(1.0)  # the lengths
    return network


REBUILT: dict[str, Callable[[nn.Module], nn.Module]] = {
    "weight norm": unit_rows,
    "orthonormal": lipschitz.orthonormal,
    "spectral": lipschitz.spectral,
}


def _near_one(source: torch.Generator) -> Penalty:
    # a source of its own: drawn from the game's, the points would change its later batches and latents
    own = torch.Generator(source.device).manual_seed(source.initial_seed() + 1000)

    def penalty(critic: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        return PENALTY * lipschitz.gradient_penalty(critic, real, fake, own)

    return penalty


def kind(rate: float, constraint: str) -> Kind:
    """The hinge pair under Adam, one move of the critic to one of the generator.

    Raises ValueError for a constraint that is none of `CONSTRAINTS`.
    """
    if constraint not in CONSTRAINTS:
        remedy = 'constraint="spectral"'
        raise ValueError(refusal("constraint", repr(constraint), f"one of {CONSTRAINTS}", remedy))
    return Kind(
        f"hinge, Adam {rate}, β = {BETAS}",
        hinge,
        adam(rate, BETAS),
        penalty=_near_one if constraint == "penalty" else None,
        constrain=partial(lipschitz.clip_, bound=CLIP) if constraint == "clipping" else None,
    )


def start_digits(
    seed: int, training: Tensor, rate: float, constraint: str, device: torch.device | str = "cpu"
) -> Game:
    """SNGAN's chain of convolutions at a sixteenth of its width, on grey images (n, 1, 32, 32).

    Whatever the constraint, the games of a seed start from the same weights, before the constraint is put on
    them, and meet the same batches and latent vectors.
    """
    draw = runtime.seed(seed, device).torch
    generator = networks.sngan_generator(SIZE, WIDTH, channels=1).to(device)
    critic = networks.sngan_critic(SIZE, WIDTH, channels=1).to(device)
    # the vectors of the power iteration come from torch's own generator, not from `draw`
    critic = REBUILT.get(constraint, nn.Module.train)(critic)
    batches = data.batches(training.to(device), size=BATCH, generator=draw)
    return game.start(generator, critic, kind(rate, constraint), batches, draw)


def watched(played: Game, moves: int, real: Tensor) -> Iterator[Look]:
    """Play, and look at the beginning and `LOOKS` times more, evenly: how steep is the critic, and where?

    real: (n, 1, 32, 32); as many are generated at each look, from latent vectors of their own, and the
    critic's gradient is taken halfway between.
    """
    stops = np.linspace(0, moves, LOOKS + 1).round().astype(int)
    latent = networks.gaussian_latent(played.generator.latent, torch.Generator().manual_seed(14))
    for stop, pause in zip(stops, np.diff(stops, prepend=0), strict=True):
        for _ in islice(played.moves, pause):
            pass
        with at_rest(played.generator, played.critic):
            with torch.no_grad():
                fake = played.generator(latent(len(real)).to(played.device))
            between = (real.to(played.device) + fake) / 2
            gradient = lipschitz.autograd_gradient(played.critic, between).detach()
        norms = gradient.flatten(1).norm(dim=1)
        yield Look(int(stop), norms.median().item(), norms.max().item())


def stretches(critic: networks.ImageCritic) -> dict[str, float]:
    """What is proved of a critic's slope, and of one layer its singular values, largest first.

    `bound`: the norms of its kernels as matrices, times what patches overlap; `norms`: what the convolutions
    themselves stretch, multiplied, from below by a hair, as 200 rounds of power iteration find it.
    """
    with at_rest(critic):
        enters, product = critic.shape, 1.0
        for layer, row in zip(critic.body, networks.table(critic), strict=True):
            if isinstance(layer, nn.Conv2d):
                product *= lipschitz.convolution_norm(layer, enters)
            elif isinstance(layer, nn.Linear):
                product *= torch.linalg.matrix_norm(layer.weight.detach().double(), ord=2).item()
            enters = row.output
        chosen = [layer for layer in critic.body if isinstance(layer, nn.Conv2d)][SPECTRUM]
        values = torch.linalg.svdvals(chosen.weight.detach().double().flatten(1)).tolist()
        found = {"bound": lipschitz.slope_bound(critic.body), "norms": product}
    return found | {f"value {i}": value for i, value in enumerate(values, start=1)}
