"""The c-transform staircase: from any feasible pair of prices to one 1-Lipschitz function, value rising."""

import itertools
import math
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.transport import c_transform, wasserstein1

_MOST = 7
_SUPPORT = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
_P = [0.15, 0.3, 0.25, 0.15, 0.1, 0.05, 0.0]
_Q = [0.0, 0.0, 0.05, 0.15, 0.25, 0.35, 0.2]
_F = [2.0, 2.8, 2.2, -0.4, 0.4, -2.6, -3.6]
_G = [-3.2, -3.9, -3.4, -2.3, -1.6, -0.8, 0.3]
_ON_SUPPORT = ("p", "q", "f", "g")


class Step(NamedTuple):
    """One stage of the staircase: the pair `f`, `g`, each (n,), and its value p·f + q·g."""

    f: np.ndarray
    g: np.ndarray
    value: float


class CTransform(Explorer):
    """A feasible pair the reader drags, and the two c-transforms that turn it into one function.

        p·f + q·g  ≤  p·f + q·f^c  ≤  ∫ (p − q)(−f^c)  ≤  W,        f^c(y) = min_x [|x − y| − f(x)]

    `support` holds 2 to 7 increasing points of the line; `p` and `q` are masses on it, non-negative with
    sum 1; `f` and `g` are prices on it with f_i + g_j <= |x_i − x_j|. All have one length.
    Traits that belong together are set together: CTransform(support=…, p=…, q=…, f=…, g=…).
    Raises ValueError for values that break these rules, and traitlets.TraitError for other types.
    """

    alt = (
        "Above: a jagged blue curve f below a jagged orange curve minus g over seven points, and between"
        " them the single 1-Lipschitz function that two c-transforms make of them. Below: four bars. The"
        " value of the pair rises from one step to the next and stays below the dashed exact W; the bar of"
        " the shortcut, the integral of p minus q times f, runs past it."
    )
    roles = ("real", "generated", "third")
    handles = tuple(f"{price}, point {k}" for price in ("f", "Minus g") for k in range(1, 8))
    controls = (
        *handles,
        *("example", "Another pair", "Reset", "Step 0: the pair f and g"),
        *("Step 1: replace g by the c-transform of f", "Step 2: replace f by minus the c-transform of f"),
    )
    stirring = "Another pair"
    animated = (
        "Step 1: replace g by the c-transform of f",
        "Step 2: replace f by minus the c-transform of f",
    )

    support = traitlets.List(traitlets.Float(), _SUPPORT).tag(sync=True)
    p = traitlets.List(traitlets.Float(), _P).tag(sync=True)
    q = traitlets.List(traitlets.Float(), _Q).tag(sync=True)
    f = traitlets.List(traitlets.Float(), _F).tag(sync=True)
    g = traitlets.List(traitlets.Float(), _G).tag(sync=True)

    @traitlets.validate("support")
    def _increasing(self, proposal):
        xs = proposal["value"]
        if not 2 <= len(xs) <= _MOST or not all(a < b for a, b in itertools.pairwise(xs)):
            raise ValueError(
                f"support: got {xs}, expected 2 to {_MOST} increasing points. Remedy: sorted(set(points))."
            )
        for name in _ON_SUPPORT:
            self._require_length(name, getattr(self, name), xs)
        return xs

    @traitlets.validate(*_ON_SUPPORT)
    def _one_for_each(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        self._require_length(name, values, self.support)
        if not all(math.isfinite(value) for value in values):
            raise ValueError(f"{name}: got {values}, expected finite numbers. Remedy: leave such points out.")
        if name in "pq" and (min(values) < 0 or abs(math.fsum(values) - 1) > 1e-9):
            raise ValueError(
                f"{name}: got {values}, expected masses >= 0 with sum 1. Remedy: divide by their sum."
            )
        if name in "fg" and len(self.f) == len(self.g) == len(self.support):
            self._require_feasible()
        return values

    def _require_length(self, name: str, values: list[float], xs: list[float]) -> None:
        if len(values) != len(xs):
            raise ValueError(
                f"{name}: got {len(values)} values for {len(xs)} points, expected one for each."
                " Remedy: set support, p, q, f and g together."
            )

    def _require_feasible(self) -> None:
        over = np.add.outer(self.f, self.g) - self._distances()
        i, j = np.unravel_index(over.argmax(), over.shape)
        if over[i, j] > 1e-9:
            raise ValueError(
                f"f, g: got f[{i}] + g[{j}] = {self.f[i] + self.g[j]:.6g}, expected at most the distance"
                f" {abs(self.support[i] - self.support[j]):.6g} of their points. Remedy: lower one of them."
            )

    def _distances(self) -> np.ndarray:
        return np.abs(np.subtract.outer(self.support, self.support))

    def staircase(self) -> tuple[Step, Step, Step]:
        """The pair (f, g), then (f, f^c), then (−f^c, f^c), each with its value."""
        f, g, cost = np.array(self.f), np.array(self.g), self._distances()
        raised = c_transform(f, cost)
        pairs = ((f, g), (f, raised), (c_transform(raised, cost), raised))
        return tuple(Step(*pair, float(self.p @ pair[0] + self.q @ pair[1])) for pair in pairs)

    def figure(self) -> Figure:
        """The three stages in one plane, and the staircase of their values below W."""
        from lib import figures

        steps, xs = self.staircase(), np.array(self.support)
        exact = wasserstein1(xs[:, None], xs[:, None], self.p, self.q, method="line").value
        figure = Figure(figsize=(7.2, 5.4), layout="constrained")
        top, bottom = figure.subplots(2, 1, height_ratios=(3, 2))
        curves = (
            (steps[0].f, "real", "$f$"),
            (-steps[0].g, "generated", "$-g$"),
            (steps[2].f, "third", "$-f^c$"),
        )
        for values, role, text in curves:
            top.plot(xs, values, "o-", color=figures.colours[role], markersize=4)
            figures.label_end(top, xs, values, text, figures.colours[role])
        top.set(xlabel="$x$", ylabel="price")
        shortcut = float(np.subtract(self.p, self.q) @ steps[0].f)
        names = ("value$(f, g)$", "value$(f, f^c)$", "value$(-f^c, f^c)$", r"shortcut $\int(p-q)f$")
        hues = [figures.colours["third"]] * 3 + [figures.colours["muted"]]
        values = [*(step.value for step in steps), shortcut]
        bottom.barh(range(4), values, color=hues, height=0.6, alpha=0.8)
        bottom.axvline(exact, **figures.exact)
        bottom.set_yticks(range(4), names)
        bottom.invert_yaxis()
        bottom.set_title(
            f"The value rises from {values[0]:.3f} to {values[2]:.3f}, below W = {exact:.3f} (dashed)",
            loc="left",
            fontsize="medium",
        )
        return figure
