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
