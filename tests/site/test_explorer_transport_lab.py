"""The LP lab in a real browser: its plans, prices and values against SciPy's linear programmes and `lib`."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial.distance import cdist

from explorer_pages import drag, mathematics_of, numbers_of, peak, rendered, settle, state_of, swipe, words
from lib.explorers.transport_lab import TransportLab
from lib.transport import wasserstein1

METRICS = {"1": ("cityblock", 1), "2": ("euclidean", 2), "inf": ("chebyshev", math.inf)}


@pytest.fixture(scope="module")
def solver(browser):
    with mathematics_of(browser, "transport_lab/solver.js") as page:
        yield page


def problem(state) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Costs, p and q of a state, the costs by SciPy."""
    cost = cdist(state["real"], state["generated"], METRICS[state["norm"]][0])
    return cost, np.array(state["real_weights"]), np.array(state["generated_weights"])


def by_linprog(cost, p, q, largest: bool = False, floor: float = 0.0) -> float:
    """The least (or largest) cost of a plan that is nowhere below floor · p qᵀ; HiGHS, as a plain matrix."""
    n, m = cost.shape
    rows = [np.kron(np.eye(n)[i], np.ones(m)) for i in range(n)]
    columns = [np.kron(np.ones(n), np.eye(m)[j]) for j in range(m)]
    bounds = [(floor * each, None) for each in np.outer(p, q).ravel()]
    sign = -1 if largest else 1
    found = linprog(sign * cost.ravel(), A_eq=np.array(rows + columns), b_eq=np.r_[p, q], bounds=bounds)
    assert found.status == 0, found.message
    return sign * found.fun


def dual_status(cost, p, q, pairs, reverse: bool = False) -> tuple[int, float]:
    """HiGHS on max p·f + q·g with f_i + g_j <= d_ij (or >=) for these pairs: status (3: unbounded), value."""
    n, m = cost.shape
    rows = np.array([np.r_[np.eye(n)[i], np.eye(m)[j]] for i, j in pairs])
    limits = np.array([cost[i, j] for i, j in pairs])
    sign = -1 if reverse else 1
    found = linprog(
        -np.r_[p, q], A_ub=sign * rows, b_ub=sign * limits, bounds=(None, None), method="highs-ds"
    )
    return found.status, -found.fun if found.status == 0 else math.inf


def check_solution(state) -> float:
    """The published plan and prices of the true programme: feasible, optimal, complementary. Returns W."""
    cost, p, q = problem(state)
    plan, f, g = (np.array(state[key]) for key in ("plan", "f", "g"))
    value = by_linprog(cost, p, q)
    assert plan.min() >= 0
    assert plan.sum(1) == pytest.approx(p, abs=1e-9) and plan.sum(0) == pytest.approx(q, abs=1e-9)
    slack = cost - f[:, None] - g
    assert slack.min() >= -1e-9
    assert np.array(state["slack"]) == pytest.approx(slack, abs=1e-9)
    assert (plan * cost).sum() == pytest.approx(value, abs=1e-6)
    assert p @ f + q @ g == pytest.approx((plan * cost).sum(), abs=1e-9)
    assert np.abs(plan * slack).max() < 1e-9
    return value


def check_page(page) -> dict[str, float]:
    """The page on the true programme: what is drawn and printed is the solution."""
    state, shown = state_of(page), numbers_of(page)
    assert state["programme"] == "true"
    value = check_solution(state)
    _, p, q = problem(state)
    clouds = np.array(state["real"]), np.array(state["generated"])
    for method in ("lp", "network"):
        ours = wasserstein1(*clouds, p, q, method=method, norm=METRICS[state["norm"]][1])
        assert shown["primal"] == pytest.approx(ours.value, abs=1e-6)
    assert shown["primal"] == pytest.approx(value, abs=1e-6)
    assert shown["dual"] == pytest.approx(value, abs=1e-6)
    assert shown["gap"] == pytest.approx(0, abs=1e-9)
    check_drawing(page, state)
    return shown


