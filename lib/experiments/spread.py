"""The spread of a trained result over seeds: made by one command, stored small, with its provenance.

One run of an adversarial game is an anecdote. A recipe is therefore run from several seeds, with one and with
two threads, and with two instruction sets of the processor, since rounding alone sends such a game another
way after some hundred steps. A chapter that trains one seed live asserts that what it got lies within reach.
"""

import datetime
import hashlib
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm

RESULTS = Path(__file__).parent / "results"
SEEDS = range(5)
SETTINGS = {"threads": (1, 2), "instructions": ("native", "default")}


@dataclass(frozen=True)
class Spread:
    """Stored runs of one recipe: `runs` map quantities to values, `provenance` says how they were made."""

    name: str
    provenance: Mapping
    resolution: Mapping[str, float]
    runs: tuple[Mapping, ...]
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def values(self, quantity: str) -> np.ndarray:
        """The values of one quantity, shape (runs,). Raises KeyError naming the quantities there are."""
        if quantity not in self.runs[0]["values"]:
            raise KeyError(f"quantity: got {quantity!r}, expected one of {sorted(self.runs[0]['values'])}.")
        return np.array([run["values"][quantity] for run in self.runs])

    def reach(self, quantity: str) -> tuple[float, float]:
        """Median ∓ twice the largest deviation from it, or at least the quantity's resolution.

        Twice, because the largest deviation of a few runs underestimates that of many. Cut to the quantity's
        limits, the least and the largest value that it can have at all.
        """
        values = self.values(quantity)
        middle = float(np.median(values))
        width = max(2 * float(np.abs(values - middle).max()), self.resolution.get(quantity, 0.0))
        least, largest = self.limits.get(quantity, (-np.inf, np.inf))
        return max(middle - width, least), min(middle + width, largest)

    def confirm(self, **measured: float | int) -> None:
        """Assert that a live run lies within reach of the stored ones, and print one line for each quantity.

        Raises AssertionError with the value, the reach and the number of runs for the first that does not.
        """
        for quantity, value in measured.items():
            low, high = self.reach(quantity)
            reach = f"[{low:.3g}, {high:.3g}], the reach of {len(self.runs)} stored runs"
            if not low <= float(value) <= high:
                raise AssertionError(
                    f"{self.name}, {quantity}: got {float(value):.4g}, expected a value in {reach}."
                    f" Remedy: if the recipe was changed on purpose, measure the spread again: `make spread`."
                )
            print(f"✓ {quantity} of this run lies within {reach}")


def load(name: str, folder: Path = RESULTS) -> dict[str, Spread]:
    """The stored spreads of a chapter, by recipe.

    Raises FileNotFoundError with the command that makes them, ValueError when the file cannot be read or its
    content does not belong to its checksum (damaged, or edited by hand).
    """
    path = Path(folder) / f"{name}.json"
    if not path.is_file():
        raise FileNotFoundError(f"name: no stored runs at {path}. Remedy: `make spread`.")
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        whole = stored["sha256"] == _checksum(stored["recipes"])
    except (ValueError, KeyError, TypeError):  # cut off, not text, or another kind of file
        whole = False
    if not whole:
        raise ValueError(f"{path}: the checksum does not belong to the content. Remedy: `make spread`.")
    return {
        recipe: Spread(
            recipe,
            content["provenance"],
            content["resolution"],
            tuple(content["runs"]),
            {quantity: tuple(ends) for quantity, ends in content["limits"].items()},
        )
        for recipe, content in stored["recipes"].items()
    }


