"""Which code made a stored result: a digest of the recipe's module and of the parts of `lib` that it imports.

A commit says too much, for most commits change nothing that a recipe uses, and too little where the tree had
changes. The digest is that of the syntax trees without their docstrings: comments and layout do not count.
"""

import ast
import datetime
import hashlib
import os
import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from lib.syntax import structure

ROOT = Path(__file__).resolve().parents[2]


def code_digest(module: str, root: Path = ROOT) -> str:
    """SHA-256 (64 hexadecimal digits) of what a module of `lib` runs, directly or through its imports.

    Raises FileNotFoundError for a module that is not below `root`.
    """
    if _file(module, root) is None:
        raise FileNotFoundError(
            f"module: got {module!r}, expected a module below {root}, such as lib.experiments.chapter_08."
        )
    digest, waiting, seen = hashlib.sha256(), [module], set()
    while waiting:
        name = waiting.pop()
        path = _file(name, root)
        if path is not None and name not in seen:
            seen.add(name)
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            waiting += _imported(ast.parse(path.read_text(encoding="utf-8")), package)
    for name in sorted(seen):
        code = structure(_file(name, root).read_text(encoding="utf-8"))
        digest.update(f"\0{name}\0{code}".encode())
    return digest.hexdigest()


def _file(module: str, root: Path) -> Path | None:
    """The file of a module of the library; None for what comes from elsewhere."""
    if module.partition(".")[0] != "lib":
        return None
    path = root.joinpath(*module.split("."))
    return next((p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()), None)


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    """The modules that a tree in `package` may import, and the packages in which they lie."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            kept = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*kept, *filter(None, [node.module])])
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[: k + 1]) for k in range(len(parts)))


def provenance(module: str) -> dict[str, str]:
    """Where, when and with what a result is made: code, commit, date, device, software."""

    def git(*arguments: str) -> str:
        line = ["git", "-C", str(Path(__file__).parent), *arguments]
        answer = subprocess.run(line, capture_output=True, text=True, check=False)
        return answer.stdout.strip()

    commit = git("rev-parse", "--quiet", "--verify", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--", "..", ":(exclude)results")
    return {
        "code": code_digest(module),
        "commit": commit + (" with uncommitted changes in lib" if changed else ""),
        "date": datetime.date.today().isoformat(),
        "device": f"CPU ({_processor()}), {os.cpu_count()} cores",
        "software": f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {np.__version__}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
