"""Faults in chapter 10: small, plausible, silent by themselves, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/10_conditional_gan.ipynb"
STEPS, CONDITIONAL = "tests/notebooks/test_steps_10.py", "tests/unit/test_conditional.py"
NETWORKS, GAME = "lib/networks/conditional.py", "lib/experiments/game.py"
RECIPES, JUDGED = "lib/experiments/chapter_10.py", "tests/unit/test_recipes_10.py"

FAULTS = (
    Fault(
        "10_rows_divided_by_columns_sums",
        CHAPTER,
        in_code("p_given = joint / p_c[:, None]", "p_given = joint / joint.sum(axis=0)"),
        (FRESH,),
    ),
    Fault(
        "10_wrong_law_on_the_real_side",
        CHAPTER,
        in_code("fake = wrong[:, None] * q_given", "fake = p_c[:, None] * q_given"),
        (FRESH,),
    ),
    Fault(
        "10_half_lost",
        CHAPTER,
        in_code("rel_entr(q, middle)).sum(axis=-1) / 2", "rel_entr(q, middle)).sum(axis=-1)"),
        (STEPS,),
    ),
    Fault(
        "10_fake_scored_without_its_order",
        CHAPTER,
        in_code(
            "critic(real, label), critic(fake, label)", "critic(real, label), critic(fake, label.flip(0))"
        ),
        (STEPS,),
    ),
    Fault(
        "10_detach_lost",
        CHAPTER,
        in_code("generator(latent(len(real)), label).detach()", "generator(latent(len(real)), label)"),
        (STEPS,),
    ),
    Fault(
        "10_switch_sign",
        CHAPTER,
        in_code("bias = np.append(b_each.ravel() - B,", "bias = np.append(b_each.ravel() + B,"),
        (FRESH,),
    ),
    Fault(
        "10_projection_of_the_sum",
        NETWORKS,
        edit("(direction * features).sum(dim=1)", "direction.sum(dim=1) * features.sum(dim=1)"),
        (CONDITIONAL,),
    ),
    Fault(
        "10_shift_is_scaled",
        NETWORKS,
        edit(
            "self.scale(code) * self.normalised(preactivation) + self.shift(code)",
            "self.scale(code) * (self.normalised(preactivation) + self.shift(code))",
        ),
        (CONDITIONAL,),
    ),
    Fault(
        "10_labels_not_shuffled_with_images",
        GAME,
        edit("labels.to(device), size=batch", "labels.to(device).flip(0), size=batch"),
        (CONDITIONAL,),
    ),
    Fault(
        "10_generator_pays_for_another_order",
        CHAPTER,
        in_code("generator_loss(critic(fake, label))", "generator_loss(critic(fake, label.flip(0)))"),
        (STEPS,),
    ),
    Fault(
        "10_judged_among_all_classes",
        RECIPES,
        edit("neighbourhoods(real[labels == k], fake", "neighbourhoods(real, fake"),
        (JUDGED,),
    ),
    Fault(
        "10_worst_class_is_the_best",
        RECIPES,
        edit("min(values) for name, values", "max(values) for name, values"),
        (JUDGED,),
    ),
)
