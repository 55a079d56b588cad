"""The critics of chapter 15: what they may claim, how they are trained, and what is stored of them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from lib import metrics
from lib.experiments.critics import equal_steps, table, training, tuning
from lib.experiments.critics.factorial import ARMS, FACTORS, RATES_OF_ARMS, arm, effects
from lib.experiments.critics.forms import Cones, SemiDual, Solved, Straight, scorer
from lib.experiments.critics.judging import Judged, Shares, cosine, directions, judge, shares
from lib.experiments.critics.kinds import KINDS, LIVE_STEPS, OF_RATE, RATES, between, unbound
from lib.experiments.critics.problems import FRESH, LAWS, Problem, difference, fresh, problem
from lib.experiments.critics.table import CHAPTER, RECIPES, start
from lib.experiments.critics.training import Contestant, train, untrained
from lib.experiments.reach import Spread
from lib.experiments.spread import load
from lib.lipschitz import slope_bound
from lib.transport import wasserstein1
from tests.unit.errors import refused

DOUBLE = torch.float64
HARD = ("spectral, ReLU", "spectral, MaxMin", "GroupSort, orthonormal", "max of cones", "semi-dual")
CLIPPED = {"clip 0.01": 0.01, "clip 0.1, wide": 0.1}


@pytest.fixture(scope="module")
def clouds():
    return {name: problem(name) for name in LAWS}


@pytest.fixture(scope="module")
def exact(clouds):
    """By the assignment solver on a matrix of distances of its own."""
    found = {}
    for name, p in clouds.items():
        away = cdist(p.real.double().numpy(), p.generated.double().numpy())
        found[name] = away[linear_sum_assignment(away)].mean()
    return found


@pytest.fixture(scope="module")
def trained(clouds):
    """Every kind on every problem, after few steps."""
    return {(k, name): train(KINDS[k], p, 3, steps=25) for k in KINDS for name, p in clouds.items()}


PAIRS = pytest.mark.parametrize("kind, name", [(k, name) for k in KINDS for name in LAWS])


class Ramp(torch.nn.Module):
    """f(x) = slope · x₁, whose value and slope can be had by hand."""

    def __init__(self, slope):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.tensor(float(slope)))

    def forward(self, points):
        return self.slope * points[:, 0]


class Bowl(torch.nn.Module):
    """f(x) = |x|²/2, whose slope at x is |x|."""

    def forward(self, points):
        return points.square().sum(dim=1) / 2


def shifted(by=2.0, n=6):
    """A cloud and its copy moved along the first axis: the distance is the length of the move."""
    cloud = torch.randn(n, 2, generator=torch.Generator().manual_seed(5))
    return Problem("shifted", cloud + torch.tensor([by, 0.0]), cloud)


# -- the problems ----------------------------------------------------------------------------------------


def test_a_problem_is_one_fixed_draw(clouds):
    for name, first in clouds.items():
        again = problem(name)
        assert torch.equal(first.real, again.real) and torch.equal(first.generated, again.generated)
        assert first.real.shape == first.generated.shape == (256, 2)
        assert first.real.dtype == torch.float32
    assert not torch.equal(clouds["ring"].generated, clouds["gaussians"].generated)


def test_the_ring_is_eight_groups_of_radius_two(clouds):
    x, y = clouds["ring"].real, clouds["ring"].generated
    assert (x.norm(dim=1) - 2).abs().max() < 0.25  # five standard deviations
    nearest = torch.atan2(x[:, 1], x[:, 0]).div(math.pi / 4).round() % 8
    assert (nearest.long().bincount(minlength=8) > 10).all()
    assert y.mean(dim=0).norm() < 0.3 and abs(float(y.std()) - 1) < 0.15


def test_the_gaussians_are_shifted_and_differently_wide(clouds):
    x, y = clouds["gaussians"].real, clouds["gaussians"].generated
    assert float((x.mean(dim=0) - y.mean(dim=0)).norm()) == pytest.approx(2.5, abs=0.3)
    assert float(x.std(dim=0).mean()) == pytest.approx(0.6, rel=0.15)
    assert float(y.std(dim=0).mean()) == pytest.approx(1.2, rel=0.15)


def test_another_problem_is_refused():
    with refused(ValueError, "name", "'moons'", "['ring', 'gaussians']"):
        problem("moons")


@pytest.mark.parametrize("name", LAWS)
def test_the_unit_is_the_value_of_the_linear_programme(name, clouds, exact):
    p = clouds[name]
    assert metrics.assignment_distance(p.real, p.generated) == pytest.approx(exact[name], abs=1e-9)
    assert wasserstein1(p.real, p.generated, method="lp").value == pytest.approx(exact[name], abs=1e-9)


# -- judging ---------------------------------------------------------------------------------------------


@PAIRS
def test_what_a_critic_proves_is_true(kind, name, trained, clouds, exact):
    raw, certified, transformed = judge(trained[kind, name], clouds[name])
    assert all(math.isfinite(v) for v in (raw, certified, transformed))
    assert certified <= exact[name] + 1e-9
    assert transformed <= exact[name] + 1e-9


@pytest.mark.parametrize("slope", [0.25, 1.0, 40.0])
def test_a_straight_critic_is_judged_as_by_hand(slope):
    """On a translation by 2 along x₁: raw 2s, steepest climb s, and both bounds are the distance itself."""
    found = judge(Ramp(slope), shifted())
    assert found.raw == pytest.approx(2 * slope, rel=1e-5)
    assert found.certified == pytest.approx(2.0, rel=1e-5)
    assert found.transformed == pytest.approx(2.0, rel=1e-5)


def test_a_critic_the_wrong_way_round_proves_nothing():
    """With −x₁ the raw value is −2, which no pair proves; the transform may, but never too much."""
    p = shifted()
    found = judge(Ramp(-1.0), p)
    assert found.raw == pytest.approx(-2.0, rel=1e-5)
    assert found.certified <= 0
    assert found.transformed <= 2.0 + 1e-9


def test_a_constant_critic_leaves_the_nearest_points_to_the_transform():
    """g = 0: the pair is worth the mean distance to the nearest generated point."""
    p = shifted()
    nearest = cdist(p.real.double().numpy(), p.generated.double().numpy()).min(axis=1).mean()
    assert judge(Ramp(0.0), p) == pytest.approx(Judged(0.0, 0.0, nearest), abs=1e-9)


@PAIRS
def test_the_transformed_value_is_that_of_the_better_pair(kind, name, trained, clouds):
    """Again in NumPy, with loops: g at two scales, its transform, and whether the pair keeps below."""
    critic, p = trained[kind, name], clouds[name]
    x, y = p.real.double().numpy(), p.generated.double().numpy()
    with torch.no_grad():
        f, below = critic(p.real).double().numpy(), critic(p.generated).double().numpy()
    away = np.array([[math.dist(a, b) for b in y] for a in x])
    slope = max(0.0, ((f[:, None] - below[None, :]) / away).max())
    values = []
    for scale in (1.0, 1 / slope) if slope > 0 else (1.0,):
        g = -scale * below
        transform = np.array([min(row - g) for row in away])
        assert (transform[:, None] + g[None, :] <= away + 1e-9).all()
        values.append(transform.mean() + g.mean())
    assert judge(critic, p).transformed == pytest.approx(max(values), abs=2e-6)


# -- the kinds -------------------------------------------------------------------------------------------


def test_the_table_holds_what_the_chapter_compares():
    assert list(KINDS) == list(LIVE_STEPS)
    assert set(HARD) | set(CLIPPED) | {"gradient penalty"} == set(KINDS)
    assert all(steps >= 100 for steps in LIVE_STEPS.values())


@PAIRS
def test_every_kind_climbs(kind, name, trained, clouds):
    """After 25 steps each is worth more than before its first."""
    p = clouds[name]
    first = untrained(KINDS[kind], p, 3)
    with torch.no_grad():
        before, after = (float(KINDS[kind].payoff(c, p)) for c in (first, trained[kind, name]))
    assert after > before


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("kind, bound", CLIPPED.items())
def test_clipped_weights_stay_in_the_box_and_reach_its_wall(kind, bound, name, trained):
    largest = max(float(p.detach().abs().max()) for p in trained[kind, name].parameters())
    assert largest == pytest.approx(bound, rel=1e-6)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("kind", HARD)
def test_hard_critics_are_nowhere_steeper_than_one(kind, name, trained):
    """Measured far outside the clouds too, on pairs near and far."""
    generator = torch.Generator().manual_seed(8)
    points = 3 * torch.randn(400, 2, generator=generator, dtype=DOUBLE)
    near = points + 0.05 * torch.randn(400, 2, generator=generator, dtype=DOUBLE)
    critic = trained[kind, name].double()
    with torch.no_grad():
        for other in (near, points.flip(0)):
            climbs = (critic(points) - critic(other)).abs() / (points - other).norm(dim=1)
            assert float(climbs.max()) <= 1 + 1e-4
    trained[kind, name].float()


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("kind", ["spectral, ReLU", "spectral, MaxMin", "GroupSort, orthonormal"])
def test_no_layer_of_a_hard_network_stretches(kind, name, trained):
    """The product of the largest singular values, by decomposition: the power method has caught up."""
    assert slope_bound(trained[kind, name]) <= 1 + 1e-3


def test_the_semi_dual_payoff_equals_a_search_over_all_pairs(clouds):
    p = clouds["ring"]
    torch.manual_seed(1)
    critic = SemiDual(scorer(8, 1, torch.nn.Tanh()), p.generated)
    for weight in critic.potential.parameters():
        weight.data *= 5  # a steep g: for one of slope below 1, mean f(real) − mean f(generated) is the same
    with torch.no_grad():
        g = critic.potential(p.generated).double().tolist()
        found, scores = float(KINDS["semi-dual"].payoff(critic, p)), critic(p.real).tolist()
    x, y = p.real.double().tolist(), p.generated.double().tolist()
    transform = [min(math.dist(a, b) - gb for b, gb in zip(y, g, strict=True)) for a in x]
    assert found == pytest.approx(sum(transform) / len(x) + sum(g) / len(g), abs=1e-5)
    assert scores == pytest.approx(transform, abs=1e-5)


def test_cones_start_on_real_points_and_are_those_of_their_tips(clouds):
    torch.manual_seed(0)
    cones, real = Cones(5, clouds["ring"].real), clouds["ring"].real
    assert all((real == tip).all(dim=1).any() for tip in cones.tips)
    points = torch.randn(7, 2)
    cones.heights.data = torch.randn(5)
    tips, heights = cones.tips.tolist(), cones.heights.tolist()
    expected = [
        max(h - math.dist(point, tip) for tip, h in zip(tips, heights, strict=True))
        for point in points.tolist()
    ]
    assert cones(points).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_the_payoff_counts_real_points_up_and_generated_points_down(kind):
    """A translation along x₁: whatever the kind, the trained critic scores the real copy higher."""
    p = shifted(3.0, n=16)
    critic = train(KINDS[kind], p, 0, steps=60)
    with torch.no_grad():
        assert critic(p.real).mean() > critic(p.generated).mean()
    assert difference(Ramp(2.0), p).item() == pytest.approx(6.0, rel=1e-5)


def test_the_gradient_penalty_is_subtracted_with_its_weight():
    """f = s x₁ has slope |s| everywhere, so λ = 10 takes 10 (s − 1)²."""
    penalty, p = KINDS["gradient penalty"].kind.penalty, shifted()
    taken = penalty(torch.Generator().manual_seed(0))(Ramp(1.5), p.real, p.generated)
    assert taken.item() == pytest.approx(10 * 0.25, rel=1e-5)
    free = Contestant(lambda _: Ramp(0.0), unbound(0.05), rate=training.steady)
    held = replace(free, kind=replace(free.kind, penalty=penalty))
    # without the penalty the slope grows for ever; with it, it settles at 1 + W/(2λ) = 1.1
    assert train(free, shifted(), 0, steps=300).slope.item() > 10
    assert train(held, shifted(), 0, steps=300).slope.item() == pytest.approx(1.1, abs=0.01)


def test_the_partners_of_the_penalty_are_drawn_anew_each_time():
    """f = |x|²/2 has slope |x|, so that the penalty tells where the points between the partners lie."""
    p = shifted(n=40)
    draw = torch.Generator().manual_seed(0)
    penalty, bowl = between(1.0)(draw), Bowl()
    alone = torch.Generator().manual_seed(0)
    for _ in range(2):
        other = p.generated[torch.randperm(40, generator=alone)]
        share = torch.rand(40, generator=alone)[:, None]
        slope = (share * p.real + (1 - share) * other).norm(dim=1)
        found = penalty(bowl, p.real, p.generated).item()
        assert found == pytest.approx((slope - 1).square().mean().item(), rel=1e-5)


@pytest.mark.parametrize("weight", [-1, 0, math.nan, math.inf])
def test_a_penalty_that_is_none_is_refused(weight):
    with refused(ValueError, "weight", weight, "positive", "λ"):
        between(weight)


# -- training --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_is_a_critic(kind, clouds):
    p = clouds["gaussians"]
    state = torch.random.get_rng_state()
    first, again, other = (train(KINDS[kind], p, seed, steps=4) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert not first.training
    with torch.no_grad():
        assert torch.equal(first(p.real), again(p.real))
        assert not torch.equal(first(p.real), other(p.real))


def test_the_rate_falls_over_the_budget_and_steps_are_counted(clouds):
    seen, counted = [], []
    contestant = Contestant(
        lambda _: Ramp(0.1),
        replace(unbound(0.1), constrain=counted.append),
        rate=lambda spent: seen.append(spent) or 1 - spent,
    )
    train(contestant, clouds["ring"], 0, steps=4)
    assert seen == [0.0, 0.25, 0.5, 0.75] and len(counted) == 1 + 4  # before the first step, and after each


def test_a_budget_of_seconds_is_one_of_cpu_time(clouds, monkeypatch):
    """With a clock that ticks by a quarter of a second at each look: a second is three steps."""
    ticks = iter(range(100))
    monkeypatch.setattr(training.time, "process_time", lambda: next(ticks) / 4)
    seen = []
    contestant = Contestant(lambda _: Ramp(0.1), unbound(0.1), rate=lambda spent: seen.append(spent) or 1.0)
    train(contestant, clouds["ring"], 0, seconds=1)
    assert seen == [0.25, 0.5, 0.75]


@pytest.mark.parametrize("budget", [{}, {"steps": 3, "seconds": 1.0}])
def test_a_budget_is_one(budget, clouds):
    with refused(ValueError, "steps, seconds", budget.get("steps"), "exactly one"):
        train(KINDS["clip 0.01"], clouds["ring"], 0, **budget)


@pytest.mark.parametrize("seconds", [0, -1.0, math.inf, math.nan])
def test_a_budget_of_seconds_is_a_positive_number(seconds, clouds):
    with refused(ValueError, "seconds", seconds, "positive", "CPU seconds"):
        train(KINDS["clip 0.01"], clouds["ring"], 0, seconds=seconds)


@pytest.mark.parametrize("steps, error", [(0, ValueError), (2.5, TypeError), (True, TypeError)])
def test_steps_are_a_whole_number(steps, error, clouds):
    with refused(error, "steps", steps, "at least 1"):
        train(KINDS["clip 0.01"], clouds["ring"], 0, steps=steps)


# -- the stored table ------------------------------------------------------------------------------------


def test_everything_that_is_asked_has_a_name(monkeypatch, clouds):
    monkeypatch.setattr(table, "LIVE_STEPS", dict.fromkeys(KINDS, 2))
    found = table.kinds("gaussians", 1)
    assert set(found) == {f"{kind}: {q}" for kind in KINDS for q in Shares._fields}
    alone = shares(train(KINDS["max of cones"], clouds["gaussians"], 1, steps=2), "gaussians")
    assert [found[f"max of cones: {q}"] for q in Shares._fields] == list(alone)
    assert table.kinds("gaussians", 1, steps=2) == found
    early = table.before("gaussians", 1)
    assert set(early) == {f"{start(kind)}: {q}" for kind in KINDS for q in Shares._fields}
    assert early["max of cones, untrained: fresh"] != found["max of cones: fresh"]


def test_equal_steps_are_those_of_the_factorial_and_judged_alike(monkeypatch, clouds):
    said = "2×32, groups of 8, spectral"
    monkeypatch.setattr(equal_steps, "ARMS", {said: ARMS[said]})
    found = equal_steps.sixteen("gaussians", 1, steps=2)
    alone = shares(train(arm(*ARMS[said], RATES_OF_ARMS[said]), clouds["gaussians"], 1, steps=2), "gaussians")
    assert found == {f"{said}: certified": alone.certified, f"{said}: fresh": alone.fresh}


def test_the_stored_equal_steps_are_whole():
    quantities = {f"{said}: {quantity}" for said in ARMS for quantity in ("certified", "fresh")}
    for name, runs in load(equal_steps.CHAPTER).items():
        recipe = equal_steps.RECIPES[name]
        assert [run["seed"] for run in runs.runs] == list(recipe.seeds)
        assert all(set(run["values"]) == quantities for run in runs.runs)
        assert runs.provenance["protocol"] == recipe.protocol
        assert "uncommitted" not in runs.provenance["commit"]


@pytest.fixture(scope="module")
def stored():
    return load(CHAPTER)


EVERYBODY = [*KINDS, *map(start, KINDS), *ARMS]


def test_the_stored_table_is_whole(stored):
    assert set(stored) == set(RECIPES) == set(LAWS)
    everything = {f"{each}: {quantity}" for each in EVERYBODY for quantity in Shares._fields}
    everything |= {f"{each}: {end} σ" for each in ARMS for end in ("least", "largest")}
    for name, runs in stored.items():
        assert [run["seed"] for run in runs.runs] == list(RECIPES[name].seeds)
        assert all(set(run["values"]) == everything and run["threads"] == 1 for run in runs.runs)
        assert runs.provenance["protocol"] == RECIPES[name].protocol
        assert "uncommitted" not in runs.provenance["commit"]


@pytest.mark.parametrize("name", LAWS)
def test_no_stored_bound_exceeds_the_distance(name, stored):
    for quantity, (_, most) in stored[name].limits.items():
        assert stored[name].values(quantity).max() <= most + 1e-7


@pytest.mark.parametrize("name", LAWS)
def test_the_transform_never_loses_what_was_certified(name, stored):
    """At scale 1/s the pair is worth at least the certified value: its first half is the largest there is."""
    for who in EVERYBODY:
        for before, after in (("certified", "transformed"), ("fresh", "fresh_transformed")):
            gained = stored[name].values(f"{who}: {after}") - stored[name].values(f"{who}: {before}")
            assert gained.min() >= -1e-4


@pytest.mark.parametrize("name", LAWS)
def test_a_hard_critic_says_no_more_than_the_distance(name, stored):
    for kind in HARD:
        assert stored[name].values(f"{kind}: raw").max() <= 100.01


@pytest.mark.parametrize("name", LAWS)
def test_of_the_orthonormal_arms_alone_all_singular_values_are_one(name, stored):
    for said, levels in ARMS.items():
        ends = [stored[name].values(f"{said}: {end} σ") for end in ("least", "largest")]
        assert (np.abs(np.subtract(ends, 1)).max() < 1e-3) == (levels[-1] == "orthonormal")
        assert 1 - 1e-5 < ends[1].min() and ends[1].max() < 1.05  # the power method lags behind


# -- what a critic is asked ------------------------------------------------------------------------------


def test_fresh_draws_are_five_and_none_is_the_one_trained_on(clouds):
    for name, own in clouds.items():
        draws = fresh(name)
        assert len(draws) == len(FRESH) == 5
        everything = [own.real, *(draw.real for draw, _ in draws)]
        assert len({cloud.numpy().tobytes() for cloud in everything}) == 6
        for draw, exact in draws:
            away = cdist(draw.real.double().numpy(), draw.generated.double().numpy())
            assert exact == pytest.approx(away[linear_sum_assignment(away)].mean(), rel=1e-9)


def test_shares_are_those_of_each_draw_alone(trained, exact):
    """Per cent of the draw's own distance, and the mean of five per cents, not a per cent of means."""
    critic = trained["spectral, MaxMin", "ring"]
    found = shares(critic, "ring")
    own = judge(critic, problem("ring"))
    assert found[:3] == pytest.approx([100 * value / exact["ring"] for value in own], rel=1e-9)
    each = [(judge(critic, draw), distance) for draw, distance in fresh("ring")]
    assert found.fresh == pytest.approx(sum(20 * v.certified / d for v, d in each), rel=1e-9)
    assert found.fresh_transformed == pytest.approx(sum(20 * v.transformed / d for v, d in each), rel=1e-9)
    assert found.cosine == cosine(critic, "ring")


