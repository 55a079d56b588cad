"""Faults in chapter 14: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/14_spectral_normalization.ipynb"

FAULTS = (
    Fault(
        "14_spectral_normalization_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
