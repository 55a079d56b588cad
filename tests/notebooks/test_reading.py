"""A chapter is read once for all rules; none of them sees what another did to its copy, nor an old file."""

import nbformat

from reading import stored


def test_copies_of_a_chapter_are_ones_own_and_follow_the_file(tmp_path):
    path = tmp_path / "08_the_gan_game.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x = 1", id="one")])
    nbformat.write(notebook, path)
    first = stored(path)
    first.cells[0].source = "spoilt"
    first.cells[0].metadata["tags"] = ["spoilt"]
    assert stored(path).cells[0].source == "x = 1" and stored(path).cells[0].metadata == {}
    notebook.cells[0].source = "x = 1 + 1"
    nbformat.write(notebook, path)
    assert stored(path).cells[0].source == "x = 1 + 1"
