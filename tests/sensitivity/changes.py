"""Small changes of code that a sharp check notices: one operator, number, function or axis at a time."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

# Calls whose numbers are sizes, seeds and places to look at: other ones are another experiment, not an error.
SIZES = {"arange", "choice", "default_rng", "dirichlet", "expand", "eye", "full", "geomspace", "integers"}
SIZES |= {"islice", "linspace", "Linear", "manual_seed", "normal", "ones", "permuted", "print", "progress"}
SIZES |= {
    "rand",
    "randn",
    "random",
    "range",
    "repeat",
    "reshape",
    "sample",
    "seed",
    "tile",
    "uniform",
    "view",
}
SIZES |= {"zeros"}
# What a claim allows and what it is called; a wider tolerance is judged by the lint, not from here.
SAID = {"atol", "at_least", "at_most", "dtype", "label", "lr", "oracle", "rtol", "seed", "size"}
SAID |= {"standard_error", "what", "within"}
OTHER_FUNCTION = {
    **{"min": "max", "argmin": "argmax", "amin": "amax", "minimum": "maximum", "floor": "ceil"},
    **{"max": "min", "argmax": "argmin", "amax": "amin", "maximum": "minimum", "ceil": "floor"},
    **{"sum": "mean", "mean": "sum", "median": "mean", "cumsum": "cumprod", "any": "all", "all": "any"},
    **{"sin": "cos", "cos": "sin", "log": "log1p", "exp": "expm1", "softplus": "relu"},
}
DROPPED = {"abs", "detach", "sort", "sqrt"}
OTHER_OPERATOR = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
TURNED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
Variant = tuple[str, ast.expr]


@dataclass(frozen=True)
class Change:
    """One changed copy of a cell: which cell and line, its text, what was changed, the code to run."""

    cell: str
    line: int
    text: str
    name: str
    code: CodeType


def changes(cell: str, source: str) -> Iterator[Change]:
    """All small changes of a cell, in the order of its code."""
    tree, lines = ast.parse(source), source.splitlines()
    for parent, field, place, child in list(_open_places(tree)):
        for name, new in _variants(parent, child):
            _put(parent, field, place, ast.copy_location(new, child))
            code = compile(ast.fix_missing_locations(tree), f"<cell {cell}, {name}>", "exec")
            _put(parent, field, place, child)
            yield Change(cell, child.lineno, lines[child.lineno - 1].strip(), name, code)


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _open_places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Every expression below `node` that may be changed: its parent, and where that holds it."""
    for field, value in ast.iter_fields(node):
        if _closed(node, field):
            continue
        for place, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.expr):
                yield node, field, place, child
            if isinstance(child, ast.AST):
                yield from _open_places(child)


def _closed(node: ast.AST, field: str) -> bool:
    """Whether changes in this field would be another experiment, or words, rather than an error."""
    if isinstance(node, ast.Subscript):
        return field == "slice"
    if isinstance(node, ast.Call):
        return field != "func" and called(node) in SIZES
    if isinstance(node, ast.keyword):
        return node.arg in SAID
    return isinstance(node, ast.arguments | ast.JoinedStr | ast.Import | ast.ImportFrom)


def called(call: ast.Call) -> str:
    """The last name of the function that is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _variants(parent: ast.AST, node: ast.expr) -> Iterator[Variant]:
    """The names of the changes that fit an expression, and what stands in its place after each."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield "minus dropped", node.operand
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in TURNED:
        yield "comparison turned", ast.Compare(node.left, [TURNED[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield ".T dropped", node.value
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.Constant):
        yield from _of_number(parent, node)


def _of_operation(node: ast.BinOp) -> Iterator[Variant]:
    words = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    if other := OTHER_OPERATOR.get(type(node.op)) if not words else None:
        yield f"{SIGNS[type(node.op)]} → {SIGNS[other]}", ast.BinOp(node.left, other(), node.right)


def _of_call(node: ast.Call) -> Iterator[Variant]:
    name, method = called(node), isinstance(node.func, ast.Attribute)
    if other := OTHER_FUNCTION.get(name):
        function = (
            ast.Attribute(node.func.value, other, ast.Load()) if method else ast.Name(other, ast.Load())
        )
        yield f"{name} → {other}", ast.Call(function, node.args, node.keywords)
    if name in DROPPED and len(node.args) == 1 and not node.keywords:
        yield f"{name} dropped", node.args[0]
    elif name in DROPPED and method and not node.args:
        yield f".{name}() dropped", node.func.value


def _of_number(parent: ast.AST, node: ast.Constant) -> Iterator[Variant]:
    number = node.value
    if isinstance(parent, ast.keyword) and parent.arg in ("axis", "dim") and number in (0, 1):
        yield f"{parent.arg} {number} → {1 - number}", ast.Constant(1 - number)
    elif isinstance(parent, ast.BinOp) and type(number) in (int, float) and number:
        new = number + 1 if type(number) is int else number * 1.07
        yield f"{number:g} → {new:g}", ast.Constant(new)
