"""Each rule of prose turns red on a chapter that breaks it, and stays green on one that breaks none."""

from collections.abc import Callable

import nbformat
import pytest

import book_rules
import prose_rules as rule
from references import Reference

THEOREM = """\
Here is what we want to know.

> **Theorem 8.1 (The optimum).** <a id="theorem-8-1"></a>
> The value is least, for every $x$, at
>
> $$V(x) = 0.$$
>
> So says [Lin, 1991](https://doi.org/10.1109/18.61115).

<details><summary>Proof</summary>

Add the two sides:

$$\\begin{aligned}
a &= b \\\\
> c &
\\end{aligned}$$

</details>

By [Theorem 8.1](#theorem-8-1) nothing is left; `x > 0` in code and $x > 0$ are no blocks.
"""
REMARK = '> **Remark 8.2.** <a id="remark-8-2"></a>\n> It is the only one.\n\nSee [the remark](#remark-8-2).'
EXERCISE = '> **Exercise 8.1 (The sum).** <a id="exercise-8-1"></a>\n> Add them.'
WARNING = "> **Warning (Two beliefs).**\n>\n> Neither is right."
LISTED = {
    "https://doi.org/10.1109/18.61115": Reference(
        "lin1991", "Lin, 1991", "https://doi.org/10.1109/18.61115", ""
    )
}
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
CLOSED = {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form", "collapsed": True}


def chapter(**changes: Callable[[nbformat.NotebookNode], object]) -> nbformat.NotebookNode:
    """A chapter with every construct; `changes` alter the cells of those names."""
    new = nbformat.v4
    cells = [
        new.new_markdown_cell(THEOREM, id="theorem"),
        new.new_markdown_cell(REMARK, id="remark"),
        new.new_code_cell("x = 1", id="shown"),
        new.new_code_cell("draw()", id="figure", metadata={"tags": ["hide-input"], **FOLDED}),
        new.new_markdown_cell(EXERCISE, id="text"),
        new.new_code_cell(
            "# Solution to 8.1\n1", id="exercise-1-solution", metadata={"tags": ["hide-cell"], **CLOSED}
        ),
        new.new_markdown_cell(WARNING, id="warning"),
    ]
    for cell in cells:
        if alter := changes.get(cell.id.replace("exercise-1-solution", "solution")):
            alter(cell)
    return new.new_notebook(cells=cells)


def theorem(old: str, new: str) -> nbformat.NotebookNode:
    """The chapter with a change in the cell of the theorem."""
    assert old in THEOREM
    return chapter(theorem=lambda cell: cell.update(source=THEOREM.replace(old, new)))


def remark(text: str) -> nbformat.NotebookNode:
    """The chapter with another text in the place of the remark."""
    return chapter(remark=lambda cell: cell.update(source=text))


def metadata(name: str, **values) -> nbformat.NotebookNode:
    """The chapter with other metadata of one cell."""
    return chapter(**{name: lambda cell: cell.metadata.update(values)})


def without(name: str, key: str) -> nbformat.NotebookNode:
    """The chapter with one cell that lacks one piece of metadata."""
    return chapter(**{name: lambda cell: cell.metadata.pop(key)})


PLANTED = [
    (rule.no_myst, remark(":::{prf:lemma} One point\nText.\n:::")),
    (rule.no_myst, remark("> :::{note}\n> Text.\n> :::")),
    (rule.no_myst, remark("```{note}\nText.\n```")),
    (rule.no_myst, remark("As was shown {cite:p}`lin1991`.")),
    (rule.no_myst, remark("By {prf:ref}`optimal`.")),
    (rule.no_myst, remark("(optimal)=\n## The optimum")),
    (rule.no_myst, remark("{.wide}\nText.")),
    (rule.no_myst, remark("% A comment.\nText.")),
    (rule.block_grammar, theorem("Theorem 8.1 (The", "Theoreme 8.1 (The")),
    (rule.block_grammar, theorem("> **Theorem 8.1 (The optimum).** <", "> Theorem 8.1 (The optimum). <")),
    (rule.block_grammar, theorem("(The optimum).**", "The optimum**")),
    (rule.block_grammar, theorem(' <a id="theorem-8-1"></a>', "")),
    (rule.block_grammar, theorem('<a id="theorem-8-1">', '<a id="theorem-8-2">')),
    (rule.block_grammar, theorem('"></a>\n> The value', '"></a> The value')),
    (rule.block_grammar, theorem("**Theorem 8.1 (", "**Theorem (")),
    (rule.block_grammar, theorem("> The value", "The value")),
    (rule.block_grammar, theorem("\n> So says", "\n>So says")),
    (rule.block_grammar, chapter(warning=lambda cell: cell.update(source="> **Warning 8.1.**\n> No."))),
    (rule.block_grammar, chapter(warning=lambda cell: cell.update(source="> **Warning (Two beliefs).**"))),
    (rule.block_grammar, remark("> Somebody said this.")),
    (rule.block_grammar, remark("- A list\n\n  > **Note.**\n  > Hidden in it.")),
    (rule.block_grammar, theorem("</details>", "")),
    (rule.block_grammar, theorem("<summary>Proof</summary>\n", "\n<summary>Proof</summary>\n")),
    (rule.block_grammar, theorem("</summary>\n\nAdd", "</summary>\nAdd")),
    (rule.block_grammar, theorem("\n\n</details>", "\n</details>")),
    (rule.block_grammar, theorem("<details><summary>", "<details open><summary>")),
    (rule.block_formulas, theorem("$$V(x) = 0.$$", "$$V(x)\n> = 0.$$")),
    (rule.displayed_formulas, theorem("at\n>\n> $$V", "at\n> $$V")),
    (rule.displayed_formulas, theorem("sides:\n\n$$", "sides: $$")),
    (rule.displayed_formulas, theorem("{aligned}$$\n\n</", "{aligned}$$\n</")),
    (
        rule.block_numbers,
        theorem('8.1 (The optimum).** <a id="theorem-8-1', '8.3 (The optimum).** <a id="theorem-8-3'),
    ),
    (rule.block_numbers, remark('> **Remark 9.2.** <a id="remark-9-2"></a>\n> The only one.')),
    (rule.block_numbers, remark('> **Exercise 8.1.** <a id="exercise-8-1"></a>\n> One too many.')),
    (rule.references_arrive, theorem("[Theorem 8.1](#theorem-8-1)", "[Theorem 8.4](#theorem-8-4)")),
    (rule.references_arrive, theorem("[Theorem 8.1](#theorem-8-1)", "[Theorem 8.2](#theorem-8-1)")),
    (rule.no_open_folds, theorem("<details><summary>", "<details open><summary>")),
    (rule.hidden_everywhere, without("figure", "jupyter")),
    (rule.hidden_everywhere, without("figure", "cellView")),
    (rule.hidden_everywhere, without("solution", "collapsed")),
    (rule.hidden_everywhere, metadata("solution", jupyter={"source_hidden": True})),
    (rule.hidden_everywhere, metadata("shown", jupyter={"source_hidden": True})),
    (rule.hidden_everywhere, metadata("shown", cellView="form")),
    (rule.hidden_everywhere, metadata("figure", collapsed=True)),
    (rule.hidden_everywhere, metadata("shown", tags=["remove-cell"])),
    (rule.solutions, chapter(solution=lambda cell: cell.update(source="1"))),
    (rule.solutions, chapter(solution=lambda cell: cell.update(source="# Solution to 8.2\n1"))),
    (rule.solutions, chapter(solution=lambda cell: cell.update(id="exercise-2-solution"))),
    (rule.solutions, chapter(solution=lambda cell: cell.update(id="something-else"))),
    (rule.solutions, metadata("solution", tags=["hide-input"])),
]


@pytest.mark.parametrize("each", rule.PROSE_RULES, ids=lambda each: each.__name__)
def test_good_chapter_has_no_complaints(each):
    assert each(chapter()) == []


@pytest.mark.parametrize(("each", "notebook"), PLANTED, ids=[each.__name__ for each, _ in PLANTED])
def test_planted_fault_is_reported_by_its_rule(each, notebook):
    assert each(notebook)


def test_every_rule_of_prose_has_a_planted_fault():
    assert {each for each, _ in PLANTED} == set(rule.PROSE_RULES)


def test_good_chapter_breaks_no_rule_of_the_book():
    assert book_rules.own_number("08_game", chapter()) == []
    assert book_rules.citations(chapter(), LISTED) == []
    other = remark("By [Theorem 8.1](08_game.ipynb#theorem-8-1) and [the game](08_game.ipynb).")
    assert book_rules.links_between({"08_game": chapter(), "09_more": other}) == []


@pytest.mark.parametrize(
    "link",
    [
        "[Theorem 8.1](08_game.ipynb#theorem-8-2)",
        "[Theorem 8.2](08_game.ipynb#theorem-8-1)",
        "[the game](08_games.ipynb)",
        "[the start](08_game.ipynb#The-start)",
    ],
)
def test_link_that_does_not_arrive_in_another_chapter_is_reported(link):
    assert len(book_rules.links_between({"08_game": chapter(), "09_more": remark(link)})) == 1


def test_number_of_another_chapter_is_reported():
    assert len(book_rules.own_number("09_more", chapter())) == 3


@pytest.mark.parametrize(
    "link",
    [
        "[Lin, 1992](https://doi.org/10.1109/18.61115)",
        "[Lin, 1991](https://doi.org/10.1109/18.61116)",
        "[as was shown](https://arxiv.org/abs/1406.2661)",
        "[Lin, 1991](https://example.org/lin.pdf)",
    ],
)
def test_citation_that_the_references_do_not_know_is_reported(link):
    assert len(book_rules.citations(remark(link), LISTED)) == 1
