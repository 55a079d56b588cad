"""The spread of a trained result over seeds: made by one command, stored small, with its provenance.

One run of an adversarial game is an anecdote. A recipe is therefore run from several seeds and with two
instruction sets of the processor, since rounding alone sends such a game another way after some hundred
steps. The number of threads does not: it is one. A chapter that trains live does so from a seed that is *not*
among the stored ones, 0, and asserts that what it got lies within reach.
"""

import hashlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm.auto import tqdm

from lib.experiments.provenance import provenance
from lib.experiments.reach import Spread

RESULTS = Path(__file__).parent / "results"
SEEDS = range(1, 11)  # without 0, which the chapters play live
SETTINGS = {"threads": (1,), "instructions": ("native", "default")}


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
            content.get("trivial", {}),
        )
        for recipe, content in stored["recipes"].items()
    }


def measure(name: str, module: str, recipes: Mapping[str, "Recipe"], folder: Path = RESULTS) -> Path:
    """Run every recipe under every seed and setting, each in a fresh process, and store the values.

    Runs that are done are kept in a `.partial` file, each with the commit and the digest of the code it ran
    with, so that an interruption loses at most one of them; those of other code are run again. The old result
    is replaced only when all are there. Raises OSError at once when the folder cannot be written.
    """
    _require_writable(Path(folder))
    made = provenance(module)
    partial = Path(folder) / f"{name}.partial"
    runs = [
        {"recipe": name, "seed": seed, **how}
        for name, recipe in recipes.items()
        for seed in recipe.seeds
        for how in _combinations(recipe.settings)
    ]
    done = _finished(partial, runs, made["code"])
    finished = [{key: run[key] for key in runs[0]} for run in done]
    for run in tqdm([run for run in runs if run not in finished], desc=name, unit="run"):
        origin = {"code": made["code"], "commit": made["commit"]}
        done.append(run | origin | {"values": _in_fresh_process(module, run)})
        with partial.open("a", encoding="utf-8") as file:
            file.write(json.dumps(done[-1]) + "\n")
    made["commit"] = ", ".join(sorted({run["commit"] for run in done}))
    content = {
        recipe: {
            "provenance": made | _said(recipes[recipe]),
            "resolution": dict(recipes[recipe].resolution),
            "trivial": dict(recipes[recipe].trivial),
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
    seeds = f"seeds {min(recipe.seeds)}–{max(recipe.seeds)}"
    return {"settings": f"{seeds} × {how}, float32", "protocol": recipe.protocol}


def _require_writable(folder: Path) -> None:
    """An unwritable folder is refused now, not after an hour."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise type(error)(
            f"folder: got {folder}, expected one in which files can be made ({error.strerror})."
            " Remedy: the rights of that folder, or another one."
        ) from error


def _finished(partial: Path, runs: list[dict], code: str) -> list[dict]:
    """The runs in a partial file that are asked for and were made by this code; the file keeps only these.

    A line that was cut off while it was written, or damaged since, is a run that is not there.
    """
    text = partial.read_text(encoding="utf-8", errors="replace") if partial.is_file() else ""
    kept = []
    for line in text.splitlines():
        try:
            run = json.loads(line)
            asked = {key: run[key] for key in runs[0]} in runs
        except (ValueError, KeyError, TypeError):
            continue
        if asked and run.get("code") == code and run.get("values"):
            kept.append(run)
    if text:
        partial.write_text("".join(json.dumps(run) + "\n" for run in kept), encoding="utf-8")
    return kept


@dataclass(frozen=True)
class Recipe:
    """A run to repeat: `run(seed)` → quantity → value; the protocol; what difference counts; limits; and
    what a player scores that has learnt nothing, without which a quantity cannot be confirmed.

    `settings` are the threads and instruction sets to run it under, `seeds` the seeds.
    """

    run: Callable[[int], Mapping[str, float]]
    protocol: str
    resolution: Mapping[str, float]
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    settings: Mapping[str, tuple] = field(default_factory=lambda: SETTINGS)
    trivial: Mapping[str, float] = field(default_factory=dict)
    seeds: Sequence[int] = field(default_factory=lambda: SEEDS)


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


def _checksum(content: Mapping) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _replace(path: Path, content: Mapping) -> Path:
    """Write beside the old file, flush to disk, then rename: a crash leaves the old one or the new one."""
    temporary = path.with_name(f".{path.name}")  # what is hidden makes no chapter stale
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
