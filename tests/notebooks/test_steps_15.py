"""What chapter 15 shows by hand and what the library holds make the same proofs, iterations and effects."""

import math

import numpy as np
import pytest
import torch

from lib import lipschitz
from lib.experiments.critics import factorial, problems
from lib.experiments.critics.judging import judge
from tests.notebooks.reading import run_cells

NAME = "15_how_good_is_a_critic"


@pytest.fixture(scope="module")
def chapter() -> dict:
    return run_cells(NAME, "imports", "problems", "certify", "bjorck", "main-effects")


def random_critic(seed):
    torch.manual_seed(seed)
    layers = torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1), torch.nn.Flatten(0)
    return torch.nn.Sequential(*layers).double()


@pytest.mark.parametrize("seed", range(4))
def test_the_certificate_shown_is_the_librarys(chapter, seed):
    """Up to the sign: a critic turned round has a value below zero, and either way up both say the same."""
    cloud, critic = problems.problem("ring"), random_critic(seed)
    x, y = cloud.real.double(), cloud.generated.double()
    away = torch.cdist(x, y).numpy()
    with torch.no_grad():
        f, g = critic(x).numpy(), critic(y).numpy()
    for sign in (1, -1):
        shown = chapter["certify"](sign * f, sign * g, away)
        library = lipschitz.certificate(lambda points, sign=sign: sign * critic(points), x, y)
        assert shown[:3] == pytest.approx(library, rel=1e-9)
        double = problems.Problem("ring", x, y)
        proved = judge(lambda points, sign=sign: sign * critic(points), double)
        assert shown[3] == pytest.approx(proved.transformed, rel=1e-9)


def test_the_certificate_shown_on_three_points_by_hand(chapter):
    """Scores 4, 0 over 1, 0 with the distances 1, 2, 4, 3: K̂ = 3, and means that no sum or median gives."""
    f, g = np.array([4.0, 0.0]), np.array([1.0, 0.0])
    away = np.array([[1.0, 2.0], [4.0, 3.0]])
    value, steepest, bound, transformed = chapter["certify"](f, g, away)
    assert (value, steepest, bound) == (1.5, 3.0, 0.5)
    at_one = (min(1 + 1, 2 + 0) + min(4 + 1, 3 + 0)) / 2 - 0.5
    at_steepest = (min(1 + 1 / 3, 2) + min(4 + 1 / 3, 3)) / 2 - 1 / 6
    assert transformed == pytest.approx(max(at_one, at_steepest))


def test_the_iteration_shown_is_that_of_the_library(chapter):
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(4, 4)))[0]
    matrix = 0.3 * turn  # all singular values equal: the library's scaling makes them 1 and leaves them
    assert np.allclose(lipschitz.bjorck(torch.tensor(matrix), 3).numpy(), turn, rtol=0, atol=1e-9)
    skew = turn @ np.diag([1.0, 0.7, 0.4, 0.2])
    shown = np.linalg.svd(chapter["step"](skew))[1]
    assert shown == pytest.approx([1, (2.1 - 0.343) / 2, (1.2 - 0.064) / 2, (0.6 - 0.008) / 2])
    limit = skew
    for _ in range(40):
        limit = chapter["step"](limit)
    library = lipschitz.bjorck(torch.tensor(skew), 40).numpy()
    assert np.allclose(library, limit, rtol=0, atol=1e-9) and math.isclose(np.linalg.det(limit) ** 2, 1)


def test_the_main_effects_shown_are_those_of_the_library(chapter):
    values = np.random.default_rng(2).normal(size=16)
    shown = [chapter["main_effect"](values, k) for k in range(4)]
    assert shown == pytest.approx(factorial.effects(values))
