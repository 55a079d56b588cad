"""The network by hand: against autograd for any widths and activations, and what it refuses."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import backprop
from lib.backprop import Gradient, Layer, cross_entropy, identity, relu, sigmoid, squares, tanh
from tests.unit.errors import refused

TORCH = {sigmoid: torch.sigmoid, tanh: torch.tanh, relu: torch.relu, identity: lambda h: h}
widths = st.lists(st.integers(1, 5), min_size=2, max_size=5)


def drawn(sizes, activations, seed=0):
    """A network whose biases are drawn too: `dense` begins them at 0, where they could be lost unseen."""
    draw = np.random.default_rng(seed)
    network = backprop.dense(sizes, activations, draw)
    return [layer._replace(bias=draw.normal(size=layer.bias.shape)) for layer in network], draw


def by_autograd(network, x, y, cost):
    weights = [torch.tensor(layer.weight, requires_grad=True) for layer in network]
    biases = [torch.tensor(layer.bias, requires_grad=True) for layer in network]
    a = torch.tensor(x)
    for weight, bias, layer in zip(weights, biases, network, strict=True):
        a = TORCH[layer.activation](torch.nn.functional.linear(a, weight, bias))
    cost(a, torch.tensor(y)).backward()
    return a.detach().numpy(), [
        (w.grad.numpy(), b.grad.numpy()) for w, b in zip(weights, biases, strict=True)
    ]


@settings(deadline=None, max_examples=60)
@given(
    sizes=widths, kinds=st.lists(st.sampled_from(list(TORCH)), min_size=4, max_size=4), m=st.integers(1, 4)
)
def test_gradients_are_those_of_autograd(sizes, kinds, m):
    network, draw = drawn(sizes, kinds[: len(sizes) - 1], seed=m)
    x, y = draw.normal(size=(m, sizes[0])), draw.normal(size=(m, sizes[-1]))
    trace = backprop.forward(network, x)
    gradients = backprop.backward(network, x, trace, squares.slope(trace[-1].a, y))
    output, expected = by_autograd(network, x, y, lambda a, y: ((a - y) ** 2).sum() / 2 / len(a))
    np.testing.assert_allclose(trace[-1].a, output, rtol=0, atol=1e-12)
    for ours, (weight, bias) in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours.weight, weight, rtol=0, atol=1e-12)
        np.testing.assert_allclose(ours.bias, bias, rtol=0, atol=1e-12)


def test_cross_entropy_is_that_of_torch_also_for_large_scores():
    draw = np.random.default_rng(1)
    scores, y = draw.normal(size=(6, 4)) * [[1], [1], [50], [900], [1], [1e4]], np.eye(4)[[0, 1, 2, 3, 1, 0]]
    a = torch.tensor(scores, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(a, torch.tensor(y))
    theirs.backward()
    assert cross_entropy.value(scores, y) == pytest.approx(theirs.item(), rel=1e-13)
    np.testing.assert_allclose(cross_entropy.slope(scores, y), a.grad.numpy(), rtol=0, atol=1e-15)


@pytest.mark.parametrize("cost", [squares, cross_entropy])
def test_slope_of_a_cost_is_its_derivative(cost):
    draw = np.random.default_rng(2)
    a, y = draw.normal(size=(3, 4)), draw.dirichlet(np.ones(4), size=3)
    slope = cost.slope(a, y)
    for place in np.ndindex(a.shape):
        step = np.zeros_like(a)
        step[place] = 1e-5
        difference = (cost.value(a + step, y) - cost.value(a - step, y)) / 2e-5
        assert slope[place] == pytest.approx(difference, abs=1e-9)


@pytest.mark.parametrize("activation", [sigmoid, tanh, relu, identity])
def test_slope_of_an_activation_is_its_derivative(activation):
    h = np.array([-30.0, -4.0, -0.7, 0.3, 2.0, 25.0])
    difference = (activation.function(h + 1e-5) - activation.function(h - 1e-5)) / 2e-5
    np.testing.assert_allclose(activation.slope(h), difference, rtol=0, atol=1e-9)


def test_relu_has_slope_zero_at_its_kink():
    assert relu.slope(np.zeros(2)).tolist() == [0.0, 0.0]


def test_sigmoid_neither_overflows_nor_loses_its_tail():
    with np.errstate(all="raise"):
        slopes = sigmoid.slope(np.array([-40.0, 40.0]))
    np.testing.assert_allclose(slopes, np.exp(-40), rtol=1e-12)


def test_descend_shrinks_weights_and_leaves_biases_alone():
    layer = Layer(np.array([[2.0, -3.0]]), np.array([5.0]), identity)
    (after,) = backprop.descend([layer], [Gradient(np.array([[0.5, 1.0]]), np.array([-2.0]))], 0.1, 0.4)
    np.testing.assert_allclose(after.weight, [[2 - 0.1 * (0.5 + 0.8), -3 - 0.1 * (1.0 - 1.2)]], rtol=1e-15)
    np.testing.assert_allclose(after.bias, [5.2], rtol=1e-15)
    assert after.activation is identity
    assert layer.weight.tolist() == [[2.0, -3.0]]  # the old network stands


@pytest.mark.parametrize("gain", [1.0, 2.0, 16.0])
def test_first_weights_have_the_variance_that_is_asked_for(gain):
    network = backprop.dense([400, 300, 2], [relu, identity], np.random.default_rng(3), gain=gain)
    assert network[0].weight.shape == (300, 400)
    assert network[0].weight.var() * 400 == pytest.approx(gain, rel=0.02)
    assert abs(network[0].weight.mean()) < 4 * (gain / 400 / network[0].weight.size) ** 0.5
    assert not network[0].bias.any()
    assert [layer.activation for layer in network] == [relu, identity]


def test_what_is_refused():
    network, _ = drawn([3, 2], [sigmoid])
    x = np.zeros((4, 3))
    trace = backprop.forward(network, x)
    with refused(ValueError, "activations", "1", "2", remedy="identity"):
        backprop.dense([3, 2, 1], [sigmoid], np.random.default_rng(0))
    with refused(TypeError, "widths", "2.5", "whole number", remedy="widths"):
        backprop.dense([3, 2.5], [sigmoid], np.random.default_rng(0))
    with refused(ValueError, "gain", "0", "positive", remedy="gain"):
        backprop.dense([3, 2], [sigmoid], np.random.default_rng(0), gain=0)
    with refused(ValueError, "x", "(3,)", "(m, 3)", remedy="x[None]"):
        backprop.forward(network, np.zeros(3))
    with refused(ValueError, "x", "(4, 2)", "(m, 3)", remedy="x[None]"):
        backprop.forward(network, np.zeros((4, 2)))
    with refused(ValueError, "slope", "(4, 1)", "(4, 2)", remedy="cost.slope"):
        backprop.backward(network, x, trace, np.zeros((4, 1)))
    with refused(ValueError, "lr", "0", "positive", remedy="lr"):
        backprop.descend(network, [], 0)
    with refused(ValueError, "decay", "-1", "non-negative", remedy="decay"):
        backprop.descend(network, [], 0.1, -1)
