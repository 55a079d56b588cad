"""Faults in principal components: in the chapter, in its recipe and in its exercises."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, RECIPE = "chapters/02_principal_components.ipynb", "lib/experiments/chapter_02.py"
STEPS, UNIT = "tests/notebooks/test_steps_02.py", "tests/unit/test_linear_autoencoder.py"

FAULTS = (
    Fault(
        "projection_taken_once",
        CHAPTER,
        in_code("each @ G @ G.T @ G @ G.T @ each", "each @ G @ G.T @ each * 1"),
        (FRESH,),
    ),
    Fault("covariance_by_n", CHAPTER, in_code("S = X @ X.T / (n - 1)", "S = X @ X.T / n"), (FRESH,)),
    Fault(
        "smallest_first",
        CHAPTER,
        in_code(
            "(each[..., ::-1] for each in np.linalg.eigh(S))",
            "(each[..., ::1] for each in np.linalg.eigh(S))",
        ),
        (FRESH,),
    ),
    Fault(
        "factor_of_a_square_lost",
        CHAPTER,
        in_code("return -2 * G.T @ rest @ S,", "return -G.T @ rest @ S,"),
        (FRESH,),
    ),
    Fault(
        "curvature_of_the_other",
        CHAPTER,
        in_code("2 * eigenvalues[j])", "2 * eigenvalues[k])"),
        (FRESH,),
    ),
    Fault(
        "mean_of_the_other_half",
        CHAPTER,
        in_code("centre = fit.mean(axis=1, keepdims=True)", "centre = fresh.mean(axis=1, keepdims=True)"),
        (FRESH,),
    ),
    Fault(
        "frames_of_the_fresh_half",
        CHAPTER,
        in_code("three = three_frames(fit, r, seed)", "three = three_frames(fresh, r, seed)"),
        (FRESH,),
    ),
    Fault(
        "the_fresh_half_guessed_from_itself",
        CHAPTER,
        in_code("np.linalg.lstsq(with_one(fit).T, fit.T)", "np.linalg.lstsq(with_one(fresh).T, fresh.T)"),
        (FRESH,),
    ),
    Fault(
        "the_double_of_the_class_for_its_heaps",
        CHAPTER,
        in_code("double(each[heap == j], random)", "double(each, random)[heap == j]"),
        (FRESH,),
    ),
    Fault(
        "itself_as_a_neighbour",
        CHAPTER,
        in_code(
            "distances[:, 2] / distances[:, 1]", "distances[:, 2] / (distances[:, 0] + distances[:, 1] / 2)"
        ),
        (FRESH,),
    ),
    Fault(
        "root_of_the_covariance_lost",
        CHAPTER,
        in_code("root = (vectors * np.sqrt(values.clip(0)))", "root = (vectors * values.clip(0))"),
        (FRESH,),
    ),
    Fault(
        "a_tenth_of_the_rate",
        CHAPTER,
        in_code(
            "torch.optim.Adam(network.parameters(), lr=1e-2)",
            "torch.optim.Adam(network.parameters(), lr=1e-3)",
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "judged_on_the_other_half",
        RECIPE,
        edit('"excess": _loss(network, training)', '"excess": _loss(network, held_out)'),
        (UNIT,),
    ),
    Fault(
        "decoder_read_by_rows",
        RECIPE,
        edit("columns = decoder / decoder.norm(dim=0)", "columns = decoder / decoder.norm()"),
        (UNIT,),
    ),
    Fault(
        "bias_forgotten",
        RECIPE,
        edit("code = x @ weights[0].T + weights[1]", "code = x @ weights[0].T"),
        (UNIT,),
    ),
)
