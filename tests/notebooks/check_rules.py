"""Rules about checks: that they can fail."""

import ast

from nbformat import NotebookNode

from reading import called, code_cells, parsed


def relative_tolerance(notebook: NotebookNode) -> list[str]:
    """Every `allclose` and `isclose` says its rtol: the default of 1e-5 drowns an atol of 1e-9."""
    return [
        f"cell {cell.id}: {ast.unparse(node)[:60]}… leaves rtol at its default; say which is meant"
        for cell in code_cells(notebook)
        for node in ast.walk(parsed(cell) or ast.Module([], []))
        if called(node) in ("allclose", "isclose") and not any(k.arg == "rtol" for k in node.keywords)
    ]


ROUNDING = 1e-8  # a bound as near to 0 as this allows for rounding and is not meant as a margin
IDLE = 1e3


def bounds_bite(notebook: NotebookNode) -> list[str]:
    """A claim of an inequality alone has a bound near what was measured: a thousandth of it asserts little.

    Beside an equality in the same cell a generous bound may stand: it is the equality that says how much.
    """
    complaints = []
    for cell in code_cells(notebook):
        found = [output.get("metadata", {}).get("claim", {}) for output in cell.outputs]
        if any(claim.get("form") in ("equality", "statistical") for claim in found):
            continue
        complaints += [
            f"cell {cell.id}: {claim['id']} measured {claim['measured']:.3g} and claims {claim['form']}"
            f" {claim['expected']:.3g}; take a bound that could be missed, or claim an equality beside it"
            for claim in found
            if claim.get("form") in ("at least", "at most") and _idle(**claim)
        ]
    return complaints


def _idle(form: str, measured: float, expected: float, **other: object) -> bool:
    """Whether a measurement lies on the safe side of its bound by a factor of a thousand."""
    if abs(expected) < ROUNDING or measured * expected < 0:
        return False  # a bound of 0 asserts a sign, and no factor leads past 0
    farther, nearer = (measured, expected) if (form == "at least") == (expected > 0) else (expected, measured)
    return abs(farther) > IDLE * abs(nearer)
