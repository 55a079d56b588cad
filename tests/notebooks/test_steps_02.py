"""What chapter 2 shows by hand and what the library holds are the same: the linear autoencoder of digits."""

from itertools import islice

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from lib.experiments import chapter_02
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(
        "02_principal_components", "imports", "cloud", "digits", "principal", "start-linear", "twonn"
    )


def weights_after(steps: int, network, moves) -> list[torch.Tensor]:
    list(islice(moves, steps))
    return [each.clone() for each in network.state_dict().values()]


@pytest.mark.parametrize("seed", [0, 3])
def test_the_network_shown_has_the_weights_of_the_recipe(chapter, seed):
    training = torch.tensor(chapter["training"].T, dtype=torch.float32)
    shown = weights_after(15, *chapter["start_linear"](seed))
    library = weights_after(15, *chapter_02.start_linear(seed, training))
    assert all(torch.equal(a, b) for a, b in zip(shown, library, strict=True))
    before = weights_after(0, *chapter["start_linear"](seed))
    assert not any(torch.equal(a, b) for a, b in zip(shown, before, strict=True))


def test_both_judge_the_same_halves(chapter):
    from lib import data
    from lib.experiments.judging import halves

    for shown, used in zip(
        (chapter["training"], chapter["held_out"]), halves(data.digits().images), strict=True
    ):
        assert np.array_equal(shown.T, used.flatten(1).double().numpy())


def test_the_principal_directions_shown_are_those_of_scikit_learn(chapter):
    points = np.random.default_rng(0).exponential(size=(5, 30)) * [[1], [2], [4], [3], [5]]
    centre, values, directions = chapter["principal"](points)
    theirs = PCA(5).fit(points.T)
    assert np.allclose(centre[:, 0], theirs.mean_, rtol=0, atol=1e-12)
    assert np.allclose(values, theirs.explained_variance_, rtol=1e-10, atol=0)
    assert np.allclose(np.abs((theirs.components_ @ directions).diagonal()), 1, rtol=0, atol=1e-10)


def test_the_ruler_reads_flat_space(chapter):
    """Fractions of a volume on a line, in a plane and in space; four standard errors."""
    for r in (1, 2, 3):
        read = [chapter["dimension"](np.random.default_rng(k).random((2000, r))) for k in range(10)]
        assert np.mean(read) == pytest.approx(r, rel=0.05)
