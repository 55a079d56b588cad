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
)
