"""Dress a chapter's plain Markdown for the page: theorems in boxes, proofs in folds, citations connected.

Notebooks are written in Markdown that Jupyter, Colab, GitHub and VS Code show as it is (see `blocks`). For
the page the same text becomes directives, so that Sphinx finds every anchor and refuses a dead link.
"""

import re

from blocks import NOTEBOOK, STATEMENTS, Block, Fold, blocks, folds
from references import references

TARGET = re.compile(r"(?<=\]\()[^()\s]+(?=\))")
ANCHOR = re.compile(r'^<a id="([a-z0-9-]+)"></a>\s*', re.MULTILINE)


def box(block: Block) -> list[str]:
    """Return the directive of a block: a titled box with its anchor."""
    title = f"{block.reference} ({block.name})" if block.name and block.number else block.name or block.kind
    style = f"proof {block.kind.lower()}" if block.kind in STATEMENTS else block.kind.lower()
    named = [f":name: {block.anchor}"] if block.anchor else []
    return [f":::{{admonition}} {title}", f":class: {style}", *named, "", *block.body, ":::"]


def unfolded(text: str) -> str:
    """Return a text whose blocks and folds are directives."""
    lines = text.split("\n")
    parts: list[Block | Fold] = [*blocks(text), *folds(text)]
    edges = []  # what replaces which lines; a block may lie inside a fold, never the other way round
    for part in parts:
        if isinstance(part, Block):
            edges.append((part.first, part.last, box(part)))
        else:
            edges.append((part.first, part.first + 1, [f"::::{{dropdown}} {part.summary}"]))
            edges.append((part.last, part.last + 1, ["::::"]))
    for first, last, replacement in sorted(edges, reverse=True):
        lines[first:last] = replacement
    return "\n".join(lines)


def connected(match: re.Match) -> str:
    """Return the target of a link as the page needs it: what is cited is listed under References."""
    target = match.group()
    if other := NOTEBOOK.fullmatch(target):
        return f"#{other['anchor']}"  # anchors bear the chapter's number, so they are unique in the book
    cited = references().get(target)
    return f"#{cited.key}" if cited else target


def dressed(text: str) -> str:
    """Return the Markdown of a page; ValueError where the text breaks the grammar of `blocks`."""
    return ANCHOR.sub(r"(\1)=\n", TARGET.sub(connected, unfolded(text)))
