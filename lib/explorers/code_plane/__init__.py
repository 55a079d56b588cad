"""The plane of codes: a decoder run at the reader's cursor, beside the nearest real picture."""

from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.figure import Figure

from lib.explorers import Explorer
from lib.explorers.code_plane import digits, drawing
from lib.explorers.code_plane.models import checked, decoded, plane_model
from lib.explorers.limits import within

__all__ = ["CodePlane", "plane_model"]
_MOST = 600


class Seen(NamedTuple):
    """A decoded image (side, side), the nearest real picture's index, and how far it is."""

    image: np.ndarray
    nearest: int
    distance: float


class CodePlane(Explorer):
    """The codes of real pictures in the plane, and what a decoder makes of the codes between them.

        image(z) = output(W_L between(… between(W_1 z + b_1) …) + b_L),   distance = min_i ‖image(z) − x_i‖

    `pictures` holds 2 to 600 real pictures as `pictures_of` writes them, `labels` the class of each, from 0
    to 9; `models` one or two entries of `plane_model`, of which `model` (0 or 1) is shown. `code` is the
    cursor, `first` and `second` are the indices of two pictures, and between their codes
    alpha · first + (1 − alpha) · second, alpha in [0, 1]. With `grid` the plane shows decoded images.
    Distances are Euclidean, over pixels in [−1, 1]. `typical` is the median distance of a real picture to
    its nearest other, `far` the 95 % quantile; a code whose image is farther than that lies in a hole.
    Raises ValueError for values outside these ranges, and traitlets.TraitError for other types.
    """

    alt = (
        "The plane of codes: a blue dot for each real digit, an orange cursor, a straight line between two"
        " named digits. Beside it the image decoded at the cursor and the nearest real digit, below it a"
        " bar of their distance, with two dashed lines for real digits among themselves. Then two rows of"
        " nine images on the way from one named digit to the other: pixels blended above, codes below."
    )
    roles = ("real", "generated", "third")
    handles = ("Cursor", "First digit", "Second digit", "Blend")
    controls = (
        *handles,
        *("decoder of the", "mark", "blend, alpha"),
        *("Decode a grid of codes", "Walk along the line", "Swap", "Reset"),
    )
    stirring = "Walk along the line"
    animated = ("Walk along the line",)

    pictures = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.List(traitlets.Int()).tag(sync=True)
    models = traitlets.List(traitlets.Dict()).tag(sync=True)
    model = traitlets.Int(0).tag(sync=True)
    code = traitlets.List(traitlets.Float(), [0.0, 0.0]).tag(sync=True)
    first = traitlets.Int(7).tag(sync=True)
    second = traitlets.Int(9).tag(sync=True)
    alpha = traitlets.Float(0.5).tag(sync=True)
    grid = traitlets.Bool(False).tag(sync=True)

    @traitlets.default("pictures")
    def _own_pictures(self):
        return digits.few()[0]

    @traitlets.default("labels")
    def _own_labels(self):
        return digits.few()[1]

    @traitlets.default("models")
    def _own_models(self):
        return digits.linear_models()

    @traitlets.validate("pictures")
    def _squares(self, proposal):
        pictures = proposal["value"]
        if not 2 <= len(pictures) <= _MOST:
            raise ValueError(
                f"pictures: got {len(pictures)}, expected 2 to {_MOST}. Remedy: show every k-th picture."
            )
        return digits.checked(pictures)

    @traitlets.validate("models")
    def _decoders(self, proposal):
        return checked(proposal["value"])

    @traitlets.validate("alpha")
    def _share(self, proposal):
        return within("alpha", proposal["value"], 0, 1)

    @traitlets.validate("first", "second")
    def _index(self, proposal):
        return within(proposal["trait"].name, proposal["value"], 0, _MOST - 1)

    def __init__(self, **traits):
        super().__init__(**traits)
        self._fitting()

    def _fitting(self) -> None:
        """Refuse traits that do not belong together."""
        count, pixels = len(self.pictures), len(self.pictures[0])
        sizes = {"labels": len(self.labels)}
        sizes |= {f"models[{k}]['codes']": len(each["codes"]) for k, each in enumerate(self.models)}
        for name, size in sizes.items():
            if size != count:
                raise ValueError(
                    f"{name}: got {size} for {count} pictures, expected one for each."
                    " Remedy: encode the same pictures, in the same order."
                )
        for k, each in enumerate(self.models):
            if each["layers"][-1]["rows"] != pixels:
                raise ValueError(
                    f"models[{k}]: got {each['layers'][-1]['rows']} outputs, expected {pixels}, the pixels of"
                    " a picture. Remedy: a decoder of pictures of that size."
                )
        within("model", self.model, 0, len(self.models) - 1)
        for name in ("first", "second"):
            within(name, getattr(self, name), 0, count - 1)

    @staticmethod
    def pictures_of(images, labels) -> dict[str, list]:
        """The traits `pictures` and `labels` of images (n, 1, side, side) in [−1, 1] and classes (n,).

        Each pixel becomes one of 17 grey levels, which is exact for `data.digits()`.
        """
        return {"pictures": digits.written(images), "labels": [int(each) for each in labels]}

    def real(self) -> np.ndarray:
        """The real pictures, (n, pixels), in [−1, 1]."""
        return digits.read(self.pictures)

    def decode(self, codes) -> np.ndarray:
        """The images of codes (k, 2), as (k, pixels)."""
        return decoded(self.models[self.model], np.asarray(codes, dtype=float))

    def at(self, code=None) -> Seen:
        """What the page shows at a code, that of the cursor if none is given."""
        image = self.decode([self.code if code is None else code])[0]
        return self._seen(image)

    def blends(self, alpha: float | None = None) -> tuple[Seen, Seen]:
        """The blend of pixels and the image of the blended codes."""
        alpha = self.alpha if alpha is None else alpha
        real, codes = self.real(), np.array(self.models[self.model]["codes"])
        mixed = [alpha * each[self.first] + (1 - alpha) * each[self.second] for each in (real, codes)]
        return self._seen(mixed[0]), self.at(mixed[1])

    def among_real(self) -> tuple[float, float]:
        """Median and 95 % quantile of the distance of a real picture to its nearest other."""
        real = self.real()
        apart = np.sqrt(np.maximum(((real[:, None] - real[None]) ** 2).sum(-1), 0))
        np.fill_diagonal(apart, np.inf)
        return tuple(float(each) for each in np.quantile(apart.min(axis=1), [0.5, 0.95]))

    def _seen(self, image: np.ndarray) -> Seen:
        apart = np.sqrt(((self.real() - image) ** 2).sum(axis=1))
        side = round(len(image) ** 0.5)
        return Seen(image.reshape(side, side), int(apart.argmin()), float(apart.min()))

    def figure(self) -> Figure:
        """The plane, the decoded image beside the nearest real one, their distance, and the two blends."""
        figure = Figure(figsize=(7.2, 5.4), layout="constrained")
        top, below = figure.subfigures(2, 1, height_ratios=(5, 3))
        spaces = top.add_gridspec(2, 4, height_ratios=(3, 2))
        drawing.plane(top.add_subplot(spaces[:, :2]), self)
        spots = (spaces[0, 2], spaces[0, 3], spaces[1, 2:])
        drawing.pictures(*(top.add_subplot(each) for each in spots), self)
        drawing.strips(below.subplots(2, 9), self)
        return figure
