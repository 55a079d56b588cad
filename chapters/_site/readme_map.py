"""Write the map of the README: every chapter there is, and the modules of `lib` that its cells import.

python chapters/_site/readme_map.py     (`make map`)
"""

import ast
import re
from pathlib import Path

from chapter_titles import title
from fingerprint import ROOT, code_of

HEAD = "| chapter | uses directly |\n|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")


def _path(module: str, root: Path) -> str:
    """The file of a dotted name below `lib`, relative to the root; "" where there is none."""
    stem = f"lib/{module.replace('.', '/')}"
    return next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if (root / name).is_file()), "")


def imported(notebook: Path, root: Path = ROOT) -> dict[str, str]:
    """Return {module below `lib`: its file} for what the cells of a chapter import, in alphabetical order."""
    found = {}
    for source in code_of(notebook):
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] != "lib":
                continue
            for alias in node.names:
                candidates = (f"{node.module}.{alias.name}", node.module)
                names = (name.removeprefix("lib.") for name in candidates)
                name = next((name for name in names if _path(name, root)), "")
                found |= {name: _path(name, root)} if name else {}
    return dict(sorted(found.items()))


def table(root: Path = ROOT) -> str:
    """The table in Markdown, one row for each chapter."""
    rows = HEAD
    for path in sorted((root / "chapters").glob("*.ipynb")):
        uses = " ".join(f"[`{name}`]({file})" for name, file in imported(path, root).items())
        rows += f"| [{title(path)}](chapters/{path.name}) | {uses} |\n"
    return rows


def main() -> None:
    """Put the table where the old one stands; ValueError when the README has no table of that kind."""
    readme = ROOT / "README.md"
    text, found = TABLE.subn(lambda _: table(), readme.read_text(encoding="utf-8"))
    if found != 1:
        raise ValueError(
            f"README.md: got {found} tables that begin {HEAD!r}, expected 1. Remedy: restore it."
        )
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
