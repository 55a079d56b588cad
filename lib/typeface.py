"""The book's sans for Matplotlib, from the library's own files: a figure looks the same on every machine."""

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
    for name in files:
        with resources.as_file(folder / name) as path:
            font_manager.fontManager.addfont(path)
    return tuple(files)
