"""Python code as text that says what the code does: neither comments nor docstrings nor layout change it."""

import ast


def structure(code: str) -> str:
    """The syntax tree of `code` without docstrings, as text that is the same in every version of Python.

    `ast.dump` is not: which empty fields it writes has changed. What is no Python is returned as it is, since
    the kernel, or the linter, will report it with its place.
    """
    try:
        return _written(without_docstrings(ast.parse(code)))
    except SyntaxError:
        return code


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The tree without the strings that only explain a module, class or function."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and body:
            first = body[0].value if isinstance(body[0], ast.Expr) else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                del body[0]
    return tree


def _written(node: object) -> str:
    """A node as text: what is empty is left out, and fields stand in the order of their names."""
    if isinstance(node, ast.AST):
        fields = ((name, _written(value)) for name, value in ast.iter_fields(node) if value not in (None, []))
        return f"{type(node).__name__}({', '.join(f'{name}={text}' for name, text in sorted(fields))})"
    if isinstance(node, list):
        return f"[{', '.join(map(_written, node))}]"
    return repr(node)
