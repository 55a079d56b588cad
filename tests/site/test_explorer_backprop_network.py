"""The worked network in a real browser: every derivative against autograd, every wrong formula against
its own definition, the path that is lit, and what a step does, by mouse, finger and keyboard."""

import itertools
import math
import re

import numpy as np
import pytest
import torch

from backprop_network_pages import (
    NETWORK,
    SHAPED,
    by_autograd,
    by_definition,
    check_page,
    choose_formula,
    lit,
    named,
    networks,
    parameter,
    random_network,
)
from explorer_pages import drag, mathematics_of, pages, rendered, settle, state_of, words, write_page
from lib.explorers.backprop_network import FORMULAS, PARAMETERS, BackpropNetwork

WRONG = [each for each in FORMULAS if each != "right"]
TAKE = "Take one step"


@pytest.fixture(scope="module")
def mathematics(browser):
    with mathematics_of(
        browser, "backprop_network/network.js", "backprop_network/formulas.js", "backprop_network/words.js"
    ) as page:
        yield page


TOUCHED = {
    "slope_forgotten": 12,
    "slope_at_output": 16,
    "wrong_weight": 6,
    "transposed": 6,
    "summed": 12,
    "shared_bias": 3,
    "squared": 3,
    "output_slope_dropped": 16,
    "wrong_decay": 9,
    "sign": 16,
}
"""How many of the sixteen derivatives each mistake gets wrong, with decay."""


def asked(page, network: dict, formula: str) -> dict[str, dict[str, float]]:
    """All sixteen derivatives as the page computes them: by its formula and by its two forward passes."""
    return page.evaluate(
        """([network, formula]) => Object.fromEntries(lib.PARAMETERS.map((name) => [name, {
          derivative: lib.derivative(network, name, formula), quotient: lib.quotient(network, name),
          factors: lib.factorsOf(network, name, formula).map((each) => each.value),
          wrong: lib.factorsOf(network, name, formula).some((each) => each.wrong)
            || lib.decayOf(network, name, formula).wrong }]))""",
        [network, formula],
    )


def test_parameters_are_the_sixteen(mathematics):
    names = mathematics.evaluate("lib.PARAMETERS")
    assert names == list(PARAMETERS) and len(set(names)) == 16
    assert mathematics.evaluate("Object.keys(lib.FORMULAS)") == list(FORMULAS)


@pytest.mark.parametrize("index", range(12))
def test_all_sixteen_derivatives_against_autograd(mathematics, index):
    network = networks()[index]
    cost, wanted = by_autograd(network)
    found = asked(mathematics, network, "right")
    assert mathematics.evaluate("(network) => lib.cost(network)", network) == pytest.approx(cost, abs=1e-13)
    assert {name: each["derivative"] for name, each in found.items()} == pytest.approx(wanted, abs=1e-13)
    assert {name: each["quotient"] for name, each in found.items()} == pytest.approx(wanted, abs=3e-9)
    deltas = mathematics.evaluate("(network) => lib.deltas(network)", network)
    assert deltas["d3"] == pytest.approx([wanted["b3_1"]], abs=1e-13)
    assert deltas["d2"] == pytest.approx([wanted[f"b2_{j}"] for j in (1, 2, 3)], abs=1e-13)
    assert not any(each["wrong"] for each in found.values())


@pytest.mark.parametrize("formula", WRONG)
def test_wrong_formulas_are_wrong_as_they_are_defined(mathematics, formula):
    """Each equals its definition in whole arrays, and departs from the truth just where it says so."""
    for network in networks():
        _, truth = by_autograd(network)
        wanted, found = by_definition(network, formula), asked(mathematics, network, formula)
        values = {name: each["derivative"] for name, each in found.items()}
        assert values == pytest.approx(wanted, abs=1e-13)
        departs = {name for name, value in values.items() if abs(value - truth[name]) > 1e-8}
        assert {name for name, each in found.items() if each["wrong"]} == {
            name for name in PARAMETERS if touched(mathematics, formula, name)
        }
        expected = 0 if formula == "wrong_decay" and network["decay"] == 0 else TOUCHED[formula]
        assert len(departs) == expected
        assert departs <= {name for name in PARAMETERS if touched(mathematics, formula, name)}


def touched(page, formula: str, name: str) -> bool:
    return page.evaluate(
        "([formula, name]) => lib.FORMULAS[formula].touches(lib.parsed(name))", [formula, name]
    )


