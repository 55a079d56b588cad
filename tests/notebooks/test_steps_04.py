"""The steps that chapter 4 shows are those of its recipes, and its sums are those of other libraries."""

from itertools import islice

import numpy as np
import pytest
import torch
from scipy import interpolate, stats
from sklearn.decomposition import PCA

from lib.experiments import coders
from tests.notebooks.reading import run_cells

TERMS = [
    {},
    {"penalty": 0.1},
    {"penalty": 0.1, "decay": 0.01},
    {"penalty": 0.1, "channel": coders.noisy(0.1)},
    {"channel": coders.noisy_bits(4.0)},
]


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells("04_deep_autoencoders", "imports", "path", "start-pair", "loss-of", "descent")


def weights_after(steps: int, encoder, decoder, moves) -> list[torch.Tensor]:
    list(islice(moves, steps))
    return [each.clone() for each in (*encoder.parameters(), *decoder.parameters())]


@pytest.mark.parametrize("terms", TERMS, ids=lambda terms: "-".join(terms) or "plain")
def test_the_pair_shown_has_the_weights_of_the_recipe(chapter, terms):
    shown = weights_after(12, *chapter["start_pair"](3, 2, **terms))
    library = weights_after(12, *coders.start(3, chapter["training"], 2, **terms))
    assert all(torch.equal(a, b) for a, b in zip(shown, library, strict=True))
    others = [weights_after(12, *chapter["start_pair"](3, 2, **other)) for other in TERMS if other != terms]
    for other in others:  # no term is without effect
        assert not all(torch.equal(a, b) for a, b in zip(shown, other, strict=True))


def test_the_path_shown_is_that_of_an_interpolator(chapter):
    at = np.append(chapter["corners"], chapter["corners"][-1] + 1.1)
    knots = chapter["start_point"] + np.concatenate(
        [np.zeros((1, 7)), np.cumsum(np.diff(at)[:, None] * chapter["directions"], axis=0)]
    )
    lengths = np.linspace(0, at[-1], 77)
    wanted = interpolate.make_interp_spline(at, knots, k=1)(lengths)
    for name in ("decode_path", "walk_path"):
        assert np.allclose(chapter[name](lengths), wanted, rtol=0, atol=1e-12)


def test_the_halves_are_those_of_chapter_2(chapter):
    from lib import data
    from lib.experiments.judging import halves

    images, labels = data.digits()
    for name, wanted in zip(("training", "held_out"), halves(images), strict=True):
        assert torch.equal(chapter[name], wanted)
    for name, wanted in zip(("training_labels", "held_out_labels"), halves(labels), strict=True):
        assert torch.equal(chapter[name], wanted)


def test_components_lose_what_scikit_learn_says():
    chapter = run_cells("04_deep_autoencoders", "imports", "components")
    model = PCA(5).fit(chapter["training"].flatten(1).numpy())
    fresh = chapter["held_out"].flatten(1).numpy()
    rest = ((fresh - model.inverse_transform(model.transform(fresh))) ** 2).sum()
    wanted = rest / ((fresh - model.mean_) ** 2).sum()
    assert chapter["components"](chapter["held_out"], 5) == pytest.approx(wanted, rel=1e-4)


def test_the_interval_shown_is_that_of_students_test():
    chapter = run_cells("04_deep_autoencoders", "imports", "gain")
    runs = np.random.default_rng(6).normal([[0.1], [0.4]], [[1.0], [0.2]], size=(2, 10))
    centre, half = chapter["interval"](runs)
    for row, low, high in zip(runs, centre - half, centre + half, strict=True):
        wanted = stats.ttest_1samp(row, 0).confidence_interval(0.95)
        assert (low, high) == pytest.approx((wanted.low, wanted.high), rel=1e-9)