@pytest.mark.parametrize("name", LAWS)
def test_directions_are_those_of_the_plan(name):
    """Against the distances: along the plan they add up to W₁, and no swap of two partners is shorter."""
    points, towards = directions(name)
    draw = problem(name, 6, 1024)
    assert torch.equal(points, draw.generated)
    torch.testing.assert_close(towards.norm(dim=1), torch.ones(1024, dtype=DOUBLE))
    mean_move = (draw.real.mean(dim=0) - draw.generated.mean(dim=0)).double()
    lengths = metrics.assignment_distance(draw.real, draw.generated)
    assert (towards.mean(dim=0) @ mean_move) / mean_move.norm() > 0  # from generated to real
    assert lengths >= mean_move.norm()


class Field(torch.nn.Module):
    """f(x) = ⟨e, x⟩, with the gradient e everywhere."""

    def __init__(self, *direction):
        super().__init__()
        self.direction = torch.nn.Parameter(torch.tensor(direction))

    def forward(self, points):
        return points @ self.direction


@pytest.mark.parametrize("steepness", [0.01, 1.0, 30.0])
def test_the_cosine_is_a_mean_of_cosines_whatever_the_steepness(steepness):
    _, towards = directions("gaussians")
    found = cosine(Field(0.6 * steepness, 0.8 * steepness), "gaussians")
    assert found == pytest.approx(float((0.6 * towards[:, 0] + 0.8 * towards[:, 1]).mean()), abs=1e-6)
    assert cosine(Field(-0.6 * steepness, -0.8 * steepness), "gaussians") == pytest.approx(-found, abs=1e-6)
    assert cosine(Field(0.0, 0.0), "gaussians") == 0


