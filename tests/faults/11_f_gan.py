"""Faults in chapter 11: in the table of divergences, in its chapter and in its game."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/11_f_gan.ipynb"
ROWS, MIXTURES, CONVEX = (f"lib/divergences/{name}.py" for name in ("rows", "mixtures", "convex"))
TABLE, PAIR = ("tests/unit/test_named_divergences.py",), ("tests/unit/test_objectives.py",)
RECIPES = ("tests/unit/test_recipes_11.py",)
FLOOR = ("tests/unit/test_recipes_11_floor.py",)
STEPS = ("tests/notebooks/test_steps_11.py",)

FAULTS = (
    Fault(
        "kl_conjugate_without_its_shift",
        ROWS,
        edit("lambda t: (t - 1).exp(),", "lambda t: t.exp(),"),
        TABLE,
    ),
    Fault(
        "pearson_conjugate_not_cut",
        ROWS,
        edit("t = t.clamp(min=-2)", "t = t.clamp(min=-9)"),
        TABLE,
    ),
    Fault(
        "pearson_and_neyman_exchanged",
        ROWS,
        edit("_of(lambda p, q: (p - q) ** 2 / q)", "_of(lambda p, q: (p - q) ** 2 / p)"),
        TABLE,
    ),
    Fault(
        "laws_exchanged_in_reverse_kl",
        ROWS,
        edit(
            "lambda p, q, x: densities.kullback_leibler(q, p, x),",
            "lambda p, q, x: densities.kullback_leibler(p, q, x),",
        ),
        TABLE,
    ),
    Fault(
        "activation_that_falls",
        ROWS,
        edit("lambda v: -(-v).exp(),", "lambda v: -v.exp(),"),
        TABLE,
    ),
    Fault(
        "half_of_jensen_shannon_lost",
        MIXTURES,
        edit("lambda t: twice._conjugate(2 * t) / 2,", "lambda t: twice._conjugate(2 * t),"),
        TABLE,
    ),
    Fault(
        "nan_beyond_the_domain",
        CONVEX,
        edit("return torch.where(inside, value, torch.full_like(t, math.inf))", "return self._conjugate(t)"),
        TABLE,
    ),
    Fault(
        "f_gan_generator_climbs",
        "lib/objectives.py",
        edit(
            "return -divergence.conjugate_activation(_scores(",
            "return divergence.conjugate_activation(_scores(",
        ),
        PAIR,
    ),
    Fault(
        "fakes_not_detached",
        CHAPTER,
        in_code("fake = generator(latent(len(real))).detach()", "fake = generator(latent(len(real)))"),
        STEPS,
    ),
    Fault(
        "trick_and_own_term_exchanged",
        CHAPTER,
        in_code(
            "-activation(fake_scores).mean() if trick else -cost(fake_scores).mean()",
            "-cost(fake_scores).mean() if trick else -activation(fake_scores).mean()",
        ),
        STEPS,
    ),
    Fault(
        "bound_with_the_laws_exchanged",
        CHAPTER,
        in_code(
            "np.trapezoid(p * T - q * row.conjugate(T), x)", "np.trapezoid(q * T - p * row.conjugate(T), x)"
        ),
        (FRESH,),
    ),
    Fault(
        "donsker_varadhan_without_the_logarithm",
        CHAPTER,
        in_code(
            "of_table, of_dv = E_T - E_exp / np.e, E_T - np.log(E_exp)",
            "of_table, of_dv = E_T - E_exp / np.e, E_T - E_exp",
        ),
        (FRESH,),
    ),
    Fault(
        "trick_keeps_the_ratio",
        CHAPTER,
        in_code("pull = density * np.gradient(", "pull = on_hills * np.gradient("),
        (FRESH,),
    ),
    Fault(
        "meter_that_never_cuts",
        "lib/experiments/chapter_11_gradients.py",
        edit("if found > self.length:", "if found > UNCUT:"),
        RECIPES,
    ),
    Fault(
        "metered_games_by_their_own_term",
        "lib/experiments/chapter_11_gradients.py",
        edit("variational(named(name), trick=trick)", "variational(named(name), trick=False)"),
        RECIPES,
    ),
    Fault(
        "rates_of_the_ring_exchanged",
        CHAPTER,
        in_code(
            "adam(generator, 3e-4, 0.5), adam(critic, 1e-3, 0.5, maximize=True)",
            "adam(generator, 1e-3, 0.5), adam(critic, 3e-4, 0.5, maximize=True)",
        ),
        STEPS,
    ),
    Fault(
        "found_and_lost_games_exchanged",
        CHAPTER,
        in_code(
            "parted = [longest[~lost_way].max(), longest[lost_way].min(), longest.max()]",
            "parted = [longest[lost_way].max(), longest[~lost_way].min(), longest.max()]",
        ),
        (FRESH,),
    ),
    Fault(
        "floor_that_is_not_there",
        "lib/experiments/chapter_11_floor.py",
        edit(".clamp(min=lowest)", ".clamp(min=9 * lowest)"),
        FLOOR,
    ),
    Fault(
        "activation_printed_without_its_weight",
        CHAPTER,
        in_code("-pi * np.log(pi) - pi * grow(v)", "-pi * np.log(pi) - grow(v)"),
        (FRESH,),
    ),
    Fault(
        "uphill_from_the_bell_of_kl",
        CHAPTER,
        in_code("way = way - 0.05 * slopes_of(", "way = way + 0.05 * slopes_of("),
        (FRESH,),
    ),
)
