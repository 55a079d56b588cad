"""Figures are drawn in the book's own sans, on every machine."""

import json
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

import lib
from lib import figures, typeface

ROOT = Path(lib.__file__).parents[1]
FONTS = ROOT / "lib" / "fonts"


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        mpl.rcdefaults()
        figures.use()
        yield
    plt.close("all")


@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_matplotlib_takes_the_typeface_from_the_library(weight):
    found = Path(font_manager.findfont(FontProperties(weight=weight), fallback_to_default=False))
    assert found.parent == FONTS
    assert found.name == {"normal": "sans-400.ttf", "bold": "sans-600.ttf"}[weight]


def test_every_weight_is_registered_once():
    assert typeface.register() == tuple(sorted(path.name for path in FONTS.glob("*.ttf")))
    named = [each.fname for each in font_manager.fontManager.ttflist if each.name == typeface.FAMILY]
    assert len(named) == len(set(named)) == len(typeface.register())


def test_every_character_of_the_chapters_code_can_be_drawn():
    """Whatever a chapter or an explorer writes might stand in a figure, so all of it has to be there."""
    written = set()
    for path in (ROOT / "chapters").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        written |= set("".join("".join(c["source"]) for c in cells if c["cell_type"] == "code"))
    for path in (ROOT / "lib" / "explorers").rglob("*.py"):
        written |= set(path.read_text(encoding="utf-8"))
    stix = font_manager.findfont("STIXGeneral", fallback_to_default=False)
    assert Path(stix).is_relative_to(mpl.get_data_path())
    held = {code for file in (FONTS / "sans-400.ttf", stix) for code in FT2Font(str(file)).get_charmap()}
    assert sorted(each for each in written if each.isprintable() and ord(each) not in held) == []


@pytest.mark.filterwarnings("error")
def test_signs_that_the_sans_lacks_are_drawn_without_complaint():
    drawing, (axes,) = figures.panels()
    axes.set_title("mass at most ∓½, ⌊x⌋ and ∇f, $W_1$ of ‖x − y‖")
    drawing.canvas.draw()


def test_formulas_are_in_the_hand_of_the_pages():
    assert mpl.rcParams["mathtext.fontset"] == "stix"
