"""The worked network: choose a weight, see the factors of its gradient along its path, check them."""

import math
import re
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within

_LIMIT = 4.0
_X = [0.9, -0.4, 0.6]
_W2 = [[0.5, -1.0, 0.3], [-0.7, 0.4, 1.1], [0.2, 0.8, -0.6]]
_B2 = [0.1, -0.2, 0.4]
_W3 = [[1.3, -0.9, 0.6]]
_SHAPES = {"x": (3,), "W2": (3, 3), "b2": (3,), "W3": (1, 3), "b3": (1,)}
_RANGES = {"x": (-2.0, 2.0), "y": (0.0, 1.0), "decay": (0.0, 0.5)}
PARAMETERS = (
    *(name for j in "123" for name in (*(f"W2_{j}{k}" for k in "123"), f"b2_{j}")),
    *("W3_11", "W3_12", "W3_13", "b3_1"),
)
"""The sixteen derivatives by name: "W2_jk", "b2_j", "W3_1k", "b3_1", counted from 1."""

FORMULAS = (
    *("right", "slope_forgotten", "slope_at_output", "wrong_weight", "transposed", "summed", "shared_bias"),
    *("squared", "output_slope_dropped", "wrong_decay", "sign"),
)
"""The right formula, and ten mistakes; each is explained where it is computed, in `formulas.js`."""


class Factor(NamedTuple):
    """One factor of a derivative: its formula, its value, and the neuron or weight where it stands."""

    term: str
    value: float
    at: str


