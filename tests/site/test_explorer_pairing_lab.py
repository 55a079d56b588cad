"""The pairing lab in a real browser: pairings against SciPy, machines against NumPy and PyTorch, hands."""

import itertools
import json

import numpy as np
import pytest
import torch
from scipy.optimize import linear_sum_assignment

from explorer_pages import mathematics_of, numbers_of, press, rendered, settle, state_of, swipe, words
from lib.explorers.pairing_lab import PairingLab

COUNT, STEPS, RATE = 24, 800, 0.01
MODULES = ("pairs", "machines", "play")
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def mathematics(browser):
    files = [f"pairing_lab/{name}.js" for name in MODULES]
    with mathematics_of(browser, *files, "kit/networks.js", "kit/optimisers.js", "kit/dice.js") as page:
        yield page


def data() -> tuple[np.ndarray, np.ndarray]:
    lab = PairingLab()
    return np.array(lab.numbers), np.array(lab.shades)


def traits(**changed) -> dict:
    lab = PairingLab()
    return {key: getattr(lab, key) for key in PairingLab.class_own_traits(sync=True)} | changed


def permutations(count: int) -> list[list[int]]:
    generator = np.random.default_rng(3)
    return [generator.permutation(COUNT).tolist() for _ in range(count)]


def mean_by_draws(shades: np.ndarray, wrong: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of what answers each number where `wrong` pairs are: with the chance wrong ÷ m the
    shade is any of the others, each alike."""
    table = np.full((COUNT, COUNT), wrong / COUNT / (COUNT - 1))
    np.fill_diagonal(table, 1 - wrong / COUNT)
    mean = table @ shades
    return mean, (table * (shades - mean[:, None]) ** 2).sum(axis=1)


def check_pairs(state: dict, shown: dict) -> None:
    """What is true of the pairs that are drawn."""
    z, y = data()
    paired = y[state["pairing"]]
    cost = (z[:, None] - y) ** 2
    rows, columns = linear_sum_assignment(cost)
    wrong = int((np.array(state["order"]) != np.arange(COUNT)).sum())
    means, variances = mean_by_draws(y, wrong)
    floor = variances.mean() if state["anew"] else 0
    wanted = {
        "cost": cost[np.arange(COUNT), state["pairing"]].mean(),
        "least": cost[rows, columns].mean(),
        "crossings": sum(a * b < 0 for a, b in itertools.pairwise(paired)),
        "crossings_shuffled": 12,
        "floor": floor,
        "near_means": (abs(abs(means) - 1) < 0.15).mean(),
        "spread_means": np.var(means) / np.var(y),
        "slope_deviation": np.sqrt(np.var(y, ddof=1) / ((z - z.mean()) ** 2).sum()),
    }
    assert {key: shown[key] for key in wanted} == pytest.approx(wanted, abs=1e-11)
    assert shown["least"] <= shown["cost"] + 1e-11 and shown["floor"] <= shown["loss"] + 1e-11


def check_page(page) -> dict[str, float]:
    state, shown = state_of(page), numbers_of(page)
    check_pairs(state, shown)
    check_drawing(page, state)
    return shown


def check_drawing(page, state: dict) -> None:
    """Threads end at the shades of their pairs, and are purple where these are wrong."""
    lines = page.locator(".explorer-flows line").evaluate_all(
        """(nodes) => nodes.map((node) => ({ role: node.dataset.role, end: node.x2.baseVal.value,
             foot: node.x1.baseVal.value }))"""
    )
    axis = page.locator(".explorer-chart").first.locator(".explorer-axis")
    width = axis.evaluate("(node) => node.x2.baseVal.value")
    z, _ = data()
    for i, (line, shade) in enumerate(zip(lines, state["pairing"], strict=True)):
        assert line["role"] == ("real" if shade == i else "third")
        assert [line["foot"], line["end"]] == pytest.approx(
            [z[i] * width, (shade + 0.5) / COUNT * width], abs=0.2
        )
    ink = page.locator(".explorer-strip rect").evaluate_all(
        "(nodes) => nodes.map((each) => +each.getAttribute('fill-opacity'))"
    )
    assert ink == pytest.approx(np.clip((np.array(state["strip"]) + 1) / 2, 0, 1), abs=1e-3)


def choose(page, name: str, value: str) -> None:
    page.get_by_role("combobox", name=name, exact=True).select_option(value)
    settle(page)


def make_wrong(page, count: int) -> None:
    page.get_by_role("slider", name="pairs that are wrong").fill(str(count))
    settle(page)


def square(page, shade: int) -> tuple[float, float]:
    box = page.locator(".explorer-shades").first.locator("rect").nth(shade).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def swapped(order: list[int], i: int, j: int) -> list[int]:
    order = list(order)
    order[i], order[j] = order[j], order[i]
    return order


def test_an_exchange_changes_the_cost_as_in_the_proof(mathematics):
    z, y = data()
    for order in permutations(4):
        for i, j in itertools.combinations(range(0, COUNT, 3), 2):
            before, after = mathematics.evaluate(
                """([z, y, order, i, j]) => [lib.costOf(z, y, order),
                     lib.costOf(z, y, lib.exchanged(order, i, j))]""",
                [z.tolist(), y.tolist(), order, i, j],
            )
            added = -2 * (z[j] - z[i]) * (y[order[i]] - y[order[j]])
            assert COUNT * (after - before) == pytest.approx(added, abs=1e-12)
            assert after == pytest.approx(((z - y[swapped(order, i, j)]) ** 2).mean(), abs=1e-12)


def test_as_many_are_wrong_as_are_asked_for_and_the_dice_are_fair(mathematics):
    rows = mathematics.evaluate(
        """() => Array.from({ length: 4000 }, (_, seed) => lib.withWrong(6, 24, lib.dice(seed)))"""
    )
    drawn = np.array(rows)
    assert (np.sort(drawn, axis=1) == np.arange(COUNT)).all()
    assert ((drawn != np.arange(COUNT)).sum(axis=1) == 6).all()
    table = np.array([(drawn == shade).mean(axis=0) for shade in range(COUNT)])
    expected = np.full((COUNT, COUNT), 6 / COUNT / (COUNT - 1))
    np.fill_diagonal(expected, 1 - 6 / COUNT)
    error = np.sqrt(expected * (1 - expected) / 4000)
    assert (abs(table - expected) < 4.5 * error).all()


def test_one_more_wrong_pair_leaves_the_others(mathematics):
    rows = np.array(
        mathematics.evaluate(
            "() => Array.from({ length: 25 }, (_, wrong) => lib.withWrong(wrong, 24, lib.dice(5)))"
        )
    )
    wrong = (rows != np.arange(COUNT)).sum(axis=1)
    assert wrong.tolist() == [0, 0, *range(2, 25)]
    assert ((rows[3:] != rows[2:-1]).sum(axis=1) == 2).all()


def test_means_are_those_of_all_draws(mathematics):
    _, y = data()
    uneven = y + 0.3 * (y > 0)  # means that do not cancel
    for shades, wrong in itertools.product((y, uneven), (0, 2, 4, 24)):
        made = mathematics.evaluate("([y, wrong]) => lib.means(y, wrong)", [shades.tolist(), wrong])
        assert made == pytest.approx(mean_by_draws(shades, wrong)[0], abs=1e-12)
    factor = np.array(mathematics.evaluate("([y]) => lib.means(y, 4)", [y.tolist()])) / y
    assert factor == pytest.approx(np.full(COUNT, 1 - 4 / 23), abs=1e-12)


def test_unlike_neighbours_of_shuffled_shades(mathematics):
    shades = [-1.2, -0.9, -1, 0.8, 1.1]
    orders = list(itertools.permutations(shades))
    counted = [sum(a * b < 0 for a, b in itertools.pairwise(row)) for row in orders]
    told = mathematics.evaluate("(orders) => orders.map(lib.crossingsOf)", [list(row) for row in orders])
    assert told == counted
    mean = mathematics.evaluate("(shades) => lib.crossingsShuffled(shades)", shades)
    assert mean == pytest.approx(np.mean(counted), abs=1e-12)


def test_straight_machine_is_polyfit(mathematics, opened):
    z, y = data()
    states = [
        traits(machine="straight", order=order, anew=anew)
        for order, anew in itertools.product([*permutations(2), PairingLab().order], (False, True))
    ]
    for state, shown in rendered(opened(), PairingLab(), states):
        wrong = int((np.array(state["order"]) != np.arange(COUNT)).sum())
        means, variances = mean_by_draws(y, wrong)
        wanted = means if state["anew"] else y[state["order"]]
        rest = variances.mean() if state["anew"] else 0
        fitted = np.polyfit(z, wanted, 1)
        check_pairs(state, shown)
        assert shown["slope"] == pytest.approx(fitted[0], abs=1e-9)
        loss = ((np.polyval(fitted, z) - wanted) ** 2).mean() + rest
        assert shown["loss"] == pytest.approx(loss, abs=1e-9)
        outputs = np.polyval(fitted, (np.arange(1000) + 0.5) / 1000)
        assert shown["spread"] == pytest.approx(np.var(outputs, ddof=1) / np.var(y, ddof=1), abs=1e-9)
        assert state["strip"] == pytest.approx(np.polyval(fitted, np.arange(9) / 8), abs=1e-9)


def test_slopes_of_all_pairings_spread_as_is_told(mathematics):
    z, y = np.array([0.1, 0.25, 0.3, 0.7, 0.95]), np.array([-1.1, -1, 0.8, 0.9, 1.2])
    slopes = [np.polyfit(z, row, 1)[0] for row in itertools.permutations(y)]
    told = mathematics.evaluate("([z, y]) => lib.slopeDeviation(z, y)", [z.tolist(), y.tolist()])
    assert told == pytest.approx(np.std(slopes), abs=1e-9)


def test_what_is_learnt_by_heart_is_interpolation(opened):
    z, y = data()
    grid = (np.arange(1000) + 0.5) / 1000
    for order, anew in itertools.product([*permutations(2), list(range(COUNT))], (False, True)):
        state = traits(machine="heart", order=order, anew=anew)
        ((seen, shown),) = rendered(opened(), PairingLab(), [state])
        wrong = sum(shade != i for i, shade in enumerate(order))
        targets = mean_by_draws(y, wrong)[0] if anew else y[order]
        outputs = np.interp(grid, z, targets)
        check_pairs(seen, shown)
        assert shown["loss"] == pytest.approx(shown["floor"], abs=1e-12)
        assert shown["near"] == pytest.approx((abs(abs(outputs) - 1) < 0.15).mean(), abs=1e-12)
        assert shown["spread"] == pytest.approx(np.var(outputs, ddof=1) / np.var(y, ddof=1), abs=1e-9)
        assert seen["strip"] == pytest.approx(np.interp(np.arange(9) / 8, z, targets), abs=1e-9)


def machine_of(layers: list[dict]) -> torch.nn.Sequential:
    parts = []
    for layer in layers:
        linear = torch.nn.Linear(layer["columns"], layer["rows"], dtype=torch.float64)
        linear.weight.data = torch.tensor(layer["weight"], dtype=torch.float64).reshape(linear.weight.shape)
        linear.bias.data = torch.tensor(layer["bias"], dtype=torch.float64)
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


START = """() => lib.network([1, 16, 16, 1], 'relu', lib.dice(3)).layers.map(
  ({ rows, columns, weight, bias }) => ({ rows, columns, weight: [...weight], bias: [...bias] }))"""


@pytest.mark.parametrize(("anew", "steps"), [(False, 1), (False, 60), (True, 40)])
def test_training_is_that_of_torch(mathematics, anew, steps):
    """Adam on full batches, with a rate that falls along a straight line."""
    z, y = data()
    order = PairingLab().order
    machine = machine_of(mathematics.evaluate(START))
    pairings = mathematics.evaluate(
        """([order, anew, steps]) => Array.from(
          { length: steps }, (_, k) => lib.pairingAt(k + 1, order, anew))""",
        [order, anew, steps],
    )
    assert (len({json.dumps(each) for each in pairings}) > 1) == anew
    descend = torch.optim.Adam(machine.parameters())
    numbers, shades = torch.tensor(z)[:, None], torch.tensor(y)
    for step, pairing in enumerate(pairings):
        descend.param_groups[0]["lr"] = RATE * (1 - step / STEPS)
        descend.zero_grad()
        (machine(numbers)[:, 0] - shades[pairing]).square().mean().backward()
        descend.step()
    made = mathematics.evaluate(
        """([numbers, shades, order, anew, steps]) => {
          const learner = lib.trainer()({ numbers, shades, order, anew, steps });
          return Array.from(lib.forward(learner, Float64Array.from(numbers)).outputs); }""",
        [z.tolist(), y.tolist(), order, anew, steps],
    )
    with torch.no_grad():
        assert made == pytest.approx(machine(numbers)[:, 0].numpy(), abs=1e-9)


def test_training_is_a_matter_of_the_pairs_alone(mathematics):
    """In one go, in pieces, or after other pairs: the same network."""
    z, y = data()
    made = mathematics.evaluate(
        """([numbers, shades, order, other]) => {
          const ask = (trainer, order, steps) => {
            const learner = trainer({ numbers, shades, order, anew: false, steps });
            return Array.from(lib.forward(learner, Float64Array.from(numbers)).outputs); };
          const [one, two] = [lib.trainer(), lib.trainer()];
          for (const steps of [10, 20, 45]) ask(two, order, steps);
          ask(two, other, 30);
          return [ask(one, order, 50), ask(two, order, 50), ask(two, order, 10), ask(one, order, 10)]; }""",
        [z.tolist(), y.tolist(), PairingLab().order, list(range(COUNT))],
    )
    assert made[0] == made[1] and made[2] == made[3] and made[0] != made[2]


def test_first_page(opened):
    page = opened()
    shown = check_page(page)
    seen = PairingLab().judged()
    assert [shown["cost"], shown["least"], shown["crossings"]] == pytest.approx(seen[:3], abs=1e-11)
    assert seen.wrong == 4 and "4 of 24 pairs are wrong" in words(page) and "press Train" in words(page)
    assert not page.get_by_text("slope of the line").is_visible()
    choose(page, "the machine", "straight")
    assert page.get_by_text("slope of the line").is_visible()
    assert page.get_by_role("button", name="Train").is_disabled()


def test_what_the_chapter_tells_of_others_at_every_step(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "wrong pairs", "anew")
    press(page, "Train")
    near = []
    for wrong in (2, 3, 4, 5, 6):
        make_wrong(page, wrong)
        shown = check_page(page)
        near.append(round(100 * shown["near"]))
        assert shown["loss"] - shown["floor"] < 0.025
        assert f"{1 - wrong / 23:.2f} of its shade" in words(page)
    assert near == [81, 61, 30, 13, 0]


def test_what_the_chapter_tells_of_pairs_that_stay(opened):
    page = opened(reduced_motion="reduce")
    press(page, "Train")
    assert round(100 * check_page(page)["near"]) == 62 and "crosses the grey once" in words(page)
    choose(page, "the machine", "heart")
    assert check_page(page)["crossings"] == 5 and "crosses the grey 5 times" in words(page)
    make_wrong(page, 24)
    assert check_page(page)["crossings"] == 13 and "crosses the grey 13 times" in words(page)
    press(page, "Sort")
    choose(page, "the machine", "bent")
    in_order = check_page(page)
    assert round(100 * in_order["near"]) == 96 and in_order["cost"] == pytest.approx(in_order["least"])
    page.mouse.click(*square(page, 3))  # dark for dark
    page.mouse.click(*square(page, 6))
    shown = check_page(page)
    assert state_of(page)["order"] == swapped(range(COUNT), 3, 6)
    assert shown["near"] == pytest.approx(in_order["near"], abs=0.01) and shown["cost"] > shown["least"]


def test_train_pauses_rests_and_begins_again(opened):
    page = opened(reduced_motion="no-preference")
    page.get_by_role("button", name="Train").click()
    page.get_by_role("button", name="Pause").click()
    paused = state_of(page)["steps"]
    assert 0 < paused < STEPS and f"After {paused} of 800 steps" in words(page)
    press(page, "20 steps")
    assert state_of(page)["steps"] == paused + 20
    press(page, "Train")
    assert state_of(page)["steps"] == STEPS and not state_of(page)["running"]
    press(page, "20 steps")
    assert state_of(page)["steps"] == 20
    check_page(page)


def test_mouse_drags_a_thread_to_another_shade(opened):
    page = opened()
    before = state_of(page)["order"]
    assert before.index(14) == 1  # the square and its thread have different numbers
    page.mouse.move(*square(page, before[4]))
    page.mouse.down()
    x, y = square(page, 14)
    page.mouse.move(x, y + 60, steps=6)
    settle(page)
    assert state_of(page)["order"] == before  # nothing is tied before the hand opens
    page.mouse.up()
    settle(page)
    assert state_of(page)["order"] == swapped(before, 4, before.index(14))
    check_page(page)
    page.mouse.move(*square(page, 14))
    page.mouse.down()
    page.mouse.move(x + 8, y + 20, steps=4)
    page.mouse.up()
    settle(page)
    assert state_of(page)["order"] == swapped(before, 4, before.index(14)) and state_of(page)["hand"] is None


def test_mouse_takes_a_thread_anywhere_along_its_length(opened):
    page = opened()
    press(page, "Sort")
    box = page.locator(".explorer-flows line").nth(21).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    settle(page)
    assert state_of(page)["marked"] == 21
    page.mouse.click(*square(page, 21))  # once more: no longer
    settle(page)
    assert state_of(page)["marked"] == -1 and state_of(page)["order"] == list(range(COUNT))


def test_keyboard_exchanges_two_threads(opened):
    page = opened()
    before = state_of(page)["order"]
    knob = page.get_by_role("slider", name="Thread")
    knob.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
        settle(page)
    assert state_of(page)["marked"] == 2 and "marked" in knob.get_attribute("aria-valuetext")
    page.keyboard.press("Escape")
    settle(page)
    assert state_of(page)["marked"] == -1
    for key in ("Space", "End", "Enter"):
        page.keyboard.press(key)
        settle(page)
    assert state_of(page)["order"] == swapped(before, 2, 23) and state_of(page)["marked"] == -1
    assert "wrong" in knob.get_attribute("aria-valuetext")
    check_page(page)


def test_finger_drags_taps_and_scrolls(opened):
    page = opened(width=360, height=600, has_touch=True)
    before, top = state_of(page)["order"], page.evaluate("scrollY")
    swipe(page, square(page, 2), (square(page, 15)[0], square(page, 15)[1] + 30))
    order = swapped(before, before.index(2), before.index(15))
    assert state_of(page)["order"] == order and page.evaluate("scrollY") == top
    check_page(page)
    page.touchscreen.tap(*square(page, 5))
    page.touchscreen.tap(*square(page, 18))
    order = swapped(order, order.index(5), order.index(18))
    assert state_of(page)["order"] == order
    check_page(page)
    x, y = square(page, 12)
    swipe(page, (x, y + 150), (x, y + 20))
    assert page.evaluate("scrollY") > top + 40 and state_of(page)["order"] == order


def test_who_exchanges_keeps_the_pairs_that_are_seen(opened):
    page = opened(reduced_motion="reduce")
    choose(page, "wrong pairs", "anew")
    press(page, "Train")
    state = state_of(page)
    assert state["pairing"] != state["order"]
    page.mouse.click(*square(page, 0))
    page.mouse.click(*square(page, 13))
    settle(page)
    seen = state["pairing"]
    assert state_of(page)["order"] == swapped(seen, seen.index(0), seen.index(13))
    assert not state_of(page)["anew"]
    check_page(page)


def test_sort_shuffle_and_reset(opened):
    page = opened()
    first = state_of(page)
    press(page, "Sort")
    assert state_of(page)["order"] == list(range(COUNT)) and check_page(page)["crossings"] == 1
    orders = []
    for _ in range(3):
        press(page, "Shuffle")
        check_page(page)
        orders.append(state_of(page)["order"])
    assert len({tuple(each) for each in orders}) == 3
    make_wrong(page, 4)
    assert state_of(page)["order"] == first["order"]  # the slider passes through the beginning
    choose(page, "the machine", "heart")
    press(page, "Reset")
    assert state_of(page) == first


def test_slider_knows_no_single_wrong_pair(opened):
    page = opened()
    slider = page.get_by_role("slider", name="pairs that are wrong")
    make_wrong(page, 2)
    slider.focus()
    counts = []
    for key in ("ArrowLeft", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
        settle(page)
        counts.append(sum(shade != i for i, shade in enumerate(state_of(page)["order"])))
    assert counts == [0, 2, 3]


def test_outputs_print_their_values(opened):
    page = opened()
    for output in page.locator("output").all():
        value, quantity = float(output.get_attribute("data-value")), output.get_attribute("data-quantity")
        kind = quantity.removesuffix("_means").removesuffix("_shuffled")
        printed = {"near": f"{100 * value:.0f} %", "crossings": f"{value:.0f}"}.get(kind, f"{value:.3f}")
        assert output.text_content().replace("−", "-").replace("\xa0", " ") == printed
