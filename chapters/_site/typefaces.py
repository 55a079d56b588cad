"""Cut the book's typefaces out of open ones: for the pages, the explorers and, as TrueType, for Matplotlib.

Called by vendor.py. Each face is a subset of one pinned npm package; the faces of a family share its name and
are told apart by `unicode-range`, so that a browser fetches only what a page shows. The licences reserve the
names of the originals, so the subsets are called Book Serif, Book Sans, Book Mono and Book Symbols.
"""

import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

SITE = Path(__file__).resolve().parent
FONTS = SITE / "vendor" / "fonts"
LIBRARY_FONTS = SITE.parents[1] / "lib" / "fonts"
STYLE_SHEET = FONTS / "typefaces.css"


class Source(NamedTuple):
    """An npm package with typefaces; `folder` names its licence text in `vendor/licences/`."""

    name: str
    version: str
    licence: str
    licence_member: str
    folder: str


STIX = Source("@fontsource/stix-two-text", "5.3.0", "OFL-1.1", "LICENSE", "stix-two-text")
STIX_MATH = Source("@fontsource/stix-two-math", "5.3.0", "OFL-1.1", "LICENSE", "stix-two-math")
SANS = Source("source-sans", "3.52.0", "OFL-1.1", "LICENSE.md", "source-sans")
CODE = Source("source-code-pro", "2.42.0", "OFL-1.1", "LICENSE.md", "source-code-pro")
DEJAVU = Source("dejavu-fonts-ttf", "2.37.3", "Bitstream-Vera", "LICENSE", "dejavu")
CHINESE = Source("@fontsource/noto-serif-sc", "5.3.0", "OFL-1.1", "LICENSE", "noto-serif-sc")
SOURCES = (STIX, STIX_MATH, SANS, CODE, DEJAVU, CHINESE)

# What a chapter may write. Letters of English and of the names it cites, Greek, the marks between words …
LATIN = "U+20-7E, U+A0-17F, U+192, U+2C6, U+2DC, U+302, U+303, U+2009, U+2010-2026, U+2030-2033, U+2039-203A"
LATIN += ", U+2044, U+20AC, U+2122"
GREEK = "U+391-3A1, U+3A3-3C9, U+3D1, U+3D5, U+3F5"
# … and the signs of mathematics: indices and exponents, letterlike, arrows, operators, brackets, shapes.
INDICES = "U+2E2, U+1D2C-1D6A, U+1D9C, U+2070-209C, U+2150-215E, U+2C7C"
SIGNS = "U+2016, U+2060, U+210E-2115, U+211D, U+2124, U+2190-2199, U+21A6, U+21C0-21C4, U+21D0-21D4"
SIGNS += ", U+2200-2298, U+22A4-22A8, U+22C0-22C6, U+22EE-22F1, U+2308-230B, U+25A0-25CF, U+2713, U+2717"
SIGNS += ", U+27E8-27E9, U+27F5-27FA"
EVERYTHING = f"{LATIN}, {GREEK}, {INDICES}, {SIGNS}"
FIGURES = f"U+20-7E, U+A0-FF, U+2010-2026, U+2030-2033, {GREEK}, {INDICES}, {SIGNS}"
BOLD = (600, 700)


class Face(NamedTuple):
    """One file: `characters` of a member of a package; `otherwise` leaves out what earlier faces hold."""

    family: str
    file: str
    source: Source
    member: str
    characters: str
    weight: tuple[int, int] = (400, 400)
    italic: bool = False
    matplotlib: bool = False
    otherwise: bool = False


def stix(cut_at: int, style: str, **options) -> Iterable[Face]:
    """Yield the three faces into which its package divides one weight and style of STIX Two Text."""
    for part, characters in (("latin", LATIN), ("latin-ext", "U+100-17F"), ("greek", GREEK)):
        member = f"files/stix-two-text-{part}-{cut_at}-{style}.woff2"
        yield Face("Book Serif", f"serif-{cut_at}-{style}-{part}", STIX, member, characters, **options)


FACES = (
    *stix(400, "normal"),
    *stix(400, "italic", italic=True),
    *stix(600, "normal", weight=BOLD),
    *stix(600, "italic", weight=BOLD, italic=True),
    Face("Book Sans", "sans-400", SANS, "TTF/SourceSans3-Regular.ttf", EVERYTHING, matplotlib=True),
    Face("Book Sans", "sans-600", SANS, "TTF/SourceSans3-Semibold.ttf", EVERYTHING, BOLD, matplotlib=True),
    Face("Book Sans", "sans-400-italic", SANS, "TTF/SourceSans3-It.ttf", EVERYTHING, italic=True),
    Face("Book Mono", "mono-400", CODE, "TTF/SourceCodePro-Regular.ttf", EVERYTHING),
    Face("Book Mono", "mono-400-rest", DEJAVU, "ttf/DejaVuSansMono.ttf", EVERYTHING, otherwise=True),
    Face(
        "Book Symbols",
        "symbols",
        STIX_MATH,
        "files/stix-two-math-latin-400-normal.woff2",
        f"{INDICES}, {SIGNS}, U+302, U+303",
    ),
    Face("Book Symbols", "symbols-rest", DEJAVU, "ttf/DejaVuSans.ttf", f"{INDICES}, {SIGNS}", otherwise=True),
)