class BackpropNetwork(Explorer):
    """A 3-3-1 network of sigmoids whose sixteen derivatives are taken apart, factor by factor.

        ∂J/∂W_jk⁽²⁾ = x_k · a_j(1 − a_j) · W_1j⁽³⁾ · a(1 − a) · (a − y) + λ W_jk⁽²⁾,   J = ½(a − y)² + ½λ Σ W²

    `x` (3,) in [−2, 2] and `y` in [0, 1] are the sample; `W2` (3, 3), `b2` (3,), `W3` (1, 3), `b3` (1,) the
    parameters, in [−4, 4]; `decay` is λ in [0, 0.5]. `chosen` names the parameter looked at: "W2_jk", "b2_j",
    "W3_1k" or "b3_1", counted from 1. `formula` is "right" or one of the wrong ones of `formulas.js`;
    `learning_rate` in (0, 20] is the length of a step. The static figure shows the true factors.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types and names.
    """

    alt = (
        "A network of three inputs, three hidden neurons and one output, followed by the cost J, with the"
        " numbers h, a and delta at each neuron. From one weight of the hidden layer a path is lit through"
        " its neuron and the output to the cost; all other lines are thin and grey. Below stand the five"
        " factors along the path and their product, the derivative: what came in, the slope of the hidden"
        " neuron, the weight of the last layer, the slope of the output, and the miss."
    )
    roles = ("third",)
    controls = (
        *("Weight from input 2 to hidden neuron 1, −1.00", "formula", "chosen weight or bias"),
        *("input x1", "input x2", "input x3", "target y", "weight decay lambda", "Take one step", "Reset"),
    )
    stirring = "Take one step"
    animated = ("Take one step",)

    x = traitlets.List(traitlets.Float(), _X).tag(sync=True)
    y = traitlets.Float(0.25).tag(sync=True)
    W2 = traitlets.List(traitlets.List(traitlets.Float()), _W2).tag(sync=True)
    b2 = traitlets.List(traitlets.Float(), _B2).tag(sync=True)
    W3 = traitlets.List(traitlets.List(traitlets.Float()), _W3).tag(sync=True)
    b3 = traitlets.List(traitlets.Float(), [-0.3]).tag(sync=True)
    decay = traitlets.Float(0.0).tag(sync=True)
    chosen = traitlets.Enum(list(PARAMETERS), "W2_12").tag(sync=True)
    formula = traitlets.Enum(list(FORMULAS), "right").tag(sync=True)
    learning_rate = traitlets.Float(2.0).tag(sync=True)

    @traitlets.validate("y", "decay")
    def _within(self, proposal):
        name = proposal["trait"].name
        return within(name, proposal["value"], *_RANGES[name])

    @traitlets.validate("learning_rate")
    def _positive(self, proposal):
        rate = proposal["value"]
        if not 0 < rate <= 20:
            raise ValueError(
                f"learning_rate: got {rate}, expected a number in (0, 20]. Remedy: learning_rate=2.0."
            )
        return rate

    @traitlets.validate(*_SHAPES)
    def _shaped(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        expected = _SHAPES[name]
        rows = values if len(expected) == 2 else [values]
        wanted = (1, *expected)[-2:]
        if len(rows) != wanted[0] or any(len(row) != wanted[1] for row in rows):
            raise ValueError(
                f"{name}: got {values}, expected numbers of shape {expected}. Remedy: a row for each neuron."
            )
        for value in (each for row in rows for each in row):
            within(name, value, *_RANGES.get(name, (-_LIMIT, _LIMIT)))
        return values

    def activations(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """h⁽²⁾, a⁽²⁾ of shape (3,) and h⁽³⁾, a⁽³⁾ of shape (1,)."""
        h2 = np.array(self.W2) @ self.x + self.b2
        a2 = 1 / (1 + np.exp(-h2))
        h3 = np.array(self.W3) @ a2 + self.b3
        return h2, a2, h3, 1 / (1 + np.exp(-h3))

    def factors(self) -> list[Factor]:
        """The true factors of ∂J/∂`chosen`, from the parameter to the cost, without weight decay."""
        _, a2, _, (a,) = self.activations()
        matrix, indices = self.chosen.split("_")
        j = int(indices[0])
        last = [Factor("$a(1-a)$", a * (1 - a), "a3_1"), Factor("$(a-y)$", a - self.y, "J")]
        if matrix == "b3":
            return last
        if matrix == "W3":
            k = int(indices[1])
            return [Factor(f"$a_{k}$", a2[k - 1], f"a2_{k}"), *last]
        own, weight = a2[j - 1], self.W3[0][j - 1]
        middle = [
            Factor(f"$a_{j}(1-a_{j})$", own * (1 - own), f"a2_{j}"),
            Factor(f"$W^{{(3)}}_{{1{j}}}$", weight, f"W3_1{j}"),
        ]
        if matrix == "b2":
            return [*middle, *last]
        k = int(indices[1])
        return [Factor(f"$x_{k}$", self.x[k - 1], f"x_{k}"), *middle, *last]

    def figure(self) -> Figure:
        """The network with its numbers, the path of `chosen`, and its factors with their product."""
        from lib import figures

        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        axes = figure.subplots()
        axes.set(xlim=(-0.5, 6.6), ylim=(-0.65, 2.6))
        axes.axis("off")
        factors = self.factors()
        lit = {self.chosen, *(each.at for each in factors)}
        self._draw_lines(axes, lit, figures.colours)
        self._draw_boxes(axes, lit, figures.colours)
        axes.text(3.05, -0.35, self._product(), ha="center", va="top", color=figures.colours["third"])
        return figure

    def _product(self) -> str:
        """The derivative as two lines: its factors with their product, in symbols and in numbers."""
        factors, (matrix, indices) = self.factors(), self.chosen.split("_")
        terms = " · ".join(each.term for each in factors)
        numbers = " · ".join(f"{each.value:.4f}" for each in factors)
        value = math.prod(each.value for each in factors)
        name = f"{matrix[0]}^{{({matrix[1]})}}_{{{indices}}}"
        if matrix[0] == "W" and self.decay > 0:
            j, k = (int(each) - 1 for each in indices)
            shrinking = self.decay * getattr(self, matrix)[j][k]
            terms, numbers, value = f"{terms} + λ ${name}$", f"{numbers} + {shrinking:.4f}", value + shrinking
        text = f"$\\partial J/\\partial {name}$ = {terms}\n= {numbers} = {value:.6f}"
        return re.sub(r"-(?=\d)", "−", text)

    def _draw_lines(self, axes: Axes, lit: set[str], colours: dict[str, str]) -> None:
        ends = _places()
        for name in PARAMETERS:
            target = ends[f"a{name[1]}_{name[3]}"]
            if name[0] == "W":
                source = ends[f"{'x' if name[1] == '2' else 'a2'}_{name[4]}"]
            else:
                source = (target[0], target[1] + 0.42)
            strong = name in lit
            style = {"color": colours["third" if strong else "muted"], "linewidth": 2.4 if strong else 0.7}
            axes.plot(*zip(source, target, strict=True), **style, alpha=1 if strong else 0.5, zorder=1)
        link = (ends["a3_1"], ends["J"])
        axes.plot(*zip(*link, strict=True), color=colours["third"], linewidth=2.4, zorder=1)

    def _draw_boxes(self, axes: Axes, lit: set[str], colours: dict[str, str]) -> None:
        h2, a2, h3, a3 = self.activations()
        miss = a3[0] - self.y
        d3 = miss * a3[0] * (1 - a3[0])
        d2 = d3 * np.array(self.W3[0]) * a2 * (1 - a2)
        squares = sum(np.square(each).sum() for each in (self.W2, self.W3))
        texts = {f"x_{k}": f"$x_{k}$ = {value:.2f}" for k, value in enumerate(self.x, 1)}
        for j, (h, a, d) in enumerate(zip(h2, a2, d2, strict=True), 1):
            texts[f"a2_{j}"] = f"$h_{j}$ = {h:.3f}\n$a_{j}$ = {a:.3f}\n$\\delta_{j}$ = {d:.3f}"
        texts["a3_1"] = f"$h$ = {h3[0]:.3f}\n$a$ = {a3[0]:.3f}\n$\\delta$ = {d3:.3f}"
        texts["J"] = f"$y$ = {self.y:.2f}\n$J$ = {(miss**2 + self.decay * squares) / 2:.3f}"
        for name, place in _places().items():
            frame = {
                "boxstyle": "round,pad=0.35",
                "facecolor": "white",
                "edgecolor": colours["third" if name in lit else "muted"],
            }
            own = {"ha": "center", "va": "center", "fontsize": "small", "color": colours["ink"]}
            axes.text(*place, texts[name].replace("-", "−"), bbox=frame, zorder=2, **own)


def _places() -> dict[str, tuple[float, float]]:
    """Where the boxes stand, from left to right."""
    return {
        **{f"x_{k}": (0.0, 3.0 - k) for k in (1, 2, 3)},
        **{f"a2_{j}": (2.4, 3.0 - j) for j in (1, 2, 3)},
        **{"a3_1": (4.5, 1.0), "J": (6.1, 1.0)},
    }
