"""Faults in chapter 6: in its cells, and in the trainings that its stored results come from."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/06_variational_autoencoders.ipynb"
RECIPES, TRAININGS = "lib/experiments/chapter_06.py", "lib/experiments/variational.py"
STEPS, UNIT = "tests/notebooks/test_steps_06.py", "tests/unit/test_recipes_06.py"

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
        TRAININGS,
        edit("(how.rebuilt * error + paid).mean()", "(how.rebuilt * error).mean()"),
        (STEPS,),
    ),
    Fault(
        "mean_of_logarithms_for_logarithm_of_the_mean",
        CHAPTER,
        in_code(
            "log_R.reshape(-1, m, 200).logsumexp(dim=1).mean() - math.log(m)",
            "log_R.reshape(-1, m, 200).mean(dim=1).mean()",
        ),
        (FRESH,),
    ),
    Fault(
        "price_without_its_logarithm",
        CHAPTER,
        in_code("0.5 * (at**2 + s**2 - 1 - 2 * np.log(s))", "0.5 * (at**2 + s**2 - 1 - np.log(s))"),
        (FRESH,),
    ),
    Fault(
        "aggregated_posterior_of_means_alone",
        TRAININGS,
        edit("mean.T.cov(correction=0) + log_variance.exp().mean(dim=0).diag()", "mean.T.cov(correction=0)"),
        (UNIT,),
    ),
    Fault(
        "learnt_noise_without_its_constant",
        TRAININGS,
        edit("away / (2 * (2 * log_noise).exp()) + pixels * log_noise", "away / (2 * (2 * log_noise).exp())"),
        (UNIT,),
    ),
    Fault(
        "distance_to_the_circle_within_the_plane_alone",
        RECIPES,
        edit("((flat.norm(dim=1) - 1).square() + aside).sqrt()", "(flat.norm(dim=1) - 1).abs() + 0 * aside"),
        (UNIT,),
    ),
)
