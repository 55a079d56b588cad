"""The trainings of chapter 9, a handful of moves of each: what differs, what is measured, what repeats."""

import math
from dataclasses import fields
from itertools import islice

import pytest
import torch
from torch import nn

from lib import laws
from lib.experiments.chapter_09 import (
    BASE,
    KINDS,
    RECIPES,
    friction,
    look,
    run_collapse,
    run_film,
    run_judging,
    run_starving,
    start,
)
from lib.experiments.comparing import unevenness
from lib.experiments.fooling import CHEATS

OWN_NETWORK = {"noise", "pairs"}  # they differ from the first in what the critic sees
SAME_THING = {"protocol"}


@pytest.mark.parametrize("name", list(KINDS)[1:])
def test_one_thing_is_changed(name):
    kind = KINDS[name]
    changed = {each.name for each in fields(kind) if getattr(kind, each.name) != getattr(BASE, each.name)}
    expected = 0 if name in OWN_NETWORK else 1
    if name == "quick critic":  # the generator keeps the rate that the critic gives up
        assert kind.generator_optimizer is BASE.optimizer
        changed -= {"generator_optimizer"}
    assert len(changed - SAME_THING) == expected


@pytest.mark.parametrize("at_real", [True, False])
def test_friction_of_a_known_slope(at_real):
    """T(x) = x₁² + 3 x₂ has slope (2 x₁, 3)."""

    class Bowl(nn.Module):
        def forward(self, x):
            return x[:, 0] ** 2 + 3 * x[:, 1]

    real, fake = torch.tensor([[1.0, 5], [2, 5]]), torch.tensor([[0.0, 1], [3, 1]])
    got = friction(0.5, at_real)(torch.Generator())(Bowl(), real, fake)
    squares = (4 + 16) / 2 + 9 if at_real else (0 + 36) / 2 + 9
    assert got.item() == pytest.approx(0.25 * squares)


def test_the_games_start_alike():
    law = laws.eight_gaussians()
    first = [p.detach().clone() for p in start(law, 3, "base").generator.parameters()]
    for name in KINDS:
        other = start(law, 3, name)
        assert all(torch.equal(a, b) for a, b in zip(first, other.generator.parameters(), strict=True))
        value, loss = next(other.moves)
        assert math.isfinite(value) and math.isfinite(loss)


def test_unevenness():
    law = laws.eight_gaussians()
    assert unevenness(law.means.float(), law) == 0
    assert unevenness(law.means[:1].float().repeat(9, 1), law) == pytest.approx(7 / 8)
    assert unevenness(law.means[:2].float().repeat(5, 1), law) == pytest.approx(6 / 8)


def test_a_look_repeats():
    law = laws.eight_gaussians()
    played = start(law, 1, "base")
    next(islice(played.moves, 2, None))
    assert look(played, law, 7) == look(played, law, 7) != look(played, law, 8)


def test_collapse_names_what_it_measures():
    values = run_collapse(1, "ring", moves=40)
    assert set(values) == {
        f"{name}: {what}" for name in KINDS for what in ("modes", "share", "uneven", "least")
    }
    assert set(values) == set(RECIPES["collapse, ring"].limits)
    assert all(values[f"{name}: least"] <= values[f"{name}: modes"] for name in KINDS)


def test_starving_goes_one_way():
    values = run_starving(1, stops=(1, 60, 200))
    reported = [values[f"{k}: estimate"] for k in (1, 60, 200)]
    ratio = [values[f"{k}: minimax"] / values[f"{k}: non-saturating"] for k in (1, 60, 200)]
    assert reported == sorted(reported) and 0.9 < reported[-1] <= 1
    assert ratio == sorted(ratio, reverse=True) and ratio[-1] < 0.1 < 0.5 < ratio[0]


def test_film():
    values = run_film(1, moves=20)
    assert values["ratio"] == pytest.approx(values["last"] / values["first"])
    assert (
        0 <= values["early"] <= 1 and 0 <= values["late"] <= 1 and values["first"] > 0.1 > values["floor"] > 0
    )


def test_judging():
    values = run_judging(1, n=400)
    assert {name.partition(": ")[0] for name in values} == {"honest", *CHEATS}
    assert values["recital: nearer"] == 1 and abs(values["honest: nearer"] - 0.5) < 0.15
    assert values["crowd: modes"] == values["honest: modes"] == 25
    assert values["crowd: uneven"] > 0.8 > 0.2 > values["honest: uneven"]