# -- what critics are compared with ----------------------------------------------------------------------


@pytest.mark.parametrize("continued", ["low", "high"])
@pytest.mark.parametrize("name", LAWS)
def test_the_programmes_answer_is_exact_at_home_and_nowhere_steep(name, continued, clouds, exact):
    critic, p = Solved(clouds[name], continued), clouds[name]
    assert judge(critic, p) == pytest.approx([exact[name]] * 3, rel=1e-6)
    points = 3 * torch.randn(300, 2, generator=torch.Generator().manual_seed(1), dtype=DOUBLE)
    climbs = (critic(points) - critic(points.flip(0))).abs() / (points - points.flip(0)).norm(dim=1)
    assert climbs.max() <= 1 + 1e-9


def test_the_two_continuations_are_the_least_and_the_largest(clouds):
    p = clouds["ring"]
    low, high = Solved(p, "low"), Solved(p, "high")
    points = 2 * torch.randn(400, 2, generator=torch.Generator().manual_seed(2), dtype=DOUBLE)
    assert (high(points) - low(points)).min() >= -1e-9 and (high(points) - low(points)).max() > 0.1
    home = torch.cat([p.real, p.generated])
    torch.testing.assert_close(high(home), low(home), rtol=0, atol=1e-6)


def test_the_straight_line_reads_the_distance_of_the_means(clouds):
    for p in clouds.values():
        between_means = (p.real.mean(dim=0) - p.generated.mean(dim=0)).norm()
        assert judge(Straight(p), p).raw == pytest.approx(float(between_means), rel=1e-5)
        assert float(Straight(p).weight.norm()) == pytest.approx(1, rel=1e-6)


