"""Pictures of critics for chapter 15's explorer: field, arrows of the gradient, what each says and proves.

Every kind of the table, five more of the race and every arm of the factorial, before its training, on the way
and at its end, and three answers that nobody trained. Everything is of T/K̂, the critic ÷ its steepest climb
on the training points, so that all pictures have one unit. All numbers are computed here, and the page only
draws them.
"""

import base64
import json
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn

from lib.clouds import euclidean
from lib.experiments.critics.drawn import coded, packed
from lib.experiments.critics.factorial import ARMS
from lib.experiments.critics.forms import Solved, Straight
from lib.experiments.critics.judging import judge
from lib.experiments.critics.offered import (
    ARM_STEPS,
    MOMENTS,
    OFFERED,
    RACE_STEPS,
    SEEDS,
    trained,
)
from lib.experiments.critics.problems import FRESH, LARGE, LAWS, MANY, POINTS, fresh, problem
from lib.experiments.provenance import provenance
from lib.lipschitz import autograd_gradient, certificate
from lib.lipschitz.slopes import Critic

SIDE, ARROWS, REAL = 33, 48, 128
WINDOWS = {"ring": (0.0, 0.0, 3.2), "gaussians": (0.5, 0.4, 3.7)}  # the middle, and half of the width
RULERS = {
    "straight line": Straight,
    "programme, lowest": lambda own: Solved(own, "low"),
    "programme, highest": lambda own: Solved(own, "high"),
}
PROTOCOL = (
    f"{POINTS} + {POINTS} training points, seed {SEEDS[0]}; kinds after shares {MOMENTS} of their steps,"
    f" those of the race of {RACE_STEPS}, arms of {ARM_STEPS} steps; renewed ones climb on points drawn anew."
    f" Shares of W₁ in per cent, on fresh points the mean of {len(FRESH)} draws; cosines and lengths at the"
    f" {POINTS} training points and at {MANY} fresh ones, against the exact plans; of trained kinds also the"
    f" least, middle and largest length over {len(SEEDS)} seeds"
)
STORED = Path(__file__).parents[2] / "explorers" / "critic_plane" / "pictures.json"


class Numbers(NamedTuple):
    """What stands beside a picture: shares of W₁ in per cent, mean cosines, medians of |∇T| ÷ K̂, and K̂.

    The first five on the training points, the next five on fresh ones; `climb` is K̂ on the training points.
    """

    raw: float
    certified: float
    transformed: float
    cosine: float
    length: float
    fresh_raw: float
    fresh_certified: float
    fresh_transformed: float
    fresh_cosine: float
    fresh_length: float
    climb: float


class Plan(NamedTuple):
    """Generated points (n, 2), and the partner (n, 2) of each in the exact plan, float64."""

    generated: Tensor
    partners: Tensor

    @property
    def towards(self) -> Tensor:
        """The unit vector from each point to its partner, (n, 2): the gradient of a best critic."""
        return nn.functional.normalize(self.partners - self.generated, dim=1)


@cache
def plan(name: str, points: str) -> Plan:
    """The exact plan of the training points ("home"), or of the large draw of fresh ones ("fresh")."""
    draw = {"home": lambda: problem(name), "fresh": lambda: problem(name, LARGE, MANY)}[points]()
    real, generated = draw.real.double(), draw.generated.double()
    partner = linear_sum_assignment(euclidean(generated, real).numpy())[1]
    return Plan(generated, real[partner])


@cache
def shown(name: str, points: str) -> Tensor:
    """Which generated points have an arrow in the picture: the first that lie in it, (ARROWS,)."""
    return _within(name, plan(name, points).generated)[:ARROWS]


def _within(name: str, points: Tensor) -> Tensor:
    x, y, half = WINDOWS[name]
    away = (points - torch.tensor([x, y])).abs().amax(dim=1)
    return torch.nonzero(away < 0.97 * half)[:, 0]


def gradients(critic: Critic, points: Tensor) -> Tensor:
    """∇T at points (n, 2), float64; the critic is asked in float32."""
    return autograd_gradient(critic, points.float()).detach().double()


