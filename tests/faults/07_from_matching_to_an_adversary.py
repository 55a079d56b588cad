"""Faults in chapter 7: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/07_from_matching_to_an_adversary.ipynb"

FAULTS = (
    Fault(
        "07_from_matching_to_an_adversary_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
