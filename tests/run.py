"""Every check of the book, layer by layer, cheapest first; a failed layer does not hide the ones after it.

python tests/run.py                       all (`make test`)
python tests/run.py --only lint,unit      some, while working
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "lab"))

import provision  # noqa: E402  (it lies with the tests that need it)

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROMIUMS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
NO_CHROMIUM = """\
no Chromium here to open it in.
  Debian, Ubuntu:  apt-get install chromium
  macOS:           brew install --cask chromium
  elsewhere:       install Chromium or Chrome, and name it: CHROMIUM=/path/to/chromium make test"""


@dataclass
class Verdict:
    """How many tests of a layer passed, failed and did not run, and what it is called."""

    title: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""
    by_chapter: Counter = field(default_factory=Counter)  # {stem: seconds} of the tests that name a chapter
    by_file: Counter = field(default_factory=Counter)  # {test file: seconds}, so that the dear ones are seen
    said: IO[str] | None = None  # where the layer writes; None: on the screen

    @property
    def good(self) -> bool:
        """A layer in which nothing ran proves nothing, and a skipped test is one that nobody looks at."""
        return self.passed > 0 and not self.failed and not self.skipped


def run(*command: str, said: IO[str] | None = None, **environment: str) -> int:
    """Run a command of this environment from the root of the book; its exit status. It writes to `said`."""
    # what a page shows must not depend on where somebody likes to train; the layer `gpu` names its device
    everything = {name: value for name, value in os.environ.items() if name != "BOOK_DEVICE"} | environment
    if everything.get("BOOK_DATA"):  # may be relative to here, and chapters run in their own folder
        everything["BOOK_DATA"] = os.path.abspath(everything["BOOK_DATA"])
    everything["PYTHONPATH"] = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=everything, stdout=said, stderr=said
    ).returncode


def commands(verdict: Verdict, *each: tuple[str, ...]) -> None:
    """Count every command as one test."""
    for command in each:
        if run(*command, said=verdict.said) == 0:
            verdict.passed += 1
        else:
            verdict.failed += 1


def pytest(verdict: Verdict, *arguments: str, **environment: str) -> None:
    """Run pytest and count what its report says; a run without a report, or without tests, has failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ("-q", "-p", "no:cacheprovider", "--no-header", f"--junit-xml={report}")
        status = run("-m", "pytest", *options, *arguments, said=verdict.said, **environment)
        suites = list(xml.parse(report).getroot().iter("testsuite")) if report.is_file() else []
    count = {k: sum(int(s.get(k, 0)) for s in suites) for k in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    for case in (case for suite in suites for case in suite.iter("testcase")):
        said = f"{case.get('classname', '')} {case.get('name', '')}"
        for stem in (stem for stem in chapters() if stem in said):
            verdict.by_chapter[stem] += float(case.get("time", 0))
    for case in (case for suite in suites for case in suite.iter("testcase")):
        verdict.by_file[case.get("classname", "").split(".test_")[-1]] += float(case.get("time", 0))
    verdict.passed += max(0, count["tests"] - failed - count["skipped"])
    verdict.skipped += count["skipped"]
    verdict.failed += failed if failed or status == 0 else 1


def chapters() -> list[str]:
    """The stems of the chapters that are written, in reading order."""
    return sorted(path.stem for path in (ROOT / "chapters").glob("*.ipynb"))


def style(verdict: Verdict) -> None:
    commands(verdict, ("-m", "ruff", "check", "."), ("-m", "ruff", "format", "--check", "."))


def lint(verdict: Verdict) -> None:
    folder = ROOT / "tests" / "notebooks"
    running = {"test_stale.py", "test_fresh.py", "test_elsewhere.py"}  # layers of their own, as the steps are
    files = [path for path in sorted(folder.glob("test_*.py")) if path.name not in running]
    pytest(verdict, *(f"tests/notebooks/{path.name}" for path in files if "test_steps" not in path.name))


def unit(verdict: Verdict) -> None:
    pytest(verdict, "-n", "2", "tests/unit", OMP_NUM_THREADS="1")


def stale(verdict: Verdict) -> None:
    pytest(verdict, "tests/notebooks/test_stale.py")


def rerun(verdict: Verdict) -> None:
    # executes what the code of the day has not executed yet; `make book` may just have done so
    pytest(verdict, "tests/notebooks/test_fresh.py")


def steps(verdict: Verdict) -> None:
    files = sorted((ROOT / "tests" / "notebooks").glob("test_steps*.py"))
    pytest(verdict, *(str(path.relative_to(ROOT)) for path in files), OMP_NUM_THREADS="1")


def elsewhere(verdict: Verdict) -> None:
    # two threads, as a reader may have; beside another layer they must not spin while waiting for each other
    passive = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}
    pytest(verdict, "tests/notebooks/test_elsewhere.py", **passive)


