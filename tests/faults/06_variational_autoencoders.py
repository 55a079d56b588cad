"""Faults in chapter 6: in its cells, and in the trainings that its stored results come from."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/06_variational_autoencoders.ipynb"
RECIPES, STEPS = "lib/experiments/chapter_06.py", "tests/notebooks/test_steps_06.py"

FAULTS = (
    Fault(
        "variance_for_deviation_in_the_noise",
        CHAPTER,
        in_code(
            "drawn = 0.7 + (v_each / 2).exp() * xi",
            "drawn = 0.7 + v_each.exp() * xi",
        ),
        (FRESH,),
    ),
    Fault(
        "likelihood_without_the_half",
        CHAPTER,
        in_code(
            "return -squared_error(x, rebuilt) / (2 * s_x**2)", "return -squared_error(x, rebuilt) / s_x**2"
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "sampler_with_the_variance",
        CHAPTER,
        in_code("s, xi = (0.5 * log_variance).exp(),", "s, xi = log_variance.exp(),"),
        (STEPS,),
    ),
    Fault(
        "error_averaged_over_pixels",
        CHAPTER,
        in_code(
            "return (x - rebuilt).flatten(1).square().sum(dim=1)",
            "return (x - rebuilt).flatten(1).square().mean(dim=1)",
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "straight_bound_forgets_the_spread_of_codes",
        CHAPTER,
        in_code("error = away + ((2 * log_s).exp() *", "error = away + 0 * ((2 * log_s).exp() *"),
        (STEPS, FRESH),
    ),
    Fault(
        "kernel_of_the_wrong_width",
        CHAPTER,
        in_code("torch.softmax(-0.5 * ((z[:, None]", "torch.softmax(-((z[:, None]"),
        (STEPS, FRESH),
    ),
    Fault(
        "start_and_end_swapped",
        CHAPTER,
        in_code("alpha * start + (1 - alpha) * end", "(1 - alpha) * start + alpha * end"),
        (STEPS, FRESH),
    ),
    Fault(
        "recipe_pays_no_divergence",
        RECIPES,
        edit("(how.rebuilt * error + paid).mean()", "(how.rebuilt * error).mean()"),
        (STEPS,),
    ),
)
