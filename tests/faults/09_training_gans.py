"""Faults in chapter 9: signs, lost factors and swapped players, in its cells and in its recipes."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/09_training_gans.ipynb"
RECIPES, FOOLING = "lib/experiments/chapter_09.py", "lib/experiments/fooling.py"
WRAPPING = "lib/experiments/wrapping.py"
TESTS, FOOLED = "tests/unit/test_recipes_09.py", "tests/unit/test_fooling.py"
WRAPPED = "tests/unit/test_wrapping.py"

FAULTS = (
    Fault(
        "walks_uphill",
        CHAPTER,
        in_code("theta = theta - rate * frozen_slope", "theta = theta + rate * frozen_slope"),
        (FRESH,),
    ),
    Fault(
        "tug_factor_lost",
        CHAPTER,
        in_code("of_mixture = 2 * integrate", "of_mixture = integrate"),
        (FRESH,),
    ),
    Fault(
        "ellipse_sign",
        CHAPTER,
        in_code("- eta * waits[:, 0] * waits[:, 1]", "+ eta * waits[:, 0] * waits[:, 1]"),
        (FRESH,),
    ),
    Fault(
        "memory_of_the_wrong_law",
        CHAPTER,
        in_code("D = law / (law + seen)", "D = seen / (law + seen)"),
        (FRESH,),
    ),
    Fault(
        "friction_pushes",
        CHAPTER,
        in_code("[-rate_D / 2, -rate_D * gamma]", "[-rate_D / 2, rate_D * gamma]"),
        (FRESH,),
    ),
    Fault(
        "friction_of_a_network_doubled",
        CHAPTER,
        in_code("value - gamma / 2 * slope", "value - gamma * slope"),
        (FRESH,),
    ),
    Fault(
        "noise_without_the_square",
        CHAPTER,
        in_code("v, C = reach**2 / 3, theta", "v, C = reach / 3, theta"),
        (FRESH,),
    ),
    Fault(
        "penalty_at_the_fakes",
        RECIPES,
        edit("real if at_real else fake", "fake if at_real else real"),
        (TESTS,),
    ),
    Fault(
        "penalty_half_lost", RECIPES, edit("weight / 2 * slope_penalty", "weight * slope_penalty"), (TESTS,)
    ),
    Fault(
        "four_points_too_near",
        FOOLING,
        edit("(diagonals @ root.T)", "(diagonals @ root.T / 2**0.5)"),
        (FOOLED,),
    ),
    Fault(
        "pairs_overlap",
        WRAPPING,
        edit("len(samples) // self.many, -1", "-1, len(samples) // self.many"),
        (WRAPPED,),
    ),
)