def test_definitions_without_a_mistake_are_autograd():
    for network in networks():
        assert by_definition(network, "right") == pytest.approx(by_autograd(network)[1], abs=1e-13)


def test_number_of_factors(mathematics):
    found = asked(mathematics, networks()[0], "right")
    counts = {"W2": 5, "b2": 4, "W3": 3, "b3": 2}
    assert {name: len(each["factors"]) for name, each in found.items()} == {
        name: counts[name[:2]] for name in PARAMETERS
    }


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_step_goes_against_the_formula(mathematics, formula):
    for network in networks()[:3]:
        gradient = by_definition(network, formula)
        made = mathematics.evaluate("([n, f]) => lib.stepped(n, f, 1.5)", [network, formula])
        before, after = (
            named(*(np.array(each[name]) for name in ("W2", "b2", "W3", "b3"))) for each in (network, made)
        )
        wanted = {name: np.clip(before[name] - 1.5 * gradient[name], -4, 4) for name in PARAMETERS}
        assert after == pytest.approx(wanted, abs=1e-12)
        assert {key: made[key] for key in ("x", "y", "decay")} == {
            key: network[key] for key in ("x", "y", "decay")
        }


def test_a_step_stops_where_the_sliders_end(mathematics):
    network = networks()[1] | {"W2": [[3.99] * 3] * 3, "W3": [[-3.99, 3.99, 0.5]], "b3": [0.0]}
    made = mathematics.evaluate("(n) => lib.stepped(n, 'right', 20)", network)
    gradient = by_autograd(network)[1]
    wanted = np.clip([[3.99 - 20 * gradient[f"W2_{j}{k}"] for k in (1, 2, 3)] for j in (1, 2, 3)], -4, 4)
    assert np.array(made["W2"]) == pytest.approx(wanted, abs=1e-12) and np.any(wanted == 4)


def test_python_draws_the_same_factors(mathematics):
    """The static figure's factors are those of the page, in their order and at their places."""
    for name in PARAMETERS:
        explorer = BackpropNetwork(chosen=name)
        network = {key: getattr(explorer, key) for key in NETWORK}
        shown = mathematics.evaluate(
            "([n, name]) => lib.factorsOf(n, name, 'right').map(({ value, at }) => [at, value])",
            [network, name],
        )
        own = explorer.factors()
        assert [at for at, _ in shown] == [each.at for each in own]
        assert [value for _, value in shown] == pytest.approx([each.value for each in own], abs=1e-14)
        product = math.prod(each.value for each in own)
        assert product == pytest.approx(by_autograd(network)[1][name], abs=1e-14)


@pytest.mark.parametrize(
    ("analytic", "finite", "after", "expected"),
    [
        (
            0.0246,
            0.0123,
            0.04,
            ["says 0.0246, 2.00 times the 0.0123", "lowers the cost all the same, from 0.0500 to"],
        ),
        (-0.5, -0.02, 0.06, ["says −0.500, 25 times the −0.0200", "raises the cost, from 0.0500 to 0.0600."]),
        (0.00123, 0.0123, 0.06, ["says 0.00123, 10 % of the 0.0123"]),
        (0.0123, -0.0123, 0.06, ["says 0.0123; two forward passes measure −0.0123: even the sign is wrong."]),
        (0.0124, 0.01235, 0.06, ["close, and yet not the same"]),
        (0.2, 0.0, 0.06, ["says 0.200; two forward passes measure 0."]),
        (0.0, 0.2, 0.06, ["says 0; two forward passes measure 0.200."]),
    ],
)
def test_the_sentence_says_what_the_numbers_mean(mathematics, analytic, finite, after, expected):
    told = {"chosen": "W2_12", "formula": "sign", "now": 0.05}
    text = mathematics.evaluate(
        "(made) => lib.inWords(made)", told | {"analytic": analytic, "finite": finite, "after": after}
    )
    assert all(each in text for each in expected), text


