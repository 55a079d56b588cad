"""Execute the chapters in fresh kernels, side by side, and keep what they showed until their code changes.

python chapters/_site/execute.py                 run what is stale, into _build/executed/
python chapters/_site/execute.py --record        the same, then store outputs in chapters/*.ipynb
python chapters/_site/execute.py --force NAME    run that chapter in any case
"""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from fingerprint import ROOT, data_digest, fingerprint, read_notebook
from writing import require_writable, write

CHAPTERS = ROOT / "chapters"
EXECUTED = ROOT / "_build" / "executed"
CELL_TIMEOUT = 600  # seconds
SHOWN_PACKAGES = ("torch", "numpy", "scipy", "matplotlib", "scikit-learn", "ipywidgets", "anywidget")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class ExecutionFailed(RuntimeError):
    """At least one chapter did not run to its end; the message names chapter, cell and traceback."""


@dataclass(frozen=True)
class Execution:
    """One chapter's run: its time, the code and the versions it ran on, and when it finished (UTC)."""

    seconds: float
    fingerprint: str
    key: str
    versions: dict[str, str]
    finished: str
    sha256: str  # of what the cells showed: a result that was cut short or edited is made again
    reused: bool = False  # True: nothing had changed, the earlier outputs stand


class OwnInterpreter(AsyncKernelManager):
    """Kernels of the running interpreter, whatever kernels this machine has under whatever name."""

    @property
    def kernel_spec(self):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=CRITICAL"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def chapters(names: list[str] | None = None) -> list[Path]:
    """The notebooks of the book in reading order, or those with the given stems."""
    found = {path.stem: path for path in sorted(CHAPTERS.glob("*.ipynb"))}
    unknown = sorted(set(names or []) - set(found))
    if unknown:
        raise ValueError(f"no chapter named {', '.join(unknown)}; there are {', '.join(found) or 'none yet'}")
    return [path for stem, path in found.items() if not names or stem in names]


def _device() -> str:
    """The device other than the CPU that the environment names for training, or nothing."""
    named = os.environ.get("BOOK_DEVICE", "").strip()
    return "" if named == "cpu" else named


def _key(notebook: Path, code: str) -> str:
    parts = [code, platform.python_version(), data_digest(notebook)]
    parts += [device] if (device := _device()) else []
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _versions() -> dict[str, str]:
    installed = {
        d.metadata["Name"].lower(): d.version for d in metadata.distributions() if d.metadata["Name"]
    }
    known = {name: installed[name] for name in SHOWN_PACKAGES if name in installed}
    return {"python": platform.python_version(), **known}


def _text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _shown(notebook: nbformat.NotebookNode) -> str:
    """The sha256 of what the code cells are and showed; the prose around them may change."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [(cell.source, cell.execution_count, cell.outputs) for cell in cells]
    text = json.dumps([shown, notebook.metadata.get("widgets")], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def with_outputs(notebook: nbformat.NotebookNode, ran: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """`notebook` as it is written now, with the outputs that the same code cells showed in `ran`."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [cell for cell in ran.cells if cell.cell_type == "code"]
    for cell, other in zip(cells, shown, strict=True):
        cell.outputs, cell.execution_count = other.outputs, other.execution_count
    notebook.metadata.pop("widgets", None)
    if "widgets" in ran.metadata:
        notebook.metadata["widgets"] = ran.metadata["widgets"]
    return notebook


def with_stable_widgets(notebook: nbformat.NotebookNode, stem: str) -> nbformat.NotebookNode:
    """Replace the random identifiers of widgets by counted ones, so that the same run gives the same file."""
    states = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    text = _text(notebook)
    for count, old in enumerate(states.get("state", {})):
        text = text.replace(old, hashlib.sha256(f"{stem} {count}".encode()).hexdigest()[:32])
    return nbformat.reads(text, as_version=4)


