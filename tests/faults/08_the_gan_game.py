"""Faults in the GAN game: in its chapter and in its explorer."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, GAME = "chapters/08_the_gan_game.ipynb", "lib/explorers/gan_game/game.js"
STEPS, EXPLORER = "tests/notebooks/test_steps_08.py", "tests/site/test_explorer_gan_game.py"

FAULTS = (
    Fault(
        "explorer_sign",
        GAME,
        edit("bound: value / 2 + Math.LN2", "bound: value / 2 - Math.LN2"),
        (EXPLORER,),
    ),
    Fault(
        "explorer_half_lost",
        GAME,
        edit("integral(apart, FINE) / 2]", "integral(apart, FINE)]"),
        (EXPLORER,),
    ),
    Fault(
        "detach_lost",
        CHAPTER,
        in_code("fake = generator(latent(len(real))).detach()", "fake = generator(latent(len(real)))"),
        (STEPS,),
    ),
    Fault(
        "generator_loss_sign",
        CHAPTER,
        in_code("return softplus(-fake_scores).mean()", "return -softplus(-fake_scores).mean()"),
        (STEPS,),
    ),
    Fault(
        "claim_sign",
        CHAPTER,
        in_code("2 * jensen_shannon(p, q) - 2 * np.log(2)", "2 * jensen_shannon(p, q) + 2 * np.log(2)"),
        (FRESH,),
    ),
    Fault(
        "danskin_sign",
        CHAPTER,
        in_code("frozen = np.array([slope(", "frozen = np.array([-slope("),
        (FRESH,),
    ),
    Fault(
        "nan_loss",
        CHAPTER,
        in_code("value.backward()\n        climb", "(value / 0 * 0).backward()\n        climb"),
        (FRESH,),
    ),
    Fault(
        "wrong_player_moves_first",
        CHAPTER,
        in_code("worst = pay.max(axis=1)", "worst = pay.max(axis=0)"),
        (FRESH,),
    ),
    Fault(
        "other_posterior_integrated",
        CHAPTER,
        in_code("area = np.trapezoid(ratio, wide)", "area = np.trapezoid(1 - ratio, wide)"),
        (FRESH,),
    ),
    Fault(
        "information_without_doubt",
        CHAPTER,
        in_code("(sigmoid(odds) * sigmoid(-odds))", "(sigmoid(odds))"),
        (FRESH,),
    ),
    Fault(
        "bound_not_halved",
        CHAPTER,
        in_code(
            "jensen_shannon(p, q) - (values / 2 + np.log(2))", "jensen_shannon(p, q) - (values + np.log(2))"
        ),
        (FRESH,),
    ),
    Fault(
        "cube_root",
        CHAPTER,
        in_code("np.sqrt(np.maximum(js_of_tables(u, v), 0))", "np.cbrt(np.maximum(js_of_tables(u, v), 0))"),
        (FRESH,),
    ),
    Fault(
        "radius_doubled",
        CHAPTER,
        in_code(
            "metrics.modes_covered(samples, ring.means, ring.scale)",
            "metrics.modes_covered(samples, ring.means, 2 * ring.scale)",
        ),
        (FRESH,),
    ),
    Fault(
        "floor_against_itself",
        CHAPTER,
        in_code('"recital": training}', '"recital": held_out}'),
        (FRESH,),
    ),
    Fault(
        "half_a_deficit_lost",
        CHAPTER,
        in_code("drawn[-1] = 0.5", "drawn[-1] = 0.25"),
        (FRESH,),
    ),
    Fault(
        "other_slope_is_the_first",
        CHAPTER,
        in_code("generated(x, theta) * np.log(D), x)", "generated(x, theta) * np.log1p(-D), x)"),
        (FRESH,),
    ),
    Fault(
        "pencil_slips",
        CHAPTER,
        in_code("(D_fake * fake_points).mean()", "(D_fake * real_points).mean()"),
        (STEPS, FRESH),
    ),
    Fault(
        "examiner_descends",
        CHAPTER,
        in_code("climb = adam(examiner, 1e-3, 0.5, maximize=True)", "climb = adam(examiner, 1e-3, 0.5)"),
        (STEPS, FRESH),
    ),
    Fault(
        "swapped_without_half",
        CHAPTER,
        in_code("table.min(axis=0).max()", "table.min(axis=0).min()"),
        (FRESH,),
    ),
    Fault(
        "halves_swapped",
        CHAPTER,
        in_code("many) for half in (training, held_out)", "many) for half in (held_out, training)"),
        (FRESH,),
    ),
    Fault(
        "ratio_of_the_median_game",
        CHAPTER,
        in_code('np.sort(gan.values("ratio"))[[0, -1]]', 'np.sort(gan.values("ratio"))[[0, 5]]'),
        (FRESH,),
    ),
    Fault(
        "certified_value_not_halved",
        "lib/experiments/examining.py",
        edit(".item() / 2 + math.log(2)", ".item() + math.log(2)"),
        ("tests/unit/test_recipes.py",),
    ),
    Fault(
        "copies_the_wrong_way_round",
        "lib/metrics.py",
        edit("gap = nearest[1] - nearest[0]", "gap = nearest[0] - nearest[1]"),
        ("tests/unit/test_metrics.py",),
    ),
    Fault(
        "live_seed_is_stored",
        "lib/experiments/spread.py",
        edit("SEEDS = range(1, 11)", "SEEDS = range(10)"),
        ("tests/unit/test_spread.py",),
    ),
    Fault(
        "best_look_for_the_worst",
        "lib/experiments/chapter_08.py",
        edit("min(each[name] for each in looked)", "max(each[name] for each in looked)"),
        ("tests/unit/test_recipes.py",),
    ),
)
