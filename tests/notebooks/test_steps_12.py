"""What chapter 12 shows by hand and what the library holds give the same matrices, values and plans."""

import numpy as np
import pytest

from lib import transport
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = (
        "imports",
        "map",
        "programme",
        "plan",
        "birkhoff",
        "strict",
        "moving",
        "weak",
        "negative",
        "dual",
    )
    cells += ("wrong-signs", "library", "common", "bound", "tempting", "transform", "one-function-programme")
    return run_cells("12_kantorovich_duality", *cells, "sinkhorn")


def problem(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A cost of either sign between five places and four, and masses."""
    draw = np.random.default_rng(seed)
    return draw.normal(size=(5, 4)), draw.dirichlet(np.ones(5)), draw.dirichlet(np.ones(4))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (4, 4), (5, 2)])
def test_the_matrix_shown_is_the_librarys(chapter, n, m):
    shown = chapter["constraint_matrix"](n, m)
    np.testing.assert_array_equal(shown, transport.constraint_matrix(n, m).toarray())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_programmes_shown_find_what_kantorovich_finds(chapter, seed):
    cost, p, q = problem(seed)
    masses, exact = np.concatenate([p, q]), transport.kantorovich(cost, p, q)
    assert chapter["cheapest"](cost, masses).fun == pytest.approx(exact.value, abs=1e-10)
    assert -chapter["best_offer"](cost, masses).fun == pytest.approx(exact.value, abs=1e-10)


def test_the_transform_shown_is_the_librarys(chapter):
    cost = problem(3)[0]
    prices = np.random.default_rng(4).normal(size=(3, 5))
    np.testing.assert_allclose(
        chapter["c_transform"](prices, cost), transport.c_transform(prices, cost), atol=1e-14
    )


def test_the_constraints_of_one_function_are_the_librarys(chapter):
    np.testing.assert_array_equal(chapter["differences"], transport.lipschitz_matrix(41).toarray().T)


def test_the_one_function_shown_is_worth_what_the_library_says(chapter):
    line, humps, bell = chapter["line"][:, None], chapter["humps"], chapter["bell"]
    single = transport.wasserstein1(line, line, humps, bell, method="single")
    shown = -chapter["best_critic"](chapter["road"], humps, bell).fun
    assert shown == pytest.approx(single.value, abs=1e-9)


@pytest.mark.parametrize("epsilon", [0.3, 1.0])
def test_the_softened_plan_shown_is_the_librarys(chapter, epsilon):
    cost, p, q = problem(5)
    shown, bill = chapter["soften"](cost, p, q, epsilon, rounds=3000)
    answer = transport.sinkhorn_of_cost(cost, p, q, epsilon=epsilon, tolerance=1e-12)
    np.testing.assert_allclose(answer.plan, shown, atol=1e-10)
    assert answer.f @ p + answer.g @ q == pytest.approx(bill, abs=1e-9)
