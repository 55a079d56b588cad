"""The pictures of critics in chapter 15's explorer: few bytes lose little, numbers are the library's."""

import base64
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from lib.experiments import spread
from lib.experiments.critics import LIVE_STEPS, judging, pictures, train, untrained
from lib.experiments.critics.drawn import LONGEST, Coded, coded, decoded, packed, unpacked
from lib.experiments.critics.entrants import BEHIND
from lib.experiments.critics.factorial import ARMS, effects
from lib.experiments.critics.forms import Solved, Straight
from lib.experiments.critics.kinds import KINDS
from lib.experiments.critics.offered import OFFERED, RACE_STEPS, SEEDS, trained
from lib.experiments.critics.on_the_way import on_the_way
from lib.experiments.critics.pictures import ARROWS, MOMENTS, Numbers, numbers, picture, plan
from lib.experiments.critics.problems import LAWS, problem
from lib.experiments.critics.racing import RATES
from lib.explorers.critic_plane import PARTS, CriticPlane, stored
from lib.transport import wasserstein1

SPARSE = {"kinds": ["a"], "arms": [], "rulers": [], "pictures": {"ring": {"a": []}}}


def said(name: str, who: str, moment: int = -1) -> Numbers:
    return Numbers(*stored()["pictures"][name][who][moment]["numbers"])


@pytest.mark.parametrize("shape", [(9, 14), (33, 33)])
def test_fields_come_back_within_half_a_step(shape):
    """Where nothing is steeper than the surprises reach: a slope of 1 in one direction, 0.3 in the other."""
    rows, columns = np.indices(shape)
    values = 0.2 * (0.3 * rows - columns) + 0.1 * np.sin(rows * columns / 40)
    kept = coded(values)
    again = decoded(kept, shape)
    assert np.abs(again - values).max() <= 0.5001 * kept.step and kept.step <= 0.03
    assert len(kept.levels) == math.ceil(values.size / 2)
    assert again[0, -1] < again[0, 0] < again[-1, 0]


def test_a_pit_is_overrun_and_found_again():
    rows, columns = np.indices((33, 33))
    values = 0.2 * np.minimum(np.hypot(rows - 16.3, columns - 11.6), 9)
    off = np.abs(decoded(coded(values), values.shape) - values)
    assert off.max() < 0.15 and np.median(off) < 0.02


def test_the_half_bytes_are_surprises():
    """By hand: 5; 5 + 2; 5 − 3, and 7 + 2 − 5 − 8 = −4."""
    kept = Coded(0.5, 5, bytes([(0 + 8) * 16 + (2 + 8), (-3 + 8) * 16 + (-8 + 8)]))
    assert decoded(kept, (2, 2)).tolist() == [[2.5, 3.5], [1.0, -2.0]]
    assert coded(np.array([[0.1, 0.14], [0.04, -0.08]])) == Coded(0.02, 5, kept.levels)


def test_arrows_come_back_within_a_degree_and_half_a_hundredth():
    dice = np.random.default_rng(3)
    arrows = dice.normal(size=(400, 2))
    arrows[:3] = [[0, 0], [3, -4], [-1, -1e-9]]
    again = unpacked(packed(arrows))
    long, short = np.linalg.norm(arrows, axis=1), np.linalg.norm(again, axis=1)
    assert short == pytest.approx(long.clip(max=LONGEST), abs=0.0051)
    assert again[0].tolist() == [0, 0] and again[1] == pytest.approx(
        [0.6 * LONGEST, -0.8 * LONGEST], abs=0.03
    )
    turned = np.angle((again @ [1, 1j])[1:] / (arrows @ [1, 1j])[1:], deg=True)[short[1:] > 0]
    assert np.abs(turned).max() < 180 / 256 + 1e-6


@pytest.mark.parametrize("kind", ["gradient penalty", "spectral, MaxMin", "GroupSort, orthonormal"])
def test_on_the_way_begins_untrained_and_ends_as_the_training_does(kind):
    own = problem("ring")
    first, early, last = on_the_way(KINDS[kind], own, 3, 20, (0.0, 0.3, 1.0))
    ends = train(KINDS[kind], own, 3, steps=20)
    with torch.no_grad():
        scores = [critic(own.real) for critic in (first, early, last, ends, untrained(KINDS[kind], own, 3))]
    assert torch.equal(scores[2], scores[3]) and torch.equal(scores[0], scores[4])
    assert not any(critic.training for critic in (first, early, last))
    assert (scores[1] - scores[0]).norm() > 1e-3 and (scores[2] - scores[1]).norm() > 1e-3