# The titles of two sources; which characters those need is looked up (`chinese`).
CHINESE_FILE = "files/noto-serif-sc-chinese-simplified-400-normal.woff2"
CHINESE_FACE = Face("Book Symbols", "symbols-chinese", CHINESE, CHINESE_FILE, "U+4E00")


def code_points(ranges: str) -> set[int]:
    """Return the code points of a CSS `unicode-range`, such as "U+20-7E, U+2212"."""
    points: set[int] = set()
    for each in ranges.replace(" ", "").split(","):
        first, _, last = each.removeprefix("U+").partition("-")
        points |= set(range(int(first, 16), int(last or first, 16) + 1))
    return points


def unicode_range(points: Iterable[int]) -> str:
    """Return the CSS `unicode-range` of code points, the inverse of `code_points`."""
    runs: list[list[int]] = []
    for point in sorted(points):
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def chinese() -> str:
    """Return the `unicode-range` of the Chinese characters that pages and ledger write: titles of sources."""
    root = SITE.parents[1]
    paths = [
        *(root / "chapters").glob("*.md"),
        *(root / "chapters").glob("*.ipynb"),
        root / "lib" / "ledger.toml",
    ]
    written = set("".join(path.read_text(encoding="utf-8") for path in paths))
    return unicode_range(
        ord(each) for each in written if "\u4e00" <= each <= "\u9fff" or each in "《》「」，。、"
    )


def rename(font, face: Face) -> None:
    """Give a font its name in this book; the record of whose work it is under which licence stays."""
    style = ("SemiBold" if face.weight == BOLD else "") + ("Italic" if face.italic else "") or "Regular"
    names = {
        1: face.family,
        2: style,
        4: f"{face.family} {style}",
        6: f"{face.family}-{style}".replace(" ", ""),
    }
    kept = [each for each in font["name"].names if each.nameID in (0, 8, 9, 10, 11, 13, 14)]
    font["name"].names = kept
    for number, text in names.items():
        font["name"].setName(text, number, 3, 1, 0x409)


def cut(face: Face, data: Path, wanted: set[int], target: Path, flavour: str | None) -> set[int]:
    """Write the subset of one face and return the code points it holds."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(data, recalcTimestamp=False)
    options = Options(
        hinting=False,
        notdef_outline=True,
        name_IDs=["*"],
        drop_tables=["MATH", "DSIG", "BASE"],
        layout_features=["kern", "mark", "mkmk", "ccmp", "locl", "liga", "lnum", "tnum", "pnum"],
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted & set(font.getBestCmap()))
    subsetter.subset(font)
    rename(font, face)
    font.flavor = flavour
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)
    return set(font.getBestCmap())


def rule(face: Face, points: set[int]) -> str:
    """Return the `@font-face` rule of one file."""
    weight = " ".join(map(str, dict.fromkeys(face.weight)))
    return (
        f'@font-face {{\n  font-family: "{face.family}";\n  src: url("{face.file}.woff2") format("woff2");\n'
        f"  font-style: {'italic' if face.italic else 'normal'};\n  font-weight: {weight};\n"
        f"  font-display: block;\n  unicode-range: {unicode_range(points)};\n}}\n"
    )


def taken(face: Face, tarball: Path, folder: Path) -> Path:
    """Unpack the original of a face into `folder`, keep its licence text, and return where it lies."""
    licence = SITE / "vendor" / "licences" / f"{face.source.folder}.txt"
    with tarfile.open(tarball) as archive:
        data = folder / Path(face.member).name
        data.write_bytes(archive.extractfile(f"package/{face.member}").read())
        licence.write_bytes(archive.extractfile(f"package/{face.source.licence_member}").read())
    if face.matplotlib:
        LIBRARY_FONTS.mkdir(exist_ok=True)
        (LIBRARY_FONTS / "LICENCE.txt").write_bytes(licence.read_bytes())
    return data


def refresh(download: Callable[[Source, Path], Path], folder: Path) -> list[tuple[Source, list[Path]]]:
    """Cut every face anew; return the packages with the files made from each, the style sheet with the first.

    download: fetches a package into a folder and returns the path of its tarball.
    """
    for old in (*FONTS.glob("*.woff2"), *LIBRARY_FONTS.glob("*.ttf")):
        old.unlink()
    made: dict[Source, list[Path]] = {source: [] for source in SOURCES}
    held: dict[str, set[int]] = {}
    rules = [
        "/* Made by chapters/_site/vendor.py: the files beside it, and the characters that each holds. */\n"
    ]
    tarballs = {source: download(source, folder) for source in SOURCES}
    for face in (*FACES, CHINESE_FACE._replace(characters=chinese())):
        data = taken(face, tarballs[face.source], folder)
        earlier = held.setdefault(face.family, set())
        wanted = code_points(face.characters) - (earlier if face.otherwise else set())
        made[face.source].append(FONTS / f"{face.file}.woff2")
        points = cut(face, data, wanted, made[face.source][-1], "woff2")
        earlier |= points
        rules.append(rule(face, points))
        if face.matplotlib:
            made[face.source].append(LIBRARY_FONTS / f"{face.file}.ttf")
            cut(face, data, code_points(FIGURES), made[face.source][-1], None)
    STYLE_SHEET.write_text("\n".join(rules), encoding="utf-8")
    made[SOURCES[0]].append(STYLE_SHEET)
    return [(source, sorted(files)) for source, files in made.items()]
