"""Faults in chapter 15: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/15_how_good_is_a_critic.ipynb"

FAULTS = (
    Fault(
        "15_how_good_is_a_critic_cube_for_square",
        CHAPTER,
        in_code("square = lambda x: x**2", "square = lambda x: x**3"),
        (FRESH,),
    ),
)
