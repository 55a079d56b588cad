"""Faults in chapter 16: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/16_self_attention.ipynb"

FAULTS = (
    Fault(
        "16_self_attention_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
