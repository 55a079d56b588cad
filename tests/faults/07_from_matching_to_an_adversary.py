"""Faults in chapter 7: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, STEPS = "chapters/07_from_matching_to_an_adversary.ipynb", "tests/notebooks/test_steps_07.py"
ALONE, PAIRING = "lib/experiments/alone.py", "lib/experiments/pairing.py"
LAB, EXPLORER = "lib/explorers/pairing_lab", "tests/site/test_explorer_pairing_lab.py"

FAULTS = (
    Fault(
        "slope_of_the_other_layer",
        CHAPTER,
        in_code("parts = (miss * w2 * z,", "parts = (miss * w1 * z,"),
        (STEPS, FRESH),
    ),
    Fault(
        "saddle_eigenvalue_halved",
        CHAPTER,
        in_code(
            "formula = [-2 * abs(covariance), 0, 2 * abs(covariance), 2]",
            "formula = [-abs(covariance), 0, abs(covariance), 2]",
        ),
        (FRESH,),
    ),
    Fault(
        "marginal_mean_for_the_conditional",
        CHAPTER,
        in_code("(table @ four) / table.sum(axis=1, keepdims=True)", "(table @ four) / table.sum()"),
        (FRESH,),
    ),
    Fault(
        "variance_with_n",
        CHAPTER,
        in_code("exact_variance = y6.var(ddof=1)", "exact_variance = y6.var()"),
        (FRESH,),
    ),
    Fault(
        "dearest_pairing",
        CHAPTER,
        in_code(
            "optimize.linear_sum_assignment(cost.cpu().numpy())",
            "optimize.linear_sum_assignment(-cost.cpu().numpy())",
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "half_a_blur",
        CHAPTER,
        in_code("(1 - a) ** 2 + 4 * a * d", "(1 - a) ** 2 + 2 * a * d"),
        (FRESH,),
    ),
    Fault(
        "negatives_taken_for_real",
        CHAPTER,
        in_code(
            "value = value - softplus(critic(negatives(256, source))).mean()",
            "value = value - softplus(-critic(negatives(256, source))).mean()",
        ),
        (STEPS,),
    ),
    Fault(
        "ascent_without_the_gradient",
        CHAPTER,
        in_code("gain(slants), slants**2", "gain(says), slants**2"),
        (FRESH,),
    ),
    Fault(
        "half_the_noise",
        CHAPTER,
        in_code("np.sqrt(2 * eta) * rng.normal", "np.sqrt(eta) * rng.normal"),
        (FRESH,),
    ),
    Fault(
        "weights_upside_down",
        CHAPTER,
        in_code(
            "np.exp(log_q(cells)) * D_star(cells) / (1 - D_star(cells))",
            "np.exp(log_q(cells)) * (1 - D_star(cells)) / D_star(cells)",
        ),
        (FRESH,),
    ),
    Fault(
        "lowest_scores_for_favourites",
        CHAPTER,
        in_code(
            "candidates[critic(candidates).topk(300).indices]",
            "candidates[(-critic(candidates)).topk(300).indices]",
        ),
        (STEPS,),
    ),
    Fault(
        "ramp_begins_at_the_step",
        CHAPTER,
        in_code("np.clip((even - 0.3) / width + 0.5, 0, 1)", "np.clip((even - 0.3) / width, 0, 1)"),
        (FRESH,),
    ),
    Fault(
        "share_replaced_for_share_left",
        CHAPTER,
        in_code("share_left = 0.7 ** np.arange(25)", "share_left = 0.3 ** np.arange(25)"),
        (FRESH,),
    ),
    Fault(
        "heap_on_the_other_side",
        CHAPTER,
        in_code("(1 - share_left) * (cells >= -1)", "(1 - share_left) * (cells >= 1)"),
        (FRESH,),
    ),
    Fault(
        "last_round_for_the_last_ten",
        CHAPTER,
        in_code('games.values(f"{kind}_end")', 'games.values(f"{kind}_24")'),
        (FRESH,),
    ),
    Fault(
        "groups_share_their_pictures",
        PAIRING,
        edit(
            "return torch.cat([theirs[cheapest(mine, theirs)] for mine, theirs in pairs])",
            "return wanted[cheapest(made, wanted)]",
        ),
        ("tests/unit/test_pairing.py",),
    ),
    Fault(
        "numbers_of_other_pictures",
        PAIRING,
        edit("else numbers[chosen])", "else numbers[:batch])"),
        ("tests/unit/test_pairing.py", STEPS),
    ),
    Fault(
        "uniform_in_the_radius",
        ALONE,
        edit("torch.rand(n, generator=draw)).sqrt()", "torch.rand(n, generator=draw)).sqrt() ** 1.5"),
        ("tests/unit/test_alone.py",),
    ),
    Fault(
        "score_for_its_exponential",
        ALONE,
        edit("weights = critic(pool).double().softmax(dim=0)", "weights = critic(pool).double().sigmoid()"),
        ("tests/unit/test_alone.py", STEPS),
    ),
    Fault(
        "explorer_wrong_pairs_keep_their_own",
        f"{LAB}/pairs.js",
        edit("(share * (all - y)) / (shades.length - 1)", "(share * all) / shades.length"),
        (EXPLORER,),
    ),
    Fault(
        "explorer_rate_a_step_ahead",
        f"{LAB}/machines.js",
        edit("RATE * (1 - (step - 1) / STEPS)", "RATE * (1 - step / STEPS)"),
        (EXPLORER,),
    ),
    Fault(
        "explorer_thread_for_its_square",
        f"{LAB}/threads.js",
        edit("exchange(hand.thread, pairing.indexOf(hand.target))", "exchange(hand.thread, hand.target)"),
        (EXPLORER,),
    ),
    Fault(
        "explorer_loss_without_its_floor",
        f"{LAB}/play.js",
        edit("(each - answers[i]) ** 2)) + floor, floor,", "(each - answers[i]) ** 2)), floor,"),
        (EXPLORER,),
    ),
)
