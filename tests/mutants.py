"""Plant known faults, one at a time, in a copy of the book, and report which layer of the tests notices each.

    python tests/mutants.py                      all (`make mutants`)
    python tests/mutants.py --fast               three quick ones, as `make test` does
    python tests/mutants.py --only half_lost     one, by its name, or all whose names begin so
    python tests/mutants.py --only 16,09_plane   all of chapter 16, and those whose names begin with 09_plane

A fault that nothing notices is a hole in the tests: the command then fails.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from faults import FAULTS, PLANTED_BY, Fault

ROOT = Path(__file__).resolve().parents[1]
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "--tb=no")
TIMEOUT = 900  # seconds; a fault may make a run endless, which counts as noticed


class Result(NamedTuple):
    """How a check ended: `green`, `red`, or `broken` when it could not do its work at all."""

    state: str
    first: str
    seconds: float


def copy_tree(target: Path) -> Path:
    """What git tracks or would track, and the executed chapters, so that only what a fault reaches reruns."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    executed = ROOT / "_build" / "executed"
    if executed.is_dir():
        shutil.copytree(executed, target / "_build" / "executed")
    return target


def environment(copy: Path) -> dict[str, str]:
    """The variables by which the copy's own library is imported and no compiled file outlives its source."""
    own = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return {name: value for name, value in os.environ.items() if name != "CI"} | own


def check(copy: Path, tests: str) -> Result:
    """Run one file of tests in the copy, up to the first that fails."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, *PYTEST, tests],
            cwd=copy,
            env=environment(copy),
            timeout=TIMEOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except subprocess.TimeoutExpired:
        return Result("red", f"no end after {TIMEOUT} s", time.monotonic() - started)
    seconds = time.monotonic() - started
    if done.returncode == 0:
        return Result("green", "", seconds)
    # pytest says 1 when tests failed and more when it could not run them
    state = "red" if done.returncode == 1 else "broken"
    found = re.search(r"^(?:FAILED|ERROR) (?:.*/)?(\S+)", done.stdout, re.MULTILINE)
    lines = done.stdout.strip().splitlines() or ["no output"]
    return Result(state, found.group(1) if found else lines[-1], seconds)


def verify_copy_is_used(copy: Path) -> None:
    """Stop unless Python imports the library from the copy and chapters are executed there."""
    code = "import lib, execute; print(lib.__file__); print(execute.ROOT)"
    settings = environment(copy)
    settings["PYTHONPATH"] += os.pathsep + str(copy / "chapters" / "_site")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=settings, capture_output=True, text=True
    )
    places = [Path(line).resolve() for line in done.stdout.splitlines()]
    if places != [copy.resolve() / "lib" / "__init__.py", copy.resolve()]:
        raise SystemExit(f"the copy's own library is not the one imported: {places}\n{done.stderr}")


def unnoticed_baseline(copy: Path, faults: list[Fault]) -> list[str]:
    """The checks that are not green without any fault: what they say about a fault would mean nothing."""
    print("Without a fault:", flush=True)
    bad = []
    for name in sorted({name for fault in faults for name in fault.checks}):
        result = check(copy, name)
        print(f"  {Path(name).stem:30} {result.state:7} {result.seconds:5.0f} s  {result.first}", flush=True)
        if result.state != "green":
            bad.append(name)
    return bad


def try_fault(copy: Path, fault: Fault) -> tuple[str, Result]:
    """Plant one fault, run its checks in order until one notices, and restore the file."""
    path = copy / fault.file
    if not path.is_file():
        return "", Result("broken", f"no file {fault.file}", 0.0)
    original = path.read_bytes()
    started = time.monotonic()
    try:
        try:
            fault.plant(path)
        except ValueError as error:
            return "", Result("broken", str(error), 0.0)
        for name in fault.checks:
            result = check(copy, name)
            if result.state != "green":
                return name, result._replace(seconds=time.monotonic() - started)
        return "", Result("survived", "", time.monotonic() - started)
    finally:
        path.write_bytes(original)


def selected(wish: str, faults: tuple[Fault, ...] = FAULTS) -> list[Fault]:
    """The faults that one wish means: a whole name, the beginning of names, or the number of a chapter.

    A chapter's are those that stand in its own file of faults, and those in a file that bears its number.
    SystemExit that says what there is, where nothing fits.
    """
    if found := [fault for fault in faults if fault.name == wish]:
        return found
    if re.fullmatch(r"\d\d?", wish):
        number = wish.zfill(2)
        found = [fault for fault in faults if number in (PLANTED_BY[fault.name], chapter_of(fault.file))]
    else:
        found = [fault for fault in faults if wish and fault.name.startswith(wish)]
    if not found:
        chapters = sorted({PLANTED_BY[fault.name] for fault in faults})
        raise SystemExit(
            f"--only: got {wish!r}, expected the number of a chapter ({', '.join(chapters)}) or the beginning"
            f" of one of these names: {', '.join(fault.name for fault in faults)}"
        )
    return found


def chapter_of(file: str) -> str:
    """The number of the chapter that a file belongs to, such as "16"; "" for what all chapters share."""
    found = re.search(r"(?:^|/)(?:chapter_)?(\d\d)[_./]", file)
    return found.group(1) if found else ""


def chosen(only: str, fast: bool) -> list[Fault]:
    """The faults asked for, each once, in their order: `only` holds wishes with commas between them."""
    wishes = only.split(",") if only else []
    wished = {fault.name for wish in wishes for fault in selected(wish.strip())}
    return [fault for fault in FAULTS if (not only or fault.name in wished) and (fault.fast or not fast)]


def main() -> int:
    """Copy, verify, plant one after the other, and report."""
    parser = argparse.ArgumentParser(description="Plant faults in a copy; every one must be noticed.")
    parser.add_argument("--only", default="", help="names, their beginnings, or chapters, with commas")
    parser.add_argument("--fast", action="store_true", help="only the three quickest")
    asked = parser.parse_args()
    faults = chosen(asked.only, asked.fast)
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_tree(Path(folder) / "a copy of the book")
        verify_copy_is_used(copy)
        if bad := unnoticed_baseline(copy, faults):
            print(f"\nNot green even without a fault: {', '.join(bad)}\n\n0 passed, {len(faults)} failed")
            return 1
        noticed = 0
        print(f"\n{'fault':32} {'noticed by':30} {'seconds':>7}  first complaint", flush=True)
        for fault in faults:
            layer, result = try_fault(copy, fault)
            good = result.state == "red"
            noticed += good
            verdict = Path(layer).stem if good else result.state.upper()
            print(f"{fault.name:32} {verdict:30} {result.seconds:7.0f}  {result.first}", flush=True)
    print(f"\n{noticed} passed, {len(faults) - noticed} failed")
    return 0 if noticed == len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
