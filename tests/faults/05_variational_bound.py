"""Faults in chapter 5: in its cells, and in the library's bound."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, LIBRARY = "chapters/05_variational_bound.ipynb", "lib/objectives.py"
STEPS, BOUND = "tests/notebooks/test_steps_05.py", "tests/unit/test_bound.py"

FAULTS = (
    Fault(
        "causes_not_summed",
        CHAPTER,
        in_code("np.searchsorted(weights.cumsum(), ", "np.searchsorted(np.arange(1, 4) / 3, "),
        (FRESH,),
    ),
    Fault(
        "posterior_without_prior",
        CHAPTER,
        in_code("return weights * normal(", "return np.ones(3) / 3 * normal("),
        (STEPS, FRESH),
    ),
    Fault(
        "volume_of_a_density_halved",
        CHAPTER,
        in_code("np.linalg.slogdet(2 * np.pi * covariance)", "np.linalg.slogdet(np.pi * covariance)"),
        (STEPS, FRESH),
    ),
    Fault(
        "price_of_guessing_sign",
        CHAPTER,
        in_code(
            "(noise * np.sqrt(wide))) + eigenvalue / wide", "(noise * np.sqrt(wide))) - eigenvalue / wide"
        ),
        (FRESH,),
    ),
    Fault(
        "fourth_moment_of_a_normal_law",
        CHAPTER,
        in_code(
            "return x**2 - 2 * x * (mu**2 + s**2) + mu**4 + 6 *",
            "return x**2 - 2 * x * (mu**2 + s**2) + mu**4 + 3 *",
        ),
        (FRESH,),
    ),
    Fault(
        "half_of_the_regulariser_lost",
        CHAPTER,
        in_code("return 0.5 * (mean**2 +", "return (mean**2 +"),
        (STEPS, FRESH),
    ),
    Fault(
        "marginal_for_conditional_variance",
        CHAPTER,
        in_code("conditional = 1 / np.diag(np.linalg.inv(Sigma))", "conditional = np.diag(Sigma)"),
        (FRESH,),
    ),
    Fault(
        "variance_for_standard_deviation",
        CHAPTER,
        in_code("made = (mu_ + s_ * xi).numpy()", "made = (mu_ + s_**2 * xi).numpy()"),
        (FRESH,),
    ),
    Fault(
        "score_over_s",
        CHAPTER,
        in_code("z**2 * (z - mu) / s**2", "z**2 * (z - mu) / s"),
        (FRESH,),
    ),
    Fault(
        "walkers_pushed_from_the_prior",
        CHAPTER,
        in_code("mu = mu + rate * (slope - mu)", "mu = mu + rate * (slope + mu)"),
        (FRESH,),
    ),
    Fault(
        "sum_for_mean_on_the_ladder",
        CHAPTER,
        in_code(
            "- stats.norm.logpdf(z, mu, s), axis=1) - np.log(many)", "- stats.norm.logpdf(z, mu, s), axis=1)"
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "fixed_Q_follows_the_offset",
        CHAPTER,
        in_code(
            "lambda offset: -bound_of_offset(offset, 1, s_post)",
            "lambda offset: -bound_of_offset(offset, 0, s_post)",
        ),
        (FRESH,),
    ),
    Fault(
        "logarithm_of_the_variance_sign",
        LIBRARY,
        edit("log_variance.exp() - 1 - log_variance)", "log_variance.exp() - 1 + log_variance)"),
        (BOUND,),
    ),
    Fault(
        "bound_summed_over_the_batch",
        LIBRARY,
        edit("divergence.shape) - divergence).mean()", "divergence.shape) - divergence).sum()"),
        (BOUND,),
    ),
    Fault(
        "logarithm_before_the_mean",
        LIBRARY,
        edit("(log_ratios.logsumexp(dim=0) - math.log(len(log_ratios))).mean()", "log_ratios.mean()"),
        (BOUND,),
    ),
)