def mutants(verdict: Verdict) -> None:
    commands(verdict, ("tests/mutants.py", "--fast"))


def gpu(verdict: Verdict) -> None:
    pytest(verdict, "tests/unit/test_devices.py", BOOK_DEVICE="cuda")


def sensitivity(verdict: Verdict) -> None:
    commands(verdict, ("tests/sensitivity", "--sample"))


def lab(verdict: Verdict) -> None:
    pytest(verdict, "tests/lab", CHROMIUM=chromium() or "")


def site(verdict: Verdict) -> None:
    if run("chapters/_site/build.py") == 0:  # renders only what changed
        # in the pieces, and in the order, that tests/site/pieces.py names; three workers on two cores,
        # since each of them waits for the next frame of its browser a third of the time
        spread = ("-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder")
        pytest(verdict, *spread, "tests/site", CHROMIUM=chromium() or "")
    else:
        verdict.failed += 1


# Each of these needs one core, so two of them run at a time; the longest first.
SIDE_BY_SIDE = ("lab", "mutants", "elsewhere", "lint", "steps", "stale")
LAYERS: dict[str, tuple[str, Callable[[Verdict], None]]] = {
    "style": ("style of code and notebooks", style),
    "lint": ("notebook lint, and that its rules can fail", lint),
    "unit": ("unit tests of lib", unit),
    "gpu": ("games, critics and measures on the GPU", gpu),
    "stale": ("stored outputs are those of the present code", stale),
    "rerun": ("a fresh run of every chapter shows what is stored", rerun),
    "steps": ("the chapters' steps are the library's", steps),
    "elsewhere": ("a plain installation runs a chapter outside the clone", elsewhere),
    "mutants": ("planted faults are noticed", mutants),
    "sensitivity": ("small changes of the chapters' cells are noticed, a sample", sensitivity),
    "lab": ("the chapters in JupyterLab", lab),
    "site": ("the finished pages in a browser", site),
}


def chromium() -> str | None:
    """Where Chromium is: $CHROMIUM, or the first of the usual names."""
    named = os.environ.get("CHROMIUM")
    found = [named and shutil.which(named), *map(shutil.which, CHROMIUMS)]
    found += [str(path) for name in MAC_CHROMIUMS if (path := Path("/Applications") / name).is_file()]
    return next((path for path in found if path), None)


def not_run(name: str) -> str:
    """Why a layer cannot run here, with the remedy; "" when it can."""
    if name in ("lab", "site") and chromium() is None:
        return f"The {name} layer was NOT RUN: {NO_CHROMIUM}"
    if name == "gpu" and not has_gpu():
        return "The gpu layer was NOT RUN: PyTorch sees no GPU here; what it tests ran on the CPU."
    return provision.missing() if name == "lab" else ""


def has_gpu() -> bool:
    """Whether PyTorch sees a GPU; asked in a process of its own, since importing it takes seconds."""
    return run("-c", "import sys, torch; sys.exit(not torch.cuda.is_available())") == 0


def run_layer(name: str, said: IO[str] | None = None) -> Verdict:
    """Run one layer under its heading."""
    title, work = LAYERS[name]
    verdict = Verdict(title, said=said)
    print(f"\n=== {name}: {title} ===", file=said, flush=True)
    started = time.monotonic()
    work(verdict)
    verdict.seconds = time.monotonic() - started
    state = "passed" if verdict.good else "FAILED"
    print(f"--- {name} {state} in {verdict.seconds:.0f} s", file=said, flush=True)
    return verdict


def left_out(name: str, in_ci: bool) -> Verdict:
    """The verdict on a layer that cannot run here: in CI that is a failure, but for the GPU."""
    failed = int(in_ci and name != "gpu")
    return Verdict(LAYERS[name][0], failed=failed, note="   <- NOT RUN, see below")


