"""Deep against flat on MNIST, tried on images that need no download, and what is stored of it."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lib import data
from lib.experiments.chapter_04_mnist import CHAPTER, RECIPES, SIZES, STEPS, components_lost, networks_lost
from lib.experiments.coders import lost, start, trained
from lib.experiments.spread import load


@pytest.fixture(scope="module")
def sets():
    images = data.digits().images
    return images[:700], images[700:1000]


def test_components_are_those_of_scikit_learn(sets):
    training, test = (images.flatten(1).numpy().astype(float) for images in sets)
    found = components_lost(*sets, sizes=(2, 5, 40))
    for size in (2, 5, 40):
        fitted = PCA(size, svd_solver="full").fit(training)
        error = ((test - fitted.inverse_transform(fitted.transform(test))) ** 2).sum()
        share = error / ((test - training.mean(axis=0)) ** 2).sum()
        assert found[f"components_{size}"] == pytest.approx(share, rel=1e-9)


def test_networks_are_the_chapter_s_with_as_many_steps_as_asked(sets):
    training, test = sets
    found = networks_lost(3, training, test, sizes=(2, 5), steps=(4, 9))
    assert set(found) == {f"{what}_{size}" for what in ("untrained", 4, 9) for size in (2, 5)}
    mean = training.mean(dim=0)
    for size in (2, 5):
        untrained = start(3, training, size)[:2]
        assert found[f"untrained_{size}"] == lost(*untrained, test, mean)
        for steps in (4, 9):  # the rate falls over all the steps, so that nine are not four and five more
            assert found[f"{steps}_{size}"] == lost(*trained(3, training, size, steps=steps), test, mean)


def test_what_is_stored_was_made_by_the_recipe():
    stored = load(CHAPTER)["sizes"]
    assert [run["seed"] for run in stored.runs] == [1, 2, 3, 4, 5]
    assert stored.provenance["protocol"] == RECIPES["sizes"].protocol
    assert "uncommitted" not in stored.provenance["commit"]
    for size in SIZES:
        assert np.ptp(stored.values(f"components_{size}")) < 1e-9  # no dice
        for what in ("untrained", *STEPS):
            assert len(set(stored.values(f"{what}_{size}"))) == 5, "five seeds, five networks"
