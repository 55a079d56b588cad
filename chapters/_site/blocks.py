"""The grammar of a chapter's prose: which plain Markdown stands for a theorem, a proof, a reference.

A block is a quotation whose first line is its heading; numbered blocks carry an anchor made from the number:

    > **Theorem 8.3 (The optimal discriminator).** <a id="theorem-8-3"></a>
    > For a fixed generator, …

A fold, for a proof or an aside, opens and closes on lines of its own, with blank lines inside:

    <details><summary>Proof</summary>

    …

    </details>

A reference is a link to such an anchor, `[Theorem 8.3](#theorem-8-3)` in the same notebook and
`[Theorem 8.3](08_the_gan_game.ipynb#theorem-8-3)` from another; a citation is a link to what it cites.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

# These share one running number in each chapter; exercises have a number of their own.
STATEMENTS = (
    "Definition",
    "Theorem",
    "Lemma",
    "Proposition",
    "Corollary",
    "Algorithm",
    "Example",
    "Remark",
)
NUMBERED = (*STATEMENTS, "Exercise")
UNNUMBERED = ("Note", "Warning")

HEADING = re.compile(
    r"\*\*(?P<kind>[A-Z][a-z]+)(?: (?P<chapter>\d+)\.(?P<number>\d+))?(?: \((?P<name>.+)\))?\.\*\*"
    r'(?: <a id="(?P<anchor>[^"]*)"></a>)?'
)
FOLD = re.compile(r"<details><summary>(?P<summary>[^<]+)</summary>")
NOTEBOOK = re.compile(r"(?P<notebook>\w+\.ipynb)#(?P<anchor>[a-z0-9-]+)")
_markdown = MarkdownIt("commonmark").use(dollarmath_plugin)


@dataclass(frozen=True)
class Block:
    """A heading and what stands below it; `first` and `last` are its lines, the last one excluded."""

    kind: str
    number: tuple[int, int] | None
    name: str
    anchor: str
    body: tuple[str, ...]
    first: int
    last: int

    @property
    def reference(self) -> str:
        """What a link to the block says: `Theorem 8.3`."""
        return f"{self.kind} {self.number[0]}.{self.number[1]}" if self.number else self.kind


@dataclass(frozen=True)
class Fold:
    """A summary and the lines that open and close what it folds."""

    summary: str
    first: int
    last: int


def tokens(text: str) -> list[Token]:
    """Return the blocks that Markdown sees, with formulas kept apart from it."""
    return _markdown.parse(text)


def quotations(text: str) -> list[tuple[int, int]]:
    """Return the first line of every quotation that stands on its own, and the line after its last."""
    found = [token.map for token in tokens(text) if token.type == "blockquote_open" and token.level == 0]
    return [(first, last) for first, last in found]


def read_block(lines: list[str], first: int = 0) -> Block:
    """Return the block in the lines of a quotation; ValueError says what breaks the grammar."""
    if loose := [line for line in lines if not re.match(r">( |$)", line)]:
        raise ValueError(f"a line of the block does not begin with '> ': {loose[0]!r}")
    heading, *body = (line[2:] for line in lines)
    match = HEADING.fullmatch(heading)
    if not match:
        raise ValueError(f"the heading is {heading!r}, expected '**Theorem 8.3 (Name).** <a id=…></a>' alone")
    kind, chapter, number, anchor = match.group("kind", "chapter", "number", "anchor")
    if kind not in NUMBERED + UNNUMBERED:
        raise ValueError(f"{kind!r} is no kind of block; there are {', '.join(NUMBERED + UNNUMBERED)}")
    if (kind in NUMBERED) != (number is not None):
        raise ValueError(f"{heading!r}: {kind} has {'a' if kind in NUMBERED else 'no'} number")
    wanted = f"{kind.lower()}-{chapter}-{number}" if number else None
    if anchor != wanted:
        raise ValueError(f"{heading!r}: the anchor is {anchor!r}, expected {wanted!r}")
    if not any(body):
        raise ValueError(f"{heading!r} has nothing below it")
    pair = (int(chapter), int(number)) if number else None
    return Block(kind, pair, match["name"] or "", anchor or "", tuple(body), first, first + len(lines))


def blocks(text: str) -> list[Block]:
    """Return the blocks of a text, in order; ValueError for a quotation that is none."""
    lines = text.split("\n")
    return [read_block(lines[first:last], first) for first, last in quotations(text)]


def folds(text: str) -> list[Fold]:
    """Return the folds of a text, in order; ValueError for one that breaks the grammar."""
    lines, found, opened = text.split("\n"), [], None
    for token in tokens(text):
        if token.type != "html_block" or not re.search(r"</?(?:details|summary)\b", token.content):
            continue
        (number, end), content = token.map, token.content.strip()
        match = FOLD.fullmatch(content)
        if match and opened is None:
            opened = Fold(match["summary"], number, number)
        elif content == "</details>" and opened is not None:
            found.append(Fold(opened.summary, opened.first, number))
            opened = None
        else:
            raise ValueError(
                f"{content!r}: a fold is '<details><summary>Proof</summary>', a blank line, the text,"
                " a blank line, '</details>'; one after the other, and closed"
            )
        around = [lines[number - 1]] if number else []
        if any(line.strip() for line in (*around, *lines[end : end + 1])):
            raise ValueError(f"{content!r}: leave the lines above and below it blank")
    if opened is not None:
        raise ValueError(f"the fold {opened.summary!r} is never closed")
    return found


def links(text: str) -> Iterator[tuple[str, str]]:
    """Yield (words, address) of every link."""
    for token in tokens(text):
        target, words = None, []
        for child in token.children or ():
            if child.type == "link_open":
                target, words = str(child.attrs["href"]), []
            elif child.type == "link_close":
                yield "".join(words), target
                target = None
            elif target is not None:
                words.append(child.content)
