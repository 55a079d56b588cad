"""Explorers as HTML, kept under `_build`: their static figures take seconds, and many tests ask for them."""

import hashlib
import json
import os
import shutil
from functools import cache
from pathlib import Path

from browsing import ROOT
from lib.explorers import page_html

STORED = ROOT / "_build" / "explorers"


@cache
def digest_of_library() -> str:
    """A digest of all that the page of an explorer is made from."""
    made_from = [path for path in (ROOT / "lib").rglob("*") if path.suffix not in (".pyc", "")]
    files = sorted(path for path in [ROOT / "requirements.txt", *made_from] if path.is_file())
    contents = (f"{path.relative_to(ROOT)} ".encode() + path.read_bytes() for path in files)
    return hashlib.sha256(b"".join(contents)).hexdigest()


def folder_of_today() -> Path:
    """Where the explorers lie that the library makes as it is now; what an earlier one made is deleted."""
    folder = STORED / digest_of_library()[:16]
    if not folder.is_dir():
        for other in STORED.glob("*"):
            shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def stored_html(name: str, **traits) -> str:
    """What `page_html` makes of an explorer, made once as long as nothing it is made from changes."""
    asked = json.dumps([name, traits], sort_keys=True).encode()
    stored = folder_of_today() / f"{name}-{hashlib.sha256(asked).hexdigest()[:16]}.html"
    if not stored.is_file():
        unfinished = stored.with_suffix(f".{os.getpid()}")
        unfinished.write_text(page_html(name, **traits), encoding="utf-8")
        unfinished.replace(stored)  # the other worker may be at it too
    return stored.read_text(encoding="utf-8")
