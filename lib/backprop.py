"""A dense network and its derivatives by hand: the four equations of backpropagation, in NumPy.

A batch has a row for each sample: x is (m, n₁), and layer ℓ turns (m, n_{ℓ−1}) into (m, n_ℓ). A cost is the
mean over the batch, so that every δ below already carries its 1/m, and the sum over rows is a mean.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_softmax, softmax

from lib.arguments import number, refusal, whole_number


class Activation(NamedTuple):
    """ρ and its slope ρ′, both functions of the pre-activation h, element by element."""

    function: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


sigmoid = Activation(expit, lambda h: expit(h) * expit(-h))
"""sg(h) = 1 / (1 + e^{−h}), with slope sg(h) sg(−h) = a (1 − a)."""

tanh = Activation(np.tanh, lambda h: 1 - np.tanh(h) ** 2)
"""tanh h, with slope 1 − a²."""

relu = Activation(lambda h: np.maximum(h, 0), lambda h: (h > 0).astype(float))
"""max(h, 0); at the kink, where there is no slope, 0 is taken for it, as PyTorch does."""

identity = Activation(lambda h: h, np.ones_like)
"""h itself: a last layer that gives scores, or any real number."""


class Cost(NamedTuple):
    """What a batch costs, J(a, y), and ∂J/∂a, for outputs a (m, n) and targets y (m, n)."""

    value: Callable[[np.ndarray, np.ndarray], float]
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray]


squares = Cost(lambda a, y: ((a - y) ** 2).sum() / (2 * len(a)), lambda a, y: (a - y) / len(a))
"""(1/m) Σᵢ ½‖aᵢ − yᵢ‖²."""

cross_entropy = Cost(
    lambda a, y: -(y * log_softmax(a, axis=1)).sum() / len(a),
    lambda a, y: (softmax(a, axis=1) - y) / len(a),
)
"""−(1/m) Σᵢ Σⱼ yᵢⱼ log softmax(aᵢ)ⱼ for scores a and targets y whose rows sum to 1."""


class Layer(NamedTuple):
    """Weights W (n_ℓ, n_{ℓ−1}), W[j, k] from neuron k to neuron j; biases b (n_ℓ,); the activation."""

    weight: np.ndarray
    bias: np.ndarray
    activation: Activation


class Step(NamedTuple):
    """What the forward pass leaves at a layer: pre-activations h and outputs a, both (m, n_ℓ)."""

    h: np.ndarray
    a: np.ndarray


class Gradient(NamedTuple):
    """∂J/∂W and ∂J/∂b of a layer, in the shapes of W and b."""

    weight: np.ndarray
    bias: np.ndarray


Network = Sequence[Layer]


def dense(widths: Sequence, activations: Sequence[Activation], generator, gain=1.0) -> list[Layer]:
    """Layers between the given widths: weights normal with variance gain / n_{ℓ−1}, biases 0.

    One activation for each layer after the first width. With gain 1 a layer without activation keeps the
    mean square of what it is given; 2 makes up for the half that `relu` takes away.

    Raises ValueError where the number of activations is not one less than that of widths, or for a width
    below 1; TypeError for one that is no whole number.

    Source: He, Zhang, Ren and Sun 2015, eq. 10 (gain 2).
    """
    sizes = [whole_number("widths", width, at_least=1) for width in widths]
    gain = number("gain", gain, "the variance of a neuron's weights, added up")
    if len(activations) != len(sizes) - 1:
        expected = f"{len(sizes) - 1}, one between each two widths"
        raise ValueError(refusal("activations", len(activations), expected, "[relu, relu, identity]"))
    return [
        Layer(generator.normal(scale=(gain / n) ** 0.5, size=(after, n)), np.zeros(after), activation)
        for (n, after), activation in zip(pairwise(sizes), activations, strict=True)
    ]


def forward(network: Network, x: np.ndarray) -> list[Step]:
    """Run a batch x (m, n₁) through the network and keep what each layer saw: h = a W^⊤ + b, a = ρ(h).

    Raises ValueError where x has another number of columns than the first layer takes.
    """
    taken = network[0].weight.shape[1]
    if np.ndim(x) != 2 or x.shape[1] != taken:
        remedy = "x[None] for a single sample"
        raise ValueError(refusal("x", f"shape {np.shape(x)}", f"(m, {taken}), a sample per row", remedy))
    trace, a = [], x
    for weight, bias, activation in network:
        h = a @ weight.T + bias
        a = activation.function(h)
        trace.append(Step(h, a))
    return trace


def backward(network: Network, x: np.ndarray, trace: list[Step], slope: np.ndarray) -> list[Gradient]:
    """All ∂J/∂W and ∂J/∂b in one pass from the last layer to the first.

    `trace` is what `forward` returned for x, and `slope` is ∂J/∂a at the last layer, (m, n_L). The four
    equations: δ = ∂J/∂a ⊙ ρ′(h) at the end; δ ← (δ W) ⊙ ρ′(h), row by row W^⊤δ, from layer to layer;
    ∂J/∂W = δ^⊤ a and ∂J/∂b = Σ δ, summed over the batch.

    Raises ValueError where `slope` has not the shape of the output.

    Source: Rumelhart, Hinton and Williams 1986, eqs. 4–7.
    """
    if np.shape(slope) != trace[-1].a.shape:
        remedy = "cost.slope(trace[-1].a, y) with y of the output's shape"
        raise ValueError(refusal("slope", f"shape {np.shape(slope)}", f"{trace[-1].a.shape}", remedy))
    before = [x, *(step.a for step in trace)]
    delta = slope * network[-1].activation.slope(trace[-1].h)
    gradients = []
    for layer in reversed(range(len(network))):
        gradients.append(Gradient(delta.T @ before[layer], delta.sum(axis=0)))
        if layer:
            arrived = delta @ network[layer].weight
            delta = arrived * network[layer - 1].activation.slope(trace[layer - 1].h)
    return gradients[::-1]


def descend(network: Network, gradients: Sequence[Gradient], lr, decay=0.0) -> list[Layer]:
    """One step downhill: W ← (1 − ηλ) W − η ∂J/∂W and b ← b − η ∂J/∂b; biases do not decay.

    Raises ValueError for a rate that is not positive or a decay below 0.
    """
    lr = number("lr", lr, "the learning rate η")
    decay = number("decay", decay, "the weight decay λ", positive=False)
    return [
        Layer((1 - lr * decay) * weight - lr * gradient.weight, bias - lr * gradient.bias, activation)
        for (weight, bias, activation), gradient in zip(network, gradients, strict=True)
    ]
