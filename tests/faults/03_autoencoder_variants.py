"""Faults in chapter 3: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, RECIPES = "chapters/03_autoencoder_variants.ipynb", "lib/experiments/chapter_03.py"
STEPS = "tests/notebooks/test_steps_03.py"

FAULTS = (
    Fault(
        "precisions_swapped",
        CHAPTER,
        in_code("(s**2 * m + s_j**2 * y) / v", "(s_j**2 * m + s**2 * y) / v"),
        (FRESH,),
    ),
    Fault(
        "walk_by_the_standard_deviation",
        CHAPTER,
        in_code(
            "return points + noise**2 * score_of(law, points)",
            "return points + noise * score_of(law, points)",
        ),
        (FRESH,),
    ),
    Fault(
        "noisy_target",
        CHAPTER,
        in_code("loss = (clean - network(noisy))", "loss = (noisy - network(noisy))"),
        (STEPS, FRESH),
    ),
    Fault(
        "threshold_not_halved",
        CHAPTER,
        in_code("np.maximum(abs(u) - tax / 2, 0)", "np.maximum(abs(u) - tax, 0)"),
        (FRESH,),
    ),
    Fault(
        "laplacian_sign",
        CHAPTER,
        in_code("rest = gap + sizes**2 * extra.item()", "rest = gap - sizes**2 * extra.item()"),
        (FRESH,),
    ),
    Fault(
        "detach_swallows_the_soft_code",
        CHAPTER,
        in_code(
            "return soft + (harden(soft) - soft).detach()",
            "return (soft + harden(soft) - soft).detach() + 0 * h",
        ),
        (FRESH,),
    ),
    Fault(
        "bias_sign",
        CHAPTER,
        in_code("(2 * odds - 1)", "(1 - 2 * odds)"),
        (FRESH,),
    ),
    Fault(
        "codebook_through_the_gap",
        CHAPTER,
        in_code("made = (a + (e - a).detach()) @ G.T", "made = (a.detach() + (e - a.detach())) @ G.T"),
        (FRESH,),
    ),
    Fault(
        "relaxed_without_temperature",
        CHAPTER,
        in_code(
            "slope = lambda t: 2 * (t - x_bit) * t * (1 - t) / tau",
            "slope = lambda t: 2 * (t - x_bit) * t * (1 - t)",
        ),
        (FRESH,),
    ),
    Fault(
        "baseline_of_itself",
        RECIPES,
        edit("error.detach() - others", "others - error.detach()"),
        (STEPS,),
    ),
    Fault(
        "chances_of_the_other_bit",
        RECIPES,
        edit(
            "logsigmoid(logits) @ codes.T + logsigmoid(-logits)",
            "logsigmoid(-logits) @ codes.T + logsigmoid(logits)",
        ),
        (STEPS,),
    ),
    Fault(
        "cosines_of_long_columns",
        RECIPES,
        edit("true_atoms().T @ (columns / lengths)", "true_atoms().T @ columns"),
        (STEPS,),
    ),
)
