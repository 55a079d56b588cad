"""The ledger, ``ledger.toml``: every statement of the five sources, and what the chapters assert of it."""

import ast
import difflib
import functools
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERDICTS = ("correct", "imprecise", "wrong", "supplied", "open")
KINDS = ("check", "prose")


class UnknownClaim(LookupError):
    """An identifier that stands nowhere in the ledger; the message names the nearest ones that do."""


@dataclass(frozen=True)
class Entry:
    """One statement as the book makes it, with what its source said and what had to be repaired."""

    id: str
    statement: str
    verdict: str
    kind: str
    source: str
    place: str
    source_said: str
    repair: str
    chapter: str

    @property
    def supplement(self) -> bool:
        """Whether the book adds this entry itself, instead of taking it from a source."""
        return self.id.startswith("X")


@functools.cache
def _read() -> dict[str, list[dict]]:
    return tomllib.loads(Path(__file__).with_name("ledger.toml").read_text(encoding="utf-8"))


@functools.cache
def _tables() -> dict[str, tuple[Entry, ...]]:
    tables = _read()
    return {name: tuple(Entry(**row) for row in tables[name]) for name in ("entry", "supplement")}


@functools.cache
def titles() -> dict[str, str]:
    """Every chapter's title by the stem of its file, in the order of the book, written or not."""
    return {row["stem"]: row["title"] for row in _read()["chapter"]}


def ledger() -> tuple[Entry, ...]:
    """The 190 statements of the five sources, by chapter and then by identifier."""
    return _tables()["entry"]


def supplements() -> tuple[Entry, ...]:
    """What the sources leave out and the book adds: the entries whose identifier begins with X."""
    return _tables()["supplement"]


def find(identifier: str) -> Entry:
    """The entry, or supplement, of this identifier; or `UnknownClaim` with the nearest names."""
    known = {entry.id: entry for entry in ledger() + supplements()}
    if identifier in known:
        return known[identifier]
    near = difflib.get_close_matches(str(identifier), known, n=4, cutoff=0.5)
    raise UnknownClaim(
        f"identifier={identifier!r} is not in lib/ledger.toml; "
        + (f"nearest: {', '.join(near)}." if near else "identifiers look like 'S2.49' or 'X04'.")
    )


@dataclass(frozen=True)
class Coverage:
    """What the chapters assert (identifier -> chapters), what they leave out, and what is wrong with them."""

    asserted: dict[str, tuple[str, ...]]
    chapters: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    unreadable: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """No unknown identifier, no unreadable cell, no checkable entry left out of a chapter that exists."""
        return not (self.unknown or self.missing or self.unreadable)


def coverage(folder: str | Path = "chapters") -> Coverage:
    """Compare every ``claim("ID", …)`` in the code cells of ``folder/*.ipynb`` with the ledger.

    An entry that can be checked has to be asserted in its own chapter as soon as that chapter's file exists
    and is no draft (`book.draft` in its metadata).
    Raises FileNotFoundError when the folder is not there.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"folder={str(folder)!r} is not a folder; give the one that holds the chapters."
        )
    notebooks = sorted(folder.glob("*.ipynb"))
    entries = {entry.id: entry for entry in ledger() + supplements()}
    asserted: dict[str, list[str]] = {}
    unknown, unreadable = [], []
    for notebook in notebooks:
        for cell, found in _identifiers(notebook):
            if isinstance(found, SyntaxError):
                unreadable.append(f"{notebook.name}, cell {cell}: {found.msg}")
            elif found not in entries:
                unknown.append(f"{notebook.name}, cell {cell}: {found}")
            elif notebook.stem not in asserted.setdefault(found, []):
                asserted[found].append(notebook.stem)
    drafts = {notebook.stem for notebook in notebooks if is_draft(notebook)}
    chapters = tuple(stem for stem in titles() if (folder / f"{stem}.ipynb").exists())
    missing = tuple(
        f"{entry.chapter}: {entry.id}"
        for entry in entries.values()
        if entry.kind == "check"
        and entry.chapter in chapters
        and entry.chapter not in drafts
        and entry.chapter not in asserted.get(entry.id, ())
    )
    return Coverage(
        {identifier: tuple(stems) for identifier, stems in asserted.items()},
        chapters,
        tuple(unknown),
        missing,
        tuple(unreadable),
    )


def is_draft(notebook: Path) -> bool:
    """Whether a chapter says of itself that it is not finished."""
    metadata = json.loads(notebook.read_text(encoding="utf-8")).get("metadata", {})
    return bool(metadata.get("book", {}).get("draft", False))


def _identifiers(notebook: Path) -> Iterator[tuple[str, str | SyntaxError]]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        name, source = cell.get("id", str(number)), "".join(cell["source"])
        # lines for IPython alone are no Python; blanking them keeps the rest of the cell readable
        lines = ["" if line.startswith(("%", "!")) else line for line in source.splitlines()]
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError as error:
            if "claim(" in source:
                yield name, error
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node.func) == "claim":
                yield name, _literal(node)


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _literal(call: ast.Call) -> str | SyntaxError:
    first = call.args[0] if call.args else None
    first = next((word.value for word in call.keywords if word.arg == "identifier"), first)
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return SyntaxError("the identifier of a claim must be a string written out in the call")