# -- sixteen arms, and the rates -------------------------------------------------------------------------


def test_there_are_sixteen_arms_in_the_order_of_the_effects():
    assert len(ARMS) == 16 and len(FACTORS) == 4
    values = np.zeros((3, 16))
    for k, levels in enumerate(ARMS.values()):
        at_second = [level == ends[1] for level, ends in zip(levels, FACTORS.values(), strict=True)]
        values[:, k] = 5 + np.dot([1.0, 20.0, 300.0, 4000.0], at_second)
    np.testing.assert_allclose(effects(values), [[1, 20, 300, 4000]] * 3, rtol=0, atol=1e-9)
    np.testing.assert_allclose(effects(values[0]), [1, 20, 300, 4000], rtol=0, atol=1e-9)


@pytest.mark.parametrize("said", ARMS)
def test_an_arm_is_what_its_name_says(said, clouds):
    depth, width, group, matrices = ARMS[said]
    critic = untrained(arm(*ARMS[said], 1e-2), clouds["ring"], 0)
    layers = [layer for layer in critic if isinstance(layer, torch.nn.Linear)]
    assert [layer.out_features for layer in layers] == [width] * depth + [1]
    assert {layer.size for layer in critic if hasattr(layer, "size")} == {group}
    least, largest = table.singular_values(critic)
    assert largest == pytest.approx(1, abs=0.1)  # before a step the power method has just begun
    assert (least > 0.999) == (matrices == "orthonormal")


