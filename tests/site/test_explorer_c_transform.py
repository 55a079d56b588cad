"""The c-transform staircase in a real browser: its numbers against SciPy and `lib`, by mouse and keyboard."""

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import wasserstein_distance

from explorer_pages import SETTLED, drag, numbers_of, peak, rendered, settle, state_of, swipe, words
from lib.explorers.c_transform import CTransform
from lib.transport import c_transform, wasserstein1

STEPS = ("Step 0", "Step 1", "Step 2")


def arrays(state) -> tuple[np.ndarray, ...]:
    return tuple(np.array(state[name], dtype=float) for name in ("support", "p", "q", "f", "g"))


def check_numbers(state, shown) -> None:
    """The state is feasible, and all six numbers are what SciPy and plain loops make of it."""
    xs, p, q, f, g = arrays(state)
    cost = np.abs(xs[:, None] - xs)
    assert (f[:, None] + g - cost).max() <= 1e-9
    raised = np.array([min(abs(x - y) - value for x, value in zip(xs, f, strict=True)) for y in xs])
    assert raised == pytest.approx(c_transform(f, cost), abs=1e-12)
    exact = wasserstein_distance(xs, xs, p, q)
    wanted = {
        "value": p @ f + q @ g,
        "after_one": p @ f + q @ raised,
        "after_two": (q - p) @ raised,
        "exact": exact,
        "shortcut": (p - q) @ f,
        "steepest": np.abs(np.diff(f) / np.diff(xs)).max(),
    }
    assert shown == pytest.approx(wanted, abs=1e-9)
    assert shown["exact"] == pytest.approx(
        wasserstein1(xs[:, None], xs[:, None], p, q, method="lp").value, abs=1e-8
    )
    stairs = [shown[key] for key in ("value", "after_one", "after_two", "exact")]
    assert all(one <= other + 1e-9 for one, other in itertools.pairwise(stairs))


LOOK = f"""{SETTLED}.then((root) => ({{
  state: JSON.parse(root.dataset.state),
  shown: Object.fromEntries([...root.querySelectorAll('output')].map(
    (each) => [each.dataset.quantity, Number(each.dataset.value)])),
  dots: [...root.querySelectorAll('.explorer-points circle')].map(
    (node) => [node.cx.baseVal.value, node.cy.baseVal.value, node.parentNode.dataset.role]),
  boxes: [...root.querySelectorAll('.explorer-row')[1].querySelectorAll('.explorer-band, .explorer-rule')]
    .map((node) => node.getBBox()).map(({{ x, width }}) => [x, x + width]),
}}))"""
"""All there is to be seen, at once, when nothing moves any more."""


def check_page(page) -> dict[str, float]:
    """The numbers, and what is drawn at this step."""
    return check_look(page.evaluate(f"() => {LOOK}"))


def check_look(look: dict) -> dict[str, float]:
    state, shown = look["state"], look["shown"]
    check_numbers(state, shown)
    xs, _, _, f, g = arrays(state)
    raised = c_transform(f, np.abs(xs[:, None] - xs))
    now = [(f, g), (f, raised), (-raised, raised)][state["step"]]
    assert np.array(state["shown"]["f"]) == pytest.approx(now[0], abs=1e-12)
    assert np.array(state["shown"]["g"]) == pytest.approx(now[1], abs=1e-12)
    check_drawing(look)
    return shown


def check_drawing(look: dict) -> None:
    """The dots stand at the values of this step, and the bars end where their numbers say."""
    state, shown = look["state"], look["shown"]
    low, high = state["room"]
    heights = {"real": state["shown"]["f"], "generated": [-each for each in state["shown"]["g"]]}
    if state["step"] == 2:
        heights = {"third": state["shown"]["f"]}
    assert {role for *_, role in look["dots"]} == set(heights)
    for role, values in heights.items():
        ys = [y for _, y, each in look["dots"] if each == role]
        assert ys == pytest.approx([248 * (high - value) / (high - low) for value in values], abs=1e-3)
    zero, *bars, truth = look["boxes"]
    unit = (truth[0] - zero[0]) / shown["exact"]
    for (left, right), key in zip(bars, ("value", "after_one", "after_two", "shortcut"), strict=True):
        ends = sorted([zero[0], zero[0] + unit * shown[key]])
        assert [left, right] == pytest.approx(ends, abs=0.01)


