"""The subspace in a real browser: its numbers against NumPy and autograd, by mouse, finger and keyboard."""

import itertools

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import minimize_scalar

from explorer_pages import (
    drag,
    mathematics_of,
    numbers_of,
    peak,
    press,
    rendered,
    settle,
    state_of,
    swipe,
    words,
)
from lib.explorers.subspace import Subspace

WIDTH, HEIGHT = 8, 6
"""Of the plane, in its own units."""


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(browser, "subspace/line.js", "subspace/clouds.js") as page:
        yield page


def second_moments(points, centred: bool) -> np.ndarray:
    columns = np.array(points).T
    return np.cov(columns) if centred else columns @ columns.T / (columns.shape[1] - 1)


def oracle(points, angle: float, centred: bool) -> dict[str, float]:
    """Kept from the matrix of second moments, lost from the distances to the line, the truth from eigh."""
    moments = second_moments(points, centred)
    values, vectors = np.linalg.eigh(moments)
    along = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    away = np.array(points) - (np.mean(points, axis=0) if centred else 0)
    distances = away[:, 0] * along[1] - away[:, 1] * along[0]
    return {
        "kept": along @ moments @ along,
        "lost": (distances**2).sum() / (len(points) - 1),
        "total": np.trace(moments),
        "first": values[1],
        "second": values[0],
        "best": np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])) % 180,
    }


def check_numbers(state, shown) -> None:
    wanted = oracle(state["points"], state["angle"], state["centred"])
    if wanted["first"] - wanted["second"] < 1e-6:  # a round cloud has no best line
        shown, wanted = (
            {key: value for key, value in each.items() if key != "best"} for each in (shown, wanted)
        )
    assert shown == pytest.approx(wanted, abs=1e-9)
    assert shown["kept"] + shown["lost"] == pytest.approx(shown["total"], abs=1e-9)
    assert shown["second"] - 1e-9 <= shown["kept"] <= shown["first"] + 1e-9


def check_page(page) -> dict[str, float]:
    state, shown = state_of(page), numbers_of(page)
    check_numbers(state, shown)
    check_bars(page, shown)
    return shown


def check_bars(page, shown) -> None:
    """Kept and lost end to end are as long as the total, and the three are as long as their numbers."""
    boxes = page.locator(".explorer-band").evaluate_all(
        """(nodes) => nodes.map((node) => { const { x, width } = node.getBBox(); return [x, x + width]; })"""
    )
    unit = boxes[2][1] / shown["total"]
    ends = [[0, shown["kept"]], [shown["kept"], shown["total"]], [0, shown["total"]]]
    assert np.array(boxes) == pytest.approx(unit * np.array(ends), abs=0.02)


def test_first_numbers(opened):
    page = opened()
    shown = check_page(page)
    seen = Subspace().spread()
    assert [shown[key] for key in ("kept", "lost", "total", "best")] == pytest.approx(
        [seen.kept, seen.lost, seen.total, seen.best], abs=1e-9
    )
    assert [shown["first"], shown["second"]] == pytest.approx(seen.eigenvalues, abs=1e-9)
    assert shown["kept"] < 0.2 * shown["first"] and shown["lost"] > 4 * shown["kept"]
    assert f"keeps {shown['kept']:.2f} of {shown['total']:.2f}" in words(page)
    assert f"the best one keeps {shown['first']:.2f}" in words(page)


def test_other_clouds_angles_and_centres(opened):
    """Tilted every way, flat, round, two points, far from 0: whatever Python may send."""
    generator = np.random.default_rng(2)
    states = []
    for index in range(24):
        count = (2, 3, 12, 80)[index % 4]
        shape = generator.normal(size=(2, 2)) * (0.8, 0.1)[index % 2]
        points = generator.uniform((1, -1), (5, 3)) + generator.normal(size=(count, 2)) @ shape
        points = np.clip(points, (-1, -2), (7, 4)).tolist()
        states.append({"points": points, "angle": generator.uniform(0, 180), "centred": index % 3 != 0})
    shown = rendered(opened(), Subspace(), states)
    for state, numbers in shown:
        check_numbers(state, numbers)
    sides = {(numbers["best"] < 90, state["centred"]) for state, numbers in shown}
    assert len(sides) == 4


