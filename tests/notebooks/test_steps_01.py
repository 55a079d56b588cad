"""What chapter 1 shows by hand and what the library holds are the same: passes, steps, trainings."""

import numpy as np
import pytest
import torch

from lib import backprop
from lib.experiments import chapter_01
from lib.explorers.backprop_network import BackpropNetwork
from tests.notebooks.reading import run_cells


@pytest.fixture(scope="module")
def chapter() -> dict:
    cells = ("imports", "sigmoid", "forward", "worked-network", "nudge", "backward", "autograd", "literal")
    later = ("counted", "count-runs", "batch", "sgd", "sgd-torch", "adam", "digits-data", "digits-training")
    return run_cells("01_backpropagation", *cells, *later)


def layers(weights, biases):
    return [backprop.Layer(weights[layer], biases[layer], backprop.sigmoid) for layer in weights]


def test_the_passes_shown_are_those_of_the_library(chapter):
    """Five layers of different widths and two of the same; one row of the batch."""
    weights, biases, x, y = (chapter[name] for name in ("weights", "biases", "five", "wanted"))
    network = layers(weights, biases)
    trace = backprop.forward(network, x[None])
    gradients = backprop.backward(network, x[None], trace, backprop.squares.slope(trace[-1].a, y[None]))
    for place, layer in enumerate(weights):
        np.testing.assert_allclose(chapter["inputs"][layer], trace[place].h[0], rtol=0, atol=1e-14)
        np.testing.assert_allclose(chapter["outputs"][layer], trace[place].a[0], rtol=0, atol=1e-14)
        np.testing.assert_allclose(chapter["grad_W"][layer], gradients[place].weight, rtol=0, atol=1e-15)
        np.testing.assert_allclose(chapter["grad_b"][layer], gradients[place].bias, rtol=0, atol=1e-15)


def test_the_sixteen_formulas_are_the_librarys_gradient_with_decay(chapter):
    network = layers(chapter["W"], chapter["b"])
    x, y = chapter["x"][None], np.array([[chapter["y"]]])
    trace = backprop.forward(network, x)
    lower, upper = backprop.backward(network, x, trace, backprop.squares.slope(trace[-1].a, y))
    decay = chapter["decay"]
    np.testing.assert_allclose(chapter["hidden_W"], lower.weight + decay * chapter["W"][2], atol=1e-15)
    np.testing.assert_allclose(chapter["top_W"], (upper.weight + decay * chapter["W"][3])[0], atol=1e-15)
    np.testing.assert_allclose(chapter["hidden_b"], lower.bias, rtol=0, atol=1e-15)
    np.testing.assert_allclose(chapter["top_b"], upper.bias[0], rtol=0, atol=1e-15)


@pytest.mark.parametrize("slip", [False, True])
def test_the_descent_shown_is_the_librarys(chapter, slip):
    batches = np.random.default_rng(5).permutation(64).reshape(8, 8)
    shown_W, shown_b = chapter["minibatch_descent"](batches, lr=0.7, decay=0.03, slip=slip)
    network = layers(chapter["W"], chapter["b"])
    for batch in batches:
        gradients = chapter["gradient_of"](batch, network)
        if slip:
            gradients = [each._replace(weight=0 * each.weight) for each in gradients]
        network = backprop.descend(network, gradients, 0.7, 0.03)
    for layer, ours in zip(shown_W, network, strict=True):
        np.testing.assert_allclose(shown_W[layer], ours.weight, rtol=0, atol=1e-14)
        np.testing.assert_allclose(shown_b[layer], ours.bias, rtol=0, atol=1e-14)
        assert not np.array_equal(ours.bias, chapter["b"][layer])


def test_the_forty_steps_of_torch_do_not_decay_biases(chapter):
    """With a decay that would halve everything in one step."""
    weights, biases = chapter["by_torch_sgd"]([np.arange(4)], lr=0.5, decay=1.0)
    hand_W, hand_b = chapter["minibatch_descent"]([np.arange(4)], lr=0.5, decay=1.0)
    np.testing.assert_allclose(weights[0], hand_W[2], rtol=0, atol=1e-15)
    np.testing.assert_allclose(biases[0], hand_b[2], rtol=0, atol=1e-15)
    assert np.abs(biases[0] - chapter["b"][2]).max() < 0.05


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("slip", [False, True])
def test_the_digits_training_shown_makes_the_weights_of_the_recipe(chapter, monkeypatch, seed, slip):
    monkeypatch.setattr(chapter_01, "EPOCHS", 2)
    split = chapter_01.split_digits()
    stored = chapter_01.train(*_arguments(chapter_01.start(seed), split), literal=slip)
    fresh, generator = chapter_01.start(seed)
    shown, judged = chapter["train"](fresh, generator, slip=slip, epochs=2)
    for ours, theirs in zip(shown, stored, strict=True):
        assert np.array_equal(ours.weight, theirs.weight)
        assert np.array_equal(ours.bias, theirs.bias)
    assert judged[-1] == chapter_01.accuracy(stored, split.x_held, split.y_held)


def _arguments(started, split):
    network, generator = started
    return network, split.x, split.y, generator


def test_the_settings_shown_are_those_that_are_stored(chapter):
    rate, size, epochs = chapter_01.RATE, chapter_01.BATCH, chapter_01.EPOCHS
    settings = dict(
        zip(("slip", "epochs", "size", "lr", "decay"), chapter["train"].__defaults__, strict=True)
    )
    assert settings == {"slip": False, "epochs": epochs, "size": size, "lr": rate, "decay": chapter_01.DECAY}


def test_a_counted_number_counts_products_alone(chapter):
    two = chapter["Counted"](2.0)
    before = chapter["Counted"].products
    assert (two * 3, 3 * two, two + 1, 1 + two) == (6, 6, 3, 3)
    assert chapter["Counted"].products == before + 2
    assert isinstance(sum([two, two]) * two, chapter["Counted"])


def test_nudging_puts_back_what_it_moved(chapter):
    array = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = array.copy()
    slopes = chapter["by_nudging"](lambda: (array**3).sum(), array)
    assert np.array_equal(array, kept)
    np.testing.assert_allclose(slopes, 3 * kept**2, rtol=1e-8)


def test_adam_shown_is_torchs_for_other_settings(chapter):
    gradients = np.random.default_rng(8).normal(loc=[5, 0, -0.1], size=(7, 3))
    w = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.2, betas=(0.5, 0.9), eps=1e-3)
    for g in gradients:
        w.grad = torch.tensor(g)
        optimizer.step()
    shown = chapter["adam_by_hand"](np.array([1.0, 2.0, 3.0]), gradients, 0.2, 0.5, 0.9, 1e-3)
    np.testing.assert_allclose(shown, w.detach().numpy(), rtol=0, atol=1e-13)


def test_the_explorer_begins_with_the_worked_network_and_multiplies_its_gradient(chapter):
    W, b, decay = chapter["W"], chapter["b"], chapter["decay"]
    begun = BackpropNetwork()
    shown = [begun.x, begun.y, begun.W2, begun.b2, begun.W3, begun.b3]
    expected = [chapter["x"], chapter["y"], W[2], b[2], W[3], b[3]]
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(shown, expected, strict=True))
    own = chapter["hidden_W"] - decay * W[2]
    for j, k in np.ndindex(3, 3):
        factors = BackpropNetwork(chosen=f"W2_{j + 1}{k + 1}").factors()
        assert np.prod([each.value for each in factors]) == pytest.approx(own[j, k], rel=1e-12)