def check_drawing(page, state) -> None:
    """Lines as wide as their mass between the right points, and both tables cell by cell."""
    lines = page.locator(".explorer-flows line").evaluate_all(
        """(nodes) => nodes.map((node) => [...node.dataset.pair.split(' ').map(Number),
          ...['stroke-width', 'x1', 'y1', 'x2', 'y2'].map((name) => Number(node.getAttribute(name)))])"""
    )
    spots = page.locator(".explorer-spot").evaluate_all(
        "(nodes) => nodes.map((node) => [node.cx.baseVal.value, node.cy.baseVal.value])"
    )
    plan = np.array(state["plan"])
    assert sorted((int(i), int(j)) for i, j, *_ in lines) == sorted(
        map(tuple, np.argwhere(plan > 0).tolist())
    )
    for i, j, width, *ends in lines:
        assert width == pytest.approx(40 * plan[int(i), int(j)], abs=1e-3)
        assert ends == pytest.approx([*spots[int(i)], *spots[len(plan) + int(j)]], abs=1e-3)
    for quantity in ("plan", "slack"):
        values = np.array(state[quantity])
        for (i, j), value in np.ndenumerate(values):
            cell = page.locator(f'td[data-quantity="{quantity}_{i + 1}_{j + 1}"]')
            attributes = cell.evaluate("(node) => [node.dataset.value, node.textContent, node.dataset.state]")
            assert float(attributes[0]) == pytest.approx(value, abs=1e-9)
            printed = attributes[1].replace("−", "-").replace("<.001", "0.0005")
            assert float(printed) == pytest.approx(value, abs=5.1e-3)
            assert ("moved" in attributes[2].split()) == (plan[i, j] > 0)
            assert ("zero" in attributes[2].split()) == (abs(value) < 1e-9)


def choose(page, label: str, value: str) -> None:
    page.get_by_label(label).select_option(value)
    settle(page)


def test_first_picture_is_right(opened):
    page = opened()
    shown = check_page(page)
    assert shown["primal"] == pytest.approx(TransportLab().solve().value, abs=1e-9)
    assert words(page).count(f"{shown['primal']:.3f}") == 2 and "5 of the 25 pairs" in words(page)


def configurations() -> list[dict]:
    """Twenty states: sizes 2 to 6, equal and unequal weights, three norms; every third on a coarse grid, so
    that distances tie and points coincide."""
    generator = np.random.default_rng(12)
    drawn = []
    for index in range(20):
        state = {"norm": ("1", "2", "inf")[index % 3], "programme": "true"}
        n = int(generator.integers(2, 7))
        for side in ("real", "generated"):
            size = n if index % 4 == 0 else int(generator.integers(2, 7))
            points = generator.uniform(-1, 1, (size, 2))
            state[side] = (np.round(2 * points) / 2 if index % 3 == 0 else points.round(3)).tolist()
            weights = (
                np.full(size, 1 / size) if index % 2 == 0 else generator.integers(1, 9, size).astype(float)
            )
            state[f"{side}_weights"] = (weights / weights.sum()).tolist()
        drawn.append(state)
    return drawn


def test_solver_on_twenty_configurations(opened):
    states = configurations()
    tied = 0
    for state, shown in rendered(opened(), TransportLab(), states):
        primal, dual = shown["primal"], shown["dual"]
        value = check_solution(state)
        cost, p, q = problem(state)
        ours = wasserstein1(state["real"], state["generated"], p, q, norm=METRICS[state["norm"]][1])
        assert (primal, dual) == pytest.approx((value, value), abs=1e-6)
        assert (primal, dual) == pytest.approx((ours.value, ours.value), abs=1e-6)
        tied += len(np.unique(cost.round(9))) < cost.size
    assert tied >= 6


