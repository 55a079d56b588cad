"""The figures of every chapter keep their rules, and the comparison sees what a reader would."""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pytest

import captions
import figure_comparison
import figure_rules
from comparison import differences
from lib import figures
from reading import picture, run_cells, stored

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("*.ipynb"))
ALT = "Two bell curves that overlap, the real one higher, and the optimal discriminator between them."


@pytest.mark.parametrize("rule", figure_rules.FIGURE_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_rule(path, rule):
    complaints = rule(stored(path))
    assert not complaints, "\n".join([f"{path.name}: {rule.__doc__}", *complaints])


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_figures_bear_the_number_of_their_chapter(path):
    cells = stored(path).cells
    found = {c.chapter for cell in cells if (c := captions.caption_of(cell.source))}
    assert found == {int(path.stem[:2])}


# -- the rules themselves --------------------------------------------------------------------------------


def book(
    *sources: str, kinds: tuple[str, ...] = ("image/png", "image/svg+xml"), alt: str = ""
) -> nbformat.NotebookNode:
    """A notebook whose cells show figures."""
    notebook = nbformat.v4.new_notebook()
    for count, source in enumerate(sources):
        cell = nbformat.v4.new_code_cell(
            source, id=f"curve-{count}", metadata={"tags": ["deterministic-figure"]}
        )
        if alt:
            cell.metadata["mystnb"] = {"image": {"alt": alt}}
        if "show" in source:
            cell.outputs = [nbformat.v4.new_output("display_data", data=dict.fromkeys(kinds, "x"))]
        notebook.cells.append(cell)
    return notebook


FIRST = "# Figure 8.1. Two laws lie over each other.\nfigures.show(figure)"
SECOND = "# Figure 8.2. The same two laws, as seen\n# from far away.\nfigures.show(figure)"
PROVEN = """# Figure 9.1. D falls from left to right.
figures.show(figure, seen={'the curve falls': falls, 'lower': low})"""
SAYS = "Blue dots; the curve falls, and ends lower than the dots."
BROKEN = {
    "no caption": (figure_rules.captions, book("figures.show(figure)")),
    "no number": (figure_rules.captions, book("# Figure. What there is to see.\nfigures.show(figure)")),
    "no sentence": (figure_rules.captions, book("# Figure 8.1. The two laws again\nfigures.show(figure)")),
    "only a word": (figure_rules.captions, book("# Figure 8.1. Laws.\nfigures.show(figure)")),
    "a gap": (figure_rules.numbers, book(FIRST, SECOND.replace("8.2", "8.3"))),
    "another order": (figure_rules.numbers, book(SECOND, FIRST)),
    "another chapter": (figure_rules.numbers, book(FIRST, SECOND.replace("8.2", "9.2"))),
    "not a figure": (figure_rules.captions_belong_to_figures, book(FIRST, "# Figure 8.2. See.\nprint(1)")),
    "by Matplotlib": (figure_rules.shown_by_the_library, book("figures.plt.show()")),
    "by itself": (figure_rules.shown_by_the_library, book("figure.show()")),
    "picture only": (figure_rules.stored_twice, book(FIRST, kinds=("image/png",))),
    "reversed": (figure_rules.seen_is_said, book(PROVEN, alt=SAYS.replace("falls", "rises"))),
    "words not literal": (figure_rules.seen_is_said, book(PROVEN.replace("'lower'", "f'lower'"), alt=SAYS)),
    "table not literal": (
        figure_rules.seen_is_said,
        book(FIRST.replace("figure)", "figure, seen=seen)"), alt=SAYS),
    ),
    "word without truth": (figure_rules.compared, book(PROVEN.replace(", 'lower': low", ""), alt=SAYS)),
    "truth left out": (figure_rules.compared, book(FIRST.replace("8.1", "9.1"), alt=SAYS)),
    "drawing only": (figure_rules.stored_twice, book(FIRST, kinds=("image/svg+xml",))),
}


def test_figures_as_they_should_be_break_no_rule():
    for rule in figure_rules.FIGURE_RULES:
        assert rule(book(FIRST, "print(1)", SECOND)) == []
        assert rule(book(PROVEN, alt=SAYS)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_rule_turns_red(name):
    rule, notebook = BROKEN[name]
    assert rule(notebook)


def test_every_rule_is_broken_once():
    assert {rule for rule, _ in BROKEN.values()} == set(figure_rules.FIGURE_RULES)


# -- the comparison --------------------------------------------------------------------------------------


@cache
def shared(chapter: str) -> dict:
    """What the figures below draw: the laws of chapter 8, and closed forms in place of computed arrays."""
    if chapter == "08_the_gan_game":
        names = run_cells(chapter, "imports", "laws", "divergences")
        return names | {"best": names["p"] / (names["p"] + names["q"])}
    theta = np.linspace(-2, 2, 41)
    far, home = np.abs(theta), np.abs(theta) < 1e-9
    lines = np.stack([far, np.log(2) * ~home, 1.0 * ~home])
    segments = np.stack([far, np.log(2) * np.minimum(far, 1), np.minimum(far, 1)])
    sizes, rate = 2 ** np.arange(3, 9), {1: -0.5, 2: -0.5, 10: -0.1}
    measured = {1: -0.52, 2: -0.42, 10: -0.13}
    return {
        "np": np,
        "figures": figures,
        "theta": theta,
        "home": home,
        "parallel": lines,
        "sliding": segments,
        "sizes": sizes,
        "rate": rate,
        "measured": measured,
        "by_chance": {d: 0.3 * d * (sizes / 8.0) ** slope for d, slope in measured.items()},
    }


@cache
def drawing_cell(chapter: str, cell: str, *fault: str, again: int = 0) -> nbformat.NotebookNode:
    """The figure of a cell, with a fault if one is given, as a notebook stores it."""
    path = next(path for path in CHAPTERS if path.stem == chapter)
    source = next(c.source for c in stored(path).cells if c.id == cell)
    for old, new in zip(fault[::2], fault[1::2], strict=True):
        assert old in source, f"{chapter}, {cell} no longer says {old!r}: plant this fault anew"
        source = source.replace(old, new)
    figures.use()
    bundles = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "display", lambda data, **options: bundles.append(data))
        patch.setattr(figures, "show", lambda figure, seen=None, show=figures.show: show(figure))
        exec(compile(source, cell, "exec"), dict(shared(chapter)))
    output = nbformat.v4.new_output("display_data", data=bundles.pop())
    return nbformat.v4.new_code_cell("draw()", id=cell, outputs=[output])


def draw(chapter: str, cell: str, *fault: str, closed: bool = True, again: int = 0) -> nbformat.NotebookNode:
    """A notebook with one figure, which is marked as closed-form or is not."""
    made = deepcopy(drawing_cell(chapter, cell, *fault, again=again))
    made.metadata["tags"] = ["deterministic-figure"] if closed else []
    return nbformat.v4.new_notebook(cells=[made])


GAME, DUALITY, WGAN = "08_the_gan_game", "12_kantorovich_duality", "13_wasserstein_gan"
DRAWN = [(GAME, "opening-figure"), (GAME, "optimal-figure"), (GAME, "value-figure"), (WGAN, "curves-figure")]
DRAWN += [(DUALITY, "rates-figure")]
FAULTS = {
    "D* drawn as 1 − D*": (GAME, "optimal-figure", "plot(x, best", "plot(x, 1 - best"),
    "D* mirrored": (GAME, "optimal-figure", "plot(x, best", "plot(x, best[::-1]"),
    "heights swapped": (GAME, "opening-figure", "high, low = real(where), generated(where)",
                        "low, high = real(where), generated(where)"),
    "colours swapped": (GAME, "optimal-figure", 'x, p, "real"', 'x, p, "generated"', 'x, q, "generated"',
                        'x, q, "real"'),
    "half of the share": (GAME, "value-figure", "q * np.log(q / mixture)", "0 * q"),
    "another exact line": (DUALITY, "rates-figure", "rate[d]", "measured[d]"),
    "TV = log 2": (WGAN, "curves-figure", '"TV = 1"', '"TV = log 2"'),
    "panels exchanged": (WGAN, "curves-figure", "axes[0], parallel", "axes[0], sliding"),
}  # fmt: skip


@pytest.mark.parametrize(("chapter", "cell"), DRAWN)
def test_figure_drawn_twice_is_the_same(chapter, cell):
    assert differences(draw(chapter, cell), draw(chapter, cell, again=1)) == []


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_seen(name):
    chapter, cell, *fault = FAULTS[name]
    assert differences(draw(chapter, cell), draw(chapter, cell, *fault))


def test_wrong_label_is_seen_where_numbers_may_differ():
    stored = draw(WGAN, "curves-figure", closed=False)
    other = draw(WGAN, "curves-figure", '"TV = 1"', '"TV = 2"', closed=False)
    wrong = draw(WGAN, "curves-figure", '"TV = 1"', '"TV = log 2"', closed=False)
    assert differences(stored, other) == [] and "TV = log #" in differences(stored, wrong)[0]


@pytest.mark.parametrize("shift", [(0, 1), (1, 0), (-1, 1)])
def test_shift_by_a_pixel_is_no_difference(shift):
    """Half a pixel of a page: as much as another version of Matplotlib or FreeType may bring."""
    pixels = picture(draw(GAME, "optimal-figure").cells[0].outputs[0])
    moved = np.roll(pixels, shift, axis=(0, 1))
    assert figure_comparison.figure_difference(pixels, moved, deterministic=True) == ""
    far = np.roll(pixels, 6, axis=0)
    assert "looks different" in figure_comparison.figure_difference(pixels, far, deterministic=True)


def test_labels_are_read_and_numbers_along_the_axes_are_not():
    output = draw(GAME, "value-figure").cells[0].outputs[0]
    found = figure_comparison.labels(output, deterministic=True)
    assert {"mixture M", "density", "area = JS = 0.052", "of at most log 2 = 0.693"} <= found
    assert not any(re.fullmatch(r"[−\d.]+", text) for text in found)
    assert "area = JS = #" in figure_comparison.labels(output, deterministic=False)