@pytest.mark.parametrize("name", ["W2_31", "b2_2", "W3_12", "b3_1"])
def test_the_parts_are_the_deltas(mathematics, name):
    """The line under the bill: which of the numbered factors multiply to which δ."""
    network = networks()[0]
    text, factors, deltas = mathematics.evaluate(
        """([network, chosen]) => { const made = { chosen, factors: lib.factorsOf(network, chosen, 'right'),
          deltas: lib.deltas(network) };
          return [lib.inParts(made), made.factors.map((each) => each.value), made.deltas]; }""",
        [network, name],
    )
    said = re.findall(r"([\d ·]+) is _δ_⁽([²³])⁾([₁₂₃]) = (\S+?)[;.]?(?: |$)", text)
    assert len(said) == (2 if name[1] == "2" else 1)
    for indices, layer, j, value in said:
        product = math.prod(factors[int(index) - 1] for index in indices.split(" · "))
        own = deltas["d2" if layer == "²" else "d3"]["₁₂₃".index(j)]
        assert product == pytest.approx(own, abs=1e-14)
        assert float(value.replace("−", "-")) == pytest.approx(own, rel=6e-3)
    assert said[-1][2] == ("₁" if name[1] == "3" else "₁₂₃"[int(name[3]) - 1])


# -- the page --------------------------------------------------------------------------------------------


def test_boxes_show_the_forward_pass_and_the_deltas(opened):
    """Every number in the drawing, wide and narrow, from torch: h, a and δ = ∂J/∂h of each neuron."""
    for width, digits in ((1000, 3), (320, 2)):
        page = opened(width=width)
        page.get_by_label("input x3").fill("-1.3")
        settle(page)
        network = {key: state_of(page)[key] for key in NETWORK}
        x, W2, b2, W3, b3 = (
            torch.tensor(network[key], dtype=torch.float64) for key in NETWORK if key in SHAPED
        )
        h2 = (W2 @ x + b2).requires_grad_()
        h3 = W3 @ torch.sigmoid(h2) + b3
        h3.retain_grad()
        cost = (torch.sigmoid(h3) - network["y"]).square().sum() / 2
        cost.backward()
        wanted = [f"{value:.2f}" for value in network["x"]]
        for h in (h2, h3):
            for value, slope in zip(h.tolist(), h.grad.tolist(), strict=True):
                a = 1 / (1 + math.exp(-value))
                wanted += [f"{value:.{digits}f}", f"{a:.{digits}f}", f"{slope:.3f}"]
        wanted += [f"{network['y']:.2f}", f"{cost.item():.3f}"]
        shown = page.locator('.explorer-boxes text[text-anchor="end"]').all_text_contents()
        assert shown == [each.replace("-", "−") for each in wanted]


def test_first_numbers(opened):
    page = opened()
    shown = check_page(page)
    explorer = BackpropNetwork()
    assert shown["analytic"] == pytest.approx(math.prod(each.value for each in explorer.factors()), abs=1e-11)
    assert shown["decay"] == 0 and shown["after"] < shown["now"]
    assert lit(page) == {"W2_12": "third", "W3_11": "third"}
    assert "Two forward passes agree" in words(page)


def test_outputs_print_their_values(opened):
    page = opened()
    digits = {"analytic": 6, "finite": 6, "now": 5, "after": 5}
    for output in page.locator("output").all():
        if not output.is_visible():
            continue
        value = float(output.get_attribute("data-value"))
        shown = f"{value:.{digits.get(output.get_attribute('data-quantity'), 4)}f}".replace("-", "−")
        assert output.inner_text() == shown


def path_of(name: str) -> set[str]:
    """The parameters on the way from `name` to the cost: itself and, from the hidden layer, one weight."""
    return {name, f"W3_1{name[3]}"} if name[1] == "2" else {name}


@pytest.mark.parametrize("width", [1000, 320])
def test_mouse_chooses_each_of_the_sixteen(opened, width):
    page = opened(width=width)
    for name in (*PARAMETERS[1:], PARAMETERS[0]):
        box = parameter(page, name).locator(".explorer-knob").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        settle(page)
        assert state_of(page)["chosen"] == name
        assert set(lit(page)) == path_of(name) and set(lit(page).values()) == {"third"}
        count = {"W2": 5, "b2": 4, "W3": 3, "b3": 2}[name[:2]]
        badges = page.locator(".explorer-badges text").all_text_contents()
        assert badges == [str(index) for index in range(1, count + 1)]
        check_page(page)


