"""What a reader takes home: the notebooks as they were written, alone or in a zip with all that they need."""

import zipfile
from pathlib import Path

BOOK = "gans-from-first-principles"
START = """\
# Generative Adversarial Networks from First Principles, to run at home

With Python 3.11 or newer, in the folder of this file:

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt -r requirements-lab.txt
    .venv/bin/python -m jupyterlab chapters

The second line fetches exactly the packages that the book was tested with, and takes some minutes. On Windows
write `py` for `python3`, and `.venv\\Scripts\\python` for `.venv/bin/python`.
"""
BESIDE = (
    "requirements.txt",
    "requirements-lab.txt",
    "pyproject.toml",
    "README.md",
    "CITATION.cff",
    "LICENSE",
    "LICENSE-TEXT",
)


def contents(root: Path) -> dict[str, bytes]:
    """Return {path in the zip: content}: library, executed notebooks, requirements, licences, START.md."""
    library = (path for path in sorted((root / "lib").rglob("*")) if path.is_file())
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in library
        if "__pycache__" not in path.parts and path.suffix != ".partial"
    }
    for path in sorted((root / "chapters").glob("*.ipynb")):
        files[f"chapters/{path.name}"] = (root / "_build" / "executed" / path.name).read_bytes()
    files |= {name: (root / name).read_bytes() for name in BESIDE}
    return files | {"START.md": START.encode()}


def pack(files: dict[str, bytes], target: Path) -> None:
    """Write the files into a zip, all in one folder; the same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{BOOK}/{name}")
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def take_away(html: Path, root: Path) -> None:
    """Put the zip into the site, and the plain notebooks where its pages offer a download."""
    pack(contents(root), html / "_static" / f"{BOOK}.zip")
    for path in sorted((root / "chapters").glob("*.ipynb")):
        # Sphinx has put the dressed notebook there, whose directives only Sphinx understands.
        (html / "_sources" / path.name).write_bytes((root / "_build" / "executed" / path.name).read_bytes())


def offer(app, pagename: str, template: str, context: dict, doctree) -> None:
    """Add the zip to the menu of downloads in the head of each page."""
    for button in context.get("header_buttons", ()):
        if button.get("label") == "download-buttons":
            button["buttons"].append(
                {
                    "type": "link",
                    "url": context["pathto"](f"_static/{BOOK}.zip", 1),
                    "text": "The whole book",
                    "tooltip": "Notebooks, library and requirements in one zip",
                    "icon": "fas fa-file-zipper",
                    "label": "download-book-button",
                }
            )