class Run:
    """One chapter in one kernel, with a line of progress now and then."""

    def __init__(self, path: Path):
        self.path = path
        self.notebook, self.written = read_notebook(path), read_notebook(path)
        self.total = sum(c.cell_type == "code" and bool(c.source.strip()) for c in self.notebook.cells)
        self.done, self.cell, self.started, self.spoke = 0, "", 0.0, 0.0

    def say(self, text: str) -> None:
        print(f"  {self.path.stem}: {text}, {time.monotonic() - self.started:.0f} s", flush=True)
        self.spoke = time.monotonic()

    def _starts(self, cell, cell_index):
        self.cell = cell.get("id", str(cell_index))

    def _executed(self, cell, cell_index, execute_reply):
        self.done += 1
        if time.monotonic() - self.spoke > 5:
            self.say(f"{self.done} of {self.total} cells")

    async def execute(self) -> nbformat.NotebookNode:
        environment = dict(os.environ)
        # One thread: what a chapter shows must not depend on how many others happen to run beside it, and the
        # small networks of the book gain nothing from a second.
        environment["OMP_NUM_THREADS"] = "1"
        # Otherwise a backend in the environment, such as Agg, would swallow what `plt.show()` shows.
        environment["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        if environment.get("BOOK_DATA"):  # may be relative to here; the kernel runs in the chapter's folder
            environment["BOOK_DATA"] = os.path.abspath(environment["BOOK_DATA"])
        paths = [
            str(ROOT),
            environment.get("PYTHONPATH", ""),
        ]  # this clone's library, wherever it was installed from
        environment["PYTHONPATH"] = os.pathsep.join(p for p in paths if p)
        client = NotebookClient(
            self.notebook,
            km=OwnInterpreter(),
            timeout=CELL_TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(self.path.parent)}},
            on_cell_start=self._starts,
            on_cell_executed=self._executed,
        )
        client.owns_km = True  # so that the kernel is stopped when the run ends, however it ends
        self.started = self.spoke = time.monotonic()
        await client.async_execute(env=environment)
        # without what the kernel says of itself, so that a later run that reuses this one changes nothing
        return with_stable_widgets(with_outputs(self.written, self.notebook), self.path.stem)


def _explain(run: Run, error: Exception) -> str:
    where = f"chapters/{run.path.name}, cell {run.cell or '(none yet)'}"
    if isinstance(error, DeadKernelError):
        return f"{where}: the kernel died (out of memory, or a crash in compiled code)"
    if isinstance(error, CellTimeoutError):
        return f"{where}: no end after {CELL_TIMEOUT} s"
    text = str(error) if isinstance(error, CellExecutionError) else f"{type(error).__name__}: {error}"
    return f"{where}:\n{text if sys.stdout.isatty() else ANSI.sub('', text)}"


async def _run_one(path: Path, turn: asyncio.Semaphore) -> Execution | str:
    async with turn:
        code = fingerprint(path)
        key = _key(path, code)
        run = Run(path)
        try:
            ran = await run.execute()
        except Exception as error:  # one chapter's failure must not hide another's
            run.say("failed")
            return _explain(run, error)
        run.say("done")
    seconds = round(time.monotonic() - run.started, 1)
    finished = datetime.now(UTC).isoformat(timespec="seconds")
    execution = Execution(seconds, code, key, _versions(), finished, _shown(ran))
    write(EXECUTED / path.name, _text(ran))
    record = {name: value for name, value in asdict(execution).items() if name != "reused"}
    write(EXECUTED / f"{path.stem}.json", json.dumps(record, indent=2) + "\n")
    return execution


async def _run_all(paths: list[Path], jobs: int) -> list[Execution | str]:
    turn = asyncio.Semaphore(jobs)
    return await asyncio.gather(*(_run_one(path, turn) for path in paths))


