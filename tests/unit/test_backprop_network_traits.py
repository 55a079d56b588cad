"""The Python side of the explorer of backpropagation: its traits, its factors and its static figure."""

import math

import numpy as np
import pytest
import torch
from traitlets import TraitError

from lib.explorers import page_html
from lib.explorers.backprop_network import PARAMETERS, BackpropNetwork


@pytest.mark.parametrize("name", PARAMETERS)
def test_product_of_the_factors_is_the_derivative(name):
    explorer = BackpropNetwork(chosen=name, x=[0.3, -1.1, 0.7], y=0.9)
    W2, b2, W3, b3 = own = [
        torch.tensor(getattr(explorer, key), dtype=torch.float64, requires_grad=True)
        for key in ("W2", "b2", "W3", "b3")
    ]
    x = torch.tensor(explorer.x, dtype=torch.float64)
    a = torch.sigmoid(W3 @ torch.sigmoid(W2 @ x + b2) + b3)
    ((a - explorer.y) ** 2 / 2).sum().backward()
    key, indices = name.split("_")
    gradient = dict(zip(("W2", "b2", "W3", "b3"), own, strict=True))[key].grad
    wanted = gradient[tuple(int(each) - 1 for each in indices)].item()
    assert math.prod(each.value for each in explorer.factors()) == pytest.approx(wanted, abs=1e-15)


def test_static_figure_lights_the_path_and_shows_the_product():
    explorer = BackpropNetwork(chosen="W2_31")
    (axes,) = explorer.figure().axes
    strong = [line for line in axes.lines if line.get_linewidth() > 2]
    ends = [tuple(map(tuple, line.get_xydata())) for line in strong]
    assert ends == [((0.0, 2.0), (2.4, 0.0)), ((2.4, 0.0), (4.5, 1.0)), ((4.5, 1.0), (6.1, 1.0))]
    product = math.prod(each.value for each in explorer.factors())
    texts = [text.get_text() for text in axes.texts]
    assert any(f"{product:.6f}".replace("-", "−") in text for text in texts)
    _, a2, _, a3 = explorer.activations()
    assert any(f"$a_3$ = {a2[2]:.3f}" in text for text in texts)
    d3 = (a3[0] - explorer.y) * a3[0] * (1 - a3[0])
    d2 = d3 * np.array(explorer.W3[0]) * a2 * (1 - a2)
    for j in (1, 2, 3):
        assert any(f"$\\delta_{j}$ = {d2[j - 1]:.3f}".replace("-", "−") in text for text in texts)
    assert len(axes.lines) == 17 and explorer.picture() != BackpropNetwork().picture()


@pytest.mark.parametrize(("chosen", "plus"), [("W2_12", -0.2), ("W3_11", 0.26), ("b2_1", 0.0)])
def test_figure_adds_the_decay_of_a_weight(chosen, plus):
    explorer = BackpropNetwork(chosen=chosen, decay=0.2)
    product = math.prod(each.value for each in explorer.factors())
    text = explorer.figure().axes[0].texts[-1].get_text()
    assert text.endswith(f"= {product + plus:.6f}".replace("-", "−")) and ("λ" in text) == (plus != 0)
    assert "λ" not in BackpropNetwork(chosen=chosen).figure().axes[0].texts[-1].get_text()


def test_figure_counts_decay_in_the_cost():
    explorer = BackpropNetwork(decay=0.2)
    a3 = explorer.activations()[3][0]
    squares = sum(value**2 for row in (*explorer.W2, *explorer.W3) for value in row)
    cost = (a3 - 0.25) ** 2 / 2 + 0.1 * squares
    assert any(f"$J$ = {cost:.3f}" in text.get_text() for text in explorer.figure().axes[0].texts)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"x": [0.1, 0.2]}, ["x", "[0.1, 0.2]", "(3,)"]),
        ({"x": [0.1, 0.2, 2.5]}, ["x", "2.5", "[-2.0, 2.0]"]),
        ({"W2": [[0.0] * 3] * 2}, ["W2", "(3, 3)"]),
        ({"W2": [[0.0] * 3, [0.0] * 2, [0.0] * 3]}, ["W2", "(3, 3)"]),
        ({"W3": [[1.0, 2.0, 4.5]]}, ["W3", "4.5", "[-4.0, 4.0]"]),
        ({"b3": [math.nan]}, ["b3", "nan"]),
        ({"y": 1.2}, ["y", "1.2", "[0.0, 1.0]"]),
        ({"decay": -0.1}, ["decay", "-0.1", "[0.0, 0.5]"]),
        ({"learning_rate": 0.0}, ["learning_rate", "0.0", "(0, 20]"]),
    ],
)
def test_bad_values_are_named(wrong, expected):
    with pytest.raises(ValueError) as caught:
        BackpropNetwork(**wrong)
    assert all(word in str(caught.value) for word in [*expected, "Remedy"])


@pytest.mark.parametrize("wrong", [{"chosen": "W2_14"}, {"formula": "correct"}])
def test_unknown_names_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        BackpropNetwork(**wrong)


def test_own_style_sheet_goes_with_this_explorer_alone():
    assert ".explorer-factor {" in BackpropNetwork._css and ".explorer {" in BackpropNetwork._css
    assert ".explorer-factor {" in page_html("backprop_network")
    assert ".explorer-factor {" not in page_html("gan_game")
