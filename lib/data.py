"""Labelled images, and endless batches of anything.

Images are float32 (n, c, h, w) in [-1, 1], labels int64 (n,). The handwritten digits are always there; the
larger sets come from a folder or a download. Laws of the plane with a known density live in `lib.laws`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from lib.arguments import refusal, torch_generator, whole_number
from lib.downloads import DataUnavailable, RemoteFile, fetch


class LabelledImages(NamedTuple):
    """Images (n, c, h, w), float32 in [-1, 1], and the class of each, (n,), int64 from 0."""

    images: Float[Tensor, "n c h w"]
    labels: Int64[Tensor, "n"]


class ImageSet(NamedTuple):
    """A published set of gzipped idx files: its name, folder, homes, and the md5 of each unpacked file."""

    name: str
    folder: str
    homes: tuple[str, ...]
    md5: dict[str, str]


MNIST = ImageSet(
    name="MNIST",
    folder="mnist",
    homes=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    md5={
        "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
    },
)
FASHION_MNIST = ImageSet(
    name="Fashion-MNIST",
    folder="fashion-mnist",
    homes=(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    md5={
        "train-images-idx3-ubyte.gz": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "train-labels-idx1-ubyte.gz": "9018921c3c673c538a1fc5bad174d6f9",
        "t10k-images-idx3-ubyte.gz": "8181f5470baa50b63fa0f6fddb340f0a",
        "t10k-labels-idx1-ubyte.gz": "15d484375f8d13e6eb1aabb0c3f46965",
    },
)


def digits(size=8) -> LabelledImages:
    """The 1 797 handwritten digits that come with scikit-learn: (1797, 1, size, size), ten classes.

    They were scanned at 8 x 8 in 17 grey levels; a larger `size` interpolates between the pixels and adds
    no detail.

    Args:
        size: height and width in pixels, from 8 to 256.

    Raises:
        TypeError or ValueError: `size` is not a whole number from 8 to 256.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI repository, 1998
        (test part).
    """
    size = whole_number("size", size, at_least=8, at_most=256)
    # Imported here, because it is slow to import and the laws and the larger sets do without.
    from sklearn.datasets import load_digits

    scans = load_digits()
    images = torch.from_numpy(scans.images).float()[:, None] / 8 - 1
    if size != 8:
        # Bilinear, because its values stay between those of the pixels, hence in [-1, 1].
        images = functional.interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
    return LabelledImages(images, torch.from_numpy(scans.target).long())


def mnist(split="train", fallback=None) -> LabelledImages:
    """MNIST, handwritten digits: (60000, 1, 28, 28) for `split="train"`, (10000, 1, 28, 28) for `"test"`.

    Read from `$BOOK_DATA/mnist/train-images-idx3-ubyte.gz` and so on, or else downloaded once into a
    cache; the md5 of the unpacked bytes is checked each time.

    Args:
        split: `"train"` or `"test"`.
        fallback: a function without arguments, called instead when the set is not on the machine and
            cannot be downloaded, for example `digits`; a printed line says so. It is the same for both
            splits.

    Raises:
        ValueError: `split` is neither.
        TypeError: `fallback` cannot be called.
        DataUnavailable: the set cannot be had and there is no fallback; the message names both ways to get
            it.
        DataDamaged: a file in `$BOOK_DATA` is not the published one (also when there is a fallback).

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Proc. IEEE 86 (1998) 2278-2324.
    """
    return _image_set(MNIST, split, fallback)


def fashion_mnist(split="train", fallback=None) -> LabelledImages:
    """Fashion-MNIST, photographs of clothing in ten classes; shapes, places, arguments and errors as `mnist`.

    Source: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747 (2017).
    """
    return _image_set(FASHION_MNIST, split, fallback)


def _image_set(what: ImageSet, split, fallback) -> LabelledImages:
    stems = {"train": "train", "test": "t10k"}
    if split not in stems:
        raise ValueError(refusal("split", repr(split), f"a part of {what.name}", "split='train' or 'test'"))
    if fallback is not None and not callable(fallback):
        expected = "a function without arguments"
        raise TypeError(refusal("fallback", repr(fallback), expected, "the function itself, fallback=digits"))
    names = [f"{stems[split]}-{part}" for part in ("images-idx3-ubyte.gz", "labels-idx1-ubyte.gz")]
    try:
        pixels, labels = (_idx(fetch(RemoteFile(what.folder, n, what.md5[n], what.homes))) for n in names)
    except DataUnavailable as error:
        if fallback is None:
            raise
        instead = fallback()
        n, *shape = instead.images.shape
        called = getattr(fallback, "__name__", type(fallback).__name__)
        size = " x ".join(map(str, shape))
        print(f"{what.name} is not here ({error.reason}); using {called}() instead: {n} images of {size}.")
        return instead
    images = torch.from_numpy(pixels).float().div_(127.5).sub_(1)[:, None]
    return LabelledImages(images, torch.from_numpy(labels).long())


def _idx(content: bytes) -> np.ndarray:
    """Read the idx format: 0, 0, type (8: bytes), number of axes, each length (big-endian), the bytes."""
    axes = content[3]
    shape = np.frombuffer(content, dtype=">i4", count=axes, offset=4)
    return np.frombuffer(content, dtype=np.uint8, offset=4 + 4 * axes).reshape(shape).copy()


class Batches(Iterator):
    """The endless iterator that `batches` returns; `state` and `resume` make a checkpoint exact."""

    def __init__(self, tensors: tuple[Tensor, ...], size: int, generator: torch.Generator):
        self._tensors, self._size, self._generator = tensors, size, generator
        self._order = torch.empty(0, dtype=torch.int64)
        self._position = 0

    def __next__(self) -> tuple[Tensor, ...]:
        if self._position + self._size > len(self._order):
            x, where = self._tensors[0], self._generator.device
            self._order = torch.randperm(len(x), generator=self._generator, device=where).to(x.device)
            self._position = 0
        chosen = self._order[self._position : self._position + self._size]
        self._position += self._size
        return tuple(t[chosen] for t in self._tensors)

    def state(self) -> dict[str, Tensor]:
        """Return what an exact continuation needs: this epoch's order, the position in it, the generator."""
        return {
            "order": self._order.cpu().clone(),
            "position": torch.tensor(self._position),
            "generator": self._generator.get_state(),
        }

    def resume(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where `state` was taken; also sets the generator, which others may share.

        Raises:
            ValueError: `state` belongs to a set of another size.
        """
        order, n = state["order"], len(self._tensors[0])
        if len(order) not in (0, n):
            got = f"the state of a set of {len(order)} samples"
            raise ValueError(refusal("state", got, f"one of {n}, as x has", "resume with the same data"))
        self._order, self._position = order.to(self._tensors[0].device), int(state["position"])
        self._generator.set_state(state["generator"])


def batches(x: Tensor, *labels: Tensor, size, generator) -> Batches:
    """Yield shuffled batches `(x[i], labels[i], ...)` for ever, each index vector i of length `size`.

    Every epoch is a fresh permutation: no sample repeats within it, and a remainder smaller than `size` is
    dropped. Batches stay on the device of `x`. The stream depends on the state of `generator` at the first
    batch of each epoch alone. A checkpoint in the middle of an epoch must hold the permutation and the
    position too: `state()` of the result returns all three and `resume(state)` restores them.

    Args:
        x: points (n, d) or images (n, c, h, w) in [-1, 1], a float tensor.
        labels: any number of tensors of length n on the device of `x`.
        size: samples in a batch, from 1 to n.
        generator: a `torch.Generator`, such as `seed(0).torch`.

    Raises:
        TypeError: an argument has the wrong type, or `x` is not of a float type (uint8 images, say).
        ValueError: `x` has fewer samples than `size`, has not 2 or 4 axes, is not finite, or is an image
            set outside [-1, 1] or with the channels last; labels do not match; `size` is not positive.
    """
    _check_samples(x)
    n = len(x)
    size = whole_number("size", size, at_least=1)
    if n < size:
        expected = f"at least one batch of size={size}"
        raise ValueError(refusal("x", f"{n} samples", expected, f"a size of at most {n}"))
    for number, label in enumerate(labels):
        if not isinstance(label, Tensor) or label.ndim == 0 or len(label) != n or label.device != x.device:
            is_tensor = isinstance(label, Tensor)
            came = f"shape {tuple(label.shape)} on {label.device}" if is_tensor else type(label).__name__
            expected = f"a tensor of length {n} on {x.device}, like x"
            raise ValueError(refusal(f"labels[{number}]", came, expected, "the labels of these samples"))
    return Batches((x, *labels), size, torch_generator("generator", generator))


def _check_samples(x) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(refusal("x", type(x).__name__, "a tensor of samples", "torch.as_tensor(x)"))
    if x.ndim not in (2, 4):
        expected, remedy = "points (n, d) or images (n, c, h, w)", "add the missing axis with x[:, None]"
        raise ValueError(refusal("x", f"shape {tuple(x.shape)}", expected, remedy))
    low, high = (float(v) for v in x.detach().aminmax()) if x.numel() else (0.0, 0.0)
    if not x.is_floating_point():
        got = f"{x.dtype} with values from {low:g} to {high:g}"
        raise TypeError(refusal("x", got, "a float type", f"{BYTES_TO_FLOATS} for pixels from 0 to 255"))
    if not np.isfinite([low, high]).all():
        got, remedy = f"values from {low} to {high}", "leave out the samples with NaN or inf"
        raise ValueError(refusal("x", got, "finite ones", remedy))
    if x.ndim == 4:
        _check_images(x, low, high)


BYTES_TO_FLOATS = "x.float() / 127.5 - 1"


def _check_images(x: Tensor, low: float, high: float) -> None:
    n, c, h, w = x.shape
    if w in (1, 3, 4) and c > 4 and h > 4:
        got, expected = f"shape {(n, c, h, w)}, which looks like channels last", "(n, c, h, w)"
        raise ValueError(refusal("x", got, expected, "x.permute(0, 3, 1, 2)"))
    if low < -1 - 1e-6 or high > 1 + 1e-6:
        got, remedy = f"values from {low:g} to {high:g}", f"{BYTES_TO_FLOATS} for pixels from 0 to 255"
        raise ValueError(refusal("x", got, "images in [-1, 1]", remedy))
