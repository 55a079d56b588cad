"""Faults in the Wasserstein GAN: in its chapter and in its explorer."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, TRAINING = "chapters/13_wasserstein_gan.ipynb", "lib/explorers/critic_lab/training.js"
WASSERSTEIN_STEPS = "tests/notebooks/test_steps_13.py"
EXPLORER = "tests/site/test_explorer_critic_lab.py"

FAULTS = (
    Fault(
        "page_clip_lost",
        TRAINING,
        edit('  if (critic.constraint === "clip") clip(critic.layers, bound);\n', ""),
        (EXPLORER,),
    ),
    Fault(
        "page_penalty_sign",
        TRAINING,
        edit("(-2 * penalty * excess", "(2 * penalty * excess"),
        (EXPLORER,),
    ),
    Fault(
        "generator_climbs",
        CHAPTER,
        in_code(
            "loss = -critic(generator(latent(len(real)))).mean()",
            "loss = critic(generator(latent(len(real)))).mean()",
        ),
        (WASSERSTEIN_STEPS,),
    ),
    Fault(
        "penalty_rewarded_in_the_chapter",
        CHAPTER,
        in_code("else value - penalty(critic, real, fake)", "else value + penalty(critic, real, fake)"),
        (WASSERSTEIN_STEPS,),
    ),
    Fault(
        "one_critic_step_too_many",
        CHAPTER,
        in_code("for _ in range(5):", "for _ in range(6):"),
        (WASSERSTEIN_STEPS,),
    ),
    Fault(
        "mixture_lost",
        CHAPTER,
        in_code('names = ("jensen', 'names = ("twice jensen'),
        (FRESH,),
    ),
    Fault(
        "envelope_sign",
        CHAPTER,
        in_code("torch.autograd.grad(-frozen.mean(), free)", "torch.autograd.grad(frozen.mean(), free)"),
        (FRESH,),
    ),
    Fault(
        "width_lost",
        CHAPTER,
        in_code("theory = c**3 * 4 * 3 *", "theory = c**3 * 4 *"),
        (FRESH,),
    ),
    Fault(
        "power_of_the_box",
        CHAPTER,
        in_code("a_priori = edges[:, None] ** 3", "a_priori = edges[:, None] ** 4"),
        (FRESH,),
    ),
    Fault(
        "slope_of_the_potential",
        CHAPTER,
        in_code("climbs = (start + t[..., 0]", "climbs = (start - t[..., 0]"),
        (FRESH,),
    ),
    Fault(
        "reading_of_the_penalty",
        CHAPTER,
        in_code("predicted = 3 * (1 + 3 / (2 * fines))", "predicted = 3 * (1 + 3 / fines)"),
        (FRESH,),
    ),
    Fault(
        "optimal_slope_halved",
        CHAPTER,
        in_code("best_slope = 1 + h / (20 * rho)", "best_slope = 1 + h / (40 * rho)"),
        (FRESH,),
    ),
    Fault("pinsker_without_half", CHAPTER, in_code("np.sqrt(KL / 2) - TV", "np.sqrt(KL) - TV"), (FRESH,)),
    Fault(
        "longest_move_not_mean",
        CHAPTER,
        in_code("(new - old).norm(dim=1).mean()", "(new - old).norm(dim=1).max()"),
        (FRESH,),
    ),
    Fault(
        "one_width_too_many",
        CHAPTER,
        in_code("edges[:, None] ** 3 * 16 * 16", "edges[:, None] ** 3 * 16 * 16 * 16"),
        (FRESH,),
    ),
    Fault(
        "half_the_reading_by_slopes",
        CHAPTER,
        in_code("np.trapezoid(20 * rho * best_slope", "np.trapezoid(10 * rho * best_slope"),
        (FRESH,),
    ),
    Fault(
        "mean_for_median",
        CHAPTER,
        in_code("np.median(reals - noise)", "np.mean(reals - noise)"),
        (FRESH,),
    ),
    Fault("room_added", CHAPTER, in_code("room = exact - bound", "room = exact + bound"), (FRESH,)),
    Fault("least_of_three_critics", CHAPTER, in_code("fewer = np.max(", "fewer = np.min("), (FRESH,)),
    Fault(
        "value_sums_one_cloud",
        CHAPTER,
        in_code(
            "(critic(x).mean() - critic(y).mean()).item()", "(critic(x).mean() - critic(y).sum()).item()"
        ),
        (FRESH,),
    ),
    Fault(
        "share_of_the_others",
        CHAPTER,
        in_code("flat = (slope_of_average(at_random) < 0.95)", "flat = (slope_of_average(at_random) > 0.95)"),
        (FRESH,),
    ),
    Fault(
        "half_the_log_loss_turned",
        CHAPTER,
        in_code("log_D.mean() + log_not_D.mean()", "log_D.mean() - log_not_D.mean()"),
        (FRESH,),
    ),
    Fault(
        "mean_climb_for_the_steepest",
        CHAPTER,
        in_code("- scores(y)) / away).max()", "- scores(y)) / away).mean()"),
        (FRESH,),
    ),
    Fault("half_of_each_kink", CHAPTER, in_code("[2 / 41] * 41", "[1 / 41] * 41"), (FRESH,)),
    Fault("bends_twice_as_sharp", CHAPTER, in_code("turns / (2.4 * box)", "turns / (1.2 * box)"), (FRESH,)),
    Fault(
        "critic_with_a_kink_turned",
        CHAPTER,
        in_code("(lambda x: -x, np.abs)", "(lambda x: -x, np.square)"),
        (FRESH,),
    ),
    Fault(
        "zero_centred_fine_rewarded",
        CHAPTER,
        in_code("-5 * (a + b / 2)", "-5 * (a - b / 2)"),
        (FRESH,),
    ),
    Fault(
        "eigenvalue_of_the_halt", CHAPTER, in_code("np.sqrt(2.5**2 - 5)", "np.sqrt(2.5**2 - 2.5)"), (FRESH,)
    ),
    Fault(
        "good_samples_for_those_astray",
        CHAPTER,
        in_code("lost[kind] = 1 - np.array(", "lost[kind] = np.array("),
        (FRESH,),
    ),
    Fault(
        "largest_reading_for_the_least",
        CHAPTER,
        in_code("least = min(path, key=", "least = max(path, key="),
        (FRESH,),
    ),
    Fault(
        "outer_pieces_forgotten",
        "lib/lipschitz/slopes.py",
        edit("    least[0], most[-1] = -torch.inf, torch.inf\n", ""),
        ("tests/unit/test_lipschitz.py",),
    ),
    Fault(
        "looks_too_early",
        "lib/experiments/chapter_13.py",
        edit("np.linspace(0.75 * moves", "np.linspace(0.5 * moves"),
        ("tests/unit/test_recipes.py",),
    ),
    Fault(
        "momentum_of_the_other_player",
        "lib/experiments/chapter_13.py",
        edit("critic, generator = (adam", "generator, critic = (adam"),
        ("tests/unit/test_recipes.py",),
    ),
)
