"""Rules about what a chapter's author writes: its cells, their names, their code."""

import ast
import re

from IPython.core.inputtransformer2 import TransformerManager
from matplotlib.colors import is_color_like
from nbformat import NotebookNode

from reading import HIDDEN, called, code_cells, parsed, tags

# The only line of that kind a chapter may hold, as IPython rewrites it.
MAGICS = ("get_ipython().run_line_magic('matplotlib', 'inline')",)
VISIBLE_LINES, PHYSICAL_LINES, CODE_CELLS = 16, 30, 54
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-?[0-9a-f]{12})?|[0-9a-f]{12,}")
HEX_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8}|[0-9a-fA-F]{3,4})")
COLOUR_ARGUMENTS = {"c", "color", "colors", "ec", "ecolor", "edgecolor", "edgecolors", "fc", "facecolor"}
COLOUR_ARGUMENTS |= {"facecolors", "labelcolor", "markeredgecolor", "markerfacecolor", "mec", "mfc"}
PLOTS = {"plot", "semilogx", "semilogy", "loglog", "errorbar"}
MARKS = r"[-:.,ov^<>12348spP*hH+xXdD|_]*"
COLOURED_FORMAT = re.compile(rf"{MARKS}([bgrcmykw]|C\d){MARKS}")  # such as "k--"


def format_version(notebook: NotebookNode) -> list[str]:
    """The file format that has cell ids, so that tools do not invent new ones."""
    version = (notebook.nbformat, notebook.nbformat_minor)
    return [] if version == (4, 5) else [f"notebook format {version[0]}.{version[1]}, expected 4.5"]


def cell_ids(notebook: NotebookNode) -> list[str]:
    """Identifiers that are unique and mean something, since links and tests refer to them."""
    complaints, seen = [], set()
    for cell in notebook.cells:
        name = cell.get("id", "")
        if name in seen:
            complaints.append(f"cell id {name!r} occurs twice")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or RANDOM_ID.fullmatch(name):
            complaints.append(f"cell id {name!r}: give it readable lower-case words joined by hyphens")
        seen.add(name)
    return complaints


def is_python(notebook: NotebookNode) -> list[str]:
    """Every code cell parses."""
    return [f"cell {cell.id}: does not parse" for cell in code_cells(notebook) if parsed(cell) is None]


def magics(notebook: NotebookNode) -> list[str]:
    """No `%` or `!` lines: an unknown magic swallows the rest of its cell, a command may fail unnoticed."""
    complaints = []
    for cell in code_cells(notebook):
        lines = TransformerManager().transform_cell(cell.source).splitlines()
        found = [line.strip() for line in lines if "get_ipython()" in line]
        complaints += [f"cell {cell.id}: not Python: {line}" for line in found if line not in MAGICS]
    return complaints


def trailing_semicolon(notebook: NotebookNode) -> list[str]:
    """No cell ends in `;` to hide what it returns."""
    return [f"cell {c.id}: ends in `;`" for c in code_cells(notebook) if c.source.rstrip().endswith(";")]


def visible_lines(cell: NotebookNode) -> int:
    """The lines of a cell that are not blank; a claim is one sentence, however the formatter breaks it."""
    tree = parsed(cell) or ast.Module([], [])
    claims = [node for node in tree.body if isinstance(node, ast.Expr) and called(node.value) == "claim"]
    broken = {line for node in claims for line in range(node.lineno + 1, node.end_lineno + 1)}
    lines = enumerate(cell.source.splitlines(), start=1)
    return sum(bool(line.strip()) and number not in broken for number, line in lines)


def size(notebook: NotebookNode) -> list[str]:
    """Code short enough to read in a lecture."""
    cells = list(code_cells(notebook))
    complaints = [
        f"cell {cell.id}: {lines} visible lines; at most {VISIBLE_LINES}, or hide its input"
        for cell in cells
        if not tags(cell) & HIDDEN and (lines := visible_lines(cell)) > VISIBLE_LINES
    ]
    read = [cell for cell in cells if not tags(cell) & HIDDEN and not cell.id.startswith("exercise-")]
    if len(read) > CODE_CELLS:
        complaints.append(
            f"{len(read)} code cells besides figures and exercises; at most {CODE_CELLS} fit in an hour"
        )
    return complaints


def no_walls(notebook: NotebookNode) -> list[str]:
    """No visible cell is a wall: a claim is one sentence, but broken into many lines it hides the others."""
    remedy = "name what is measured in a short line above, so that a claim fits on one, or split the cell"
    return [
        f"cell {cell.id}: got {lines} physical lines, expected at most {PHYSICAL_LINES}. Remedy: {remedy}."
        for cell in code_cells(notebook)
        if not tags(cell) & HIDDEN and (lines := len(cell.source.splitlines())) > PHYSICAL_LINES
    ]


def _bound(tree: ast.Module) -> set[str]:
    """The names that a cell gives a meaning, arguments and loop variables included."""
    names = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return names


def visible_code_stands_alone(notebook: NotebookNode) -> list[str]:
    """No visible cell uses a name that only folded code defines: on the page it would come from nowhere."""
    complaints, visible, folded = [], set(), set()
    for cell in code_cells(notebook):
        tree = parsed(cell) or ast.Module([], [])
        own = _bound(tree)
        if tags(cell) & HIDDEN:
            folded |= own
            continue
        visible |= own
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        complaints += [
            f"cell {cell.id}: {name!r} comes from a folded cell; import or define it in sight"
            for name in sorted((used & folded) - visible)
        ]
    return complaints


def colour_literals(notebook: NotebookNode) -> list[str]:
    """Colours mean roles and come from the library; a chapter names the role."""
    return [
        f"cell {cell.id}: the colour {text!r}; take colours from lib.figures"
        for cell in code_cells(notebook)
        for node in ast.walk(parsed(cell) or ast.Module([], []))
        for text in _colours_in(node)
    ]


def _strings(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _colours_in(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and HEX_COLOUR.fullmatch(node.value):
        return [node.value]
    if isinstance(node, ast.keyword) and node.arg in COLOUR_ARGUMENTS:
        named = [text for text in _strings(node.value) if text != "none" and is_color_like(text)]
        return [text for text in named if not HEX_COLOUR.fullmatch(text)]
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PLOTS:
        formats = [text for argument in node.args for text in _strings(argument)]
        return [text for text in formats if COLOURED_FORMAT.fullmatch(text)]
    return []
