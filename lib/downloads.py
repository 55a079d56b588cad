"""Files that the book reads from a folder of the reader's, or downloads once and keeps, always hash-checked.

A file is looked for in `$BOOK_DATA`, then in the cache, then in the temporary folder, and downloaded when
it is in none. What counts is the md5 of the *unpacked* bytes: the same file comes in differently packed
containers. Files in `$BOOK_DATA` belong to the reader and are never changed or deleted.
"""

import contextlib
import errno
import gzip
import hashlib
import os
import shutil
import stat
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pooch
import requests

CACHE_NAME = "gans-from-first-principles"


class DataUnavailable(RuntimeError):
    """A data set is not on this machine and cannot be downloaded; `.reason` says why in a few words."""

    def __init__(self, message: str, reason: str):
        super().__init__(message)
        self.reason = reason


class DataDamaged(ValueError):
    """A file's bytes are not what they should be; the message names the file and both digests."""


class DataUnreadable(DataDamaged):
    """A file's bytes cannot be read now, which says nothing about them; the message names file and cause."""


class RemoteFile(NamedTuple):
    """One packed file: the `folder` and `name` it is kept under, the md5 of its unpacked bytes, its `homes`.

    `homes` are addresses of folders, tried in order; each ends in a slash.
    """

    folder: str
    name: str
    md5: str
    homes: tuple[str, ...]


def fetch(file: RemoteFile) -> bytes:
    """Return a file's unpacked bytes, md5-checked, from `$BOOK_DATA`, the cache or its homes on the network.

    Raises:
        DataUnavailable: the file is nowhere and cannot be downloaded or stored; the message names both
            ways to get it.
        DataDamaged: the file in `$BOOK_DATA` is not the published one, or cannot be read; it is left as it
            is.
    """
    own = book_data()
    if own is not None:
        # A reader who unpacked the file by hand has it without the ending.
        for path in (own / file.folder / file.name, own / file.folder / file.name.removesuffix(".gz")):
            if os.path.exists(path):
                try:
                    return verified(path, file.md5)
                except DataUnreadable:
                    raise
                except DataDamaged as error:
                    raise DataDamaged(f"{error}. Put the published file there, or remove this one") from error
    for place in (cache(), temporary()):
        path = place / file.folder / file.name
        if os.path.exists(path):
            try:
                return verified(path, file.md5)
            except DataUnreadable as error:  # a good copy, for all we know: it stays
                print(f"{error}. It is left as it is, and the file downloaded again.")
            except DataDamaged as error:
                print(f"{error}. This copy is the book's own: it is dropped and downloaded again.")
                with contextlib.suppress(OSError):  # gone already, or in a folder that can only be read
                    path.unlink()
    return _download(file)


def book_data() -> Path | None:
    """Return the folder that the environment variable BOOK_DATA names, or None when it is unset or empty."""
    named = os.environ.get("BOOK_DATA", "")
    return Path(named).expanduser().absolute() if named else None


def cache() -> Path:
    """Return the folder in which downloads are kept for this user."""
    return Path(pooch.os_cache(CACHE_NAME))


def temporary() -> Path:
    """Return the folder of last resort: this user's own below the system's temporary folder."""
    user = getattr(os, "getuid", int)()  # Windows has no user numbers, and a temporary folder for each user
    return Path(tempfile.gettempdir()) / f"{CACHE_NAME}-{user}"


