"""What lies within reach of stored runs, and when that asserts nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.experiments import reach
from lib.experiments.chapter_08 import CHAPTER, RECIPES, run_ring
from lib.experiments.reach import Spread
from lib.experiments.spread import load


def stored(values, resolution=0.0):
    runs = tuple({"values": {"score": value}} for value in values)
    return Spread("recipe", {}, {"score": resolution}, runs, trivial={"score": -100.0})


@pytest.mark.parametrize(
    "values, resolution, expected",
    [
        ([1.0, 2.0, 3.0], 0.0, (0.0, 4.0)),  # median 2, largest deviation 1
        ([1.0, 2.0, 10.0], 0.0, (-14.0, 18.0)),  # median 2, largest deviation 8, not the mean 4.33
        ([1.0, 2.0, 4.0, 5.0], 0.0, (-1.0, 7.0)),  # median 3, between the two in the middle
        ([8.0, 8.0, 8.0], 1.0, (7.0, 9.0)),  # all equal: the resolution
        ([8.0, 8.0, 9.0], 1.0, (6.0, 10.0)),  # twice 1 is more than the resolution
        ([8.0, 8.0, 8.0], 0.0, (8.0, 8.0)),
    ],
)
def test_reach_on_runs_made_by_hand(values, resolution, expected):
    assert stored(values, resolution).reach("score") == pytest.approx(expected)


def test_reach_ends_where_the_quantity_ends():
    runs = tuple({"values": {"score": value}} for value in (1.0, 7.0, 8.0))
    free, cut = Spread("free", {}, {}, runs), Spread("cut", {}, {}, runs, {"score": (0.0, 8.0)})
    assert free.reach("score") == (-5, 19)
    assert cut.reach("score") == (0, 8)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=9), st.floats(0, 10))
def test_every_stored_run_lies_within_reach(values, resolution):
    low, high = stored(values, resolution).reach("score")
    assert low <= min(values) + 1e-9 and max(values) - 1e-9 <= high
    assert high - low >= 2 * resolution - 1e-9


def test_a_quantity_that_was_not_measured_is_named():
    with pytest.raises(KeyError, match=r"quantity: got 'frechet', expected one of \['score'\]"):
        stored([1.0]).values("frechet")


def test_a_run_within_reach_is_confirmed_line_by_line(capsys):
    runs = tuple({"values": {"modes": 8.0, "share": s}} for s in (0.5, 0.75, 0.75))
    spread_of_two = Spread("ring", {}, {"modes": 1.0}, runs, trivial={"modes": 0.0, "share": 0.0})
    spread_of_two.confirm(modes=7, share=0.25)  # both on the edge: [7, 9] and [0.25, 1.25]
    assert capsys.readouterr().out == (
        "✓ ring, modes: within [7, 9], the reach of 3 stored runs; nothing learnt: 0\n"
        "✓ ring, share: within [0.25, 1.25], the reach of 3 stored runs; nothing learnt: 0\n"
    )


@pytest.mark.parametrize("value", [0.9, 7.1, float("nan"), float("inf")])
def test_a_run_out_of_reach_is_refused_with_both_numbers(capsys, value):
    with pytest.raises(AssertionError) as caught:
        stored([3.0, 4.0, 5.5], 0.5).confirm(score=value)
    message = str(caught.value)
    assert message.startswith(
        f"recipe, score: got {value:.4g}, expected a value within [1, 7], the reach of 3 stored"
    )
    assert "Remedy: " in message and capsys.readouterr().out == ""


# -- equal runs ------------------------------------------------------------------------------------------


def test_equal_runs_of_one_seed_count_once():
    """One and two threads gave the same run to the last digit; another seed that agrees is another run."""
    outcomes = [(0, 1, 5.0), (0, 2, 5.0), (1, 1, 5.0), (1, 2, 7.0)]
    runs = tuple({"seed": s, "threads": t, "values": {"score": v}} for s, t, v in outcomes)
    twice = Spread("recipe", {}, {}, runs)
    assert [(run["seed"], run["values"]["score"]) for run in twice.distinct] == [(0, 5.0), (1, 5.0), (1, 7.0)]
    assert list(twice.values("score")) == [5.0, 5.0, 7.0]
    assert twice.reach("score") == (1.0, 9.0)


def test_another_number_of_threads_is_no_other_run_even_where_it_rounds_the_judgement_differently():
    """As stored once: one and the same game, its samples judged as 10.3712 and 10.3666."""
    outcomes = [(0, 1, "native", 10.3712), (0, 2, "native", 10.3666), (0, 1, "default", 7.6)]
    outcomes += [(1, 2, "native", 7.7), (1, 1, "native", 7.8)]
    runs = tuple(
        {"seed": s, "threads": t, "instructions": i, "values": {"score": v}} for s, t, i, v in outcomes
    )
    assert list(Spread("recipe", {}, {}, runs).values("score")) == [10.3712, 7.6, 7.7]


def test_the_stored_ring_has_ten_runs_none_of_them_live():
    ring = load(CHAPTER)["ring"]
    assert len(ring.runs) == len(ring.distinct) == 10
    assert {run["seed"] for run in ring.runs} == set(range(1, 11))


# -- a reach that asserts nothing ------------------------------------------------------------------------


def of_share(values, trivial=None, limits=(0.0, 1.0)):
    runs = tuple({"values": {"share": value}} for value in values)
    known = {} if trivial is None else {"share": trivial}
    return Spread("ring", {}, {}, runs, {"share": limits}, known)


@pytest.mark.parametrize(
    "spread, reason",
    [
        (of_share([0.8, 0.9, 0.95], 0.0), ""),
        (of_share([0.8, 0.9, 0.95], 0.71), "a player that has learnt nothing scores 0.71, which lies within"),
        (of_share([0.8, 0.9, 0.95], 0.69), ""),  # the reach is [0.7, 1]
        (of_share([0.5, 0.75, 0.75], 0.0), "it covers more than half of all values there are, [0, 1]"),
        (of_share([0.5, 0.75, 0.75], 0.0, (0.0, 4.0)), ""),
        (of_share([0.5, 0.75, 0.75], 0.0, (0.0, 1e9)), ""),  # no limit in earnest
        (of_share([0.9, 0.9, 0.9]), "it is not known what a player scores that has learnt nothing"),
    ],
)
def test_a_reach_is_too_wide_when_nothing_lies_outside_it(spread, reason):
    assert spread.too_wide("share") == reason
    if reason:
        with pytest.raises(ValueError, match=r"share: got the reach \[.*asserts something.*Remedy: "):
            spread.confirm(share=0.9)
    else:
        spread.confirm(share=0.9)


def test_nothing_is_not_confirmed():
    with pytest.raises(ValueError, match=r"measured: got no quantity, expected some of \['score'\]"):
        stored([1.0, 2.0]).confirm()


def test_the_untrained_ring_scores_what_its_recipe_says():
    scored, trivial = run_ring(0, moves=0, steps=0), RECIPES["ring"].trivial
    assert {name: scored[name] for name in ("modes", "share")} == {"modes": 0.0, "share": 0.0}
    assert scored["fresh"] == pytest.approx(0, abs=0.02)  # a critic that has not learnt certifies nothing
    assert trivial == load(CHAPTER)["ring"].trivial == {"modes": 0.0, "share": 0.0, "fresh": 0.0}


# -- how it is shown -------------------------------------------------------------------------------------


def test_in_a_notebook_the_line_looks_as_a_claim_and_the_value_travels_beside_it(monkeypatch):
    shown = []
    monkeypatch.setattr(reach, "get_ipython", object)
    monkeypatch.setattr(reach, "display", lambda data, metadata, raw: shown.append((data, metadata["claim"])))
    stored([3.0, 4.0, 5.5], 0.5).confirm(score=4.25)
    stored([3.0, 4.0, 5.5], 0.5).confirm(score=5.75)
    (first, record), (second, other) = shown
    assert first == second  # what is compared is the same on every machine
    assert first["text/plain"] == (
        "✓ recipe, score: within [1, 7], the reach of 3 stored runs; nothing learnt: -100"
    )
    assert first["text/html"].startswith('<div class="claim" id="reach-recipe-score">')
    assert '<span class="claim-bound">holds, within [1, 7], the reach of 3' in first["text/html"]
    assert (record["measured"], other["measured"]) == (4.25, 5.75)
    assert record["form"] == "reach" and record["id"] == "" and record["what"] == "recipe, score"
    assert (record["low"], record["high"], record["runs"]) == (1.0, 7.0, 3)
    assert record["bound"] == "within [1, 7], the reach of 3 stored runs"


def test_quantities_are_written_as_words(capsys):
    runs = tuple({"values": {"frechet": value, "exact_follows": value}} for value in (3.0, 4.0))
    spread = Spread("digits", {}, {}, runs, trivial={"frechet": 605.0, "exact_follows": 0.0})
    spread.confirm(frechet=3.5, exact_follows=3.5)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("✓ digits, Fréchet distance: within [2.5, 4.5]")
    assert second.startswith("✓ digits, exact follows: within [2.5, 4.5]")
