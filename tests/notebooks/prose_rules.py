"""Rules about a chapter's prose: plain Markdown that every front end shows, and folds that stay folded."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from blocks import STATEMENTS, Block, blocks, folds, links, quotations, tokens
from reading import HIDDEN, code_cells, tags

MYST = {
    "a colon fence": re.compile(r"^\s*(?:> ?)*:{3,}", re.MULTILINE),
    "a directive": re.compile(r"^\s*(?:> ?)*(?:`{3,}|~{3,})\{", re.MULTILINE),
    "a role": re.compile(r"\{[a-z][\w:+.-]*\}`"),
    "a target": re.compile(r"^\s*(?:> ?)*\([\w-]+\)=\s*$", re.MULTILINE),
    "attributes": re.compile(r"^\s*(?:> ?)*\{[.#][\w-]", re.MULTILINE),
    "a comment": re.compile(r"^%", re.MULTILINE),
}
FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)


def prose(notebook: NotebookNode) -> list[NotebookNode]:
    """The Markdown cells."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def well_formed(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, list[Block]]]:
    """The Markdown cells with their blocks; a cell with a block that cannot be read counts as without."""
    for cell in prose(notebook):
        try:
            yield cell, blocks(cell.source)
        except ValueError:
            yield cell, []


def no_myst(notebook: NotebookNode) -> list[str]:
    """No syntax that only the build would understand: in Jupyter, Colab and on GitHub it is noise."""
    return [
        f"cell {cell.id}: {what}, {match.group().strip()!r}; see chapters/_site/blocks.py for plain Markdown"
        for cell in prose(notebook)
        for what, pattern in MYST.items()
        if (match := pattern.search(cell.source))
    ]


def block_grammar(notebook: NotebookNode) -> list[str]:
    """Every quotation is a block with a heading, and every fold opens and closes as it should."""
    complaints = []
    for cell in prose(notebook):
        for read in (blocks, folds):
            try:
                read(cell.source)
            except ValueError as error:
                complaints.append(f"cell {cell.id}: {error}")
        nested = [token for token in tokens(cell.source) if token.type == "blockquote_open" and token.level]
        complaints += [f"cell {cell.id}: a quotation inside something else" for _ in nested]
    return complaints


def block_formulas(notebook: NotebookNode) -> list[str]:
    """A displayed formula in a block stands on one line: Jupyter would read the next line's `>` as a sign."""
    complaints = []
    for cell in prose(notebook):
        lines = cell.source.split("\n")
        for first, last in quotations(cell.source):
            broken = [found for found in FORMULA.findall("\n".join(lines[first:last])) if "\n" in found]
            complaints += [
                f"cell {cell.id}: goes over more than one line: {found[:60]!r}" for found in broken
            ]
    return complaints


def displayed_formulas(notebook: NotebookNode) -> list[str]:
    """A displayed formula has blank lines around it; without them the page prints dollar signs."""
    return [
        f"cell {cell.id}: {around.strip()[:60]!r} stands on the lines of a displayed formula"
        for cell in prose(notebook)
        for match in FORMULA.finditer(cell.source)
        for around in (_before(cell.source, match.start()), _after(cell.source, match.end()))
        if around.strip("> \n")
    ]


def _before(text: str, where: int) -> str:
    """What stands on the line of `where` before it, and on the line above."""
    return "\n".join(text[:where].split("\n")[-2:])


def _after(text: str, where: int) -> str:
    """What stands on the line of `where` after it, and on the line below."""
    return "\n".join(text[where:].split("\n")[:2])


