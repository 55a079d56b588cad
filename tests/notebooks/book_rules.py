"""Rules that one chapter alone cannot show: links between chapters, and citations of what the book lists."""

import re

from nbformat import NotebookNode

from blocks import NOTEBOOK, links
from prose_rules import misnamed, prose, well_formed
from references import Reference

CITATION = re.compile(r".+, (1[89]|20)\d\d[a-z]?")
ADDRESS = re.compile(r"https?://(?:dx\.)?(?:arxiv|doi)\.org/")


def anchors(notebook: NotebookNode) -> dict[str, str]:
    """Return {anchor: what a link to it says} of a chapter."""
    return {
        block.anchor: block.reference for _, found in well_formed(notebook) for block in found if block.anchor
    }


def own_number(name: str, notebook: NotebookNode) -> list[str]:
    """The blocks of the chapter `name` bear its number."""
    wanted = int(name.partition("_")[0])
    return [
        f"{name}: {block.reference} bears the number of another chapter"
        for _, found in well_formed(notebook)
        for block in found
        if block.number and block.number[0] != wanted
    ]


def links_between(chapters: dict[str, NotebookNode]) -> list[str]:
    """Links from one chapter to a block of another arrive there, and say its number."""
    known = {f"{name}.ipynb": anchors(notebook) for name, notebook in chapters.items()}
    complaints = []
    for name, notebook in chapters.items():
        for cell in prose(notebook):
            for words, target in links(cell.source):
                if ".ipynb" not in target:
                    continue
                match = NOTEBOOK.fullmatch(target)
                reference = match and known.get(match["notebook"], {}).get(match["anchor"])
                if reference:
                    complaints += [f"{name}, {each}" for each in misnamed(cell, words, reference)]
                elif target not in known:
                    complaints.append(
                        f"{name}, cell {cell.id}: {target} leads to no chapter, or no block of one"
                    )
    return complaints


def citations(notebook: NotebookNode, listed: dict[str, Reference]) -> list[str]:
    """A citation says authors and year as the list of references does, and leads to what it cites."""
    complaints = []
    for cell in prose(notebook):
        for words, target in links(cell.source):
            entry = listed.get(target)
            if entry and words != entry.label:
                complaints.append(f"cell {cell.id}: {words!r} cites {entry.key}, expected {entry.label!r}")
            elif not entry and (ADDRESS.match(target) or CITATION.fullmatch(words)):
                complaints.append(
                    f"cell {cell.id}: {words!r} leads to {target}, which references.bib does not list"
                )
    return complaints
