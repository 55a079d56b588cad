"""Faults in the live GAN of chapter 9: signs, lost halves and logarithms, and players who do not rest."""

from faults.planting import Fault, edit

HERE = "lib/explorers/gan_plane"
CHECKS = ("tests/site/test_explorer_gan_plane.py",)

FAULTS = (
    Fault(
        "page_minimax_sign",
        f"{HERE}/game.js",
        edit(
            "minimax: { ...LOGARITHMIC, byScore: (s) => -sigmoid(s) }",
            "minimax: { ...LOGARITHMIC, byScore: (s) => sigmoid(s) }",
        ),
        CHECKS,
    ),
    Fault(
        "page_wrong_half_of_the_trick",
        f"{HERE}/game.js",
        edit("byScore: (s) => -sigmoid(-s)", "byScore: (s) => -sigmoid(s)"),
        CHECKS,
    ),
    Fault(
        "page_friction_at_fakes",
        f"{HERE}/game.js",
        edit("friction(critic, seen, passReal,", "friction(critic, fake, passFake,"),
        CHECKS,
    ),
    Fault(
        "page_moments_of_the_resting_player_forgotten",
        f"{HERE}/game.js",
        edit("  game.stepsD += 1;\n", "  game.stepsD += 1;\n  game.adamG.forget();\n"),
        CHECKS,
    ),
    Fault(
        "page_log_two_lost",
        f"{HERE}/raster.js",
        edit("return sum / 2 + Math.LN2;", "return sum / 2;"),
        CHECKS,
    ),
    Fault(
        "page_half_of_js_lost", f"{HERE}/raster.js", edit("  return sum / 2;\n", "  return sum;\n"), CHECKS
    ),
    Fault(
        "page_rows_for_columns",
        f"{HERE}/laws.js",
        edit(
            "across[cell % SIDE] * up[Math.floor(cell / SIDE)]",
            "up[cell % SIDE] * across[Math.floor(cell / SIDE)]",
        ),
        CHECKS,
    ),
    Fault(
        "page_assignment_of_squares",
        f"{HERE}/assignment.js",
        edit(
            "= Math.hypot(x[2 * i] - y[2 * j], x[2 * i + 1] - y[2 * j + 1]);",
            "= (x[2 * i] - y[2 * j]) ** 2 + (x[2 * i + 1] - y[2 * j + 1]) ** 2;",
        ),
        CHECKS,
    ),
)
