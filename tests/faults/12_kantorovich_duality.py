"""Faults in the chapter on Kantorovich duality."""

from faults.planting import FRESH, Fault, in_code

CHAPTER = "chapters/12_kantorovich_duality.ipynb"

FAULTS = (
    Fault(
        "plan_columns_mixed_up",
        CHAPTER,
        in_code("np.kron(np.ones(n), np.eye(m))", "np.kron(np.eye(m), np.ones(n))"),
        (FRESH,),
    ),
    Fault(
        "dual_inequality_turned",
        CHAPTER,
        in_code("linprog(-b, A_ub=A.T, b_ub=cost.ravel()", "linprog(-b, A_ub=-A.T, b_ub=-cost.ravel()"),
        (FRESH,),
    ),
    Fault(
        "forced_trips_sign",
        CHAPTER,
        in_code("((cost * shared).sum() - W)", "((cost * shared).sum() + W)"),
        (FRESH,),
    ),
    Fault("farkas_sign", CHAPTER, in_code("from_absence = v / -beta", "from_absence = v / beta"), (FRESH,)),
    Fault(
        "slack_sign",
        CHAPTER,
        in_code("slack = cost - f[:, None] - g", "slack = cost - f[:, None] + g"),
        (FRESH,),
    ),
    Fault(
        "c_transform_sign",
        CHAPTER,
        in_code(
            "return (cost - f[..., :, None]).min(axis=-2)", "return (cost + f[..., :, None]).min(axis=-2)"
        ),
        (FRESH,),
    ),
    Fault(
        "c_transform_largest",
        CHAPTER,
        in_code(
            "return (cost - f[..., :, None]).min(axis=-2)", "return (cost - f[..., :, None]).max(axis=-2)"
        ),
        (FRESH,),
    ),
    Fault(
        "slope_bound_lost",
        CHAPTER,
        in_code("ceiling = L * cost[from_, to]", "ceiling = cost[from_, to]"),
        (FRESH,),
    ),
    Fault(
        "bias_exponent",
        CHAPTER,
        in_code("unit_ball[d]) ** (-1 / d)", "unit_ball[d]) ** (-1 / (d + 1))"),
        (FRESH,),
    ),
    Fault(
        "soft_plan_mass",
        CHAPTER,
        in_code("/ eps) * p[:, None] * q", "/ eps) * p[:, None]"),
        (FRESH,),
    ),
    Fault(
        "sum_of_speeds",
        CHAPTER,
        in_code("np.linalg.norm(frame, axis=1).mean()", "np.linalg.norm(frame, axis=1).sum()"),
        (FRESH,),
    ),
    Fault("slope_without_run", CHAPTER, in_code("np.diff(raised) / np.diff(x)", "np.diff(raised)"), (FRESH,)),
    Fault(
        "transform_of_half_the_cost",
        CHAPTER,
        in_code(
            "return (cost - f[..., :, None]).min(axis=-2)", "return (cost / 2 - f[..., :, None]).min(axis=-2)"
        ),
        (FRESH,),
    ),
    Fault(
        "root_of_three",
        CHAPTER,
        in_code("values[:-1] / values[1:], np.sqrt(2)", "values[:-1] / values[1:], np.sqrt(3)"),
        (FRESH,),
    ),
    Fault(
        "difference_not_halved",
        CHAPTER,
        in_code(
            "np.abs(by_norm[1].plan - by_norm[2].plan).sum() / 2",
            "np.abs(by_norm[1].plan - by_norm[2].plan).sum()",
        ),
        (FRESH,),
    ),
    Fault(
        "binary_logarithm",
        CHAPTER,
        in_code("np.isclose(most, np.log(30)", "np.isclose(most, np.log2(30)"),
        (FRESH,),
    ),
    Fault(
        "absolute_error",
        CHAPTER,
        in_code("(guess - real).square().mean()", "(guess - real).abs().mean()"),
        (FRESH,),
    ),
)
