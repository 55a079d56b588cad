"""Pictures written as text, one sign for each of 17 grey levels, and a few digits with two linear models."""

import functools
import math

import numpy as np

SIGNS = "0123456789abcdefg"
_SHOWN = 300
_DECIMALS = 4


def written(images) -> list[str]:
    """Images (n, …, side, side) in [−1, 1] as one text each: level k of 16 stands for k/8 − 1."""
    values = np.asarray(images, dtype=float).reshape(len(images), -1)
    if not ((values >= -1) & (values <= 1)).all():
        raise ValueError(
            f"images: got values from {values.min():.3g} to {values.max():.3g}, expected [-1, 1]."
            " Remedy: the scale of lib.data, images / 8 - 1 for levels from 0 to 16."
        )
    levels = np.rint(8 * (values + 1)).astype(int)
    return ["".join(SIGNS[each] for each in row) for row in levels]


def checked(pictures: list[str]) -> list[str]:
    """`pictures` itself; ValueError where one is no square, or differs from the others in size or signs."""
    pixels = len(pictures[0])
    for index, each in enumerate(pictures):
        square = math.isqrt(len(each)) ** 2 == len(each) > 0
        if not square or len(each) != pixels or set(each) - set(SIGNS):
            raise ValueError(
                f"pictures: got {each[:20]!r} of {len(each)} signs at index {index}, expected {pixels} of"
                f" {SIGNS}, a square. Remedy: CodePlane.pictures_of(images, labels)."
            )
    return pictures


def read(pictures: list[str]) -> np.ndarray:
    """The pictures as numbers in [−1, 1], (n, pixels)."""
    return np.array([[SIGNS.index(sign) for sign in each] for each in pictures]) / 8 - 1


@functools.cache
def few() -> tuple[list[str], list[int]]:
    """The first 300 handwritten digits of scikit-learn and their classes."""
    from lib import data

    images, labels = data.digits()
    return written(images[:_SHOWN]), labels[:_SHOWN].tolist()


@functools.cache
def linear_models() -> list[dict]:
    """Both models that need no training: principal components, and their probabilistic form.

    With eigenvalues λ of the covariance, s_x² the mean of those left out, and G(z) = Wz + mean,

        W = U (Λ − s_x²)^½,   m(x) = Λ⁻¹ Wᵀ (x − mean),   s² = s_x² / λ,

    which is the linear variational autoencoder in closed form (Tipping and Bishop, 1999,
    doi:10.1111/1467-9868.00196, equations 7 and 8; the codes' covariance s_x² (WᵀW + s_x²)⁻¹ is s_x² Λ⁻¹).
    """
    pixels = read(few()[0])
    mean = pixels.mean(axis=0)
    values, vectors = np.linalg.eigh((pixels - mean).T @ (pixels - mean) / len(pixels))
    values, vectors = values[::-1], vectors[:, ::-1][:, :2]
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), [0, 1]])
    noise = values[2:].mean()
    weight = vectors * np.sqrt(values[:2] - noise)
    codes = (pixels - mean) @ vectors
    likely = (pixels - mean) @ (weight / values[:2])
    wide = np.tile(np.sqrt(noise / values[:2]), (len(pixels), 1))
    return [
        _linear("linear autoencoder", vectors, mean, codes),
        _linear("linear VAE", weight, mean, likely, wide),
    ]


def _linear(name: str, weight: np.ndarray, bias: np.ndarray, codes, deviations=()) -> dict:
    rows, columns = weight.shape
    layer = {"rows": rows, "columns": columns, "weight": _short(weight.ravel()), "bias": _short(bias)}
    return {
        "name": name,
        "codes": _short(codes),
        "deviations": _short(deviations),
        "layers": [layer],
        "between": "identity",
        "output": "identity",
    }


def _short(values) -> list:
    return np.round(np.asarray(values, dtype=float), _DECIMALS).tolist()
