"""What the worked network has to show: autograd, each mistake in whole arrays, and how it is drawn."""

import itertools
import math

import numpy as np
import pytest
import torch

from explorer_pages import numbers_of, settle, state_of
from lib.explorers.backprop_network import PARAMETERS

SHAPED = ("x", "W2", "b2", "W3", "b3")
NETWORK = ("x", "y", "W2", "b2", "W3", "b3", "decay")


def random_network(generator: np.random.Generator, decay: float) -> dict:
    """Every number different, so that no index can be taken for another."""
    shapes = {"x": 3, "W2": (3, 3), "b2": 3, "W3": (1, 3), "b3": 1}
    network = {name: generator.uniform(-1.9, 1.9, shape).tolist() for name, shape in shapes.items()}
    return network | {"y": float(generator.uniform(0.05, 0.95)), "decay": decay}


def by_autograd(network: dict) -> tuple[float, dict[str, float]]:
    """The cost, and its sixteen derivatives by name, from torch."""
    x, W2, b2, W3, b3 = (
        torch.tensor(network[name], dtype=torch.float64) for name in ("x", "W2", "b2", "W3", "b3")
    )
    own = (W2, b2, W3, b3)
    for each in own:
        each.requires_grad_()
    a = torch.sigmoid(W3 @ torch.sigmoid(W2 @ x + b2) + b3)
    miss = torch.nn.functional.mse_loss(a, torch.tensor([network["y"]], dtype=torch.float64), reduction="sum")
    cost = miss / 2 + network["decay"] / 2 * (W2.square().sum() + W3.square().sum())
    cost.backward()
    return cost.item(), named(*(each.grad.numpy() for each in own))


def named(W2, b2, W3, b3) -> dict[str, float]:
    """Four arrays as sixteen numbers with names."""
    found = {"b3_1": b3[0]}
    for j, k in itertools.product(range(3), range(3)):
        found[f"W2_{j + 1}{k + 1}"] = W2[j, k]
    for k in range(3):
        found |= {f"b2_{k + 1}": b2[k], f"W3_1{k + 1}": W3[0, k]}
    return {name: float(found[name]) for name in PARAMETERS}


def by_definition(network: dict, formula: str) -> dict[str, float]:
    """What somebody gets who backpropagates in whole arrays and makes this one mistake."""
    x, W2, b2, W3, b3 = (np.array(network[name]) for name in ("x", "W2", "b2", "W3", "b3"))
    y, decay = network["y"], network["decay"]

    def sg(t):
        return 1 / (1 + np.exp(-t))

    h2 = W2 @ x + b2
    a2 = sg(h2)
    h3 = W3 @ a2 + b3
    a3 = sg(h3)
    at2, at3 = (a2, a3) if formula == "slope_at_output" else (h2, h3)
    slope2, slope3 = (sg(at) * (1 - sg(at)) for at in (at2, at3))
    if formula == "slope_forgotten":
        slope2 = np.ones(3)
    if formula == "output_slope_dropped":
        slope3 = np.ones(1)
    delta3 = (y - a3 if formula == "sign" else a3 - y) * slope3
    delta2 = (W3.T @ delta3) * slope2
    bias2, weight2 = delta2, np.outer(delta2, x)
    if formula == "transposed":
        weight2 = np.outer(x, delta2)
    if formula == "wrong_weight":
        weight2 = np.outer(delta3 * slope2, W3[0] * x)
    if formula == "summed":
        bias2 = np.full(3, delta2.sum())
        weight2 = np.outer(bias2, x)
    if formula == "shared_bias":
        bias2 = np.full(3, delta2.sum())
    weight3 = np.outer(delta3, a2**2 if formula == "squared" else a2)
    shrinking = np.repeat(W3.T, 3, axis=1) if formula == "wrong_decay" else W2
    return named(weight2 + decay * shrinking, bias2, weight3 + decay * W3, delta3)


def networks() -> list[dict]:
    generator = np.random.default_rng(1)
    return [random_network(generator, 0.0 if index % 2 else 0.23) for index in range(12)]


def check_page(page) -> dict[str, float]:
    """All numbers that are shown, from the state alone, with torch and with the definitions above."""
    state, shown = state_of(page), numbers_of(page)
    network, name = {key: state[key] for key in NETWORK}, state["chosen"]
    cost, truth = by_autograd(network)
    assert shown["finite"] == pytest.approx(truth[name], abs=1e-9)
    assert shown["analytic"] == pytest.approx(by_definition(network, state["formula"])[name], abs=1e-11)
    product = math.prod(shown[f"factor_{index}"] for index in range(1, 6))
    assert product + shown["decay"] == pytest.approx(shown["analytic"], abs=1e-11)
    assert shown["now"] == pytest.approx(cost, abs=1e-11) and state["history"][-1] == pytest.approx(cost)
    check_bars(page, shown)
    check_trace(page, state["history"], shown["after"])
    return shown


def check_bars(page, shown: dict[str, float]) -> None:
    """The bar begins at zero and ends at the product; the dashed line stands at the quotient."""
    zero, bar, truth, width = page.evaluate(
        """() => { const picture = document.querySelector('.explorer-chart[aria-label^="The product"]');
          const rules = [...picture.querySelectorAll('.explorer-rule')];
          const [zero, truth] = rules.map((each) => each.x1.baseVal.value);
          const { x, width } = picture.querySelector('.explorer-band').getBBox();
          return [zero, [x, x + width], truth, 2 * zero]; }"""
    )
    limit = page.locator('[aria-label^="The product"] .explorer-frame text').last.text_content()
    unit = width / 2 / float(limit)
    assert truth == pytest.approx(zero + unit * shown["finite"], abs=0.02)
    ends = sorted([zero, zero + unit * shown["analytic"]])
    assert bar == pytest.approx(ends, abs=0.02) and 0 <= bar[0] and bar[1] <= width


def check_trace(page, history: list[float], after: float) -> None:
    """The curve goes through the costs so far, the dot ends it, and the dashed line leads to the next one."""
    ys, dot, ahead, height, top = page.evaluate(
        """() => { const picture = document.querySelector('.explorer-chart[aria-label^="The cost"]');
          const path = picture.querySelector('.explorer-curve').getAttribute('d');
          const ys = path.slice(1).split('L').map((each) => Number(each.split(' ')[1]));
          const dot = picture.querySelector('circle').cy.baseVal.value;
          const { y1, y2 } = picture.querySelector('.explorer-rule');
          const grid = [...picture.querySelectorAll('.explorer-grid')];
          const [zero, top] = grid.map((each) => each.y1.baseVal.value);
          const limit = [...picture.querySelectorAll('.explorer-frame text')][1].textContent;
          return [ys, dot, [y1.baseVal.value, y2.baseVal.value], zero - top, Number(limit)]; }"""
    )
    wanted = [height * (1 - cost / top) for cost in history]
    assert ys == pytest.approx(wanted, abs=0.06) and dot == pytest.approx(wanted[-1], abs=0.06)
    assert ahead == pytest.approx([wanted[-1], height * (1 - after / top)], abs=0.06)


def parameter(page, name: str):
    return page.locator(f'[data-parameter="{name}"]')


def lit(page) -> dict[str, str]:
    """The parameters on the path with their colours, and the boxes that are lit, by their first word."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.explorer-parameter.explorer-lit')].map(
          (node) => [node.dataset.parameter, node.dataset.role]))"""
    )


def choose_formula(page, formula: str) -> None:
    page.get_by_label("formula").select_option(formula)
    settle(page)
