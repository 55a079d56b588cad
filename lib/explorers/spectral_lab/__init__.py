"""The spectral laboratory: the needle of power iteration, a kernel and its matrix, and a gradient cut."""

import math
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.limits import within

_SOME = (0.8, -0.5, 0.3, -0.9, 0.6, 0.1, 0.4, -0.2, 0.7, -0.6, 0.5, -0.3, 0.2, 0.9, -0.8, -0.1)
_REACH = {"matrix": 2.0, "wish": 1.5}
_SIDES = range(4, 17, 2)


class Norms(NamedTuple):
    """What the bars of the second view show; `gains[i, j]` is the stretch of the frequency 2π(i, j)/side."""

    reshaped: float
    padded: float
    circular: float
    bound: float
    gains: np.ndarray


class Through(NamedTuple):
    """What the third view shows: asked + taken = left, the gradient of V through W/σ(W)."""

    asked: np.ndarray
    taken: np.ndarray
    left: np.ndarray
    amount: float


class SpectralLab(Explorer):
    """A 2×2 matrix with the needle of power iteration, a painted kernel, and the gradient through W/σ(W).

        v ← Wᵀu/‖Wᵀu‖,  u ← Wv/‖Wv‖,        ∂V/∂W = (δaᵀ − λ u₁v₁ᵀ)/σ₁  with  λ = δᵀWa/σ₁

    `view` is the one that stands in the page: "needle", "kernel" or "gradient". `matrix` holds W row by row,
    four numbers in [−2, 2]; `start` the direction of ũ before the first round, in degrees, [0, 180].
    `kernel` is "ones", "edge" or "random", of 3×3 weights with `stride` 1 and of 4×4 with `stride` 2, on
    images of `side` pixels, an even number in [4, 16]. `wish` is (δ₁, δ₂, a₁, a₂), each in [−1.5, 1.5].
    Raises ValueError for a value outside its range, and traitlets.TraitError for other types and names.
    """

    alt = (
        "Three pictures. An ellipse, the image of the unit circle, with its two half-axes dashed; a blue"
        " needle has turned towards the longer one for three rounds. Three bars of a 3×3 kernel of ones: as"
        " a matrix 3, as a convolution with zeros around the image 8.8, circular 9; dashed the bound, 9. The"
        " four entries of a wish, and those of the gradient that is left of it."
    )
    roles = ("real", "generated")
    handles = ("Column 1 of W", "Column 2 of W", "Start in the picture")
    controls = (
        *("The needle", *handles, "One round", "Half a round", "Play", "Reset"),
        *("Almost equal", "Stuck", "Rank one", "Let W drift", "start in degrees"),
    )
    stirring = "Almost equal"
    animated = ("One round", "Half a round", "Play")

    view = traitlets.Enum(["needle", "kernel", "gradient"], "needle").tag(sync=True)
    matrix = traitlets.List(traitlets.Float(), [1.6, 0.9, -0.3, 1.2], minlen=4, maxlen=4).tag(sync=True)
    start = traitlets.Float(95.0).tag(sync=True)
    kernel = traitlets.Enum(["ones", "edge", "random"], "ones").tag(sync=True)
    side = traitlets.Int(16).tag(sync=True)
    stride = traitlets.Enum([1, 2], 1).tag(sync=True)
    wish = traitlets.List(traitlets.Float(), [0.9, -0.6, 0.8, 1.0], minlen=4, maxlen=4).tag(sync=True)

    @traitlets.validate("matrix", "wish")
    def _in_reach(self, proposal):
        name, values = proposal["trait"].name, proposal["value"]
        for index, value in enumerate(values):
            if not -_REACH[name] <= value <= _REACH[name]:
                raise ValueError(
                    f"{name}: got {value} at index {index}, expected a number in"
                    f" [{-_REACH[name]}, {_REACH[name]}]. Remedy: scale all four."
                )
        return values

    @traitlets.validate("start")
    def _half_turn(self, proposal):
        return within("start", proposal["value"], 0.0, 180.0)

    @traitlets.validate("side")
    def _even(self, proposal):
        if proposal["value"] not in _SIDES:
            raise ValueError(
                f"side: got {proposal['value']}, expected an even number of pixels in [4, 16]. Remedy: 16."
            )
        return proposal["value"]

    def weights(self) -> np.ndarray:
        """The kernel, shape (3, 3) with stride 1 and (4, 4) with stride 2."""
        size = 2 + self.stride
        if self.kernel == "random":
            return np.reshape(_SOME[: size**2], (size, size))
        rows = {"ones": [1.0] * size, "edge": {3: [1.0, 0.0, -1.0], 4: [1.0, 1.0, -1.0, -1.0]}[size]}
        return np.repeat(rows[self.kernel], size).reshape(size, size)

    def needle(self, rounds: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Both vectors and the estimate of σ₁ after so many rounds, at least one."""
        matrix = np.reshape(self.matrix, (2, 2))
        angle = math.radians(self.start)
        u = np.array([math.cos(angle), math.sin(angle)])
        for _ in range(rounds):
            v = matrix.T @ u
            v /= np.linalg.norm(v)
            u = matrix @ v
            u /= np.linalg.norm(u)
        return u, v, float(u @ matrix @ v)

    def norms(self) -> Norms:
        """The kernel as one row, and the convolution with zeros around the image, circular, and its bound."""
        weights, side, stride = self.weights(), self.side, self.stride
        size, reshaped = len(weights), float(np.linalg.norm(weights))
        power = np.abs(np.fft.fft2(weights, s=(side, side))) ** 2
        folded = power.reshape(stride, side // stride, stride, side // stride).sum(axis=(0, 2))
        gains = np.tile(np.sqrt(folded) / stride, (stride, stride))
        bound = math.ceil(size / stride) * reshaped
        padded = np.linalg.norm(_convolution(weights, side, stride), 2)
        return Norms(reshaped, float(padded), float(gains.max()), bound, gains)

    def through(self) -> Through:
        """The wish divided by σ, what is taken away from it, and the gradient; λ beside them."""
        matrix, (delta, a) = np.reshape(self.matrix, (2, 2)), np.reshape(self.wish, (2, 2))
        u, (largest, _), vt = np.linalg.svd(matrix)
        amount = float(delta @ matrix @ a) / largest
        asked, taken = np.outer(delta, a) / largest, -amount * np.outer(u[:, 0], vt[0]) / largest
        return Through(asked, taken, asked + taken, amount)

    def figure(self) -> Figure:
        """The needle after three rounds, the four norms of the kernel, and the gradient."""
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        needle, bars, through = figure.subplots(1, 3, width_ratios=(5, 4, 5))
        self._draw_needle(needle)
        self._draw_bars(bars)
        self._draw_gradient(through)
        return figure

    def _draw_needle(self, axes: Axes) -> None:
        from lib import figures

        matrix, around = np.reshape(self.matrix, (2, 2)), np.linspace(0, 2 * np.pi, 241)
        axes.plot(*(matrix @ [np.cos(around), np.sin(around)]), color=figures.colours["ink"], linewidth=1)
        u, strengths, _ = np.linalg.svd(matrix)
        found, _, value = self.needle(3)
        for half_axis in (u * strengths * np.sign(found @ u)).T:  # the halves that the needle is nearer to
            axes.plot([0, half_axis[0]], [0, half_axis[1]], **figures.exact)
        axes.plot([0, value * found[0]], [0, value * found[1]], color=figures.colours["real"], linewidth=3)
        axes.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        axes.set_title("the needle, three rounds", fontsize="medium")

    def _draw_bars(self, axes: Axes) -> None:
        from lib import figures

        norms = self.norms()
        names = ("as a matrix", "zeros around", "circular")
        hues = [figures.colours[role] for role in ("generated", "real", "third")]
        axes.barh(range(3), norms[:3], height=0.6, color=hues)
        axes.axvline(norms.bound, **figures.exact)
        axes.set_yticks(range(3), names)
        axes.set(ylim=(2.6, -0.6), xlim=(0, 1.1 * norms.bound))
        axes.set_title("norms of a kernel", fontsize="medium")

    def _draw_gradient(self, axes: Axes) -> None:
        from lib import figures

        found = self.through()
        rows = (("real", "the wish", found.asked), ("generated", "what is left", found.left))
        for shift, (role, name, values) in zip((-0.2, 0.2), rows, strict=True):
            axes.bar(np.arange(4) + shift, values.ravel(), 0.4, color=figures.colours[role], label=name)
        axes.axhline(0, color=figures.colours["ink"], linewidth=0.8)
        axes.set_xticks(range(4), ["11", "12", "21", "22"])
        axes.legend(fontsize="small")
        axes.set_title("the gradient’s four entries", fontsize="medium")


def _convolution(weights: np.ndarray, side: int, stride: int) -> np.ndarray:
    """The matrix of the convolution with padding 1, by its answers to images with a single one."""
    size = len(weights)
    outputs = (side + 2 - size) // stride + 1
    rows = []
    for place in np.ndindex(outputs, outputs):
        image = np.zeros((side + 2, side + 2))
        top, left = stride * place[0], stride * place[1]
        image[top : top + size, left : left + size] = weights
        rows.append(image[1:-1, 1:-1].ravel())
    return np.array(rows)
