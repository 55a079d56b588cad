"""Faults in chapter 6: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/06_variational_autoencoders.ipynb"

FAULTS = (
    Fault(
        "06_variational_autoencoders_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
