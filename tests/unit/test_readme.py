"""The map in the README names, for every chapter there is, exactly the parts of the library it imports."""

import ast
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imported(notebook: Path) -> set[str]:
    """The modules of `lib` that the code cells import, by their dotted name below `lib`."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    found = set()
    for cell in cells:
        if cell["cell_type"] != "code" or cell["id"] == "bootstrap":
            continue
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "lib":
                for alias in node.names:
                    candidate = f"{node.module}.{alias.name}".removeprefix("lib.")
                    is_module = any(
                        (ROOT / "lib" / f"{candidate.replace('.', '/')}{end}").is_file()
                        for end in (".py", "/__init__.py")
                    )
                    found.add(candidate if is_module else node.module.removeprefix("lib."))
    return found


def test_the_map_lists_every_chapter_with_the_modules_it_imports():
    rows = re.findall(
        r"^\| \[.+?\]\((chapters/\S+?\.ipynb)\) \| (.+) \|$", (ROOT / "README.md").read_text(), re.M
    )
    mapped = {path: dict(re.findall(r"\[`(.+?)`\]\((.+?)\)", cells)) for path, cells in rows}
    chapters = {f"chapters/{path.name}": path for path in (ROOT / "chapters").glob("*.ipynb")}
    assert set(mapped) == set(chapters)
    for name, path in chapters.items():
        assert set(mapped[name]) == imported(path)
        assert all((ROOT / link).is_file() for link in mapped[name].values())


def test_every_local_link_of_the_readme_leads_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / "README.md").read_text())
    assert links and [link for link in links if not (ROOT / link).exists()] == []