def measure(name: str, module: str, recipes: Mapping[str, "Recipe"], folder: Path = RESULTS) -> Path:
    """Run every recipe under every seed and setting, each in a fresh process, and store the values.

    Runs that are done are kept in a `.partial` file, each with the commit it ran at, so that an interruption
    loses at most one of them; the old result is replaced only when all are there. Raises OSError at once when
    the folder cannot be written.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()  # an unwritable folder is refused now, not after an hour
    partial = Path(folder) / f"{name}.partial"
    done = _finished(partial)
    runs = [
        {"recipe": name, "seed": seed, **how}
        for name, recipe in recipes.items()
        for seed in SEEDS
        for how in _combinations(recipe.settings)
    ]
    finished = [{key: run[key] for key in runs[0]} for run in done]
    provenance = _provenance()
    commit = provenance["commit"]
    for run in tqdm([run for run in runs if run not in finished], desc=name, unit="run"):
        done.append(run | {"commit": commit, "values": _in_fresh_process(module, run)})
        with partial.open("a", encoding="utf-8") as file:
            file.write(json.dumps(done[-1]) + "\n")
    provenance["commit"] = ", ".join(sorted({run["commit"] for run in done}))
    content = {
        recipe: {
            "provenance": provenance | _said(recipes[recipe]),
            "resolution": dict(recipes[recipe].resolution),
            "limits": {name: list(ends) for name, ends in recipes[recipe].limits.items()},
            "runs": [run for run in done if run["recipe"] == recipe],
        }
        for recipe in recipes
    }
    path = _replace(Path(folder) / f"{name}.json", {"sha256": _checksum(content), "recipes": content})
    partial.unlink()
    return path


def _combinations(settings: Mapping[str, tuple]) -> list[dict]:
    return [dict(zip(settings, values, strict=True)) for values in itertools.product(*settings.values())]


def _said(recipe: "Recipe") -> dict[str, str]:
    """What a recipe adds to the provenance."""
    how = " × ".join(f"{' and '.join(map(str, values))} {key}" for key, values in recipe.settings.items())
    seeds = f"seeds {min(SEEDS)}–{max(SEEDS)}"
    return {"settings": f"{seeds} × {how}, float32", "protocol": recipe.protocol}


def _finished(partial: Path) -> list[dict]:
    """The runs in a partial file, which loses a last line that was cut off while it was written."""
    text = partial.read_text(encoding="utf-8", errors="replace") if partial.is_file() else ""
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        partial.write_text(whole, encoding="utf-8")
    return [json.loads(line) for line in whole.splitlines()]


@dataclass(frozen=True)
class Recipe:
    """A run to repeat: `run(seed)` → quantity → value; the protocol; what difference counts; limits.

    `settings` are the threads and instruction sets to run it under: a run that ends by the clock, say, is
    another one with two threads, which count twice as many CPU seconds.
    """

    run: Callable[[int], Mapping[str, float]]
    protocol: str
    resolution: Mapping[str, float]
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    settings: Mapping[str, tuple] = field(default_factory=lambda: SETTINGS)


def command(name: str, module: str, recipes: Mapping[str, Recipe], arguments: list[str]) -> None:
    """`python -m MODULE` measures the whole spread; `python -m MODULE RECIPE SEED` does one run as JSON."""
    if arguments:
        recipe, seed = arguments if len(arguments) == 2 else (None, None)
        if recipe not in recipes:
            raise SystemExit(f"arguments: got {arguments}, expected a recipe of {list(recipes)} and a seed.")
        print(json.dumps({key: float(value) for key, value in recipes[recipe].run(int(seed)).items()}))
    else:
        print(f"stored: {measure(name, module, recipes)}")


def _in_fresh_process(module: str, run: Mapping) -> dict[str, float]:
    threads = str(run["threads"])
    environment = os.environ | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    # on a busy machine, threads that spin while they wait for each other take fifty times as long
    environment["OMP_WAIT_POLICY"] = "PASSIVE"
    if run["instructions"] != "native":
        # the portable kernels round differently, as another processor would
        environment |= {"ATEN_CPU_CAPABILITY": run["instructions"], "MKL_CBWR": "COMPATIBLE"}
    line = [sys.executable, "-m", module, run["recipe"], str(run["seed"])]
    output = subprocess.run(line, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def _provenance() -> dict[str, str]:
    def git(*arguments: str) -> str:
        line = ["git", "-C", str(Path(__file__).parent), *arguments]
        answer = subprocess.run(line, capture_output=True, text=True, check=False)
        return answer.stdout.strip()

    commit = git("rev-parse", "--quiet", "--verify", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--", "..", ":(exclude)results")
    return {
        "commit": commit + (" with uncommitted changes in lib" if changed else ""),
        "date": datetime.date.today().isoformat(),
        "device": f"CPU ({_processor()}), {os.cpu_count()} cores",
        "software": f"Python {platform.python_version()}, torch {torch.__version__}, NumPy {np.__version__}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _checksum(content: Mapping) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _replace(path: Path, content: Mapping) -> Path:
    """Write beside the old file, flush to disk, then rename: a crash leaves the old one or the new one."""
    temporary = path.with_suffix(".writing")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return path
