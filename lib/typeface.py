"""The book's sans for Matplotlib, from the library's own files: a figure looks the same on every machine."""

import atexit
from contextlib import ExitStack
from functools import cache
from importlib import resources

from matplotlib import font_manager

FAMILY = "Book Sans"
"""The family's name, as `book.mplstyle` asks for it: Source Sans 3, cut to what figures write."""


@cache
def register() -> tuple[str, ...]:
    """Make the typefaces in `lib/fonts/` known to Matplotlib; returns their files' names.

    Raises FileNotFoundError if there are none: the package was built without its data.
    """
    folder = resources.files("lib") / "fonts"
    files = (
        sorted(each.name for each in folder.iterdir() if each.name.endswith(".ttf"))
        if folder.is_dir()
        else []
    )
    if not files:
        raise FileNotFoundError(
            f"lib/fonts: got no typefaces, expected {FAMILY} as *.ttf."
            " Remedy: install the library with its data."
        )
    kept = ExitStack()  # from an archive these are temporary files, and Matplotlib reads them when it draws
    atexit.register(kept.close)
    for name in files:
        font_manager.fontManager.addfont(kept.enter_context(resources.as_file(folder / name)))
    return tuple(files)
