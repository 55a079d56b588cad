"""Pairing at least cost, and what a generator learns from pairs."""

from itertools import pairwise, permutations

import pytest
import torch
from torch import nn

from lib import networks
from lib.experiments.chapter_07 import CHAPTER, GROUPS, fit_line, judge_line, missed, numbers_of
from lib.experiments.pairing import cheapest, regress, repaired, spread
from lib.experiments.spread import load


def total(made, wanted):
    return (made - wanted).square().sum().item()


def test_the_cheapest_order_is_that_of_a_search():
    made, wanted = torch.randn(2, 6, 3, generator=torch.Generator().manual_seed(0))
    order = cheapest(made, wanted)
    assert sorted(order.tolist()) == list(range(6))
    least = min(total(made, wanted[list(other)]) for other in permutations(range(6)))
    assert total(made, wanted[order]) == pytest.approx(least, rel=1e-6)


def test_squares_are_paired_and_not_distances():
    """On the plane they disagree: one long way costs more squared than two middling ones."""
    made, wanted = torch.tensor([[0.0, 0], [2, 0]]), torch.tensor([[3.0, 2.0], [2, 0]])
    by_distance = torch.tensor([0, 1])
    assert (made - wanted[by_distance]).norm(dim=1).sum() < (made - wanted.flip(0)).norm(dim=1).sum()
    assert cheapest(made, wanted).tolist() == [1, 0]


def test_groups_keep_to_themselves():
    made, wanted = torch.randn(2, 8, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(repaired(made, wanted, 1), wanted)
    paired = repaired(made, wanted, 4)
    for part in (slice(0, 4), slice(4, 8)):
        assert torch.equal(paired[part], wanted[part][cheapest(made[part], wanted[part])])
    costs = [total(made, repaired(made, wanted, group)) for group in (1, 2, 4, 8)]
    assert costs == sorted(costs, reverse=True) and costs[0] > costs[-1]


def test_spread_is_a_ratio_of_total_variances():
    real = torch.tensor([[0.0, 0], [2, 4], [4, 2]])
    assert spread(3 * real + 1, real) == pytest.approx(9)
    assert spread(torch.ones(5, 2), real) == 0


def test_what_is_missed_is_one_for_the_mean_picture():
    pictures = torch.randn(40, 1, 2, 2, generator=torch.Generator().manual_seed(2))
    assert missed(pictures.mean(dim=0, keepdim=True), pictures) == pytest.approx(1, rel=1e-5)
    assert missed(pictures, pictures) == 0


def fitted(group, numbers=None, steps=150):
    """One step of the network forward, two shades of four pixels."""
    torch.manual_seed(0)
    generator = networks.PerceptronGenerator(2, (1, 2, 2), width=32)
    shades = torch.tensor([-0.8, 0.8]).repeat(32)[:, None, None, None].expand(64, 1, 2, 2)
    draw = torch.Generator().manual_seed(0)
    regress(generator, shades, draw, steps=steps, group=group, numbers=numbers, batch=64)
    with torch.no_grad():
        return spread(generator(torch.randn(500, 2, generator=draw)), shades)


def test_random_pairs_make_the_mean_and_cheap_ones_the_shades():
    assert fitted(group=1) < 0.05
    assert fitted(group=64) > 0.5


def test_kept_numbers_are_used_and_belong_to_their_pictures():
    kept = (
        torch.linspace(-2, 2, 64)[:, None].expand(64, 2) * torch.tensor([-1.0, 1.0]).repeat(32)[:, None].abs()
    )
    by_heart = torch.where(torch.arange(64)[:, None] % 2 == 0, -1.0, 1.0).expand(64, 2)
    assert fitted(group=1, numbers=by_heart) > fitted(group=1, numbers=kept) + 0.3


def test_the_numbers_of_pictures_belong_to_the_seed():
    assert torch.equal(numbers_of(3, 5), numbers_of(3, 5))
    assert not torch.equal(numbers_of(3, 5), numbers_of(4, 5))


def test_the_pairings_of_the_line_begin_alike_and_differ_in_the_pairing_alone():
    start = [fit_line(2, pairing, steps=0, n=16) for pairing in ("anew", "once", "sorted")]
    for generator, shades in start[1:]:
        pairs = zip(generator.parameters(), start[0][0].parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
        assert torch.equal(shades.sort(dim=0).values, start[0][1].sort(dim=0).values)
    assert not torch.equal(start[1][1], start[2][1])
    assert torch.equal(start[2][1], start[2][1].sort(dim=0).values)


class Stairs(nn.Module):
    def forward(self, z):
        return torch.where(z < 0.3, -1.0, torch.where(z < 0.4, 0.0, 1.1))


def test_the_line_is_judged_by_the_outputs_near_a_shade():
    shades = torch.tensor([[-1.0], [1.0]])
    judged = judge_line(Stairs(), shades)
    assert judged["share"] == pytest.approx(0.9)
    made = torch.cat([torch.full((300,), -1.0), torch.zeros(100), torch.full((600,), 1.1)])
    assert judged["spread"] == pytest.approx((made.var() / shades.var()).item(), rel=1e-5)


def test_the_stored_digits_are_of_five_seeds_and_say_what_the_chapter_says():
    runs = load(CHAPTER)["digits"]
    assert [run["seed"] for run in runs.distinct] == [1, 2, 3, 4, 5]  # without 0, which is played live
    spreads = [runs.values(f"group_{group}_spread") for group in GROUPS]
    assert all((after > before).all() for before, after in pairwise(spreads))
    assert (runs.values("group_256_frechet") < runs.values("gaussian_frechet")).all()
    assert (runs.values("mean_spread") == 0).all()
    assert (runs.values("group_256_precision") > runs.values("long_precision") + 0.2).all()
