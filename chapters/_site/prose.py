"""What is done to running text between Markdown and the page: letters of formulas, and signs beside formulas.

A Greek letter typed into a sentence names the same thing as its italic in a formula, so it is set like it. A
comma after a formula, or a bracket before it, must not be left alone at an end of a line. Browsers allow a
break on either side of a formula; so formula and signs are put into one box that the style sheet keeps
together, in which only long formulas may break, where TeX would break them.
"""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx

# Capitals stay upright, as in formulas. A letter inside a word (Λόγος) belongs to the word.
GREEK = re.compile(r"(?<![^\W\d_])[α-ωϑϕϵ](?![^\W\d_])")
CLOSES = re.compile(r"[^\w\s]+|\w(?!\w)")
OPENS = re.compile(r"(?:[^\w\s]+|(?<!\w)\w)$")
SYMBOL = re.compile(r"\\(?:[a-zA-Z]+|.)|[^\s{}^_]")
LONG = 14  # symbols; formulas up to this length stay in one piece
NOT_PROSE = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.FixedTextElement,
)


def leaves(block: nodes.Element) -> Iterator[nodes.Node]:
    """Yield texts and formulas of a block in reading order; code and raw HTML as the nodes that they are."""
    for child in block.children:
        if isinstance(child, (nodes.Text, *NOT_PROSE)):
            yield child
        else:
            yield from leaves(child)


def mark(text: nodes.Text, spans: list[tuple[int, int]], name: str) -> None:
    """Put spans of a text, in ascending order, into inline nodes of the class `name`."""
    words, pieces, done = text.astext(), [], 0
    for start, end in spans:
        pieces += [nodes.Text(words[done:start]), nodes.inline("", words[start:end], classes=[name])]
        done = end
    pieces.append(nodes.Text(words[done:]))
    place = text.parent.index(text)
    text.parent[place : place + 1] = [piece for piece in pieces if piece.astext()]


def around(formula: nodes.math) -> nodes.Node:
    """Return the outermost inline node that holds nothing but the formula, or the formula itself."""
    node = formula
    while len(node.parent) == 1 and isinstance(node.parent, nodes.Inline):
        node = node.parent
    return node


def tie_signs(formula: nodes.math) -> None:
    """Put a formula, the signs right after it and those right before it into one inline node."""
    node = around(formula)
    parent, place = node.parent, node.parent.index(node)
    before, after = (parent[at] if 0 <= at < len(parent) else None for at in (place - 1, place + 1))
    tied = nodes.inline("", classes=["formula"])
    if len(SYMBOL.findall(formula.astext())) > LONG:
        tied["classes"].append("long")
    pieces: list[nodes.Node] = [tied]
    if isinstance(before, nodes.Text) and (found := OPENS.search(before)):
        pieces = [nodes.Text(before[: found.start()]), tied]
        tied += nodes.Text(found.group())
        place -= 1
    last = parent.index(node)
    tied += node.deepcopy()
    if isinstance(after, nodes.Text) and (found := CLOSES.match(after)):
        tied += nodes.Text(found.group())
        pieces.append(nodes.Text(after[found.end() :]))
        last += 1
    parent[place : last + 1] = [piece for piece in pieces if piece is tied or piece.astext()]


def set_greek(block: nodes.Element) -> None:
    """Mark every single small Greek letter as `greek`, which the style sheet sets like its formula."""
    for leaf in list(leaves(block)):
        if isinstance(leaf, nodes.Text) and GREEK.search(leaf.astext()):
            mark(leaf, [found.span() for found in GREEK.finditer(leaf.astext())], "greek")


def dress(app: Sphinx, doctree: nodes.document) -> None:
    """Do both to every block of running text of a page."""
    for block in list(doctree.findall(nodes.TextElement)):
        if isinstance(block, NOT_PROSE) or isinstance(block.parent, nodes.TextElement):
            continue
        set_greek(block)
        for formula in [leaf for leaf in leaves(block) if isinstance(leaf, nodes.math)]:
            tie_signs(formula)


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("doctree-read", dress)