def test_mouse_chooses_a_line_far_from_its_knob(opened):
    page = opened()
    ends = (
        parameter(page, "W3_13")
        .locator("line")
        .evaluate(
            """(node) => { const box = node.ownerSVGElement.getBoundingClientRect();
          return ['x1', 'y1', 'x2', 'y2'].map(
            (key, k) => Number(node.getAttribute(key)) + [box.x, box.y][k % 2]); }"""
        )
    )
    page.mouse.click(0.2 * ends[0] + 0.8 * ends[2], 0.2 * ends[1] + 0.8 * ends[3] + 5)
    assert state_of(page)["chosen"] == "W3_13"
    page.mouse.click(ends[0] + 5, ends[1] + 60)  # beside everything
    assert state_of(page)["chosen"] == "W3_13"


def test_keyboard_walks_through_all(opened):
    page = opened()
    start = PARAMETERS.index("W2_12")
    parameter(page, "W2_12").focus()
    for step in range(1, 17):
        page.keyboard.press("ArrowRight" if step % 2 else "ArrowDown")
        name = PARAMETERS[(start + step) % 16]
        assert state_of(page)["chosen"] == name
        radios = page.locator('[role=radio][aria-checked="true"]')
        assert radios.count() == 1 and radios.get_attribute("data-parameter") == name
        assert page.evaluate("document.activeElement.dataset.parameter") == name
        assert page.locator('[role=radio][tabindex="0"]').count() == 1
        ring = parameter(page, name).locator(".explorer-ring")
        assert ring.evaluate("(node) => getComputedStyle(node).stroke") != "none"
    page.keyboard.press("End")
    assert state_of(page)["chosen"] == "b3_1"
    page.keyboard.press("ArrowUp")
    assert state_of(page)["chosen"] == "W3_13"
    assert (
        parameter(page, "W3_13").get_attribute("aria-label")
        == "Weight from hidden neuron 3 to the output, 0.60"
    )
    page.keyboard.press("Home")
    assert state_of(page)["chosen"] == "W2_11"
    check_page(page)


def test_finger_chooses_and_the_page_scrolls_on(opened):
    page = opened(width=390, height=800, has_touch=True)
    for name in ("W2_31", "b2_3", "W3_12", "b3_1"):
        box = parameter(page, name).locator(".explorer-knob").bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2 + 4, box["y"] + box["height"] / 2 + 3)
        settle(page)
        assert state_of(page)["chosen"] == name
        check_page(page)


def test_knobs_are_far_enough_apart_for_a_finger(opened):
    page = opened(width=320)
    centres = page.locator(".explorer-parameter .explorer-knob").evaluate_all(
        """(nodes) => nodes.map((node) => node.getBoundingClientRect()).map(
          (box) => [box.x + box.width / 2, box.y + box.height / 2])"""
    )
    gaps = [math.dist(one, other) for one, other in itertools.combinations(centres, 2)]
    assert len(centres) == 16 and min(gaps) >= 20


@pytest.mark.parametrize("formula", WRONG)
def test_a_wrong_formula_departs_where_it_can_be_seen(opened, formula):
    """The number differs from the two forward passes; the bar and the factor change colour."""
    page = opened()
    parameter_for = {"shared_bias": "b2_1", "squared": "W3_12"}.get(formula, "W2_12")
    if formula == "wrong_decay":
        page.get_by_label("weight decay lambda").fill("0.1")
    box = parameter(page, parameter_for).locator(".explorer-knob").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    right = check_page(page)
    choose_formula(page, formula)
    shown = check_page(page)
    assert shown["finite"] == right["finite"]
    assert abs(shown["analytic"] - shown["finite"]) > 0.05 * abs(shown["finite"])
    assert f"{shown['analytic']:.6f}" != f"{shown['finite']:.6f}"
    assert page.locator(".explorer-band").get_attribute("data-role") == "generated"
    rows = page.locator('.explorer-factor[data-role="generated"]')
    assert rows.count() >= 1 and "This formula says" in words(page)
    choose_formula(page, "right")
    assert page.locator(".explorer-band").get_attribute("data-role") == "third"
    assert page.locator('[data-role="generated"]').count() == 0


@pytest.mark.parametrize(("formula", "name"), [("wrong_weight", "W2_22"), ("squared", "b3_1")])
def test_a_formula_that_is_right_here_says_where_to_look(opened, formula, name):
    page = opened()
    box = parameter(page, name).locator(".explorer-knob").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    choose_formula(page, formula)
    shown = check_page(page)
    assert shown["analytic"] == pytest.approx(shown["finite"], abs=1e-9)
    assert "right here" in words(page) and "Look at" in words(page)
    assert page.locator(".explorer-band").get_attribute("data-role") == "third"


