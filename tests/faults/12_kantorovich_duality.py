"""Faults in the chapter on Kantorovich duality."""

from faults.planting import FRESH, Fault, edit, in_code

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
        in_code("L * cost[from_, to][asked]", "cost[from_, to][asked]"),
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
    Fault(
        "slope_without_run", CHAPTER, in_code("np.diff(raised) / np.diff(line)", "np.diff(raised)"), (FRESH,)
    ),
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
        in_code("np.isclose(most_kl, np.log(30)", "np.isclose(most_kl, np.log2(30)"),
        (FRESH,),
    ),
    Fault(
        "plan_too_dear",
        CHAPTER,
        in_code("W, plan = programme.fun,", "W, plan = 1.03 * programme.fun,"),
        (FRESH,),
    ),
    Fault(
        "offers_too_high",
        CHAPTER,
        in_code(
            "give = (cost - ask[:, :, None]).min(axis=1)", "give = (cost - ask[:, :, None]).min(axis=1) + 0.2"
        ),
        (FRESH,),
    ),
    Fault(
        "price_of_another_place",
        CHAPTER,
        in_code(
            "sum(q[j] * g[j] for j in range(5))\non_the_way", "sum(q[j] * f[j] for j in range(5))\non_the_way"
        ),
        (FRESH,),
    ),
    Fault("lagrangian_sign", CHAPTER, in_code("u @ (b - A @ table", "u @ (b + A @ table"), (FRESH,)),
    Fault(
        "prices_exchanged",
        CHAPTER,
        in_code("[f[i] - f[k] for i, k in two_places]", "[f[k] - f[i] for i, k in two_places]"),
        (FRESH,),
    ),
    Fault(
        "other_masses_in_the_bound",
        CHAPTER,
        in_code("any_f @ humps - any_f @ bell", "any_f @ (7 * humps**3) - any_f @ bell"),
        (FRESH,),
    ),
    Fault("both_ways_asked", CHAPTER, in_code("upwards = from_ < to", "upwards = from_ != to"), (FRESH,)),
    Fault(
        "bound_a_quarter_larger",
        CHAPTER,
        in_code("at_least = {d: d / (d + 1)", "at_least = {d: 1.25 * d / (d + 1)"),
        (FRESH,),
    ),
    Fault("faces_not_glued", CHAPTER, in_code("np.minimum(apart, 1 - apart)", "apart"), (FRESH,)),
    Fault(
        "not_divided_by_the_slope",
        CHAPTER,
        in_code("bills = found.value, found.bound,", "bills = found.value, found.value,"),
        (FRESH,),
    ),
    Fault(
        "raised_beyond_the_cost",
        CHAPTER,
        in_code("(trips - put).amin(dim=1)", "(trips - put).mean(dim=1)"),
        (FRESH,),
    ),
    Fault(
        "mean_distance_for_the_nearest",
        CHAPTER,
        in_code("torch.cdist(points, fake).amin(dim=1)", "torch.cdist(points, fake).mean(dim=1)"),
        (FRESH,),
    ),
    Fault(
        "half_the_expected_difference",
        CHAPTER,
        in_code("2 * (to_the_left * (1 - to_the_left))", "(to_the_left * (1 - to_the_left))"),
        (FRESH,),
    ),
    Fault(
        "least_cost_taken_off_twice",
        "lib/transport/entropic.py",
        edit("value=answer.value + least,", "value=answer.value - least,"),
        ("tests/unit/test_entropic.py",),
    ),
    Fault(
        "transforms_of_one_price_list_only",
        "lib/transport/duality.py",
        edit("back.least(each) for each in", "back.least(f.reshape(-1, len(cost))[0]) for each in"),
        ("tests/unit/test_duality.py",),
    ),
)
