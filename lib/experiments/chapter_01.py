"""The trainings of chapter 1, as recipes: the hand-written network on digits, what it is compared with, and
deep networks whose first layers learn or do not."""

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from lib import backprop, data
from lib.backprop import Activation, Layer, cross_entropy, identity, relu, sigmoid, tanh
from lib.experiments.spread import Recipe, command

CHAPTER = "01_backpropagation"
HELD_OUT, EPOCHS, BATCH = 600, 30, 32
RATE, DECAY = 0.3, 1e-3  # the best of a grid, on 200 of the training images and by five other seeds
DEEP = (32,) * 6
NATIVE = {"threads": (1,), "instructions": ("native",)}  # NumPy's rounding does not move these numbers


class Split(NamedTuple):
    """Images (n, 64) in [−1, 1] with targets (n, 10), one row each with a single 1: to train on, held out."""

    x: np.ndarray
    y: np.ndarray
    x_held: np.ndarray
    y_held: np.ndarray


def split_digits(shuffled: bool = True) -> Split:
    """The 1 797 digits, the last 600 held out; `shuffled` once, always alike, or as they lie in the file."""
    images, labels = data.digits()
    x, y = images.flatten(1).double().numpy(), np.eye(10)[labels.numpy()]
    order = np.random.default_rng(2019).permutation(len(x)) if shuffled else np.arange(len(x))
    x, y = x[order], y[order]
    return Split(x[:-HELD_OUT], y[:-HELD_OUT], x[-HELD_OUT:], y[-HELD_OUT:])


def accuracy(network: Sequence[Layer], x: np.ndarray, y: np.ndarray) -> float:
    """The share of rows in which the largest score is that of the right class."""
    scores = backprop.forward(network, x)[-1].a
    return float((scores.argmax(axis=1) == y.argmax(axis=1)).mean())


def start(
    seed: int, hidden: Sequence[int] = (64,), activation: Activation = relu, gain: float = 2.0
) -> tuple[list[Layer], np.random.Generator]:
    """A fresh network 64–hidden–10, and the generator that goes on to shuffle its batches."""
    generator = np.random.default_rng(seed)
    activations = [activation] * len(hidden) + [identity]
    return backprop.dense([64, *hidden, 10], activations, generator, gain), generator


def train(
    network: list[Layer], x: np.ndarray, y: np.ndarray, generator, literal: bool = False
) -> list[Layer]:
    """Thirty epochs of minibatch descent with decay; `literal` leaves the weights' accumulator at zero."""
    for _ in range(EPOCHS):
        order = generator.permutation(len(x))
        for first in range(0, len(x) - BATCH + 1, BATCH):
            rows = order[first : first + BATCH]
            trace = backprop.forward(network, x[rows])
            slope = cross_entropy.slope(trace[-1].a, y[rows])
            gradients = backprop.backward(network, x[rows], trace, slope)
            if literal:
                gradients = [each._replace(weight=np.zeros_like(each.weight)) for each in gradients]
            network = backprop.descend(network, gradients, RATE, DECAY)
    return network


def run(seed: int, shuffled: bool = True, literal: bool = False, **shape) -> Mapping[str, float]:
    """Train from one seed; the shares of training and of held-out digits that are read rightly."""
    split = split_digits(shuffled)
    network, generator = start(seed, **shape)
    network = train(network, split.x, split.y, generator, literal)
    return {
        "training": accuracy(network, split.x, split.y),
        "held_out": accuracy(network, split.x_held, split.y_held),
    }


def run_network(seed: int) -> Mapping[str, float]:
    """One hidden layer of 64 units."""
    return run(seed)


def run_linear(seed: int) -> Mapping[str, float]:
    """No hidden layer."""
    return run(seed, hidden=())


def run_in_order(seed: int) -> Mapping[str, float]:
    """The same network; the last third of the file held out, unshuffled."""
    return run(seed, shuffled=False)


def run_literal(seed: int) -> Mapping[str, float]:
    """The same network, its weights' accumulator never filled: the weights decay, the biases learn."""
    return run(seed, literal=True)


def run_deep_sigmoid(seed: int) -> Mapping[str, float]:
    """Six hidden layers of 32 sigmoid units; variance 1 / width."""
    return run(seed, hidden=DEEP, activation=sigmoid, gain=1.0)


def run_deep_large(seed: int) -> Mapping[str, float]:
    """The same with first weights four times as large."""
    return run(seed, hidden=DEEP, activation=sigmoid, gain=16.0)


def run_deep_tanh(seed: int) -> Mapping[str, float]:
    """The same as the first with tanh for the sigmoid."""
    return run(seed, hidden=DEEP, activation=tanh, gain=1.0)


_SETTINGS = (
    f"1 797 scikit-learn digits (8×8), {HELD_OUT} held out; NumPy in float64; cross-entropy, plain descent,"
    f" rate {RATE}, weight decay {DECAY} on weights, batch {BATCH}, {EPOCHS} epochs; rate and decay chosen"
    " on 200 of the training images, by seeds that are not stored"
)


def _recipe(runs, words: str) -> Recipe:
    limits = dict.fromkeys(("training", "held_out"), (0.0, 1.0))
    trivial = dict.fromkeys(("training", "held_out"), 0.1)
    return Recipe(runs, f"{words}; {_SETTINGS}", {"held_out": 0.005}, limits, NATIVE, trivial)


RECIPES = {
    "network": _recipe(run_network, "64–64–10, ReLU, one fixed shuffle"),
    "linear": _recipe(run_linear, "64–10, one fixed shuffle"),
    "in order": _recipe(run_in_order, "64–64–10, ReLU, the last 600 of the file held out"),
    "literal": _recipe(run_literal, "64–64–10, ReLU, the accumulator of the weights left at zero"),
    "deep sigmoid": _recipe(run_deep_sigmoid, "64–32×6–10, sigmoid, first weights of variance 1/n"),
    "deep large": _recipe(run_deep_large, "64–32×6–10, sigmoid, first weights of variance 16/n"),
    "deep tanh": _recipe(run_deep_tanh, "64–32×6–10, tanh, first weights of variance 1/n"),
}

if __name__ == "__main__":
    command(CHAPTER, "lib.experiments.chapter_01", RECIPES, sys.argv[1:])