@pytest.mark.parametrize("width", [760, 700, 375, 320])
def test_nothing_moves_when_another_is_chosen(opened, width):
    """What is below stays where it is, whatever is chosen and however many factors there are."""
    page = opened(width=width)
    tops = page.evaluate(
        """async () => {
          const tops = new Set(), select = document.querySelector('select');
          const frame = () => new Promise((done) => requestAnimationFrame(done));
          const state = () => JSON.parse(document.querySelector('.explorer').dataset.state);
          const heights = () => [...document.querySelectorAll('button')].map(
            (each) => each.getBoundingClientRect().y).join();
          for (const option of select.options) {
            select.value = option.value;
            select.dispatchEvent(new Event('change'));
            for (const node of document.querySelectorAll('.explorer-parameter')) {
              const { x, y, width, height } = node.querySelector('.explorer-knob').getBoundingClientRect();
              const at = { clientX: x + width / 2, clientY: y + height / 2 };
              node.dispatchEvent(new MouseEvent('click', { bubbles: true, ...at }));
              await frame();
              await frame();
              if (state().chosen !== node.dataset.parameter) return ['not chosen'];
              tops.add(heights());
            }
          }
          return [...tops];
        }"""
    )
    assert len(tops) == 1 and tops != ["not chosen"]


def test_decay_hides_its_slip_while_it_is_zero(opened):
    page = opened()
    choose_formula(page, "wrong_decay")
    assert "by accident" in words(page)
    page.get_by_label("weight decay lambda").fill("0.2")
    shown = check_page(page)
    state = state_of(page)
    assert shown["decay"] == pytest.approx(0.2 * state["W3"][0][0], abs=1e-11)
    assert shown["analytic"] - shown["finite"] == pytest.approx(
        0.2 * (state["W3"][0][0] - state["W2"][0][1]), abs=1e-8
    )
    assert "This formula says" in words(page)


def test_a_wrong_path_is_lit_where_it_runs(opened):
    page = opened()
    choose_formula(page, "wrong_weight")
    assert lit(page) == {"W2_12": "third", "W3_12": "generated"}
    choose_formula(page, "transposed")
    assert lit(page) == {"W2_12": "third", "W3_12": "generated"}
    choose_formula(page, "summed")
    assert lit(page) == {"W2_12": "third"} | {f"W3_1{k}": "generated" for k in (1, 2, 3)}


def take_step(page) -> tuple[dict[str, float], dict[str, float]]:
    before = check_page(page)
    page.get_by_role("button", name=TAKE).click()
    settle(page)
    return before, check_page(page)


def test_steps_down(opened):
    page = opened(reduced_motion="reduce")
    for _ in range(4):
        before, after = take_step(page)
        assert after["now"] == pytest.approx(before["after"], abs=1e-11) and after["now"] < before["now"]
    history = state_of(page)["history"]
    assert len(history) == 5 and all(one > other for one, other in itertools.pairwise(history))
    page.get_by_label("input x1").fill("1.1")
    settle(page)
    assert len(state_of(page)["history"]) == 1


def test_a_lost_sign_climbs_and_a_lost_slope_still_falls(opened):
    page = opened(reduced_motion="reduce")
    choose_formula(page, "sign")
    before, after = take_step(page)
    assert after["now"] == pytest.approx(before["after"], abs=1e-11) and after["now"] > before["now"]
    assert "Its step raises the cost" in words(page)
    for formula in ("slope_forgotten", "slope_at_output", "output_slope_dropped"):
        choose_formula(page, formula)
        before, after = take_step(page)
        assert after["now"] < before["now"] and "lowers the cost all the same" in words(page)


def test_a_hand_quicker_than_the_drawing_takes_whole_steps(opened):
    page = opened()
    page.evaluate(
        """(name) => { const buttons = [...document.querySelectorAll('button')];
          const step = buttons.find((each) => each.textContent === name);
          step.click(); step.click(); }""",
        TAKE,
    )
    settle(page)
    calm = opened(reduced_motion="reduce")
    take_step(calm)
    take_step(calm)
    assert state_of(page)["history"] == pytest.approx(state_of(calm)["history"], abs=1e-14)
    assert len(state_of(page)["history"]) == 3
    check_page(page)


