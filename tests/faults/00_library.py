"""Faults in the library that its unit tests notice."""

from faults.planting import Fault, edit

STEPS, WASSERSTEIN_STEPS = "tests/notebooks/test_steps_08.py", "tests/notebooks/test_steps_13.py"

FAULTS = (
    Fault(
        "critic_sign",
        "lib/objectives.py",
        edit("-softplus(-real_scores).mean() - softplus", "-softplus(-real_scores).mean() + softplus"),
        ("tests/unit/test_objectives.py",),
        fast=True,
    ),
    Fault(
        "generator_sign",
        "lib/objectives.py",
        edit(
            '-softplus(_scores("fake_scores", fake_scores))', 'softplus(_scores("fake_scores", fake_scores))'
        ),
        ("tests/unit/test_objectives.py",),
    ),
    Fault(
        "half_lost",
        "lib/divergences/densities.py",
        edit("0.5 * kullback_leibler(p, middle, x) + 0.5 *", "kullback_leibler(p, middle, x) +"),
        ("tests/unit/test_divergences.py",),
        fast=True,
    ),
    Fault(
        "discriminator_inverted",
        "lib/divergences/densities.py",
        edit("np.divide(p, both", "np.divide(q, both"),
        ("tests/unit/test_divergences.py",),
    ),
    Fault(
        "fake_term_of_the_value",
        "lib/divergences/densities.py",
        edit("xlog1py(q, -discriminator)", "xlogy(q, discriminator)"),
        ("tests/unit/test_divergences.py",),
    ),
    Fault(
        "detach_lost_in_library",
        "lib/adversarial.py",
        edit("generator(latent(len(real)), *label).detach()", "generator(latent(len(real)), *label)"),
        ("tests/unit/test_adversarial.py", STEPS),
    ),
    Fault(
        "wrong_axis",
        "lib/metrics.py",
        edit(
            "precise += int(in_real_ball.any(dim=1).sum())", "precise += int(in_real_ball.any(dim=0).sum())"
        ),
        ("tests/unit/test_metrics.py",),
    ),
    Fault(
        "covariance_divisor",
        "lib/metrics.py",
        edit("math.sqrt(n - 1)", "math.sqrt(n)"),
        ("tests/unit/test_metrics.py",),
    ),
    Fault(
        "claim_of_one_sign",
        "lib/claims.py",
        edit(
            "error, tolerance = np.abs(measured - expected), atol +",
            "error, tolerance = measured - expected, atol +",
        ),
        ("tests/unit/test_claims.py",),
    ),
    Fault(
        "seed_forgotten",
        "lib/runtime.py",
        edit("    torch.manual_seed(n)\n", ""),
        ("tests/unit/test_runtime.py",),
    ),
    Fault(
        "wasserstein_sign",
        "lib/objectives.py",
        edit(
            "return real_scores.mean() - fake_scores.mean()", "return fake_scores.mean() - real_scores.mean()"
        ),
        ("tests/unit/test_objectives.py",),
    ),
    Fault(
        "clipped_on_one_side",
        "lib/lipschitz/constraints.py",
        edit("parameter.clamp_(-bound, bound)", "parameter.clamp_(max=bound)"),
        ("tests/unit/test_lipschitz.py",),
    ),
    Fault(
        "penalty_rewarded",
        "lib/adversarial.py",
        edit("else value - penalty(alone, real, fake)", "else value + penalty(alone, real, fake)"),
        ("tests/unit/test_adversarial.py", WASSERSTEIN_STEPS),
    ),
    Fault(
        "transform_sign",
        "lib/experiments/critics/judging.py",
        edit(
            "(away + scale * below).amin(dim=1).mean() - scale",
            "(away + scale * below).amin(dim=1).mean() + scale",
        ),
        ("tests/unit/test_critics.py",),
    ),
    Fault(
        "fair_share_of_the_good",
        "lib/metrics.py",
        edit("at_least * len(samples) / len(means)", "at_least * int(good.sum()) / len(means)"),
        ("tests/unit/test_sharpness.py",),
    ),
    Fault(
        "least_violation",
        "lib/transport/certificate.py",
        edit("return float((f - costs.least(g)).max())", "return float((f - costs.least(g)).min())"),
        ("tests/unit/test_certificate.py",),
    ),
    Fault(
        "farkas_least_violation",
        "lib/transport/duality.py",
        edit("power, float((A.T @ u).max()))", "power, float((A.T @ u).min()))"),
        ("tests/unit/test_sharpness.py",),
    ),
    Fault(
        "penalty_of_one_seed",
        "lib/experiments/critics/training.py",
        edit(
            "torch.Generator(device=problem.real.device).manual_seed(seed))",
            "torch.Generator(device=problem.real.device).manual_seed(0))",
        ),
        ("tests/unit/test_sharpness.py",),
    ),
    Fault(
        "partners_for_ever",
        "lib/experiments/critics/kinds.py",
        edit("real, generated[partners], generator)", "real, generated, generator)"),
        ("tests/unit/test_sharpness.py",),
    ),
    Fault(
        "phrase_unproven",
        "lib/figures.py",
        edit("if not (isinstance(truth, bool | np.bool_) and truth):", "if truth is None:"),
        ("tests/unit/test_figures.py",),
    ),
    Fault(
        "docstring_counts",
        "lib/syntax.py",
        edit("                del body[0]\n", "                del body[:0]\n"),
        ("tests/unit/test_provenance.py",),
    ),
)