@pytest.mark.parametrize("norm", ["1", "2", "inf"])
def test_plans_have_no_circles(solver, norm):
    """At most n + m − 1 pairs move mass, where distances tie too: 300 shuffles of unequal weights."""
    generator = np.random.default_rng(5)
    p, q = (np.array(each) / sum(each) for each in ([6, 2, 4, 5, 3], [2, 7, 3, 4, 5]))
    clouds = generator.uniform(-0.9, 0.9, (300, 2, 5, 2)).round(2)
    clouds[::2] = clouds[::2].round(1)
    plans = solver.evaluate(
        """([clouds, p, q, norm]) => clouds.map(
          ([real, generated]) => lib.solve(lib.distances(real, generated, norm), p, q).plan)""",
        [clouds.tolist(), p.tolist(), q.tolist(), norm],
    )
    moved = [(np.array(plan) > 0).sum() for plan in plans]
    assert max(moved) == 9
    for (real, generated), plan in zip(clouds[::15], plans[::15], strict=True):
        cost, plan = cdist(real, generated, METRICS[norm][0]), np.array(plan)
        assert plan.sum(1) == pytest.approx(p) and plan.sum(0) == pytest.approx(q)
        assert (plan * cost).sum() == pytest.approx(by_linprog(cost, p, q), abs=1e-7)


def test_circles_are_undone(solver):
    """A plan that spreads mass over every pair of a tie becomes one on a forest, with the same marginals."""
    generator = np.random.default_rng(8)
    for n, m in ((2, 2), (3, 5), (6, 6), (5, 2)):
        plan = generator.dirichlet(np.ones(n * m)).reshape(n, m)
        found = np.array(solver.evaluate("(plan) => lib.withoutCircles(plan)", plan.tolist()))
        assert found.min() >= 0 and (found > 0).sum() <= n + m - 1
        assert found.sum(0) == pytest.approx(plan.sum(0)) and found.sum(1) == pytest.approx(plan.sum(1))


COVERED = """() => {
  const box = (node) => node.getBoundingClientRect();
  const within = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const texts = [...document.querySelectorAll('.explorer-price')];
  const spots = [...document.querySelectorAll('.explorer-spot')];
  const letters = (node) => { const { left, right, top, bottom } = box(node);
    return { left, right, top: top + 4, bottom: bottom - 4 }; };  // the line is higher than its letters
  const spot = (node) => { const { left, right, top, bottom } = box(node);
    return { left: left + 1, right: right - 1, top: top + 1, bottom: bottom - 1 }; };
  return texts.flatMap((text, i) => [...spots.map(spot), ...texts.slice(0, i).map(letters)]
    .filter((other) => within(letters(text), other)).map(() => text.textContent));
}"""


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize(
    ("moved", "beside"), [("Real point x2", "Real point x4"), ("Generated point y5", "Real point x3")]
)
def test_no_price_lies_on_a_point_or_on_another_price(opened, width, moved, beside):
    """A point is set where another one's price stood: at its left hand, at its right, and just above."""
    page = opened(width=width)
    assert page.evaluate(COVERED) == []
    for right, down in ((-38, 0), (38, 0), (-20, -14)):
        page.get_by_role("button", name="Reset").click()
        settle(page)
        start, end = (peak(page, name).bounding_box() for name in (moved, beside))
        drag(page, peak(page, moved), end["x"] - start["x"] + right, end["y"] - start["y"] + down)
        settle(page)
        assert page.evaluate(COVERED) == []


def test_tables_stay_where_they_are(opened):
    """Whatever the programme says and shows, nothing below it moves."""
    for width in (1000, 390):
        page = opened(width=width)
        tops = set()
        for weights in ("equal", "unequal"):
            choose(page, "weights", weights)
            for programme in ("true", "reversed", "positive", "paired", "below"):
                choose(page, "programme", programme)
                tops.add(round(page.locator(".explorer-tables").evaluate("(node) => node.offsetTop")))
        assert len(tops) == 1


def test_small_masses_are_not_printed_as_nothing(opened):
    page = opened()
    choose(page, "weights", "unequal")
    choose(page, "programme", "positive")
    for floor in ("0.01", "0.05", "0.5"):
        page.get_by_label("floor epsilon").fill(floor)
        settle(page)
        for cell in page.locator("td[data-value]").all():
            value, text = float(cell.get_attribute("data-value")), cell.inner_text()
            if abs(value) < 1e-9:
                assert text == "0"
            elif abs(value) < 5e-4:
                assert text == "<.001"
            else:
                assert float(text) != 0
                assert float(text) == pytest.approx(value, abs=5.1e-3 if value >= 0.005 else 5.1e-4)


