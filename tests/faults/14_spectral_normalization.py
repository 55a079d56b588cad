"""Faults in spectral normalisation: in the chapter, in the networks and in the hinge."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/14_spectral_normalization.ipynb"
NETWORKS, RESIDUAL, OBJECTIVES = "lib/networks/sngan.py", "lib/networks/residual.py", "lib/objectives.py"
STEPS, STRETCH = "tests/notebooks/test_steps_14.py", "tests/unit/test_convolutions.py"
GAMES = "tests/unit/test_recipes_14.py"
BEGINNING, BEGUN = "lib/experiments/chapter_14_beginning.py", "tests/unit/test_recipes_14_beginning.py"
LAB, EXPLORER = "lib/explorers/spectral_lab", "tests/site/test_explorer_spectral_lab.py"
SIZES, PAYOFFS = "tests/unit/test_sngan.py", "tests/unit/test_objectives.py"

FAULTS = (
    Fault("14_vector_starts_again", CHAPTER, in_code("rounds(W, kept, 1)", "rounds(W, first, 1)"), (FRESH,)),
    Fault(
        "14_sign_of_the_leading_part",
        CHAPTER,
        in_code("-amount * top / s[0]", "amount * top / s[0]"),
        (FRESH,),
    ),
    Fault(
        "14_score_functions_added",
        CHAPTER,
        in_code("p.log_prob(x) - q.log_prob(x)", "p.log_prob(x) + q.log_prob(x)"),
        (FRESH,),
    ),
    Fault("14_u_not_normalised", CHAPTER, in_code("u /= np.linalg.norm(u)", "u = u * 1.0"), (FRESH,)),
    Fault(
        "14_transposed_convolution_lost",
        CHAPTER,
        in_code(
            "image = conv_transpose2d(answer, kernel,", "image = conv_transpose2d(answer, kernel.flip(2, 3),"
        ),
        (FRESH,),
    ),
    Fault(
        "14_leak_of_a_fifth", NETWORKS, edit("LATENT, SLOPE = 128, 0.1", "LATENT, SLOPE = 128, 0.2"), (SIZES,)
    ),
    Fault(
        "14_sixth_row_of_64",
        NETWORKS,
        edit("64, 64, 128, 128, 256, 256, 512", "64, 64, 128, 128, 256, 64, 512"),
        (SIZES,),
    ),
    Fault(
        "14_residual_lost",
        RESIDUAL,
        edit("self.shortcut(across) + self.tail", "self.tail"),
        (SIZES,),
    ),
    Fault(
        "14_margin_of_the_fakes",
        OBJECTIVES,
        edit("relu(1 + fake_scores)", "relu(1 - fake_scores)"),
        (PAYOFFS,),
    ),
    Fault(
        "14_hinge_generator_with_a_margin",
        OBJECTIVES,
        edit(
            'Objective("hinge", _hinges, _minus_mean)',
            'Objective("hinge", _hinges, lambda s: relu(1 - s).mean())',
        ),
        (PAYOFFS,),
    ),
    Fault("14_two_readings", CHAPTER, in_code("with cached():", "if True:"), (STEPS,)),
    Fault(
        "14_twice_as_many_fakes",
        CHAPTER,
        in_code("fake = G(latent(len(real))).detach()", "fake = G(latent(2 * len(real))).detach()"),
        (STEPS,),
    ),
    Fault(
        "14_overlap_without_stride",
        "lib/lipschitz/convolutions.py",
        edit("math.ceil(k / s)", "math.ceil(k)"),
        (STRETCH,),
    ),
    Fault(
        "14_kernel_orthonormal_by_columns",
        "lib/lipschitz/layers.py",
        edit("bjorck(weight.flatten(1), self.iterations)", "bjorck(weight.flatten(0, 1), self.iterations)"),
        (STRETCH,),
    ),
    Fault(
        "14_lengths_of_the_rows_free",
        "lib/experiments/normalised.py",
        edit("requires_grad_(False).fill_(1.0)", "requires_grad_(True)"),
        (GAMES,),
    ),
    Fault(
        "14_penalty_draws_from_the_game",
        "lib/experiments/normalised.py",
        edit("gradient_penalty(critic, real, fake, own)", "gradient_penalty(critic, real, fake, source)"),
        (GAMES,),
    ),
    Fault("14_divided_once_by_another_norm", BEGINNING, edit("ord=2", 'ord="fro"'), (BEGUN,)),
    Fault(
        "14_divided_game_draws_otherwise",
        BEGINNING,
        edit("played.samples(len(held_out))  #", "len(held_out)  #"),
        (BEGUN,),
    ),
    Fault(
        "14_explorer_matrix_not_transposed",
        f"{LAB}/matrices.js",
        edit("unit(times(transposed(matrix), u))", "unit(times(matrix, u))"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_reflection_takes_the_sign",
        f"{LAB}/matrices.js",
        edit("const sign = q < r ? -1 : 1;", "const sign = 1;"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_value_at_the_rate_of_the_vector",
        f"{LAB}/matrices.js",
        edit("t ** 2 * kappa ** (4 * k - 2)", "t ** 2 * kappa ** (2 * k)"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_forgetful_needle_remembers",
        f"{LAB}/matrices.js",
        edit("again = drifting ? round(now, first)", "again = drifting ? round(now, u)"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_leading_part_undivided",
        f"{LAB}/matrices.js",
        edit("scaled(product(u, v), -lambda / sigma)", "scaled(product(u, v), -lambda)"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_stride_not_counted",
        f"{LAB}/kernels.js",
        edit("Math.sqrt(same(i, j)) / 2", "Math.sqrt(same(i, j))"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_image_without_its_edge",
        f"{LAB}/kernels.js",
        edit("row >= 0 && row < side", "row > 0 && row < side"),
        (EXPLORER,),
    ),
    Fault(
        "14_explorer_needle_of_length_one",
        f"{LAB}/ellipses.js",
        edit("const long = looks.length > 1 ? value : 1;", "const long = 1;"),
        (EXPLORER,),
    ),
)