def block_numbers(notebook: NotebookNode) -> list[str]:
    """Statements are numbered 1, 2, … through the chapter, exercises too, all with one chapter's number."""
    found = [block for _, cell_blocks in well_formed(notebook) for block in cell_blocks if block.number]
    complaints = []
    for kinds in (STATEMENTS, ("Exercise",)):
        numbers = [block for block in found if block.kind in kinds]
        complaints += [
            f"{block.reference} is number {expected} of its kind in the chapter"
            for expected, block in enumerate(numbers, start=1)
            if block.number[1] != expected
        ]
    chapters = sorted({block.number[0] for block in found})
    return complaints + [f"numbers of the chapters {chapters} in one chapter"] * (len(chapters) > 1)


def references_arrive(notebook: NotebookNode) -> list[str]:
    """A link inside the chapter leads to one of its blocks, and says the block's number."""
    anchors = {block.anchor: block for _, found in well_formed(notebook) for block in found if block.anchor}
    complaints = []
    for cell in prose(notebook):
        for words, target in links(cell.source):
            if not target.startswith("#"):
                continue
            block = anchors.get(target[1:])
            if block is None:
                complaints.append(f"cell {cell.id}: {target} leads nowhere in this chapter")
            else:
                complaints += misnamed(cell, words, block.reference)
    return complaints


def misnamed(cell: NotebookNode, words: str, reference: str) -> list[str]:
    """The complaint about a link that names another statement than the one it leads to."""
    said = re.search(r"[A-Z][a-z]+ \d+\.\d+", words)
    wrong = said and said.group() != reference
    return [f"cell {cell.id}: {words!r} leads to {reference}"] if wrong else []


def no_open_folds(notebook: NotebookNode) -> list[str]:
    """No fold is open to begin with."""
    pattern = re.compile(r"<details[^>]*\bopen\b[^>]*>", re.IGNORECASE)
    return [f"cell {cell.id}: {m.group()}" for cell in prose(notebook) if (m := pattern.search(cell.source))]


def hidden_everywhere(notebook: NotebookNode) -> list[str]:
    """What the page folds, Jupyter (`jupyter.source_hidden`) and Colab (`cellView`) fold as well."""
    complaints = []
    for cell in code_cells(notebook):
        found = cell.metadata.get("jupyter", {})
        source, outputs = bool(tags(cell) & HIDDEN), "hide-cell" in tags(cell)
        signs = {
            "jupyter.source_hidden": (found.get("source_hidden", False), source),
            "cellView": (cell.metadata.get("cellView"), "form" if source else None),
            "jupyter.outputs_hidden": (found.get("outputs_hidden", False), outputs),
            "collapsed": (cell.metadata.get("collapsed", False), outputs),
        }
        complaints += [
            f"cell {cell.id}: metadata.{name} is {is_!r}, expected {wanted!r} with tags {sorted(tags(cell))}"
            for name, (is_, wanted) in signs.items()
            if is_ != wanted
        ]
    return complaints


def solutions(notebook: NotebookNode) -> list[str]:
    """Every exercise has a folded solution, whose first line (Jupyter shows it) says which one it is."""
    exercises = [block for _, found in well_formed(notebook) for block in found if block.kind == "Exercise"]
    found = [cell for cell in code_cells(notebook) if cell.id.endswith("-solution")]
    complaints = [f"{len(exercises)} exercises and {len(found)} solutions"] * (len(exercises) != len(found))
    for block, cell in zip(exercises, found, strict=False):
        chapter, number = block.number
        wanted = f"# Solution to {chapter}.{number}"
        if cell.source.split("\n")[0] != wanted:
            complaints.append(
                f"cell {cell.id}: begins {cell.source.split(chr(10))[0]!r}, expected {wanted!r}"
            )
        if cell.id != f"exercise-{number}-solution":
            complaints.append(f"cell {cell.id}: expected the id exercise-{number}-solution")
        if "hide-cell" not in tags(cell):
            complaints.append(f"cell {cell.id}: a solution without the tag hide-cell")
    return complaints


PROSE_RULES = (
    no_myst,
    block_grammar,
    block_formulas,
    displayed_formulas,
    block_numbers,
    references_arrive,
    no_open_folds,
    hidden_everywhere,
    solutions,
)