def test_reconstructions_are_the_nearest_points_of_the_line(mathematics):
    generator = np.random.default_rng(5)
    points = generator.uniform((-1, -2), (7, 4), size=(5, 2))
    made = mathematics.evaluate(
        "(points) => lib.play({ points, angle: 37, centred: true }).made", points.tolist()
    )
    along = np.array([np.cos(np.radians(37)), np.sin(np.radians(37))])
    for point, found in zip(points, made, strict=True):
        nearest = minimize_scalar(
            lambda t, point=point: ((points.mean(axis=0) + t * along - point) ** 2).sum(),
            bracket=(-1, 1),
            tol=1e-13,
        )
        assert found == pytest.approx(points.mean(axis=0) + nearest.x * along, abs=1e-6)


def test_curve_is_what_each_line_keeps(mathematics):
    points, state = Subspace().points, "{ points, angle, centred }"
    for centred, angle in itertools.product((True, False), range(0, 181, 15)):
        kept, curve = mathematics.evaluate(
            f"""([points, angle, centred]) => {{ const {{ numbers }} = lib.play({state});
              return [numbers.kept, lib.keptAt(angle, numbers)]; }}""",
            [points, angle, centred],
        )
        assert curve == pytest.approx(kept, abs=1e-9)
        assert kept == pytest.approx(oracle(points, angle, centred)["kept"], abs=1e-9)


def flow(points, angle: float, centred: bool, time: float) -> np.ndarray:
    """The weights w of the one-unit autoencoder after gradient flow on half of what it loses, by autograd."""
    columns = torch.tensor(points, dtype=torch.float64)
    columns = columns - columns.mean(dim=0) if centred else columns

    def downhill(_, weights):
        w = torch.tensor(weights, requires_grad=True)
        lost = ((columns - torch.outer(columns @ w, w)) ** 2).sum() / (len(columns) - 1)
        (lost / 2).backward()
        return -w.grad.numpy()

    start = [np.cos(np.radians(angle)), np.sin(np.radians(angle))]
    return solve_ivp(downhill, (0, time), start, method="DOP853", rtol=1e-12, atol=1e-13).y[:, -1]


@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("angle", [5.0, 100.0, 114.0, 118.0, 170.0])
def test_learning_is_gradient_flow(mathematics, angle, centred):
    points, time = Subspace().points, 0.7
    learnt = mathematics.evaluate(
        """([points, angle, centred, time]) =>
          lib.learnt(angle, lib.play({ points, angle, centred }).numbers, time)""",
        [points, angle, centred, time],
    )
    weights = flow(points, angle, centred, time)
    assert np.linalg.norm(weights) == pytest.approx(1, abs=1e-9)  # the length stays
    turned = np.radians(learnt)
    assert abs(weights[0] * np.sin(turned) - weights[1] * np.cos(turned)) < 1e-9
    assert abs(learnt - angle) > 1


def test_learning_leads_to_the_best_line_and_stands_still_on_the_worst(opened):
    page = opened()
    kept = [check_page(page)["kept"]]
    for _ in range(3):
        press(page, "Let it learn, the autoencoder with one unit")
        kept.append(check_page(page)["kept"])
    assert all(one < other for one, other in itertools.pairwise(kept))
    press(page, "Worst line")
    before, shown = state_of(page)["angle"], check_page(page)
    assert shown["kept"] == pytest.approx(shown["second"], abs=1e-9)
    assert "this is the worst line" in words(page)
    for _ in range(3):
        press(page, "Let it learn, the autoencoder with one unit")
    assert state_of(page)["angle"] == before
    assert "stands still" in words(page) and "saddle" in words(page)
    peak(page, "Turn the line").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(9):
        press(page, "Let it learn, the autoencoder with one unit")
    shown = check_page(page)
    assert shown["kept"] == pytest.approx(shown["first"], abs=1e-3)


def test_worst_line_is_a_saddle_of_the_loss():
    """What the sentence says: the Hessian of the loss in w has eigenvalues of both signs there, at w = u₂."""
    points = torch.tensor(Subspace().points, dtype=torch.float64)
    away = points - points.mean(dim=0)

    def lost(w):
        return ((away - torch.outer(away @ w, w)) ** 2).sum() / (2 * len(away) - 2)

    values, vectors = np.linalg.eigh(second_moments(points.tolist(), True))
    worst = torch.tensor(vectors[:, 0])
    bends = torch.linalg.eigvalsh(torch.autograd.functional.hessian(lost, worst)).tolist()
    assert bends == pytest.approx([values[0] - values[1], 4 * values[0]], abs=1e-9)
    best = torch.tensor(vectors[:, 1])
    assert torch.linalg.eigvalsh(torch.autograd.functional.hessian(lost, best)).min() > 0


