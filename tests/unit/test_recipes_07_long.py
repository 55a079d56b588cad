"""Chapter 7's cheap pairs, five times as long: the same fit and the same judges, and what is stored of it."""

import pytest

from lib.experiments import chapter_07
from lib.experiments.chapter_07_long import CHAPTER, RECIPES, run_cheap
from lib.experiments.spread import load

MEASURES = {"frechet", "precision", "recall", "coverage", "spread", "nearer"}


def test_after_the_chapter_s_steps_it_is_the_chapter_s_fit():
    stored = load(chapter_07.CHAPTER)["digits"]
    assert stored.runs[0]["seed"] == 1
    found = run_cheap(1, steps=chapter_07.STEPS)
    assert set(found) >= MEASURES
    for name in MEASURES:  # another processor may round otherwise on the way
        assert found[name] == pytest.approx(stored.values(f"group_256_{name}")[0], rel=0.05, abs=0.03)


def test_what_is_stored_was_made_by_the_recipe():
    stored = load(CHAPTER)["cheap"]
    assert [run["seed"] for run in stored.runs] == [1, 2, 3, 4, 5]
    assert stored.provenance["protocol"] == RECIPES["cheap"].protocol