def numbers(critic: nn.Module, name: str) -> Numbers:
    """All that stands beside the picture of a critic in evaluation mode."""
    own = problem(name)
    climb = certificate(critic, own.real, own.generated).slope
    home = [100 * value / own.exact for value in judge(critic, own)]
    unseen = [[100 * value / exact for value in judge(critic, draw)] for draw, exact in fresh(name)]
    arrows = []
    for points in ("home", "fresh"):
        found, ways = gradients(critic, plan(name, points).generated), plan(name, points).towards
        cosine = nn.functional.cosine_similarity(found, ways, dim=1, eps=1e-12).mean()
        arrows.append([float(cosine), float(np.median(found.norm(dim=1))) / climb])
    return Numbers(*home, *arrows[0], *np.mean(unseen, axis=0).tolist(), *arrows[1], climb)


@torch.no_grad()
def field(critic: nn.Module, name: str) -> np.ndarray:
    """T/K̂ on the picture's grid, rows from below, (SIDE, SIDE); 0 half-way between both mean scores."""
    own, (x, y, half) = problem(name), WINDOWS[name]
    steps = np.linspace(-half, half, SIDE)
    across, up = np.meshgrid(x + steps, y + steps)
    nodes = torch.tensor(np.stack([across, up], axis=2).reshape(-1, 2), dtype=torch.float32)
    level = (critic(own.real).double().mean() + critic(own.generated).double().mean()) / 2
    found = (critic(nodes).double() - level) / certificate(critic, own.real, own.generated).slope
    return found.numpy().reshape(SIDE, SIDE)


def picture(critic: nn.Module, name: str) -> dict:
    """One critic as the page holds it: the field, the arrows at home and at fresh points, and the numbers."""
    found = numbers(critic, name)
    arrows = [
        (gradients(critic, plan(name, points).generated[shown(name, points)]) / found.climb).numpy()
        for points in ("home", "fresh")
    ]
    step, first, levels = coded(field(critic, name))
    bytes_ = levels + b"".join(map(packed, arrows))
    said = [float(f"{value:.5g}") for value in found]
    return {"step": step, "first": first, "bytes": base64.b64encode(bytes_).decode(), "numbers": said}


def lengths(seeds: list[Numbers]) -> list[list[float]]:
    """Least, middle and largest length, at home and at fresh points, (2, 3)."""
    each = np.array([[one.length, one.fresh_length] for one in seeds])
    return np.round(np.quantile(each, [0, 0.5, 1], axis=0).T, 4).tolist()


def setting(name: str) -> dict:
    """What all pictures of a problem share: the window, exact distances, points, partners."""
    found = {"window": WINDOWS[name]}
    draws = {"home": problem(name), "fresh": problem(name, LARGE, MANY)}
    exact = {"home": draws["home"].exact, "fresh": float(np.mean([exact for _, exact in fresh(name)]))}
    for points, draw in draws.items():
        own, which = plan(name, points), shown(name, points)
        found[points] = {
            "exact": round(exact[points], 5),
            "generated": _listed(own.generated[which]),
            "partners": _listed(own.partners[which]),
            "real": _listed(draw.real[_within(name, draw.real)[:REAL]].double()),
        }
    return found


def _listed(points: Tensor) -> list[float]:
    return np.round(points.numpy(), 3).ravel().tolist()


def main(only: list[str]) -> None:
    """Train critics on both problems, and store their pictures for the explorer.

    Without names all of them; with names these, and the other pictures stay as they are stored.
    """
    made, now = json.loads(STORED.read_text(encoding="utf-8")), provenance("lib.experiments.critics.pictures")
    if only:
        made["later"] = [*made.get("later", []), {"pictures": only, "provenance": now}]
    else:
        made = {"provenance": now, "pictures": {name: {} for name in LAWS}}
    made |= {"protocol": PROTOCOL, "kinds": [*OFFERED], "arms": [*ARMS], "rulers": [*RULERS]}
    made |= {"settings": {name: setting(name) for name in LAWS}, "lengths": {name: {} for name in LAWS}}
    for name, pictures in made["pictures"].items():
        for ruler, build in RULERS.items():
            pictures[ruler] = [picture(build(problem(name)).eval(), name)]
        for who in only or [*OFFERED, *ARMS]:
            pictures[who] = [picture(critic, name) for critic in trained(who, name)]
            print(f"{name}, {who}: {dict(zip(Numbers._fields, pictures[who][-1]['numbers'], strict=True))}")
        for who in OFFERED:
            others = [numbers(trained(who, name, seed)[-1], name) for seed in SEEDS[1:]]
            made["lengths"][name][who] = lengths([Numbers(*pictures[who][-1]["numbers"]), *others])
    STORED.write_text(json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
