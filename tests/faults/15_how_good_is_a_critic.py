"""Faults in chapter 15 and in what judges its critics: a bound too large, a mean of the wrong thing."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/15_how_good_is_a_critic.ipynb"
STEPS, CRITICS, METER, RACING = (
    "tests/notebooks/test_steps_15.py",
    "tests/unit/test_critics.py",
    "tests/unit/test_meter.py",
    "tests/unit/test_racing.py",
)

FAULTS = (
    Fault(
        "mean_climb_for_the_certificate",
        CHAPTER,
        in_code("((f[:, None] - g) / away).max()", "((f[:, None] - g) / away).mean()"),
        (STEPS, FRESH),
    ),
    Fault(
        "transform_falls",
        CHAPTER,
        in_code("(away + g).min(axis=1).mean() - g.mean()", "(away - g).min(axis=1).mean() - g.mean()"),
        (STEPS, FRESH),
    ),
    Fault(
        "transform_on_the_other_side",
        CHAPTER,
        in_code("(away + g).min(axis=1)", "(away + g).min(axis=0)"),
        (STEPS, FRESH),
    ),
    Fault(
        "iteration_without_its_half",
        CHAPTER,
        in_code("0.5 * matrix.T @ matrix)", "matrix.T @ matrix)"),
        (STEPS, FRESH),
    ),
    Fault(
        "effect_turned_round",
        CHAPTER,
        in_code(
            "grid.take(1, axis=k).mean() - grid.take(0, axis=k).mean()",
            "grid.take(0, axis=k).mean() - grid.take(1, axis=k).mean()",
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "fresh_points_against_the_old_distance",
        "lib/experiments/critics/judging.py",
        edit("100 * judged.certified / exact for", "100 * judged.certified / own.exact for"),
        (CRITICS,),
    ),
    Fault(
        "plan_from_real_to_generated",
        "lib/experiments/critics/judging.py",
        edit(
            "move = draw.real[partner].double() - draw.generated.double()",
            "move = draw.generated.double() - draw.real[partner].double()",
        ),
        (CRITICS,),
    ),
    Fault(
        "lowest_for_highest",
        "lib/experiments/critics/forms.py",
        edit('{"low": True, "high": False}', '{"low": False, "high": True}'),
        (CRITICS,),
    ),
    Fault(
        "groups_of_eight_sorted_in_pairs",
        "lib/experiments/critics/factorial.py",
        edit("MaxMin() if group == 2 else GroupSort(group)", "MaxMin() if group else GroupSort(group)"),
        (CRITICS,),
    ),
    Fault(
        "rates_found_on_the_draw_of_the_table",
        "lib/experiments/critics/tuning.py",
        edit("ELSEWHERE = 100", "ELSEWHERE = 1"),
        (CRITICS,),
    ),
    Fault(
        "best_rate_on_one_problem",
        "lib/experiments/critics/tuning.py",
        edit("for law in LAWS]) for rate in rates", 'for law in ["ring"]]) for rate in rates'),
        (CRITICS,),
    ),
    Fault(
        "equal_steps_judged_at_home",
        "lib/experiments/critics/equal_steps.py",
        edit("100 * judge(critic, draw).certified / exact", "100 * judge(critic, own).certified / exact"),
        (CRITICS,),
    ),
    Fault(
        "clock_backwards",
        "lib/experiments/meter.py",
        edit("[-move for move in columns.move]", "[move for move in columns.move]"),
        (METER,),
    ),
    Fault(
        "fine_on_both_sides",
        "lib/experiments/critics/entrants.py",
        edit("(slopes - 1).relu().square()", "(slopes - 1).square()"),
        (RACING,),
    ),
    Fault(
        "matrices_not_put_back",
        "lib/experiments/critics/entrants.py",
        edit("original.copy_(layer.weight)", "original.copy_(layer.parametrizations.weight.original)"),
        (RACING,),
    ),
    Fault(
        "looks_are_paid_for",
        "lib/experiments/critics/climbing.py",
        edit(
            "    for look in looks:\n        resumed, before = time.process_time(), spent\n",
            "    resumed, before = time.process_time(), spent\n    for look in looks:\n",
        ),
        (RACING,),
    ),
    Fault(
        "rates_judged_on_the_tuning_draw",
        "lib/experiments/critics/searching.py",
        edit("DRAWS, UNSEEN = 300, 400", "DRAWS, UNSEEN = 300, 300"),
        (RACING,),
    ),
    Fault(
        "ceiling_of_many_points_alone",
        "lib/experiments/critics/rulers.py",
        edit("(mean + gap_large) / (mean + gap)", "(mean + gap_large) / (mean + gap_large)"),
        (RACING,),
    ),
)
