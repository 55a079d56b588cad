"""From plain Markdown to the page: what the dressing writes, and that Sphinx refuses what leads nowhere."""

import io
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sphinx.application import Sphinx

import dress
from blocks import blocks, folds, links
from stage import dressed

GAME = """\
# The game

> **Theorem 8.1 (The optimum, for all $x$).** <a id="theorem-8-1"></a>
> The value is least at
>
> $$V = 0.$$
>
> 1. first ([Lin, 1991](https://doi.org/10.1109/18.61115)),
>    1. and below.

<details><summary>Proof</summary>

Add $a$ and $b$.

> **Note.**
> Inside a fold.

</details>

> **Exercise 8.1 (The sum).** <a id="exercise-8-1"></a>
> Use [Theorem 8.1](#theorem-8-1).

> **Warning (Two beliefs).**
>
> Neither is right.
"""
MORE = """\
# More

By [Theorem 8.1](08_game.ipynb#theorem-8-1) of [the game](08_game.ipynb), and [elsewhere](https://example.org/a).
"""


def notebook(source: str) -> bytes:
    """A notebook of one Markdown cell."""
    cell = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def test_grammar_reads_blocks_folds_and_links():
    theorem, note, exercise, warning = blocks(
        GAME.replace("> **Note.**\n> Inside", "> **Note (N).**\n> Inside")
    )
    assert (theorem.kind, theorem.number, theorem.anchor) == ("Theorem", (8, 1), "theorem-8-1")
    assert theorem.name == "The optimum, for all $x$"
    assert theorem.body[:4] == ("The value is least at", "", "$$V = 0.$$", "")
    assert (note.name, exercise.reference, warning.number) == ("N", "Exercise 8.1", None)
    assert [fold.summary for fold in folds(GAME)] == ["Proof"]
    assert ("Lin, 1991", "https://doi.org/10.1109/18.61115") in list(links(GAME))


def test_dressing_writes_directives_and_connects_citations():
    text = dress.dressed(GAME)
    assert (
        ":::{admonition} Theorem 8.1 (The optimum, for all $x$)\n:class: proof theorem\n:name: theorem-8-1"
        in text
    )
    assert "::::{dropdown} Proof" in text and "</details>" not in text
    assert ":::{admonition} Two beliefs\n:class: warning\n\n" in text
    assert "[Lin, 1991](#lin1991)" in text
    assert "   1. and below." in text  # what is inside a block keeps its indentation
    assert "[Theorem 8.1](#theorem-8-1) of [the game](08_game.ipynb)" in dress.dressed(MORE)
    assert dress.dressed('<a id="here"></a>**Words**') == "(here)=\n**Words**"


def test_text_that_breaks_the_grammar_is_an_error_that_names_the_cell():
    with pytest.raises(ValueError, match=r"08_game\.ipynb, cell text: .*Theoreme"):
        dressed(notebook(GAME.replace("**Theorem", "**Theoreme")), "08_game")


def render(folder: Path, **chapters: str) -> tuple[int, str]:
    """Render dressed chapters with the book's Markdown, nitpicking; the status and what Sphinx said."""
    source = folder / "source"
    source.mkdir()
    for name, text in chapters.items():
        (source / f"{name}.ipynb").write_bytes(dressed(notebook(text), name))
    (source / "index.md").write_text("# Book\n\n(lin1991)=\nLin.\n\n```{toctree}\n:glob:\n\n*\n```\n")
    settings = {
        "extensions": ["myst_nb", "sphinx_design"],
        "myst_enable_extensions": ["amsmath", "colon_fence", "dollarmath"],
        "nb_execution_mode": "off",
        "nitpicky": True,
    }
    said = io.StringIO()
    app = Sphinx(
        source,
        None,
        folder / "html",
        folder / "doctrees",
        "html",
        settings,
        status=None,
        warning=said,
        warningiserror=True,
        keep_going=True,
    )
    app.build()
    return app.statuscode, said.getvalue()


def test_page_holds_boxes_folds_and_links_that_arrive(tmp_path):
    status, said = render(tmp_path, **{"08_game": GAME, "09_more": MORE})
    assert (status, said) == (0, "")
    game = BeautifulSoup((tmp_path / "html" / "08_game.html").read_text(), "html.parser")
    theorem = game.find(id="theorem-8-1")
    assert {"admonition", "proof", "theorem"} <= set(theorem["class"])
    assert theorem.p.get_text().startswith("Theorem 8.1 (The optimum, for all")
    assert len(theorem.select(".math")) == 2 and theorem.select("ol ol")
    fold = game.find("details")
    assert "open" not in fold.attrs and fold.summary.get_text(strip=True) == "Proof"
    assert fold.select_one("div.admonition.note") and fold.select_one(".math")
    assert game.find("a", string="Lin, 1991")["href"] == "index.html#lin1991"
    assert game.find("a", string="Theorem 8.1")["href"] == "#theorem-8-1"
    more = BeautifulSoup((tmp_path / "html" / "09_more.html").read_text(), "html.parser")
    assert more.find("a", string="Theorem 8.1")["href"] == "08_game.html#theorem-8-1"


@pytest.mark.parametrize(
    ("alive", "dead"),
    [
        ("(08_game.ipynb#theorem-8-1)", "(08_game.ipynb#theorem-8-2)"),
        ("(08_game.ipynb)", "(07_game.ipynb)"),
        ("(https://example.org/a)", "(#nowhere)"),
    ],
)
def test_link_that_leads_nowhere_stops_the_build(tmp_path, alive, dead):
    assert alive in MORE
    status, said = render(tmp_path, **{"08_game": GAME, "09_more": MORE.replace(alive, dead)})
    assert status != 0
    assert "09_more" in said and "not found" in said