def test_on_its_way_a_step_stays_between_its_ends(opened):
    page = opened()
    page.evaluate(
        """() => { window.seen = []; const root = document.querySelector('.explorer');
          new MutationObserver(() => window.seen.push(JSON.parse(root.dataset.state))).observe(
            root, { attributes: true, attributeFilter: ['data-state'] }); }"""
    )
    before = state_of(page)["W3"][0]
    take_step(page)
    after = state_of(page)["W3"][0]
    shares = [
        [(now - start) / (end - start) for start, now, end in zip(before, state["W3"][0], after, strict=True)]
        for state in page.evaluate("window.seen")
    ]
    assert len(shares) > 2 and shares[-1] == [1, 1, 1]
    assert all(max(each) - min(each) < 1e-9 and -1e-9 <= each[0] <= 1 for each in shares)
    assert all(one[0] <= other[0] for one, other in itertools.pairwise(shares))


def test_sliders_move_what_they_name(opened):
    page = opened()
    first = state_of(page)
    own = page.get_by_label("chosen weight or bias")
    own.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert state_of(page)["W2"][0] == pytest.approx([0.5, -0.95, 0.3])
    box = own.bounding_box()
    drag(page, own, box["width"] / 4, 0)
    moved = state_of(page)["W2"]
    assert moved[0][1] == pytest.approx(2, abs=0.4) and moved[1:] == first["W2"][1:]
    check_page(page)
    for label, key in (("input x2", "x"), ("target y", "y"), ("weight decay lambda", "decay")):
        before = state_of(page)[key]
        page.get_by_label(label).focus()
        page.keyboard.press("ArrowRight")
        settle(page)
        after = state_of(page)[key]
        assert after == (
            pytest.approx([before[0], before[1] + 0.05, before[2]])
            if key == "x"
            else pytest.approx(before + 0.01)
        )
        check_page(page)
    page.get_by_role("button", name="Reset").click()
    assert state_of(page) == first


def test_other_networks(opened):
    """All traits at once, as a chapter or a link sets them."""
    generator = np.random.default_rng(9)
    states = []
    for index, name in enumerate(PARAMETERS):
        network = random_network(generator, 0.0 if index % 3 else 0.3)
        states.append(network | {"chosen": name, "formula": FORMULAS[index % 11], "learning_rate": 0.7})
    for given, (state, shown) in zip(states, rendered(opened(), BackpropNetwork(), states), strict=True):
        network = {key: given[key] for key in NETWORK}
        name = given["chosen"]
        assert state["chosen"] == name and state["formula"] == given["formula"]
        assert shown["finite"] == pytest.approx(by_autograd(network)[1][name], abs=3e-9)
        gradient = by_definition(network, given["formula"])
        assert shown["analytic"] == pytest.approx(gradient[name], abs=1e-11)
        moved = dict(network)
        for key in ("W2", "b2", "W3", "b3"):
            values = np.array(network[key], dtype=float)
            for place in np.ndindex(values.shape):
                row, column = (*place, 0)[:2] if values.ndim == 2 else (place[0], None)
                label = f"{key}_{row + 1}" + (f"{column + 1}" if values.ndim == 2 else "")
                values[place] = np.clip(values[place] - 0.7 * gradient[label], -4, 4)
            moved[key] = values.tolist()
        assert shown["after"] == pytest.approx(by_autograd(moved)[0], abs=1e-11)


def test_paper_shows_the_path_without_its_knobs(opened):
    page = opened()
    page.emulate_media(media="print")
    shown = "(nodes) => nodes.map((node) => node.checkVisibility())"
    assert page.locator(".explorer-parameter line").evaluate_all(shown) == [True] * 16
    assert not any(page.locator(".explorer-parameter circle").evaluate_all(shown))


def test_texts_of_a_page_in_another_state(browser, tmp_path):
    address = write_page(tmp_path, "backprop_network", chosen="b2_3", formula="shared_bias", decay=0.1)
    with pages(browser, address) as open_page:
        page = open_page()
        assert state_of(page)["chosen"] == "b2_3"
        assert "This formula says" in words(page)
        assert (
            page.locator(".explorer-factor .explorer-label").all_inner_texts()[-1] == "a bias does not decay"
        )
        check_page(page)