def test_best_line(opened):
    page = opened()
    press(page, "Best line")
    shown = check_page(page)
    assert shown["kept"] == pytest.approx(shown["first"], abs=1e-9)
    assert shown["lost"] == pytest.approx(shown["second"], abs=1e-9)
    assert state_of(page)["angle"] == pytest.approx(shown["best"], abs=1e-9)
    assert "No line keeps more" in words(page) and f"loses least, {shown['second']:.2f}" in words(page)


def test_a_line_through_the_origin(opened):
    page = opened()
    page.get_by_role("combobox", name="cloud").select_option("across")
    press(page, "Best line")
    through_mean = check_page(page)
    page.get_by_role("combobox", name="line through").select_option("zero")
    press(page, "Best line")
    shown = check_page(page)
    assert shown["lost"] > 5 * through_mean["lost"]
    assert f"through 0 loses less than {shown['lost']:.2f}" in words(page)
    turned = abs(shown["best"] - through_mean["best"])
    assert f"turned by {min(turned, 180 - turned):.0f}°, loses {through_mean['lost']:.2f}" in words(page)
    press(page, "Worst line")
    assert "every other line through 0" in words(page)
    press(page, "Reset")
    assert state_of(page)["centred"] and state_of(page)["cloud"] == "own"


def test_round_cloud_has_no_first_direction(opened):
    page = opened()
    page.get_by_role("combobox", name="cloud").select_option("round")
    settle(page)
    shown = check_page(page)
    assert shown["first"] == pytest.approx(shown["second"], abs=1e-12)
    assert shown["kept"] == pytest.approx(shown["total"] / 2, abs=1e-9)
    assert "Every line keeps" in words(page)
    before = state_of(page)["angle"]
    for name in ("Best line", "Worst line", "Let it learn, the autoencoder with one unit"):
        press(page, name)
    assert state_of(page)["angle"] == before


def test_one_point_far_out_turns_the_best_line(opened):
    page = opened()
    best = {}
    for cloud in ("few", "outlier"):
        page.get_by_role("combobox", name="cloud").select_option(cloud)
        best[cloud] = check_page(page)["best"]
    turned = abs(best["few"] - best["outlier"])
    assert min(turned, 180 - turned) > 40
    few, outlier = (np.array(each) for each in (state_of(page)["points"], Subspace().points))
    assert len(few) == 12 and sum((few[:, None] == outlier[None]).all(axis=-1).any(axis=1)) == 11


def units(page) -> float:
    """Pixels for a unit of the plane."""
    frame = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()
    return frame["width"] / WIDTH


def test_mouse_drags_the_held_point(opened):
    page = opened()
    before = state_of(page)
    drag(page, peak(page, "Point"), 60, -30)
    after, unit = state_of(page), units(page)
    start, end = (np.array(each["points"][59]) for each in (before, after))
    assert end - start == pytest.approx([60 / unit, 30 / unit], abs=0.02)
    assert after["points"][:59] == before["points"][:59]
    check_page(page)


def on_screen(page, point) -> tuple[float, float]:
    frame = page.locator(".explorer-chart").first.locator(".explorer-axis").bounding_box()
    unit = frame["width"] / WIDTH
    return frame["x"] + (point[0] + 1) * unit, frame["y"] - (point[1] + 2) * unit


def farthest(state) -> int:
    """The point with the least x: alone at the edge of the cloud."""
    return int(np.argmin([x for x, _ in state["points"]]))


def test_mouse_takes_hold_of_any_point(opened):
    page = opened()
    before = state_of(page)
    index = farthest(before)
    x, y = on_screen(page, before["points"][index])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 50, y - 100, steps=6)
    page.mouse.up()
    after, unit = state_of(page), units(page)
    moved = np.subtract(after["points"][index], before["points"][index])
    assert after["held"] == index and moved == pytest.approx([50 / unit, 100 / unit], abs=0.03)
    assert sum(a != b for a, b in zip(after["points"], before["points"], strict=True)) == 1
    check_page(page)
    x, y = on_screen(page, (6, -1.5))  # where there is no point, nothing is moved
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 30, y - 30, steps=4)
    page.mouse.up()
    assert state_of(page)["points"] == after["points"]


def test_finger_moves_a_point_and_scrolls_between_them(opened):
    page = opened(width=400, height=600, has_touch=True)
    before, top = state_of(page), page.evaluate("scrollY")
    index = farthest(before)
    x, y = on_screen(page, before["points"][index])
    swipe(page, (x, y), (x + 5, y - 40))
    after = state_of(page)
    assert after["points"][index][1] > before["points"][index][1] + 0.8 and page.evaluate("scrollY") == top
    check_page(page)
    x, y = on_screen(page, (6.2, -1.2))
    swipe(page, (x, y), (x, y - 120))
    assert state_of(page)["points"] == after["points"] and page.evaluate("scrollY") > top + 40