def verified(path: Path, md5: str) -> bytes:
    """Read a file, unpack it if it is gzip, and check the md5 of the unpacked bytes.

    Raises:
        DataUnreadable: it cannot be read, or is no ordinary file: a pipe would never end.
        DataDamaged: it is a web page, is cut short, or has another digest.
    """
    expected = f"expected unpacked bytes with md5 {md5}"
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise DataUnreadable(f"{path} is no ordinary file; {expected}. Put the published file there")
        packed = Path(path).read_bytes()
    except OSError as error:
        remedy = "Mend its permissions, or close other files"
        raise DataUnreadable(f"{path} cannot be read ({error.strerror}); {expected}. {remedy}") from error
    if packed[:64].lstrip()[:1] == b"<":
        raise DataDamaged(f"{path} holds a web page (HTML), perhaps of a login or a proxy; {expected}")
    try:
        content = gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed
    except EOFError as error:
        raise DataDamaged(f"{path} is truncated: it ends after {len(packed)} bytes; {expected}") from error
    except (OSError, zlib.error) as error:
        raise DataDamaged(f"{path} cannot be unpacked ({error}); {expected}") from error
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != md5:
        raise DataDamaged(f"{path} has unpacked md5 {digest} ({len(content)} bytes); {expected}")
    return content


def _download(file: RemoteFile) -> bytes:
    folder = _writable_folder(file)
    attempts, causes = [], {}
    for home in file.homes:
        host = urlsplit(home).netloc
        for _ in range(2):  # a damaged download is tried once more, a server that does not answer is not
            try:
                return _download_once(file, home + file.name, folder)
            except DataDamaged as error:
                attempts.append(f"{home}: {error}")
                causes[host] = "damaged"
            except requests.RequestException as error:
                attempts.append(f"{home}: {error}")
                causes[host] = f"{type(error).__name__} {getattr(error.response, 'status_code', '')}".rstrip()
                break
    raise _unavailable(file, "; ".join(f"{host}: {cause}" for host, cause in causes.items()), attempts)


def _download_once(file: RemoteFile, url: str, folder: Path) -> bytes:
    """Download to a name of our own in the same folder, check, and only then give the file its name."""
    handle, part = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".part", dir=folder)
    os.close(handle)
    target = folder / file.name
    print(f"downloading {url}")  # without the folder: outputs of chapters are the same on every machine
    try:
        pooch.HTTPDownloader(progressbar=True, chunk_size=2**16, timeout=20)(url, part, None)
        content = verified(Path(part), file.md5)
        # Another process may have been faster; its copy has passed the same check.
        if not target.exists():
            os.replace(part, target)
        return content
    except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
        size = os.path.getsize(part)
        raise DataDamaged(f"{url} was truncated: the connection ended after {size} bytes") from error
    except requests.RequestException:
        raise  # also an OSError, but of the network
    except OSError as error:
        if error.errno not in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            raise
        written, free = os.path.getsize(part), shutil.disk_usage(folder).free
        problem = f"the disk is full: {folder} took {written} bytes of {file.name} and has {free} bytes left"
        raise _unavailable(file, problem, []) from error
    finally:
        Path(part).unlink(missing_ok=True)


def _writable_folder(file: RemoteFile) -> Path:
    """Choose where downloads are kept: the cache, else `$BOOK_DATA`, else the temporary folder, announced."""
    own = book_data()
    refused = []
    for place in (cache(), *([own] if own is not None and own.is_dir() else []), temporary()):
        folder = place / file.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            refused.append(f"{folder}: {error.strerror}")
            continue
        if refused:
            print(f"cannot write to {'; '.join(refused)}. Keeping downloads in {folder} instead.")
        return folder
    raise _unavailable(file, "no folder to keep it in can be written", refused)


def _unavailable(file: RemoteFile, reason: str, details: list[str]) -> DataUnavailable:
    own = book_data()
    there = "it is not set" if own is None else f"it names {own}, which does not hold it"
    return DataUnavailable(
        f"{file.folder}/{file.name} is not on this machine, and downloading it failed: {reason}. "
        "There are two ways to get it. (1) Set the environment variable BOOK_DATA to a folder that holds "
        f"{file.folder}/{file.name} ({there} now). (2) Connect to the network and run this again: it is then "
        f"downloaded from {file.homes[0]} into {cache()}." + "".join(f"\n  {detail}" for detail in details),
        reason,
    )
