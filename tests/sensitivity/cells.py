"""A chapter whose cells are to be changed: the visible ones, and which of them need which."""

import ast
import builtins
import json
import numbers
import re
import symtable
import types
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
MADE = re.compile(r"default_rng\(|Generator\(|runtime\.seed\(")
ASIDE = ("exercise-", "explorer")  # cells that wait for the reader


@dataclass(frozen=True)
class Cell:
    """One code cell: its id, its source, whether it is tried; the names it takes, sets, and moves on.

    A generator of random numbers is moved on by every cell that takes it: without it, later ones draw others.
    """

    name: str
    source: str
    tried: bool
    reads: frozenset[str]
    writes: frozenset[str]
    moves: frozenset[str] = frozenset()


def chapter(number: int) -> Path:
    """The notebook of a chapter. SystemExit that names the chapters there are, if there is none."""
    found = sorted((ROOT / "chapters").glob(f"{number:02}_*.ipynb"))
    if not found:
        there = ", ".join(path.stem for path in sorted((ROOT / "chapters").glob("*.ipynb")))
        raise SystemExit(f"CHAPTER: got {number}, expected the number of one of: {there}.")
    return found[0]


def code_cells(notebook: Path) -> list[Cell]:
    """The code cells that run by themselves, so without exercises; those of figures are not tried.

    A folded cell whose output is compared holds claims, which notice what an open one would.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    cells = []
    for cell in content["cells"]:
        source = "".join(cell["source"])
        tags = set(cell["metadata"].get("tags", []))
        aside = cell["id"].startswith(ASIDE) or tags & {"remove-cell", "hide-cell"}
        if cell["cell_type"] == "code" and not aside and source.strip():
            source = TransformerManager().transform_cell(source)
            seen = not HIDDEN & tags or "nbval-check-output" in tags
            cells.append(Cell(cell["id"], source, seen, *_reads_and_writes(ast.parse(source))))
    generators = frozenset().union(*(_generators(ast.parse(cell.source)) for cell in cells))
    return [replace(cell, moves=cell.reads & generators) for cell in cells]


def _generators(tree: ast.Module) -> set[str]:
    """The names that are given a generator of random numbers in a cell."""
    made = [s for s in ast.walk(tree) if isinstance(s, ast.Assign) and MADE.search(ast.unparse(s.value))]
    targets = [node for statement in made for target in statement.targets for node in ast.walk(target)]
    return {node.id for node in targets if isinstance(node, ast.Name)}


def _reads_and_writes(tree: ast.Module) -> tuple[frozenset[str], frozenset[str]]:
    """The names a cell takes from the cells before it, and those it leaves to the cells after it."""
    reads, writes = _in_order(tree.body)
    return frozenset(name for name in reads if not hasattr(builtins, name)), frozenset(writes)


def _in_order(statements: list[ast.stmt]) -> tuple[set[str], set[str]]:
    """What statements read that none before them has set, and what they set."""
    reads, writes = set(), set()
    for statement in statements:
        reads |= _read_by(statement) - writes
        writes |= {
            s.get_name() for s in _table(statement).get_symbols() if s.is_assigned() or s.is_imported()
        }
    return reads, writes


def _table(node: ast.AST) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(node), "<statement>", "exec")


def _read_by(statement: ast.stmt) -> set[str]:
    """What a statement reads; the variable of a loop, and what its body has set before, are its own."""
    if isinstance(statement, ast.For):
        heads, targets, behind = [statement.iter], [statement.target], _in_order(statement.orelse)[0]
    elif isinstance(statement, ast.With):
        heads, behind = [item.context_expr for item in statement.items], set()
        targets = [item.optional_vars for item in statement.items if item.optional_vars]
    else:
        return _referenced(_table(statement)) | _added_to(statement)
    names = [node for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    reads = {node.id for node in names if isinstance(node.ctx, ast.Load)}  # as in `for x[k] in ...`
    return reads.union(behind, _in_order(statement.body)[0] - own, *(_referenced(_table(h)) for h in heads))


def _added_to(node: ast.AST) -> set[str]:
    """The names that a statement such as `x += 1` reads; what a function adds to is its own."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return set()
    adds = isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    own = {node.target.id} if adds else set()
    return own.union(*map(_added_to, ast.iter_child_nodes(node)))


def _referenced(table: symtable.SymbolTable) -> set[str]:
    """The global names that a piece of code refers to, inside its functions too."""
    top = table.get_type() == "module"
    names = {s.get_name() for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())}
    return names.union(*(_referenced(child) for child in table.get_children()))


def needed(cells: list[Cell], wanted: set[int]) -> list[int]:
    """The cells that must run, in order, so that the cells with the numbers `wanted` can run."""
    missing, kept = set(), []
    for k in reversed(range(len(cells))):
        if k in wanted or (cells[k].writes | cells[k].moves) & missing:
            kept.append(k)
            missing = (missing - cells[k].writes) | cells[k].reads
    return kept[::-1]


def after(cells: list[Cell], changed: int, stateful: frozenset[str]) -> list[int]:
    """The cells to run after a changed one: those that its names reach, and what these need from in between.

    `stateful` are names whose objects the changed cell may have moved on without giving them a new value.
    """
    tainted = set(cells[changed].writes) | (stateful & cells[changed].reads)
    reached = set()
    for k in range(changed + 1, len(cells)):
        if cells[k].reads & tainted:
            if cells[k].tried:
                reached.add(k)
            tainted |= cells[k].writes
        else:
            tainted -= cells[k].writes  # the name means something else from here on
    missing, kept = set(), []
    for k in range(len(cells) - 1, changed, -1):
        if k in reached or (cells[k].writes | cells[k].moves) & missing:
            kept.append(k)
            missing = (missing - cells[k].writes) | cells[k].reads
    return kept[::-1]


def supplied(cells: list[Cell], wanted: list[int], names: set[str]) -> list[int]:
    """Those of the `wanted` cells that find every name they take; where only some cells run, others do not.

    Without this the missing name would end a trial, and a change that nothing notices would count as noticed.
    """
    there, kept = set(names), []
    for k in wanted:
        if cells[k].reads - cells[k].writes <= there:  # a loop reads its own variable
            kept.append(k)
            there |= cells[k].writes
    return kept


CODE = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, np.ufunc, type)
FIXED = (*CODE, numbers.Number, np.generic, str, tuple, types.NoneType)


def with_state(namespace: dict) -> frozenset[str]:
    """The names of objects that code can move on without naming them anew: generators, networks."""
    arrays = ("ndarray", "Tensor")
    held = {name for name, value in namespace.items() if not isinstance(value, FIXED)}
    return frozenset(name for name in held if type(namespace[name]).__name__ not in arrays)
