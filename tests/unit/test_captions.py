"""Figures on the page: number, caption and anchor, the theme's ink, and no rule for the rest of the page."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import captions
import lib
from lib import figures
from lib.colours import colours

SITE = Path(captions.__file__).parent


@pytest.fixture(scope="module")
def svg() -> str:
    """A figure with a curve, words, a picture in ink and a clipped area, as `figures.show` gives it."""
    shown = []
    with plt.rc_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "display", lambda data, **options: shown.append(data))
        figures.use()
        figure, axes = figures.panels(2)
        figures.law(axes[0], np.linspace(0, 1, 9), np.linspace(1, 2, 9), "real", "real p", at=0.5)
        axes[0].plot([0, 1], [1, 2], **figures.exact)
        axes[1].imshow(np.eye(4), cmap=figures.ramp("ink"), interpolation="none")
        figures.show(figure)
    return shown[0]["image/svg+xml"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Figure 8.3. What to see.\nplot()", (8, 3, "What to see.")),
        ("# Figure 12.10. What there\n# is to see.\n\n# not this\nplot()", (12, 10, "What there is to see.")),
        ("# figure 8.3. What to see.", None),
        ("# Figure 8. What to see.", None),
        ("plot()\n# Figure 8.3. What to see.", None),
        ("", None),
    ],
)
def test_caption_stands_at_the_head_of_the_cell(source, expected):
    found = captions.caption_of(source)
    assert (found and (found.chapter, found.number, found.text)) == expected


def test_words_of_a_caption_are_escaped_and_its_formulas_set():
    text = captions.words("p < q where $a < b$ & so on")
    assert text.startswith("p &lt; q where <span class=") and text.endswith(" &amp; so on")
    assert r">\(a &lt; b\)</span>" in text


def test_colours_become_variables_that_fall_back_on_the_light_ones():
    assert captions.follow_theme("fill: #24292f", False) == "fill: var(--figure-ink, #24292f)"
    assert captions.follow_theme("stroke: #0072B2", False) == "stroke: var(--figure-real, #0072b2)"
    assert captions.follow_theme("fill: #0072b2", True) == "fill: var(--figure-real-text, #0072b2)"
    assert captions.follow_theme("fill: #24292f", True) == "fill: var(--figure-ink, #24292f)"
    assert captions.follow_theme("fill: none; stroke: #123456", False) == "fill: none; stroke: #123456"


def test_drawing_keeps_no_colour_that_does_not_follow_the_theme(svg):
    inline = captions.inline_svg(svg, "figure-8-3", "A law.")
    bare = re.sub(r"var\([^)]*\)|base64,[^\"]*", "", inline)
    assert re.findall(r"#[0-9a-fA-F]{6}", bare) == []
    for name in ("ink", "real", "real-text", "axis", "tick"):
        assert f"var(--figure-{name}, " in inline


def test_drawing_in_the_page_has_identifiers_of_its_own_and_rules_nothing_else(svg):
    inline = captions.inline_svg(svg, "figure-8-3", "A law.")
    root = ET.fromstring(inline)
    named = [element.get("id") for element in root.iter() if element.get("id")]
    used = set(re.findall(r'href="#([^"]+)"', inline)) | set(re.findall(r"url\(#([^)]+)\)", inline))
    assert used and set(named) == used and len(named) == len(set(named))
    assert all(name.startswith("figure-8-3-") for name in named)
    assert "<style" not in inline and "xlink" not in inline
    assert (root.get("role"), root.get("aria-label")) == ("img", "A law.")
    assert float(re.search(r"--ratio: ([\d.]+)", root.get("style"))[1]) == pytest.approx(7.2 / 3.2, rel=1e-3)


def test_the_card_and_pictures_in_ink_are_marked_for_the_style(svg):
    root = ET.fromstring(captions.inline_svg(svg, "figure-8-3", "A law."))
    classes = [element.get("class") for element in root.iter()]
    assert classes.count("figure-card") == 1 and classes.count("figure-ink-picture") == 1


def test_what_is_no_svg_is_refused():
    with pytest.raises(ValueError, match=r"figure-8-3: the figure is not SVG .* show it by figures\.show"):
        captions.inline_svg("<svg", "figure-8-3", "A law.")


def cell(source: str, **data: str) -> dict:
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    alt = {"mystnb": {"image": {"alt": 'A "law" & more.'}}}
    return {"cell_type": "code", "id": "curve", "source": source, "metadata": alt, "outputs": [output]}


def test_captioned_figures_of_a_notebook_are_replaced_and_nothing_else_is(svg):
    data = {"image/svg+xml": svg, "image/png": "x", "text/plain": "(a figure)"}
    plain = cell("show()", **data)
    notebook = {"cells": [cell("# Figure 8.3. What to see.\nshow()", **data), plain]}
    before = json.dumps(plain)
    captions.put_captions(notebook)
    anchor, figure, other = notebook["cells"]
    assert anchor["source"] == "(figure-8-3)=" and json.dumps(other) == before
    page = figure["outputs"][0]["data"]
    assert list(page) == ["text/html"]
    assert 'aria-label="A &quot;law&quot; &amp; more."' in page["text/html"]
    assert '<a class="figure-number" href="#figure-8-3">Figure 8.3.</a> What to see.' in page["text/html"]


# -- what the style sheet makes of the variables ---------------------------------------------------------


def contrast(first: str, second: str) -> float:
    """Contrast ratio by WCAG 2.2: (L₁ + 0.05) / (L₂ + 0.05) with the relative luminance of sRGB."""

    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def variables(theme: str) -> dict[str, str]:
    """The colours of figures in a theme: what `:root` says, then what the theme says, in both sheets."""
    rules = "".join((SITE / name).read_text(encoding="utf-8") for name in ("style.css", "figures.css"))
    rules = re.sub(r"/\*.*?\*/|@media print \{.*?\n\}", "", rules, flags=re.DOTALL)
    found: dict[str, str] = {}
    for selector in (":root", f'html[data-theme="{theme}"]'):
        for body in re.findall(rf"^{re.escape(selector)} \{{(.*?)\}}", rules, re.DOTALL | re.MULTILINE):
            found |= dict(re.findall(r"(--[\w-]+):\s*([^;]+);", body))

    def resolved(value: str) -> str:
        return resolved(found[value[4:-1]]) if value.startswith("var(") else value

    return {name: resolved(value) for name, value in found.items() if name.startswith("--figure-")}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_a_figure_can_be_seen_on_the_page(theme):
    set_here = variables(theme)
    texts = ["ink", "muted", "tick", "real-text", "generated-text", "third-text"]
    assert {f"--figure-{name}" for name in (*texts, "axis", *colours)} <= set(set_here)
    for name in texts:
        assert contrast(set_here[f"--figure-{name}"], set_here["--figure-ground"]) >= 4.5, name
    for name in ("real", "generated", "third", "axis"):
        assert contrast(set_here[f"--figure-{name}"], set_here["--figure-ground"]) >= 3, name


def test_the_light_colours_are_those_in_which_figures_are_drawn():
    kit = Path(lib.__file__).parent / "explorers" / "kit" / "kit.css"
    explorers = dict(re.findall(r"--(\w+): light-dark\((#\w+), #\w+\)", kit.read_text(encoding="utf-8")))
    for role in captions.ROLES:
        drawn = colours[role].lower()
        assert variables("light")[f"--figure-{role}"] == drawn == explorers[role]
    sheets = "".join(path.read_text(encoding="utf-8") for path in SITE.glob("*.css")).lower()
    assert [sheets.count(colours[role].lower()) for role in captions.ROLES] == [1, 1, 1]


def test_the_page_uses_no_variable_that_no_style_sets():
    used = set(captions.VARIABLES.values()) | {f"--figure-{role}-text" for role in captions.ROLES}
    assert used <= set(variables("light")) and used <= set(variables("dark"))