def test_prices_lie_in_the_middle(opened):
    """A slack is zero only where it is zero in every optimal pair: raising it is what HiGHS cannot do."""
    state = state_of(opened())
    cost, p, q = problem(state)
    n, m = cost.shape
    value = by_linprog(cost, p, q)
    rows = np.array([np.r_[np.eye(n)[i], np.eye(m)[j]] for i, j in np.ndindex(n, m)])
    for row, d, slack in zip(rows, cost.ravel(), np.ravel(state["slack"]), strict=True):
        A, b = np.vstack([rows, -np.r_[p, q]]), np.r_[cost.ravel(), -value + 1e-12]
        least = linprog(row, A_ub=A, b_ub=b, bounds=[(0, 0)] + [(None, None)] * (n + m - 1)).fun
        assert (slack < 1e-9) == (d - least < 1e-7)


def test_mouse_drags_points(opened):
    page = opened()
    before = state_of(page)
    box = page.locator(".explorer-chart").bounding_box()
    unit = (box["width"] - 40) / 2.6
    drag(page, peak(page, "Real point x1"), 120, 150)
    after = state_of(page)
    assert after["real"][0] == pytest.approx(
        [before["real"][0][0] + 120 / unit, before["real"][0][1] - 150 / unit], abs=0.02
    )
    first = check_page(page)
    drag(page, peak(page, "Generated point y3"), -200, -90)
    second = check_page(page)
    drag(page, peak(page, "Generated point y4"), 900, 0)
    third = check_page(page)
    assert state_of(page)["generated"][3][0] == 1.3
    assert len({round(each["primal"], 6) for each in (first, second, third)}) == 3


def test_keyboard_and_finger_move_points(opened):
    page = opened(width=400, height=700, has_touch=True)
    x, y = state_of(page)["generated"][1]
    knob = peak(page, "Generated point y2")
    knob.focus()
    page.keyboard.press("Shift+ArrowLeft")
    settle(page)
    page.keyboard.press("ArrowUp")
    assert state_of(page)["generated"][1] == pytest.approx([x - 0.1, y + 0.02])
    assert knob.get_attribute("aria-valuetext") == "0.82, −0.22"
    check_page(page)
    top, box = page.evaluate("scrollY"), knob.bounding_box()
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, start, (start[0] - 50, start[1] - 40))
    assert state_of(page)["generated"][1][0] < x - 0.3 and page.evaluate("scrollY") == top
    check_page(page)


@pytest.mark.parametrize("norm", ["1", "2", "inf"])
def test_norms_and_weights(opened, norm):
    page = opened()
    choose(page, "distance", norm)
    choose(page, "weights", "unequal")
    state = state_of(page)
    assert len(set(state["real_weights"])) > 2 and state["real_weights"] != state["generated_weights"]
    assert state["norm"] == norm
    check_page(page)
    radii = page.locator(".explorer-spot").evaluate_all(
        "(nodes) => nodes.map((node) => node.r.baseVal.value)"
    )
    weights = np.array(state["real_weights"] + state["generated_weights"])
    assert np.array(radii) == pytest.approx(3 + 18 * weights, abs=1e-6)
    choose(page, "weights", "equal")
    assert state_of(page)["real_weights"] == pytest.approx([0.2] * 5)
    check_page(page)


def test_shift_changes_prices_and_nothing_else(opened):
    page = opened()
    before, shown = state_of(page), check_page(page)
    page.get_by_label("shift a").fill("0.6")
    after = state_of(page)
    assert np.array(after["f"]) == pytest.approx(np.array(before["f"]) + 0.6)
    assert np.array(after["g"]) == pytest.approx(np.array(before["g"]) - 0.6)
    assert np.array(after["slack"]) == pytest.approx(np.array(before["slack"]), abs=1e-12)
    assert check_page(page)["dual"] == pytest.approx(shown["dual"], abs=1e-12)


