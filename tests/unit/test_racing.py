"""The race of chapter 15: who enters it, what a look costs, how rates were found, and what is stored."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from lib.experiments.critics import climbing, racing, rulers, searching
from lib.experiments.critics.climbing import climb
from lib.experiments.critics.entrants import BEHIND, Entrant, above_one, renewed
from lib.experiments.critics.forms import Straight, scorer
from lib.experiments.critics.judging import judge
from lib.experiments.critics.kinds import KINDS, unbound
from lib.experiments.critics.problems import FRESH, LAWS, TRAINING, fresh, problem
from lib.experiments.critics.table import singular_values
from lib.experiments.critics.training import Contestant, train
from lib.experiments.spread import load
from lib.lipschitz import GroupSort, slope_bound
from tests.unit.errors import refused

ORTHONORMAL = [kind for kind in BEHIND if kind.startswith("orthonormal")]
LAYERED = [kind for kind in BEHIND if kind.startswith(("spectral", "orthonormal"))]


@pytest.fixture(scope="module")
def own():
    return problem("ring")


class Ramp(torch.nn.Module):
    """f(x) = slope · x₁, whose slope can be had by hand."""

    def __init__(self, slope):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.tensor(float(slope)))

    def forward(self, points):
        return self.slope * points[:, 0]


# -- who enters ------------------------------------------------------------------------------------------


def test_everybody_whom_the_issue_names_is_there():
    assert len(BEHIND) == 14 and set(searching.TRIED) == set(BEHIND) == set(racing.RATES)
    assert len(LAYERED) == 7 and racing.HARD == tuple(LAYERED)


@pytest.mark.parametrize("slope, fine", [(1.5, 10 * 0.25), (1.0, 0.0), (0.2, 0.0), (-3.0, 10 * 4.0)])
def test_the_fine_on_one_side_asks_nothing_of_slopes_below_one(slope, fine, own):
    penalty = above_one(10.0)(torch.Generator().manual_seed(0))
    assert penalty(Ramp(slope), own.real, own.generated).item() == pytest.approx(fine, rel=1e-5)


def test_a_step_under_the_fine_on_one_side_is_that_of_a_hand(own):
    """The fine of f(x) = Σ a relu(Wx + b) by its gradient in closed form, at points joined here."""
    torch.manual_seed(0)  # with other weights all slopes may lie on one side
    network = scorer(8, 1, torch.nn.ReLU())
    for weight in network.parameters():
        weight.data *= 3  # so that some slopes are above 1 and some are not
    draw = torch.Generator().manual_seed(4)
    partners = own.generated[torch.randperm(256, generator=draw)]
    share = torch.rand(256, generator=draw)[:, None]
    points = partners + share * (own.real - partners)
    first, last = network[0], network[2]
    open_ = (points @ first.weight.T + first.bias > 0).float()
    slopes = ((open_ * last.weight) @ first.weight).norm(dim=1)
    assert 0 < (slopes > 1).float().mean() < 1
    by_hand = 10 * torch.clamp(slopes - 1, min=0).square().mean()
    found = above_one(10.0)(torch.Generator().manual_seed(4))(network, own.real, own.generated)
    torch.testing.assert_close(found, by_hand)
    weights = [first.weight, last.weight]
    for ours, theirs in zip(
        torch.autograd.grad(found, weights), torch.autograd.grad(by_hand, weights), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("weight", [-1, 0, float("nan")])
def test_a_fine_that_is_none_is_refused(weight):
    with refused(ValueError, "weight", weight, "positive", "λ"):
        above_one(weight)


def test_renewed_points_are_new_at_each_step_and_those_of_a_seed(own):
    first, again, other = (list(islice(renewed(40)(own, seed), 130)) for seed in (1, 1, 2))
    assert all(torch.equal(a.real, b.real) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0].real, other[0].real)
    clouds = torch.cat([each.real for each in first])
    assert len(clouds.unique(dim=0)) == 130 * 40
    assert (clouds.norm(dim=1) - 2).abs().max() < 0.3  # the ring of the real law
    assert abs(float(torch.cat([each.generated for each in first]).std()) - 1) < 0.05


def test_nobody_climbs_on_points_that_are_judged():
    """Renewed points against all clouds that judge: not one is shared."""
    draws = [each for each, _ in (*fresh("ring"), *rulers.more("ring"))]
    judged = {tuple(p) for each in draws for p in each.generated.tolist()}
    for seed in range(5):
        climbed = next(renewed()(problem("ring"), seed)).generated.tolist()
        assert not judged & {tuple(p) for p in climbed}
    assert not {TRAINING, *FRESH} & {*rulers.MORE}


def test_the_six_layered_critics_differ_in_matrices_and_sorting_alone(own):
    shapes = {}
    for kind in LAYERED:
        critic = BEHIND[kind](1e-2).contestant.network(own)
        shapes[kind] = [tuple(layer.weight.shape) for layer in critic if hasattr(layer, "weight")]
    assert all(shape == [(32, 2), (32, 32), (1, 32)] for shape in shapes.values())
    sizes = [layer.size for layer in BEHIND["spectral, GroupSort"](1e-2).contestant.network(own)
             if isinstance(layer, GroupSort)]  # fmt: skip
    assert sizes == [32, 32]


@pytest.mark.parametrize("kind", ORTHONORMAL)
def test_three_iterations_suffice_where_matrices_are_put_back(kind, own):
    """At the largest rate that was tried, whose steps lead farthest away."""
    (end,) = climb(BEHIND[kind](3e-2), own, 0, (1.0,), tick=1 / 60)
    least, largest = singular_values(end.critic)
    assert 1 - 1e-3 < least <= largest < 1 + 1e-5


@pytest.mark.parametrize("kind", LAYERED)
def test_no_layered_critic_stretches_at_a_look(kind, own):
    for look in islice(climb(BEHIND[kind](1e-2), own, 1, (0.0, 0.5, 1.0), tick=1 / 20), 1, None):
        assert slope_bound(look.critic) <= 1 + (1e-5 if kind in ORTHONORMAL else 3e-2)


# -- the way up ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["gradient penalty", "spectral, MaxMin", "semi-dual", "clip 0.01"])
def test_a_climb_ends_where_training_ends(kind, own):
    """Whatever looks there are: they take nothing from the critic, its fine or its budget."""
    contestant = replace(KINDS[kind])
    for looks in ((1.0,), (0.0, 0.25, 0.5, 1.0)):
        *_, end = climb(Entrant(contestant), own, 3, looks, tick=1 / 16)
        expected = train(contestant, own, 3, steps=16)
        assert end.steps == 16
        for found, known in zip(end.critic.parameters(), expected.parameters(), strict=True):
            torch.testing.assert_close(found, known, rtol=0, atol=0)


def test_a_look_costs_nothing(own, monkeypatch):
    """With a clock that ticks a tenth at each reading, and one that has run on for an hour at each look."""
    now = [0.0]

    def clock():
        now[0] += 0.1
        return now[0]

    monkeypatch.setattr(climbing.time, "process_time", clock)
    free = Entrant(Contestant(lambda _: Ramp(0.1), unbound(0.1)))
    seen = []
    for look in climb(free, own, 0, (0.5, 1.0)):
        seen.append(look.steps)
        now[0] += 3600
    assert seen == [5, 10]


def test_looks_are_copies_and_the_first_is_before_a_step(own):
    looks = list(climb(Entrant(KINDS["max of cones"]), own, 0, (0.0, 0.5, 1.0), tick=0.25))
    assert [look.steps for look in looks] == [0, 2, 4]
    heights = [look.critic.heights.detach() for look in looks]
    assert (heights[0] == 0).all()
    assert not torch.equal(heights[1], heights[2])
    assert not any(look.critic.training for look in looks)


def test_the_rate_falls_over_the_last_look(own):
    seen = []
    contestant = Contestant(lambda _: Ramp(0.1), unbound(0.1), rate=lambda spent: seen.append(spent) or 1.0)
    list(climb(Entrant(contestant), own, 0, (0.5, 2.0), tick=0.5))
    assert seen == [0.0, 0.25, 0.5, 0.75]


# -- the search ------------------------------------------------------------------------------------------


def test_every_kind_is_searched_with_the_same_budget_on_other_draws(monkeypatch, own):
    assert {len(set(rates)) for rates in searching.TRIED.values()} == {4}
    drawn, climbed = [], []

    def noted(*asked):
        drawn.append(asked[1])
        return problem(*asked)

    def budget(entrant, own, seed, looks, tick):
        climbed.append((seed, looks))
        return climb(Entrant(KINDS["max of cones"]), own, seed, (1.0,), tick=1.0)

    monkeypatch.setattr(searching, "problem", noted)
    monkeypatch.setattr(searching, "climb", budget)
    for seed in searching.RECIPES["ring"].seeds:
        assert len(searching.search("ring", seed)) == 4 * len(BEHIND)
    assert {looks for _, looks in climbed} == {(searching.SECONDS,)} and len(climbed) == 8 * len(BEHIND)
    judges = {TRAINING, 77, 6, *FRESH, *rulers.MORE, *range(100, 105), *range(200, 205)}
    assert len(drawn) == len({*drawn}) and not judges & {*drawn}
    assert not {seed for seed, _ in climbed} & {*racing.RECIPES["ring"].seeds}


def test_the_rates_of_the_race_are_those_that_were_found():
    found = load(searching.CHAPTER)
    assert searching.chosen(found) == racing.RATES
    for name, stored in found.items():
        asked = {searching.tried(kind, rate) for kind, rates in searching.TRIED.items() for rate in rates}
        assert all(set(run["values"]) == asked for run in stored.runs)
        assert stored.provenance["protocol"] == searching.RECIPES[name].protocol
        assert "uncommitted" not in stored.provenance["commit"]


# -- the rulers ------------------------------------------------------------------------------------------


def test_the_ends_of_what_is_possible_are_those_of_their_formula(monkeypatch):
    """Two further draws and few points, again with NumPy."""
    monkeypatch.setattr(rulers, "MORE", range(1001, 1003))
    rulers.more.cache_clear()
    found = rulers.rule("gaussians", 0, alike=64)
    draws, far = list(rulers.more("gaussians")), problem("gaussians", 40_000, 64)
    rulers.more.cache_clear()
    potential = rulers.Solved(problem("gaussians", 20_000, 64), "low")

    def reads(clouds):
        return float(potential(clouds.real).mean() - potential(clouds.generated).mean())

    values, exact = [reads(each) for each, _ in draws], [w for _, w in draws]
    mean = (sum(values) * 256 + reads(far) * 64) / (2 * 256 + 64)
    gap = np.mean(exact) - np.mean(values)
    assert found["gap"] == pytest.approx(gap, abs=1e-6)
    assert found["reached"] == pytest.approx(100 * mean / (mean + gap), abs=1e-4)
    ceiling = 100 * (mean + far.exact - reads(far)) / (mean + gap)
    assert found["ceiling"] == pytest.approx(ceiling, abs=1e-4)
    line = [judge(Straight(problem("gaussians")), each).certified / w for each, w in draws]
    assert found["line: more"] == pytest.approx(100 * np.mean(line), abs=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_the_stored_rulers_are_whole_and_in_order(name):
    stored = load(rulers.CHAPTER)[name]
    assert [run["seed"] for run in stored.runs] == list(rulers.RECIPES[name].seeds)
    assert stored.provenance["protocol"] == rulers.RECIPES[name].protocol
    assert "uncommitted" not in stored.provenance["commit"]
    assert (stored.values("gap") > stored.values("gap of many points")).all()
    assert (stored.values("reached") < stored.values("ceiling")).all()
    assert stored.values("potential: least K̂").min() > 1 - 1e-3


# -- the race --------------------------------------------------------------------------------------------


def test_a_race_asks_everybody_the_same(monkeypatch):
    monkeypatch.setattr(racing, "RATES", {"cones": 1e-2, "orthonormal, ReLU": 1e-2})
    monkeypatch.setattr(racing, "LOOKS", (0.0, 1.0))
    found = racing.race("gaussians", 2, tick=0.5)
    asked = {f"{kind}: {where} at {look}" for kind in racing.RATES for where in ("home", "fresh") for look in (0, 1)}  # fmt: skip # noqa: E501
    asked |= {f"{kind}: {what}" for kind in racing.RATES for what in ("more", "raw", "steps")}
    assert set(found) == asked | {f"orthonormal, ReLU: {end} σ" for end in ("least", "largest")}
    assert found["cones: steps"] == 2
    (end,) = climb(BEHIND["cones"](1e-2), problem("gaussians"), 2, (1.0,), tick=0.5)
    certified = judge(end.critic, problem("gaussians")).certified / problem("gaussians").exact
    assert found["cones: home at 1"] == pytest.approx(100 * certified, abs=1e-3)
    unseen = np.mean([judge(end.critic, each).certified / w for each, w in fresh("gaussians")])
    assert found["cones: fresh at 1"] == pytest.approx(100 * unseen, abs=1e-3)


@pytest.mark.parametrize("name", LAWS)
def test_the_stored_race_is_whole_and_no_bound_exceeds_the_distance(name):
    stored, recipe = load(racing.CHAPTER)[name], racing.RECIPES[name]
    assert [run["seed"] for run in stored.runs] == list(recipe.seeds)
    assert stored.provenance["protocol"] == recipe.protocol
    assert "uncommitted" not in stored.provenance["commit"]
    shown = {*recipe.limits} | {f"{kind}: {what}" for kind in BEHIND for what in ("raw", "steps")}
    shown |= {f"{kind}: {end} σ" for kind in LAYERED for end in ("least", "largest")}
    assert all(set(run["values"]) == shown for run in stored.runs)
    assert max(stored.values(quantity).max() for quantity in recipe.limits) <= 100 + 1e-3
    for kind in ORTHONORMAL:
        assert stored.values(f"{kind}: least σ").min() > 1 - 1e-3
    assert max(stored.values(f"{kind}: largest σ").max() for kind in LAYERED) < 1.03


def test_half_of_the_kinds_took_the_largest_rate_on_offer_and_two_the_least():
    """What the chapter says against the race."""
    taken = [(racing.RATES[kind], searching.TRIED[kind]) for kind in BEHIND]
    ends = [sum(rate == end(tried) for rate, tried in taken) for end in (max, min)]
    assert ends == [len(BEHIND) / 2, 2]
