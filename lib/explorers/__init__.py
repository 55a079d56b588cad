"""In-page interactive figures: traits in Python, drawing and computing in an ES module of their own.

One folder each, holding the class (`__init__.py`) and its drawing (`explorer.js`), which imports the drawing
kit in `kit/` and whatever modules stand beside it; style sheets beside it come after the kit's. The top of
`kit/kit.js` shows a whole explorer.
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

from lib.explorers.joining import as_module, joined

_HERE = Path(__file__).parent
_DRAWING_KIT = _HERE / "kit"


class Explorer(anywidget.AnyWidget):
    """An interactive figure that works in a page without a kernel, and a static one where JavaScript is off.

    A subclass lives in `lib/explorers/<name>/__init__.py` beside its `explorer.js`, declares its parameters
    as synchronised traits, and gives `alt` (what there is to see) and `figure` (the static figure, drawn from
    the same traits). It also declares what it has, which the browser tests of all explorers then look for:

    - `controls`: the accessible names of all that the Tab key reaches on the first page, in any order, and
      `handles`, those among them that are dragged in a drawing;
    - `roles`: the colours of what is drawn, of "real", "generated" and "third";
    - `stirring`: the button whose press changes a trait, and `animated`, those that take several frames.
    """

    name = ""
    alt = ""
    controls: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    stirring = ""
    animated: tuple[str, ...] = ()

    def __init_subclass__(cls, **options):
        # traitlets makes a further subclass for every instance with added traits: that one inherits.
        if Explorer in cls.__bases__:
            folder = Path(inspect.getfile(cls)).parent
            cls.name = folder.name
            cls._esm = as_module(folder / "explorer.js", folder.parent)
            sheets = (*sorted(_DRAWING_KIT.glob("*.css")), *sorted(folder.glob("*.css")))
            cls._css = "\n".join(path.read_text("utf-8") for path in sheets)
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


def page_html(name: str, **traits) -> str:
    """The explorer `name` as HTML for a plain page, with these traits and a figure without JavaScript.

    The page needs nothing else: no kernel, no widget manager, no request; it works from `file://` too.
    Raises ValueError for a name that no folder here has or that is no trait, and what the class raises.
    """
    if name not in names():
        raise ValueError(
            f"name: got {name!r}, expected one of the explorers. Remedy: {_nearest(name, names())}."
        )
    kind = _class_of(name)
    own = sorted(kind.class_own_traits(sync=True))
    unknown = [key for key in traits if key not in own]
    if unknown:
        raise ValueError(
            f"{unknown[0]}: got a value for it, expected a trait of {kind.__name__}."
            f" Remedy: {_nearest(unknown[0], own)}."
        )
    explorer = kind(**traits)
    values = json.dumps({key: getattr(explorer, key) for key in own}, allow_nan=False)
    files = (_HERE / name / "explorer.js", _DRAWING_KIT / "mount.js")
    code, (drawing, mounting) = joined(*files, root=_HERE)
    script = f"{code}\n{mounting}.mount({drawing}.default, {json.dumps(name)}, {values});"
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


def _nearest(name: str, offered: list[str]) -> str:
    return ", ".join(difflib.get_close_matches(name, offered, n=3) or offered)


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