def step(page, which: int) -> None:
    page.get_by_role("button", name=STEPS[which]).click()
    settle(page)


def test_first_numbers_rise_and_the_shortcut_is_too_much(opened):
    page = opened()
    shown = check_page(page)
    assert [each.value for each in CTransform().staircase()] == pytest.approx(
        [shown[key] for key in ("value", "after_one", "after_two")], abs=1e-9
    )
    assert shown["value"] + 0.2 < shown["after_one"] < shown["after_two"] - 0.2 < shown["exact"] - 0.2
    assert shown["shortcut"] > shown["exact"] + 0.2 and shown["steepest"] > 1
    assert f"{shown['shortcut']:.3f}, more than W" in words(page)


def test_steps_lead_to_one_lipschitz_function(opened):
    page = opened()
    for which in (1, 2, 0, 2):
        step(page, which)
        shown = check_page(page)
        pressed = page.locator('button[aria-pressed="true"]').all_inner_texts()
        assert len(pressed) == 1 and pressed[0].startswith(str(which))
    gained = shown["after_two"] - shown["after_one"]
    assert f"gains {gained:.3f}" in words(page) and f"worth {shown['after_two']:.3f}" in words(page)
    shown = state_of(page)["shown"]
    xs, one = np.array(state_of(page)["support"]), np.array(shown["f"])
    assert one == pytest.approx(-np.array(shown["g"]), abs=1e-12)
    assert (np.abs(one[:, None] - one) <= np.abs(xs[:, None] - xs) + 1e-12).all()
    visible = [each.is_visible() for each in page.locator(".explorer-handle").all()]
    assert not any(visible)
    prices = page.locator('.explorer-chart[aria-label^="The prices"]')
    names = prices.locator(".explorer-name[data-role]").all_text_contents()
    assert [each for each in names if each] == ["−fᶜ"]


def test_counter_example_is_exact(opened):
    """X = {0, 1}, p = δ₀, q = δ₁, f = (10, 0), g = (−10, −9): optimal, and yet the shortcut says 10."""
    page = opened()
    page.get_by_label("example").select_option("pair")
    state, shown = state_of(page), check_page(page)
    assert [each.tolist() for each in arrays(state)] == [[0, 1], [1, 0], [0, 1], [10, 0], [-10, -9]]
    assert [shown[key] for key in ("value", "after_one", "after_two", "exact")] == [1, 1, 1, 1]
    assert shown["shortcut"] == 10
    assert "gives 10.000, more than W" in words(page)
    for which in (1, 2):
        step(page, which)
        check_page(page)
    assert state_of(page)["shown"]["f"] == [10, 9]
    assert "gains nothing" in words(page) and "all of W" in words(page)
    page.get_by_label("example").select_option("own")
    assert state_of(page)["f"] == CTransform().f
    check_page(page)


def test_mouse_drags_a_price(opened):
    page = opened()
    before = state_of(page)
    low, high = before["room"]
    drag(page, peak(page, "f, point 4"), 20, 40)
    after = state_of(page)
    assert after["f"][3] == pytest.approx(before["f"][3] - 40 * (high - low) / 248, abs=0.02)
    assert after["f"][:3] + after["f"][4:] == before["f"][:3] + before["f"][4:] and after["g"] == before["g"]
    check_page(page)
    drag(page, peak(page, "Minus g, point 6"), 0, -30)
    assert state_of(page)["g"][5] == pytest.approx(before["g"][5] - 30 * (high - low) / 248, abs=0.02)
    check_page(page)


@pytest.mark.parametrize(("name", "up"), [("f, point 2", -1), ("Minus g, point 5", 1)])
def test_a_price_stops_at_the_wall(opened, name, up):
    page = opened()
    drag(page, peak(page, name), 0, 200 * up)
    xs, _, _, f, g = arrays(state_of(page))
    slack = np.abs(xs[:, None] - xs) - f[:, None] - g
    touched = slack[1] if name.startswith("f") else slack[:, 4]
    assert touched.min() == pytest.approx(0, abs=1e-9) and slack.min() > -1e-9
    check_page(page)