def test_a_moment_is_a_number_of_steps():
    """Where the rate does not fall, the middle of twenty steps is the end of ten."""
    own, steady = problem("gaussians"), replace(KINDS["max of cones"], rate=lambda spent: 1.0)
    (middle, _), ten = on_the_way(steady, own, 5, 20, (0.5, 1.0)), train(steady, own, 5, steps=10)
    for one, other in zip(middle.parameters(), ten.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", LAWS)
def test_plans_are_exact(name):
    home, many = plan(name, "home"), plan(name, "fresh")
    own = problem(name)
    moved = (home.partners - home.generated).norm(dim=1).mean().item()
    assert moved == pytest.approx(wasserstein1(own.real, own.generated, method="lp").value, rel=1e-9)
    generated, towards = judging.directions(name)
    assert torch.equal(many.generated, generated.double()) and torch.allclose(many.towards, towards)
    assert home.towards.norm(dim=1).sub(1).abs().max() < 1e-12


def test_the_programmes_gradient_points_to_the_partners_at_home():
    """Complementary slackness; and the highest continuation has its pits there, and no gradient."""
    for name in LAWS:
        low, high = (numbers(Solved(problem(name), way), name) for way in ("low", "high"))
        assert low.cosine > 0.99 and low.length == pytest.approx(1, abs=1e-3)
        assert (high.cosine, high.length) == (0, 0)
        assert high.fresh_length == pytest.approx(1, abs=1e-3)


def test_numbers_are_those_of_the_library_and_of_a_loop():
    name = "gaussians"

    class Bent(torch.nn.Module):
        def forward(self, points):
            return 3 * points[:, 0] + torch.sin(2 * points[:, 1])

    critic, own = Bent(), problem(name)
    found, shares = numbers(critic, name), judging.shares(critic, name)
    wanted = (shares.raw, shares.certified, shares.transformed, shares.fresh, shares.fresh_transformed)
    ours = (found.raw, found.certified, found.transformed, found.fresh_certified, found.fresh_transformed)
    assert ours == pytest.approx(wanted, rel=1e-9) and found.fresh_cosine == pytest.approx(shares.cosine)
    assert found.raw == pytest.approx(found.certified * found.climb, rel=1e-6) and found.climb > 3
    assert found.fresh_raw > 2 * found.fresh_certified
    y = own.generated.double().numpy()
    slopes = np.column_stack([np.full(len(y), 3.0), 2 * np.cos(2 * y[:, 1])])
    assert found.length == pytest.approx(np.median(np.hypot(*slopes.T)) / found.climb, rel=1e-5)
    ways = plan(name, "home").towards.numpy()
    each = (slopes * ways).sum(axis=1) / np.hypot(*slopes.T)
    assert found.cosine == pytest.approx(each.mean(), abs=1e-6)
    assert found.cosine != pytest.approx(np.median(each), abs=1e-3)


def test_a_factor_changes_no_picture():
    own = problem("ring")
    once, tripled = Straight(own), Straight(own)
    with torch.no_grad():
        tripled.weight.mul_(3)
    one, other = picture(once.eval(), "ring"), picture(tripled.eval(), "ring")
    assert one["bytes"] == other["bytes"] and one["numbers"][1:10] != one["numbers"][:9]
    assert other["numbers"][-1] == pytest.approx(3 * one["numbers"][-1], rel=1e-4)
    assert other["numbers"][0] == pytest.approx(3 * one["numbers"][0], rel=1e-4)
    assert other["numbers"][1:5] == pytest.approx(one["numbers"][1:5], rel=1e-4)


def test_the_file_belongs_to_the_recipe():
    made = stored()
    assert made["protocol"] == pictures.PROTOCOL
    later = [each["provenance"] for each in made.get("later", [])]
    assert all(set(each) >= {"code", "commit", "date", "software"} for each in [made["provenance"], *later])
    assert (made["kinds"], made["arms"], made["rulers"]) == ([*OFFERED], [*ARMS], [*pictures.RULERS])
    for name in LAWS:
        drawn = made["pictures"][name]
        assert set(drawn) == {*OFFERED, *ARMS, *pictures.RULERS}
        assert [*made["lengths"][name]] == [*OFFERED]
        for who, each in drawn.items():
            assert len(each) == (1 if who in pictures.RULERS else len(MOMENTS))
            for one in each:
                assert len(base64.b64decode(one["bytes"])) == math.ceil(33**2 / 2) + 4 * ARROWS
                assert len(one["numbers"]) == len(Numbers._fields)
        assert _rounded(made["settings"][name]) == _rounded(pictures.setting(name))


def _rounded(setting) -> list:
    each = [setting["window"]] + [setting[p][k] for p in ("home", "fresh") for k in setting[p]]
    return [np.round(np.atleast_1d(values), 3).tolist() for values in each]


@pytest.mark.parametrize("name", LAWS)
def test_what_is_stored_untrained_and_solved_is_what_the_library_says(name):
    for ruler, build in pictures.RULERS.items():
        fresh = picture(build(problem(name)).eval(), name)["numbers"]
        assert stored()["pictures"][name][ruler][0]["numbers"] == pytest.approx(fresh, rel=1e-3, abs=1e-3)
    for kind in ("clip 0.1, wide", "spectral, ReLU", "max of cones"):
        start = untrained(KINDS[kind], problem(name), SEEDS[0])
        assert said(name, kind, 0) == pytest.approx(numbers(start, name), rel=1e-3, abs=1e-3)


def test_a_training_repeats_what_is_stored():
    """Rounding on another machine may lead it elsewhere, by less than other seeds do."""
    who = "2×32, groups of 2, spectral"
    found = numbers(trained(who, "gaussians")[-1], "gaussians")
    assert found.certified == pytest.approx(said("gaussians", who).certified, abs=1)
    assert found.fresh_cosine == pytest.approx(said("gaussians", who).fresh_cosine, abs=0.01)


def test_offered_is_what_the_table_and_the_race_have():
    """Every kind of the race has its own picture, or one of the same form has."""
    of_the_table = {"two-sided fine": "gradient penalty", "cones": "max of cones"}
    of_the_table["orthonormal, GroupSort"] = "GroupSort, orthonormal"
    of_the_arms = "orthonormal, MaxMin"  # 2×32, groups of 2, orthonormal
    assert len(OFFERED) == len(set(OFFERED)) and set(OFFERED) == {*KINDS, *RACE_STEPS}
    assert {of_the_table.get(kind, kind) for kind in BEHIND} - {of_the_arms} == set(OFFERED)


def test_steps_of_the_race_are_those_of_two_of_its_seconds():
    """So long the table's kinds climb, too, by the steps of those that the race has unchanged."""
    race = spread.load("15_racing")

    def made(kind: str) -> float:
        return 0.4 * np.mean([race[name].values(f"{kind}: steps") for name in LAWS])

    for kind, steps in RACE_STEPS.items():
        assert steps == pytest.approx(made(kind), rel=0.05), kind
    for kind, entrant in (("gradient penalty", "two-sided fine"), ("max of cones", "cones")):
        assert LIVE_STEPS[kind] == pytest.approx(made(entrant), rel=0.05), kind


@pytest.mark.parametrize("kind", ["orthonormal, ReLU", "cones, renewed"])
def test_a_racer_climbs_on_the_points_of_its_entrant(kind, monkeypatch):
    """By a loop: Adam at the rate of the race, which falls, and points that are asked for at each step."""
    monkeypatch.setitem(RACE_STEPS, kind, 10)
    own, entrant = problem("ring"), BEHIND[kind](RATES[kind])
    kept, points = entrant.contestant, entrant.points(own, 4)
    critic = untrained(kept, own, 4).train()
    adam = torch.optim.Adam(critic.parameters(), betas=(0.9, 0.99), maximize=True)
    ends = {}
    for step in range(10):
        clouds = next(points)
        adam.param_groups[0]["lr"] = RATES[kind] * (1 - step / 10)
        adam.zero_grad()
        (critic(clouds.real).mean() - critic(clouds.generated).mean()).backward()
        adam.step()
        if kept.kind.constrain is not None:
            kept.kind.constrain(critic)
        with torch.no_grad():
            ends[step + 1] = critic.eval()(own.real)
        critic.train()
    seen = trained(kind, "ring", 4)
    with torch.no_grad():
        scores = [each(own.real) for each in seen]
        assert torch.equal(scores[0], untrained(kept, own, 4)(own.real))
    for ours, steps in zip(scores[1:], (1, 3, 10), strict=True):
        assert ours == pytest.approx(ends[steps].numpy(), abs=1e-6)
    assert all((other - one).norm() > 1e-3 for one, other in pairwise(scores))
    assert not any(critic.training for critic in seen)


@pytest.mark.parametrize("name", LAWS)
def test_lengths_of_five_seeds_are_round_the_one_that_is_shown(name):
    for kind, (home, fresh) in stored()["lengths"][name].items():
        shown = said(name, kind)
        for (least, middle, largest), one in ((home, shown.length), (fresh, shown.fresh_length)):
            assert least <= middle <= largest <= 1.001
            assert least - 1e-4 <= one <= largest + 1e-4, kind


def test_lengths_are_in_their_order_and_at_their_points():
    class Bent(torch.nn.Module):
        def __init__(self, bend: float):
            super().__init__()
            self.bend = bend

        def forward(self, points):
            return points[:, 0] + torch.sin(self.bend * points[:, 1])

    bent = [Bent(bend) for bend in (2.0, 0.3, 0.7)]
    each = [numbers(critic, "gaussians") for critic in bent]
    home, fresh = pictures.lengths(each)
    assert home == pytest.approx(sorted(one.length for one in each), abs=1e-4)
    assert fresh == pytest.approx(sorted(one.fresh_length for one in each), abs=1e-4)
    assert np.abs(np.subtract(home, fresh)).max() > 1e-3 and np.ptp(home) > 0.1


@pytest.mark.parametrize("name", LAWS)
def test_the_ends_are_those_of_the_stored_tables(name):
    """The seed is the first of the five in the chapter's table, and the arms' those with equal steps."""
    table, equal = spread.load("15_critics")[name], spread.load("15_equal_steps")[name]
    known = {"certified": "certified", "fresh": "fresh_certified", "cosine": "fresh_cosine"}
    for kind in KINDS:
        for quantity, ours in known.items():
            wanted, near = table.values(f"{kind}: {quantity}")[0], 0.01 if quantity == "cosine" else 0.5
            assert getattr(said(name, kind), ours) == pytest.approx(wanted, abs=near), (kind, quantity)
    for who in ARMS:
        for quantity, ours in (("certified", "certified"), ("fresh", "fresh_certified")):
            wanted = equal.values(f"{who}: {quantity}")[0]
            assert getattr(said(name, who), ours) == pytest.approx(wanted, abs=0.5), (who, quantity)


def test_no_share_that_is_proved_exceeds_all():
    for name in LAWS:
        for drawn in stored()["pictures"][name].values():
            for each in drawn:
                found = Numbers(*each["numbers"])
                proved = (found.certified, found.transformed, found.fresh_certified, found.fresh_transformed)
                assert max(proved) <= 100.001 and found.climb > 0
                assert found.certified <= found.transformed + 1e-3
                assert abs(found.cosine) <= 1 and abs(found.fresh_cosine) <= 1


def test_the_semi_dual_proves_most_at_home_and_loses_most():
    """The first question of the page, on the ring, and its answer in the text."""
    found = {kind: said("ring", kind) for kind in KINDS}
    lost = {kind: each.certified - each.fresh_certified for kind, each in found.items()}
    assert max(found, key=lambda kind: found[kind].certified) == max(lost, key=lost.get) == "semi-dual"
    assert found["semi-dual"].certified == pytest.approx(99.9, abs=0.05)
    assert lost["semi-dual"] == pytest.approx(10.2, abs=0.05) and sorted(lost.values())[-2] < 6
    arrows = CriticPlane(critic="semi-dual", points="home").shown().arrows
    assert (np.linalg.norm(arrows, axis=1) == 0).mean() == pytest.approx(5 / 6, abs=0.01)
    solved = said("ring", "programme, highest")
    assert solved.certified - solved.fresh_certified == pytest.approx(10.1, abs=0.05)
    cones = [said("ring", "max of cones", moment).fresh_cosine for moment in range(4)]
    assert cones == pytest.approx([0.95, 0.87, 0.87, 0.87], abs=0.005)
    assert said("ring", "max of cones").cosine > 0.99


def test_renewed_cones_lose_little_and_keep_their_directions():
    drawn = [said("ring", "cones, renewed", moment) for moment in range(4)]
    assert drawn[3].certified == pytest.approx(98.0, abs=0.05)
    assert drawn[3].fresh_certified == pytest.approx(97.1, abs=0.05)
    assert [each.fresh_cosine for each in drawn] == pytest.approx([0.945, 0.931, 0.954, 0.957], abs=6e-4)


def test_a_critic_with_short_arrows_proves_less_than_a_line():
    _, fresh = stored()["lengths"]["gaussians"]["clip 0.1, wide"]
    assert fresh[::2] == pytest.approx([0.65, 0.82], abs=0.005)  # over five seeds
    last, early = (said("gaussians", "clip 0.1, wide", moment) for moment in (3, 1))
    assert (last.fresh_length, last.fresh_cosine) == pytest.approx((0.65, 0.95), abs=0.005)
    proved = [each.fresh_certified for each in (last, early, said("gaussians", "straight line"))]
    assert proved == pytest.approx([66.5, 73.4, 97.0], abs=0.05)


def test_which_parts_straighten_the_arrows():
    """The second question: in the picture two of the four do; after a second, over five seeds, one does."""
    cosines = np.reshape([said("ring", who).fresh_cosine for who in ARMS], (2, 2, 2, 2))
    gains = [cosines.take(1, axis=k) - cosines.take(0, axis=k) for k in range(4)]
    assert [gain.mean() for gain in gains] == pytest.approx([0.01, 0.005, 0.088, 0.085], abs=0.003)
    depth, _, groups, matrices = gains
    assert (depth.min(), depth.max()) == pytest.approx((-0.12, 0.15), abs=0.005)
    assert (groups.min(), groups.max()) == pytest.approx((-0.08, 0.19), abs=0.005)
    assert matrices.min() > 0
    table = spread.load("15_critics")["ring"]
    five = effects(np.transpose([table.values(f"{who}: cosine") for who in ARMS]))
    reaches = [(five[:, k].min(), five[:, k].max()) for k in (0, 2, 3)]
    wanted = [(-0.075, -0.057), (0.038, 0.114), (-0.007, 0.053)]
    assert np.array(reaches) == pytest.approx(np.array(wanted), abs=0.001)


def test_the_class_shows_what_is_stored():
    chosen = {"problem": "gaussians", "critic": PARTS, "deep": True, "eights": True}
    shown = CriticPlane(**chosen, moment=2, points="home").shown()
    assert shown.numbers == said("gaussians", "5×32, groups of 8, spectral", 2)._asdict()
    own, which = plan("gaussians", "home"), pictures.shown("gaussians", "home")
    assert shown.towards == pytest.approx(own.towards[which].numpy(), abs=5e-3)
    line = CriticPlane(critic="straight line", points="fresh").shown()
    weight = Straight(problem("ring")).weight.detach().numpy()
    assert line.arrows == pytest.approx(np.tile(weight, (ARROWS, 1)), abs=0.02)
    corner = line.field[0, -1] - line.field[0, 0]
    assert corner == pytest.approx(2 * pictures.WINDOWS["ring"][2] * weight[0], abs=0.04)


def test_four_switches_name_sixteen_critics():
    wide = CriticPlane(critic=PARTS, wide=True, orthonormal=True)
    assert wide.named() == "2×64, groups of 2, orthonormal"
    parts = ("deep", "wide", "eights", "orthonormal")
    four = [dict(zip(parts, map(bool, each), strict=True)) for each in np.ndindex(2, 2, 2, 2)]
    assert [CriticPlane(critic=PARTS, **each).named() for each in four] == [*ARMS]


def test_the_figure_names_its_shares():
    figure, found = CriticPlane(problem="ring").figure(), said("ring", "gradient penalty")
    shares = {"training points": found.certified, "fresh points": found.fresh_certified}
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [f"{which}: proves {share:.1f} %" for which, share in shares.items()]
    assert all(len(axes.lines) == 2 * ARROWS for axes in figure.axes)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"critic": "gradient fine"}, ["critic", "gradient fine", "semi-dual"]),
        ({"moment": 4}, ["moment", "4", "[0, 3]"]),
        ({"chosen": 0}, ["chosen", "0", "[1, 48]"]),
        ({"made": SPARSE}, ["made", "'a'", "gaussians"]),
    ],
)
def test_bad_traits_are_named(wrong, words):
    with pytest.raises(ValueError) as caught:
        CriticPlane(**wrong)
    assert all(word in str(caught.value) for word in [*words, "Remedy"])
