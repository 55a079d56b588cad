"""Where this copy of the book lives on the web, so that a fork's buttons point at the fork."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

ADDRESS = re.compile(
    r"(?:https?://(?:[^@/\s]+@)?|ssh://git@|git@)"  # a token in a remote's address must never reach a page
    r"(?P<host>[\w.-]*(?:github|gitlab)[\w.-]*)[:/]"
    r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?"
)


def normalise(address: str) -> str:
    """Return `https://host/owner/name` for the https and ssh forms of an address, "" for anything else."""
    match = ADDRESS.fullmatch(address.strip())
    return f"https://{match['host']}/{match['owner']}/{match['name']}" if match else ""


def git_remote(folder: Path) -> str:
    """Return the address of git's remote `origin` if `folder` is the top of a clone that has one, else ""."""

    def ask(*words: str) -> str:
        try:
            answer = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True)
        except FileNotFoundError:  # git is not installed: a downloaded archive still builds
            return ""
        return answer.stdout.strip() if answer.returncode == 0 else ""

    top = ask("rev-parse", "--show-toplevel")
    return ask("config", "--get", "remote.origin.url") if top and Path(top).samefile(folder) else ""


def find_repository(environment: Mapping[str, str], remote: str, configured: str) -> str:
    """Return the first address known, or "".

    In order: $BOOK_REPOSITORY, the variables GitHub sets, git's remote, `_config.yml`.
    Raises ValueError when $BOOK_REPOSITORY or `repository.url` is set to something that is no such address.
    """
    for name, given in (
        ("$BOOK_REPOSITORY", environment.get("BOOK_REPOSITORY", "")),
        ("repository.url", configured),
    ):
        if given and not normalise(given):
            raise ValueError(f"{name} is {given!r}; expected an address like https://github.com/owner/name")
    on_github = ""
    if environment.get("GITHUB_REPOSITORY"):
        on_github = (
            f"{environment.get('GITHUB_SERVER_URL', 'https://github.com')}/{environment['GITHUB_REPOSITORY']}"
        )
    candidates = (environment.get("BOOK_REPOSITORY", ""), on_github, remote, configured)
    return next(filter(None, map(normalise, candidates)), "")


def of_this_copy(folder: Path, configured: str) -> str:
    """Return the address of the clone in `folder`, "" if none is known."""
    return find_repository(os.environ, git_remote(folder), configured)
