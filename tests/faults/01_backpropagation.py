"""Faults in chapter 1 and its explorer: small, plausible, and each noticed by one of its checks."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER, LIBRARY, TRAININGS = (
    "chapters/01_backpropagation.ipynb",
    "lib/backprop.py",
    "lib/experiments/chapter_01.py",
)
STEPS, UNIT, RECIPES = (
    "tests/notebooks/test_steps_01.py",
    "tests/unit/test_backprop.py",
    "tests/unit/test_recipes_01.py",
)
HERE, EXPLORER = "lib/explorers/backprop_network", "tests/site/test_explorer_backprop_network.py"

FAULTS = (
    Fault(
        "backprop_slope_at_the_output",
        LIBRARY,
        edit("activation.slope(trace[layer - 1].h)", "activation.slope(trace[layer - 1].a)"),
        (UNIT,),
    ),
    Fault(
        "backprop_mean_lost",
        LIBRARY,
        edit("lambda a, y: (a - y) / len(a))", "lambda a, y: a - y)"),
        (UNIT,),
    ),
    Fault(
        "backprop_biases_decay",
        LIBRARY,
        edit("bias - lr * gradient.bias", "(1 - lr * decay) * bias - lr * gradient.bias"),
        (UNIT,),
    ),
    Fault(
        "backprop_relu_slides_at_zero",
        LIBRARY,
        edit("lambda h: (h > 0).astype(float)", "lambda h: (h >= 0).astype(float)"),
        (UNIT,),
    ),
    Fault(
        "backprop_one_image_on_both_sides",
        TRAININGS,
        edit("Split(x[:-HELD_OUT], y[:-HELD_OUT]", "Split(x[: 1 - HELD_OUT], y[: 1 - HELD_OUT]"),
        (RECIPES,),
    ),
    Fault(
        "backprop_decay_of_another_weight",
        CHAPTER,
        in_code("hidden_W[j, k] += decay * W[2][j, k]", "hidden_W[j, k] += decay * W[3][0, j]"),
        (STEPS, FRESH),
    ),
    Fault(
        "backprop_index_of_the_sender",
        CHAPTER,
        in_code("W[3][0, j] * slope_hidden[j] * x[k]", "W[3][0, k] * slope_hidden[j] * x[k]"),
        (STEPS, FRESH),
    ),
    Fault(
        "backprop_accumulator_left_empty",
        CHAPTER,
        in_code("(0 if slip else grad_W[k])", "(grad_W[k] if slip else 0)"),
        (STEPS, FRESH),
    ),
    Fault(
        "backprop_first_mean_is_unfair_once",
        CHAPTER,
        in_code("square / (1 - beta2**step)", "square / (1 - beta2)"),
        (STEPS, FRESH),
    ),
    Fault(
        "backprop_judged_by_training_images",
        CHAPTER,
        in_code(
            "judged.append(accuracy(network, held_out))",
            "judged.append(accuracy(network, training))",
        ),
        (STEPS,),
    ),
    Fault(
        "backprop_gradients_never_cleared",
        CHAPTER,
        in_code("optimizer.zero_grad()\n        ((missed", "((missed"),
        (FRESH,),
    ),
    Fault(
        "backprop_softmax_table_sign",
        CHAPTER,
        in_code("np.diag(p) - np.outer(p, p)", "np.diag(p) + np.outer(p, p)"),
        (FRESH,),
    ),
    Fault(
        "backprop_quotient_not_halved",
        CHAPTER,
        in_code(
            "(sg(where + step) - sg(where - step)) / (2 * step)",
            "(sg(where + step) - sg(where - step)) / step",
        ),
        (FRESH,),
    ),
    Fault(
        "backprop_all_neurons_detached",
        CHAPTER,
        in_code(
            "torch.where(torch.arange(4) == i, h4, h4.detach())",
            "torch.where(torch.arange(4) != i, h4, h4.detach())",
        ),
        (FRESH,),
    ),
    Fault(
        "network_miss_sign",
        f"{HERE}/formulas.js",
        edit('words: "the miss", value: a - y,', 'words: "the miss", value: y - a,'),
        (EXPLORER,),
    ),
    Fault(
        "network_index_lost",
        f"{HERE}/formulas.js",
        edit('const passing = wrong === "wrong_weight" ? k : j;', "const passing = k ?? j;"),
        (EXPLORER,),
    ),
    Fault(
        "network_quotient_doubled",
        f"{HERE}/network.js",
        edit("(at(EPSILON) - at(-EPSILON)) / (2 * EPSILON)", "(at(EPSILON) - at(-EPSILON)) / EPSILON"),
        (EXPLORER,),
    ),
    Fault(
        "network_step_up",
        f"{HERE}/formulas.js",
        edit("- rate * derivative(", "+ rate * derivative("),
        (EXPLORER,),
    ),
    Fault(
        "network_bar_sign",
        f"{HERE}/panels.js",
        edit("bar.set(0, 0.82, analytic, 0.18);", "bar.set(0, 0.82, -analytic, 0.18);"),
        (EXPLORER,),
    ),
    Fault(
        "network_explorer_sign",
        f"{HERE}/explorer.js",
        edit("start + share * (end - start)", "start - share * (end - start)"),
        (EXPLORER,),
    ),
)