def test_reversed_constraints_are_unbounded(opened):
    page = opened()
    choose(page, "programme", "reversed")
    values = {}
    for step in ("0", "1", "4"):
        page.get_by_label("step t").fill(step)
        state, shown = state_of(page), numbers_of(page)
        cost, p, q = problem(state)
        f, g = np.array(state["f"]), np.array(state["g"])
        assert (cost - f[:, None] - g).max() < 1e-9, "not feasible for >="
        values[step] = shown["value_along"]
        assert values[step] == pytest.approx(p @ f + q @ g, abs=1e-9)
    assert dual_status(cost, p, q, list(np.ndindex(cost.shape)), reverse=True)[0] == 3
    assert shown["dual"] == math.inf
    assert page.locator('output[data-quantity="dual"]').inner_text() == "+∞"
    assert shown["dearest"] == pytest.approx(by_linprog(cost, p, q, largest=True), abs=1e-6)
    assert values["0"] == pytest.approx(shown["dearest"], abs=1e-9)
    assert [values["1"] - values["0"], values["4"] - values["0"]] == pytest.approx([1, 4], abs=1e-9)
    assert "without end" in words(page) and f"{shown['dearest']:.3f}" in words(page)


def test_positive_plans_come_near_and_never_there(opened):
    page = opened()
    choose(page, "weights", "unequal")
    choose(page, "programme", "positive")
    for floor in ("0.01", "0.2", "0.5"):
        page.get_by_label("floor epsilon").fill(floor)
        state, shown = state_of(page), numbers_of(page)
        cost, p, q = problem(state)
        plan = np.array(state["plan"])
        assert (plan - float(floor) * np.outer(p, q)).min() >= -1e-12 and plan.min() > 0
        assert plan.sum(1) == pytest.approx(p) and plan.sum(0) == pytest.approx(q)
        assert shown["primal"] == pytest.approx(by_linprog(cost, p, q, floor=float(floor)), abs=1e-6)
        assert shown["excess"] == pytest.approx(shown["primal"] - by_linprog(cost, p, q), abs=1e-6)
        assert shown["excess"] == pytest.approx(float(floor) * shown["rate"], abs=1e-12)
        assert shown["rate"] == pytest.approx(p @ cost @ q - by_linprog(cost, p, q), abs=1e-6)
        check_drawing(page, state)
    assert "never there" in words(page)
    page.get_by_label("floor epsilon").fill("0")
    assert numbers_of(page)["excess"] == 0 and "Γ has zeros" in words(page)


def test_positive_plan_where_spreading_costs_nothing(opened):
    """d = a_i + b_j: all real points left of all generated ones on one line."""
    state = {
        "norm": "2",
        "programme": "positive",
        "real": [[-1, 0], [-0.5, 0]],
        "generated": [[0, 0], [1, 0]],
    }
    weights = {"real_weights": [0.5, 0.5], "generated_weights": [0.25, 0.75]}
    [(made, shown)] = rendered(opened(), TransportLab(), [state | weights])
    assert shown["rate"] == pytest.approx(0, abs=1e-12) and shown["excess"] == pytest.approx(0, abs=1e-12)
    assert "The exception" in made["words"] and np.min(made["plan"]) > 0


def test_only_equal_numbers_is_bounded_for_equal_weights(opened):
    page = opened()
    choose(page, "programme", "paired")
    state, shown = state_of(page), numbers_of(page)
    cost, p, q = problem(state)
    pairs = [(i, i) for i in range(len(p))]
    status, value = dual_status(cost, p, q, pairs)
    assert status == 0
    assert shown["dual"] == pytest.approx(value, abs=1e-6)
    assert shown["primal"] == pytest.approx(np.trace(cost) / len(p), abs=1e-9)
    assert shown["excess"] == pytest.approx(value - by_linprog(cost, p, q), abs=1e-6)
    assert shown["excess"] > 0.1
    f, g = np.array(state["f"]), np.array(state["g"])
    assert p @ f + q @ g == pytest.approx(value, abs=1e-6)
    broken = int((f[:, None] + g > cost + 1e-9).sum())
    assert f"more than c for {broken} of the pairs" in words(page)
    assert page.locator('td[data-state~="negative"]').count() == broken
    check_drawing(page, state)


