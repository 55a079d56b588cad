"""What a committed chapter must satisfy: each rule takes a notebook and returns its complaints, if any.

A rule that cannot fail would be worthless; test_lint_itself.py shows each of them a notebook that breaks it.
"""

from collections.abc import Callable

from nbformat import NotebookNode

import check_rules
import code_rules
import output_rules
from prose_rules import PROSE_RULES

Rule = Callable[[NotebookNode], list[str]]

RULES: tuple[Rule, ...] = (
    code_rules.format_version,
    code_rules.cell_ids,
    code_rules.is_python,
    code_rules.magics,
    code_rules.trailing_semicolon,
    code_rules.size,
    code_rules.no_walls,
    code_rules.visible_code_stands_alone,
    code_rules.colour_literals,
    check_rules.relative_tolerance,
    check_rules.bounds_bite,
    output_rules.execution_counts,
    output_rules.stored_errors,
    output_rules.unused_raises_exception,
    output_rules.stray_outputs,
    output_rules.claims_are_compared,
    output_rules.alt_text,
    output_rules.blank_figures,
    output_rules.finite_numbers,
    output_rules.machine_paths,
    *PROSE_RULES,
)
