"""Which code made a chapter's outputs: a digest of its cells, the library they reach and the requirements.

The outputs of a chapter are stale as soon as any of these changes what it does. Prose, alt text, comments and
docstrings do nothing, and of the ledger only the entries count that the chapter speaks of.
"""

import ast
import fnmatch
import hashlib
import json
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from lib.syntax import structure, without_docstrings

ROOT = Path(__file__).resolve().parents[2]
LEDGER = "lib/ledger.toml"
DRAWING = (".js", ".css")  # an explorer is one module: all parts in its folder belong to it


@dataclass(frozen=True)
class Mentions:
    """What one piece of Python code speaks of: modules, string literals and plain names."""

    modules: frozenset[str]
    strings: frozenset[str]
    names: frozenset[str]


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook in `path`. ValueError where two cells share an id: nbformat would rename one at random."""
    try:
        ids = [cell.get("id") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is not a notebook ({error}); restore it from git") from error
    twice = sorted({name for name in ids if name and ids.count(name) > 1})
    if twice:
        raise ValueError(f"{path.name}: more than one cell has the id {', '.join(twice)}; give each its own")
    return nbformat.read(path, as_version=4)


def code_of(notebook: Path) -> list[str]:
    """The sources of the code cells, in order."""
    return [cell.source for cell in read_notebook(notebook).cells if cell.cell_type == "code"]


def mentions(code: str, package: str = "") -> Mentions:
    """The modules that `code`, which lives in `package`, imports; its strings; its names."""
    try:
        tree = ast.parse(code)
    except SyntaxError:  # the kernel, or the linter, will report it with its place
        return Mentions(frozenset(), frozenset(), frozenset())
    modules, strings, names = set(), set(), set()
    for node in ast.walk(without_docstrings(tree)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            kept = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*kept, *([node.module] if node.module else [])])
            modules |= {base} | {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node.value)
        elif isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
    names |= {module.rpartition(".")[2] for module in modules}
    return Mentions(frozenset(modules), frozenset(strings), frozenset(names))


@lru_cache(maxsize=256)
def _mentions_of_file(path: Path, package: str, stamp: tuple[int, int]) -> Mentions:
    return mentions(path.read_text(encoding="utf-8"), package)


def _mentions_of_cells(sources: list[str]) -> list[Mentions]:
    transform = TransformerManager().transform_cell  # `%` and `!` lines become calls, which parse
    return [mentions(transform(source)) for source in sources]


def _file_of(module: str, root: Path) -> Path | None:
    path = root.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _with_parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def library_modules(sources: list[str], root: Path = ROOT) -> dict[str, Path]:
    """The modules of `lib` that the cells import, directly or through one another, with their files."""
    found: dict[str, Path] = {}
    waiting = [m for said in _mentions_of_cells(sources) for m in said.modules | said.strings]
    while waiting:
        name = waiting.pop()
        if name != "lib" and not name.startswith("lib."):
            continue
        for module in _with_parents(name):
            path = _file_of(module, root)
            if path is None or module in found:
                continue
            found[module] = path
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            status = path.stat()
            said = _mentions_of_file(path, package, (status.st_mtime_ns, status.st_size))
            waiting += said.modules | said.strings
    return found


def _names_file(text: str, relative: Path) -> bool:
    """Whether a string literal names this file: by its name, its stem, the end of its path, or a pattern."""
    if not text or "\n" in text or len(text) > 200:
        return False
    path = relative.as_posix()
    ends = path == text or path.endswith("/" + text) or relative.stem == text
    return ends or ("*" in text and len(text) > 1 and fnmatch.fnmatch(relative.name, text))


def library_data(sources: list[str], modules: dict[str, Path], root: Path = ROOT) -> list[Path]:
    """The other files of `lib` that this code reaches: a style, a script, stored results.

    A data file counts when a string of the code names it; if it lies in a package, the code must reach that
    package too. A script or style sheet counts with the package whose folder holds it: every explorer has an
    `explorer.js` with parts beside it, and a chapter depends on its own.
    """
    said = _mentions_of_cells(sources)
    for path in modules.values():
        said.append(_mentions_of_file(path, "lib", (path.stat().st_mtime_ns, path.stat().st_size)))
    strings = frozenset().union(*(s.strings for s in said))
    chosen = []
    for path in sorted((root / "lib").rglob("*")):
        unfinished = path.suffix in (".partial", ".writing") or path.name.startswith(".")
        if not path.is_file() or path.suffix == ".py" or "__pycache__" in path.parts or unfinished:
            continue
        packaged = (path.parent / "__init__.py").is_file()
        reached = _package_of(path.parent, root) in modules
        if path.suffix in DRAWING:
            chosen += [path] if reached else []
        elif (reached or not packaged) and any(_names_file(text, path.relative_to(root)) for text in strings):
            chosen.append(path)
    return [path for path in chosen if path.relative_to(root).as_posix() != LEDGER]


def _package_of(folder: Path, root: Path) -> str:
    """The innermost package that holds this folder."""
    while folder != root / "lib" and not (folder / "__init__.py").is_file():
        folder = folder.parent
    return ".".join(folder.relative_to(root).parts)


def _entries(sources: list[str], root: Path) -> Iterator[str]:
    """The entries of the ledger whose identifiers stand in the cells, each as one line."""
    path = root / LEDGER
    if not path.is_file():
        return
    said = frozenset().union(*(s.strings for s in _mentions_of_cells(sources)))
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    for row in (*tables.get("entry", ()), *tables.get("supplement", ())):
        if row["id"] in said:
            yield json.dumps(row, sort_keys=True)


def _requirements(root: Path) -> list[str]:
    """The lines of requirements.txt that ask for something."""
    path = root / "requirements.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return sorted(filter(None, (line.partition("#")[0].strip() for line in lines)))


def _content(path: Path) -> bytes:
    if path.suffix == ".py":
        return structure(path.read_text(encoding="utf-8")).encode()
    return path.read_bytes().replace(b"\r\n", b"\n")  # a checkout on Windows changes line ends, not code


def fingerprint(notebook: Path, root: Path = ROOT) -> str:
    """The digest (16 hexadecimal digits) of all code that makes the outputs of `notebook`."""
    sources = code_of(notebook)
    modules = library_modules(sources, root)
    digest = hashlib.sha256()
    transform = TransformerManager().transform_cell
    for source in sources:
        digest.update(b"\0cell\0" + structure(transform(source)).encode())
    for path in sorted([*modules.values(), *library_data(sources, modules, root)]):
        digest.update(f"\0{path.relative_to(root).as_posix()}\0".encode() + _content(path))
    for line in (*_entries(sources, root), *_requirements(root)):
        digest.update(b"\0" + line.encode())
    return digest.hexdigest()[:16]


def data_digest(notebook: Path, root: Path = ROOT) -> str:
    """The digest of those sets in the folder `$BOOK_DATA` that the chapter's code speaks of; "" without any.

    A set in the folder `fashion-mnist` is used by code that says `fashion_mnist`.
    """
    folder = Path(os.environ.get("BOOK_DATA") or os.devnull)
    if not folder.is_dir():
        return ""
    sources = code_of(notebook)
    said = _mentions_of_cells(sources)
    for module, path in library_modules(sources, root).items():
        if module != "lib.data":  # it defines every set, which is not to use them
            said.append(_mentions_of_file(path, "lib", (path.stat().st_mtime_ns, path.stat().st_size)))
    names = frozenset().union(*(s.names for s in said))
    digest = hashlib.sha256()
    used = [s for s in sorted(folder.iterdir()) if s.is_dir() and s.name.replace("-", "_") in names]
    for path in (p for s in used for p in sorted(s.rglob("*")) if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16] if used else ""