def _to_the_end(loop: asyncio.AbstractEventLoop, task: asyncio.Task):
    """The task's result; whatever it left behind (kernels being shut down) gets time to finish."""
    try:
        return loop.run_until_complete(task)
    finally:
        if left := asyncio.all_tasks(loop):
            _, hanging = loop.run_until_complete(asyncio.wait(left, timeout=5))
            for each in hanging:
                each.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


def _in_own_thread(work):
    """Run the coroutine in a thread, where the client cannot take Ctrl-C over: here it stops the kernels."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(_to_the_end, loop, task)
        try:
            return future.result()
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(task.cancel)
            raise


def _earlier(path: Path) -> Execution | None:
    """The stored run of this chapter if its code, Python and data are the present ones."""
    try:
        record = json.loads((EXECUTED / f"{path.stem}.json").read_text(encoding="utf-8"))
        execution = Execution(**record, reused=True)
        ran = read_notebook(EXECUTED / path.name)
    except (OSError, ValueError, TypeError):  # none yet, or one that was cut short
        return None
    code = fingerprint(path)
    if execution.fingerprint != code or execution.key != _key(path, code) or execution.sha256 != _shown(ran):
        return None
    present = read_notebook(path)  # its prose may be newer
    write(EXECUTED / path.name, _text(with_outputs(present, ran)))
    return execution


def execute_all(jobs: int = 2, force: bool = False, names: list[str] | None = None) -> dict[str, Execution]:
    """Run every chapter whose code, data or environment changed (all with `force`); {stem: Execution}.

    Raises ExecutionFailed, after all have run, if a chapter raised, hung or lost its kernel.
    """
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; at least one kernel is needed, give 1 or more")
    paths = chapters(names)
    require_writable(EXECUTED)
    results = {path.stem: None if force else _earlier(path) for path in paths}
    stale = [path for path in paths if results[path.stem] is None]
    if stale:
        jobs = min(jobs, len(stale))
        print(f"Executing {len(stale)} of {len(paths)} chapters, {jobs} at a time.", flush=True)
        done = dict(zip((p.stem for p in stale), _in_own_thread(_run_all(stale, jobs)), strict=True))
        failures = [result for result in done.values() if isinstance(result, str)]
        if failures:
            raise ExecutionFailed("\n\n".join(failures))
        results.update(done)
    return results


def record(results: dict[str, Execution]) -> None:
    """Store the executed outputs, and the fingerprint of the code behind them, in the chapters' own files."""
    for stem, execution in results.items():
        path = CHAPTERS / f"{stem}.ipynb"
        ran = read_notebook(EXECUTED / path.name)
        notebook = with_outputs(read_notebook(path), ran)
        notebook.metadata.setdefault("book", {})["fingerprint"] = execution.fingerprint
        write(path, _text(notebook))
        print(f"  {stem}: outputs stored")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Execute the chapters whose code changed.")
    parser.add_argument("names", nargs="*", help="chapters such as 08_the_gan_game (default: all)")
    parser.add_argument("--jobs", type=int, default=2, help="kernels side by side (default: 2)")
    parser.add_argument("--force", action="store_true", help="run also what has not changed")
    parser.add_argument("--record", action="store_true", help="store the outputs in chapters/*.ipynb")
    arguments = parser.parse_args()
    if arguments.record and _device():
        print(
            f"BOOK_DEVICE: got {_device()!r}, expected nothing or 'cpu' with --record: what is stored must"
            " come out the same on every machine. Remedy: unset BOOK_DEVICE.",
            file=sys.stderr,
        )
        return 1
    try:
        if arguments.record:
            require_writable(CHAPTERS)
        results = execute_all(arguments.jobs, arguments.force, arguments.names)
    except (ExecutionFailed, ValueError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; the kernels are shut down.", file=sys.stderr)
        return 130
    for stem, execution in results.items():
        print(f"  {stem}: {execution.seconds:.1f} s{' (unchanged)' if execution.reused else ''}")
    if arguments.record:
        record(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
