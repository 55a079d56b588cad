"""Faults in chapter 3: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/03_autoencoder_variants.ipynb"

FAULTS = (
    Fault(
        "03_autoencoder_variants_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