def test_keyboard_and_finger_move_prices(opened):
    page = opened(width=400, height=700, has_touch=True)
    before = state_of(page)
    knob = peak(page, "Minus g, point 1")
    knob.focus()
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    page.keyboard.press("ArrowDown")
    assert state_of(page)["g"][0] == pytest.approx(before["g"][0] - 0.4)
    assert knob.get_attribute("aria-valuetext") == "3.60"
    page.keyboard.press("End")
    assert state_of(page)["g"][0] == -before["room"][1]
    check_page(page)
    knob, top = peak(page, "f, point 7"), page.evaluate("scrollY")
    box = knob.bounding_box()
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    swipe(page, start, (start[0], start[1] - 40))
    assert state_of(page)["f"][6] > before["f"][6] + 1 and page.evaluate("scrollY") == top
    check_page(page)


def test_random_pairs(opened):
    """Ten pairs of either example, at all steps; the page presses its own buttons, as no hand can so fast."""
    page = opened(reduced_motion="reduce")
    looks = []
    for example in ("own", "pair"):
        page.get_by_label("example").select_option(example)
        looks += page.evaluate(
            f"""async () => {{
              const [steps, bar] = document.querySelectorAll(".explorer-buttons"), looks = [];
              for (let pair = 0; pair < 10; pair++) {{
                bar.firstChild.click();
                steps.children[pair % 3].click();
                looks.push(await {LOOK});
              }}
              return looks;
            }}"""
        )
    for index, look in enumerate(looks):
        assert look["state"]["step"] == index % 10 % 3
        check_look(look)
    assert len({tuple(look["state"]["f"]) for look in looks}) == 20
    assert {len(look["state"]["support"]) for look in looks} == {2, 7}


def test_other_laws_and_supports(opened):
    """Laws that cross, uneven supports of 2 to 7 points, masses of zero, pairs from tight to loose."""
    generator = np.random.default_rng(39)
    states = []
    for index in range(20):
        n = 2 + index % 6
        xs = np.cumsum(generator.uniform(0.2, 1.5, n)) - 2
        masses = [generator.integers(0, 5, n) + np.eye(n)[generator.integers(n)] for _ in "pq"]
        p, q = (each / each.sum() for each in masses)
        f = generator.uniform(-3, 3, n)
        loose = generator.uniform(0, index / 5, n)
        g = c_transform(f, np.abs(xs[:, None] - xs)) - loose - 1e-12
        states.append({"support": xs, "p": p, "q": q, "f": f, "g": g})
    states = [{key: value.tolist() for key, value in state.items()} for state in states]
    crossing = 0
    for state, shown in rendered(opened(), CTransform(), states):
        check_numbers(state, shown)
        ahead = np.cumsum(np.subtract(state["p"], state["q"]))[:-1]
        crossing += ahead.min() < -0.01 and ahead.max() > 0.01
    assert crossing >= 5


def test_no_pair_of_prices_earns_more_than_w(opened):
    """W as printed is the maximum of the dual over all feasible pairs, by HiGHS."""
    xs, p, q, *_ = arrays(state_of(page := opened()))
    n = len(xs)
    rows = [np.r_[np.eye(n)[i], np.eye(n)[j]] for i in range(n) for j in range(n)]
    limits = np.abs(xs[:, None] - xs).ravel()
    found = linprog(
        -np.r_[p, q], A_ub=np.array(rows), b_ub=limits, bounds=[(0, 0)] + [(None, None)] * (2 * n - 1)
    )
    assert numbers_of(page)["exact"] == pytest.approx(-found.fun, abs=1e-8)


def test_outputs_print_their_values(opened):
    page = opened()
    digits = {"steepest": 2}
    for output in page.locator("output").all():
        value = float(output.get_attribute("data-value"))
        shown = f"{value:.{digits.get(output.get_attribute('data-quantity'), 3)}f}".replace("-", "−")
        assert output.inner_text() == shown


def test_buttons(opened):
    page = opened()
    first = state_of(page)
    page.get_by_role("button", name="Another pair").click()
    step(page, 2)
    assert state_of(page)["f"] != first["f"]
    page.get_by_role("button", name="Reset").click()
    assert state_of(page) == first
