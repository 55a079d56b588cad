"""Refresh the scripts and typefaces that the pages serve themselves: none asks a third party for anything.

    python chapters/_site/vendor.py

Each package is fetched with `npm pack` at the version named here, the files the pages need are copied into
`vendor/`, and `vendor/manifest.json` records name, version, licence and the sha256 of every file. Two
packages ship no licence text; theirs are kept by hand in `vendor/licences/` and are left as they are.
"""

import fnmatch
import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

import typefaces

VENDOR = Path(__file__).parent / "vendor"


class Package(NamedTuple):
    """What to take from one npm package: glob patterns below `strip`, put into `vendor/<folder>/`."""

    name: str
    version: str
    folder: str
    licence: str
    strip: str
    patterns: tuple[str, ...]
    licence_member: str = ""


PACKAGES = (
    Package(
        name="mathjax",
        version="4.1.3",
        folder="mathjax",
        licence="Apache-2.0",
        strip="package/",
        # In parts instead of in one file, which would bring a menu and a speech engine that fetch more. The
        # extensions are loaded one by one, when a formula first uses them.
        patterns=(
            "startup.js",
            "core.js",
            "input/tex.js",
            "output/chtml.js",
            "a11y/assistive-mml.js",
            "input/tex/extensions/*.js",
        ),
        licence_member="package/LICENSE",
    ),
    Package(
        name="@mathjax/mathjax-stix2-font",
        version="4.1.0",
        folder="mathjax-stix2",
        licence="Apache-2.0; the fonts (*.woff2), made from STIX Two: OFL-1.1",
        strip="package/",
        patterns=("chtml.js", "chtml/dynamic/*.js", "chtml/woff2/*.woff2"),
    ),
    Package(
        name="requirejs",
        version="2.3.8",
        folder="requirejs",
        licence="MIT",
        strip="package/",
        patterns=("require.js",),
    ),
    Package(
        name="@jupyter-widgets/html-manager",
        version="1.0.15",
        folder="html-manager",
        licence="BSD-3-Clause; the Font Awesome 5.15.4 fonts (*.woff2): OFL-1.1",
        strip="package/dist/",
        patterns=("embed-amd.js", "*.woff2"),
    ),
    Package(
        name="anywidget",
        version="0.11.0",
        folder="anywidget",
        licence="MIT",
        strip="package/dist/",
        patterns=("index.js",),
        licence_member="package/LICENSE",
    ),
    Package(
        name="minisearch",
        version="7.2.0",
        folder="minisearch",
        licence="MIT",
        strip="package/dist/umd/",
        patterns=("index.js",),
        licence_member="package/LICENSE.txt",
    ),
)


def sha256(path: Path) -> str:
    """Return the hexadecimal sha256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def licence_file(package: Package | typefaces.Source) -> Path:
    """Return where the licence text of a package is kept."""
    return VENDOR / "licences" / f"{package.folder}.txt"


def download(package: Package | typefaces.Source, folder: Path) -> Path:
    """Fetch one package as an npm tarball into `folder` and return its path; npm checks its integrity."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    printed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    return folder / printed.split()[-1]


def unpack(package: Package, tarball: Path) -> list[Path]:
    """Replace `vendor/<folder>/` by the wanted files of the tarball and return their paths.

    They are unpacked beside it and put in its place when all are there, so a failure leaves it as it is.
    Raises RuntimeError when a pattern matches nothing (the package's layout has changed), and for a member
    whose name leads out of the folder.
    """
    target = VENDOR / package.folder
    with tempfile.TemporaryDirectory(dir=VENDOR, prefix=f".{package.folder}.") as beside:
        inside, before = Path(beside) / "new", Path(beside) / "old"
        inside.mkdir()
        names, licence = _unpack_into(inside, package, tarball)
        if target.exists():
            target.rename(before)
        inside.rename(target)
    if licence is not None:
        licence_file(package).parent.mkdir(parents=True, exist_ok=True)
        licence_file(package).write_bytes(licence)
    return sorted(target / name for name in names)


def _unpack_into(folder: Path, package: Package, tarball: Path) -> tuple[list[str], bytes | None]:
    """Unpack the wanted files into a folder; their names below it, and the licence if it has one."""
    matched: set[str] = set()
    names, licence = [], None
    with tarfile.open(tarball) as archive:
        for member in archive.getmembers():
            inner = member.name.removeprefix(package.strip)
            hits = [pattern for pattern in package.patterns if fnmatch.fnmatchcase(inner, pattern)]
            if not member.isfile() or not hits or not member.name.startswith(package.strip):
                continue
            matched.update(hits)
            path = folder / inner
            if not path.resolve().is_relative_to(folder.resolve()):
                raise RuntimeError(f"{package.name} {package.version}: {member.name!r} leads out of it")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())
            names.append(inner)
        if package.licence_member:
            licence = archive.extractfile(package.licence_member).read()
    if missing := set(package.patterns) - matched:
        raise RuntimeError(f"{package.name} {package.version}: nothing matches {sorted(missing)}")
    return names, licence


def describe(package: Package | typefaces.Source, files: list[Path]) -> dict:
    """Return the manifest entry of one package."""
    if not licence_file(package).is_file():
        raise RuntimeError(f"{package.name}: put its licence text into {licence_file(package)}")
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "licence_text": licence_file(package).relative_to(VENDOR).as_posix(),
        "files": {Path(os.path.relpath(path, VENDOR)).as_posix(): sha256(path) for path in files},
    }


def refresh() -> None:
    """Fetch every package and write the manifest."""
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            files = unpack(package, download(package, Path(folder)))
            entries.append(describe(package, files))
            print(f"{package.name} {package.version}: {len(files)} files")
        entries += [describe(source, files) for source, files in typefaces.refresh(download, Path(folder))]
    (VENDOR / "manifest.json").write_text(json.dumps({"packages": entries}, indent=2) + "\n")


if __name__ == "__main__":
    refresh()
