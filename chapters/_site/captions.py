"""Figures of a chapter as the page shows them: drawn in the page's own ink, with number, caption and anchor.

A cell that shows a figure begins with `# Figure 8.3. What to see.`, on as many comment lines as the sentence
needs; its output holds the figure as SVG with the colours of `lib.colours`. Here the SVG goes into the page
itself, and its colours become variables that follow the theme.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from html import escape

from lib.colours import colours

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
FIRST_LINE = re.compile(r"# Figure (\d+)\.(\d+)\. (\S.*)")
# The other colours are those of book.mplstyle: axes, and the numbers along them.
VARIABLES = {value.lower(): f"--figure-{role}" for role, value in colours.items()} | {
    "#8a8f98": "--figure-axis",
    "#4b5159": "--figure-tick",
}
COLOUR = re.compile(r"#[0-9a-f]{6}")
ROLES = ("real", "generated", "third")


@dataclass(frozen=True)
class Caption:
    """Number of the chapter, running number in it, and what there is to see."""

    chapter: int
    number: int
    text: str

    @property
    def anchor(self) -> str:
        """Return the identifier on the page, such as `figure-8-3`."""
        return f"figure-{self.chapter}-{self.number}"


def caption_of(source: str) -> Caption | None:
    """Return the caption that a cell begins with; None for a cell that begins otherwise."""
    lines = source.splitlines()
    first = FIRST_LINE.fullmatch(lines[0]) if lines else None
    if first is None:
        return None
    words = [first[3]]
    for line in lines[1:]:
        if not line.startswith("# "):
            break
        words.append(line[2:].strip())
    return Caption(int(first[1]), int(first[2]), " ".join(words))


def follow_theme(style: str, is_text: bool) -> str:
    """Return a style whose colours are variables; they fall back on the light ones where nothing sets them.

    Letters in the colour of a role get a variable of their own, since thin strokes need more contrast.
    """

    def variable(colour: re.Match) -> str:
        name = VARIABLES.get(colour[0], "")
        if is_text and name.removeprefix("--figure-") in ROLES:
            name += "-text"
        return f"var({name}, {colour[0]})" if name else colour[0]

    return COLOUR.sub(variable, style.lower())


def inline_svg(svg: str, anchor: str, alt: str) -> str:
    """Return the SVG for the inside of a page: named by `alt`, in the theme's ink, its identifiers its own.

    Raises ValueError for what is not SVG.
    """
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise ValueError(f"{anchor}: the figure is not SVG ({error}); show it by figures.show") from error
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    _dress(root, anchor, used, is_text=False)
    for styles in [defs for defs in root.findall(f"{SVG}defs") if defs.find(f"{SVG}style") is not None]:
        root.remove(styles)  # a style sheet in an SVG rules the whole page it stands in
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("class", "figure-drawing")
    width, height = map(float, root.get("viewBox", "0 0 2 1").split()[2:])
    root.set("style", f"--ratio: {width / height:.4g}; stroke-linejoin: round; stroke-linecap: butt")
    for size in ("width", "height", "version"):
        root.attrib.pop(size, None)
    ET.register_namespace("", SVG[1:-1])
    text = ET.tostring(root, encoding="unicode")
    return re.sub(r">\s+<", "><", text)


def _dress(element: ET.Element, anchor: str, used: set[str], is_text: bool) -> None:
    name = element.attrib.pop("id", "")
    is_text = is_text or name.startswith("text_")
    if name in used:
        element.set("id", f"{anchor}-{name}")
    elif name == "patch_1":
        element.set("class", "figure-card")
    elif name.startswith("ink-"):
        element.set("class", "figure-ink-picture")
    for key, value in list(element.attrib.items()):
        if key == LINK:
            element.attrib.pop(key)
            element.set("href", f"#{anchor}-{value[1:]}" if value.startswith("#") else value)
        elif key == "style":
            element.set(key, follow_theme(value, is_text))
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{anchor}-"))
    for child in element:
        _dress(child, anchor, used, is_text)


def words(text: str) -> str:
    """Return a caption as HTML; `$…$` becomes what MathJax sets."""
    parts = re.split(r"\$([^$]+)\$", text)
    formulas = [
        rf'<span class="math notranslate nohighlight">\({escape(part)}\)</span>' for part in parts[1::2]
    ]
    plain = [escape(part, quote=False) for part in parts[::2]]
    return "".join(piece for pair in zip(plain, [*formulas, ""], strict=True) for piece in pair)


def figure_html(svg: str, caption: Caption, alt: str) -> str:
    """Return a numbered figure: a frame that scrolls sideways where it must, and the caption beneath."""
    number = f"Figure {caption.chapter}.{caption.number}"
    return (
        '<figure class="book-figure">'
        f'<div class="figure-frame" data-name="{number}">{inline_svg(svg, caption.anchor, alt)}</div>'
        f'<figcaption><span><a class="figure-number" href="#{caption.anchor}">{number}.</a> '
        f"{words(caption.text)}</span></figcaption></figure>"
    )


def put_captions(notebook: dict) -> None:
    """Replace, in a notebook read as JSON, the drawings of captioned cells by numbered figures, in place.

    Before each of these cells goes one with the anchor, as Markdown: so a link to it is checked as any other.
    """
    cells = []
    for cell in notebook["cells"]:
        caption = caption_of("".join(cell["source"])) if cell["cell_type"] == "code" else None
        if caption is not None:
            cells.append(_anchor(caption, cell.get("id", "")))
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            for output in cell["outputs"]:
                if svg := "".join(output.get("data", {}).get("image/svg+xml", "")):
                    output["data"] = {"text/html": figure_html(svg, caption, alt)}
                    output["metadata"] = {}
        cells.append(cell)
    notebook["cells"] = cells


def _anchor(caption: Caption, name: str) -> dict:
    return {"cell_type": "markdown", "id": f"{name}-anchor", "metadata": {}, "source": f"({caption.anchor})="}