def test_only_equal_numbers_is_unbounded_for_unequal_weights(opened):
    page = opened()
    choose(page, "weights", "unequal")
    choose(page, "programme", "paired")
    shown, along = {}, {}
    for step in ("1", "3"):
        page.get_by_label("step t").fill(step)
        state, shown = state_of(page), numbers_of(page)
        cost, p, q = problem(state)
        f, g = np.array(state["f"]), np.array(state["g"])
        assert (f + g - np.diag(cost)).max() < 1e-9, "not feasible for the pairs i = j"
        along[step] = p @ f + q @ g
        assert shown["value_along"] == pytest.approx(along[step], abs=1e-9)
    assert dual_status(cost, p, q, [(i, i) for i in range(5)])[0] == 3
    assert shown["dual"] == shown["primal"] == math.inf
    assert (along["3"] - along["1"]) / 2 == pytest.approx(abs(p - q).max(), abs=1e-9)
    assert "without end" in words(page) and page.locator(".explorer-flows line").count() == 0


def test_g_below_f_is_not_invariant(opened):
    page = opened()
    choose(page, "programme", "below")
    counts = []
    for shift in ("-1", "0", "1"):
        page.get_by_label("shift a").fill(shift)
        state, shown = state_of(page), numbers_of(page)
        everywhere = np.array(state["real"] + state["generated"])
        to = cdist(everywhere, np.array(state["generated"]))
        f = (to - np.array(state["g"])).min(1)
        g = (cdist(everywhere, everywhere) - f).min(1)
        counts.append(shown["fails_wrong"])
        assert shown["fails_wrong"] == (g > f + 1e-9).sum()
        assert shown["fails_right"] == (g > -f + 1e-9).sum() == 0
        assert f"fails at {shown['fails_wrong']:.0f} of the 10 points" in words(page)
        assert shown["dual"] == pytest.approx(TransportLab().solve().value, abs=1e-9)
    assert counts[0] == 10 and counts[0] > counts[1] > counts[2]


def test_shows_what_belongs_to_the_programme(opened):
    page = opened()
    wanted = {
        "true": {"gap"},
        "reversed": {"value_along", "dearest"},
        "positive": {"excess", "rate"},
        "paired": {"excess"},
        "below": {"fails_wrong", "fails_right"},
    }
    for programme, more in wanted.items():
        choose(page, "programme", programme)
        outputs = [each for each in page.locator("output").all() if each.is_visible()]
        assert {each.get_attribute("data-quantity") for each in outputs} == {"primal", "dual"} | more
        caption = page.locator("caption").nth(1).inner_text()
        mass_moves_at_zero = programme in ("true", "below", "paired")
        assert caption.endswith(
            ": 0 where mass moves" if mass_moves_at_zero else ": not 0 wherever mass moves"
        )
        sliders = [each for each in page.locator("input[type=range]").all() if each.is_visible()]
        assert len(sliders) == (programme != "paired")


def test_outputs_print_their_values(opened):
    page = opened()
    for programme in ("true", "reversed", "positive", "paired", "below"):
        choose(page, "programme", programme)
        for output in page.locator("output").all():
            value = float(output.get_attribute("data-value"))
            printed = output.text_content().replace("−", "-").replace("∞", "inf")
            assert float(printed) == pytest.approx(value, abs=5.1e-4)


def test_buttons(opened):
    page = opened()
    first = state_of(page)
    page.get_by_role("button", name="Shuffle").click()
    check_page(page)
    assert state_of(page)["real"] != first["real"]
    choose(page, "weights", "unequal")
    choose(page, "distance", "1")
    choose(page, "programme", "paired")
    page.get_by_role("button", name="Reset").click()
    assert state_of(page) == first
