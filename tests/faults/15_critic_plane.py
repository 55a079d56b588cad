"""Faults in chapter 15's plane of critics: in what is stored of them, and in what the page makes of it."""

from faults.planting import Fault, edit

HERE, MADE = "lib/explorers/critic_plane", "lib/experiments/critics"
PAGE, STORED = ("tests/site/test_explorer_critic_plane.py",), ("tests/unit/test_critic_pictures.py",)

FAULTS = (
    Fault(
        "plane_halves_of_a_byte_exchanged",
        f"{HERE}/pictures.js",
        edit(
            "(k % 2 ? bytes[k >> 1] & 15 : bytes[k >> 1] >> 4)",
            "(k % 2 ? bytes[k >> 1] >> 4 : bytes[k >> 1] & 15)",
        ),
        PAGE,
    ),
    Fault(
        "plane_old_arrows_for_fresh_ones",
        f"{HERE}/pictures.js",
        edit("fresh: arrowsOf(bytes, after + 2 * ARROWS)", "fresh: arrowsOf(bytes, after)"),
        PAGE,
    ),
    Fault(
        "plane_rows_from_below",
        f"{HERE}/pictures.js",
        edit("const up = (side - 1 - row) / fine;", "const up = row / fine;"),
        PAGE,
    ),
    Fault(
        "plane_angle_of_a_line",
        f"{HERE}/pictures.js",
        edit(
            "Math.abs(Math.atan2(a * d - b * c, a * c + b * d))",
            "Math.abs(Math.atan((a * d - b * c) / (a * c + b * d)))",
        ),
        PAGE,
    ),
    Fault(
        "plane_baseline_on_the_training_points",
        f"{HERE}/telling.js",
        edit(
            "field: `${where}${quantity}`, digits",
            'field: whose === "line" ? quantity : `${where}${quantity}`, digits',
        ),
        PAGE,
    ),
    Fault(
        "plane_away_from_the_partner",
        f"{HERE}/explorer.js",
        edit("[partners[k][0] - x, partners[k][1] - y]", "[x - partners[k][0], y - partners[k][1]]"),
        PAGE,
    ),
    Fault(
        "pictures_rows_of_the_plan_for_columns",
        f"{MADE}/pictures.py",
        edit(
            "linear_sum_assignment(euclidean(generated, real).numpy())",
            "linear_sum_assignment(euclidean(real, generated).numpy())",
        ),
        STORED,
    ),
    Fault(
        "pictures_lengths_of_the_critic_as_it_is",
        f"{MADE}/pictures.py",
        edit("float(np.median(found.norm(dim=1))) / climb", "float(np.median(found.norm(dim=1)))"),
        STORED,
    ),
    Fault(
        "pictures_fresh_shares_of_the_old_distance",
        f"{MADE}/pictures.py",
        edit(
            "[100 * value / exact for value in judge(critic, draw)]",
            "[100 * value / own.exact for value in judge(critic, draw)]",
        ),
        STORED,
    ),
    Fault(
        "pictures_rate_of_a_moment_too_early",
        f"{MADE}/on_the_way.py",
        edit("step = round(spent * steps)\n", "step = round(spent * steps) + 1\n"),
        STORED,
    ),
    Fault(
        "drawn_neighbour_between_forgotten",
        f"{MADE}/drawn.py",
        edit(" + levels[i - 1, j] - levels[i - 1, j - 1])", " + levels[i - 1, j])"),
        STORED,
    ),
    Fault(
        "offered_renewed_points_are_the_old_ones",
        f"{MADE}/offered.py",
        edit(
            "climb(BEHIND[who](RATES[who]), own",
            "climb(type(BEHIND[who](RATES[who]))(BEHIND[who](RATES[who]).contestant), own",
        ),
        STORED,
    ),
    Fault(
        "offered_rate_falls_over_a_third",
        f"{MADE}/offered.py",
        edit("seed, looks, tick=1.0)", "seed, looks[:3] + [looks[2]], tick=1.0)"),
        STORED,
    ),
    Fault(
        "pictures_lengths_of_seeds_at_home_only",
        f"{MADE}/pictures.py",
        edit(
            "[[one.length, one.fresh_length] for one in seeds]", "[[one.length, one.length] for one in seeds]"
        ),
        STORED,
    ),
    Fault(
        "plane_renewed_points_called_its_own",
        f"{HERE}/telling.js",
        edit('name.endsWith("renewed")', 'name === "renewed"'),
        PAGE,
    ),
    Fault(
        "plane_lengths_to_the_middle",
        f"{HERE}/telling.js",
        edit("function reach([least, , largest])", "function reach([least, largest])"),
        PAGE,
    ),
)
