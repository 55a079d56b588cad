"""Faults in deep autoencoders: in the chapter, in its recipes, in the networks and in its exercises."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/04_deep_autoencoders.ipynb"
CODERS, PLANES = "lib/experiments/coders.py", "lib/experiments/planes.py"
STEPS, UNIT = "tests/notebooks/test_steps_04.py", "tests/unit/test_deep_autoencoders.py"

FAULTS = (
    Fault(
        "bends_not_subtracted",
        CHAPTER,
        in_code("bends = np.diff(directions, axis=0, prepend=0)", "bends = directions"),
        (STEPS, FRESH),
    ),
    Fault(
        "penalty_on_the_length",
        CHAPTER,
        in_code("penalty * a.square().sum(dim=1).mean()", "penalty * a.norm(dim=1).mean()"),
        (STEPS, FRESH),
    ),
    Fault(
        "decay_of_the_encoder",
        CHAPTER,
        in_code("decay * squares_of(decoder)", "decay * squares_of(encoder)"),
        (STEPS, FRESH),
    ),
    Fault(
        "decoder_biases_stretched",
        CHAPTER,
        in_code("small.body[-1].bias.div_(t)", "small.body[-1].bias.div_(1)"),
        (FRESH,),
    ),
    Fault(
        "noise_not_stretched",
        CHAPTER,
        in_code("old_decoder(old_encoder(x_) + t * s * xi)", "old_decoder(old_encoder(x_) + s * xi)"),
        (FRESH,),
    ),
    Fault(
        "decay_counts_the_biases",
        CHAPTER,
        in_code(
            "each.weight.square().sum() for each in network.body[::2]",
            "each.square().sum() for each in network.parameters()",
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "interval_without_the_root",
        CHAPTER,
        in_code(
            "runs.std(axis=1, ddof=1) / np.sqrt(runs.shape[1])", "runs.std(axis=1, ddof=1) / runs.shape[1]"
        ),
        (STEPS, FRESH),
    ),
    Fault(
        "noise_stirs_the_batches",
        CODERS,
        edit("channel(a, spoil))", "channel(a, draw))"),
        (UNIT, STEPS),
    ),
    Fault(
        "settings_chosen_on_the_judging_half",
        "lib/experiments/choosing.py",
        edit("images, _, labels, _ = digits_halves()", "_, images, _, labels = digits_halves()"),
        (UNIT,),
    ),
    Fault(
        "grid_read_across",
        PLANES,
        edit("for a, b in ((low, high), (high, low)))", "for a, b in ((low, high), (high, high)))"),
        (UNIT,),
    ),
    Fault(
        "the_seven_at_zero",
        PLANES,
        edit("alpha * ends[0] + (1 - alpha) * ends[1]", "alpha * ends[0] + alpha * ends[1]"),
        (UNIT,),
    ),
    Fault(
        "ends_count_as_neighbours",
        PLANES,
        edit("distances[torch.arange(len(points)), places] = torch.inf", "pass"),
        (UNIT,),
    ),
    Fault(
        "labels_of_the_other_half",
        "lib/experiments/retrieval.py",
        edit("_, _, gallery_labels, query_labels", "_, _, query_labels, gallery_labels"),
        (UNIT,),
    ),
    Fault(
        "layer_below_never_passed_on",
        "lib/experiments/layerwise.py",
        edit("            x = layer(x)\n", "            layer(x)\n"),
        (UNIT,),
    ),
)