def test_keyboard_moves_and_chooses_points(opened):
    page = opened()
    before = state_of(page)
    knob = peak(page, "Point")
    knob.focus()
    page.keyboard.press("Shift+ArrowUp")
    settle(page)
    page.keyboard.press("ArrowLeft")
    settle(page)
    assert np.subtract(state_of(page)["points"][59], before["points"][59]) == pytest.approx([-0.1, 0.5])
    page.keyboard.press("PageUp")
    settle(page)
    assert "point 1 of 60" in knob.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowDown")
    settle(page)
    assert np.subtract(state_of(page)["points"][0], before["points"][0]) == pytest.approx([0, -0.1])
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    settle(page)
    assert "point 59 of 60" in knob.get_attribute("aria-valuetext")
    check_page(page)


@pytest.mark.parametrize(("towards", "angle"), [((5, 4), 57.5), ((0.5, 3), 143.3), ((1, -1.8), 53.4)])
def test_mouse_turns_the_line(opened, towards, angle):
    """The knob stays under the hand, on either side of the mean."""
    page = opened()
    knob = peak(page, "Turn the line")
    box = knob.locator(".explorer-knob").bounding_box()
    x, y = on_screen(page, towards)
    drag(page, knob, x - box["x"] - box["width"] / 2, y - box["y"] - box["height"] / 2)
    state = state_of(page)
    mean = np.mean(state["points"], axis=0)
    wanted = np.degrees(np.arctan2(towards[1] - mean[1], towards[0] - mean[0])) % 180
    assert state["angle"] == pytest.approx(wanted, abs=0.6) and wanted == pytest.approx(angle, abs=1)
    box = knob.locator(".explorer-knob").bounding_box()
    place = np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])
    hand, middle = np.array(on_screen(page, towards)), np.array(on_screen(page, mean))
    assert (place - middle) @ (hand - middle) > 0
    check_page(page)


def test_finger_turns_the_line(opened):
    page = opened(width=400, height=700, has_touch=True)
    before, top = state_of(page)["angle"], page.evaluate("scrollY")
    box = peak(page, "Turn the line").locator(".explorer-knob").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    swipe(page, (x, y), (x + 60, y + 20))
    assert abs(state_of(page)["angle"] - before) > 20 and page.evaluate("scrollY") == top
    check_page(page)


def test_keyboard_turns_the_line(opened):
    page = opened()
    knob = peak(page, "Turn the line")
    knob.focus()
    page.keyboard.press("ArrowLeft")
    settle(page)
    page.keyboard.press("Shift+ArrowUp")
    assert state_of(page)["angle"] == 104
    page.keyboard.press("End")
    settle(page)
    assert knob.get_attribute("aria-valuetext") == "180 degrees" and state_of(page)["angle"] == 180
    check_page(page)
    page.keyboard.press("ArrowRight")
    assert state_of(page)["angle"] == 1  # a line turned by half a turn is the same line
    check_page(page)


def test_slider_and_curve_turn_the_line(opened):
    page = opened()
    peak(page, "angle of the line").fill("35")
    assert state_of(page)["angle"] == 35
    check_page(page)
    box = page.locator(".explorer-chart").last.locator(".explorer-axis").bounding_box()
    drag(page, peak(page, "Angle on the curve"), 60, 5)
    assert state_of(page)["angle"] == pytest.approx(35 + 60 * 180 / box["width"], abs=0.5)
    check_page(page)


def test_reset(opened):
    page = opened()
    first = state_of(page)
    drag(page, peak(page, "Point"), 40, 40)
    peak(page, "angle of the line").fill("10")
    page.get_by_role("combobox", name="cloud").select_option("few")
    press(page, "Reset")
    assert state_of(page) == first


def test_outputs_print_their_values(opened):
    page = opened()
    for output in page.locator("output").all():
        value = float(output.get_attribute("data-value"))
        printed = f"{value:.1f}°" if output.get_attribute("data-quantity") == "best" else f"{value:.3f}"
        assert output.inner_text() == printed


def test_sentence_of_a_cloud_in_one_place(opened):
    state = {"points": [[2.0, 1.0]] * 3, "angle": 20.0, "centred": True}
    ((seen, shown),) = rendered(opened(), Subspace(), [state])
    assert "nothing to keep" in seen["words"] and shown["total"] == 0