def run_apart(name: str) -> tuple[str, Verdict, str]:
    """Run one layer out of sight; its name, its verdict, and what it said."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        verdict = run_layer(name, said)
        said.seek(0)
        return name, verdict, said.read()


def run_layers(names: list[str]) -> dict[str, Verdict]:
    """Run the layers: first those that stand side by side, two at a time, then the others one by one."""
    apart = [name for name in SIDE_BY_SIDE if name in names]
    verdicts = {}
    if len(apart) > 1:
        print(f"\nSide by side: {', '.join(apart)}; each is shown when it ends.", flush=True)
        with ThreadPoolExecutor(2) as pool:
            for ended in as_completed([pool.submit(run_apart, name) for name in apart]):
                name, verdicts[name], said = ended.result()
                print(said, end="", flush=True)
    return verdicts | {name: run_layer(name) for name in names if name not in verdicts}


def table(verdicts: dict[str, Verdict]) -> str:
    """One line per layer."""
    lines = [f"{'layer':12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for name, v in verdicts.items():
        mark = "" if v.good else "   <- FAILED" if v.passed + v.failed + v.skipped else "   <- nothing ran"
        lines.append(f"{name:12}{v.passed:8}{v.failed:8}{v.skipped:9}{v.seconds:9.0f}{v.note or mark}")
    return "\n".join(lines)


def chapter_table(verdicts: dict[str, Verdict]) -> str:
    """One line per chapter: what its last execution took, and its tests in each layer that names it."""
    columns = {f"{name} (s)": verdict.by_chapter for name, verdict in verdicts.items() if verdict.by_chapter}
    executed = Counter()
    for stem in chapters():
        record = ROOT / "_build" / "executed" / f"{stem}.json"
        if record.is_file():
            executed[stem] = json.loads(record.read_text(encoding="utf-8"))["seconds"]
    columns = {"executed (s)": executed, **columns}
    lines = [f"{'chapter':34}" + "".join(f"{name:>15}" for name in columns)]
    for stem in chapters():
        lines.append(f"{stem:34}" + "".join(f"{seconds[stem]:15.0f}" for seconds in columns.values()))
    return "\n".join(lines)


def file_table(verdicts: dict[str, Verdict], most: int = 15) -> str:
    """The test files that took longest; two workers may have shared their seconds."""
    spent = Counter({(name, file): s for name, v in verdicts.items() for file, s in v.by_file.items()})
    lines = [f"{'layer':12}{'file':34}{'seconds':>9}"]
    lines += [f"{name:12}{file:34}{seconds:9.0f}" for (name, file), seconds in spent.most_common(most)]
    return "\n".join(lines)


def chosen(names: str) -> list[str]:
    """The layers named, in their own order."""
    wanted = [name for name in re.split(r"[,\s]+", names) if name] or list(LAYERS)
    unknown = [name for name in wanted if name not in LAYERS]
    if unknown:
        raise SystemExit(f"no layer named {', '.join(unknown)}; there are {', '.join(LAYERS)}")
    return [name for name in LAYERS if name in wanted]


def main() -> int:
    """Run the layers, show the table, and end with the sum."""
    parser = argparse.ArgumentParser(description="Run the book's checks, layer by layer.")
    parser.add_argument("--only", default="", help=f"some of: {','.join(LAYERS)}")
    names = chosen(parser.parse_args().only)
    in_ci = bool(os.environ.get("CI"))
    remedies = {name: remedy for name in names if (remedy := not_run(name))}
    ran = run_layers([name for name in names if name not in remedies])
    verdicts = {name: ran.get(name) or left_out(name, in_ci) for name in names}
    # in CI nothing may be missing but the one thing that no order can install
    excused = [name for name in remedies if name == "gpu" or not in_ci]
    bad = [name for name, verdict in verdicts.items() if not verdict.good and name not in excused]
    print(f"\n{table(verdicts)}\n\n{chapter_table(verdicts)}\n\n{file_table(verdicts)}\n")
    if bad:
        print(f"Not in order: {', '.join(bad)}. Run one again with: python tests/run.py --only {bad[0]}\n")
    # A layer without any test that passed or failed counts as one failure, so that the sum cannot look clean.
    failed = sum(v.failed + v.skipped or int(name in bad) for name, v in verdicts.items())
    print(f"{sum(v.passed for v in verdicts.values())} passed, {failed} failed")
    print("\n".join(remedies.values()), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
