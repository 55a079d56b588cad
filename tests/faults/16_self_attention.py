"""Faults in self-attention: in the chapter, in the block, in the networks and in the twins."""

from faults.planting import FRESH, Fault, edit, in_code

CHAPTER = "chapters/16_self_attention.ipynb"
BLOCK, NETWORKS = "lib/attention.py", "lib/networks/sagan.py"
TWINS, GAMES = "lib/experiments/twins.py", "lib/experiments/attentive.py"
BY_CLASS = "lib/networks/classwise.py"
BLOCKS, SIZES = "tests/unit/test_attention.py", "tests/unit/test_sagan.py"
LAWS, RUNS = "tests/unit/test_twins.py", "tests/unit/test_recipes_16.py"
DUELS, WATCHED = "lib/experiments/twin_games.py", "lib/experiments/watched_twins.py"
LONGER = "tests/unit/test_recipes_16_plane.py"
MAP, EXPLORER = "lib/explorers/attention_map", "tests/site/test_explorer_attention_map.py"
OF_DIGITS, MAPS = "tests/site/test_explorer_attention_digits.py", "tests/unit/test_watching_digits.py"

FAULTS = (
    Fault(
        "16_softmax_over_those_who_ask",
        CHAPTER,
        in_code("beta = torch.softmax(scores, dim=0).T", "beta = torch.softmax(scores, dim=1).T"),
        (FRESH,),
    ),
    Fault(
        "16_gate_left_open",
        CHAPTER,
        in_code("return x + gamma * Wv @ heard, beta", "return x + Wv @ heard, beta"),
        (FRESH,),
    ),
    Fault(
        "16_own_strides_counted",
        CHAPTER,
        in_code("for *_, t in chain[:m]]", "for *_, t in chain[: m + 1]]"),
        (FRESH,),
    ),
    Fault(
        "16_energy_without_its_two",
        CHAPTER,
        in_code("return 2 * torch.cdist(x, y).mean()", "return torch.cdist(x, y).mean()"),
        (FRESH,),
    ),
    Fault(
        "16_places_that_ask_speak",
        CHAPTER,
        in_code("dim=0) * v[:, None]).sum(dim=0)", "dim=0) * v[None, :]).sum(dim=0)"),
        (FRESH,),
    ),
    Fault(
        "16_coins_that_agree_too_often",
        CHAPTER,
        in_code("coins = [a * b, a * (1 - b),", "coins = [a * b, b * (1 - b),"),
        (FRESH,),
    ),
    Fault(
        "16_coins_compared_with_those_who_differ",
        CHAPTER,
        in_code(".ravel() - [0.5, 0, 0, 0.5]", ".ravel() - [0, 0.5, 0.5, 0]"),
        (FRESH,),
    ),
    Fault(
        "16_shuffled_place_by_place",
        CHAPTER,
        in_code(
            "strangers[:, 16:] = strangers[torch.randperm(4096, generator=draw), 16:]",
            "strangers[:, 16:] = strangers[torch.rand(4096, 16, generator=draw).argsort(dim=0),"
            " torch.arange(16, 32)]",
        ),
        (FRESH,),
    ),
    Fault(
        "16_wrong_axis_in_the_block", BLOCK, edit("scores.softmax(dim=2)", "scores.softmax(dim=1)"), (BLOCKS,)
    ),
    Fault(
        "16_rows_not_side_by_side",
        BLOCK,
        edit("[2])).contiguous()[:, None]", "[2]))[:, None]"),
        (BLOCKS,),
    ),
    Fault("16_scores_divided", BLOCK, edit("value, scale=1.0)", "value)"), (BLOCKS,)),
    Fault("16_gate_open_at_the_start", BLOCK, edit("torch.zeros(()))", "torch.ones(()))"), (BLOCKS,)),
    Fault(
        "16_residual_lost",
        BLOCK,
        edit("return x + self.gamma *", "return self.gamma *"),
        (BLOCKS,),
    ),
    Fault(
        "16_class_not_projected",
        NETWORKS,
        edit(" + (self.classes(label) * seen).sum(dim=1)", ""),
        (SIZES,),
    ),
    Fault(
        "16_one_scale_for_all_classes",
        BY_CLASS,
        edit("self.classes, -1)[label]", "self.classes, -1)[label * 0]"),
        (SIZES,),
    ),
    Fault(
        "16_signs_drawn_for_each_twin",
        TWINS,
        edit(
            "        for block in self.blocks:\n",
            "        for block in self.blocks:\n            sign = -sign\n",
        ),
        (LAWS,),
    ),
    Fault(
        "16_blocks_taken_out_of_the_wrong_arm",
        GAMES,
        edit("        if not attention:\n", "        if attention:\n"),
        (RUNS,),
    ),
    Fault(
        "16_gaussians_too_narrow",
        GAMES,
        edit("/ math.sqrt(len(own) - 1)", "/ math.sqrt(len(own) + 1)"),
        (RUNS,),
    ),
    Fault(
        "16_rates_exchanged",
        GAMES,
        edit("= (4e-4, 1e-4), (0.0, 0.9)", "= (1e-4, 4e-4), (0.0, 0.9)"),
        (RUNS,),
    ),
    Fault(
        "16_the_critic_moves_once",
        DUELS,
        edit("critic_steps=self.critic_steps,", "critic_steps=1,"),
        (LONGER,),
    ),
    Fault(
        "16_haste_for_both",
        DUELS,
        edit(
            "            critic_steps=self",
            "            optimizer=adam(self.haste * 1.2e-3, BETAS), critic_steps=self",
        ),
        (LONGER,),
    ),
    Fault(
        "16_looks_come_too_late",
        WATCHED,
        edit("moves // LOOKS - 1", "moves // LOOKS"),
        (LONGER,),
    ),
    Fault(
        "16_only_agreement_is_large",
        WATCHED,
        edit('max(abs(each["covariance"])', 'max((each["covariance"])'),
        (LONGER,),
    ),
    Fault(
        "16_explorer_softmax_that_overflows",
        f"{MAP}/generators.js",
        edit("Math.exp(row[i] - top)", "Math.exp(row[i])"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_table_of_who_is_asked",
        f"{MAP}/generators.js",
        edit("asks[at + j] * has[at + i]", "asks[at + i] * has[at + j]"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_wide_windows_narrow",
        f"{MAP}/generators.js",
        edit("(tap - 1) * step]", "tap - 1]"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_gate_that_does_not_shut",
        f"{MAP}/generators.js",
        edit("attentive && !shut ?", "attentive ?"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_covariance_without_means",
        f"{MAP}/judging.js",
        edit(" - first * second;", ";"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_one_twin_elects",
        f"{MAP}/judging.js",
        edit("if (Math.min(...given) > found.gives)", "if (Math.max(...given) > found.gives)"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_dots_of_the_first_line",
        f"{MAP}/generators.js",
        edit("+ places[k]]", "+ places[0]]"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_one_turned_counts_as_both",
        f"{MAP}/judging.js",
        edit(
            "both: count(([left, right]) => left && right)", "both: count(([left, right]) => left || right)"
        ),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_lines_counted_from_below",
        f"{MAP}/lines.js",
        edit("SHOWN - Math.floor(up)", "1 + Math.floor(up)"),
        (EXPLORER,),
    ),
    Fault(
        "16_explorer_levels_cut_off",
        "lib/experiments/watching.py",
        edit("np.abs(values).max() / _LEVELS", "np.abs(values).max() / 256"),
        ("tests/unit/test_watching.py",),
    ),
    Fault(
        "16_explorer_greys_exchanged_in_their_byte",
        f"{MAP}/maps.js",
        edit("pair & 15 : pair >> 4", "pair >> 4 : pair & 15"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_explorer_digit_table_of_who_is_asked",
        f"{MAP}/maps.js",
        edit("level(0, c, j) * level(1, c, i)", "level(0, c, i) * level(1, c, j)"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_explorer_scale_counted_once",
        f"{MAP}/maps.js",
        edit("row[i] += scale ** 2 *", "row[i] += scale *"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_explorer_places_counted_from_below",
        f"{MAP}/digits.js",
        edit("[across, SIDE - up]", "[across, up]"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_explorer_heat_of_another_row",
        f"{MAP}/digits.js",
        edit("heat.set(row, full)", "heat.set([...row].reverse(), full)"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_explorer_quarter_with_least_ink",
        f"{MAP}/maps.js",
        edit("sums[other] - sums[one]", "sums[one] - sums[other]"),
        (OF_DIGITS,),
    ),
    Fault(
        "16_mirrored_one_place_too_far",
        "lib/experiments/watching_digits.py",
        edit("column[:, None] + column == side - 1", "column[:, None] + column == side"),
        (MAPS,),
    ),
    Fault(
        "16_keys_packed_with_the_range_of_queries",
        "lib/experiments/watching_digits.py",
        edit("(ranges[0] * ranges[1]).sqrt()", "ranges[0]"),
        (MAPS,),
    ),
)
