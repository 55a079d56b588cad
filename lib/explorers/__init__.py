"""In-page interactive figures: traits in Python, drawing and computing in an ES module of their own.

One folder each, holding the class (`__init__.py`) and its drawing (`explorer.js`), which is joined behind the
drawing kit in `kit/`. The top of `kit/kit.js` shows a whole explorer in fifteen lines.
"""

import base64
import difflib
import html
import importlib
import inspect
import io
import json
import re
from pathlib import Path

import anywidget
from IPython.display import HTML, display
from matplotlib import rc_context
from matplotlib.figure import Figure

_HERE = Path(__file__).parent
_DRAWING_KIT = _HERE / "kit"
_KIT = ("kit.js", "chart.js", "drag.js", "numbers.js")


class Explorer(anywidget.AnyWidget):
    """An interactive figure that works in a page without a kernel, and a static one where JavaScript is off.

    A subclass lives in `lib/explorers/<name>/__init__.py` beside its `explorer.js`, declares its parameters
    as synchronised traits, and gives `alt` (what there is to see) and `figure` (the static figure, drawn from
    the same traits). Where one file would be too long, `parts` names those to join, `explorer.js` last.
    """

    name = ""
    alt = ""
    parts = ("explorer.js",)

    def __init_subclass__(cls, **options):
        # traitlets makes a further subclass for every instance with added traits: that one inherits.
        if Explorer in cls.__bases__:
            folder = Path(inspect.getfile(cls)).parent
            cls.name = folder.name
            files = [*(_DRAWING_KIT / part for part in _KIT), *(folder / part for part in cls.parts)]
            cls._esm = "\n".join(_read(path) for path in files)
            cls._css = _read(_DRAWING_KIT / "kit.css")
        super().__init_subclass__(**options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def figure(self) -> Figure:
        """The static figure, drawn from the current traits with the book's style already in force."""
        raise NotImplementedError(
            f"{type(self).__name__}.figure: not written. Remedy: draw the static figure there."
        )

    def picture(self) -> bytes:
        """The static figure as PNG."""
        from lib import figures

        with rc_context():
            figures.use()
            drawn = self.figure()
            stream = io.BytesIO()
            drawn.savefig(stream, format="png", dpi=130, metadata={"Software": None})
        return stream.getvalue()

    def static_html(self) -> str:
        """A `<noscript>` element with the static figure and its alternative text, complete in itself."""
        source = "data:image/png;base64," + base64.b64encode(self.picture()).decode()
        alt = html.escape(self.alt, quote=True)
        image = f'<img class="explorer-static" style="max-width: 100%" src="{source}" alt="{alt}">'
        return f"<noscript>{image}</noscript>"

    def show(self) -> None:
        """Display the explorer, and its static figure for pages where JavaScript is off."""
        display(self)
        display(HTML(self.static_html()))


def names() -> list[str]:
    """The names of all explorers: the folders here that hold an `explorer.js`."""
    return sorted(path.parent.name for path in _HERE.glob("*/explorer.js"))


def page_html(name: str) -> str:
    """The explorer `name` as HTML for a plain page: default traits, a static figure without JavaScript.

    The page needs nothing else: no kernel, no widget manager, no request; it works from `file://` too.
    Raises ValueError for a name that no folder here has.
    """
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=3) or names()
        raise ValueError(f"name: got {name!r}, expected one of the explorers. Remedy: {', '.join(near)}.")
    kind = _class_of(name)
    explorer = kind()
    traits = {key: getattr(explorer, key) for key in sorted(kind.class_own_traits(sync=True))}
    module, found = re.subn(r"^export default (?=\{)", "const drawing = ", explorer._esm, flags=re.MULTILINE)
    if found != 1:
        raise ValueError(
            f"explorer.js of {name}: got {found} lines `export default {{…}}`, expected one."
            " Remedy: end it with `export default { render };`."
        )
    values = json.dumps(traits, allow_nan=False)
    script = f"{module}\n{_read(_DRAWING_KIT / 'mount.js')}\nmount(drawing, {json.dumps(name)}, {values});"
    static = explorer.static_html()
    explorer.close()
    if re.search(r"</script|<!--", script, re.IGNORECASE):
        raise ValueError(
            f"the module of {name}: got `</script` or `<!--`, expected neither:"
            " they end or hide an inline script. Remedy: split the literal."
        )
    return (
        f'<div data-explorer-mount="{name}"></div>\n{static}\n'
        f'<style>\n{explorer._css}</style>\n<script type="module">\n{script}\n</script>\n'
    )


def _class_of(name: str) -> type[Explorer]:
    module = importlib.import_module(f"{__name__}.{name}")
    found = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Explorer) and each.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise ValueError(
            f"{module.__name__}: got {len(found)} explorers, expected one class derived from Explorer."
            " Remedy: one folder for each."
        )
    return found[0]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
