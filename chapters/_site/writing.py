"""Files that are whole or not there: written beside, then put in place; nothing is left behind."""

import os
import tempfile
from pathlib import Path


def write(path: Path, text: str) -> bool:
    """Give the file this text, in one step, if it has another; say whether it had.

    Raises OSError with the name of the file itself when it cannot be written; it then is what it was.
    """
    content = text.encode("utf-8")
    if path.is_file() and path.read_bytes() == content:
        return False
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # else the name may reach the disk before the bytes
        partial.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
    return True


def require_writable(folder: Path) -> None:
    """Raises ValueError when no file can be made in the folder: before the work, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ValueError(
            f"{folder}: got {error.strerror}, expected a folder that can be written."
            " Remedy: free the disk, or change the folder's owner."
        ) from error