def test_the_rates_in_use_are_those_that_were_found():
    found = load(tuning.CHAPTER)
    assert {k: tuning.best(found, k, rates) for k, rates in tuning.TRIED.items()} == {
        kind: RATES[kind] for kind in tuning.TRIED
    }
    assert {a: tuning.best(found, a, tuning.TRIED_ARMS) for a in ARMS} == RATES_OF_ARMS
    assert set(OF_RATE) - set(tuning.TRIED) == {"clip 0.01"} and RATES["clip 0.01"] == 5e-5
    for name, stored in found.items():
        assert set(stored.runs[0]["values"]) == set(tuning.contestants())
        assert stored.provenance["protocol"] == tuning.RECIPES[name].protocol
        assert "uncommitted" not in stored.provenance["commit"]


def test_the_search_uses_other_draws_than_the_table(monkeypatch, clouds):
    seen = []
    monkeypatch.setattr(tuning, "contestants", lambda: {"cones": KINDS["max of cones"]})
    monkeypatch.setattr(tuning, "problem", lambda name, seed: seen.append(seed) or problem(name, seed))
    for seed in tuning.RECIPES["ring"].seeds:
        found = tuning.search("ring", seed, steps=2)
        assert list(found) == ["cones"] and 0 < found["cones"] < 100
    assert len(set(seen)) == 10 and not set(seen) & {2017, 77, 6, *FRESH}


def test_the_best_rate_is_best_on_average_over_both_problems():
    def runs(*values):
        named = [{"a at 0.1": one, "a at 0.2": two} for one, two in values]
        return Spread("a", {}, {}, tuple({"seed": k, "values": each} for k, each in enumerate(named)))

    stored = {"ring": runs((90.0, 10.0), (90.0, 99.0)), "gaussians": runs((0.0, 80.0), (0.0, 0.0))}
    assert tuning.best(stored, "a", (0.1, 0.2)) == 0.2
