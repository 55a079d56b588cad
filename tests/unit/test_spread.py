"""Measuring and storing spreads: every run once, by this code, and nothing is ever lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib.experiments import spread
from lib.experiments.spread import Recipe, command, load, measure

NAME = "a chapter – größer"  # spaces and letters beyond ASCII must do
HOW = {"settings": {"threads": (1, 2), "instructions": ("native", "default")}, "seeds": range(2)}
RECIPES = {
    "coin": Recipe(lambda seed: {"heads": seed}, "toss", {"heads": 1.0}, **HOW),
    "die": Recipe(lambda seed: {"pips": seed}, "roll", {}, trivial={"pips": 3.5}, **HOW),
}
MADE = {"code": "0123", "commit": "aaaa", "date": "today", "device": "CPU", "software": "Python"}


@pytest.fixture
def runner(monkeypatch):
    """In place of a fresh process: an answer that depends on the run alone, and a log of what was run."""
    log = []

    def run(module, what):
        if run.stop_at is not None and len(log) == run.stop_at:
            raise run.error
        log.append(dict(what))
        return {
            "value": run.offset
            + what["seed"]
            + 10 * what["threads"]
            + 100 * (what["instructions"] == "native")
        }

    run.log, run.offset, run.stop_at, run.error = log, 0, None, KeyboardInterrupt()
    monkeypatch.setattr(spread, "_in_fresh_process", run)
    monkeypatch.setattr(spread, "provenance", lambda module: dict(MADE))
    return run


# -- measuring, storing, loading -------------------------------------------------------------------------


def test_measure_runs_every_recipe_under_every_seed_and_setting_once(runner, tmp_path):
    path = measure(NAME, "module", RECIPES, tmp_path)
    assert path == tmp_path / f"{NAME}.json"
    keys = ("recipe", "seed", "threads", "instructions")
    expected = {(r, s, t, i) for r in RECIPES for s in (0, 1) for t in (1, 2) for i in ("native", "default")}
    assert {tuple(run[key] for key in keys) for run in runner.log} == expected
    assert len(runner.log) == len(expected) == 16
    assert [p.name for p in tmp_path.iterdir()] == [path.name]  # nothing half-done is left


def test_what_was_measured_is_what_is_loaded(runner, tmp_path):
    measure(NAME, "module", RECIPES, tmp_path)
    loaded = load(NAME, tmp_path)
    assert set(loaded) == {"coin", "die"}
    expected = sorted(s + 10 * t + 100 * i for s in (0, 1) for t in (1, 2) for i in (0, 1))
    for name, content in loaded.items():
        stored = [run["values"]["value"] for run in content.runs]
        np.testing.assert_array_equal(np.sort(stored), expected)
        assert content.provenance["protocol"] == RECIPES[name].protocol
        assert content.resolution == RECIPES[name].resolution
        assert content.trivial == RECIPES[name].trivial
        for fact in ("code", "commit", "date", "device", "software"):
            assert content.provenance[fact]
        assert content.provenance["settings"] == (
            "seeds 0–1 × 1 and 2 threads × native and default instructions, float32"
        )


def test_a_recipe_may_say_its_own_settings(runner, tmp_path):
    alone = {"settings": {"threads": (1,), "instructions": ("native",)}, "seeds": range(4, 7)}
    clock = Recipe(lambda seed: {}, "clock", {}, **alone)
    measure(NAME, "module", RECIPES | {"clock": clock}, tmp_path)
    loaded = load(NAME, tmp_path)
    assert {name: len(content.runs) for name, content in loaded.items()} == {"coin": 8, "die": 8, "clock": 3}
    assert {(run["threads"], run["instructions"]) for run in loaded["clock"].runs} == {(1, "native")}
    assert [run["seed"] for run in loaded["clock"].runs] == [4, 5, 6]
    assert loaded["clock"].provenance["settings"] == "seeds 4–6 × 1 threads × native instructions, float32"


def test_a_recipe_that_says_nothing_is_run_from_ten_seeds_on_one_thread_and_never_from_the_live_one():
    plain = Recipe(lambda seed: {}, "toss", {})
    assert len(set(plain.seeds)) >= 10 and 0 not in plain.seeds
    assert plain.settings["threads"] == (1,)


def test_missing_runs_name_the_command_that_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no stored runs at .*09_x\.json\. Remedy: `make spread`"):
        load("09_x", tmp_path)


def damaged(text: str) -> dict[str, str]:
    return {
        "edited": text.replace('"value": 10', '"value": 11', 1),
        "cut off": text[: len(text) // 2],
        "empty": "",
        "another file": "[]",
        "no checksum": json.dumps({"recipes": json.loads(text)["recipes"]}),
        "provenance edited": text.replace('"protocol": "toss"', '"protocol": "tossed"'),
    }


@pytest.mark.parametrize("kind", damaged('{"recipes": {}}'))
def test_a_damaged_file_is_refused(runner, tmp_path, kind):
    path = measure(NAME, "module", RECIPES, tmp_path)
    text = path.read_text(encoding="utf-8")
    broken = damaged(text)[kind]
    assert broken != text
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(
        ValueError, match=r"the checksum does not belong to the content\. Remedy: `make spread`"
    ):
        load(NAME, tmp_path)


def test_bytes_that_are_no_text_are_refused(runner, tmp_path):
    path = measure(NAME, "module", RECIPES, tmp_path)
    path.write_bytes(b"\xff\xfe" + path.read_bytes())
    with pytest.raises(ValueError, match="the checksum does not belong to the content"):
        load(NAME, tmp_path)


# -- nothing is lost -------------------------------------------------------------------------------------


def test_an_interruption_keeps_the_finished_runs(runner, tmp_path):
    runner.stop_at = 2  # Ctrl-C during the third run
    with pytest.raises(KeyboardInterrupt):
        measure(NAME, "module", RECIPES, tmp_path)
    assert not (tmp_path / f"{NAME}.json").exists()
    before = list(runner.log)
    assert len(before) == 2

    runner.stop_at = None
    measure(NAME, "module", RECIPES, tmp_path)
    assert len(runner.log) == 16 and runner.log[:2] == before  # no run was made twice
    interrupted = load(NAME, tmp_path)
    measure(NAME, "module", RECIPES, tmp_path / "in one go")
    whole = load(NAME, tmp_path / "in one go")
    assert {k: (v.runs, v.resolution) for k, v in interrupted.items()} == {
        k: (v.runs, v.resolution) for k, v in whole.items()
    }
    assert not (tmp_path / f"{NAME}.partial").exists()


def test_a_run_that_was_cut_off_while_it_was_written_is_run_again(runner, tmp_path):
    """As after SIGKILL or on a full disk: the last line of the partial file has no end."""
    runner.stop_at = 3
    with pytest.raises(KeyboardInterrupt):
        measure(NAME, "module", RECIPES, tmp_path)
    partial = tmp_path / f"{NAME}.partial"
    partial.write_bytes(partial.read_bytes()[:-7])
    runner.stop_at = None
    measure(NAME, "module", RECIPES, tmp_path)
    assert len(runner.log) == 17 and runner.log[2] == runner.log[3]
    assert all(len(content.runs) == 8 for content in load(NAME, tmp_path).values())


def interrupted_after_three(runner, tmp_path):
    runner.stop_at = 3
    with pytest.raises(KeyboardInterrupt):
        measure(NAME, "module", RECIPES, tmp_path)
    runner.stop_at = None
    return tmp_path / f"{NAME}.partial"


def test_runs_of_the_same_code_at_two_commits_say_so(runner, tmp_path, monkeypatch):
    interrupted_after_three(runner, tmp_path)
    monkeypatch.setattr(spread, "provenance", lambda module: MADE | {"commit": "bbbb"})
    measure(NAME, "module", RECIPES, tmp_path)
    loaded = load(NAME, tmp_path)["coin"]
    assert loaded.provenance["commit"] == "aaaa, bbbb"
    assert [run["commit"] for run in loaded.runs].count("aaaa") == 3


def test_runs_of_other_code_are_not_mixed_with_those_of_this(runner, tmp_path, monkeypatch):
    interrupted_after_three(runner, tmp_path)
    monkeypatch.setattr(spread, "provenance", lambda module: MADE | {"code": "4567"})
    runner.offset = 1000  # the changed recipe answers otherwise
    measure(NAME, "module", RECIPES, tmp_path)
    loaded = load(NAME, tmp_path)["coin"]
    assert loaded.values("value").min() >= 1000 and len(runner.log) == 3 + 16
    assert {run["code"] for run in loaded.runs} == {"4567"} == {loaded.provenance["code"]}


@pytest.mark.parametrize("line", ["{", "[]", '"text"', "null", '{"recipe": "coin"}', "\ufffd\ufffd", ""])
def test_a_damaged_line_is_a_run_that_is_not_there(runner, tmp_path, line):
    partial = interrupted_after_three(runner, tmp_path)
    whole = partial.read_text(encoding="utf-8").splitlines()
    partial.write_text("\n".join([whole[0], line, whole[2]]) + "\n", encoding="utf-8")
    measure(NAME, "module", RECIPES, tmp_path)
    assert len(runner.log) == 3 + 14 and runner.log[3] == runner.log[1]
    assert all(len(content.runs) == 8 for content in load(NAME, tmp_path).values())


def test_a_run_that_is_no_longer_asked_for_is_left_out(runner, tmp_path):
    interrupted_after_three(runner, tmp_path)
    measure(NAME, "module", {"die": RECIPES["die"]}, tmp_path)
    assert {name: len(content.runs) for name, content in load(NAME, tmp_path).items()} == {"die": 8}


def test_a_failing_run_leaves_the_old_result(runner, tmp_path):
    path = measure(NAME, "module", RECIPES, tmp_path)
    old = path.read_bytes()
    runner.stop_at, runner.error = 20, subprocess.CalledProcessError(1, "python")
    with pytest.raises(subprocess.CalledProcessError):
        measure(NAME, "module", RECIPES, tmp_path)
    assert path.read_bytes() == old


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_in_the_middle_of_writing_leaves_the_old_result_and_all_runs(
    runner, tmp_path, monkeypatch, broken
):
    path = measure(NAME, "module", RECIPES, tmp_path)
    old, runner.log[:], runner.offset = path.read_bytes(), [], 1000

    def fail(*arguments):
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync", fail) if broken == "fsync" else (Path, "replace", fail)))
        with pytest.raises(OSError, match="No space left"):
            measure(NAME, "module", RECIPES, tmp_path)
    assert path.read_bytes() == old
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, f"{NAME}.partial"]
    assert len(runner.log) == 16
    measure(NAME, "module", RECIPES, tmp_path)
    assert len(runner.log) == 16  # all of them were kept
    assert load(NAME, tmp_path)["coin"].values("value").min() >= 1000


def test_the_content_is_on_the_disk_before_the_old_result_goes(runner, tmp_path, monkeypatch):
    order, flush, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda number: (order.append("fsync"), flush(number)))
    monkeypatch.setattr(Path, "replace", lambda a, b: (order.append("replace"), replace(a, b))[1])
    measure(NAME, "module", RECIPES, tmp_path)
    assert order == ["fsync", "replace"]


def test_a_folder_that_cannot_be_written_is_refused_at_the_start(runner, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OSError, match=r"folder: got .*file, expected one in which .*Remedy: "):
        measure(NAME, "module", RECIPES, tmp_path / "file")
    assert runner.log == []


def test_a_folder_without_a_place_for_new_files_is_refused_at_the_start(runner, tmp_path, monkeypatch):
    """A read-only folder with an earlier partial file; simulated, since an administrator may write it."""
    runner.stop_at = 2
    with pytest.raises(KeyboardInterrupt):
        measure(NAME, "module", RECIPES, tmp_path)
    opened = os.open

    def read_only(path, flags, *rest, **more):
        new = flags & (os.O_CREAT | getattr(os, "O_TMPFILE", 0)) not in (0, os.O_DIRECTORY)
        if new and str(path).startswith(str(tmp_path)):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", read_only)
    runner.stop_at = None
    with pytest.raises(PermissionError, match=r"folder: got .*\(Permission denied\)\. Remedy: "):
        measure(NAME, "module", RECIPES, tmp_path)
    assert len(runner.log) == 2


# -- processes and the command line ----------------------------------------------------------------------


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("instructions", ["native", "default"])
def test_a_run_is_a_fresh_process_under_its_setting(monkeypatch, threads, instructions):
    calls = []

    def run(line, env, **options):
        calls.append((line, env, options))
        return subprocess.CompletedProcess(line, 0, stdout='device: cpu\n{"score": 1.5}\n')

    for variable in ("ATEN_CPU_CAPABILITY", "MKL_CBWR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(subprocess, "run", run)
    what = {"recipe": "coin", "seed": 3, "threads": threads, "instructions": instructions}
    assert spread._in_fresh_process("lib.experiments.x", what) == {"score": 1.5}
    ((line, environment, options),) = calls
    assert line == [sys.executable, "-m", "lib.experiments.x", "coin", "3"]
    assert environment["OMP_NUM_THREADS"] == environment["MKL_NUM_THREADS"] == str(threads)
    assert environment.get("ATEN_CPU_CAPABILITY") == (None if instructions == "native" else "default")
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert options["check"] is True


def test_the_command_does_one_run_as_json(capsys):
    command(NAME, "module", RECIPES, ["coin", "4"])
    assert json.loads(capsys.readouterr().out) == {"heads": 4.0}


@pytest.mark.parametrize("arguments", [["card", "4"], ["coin"], ["coin", "1", "2"]])
def test_the_command_names_the_recipes_there_are(arguments):
    with pytest.raises(SystemExit, match=r"arguments: got .*expected a recipe of \['coin', 'die'\]"):
        command(NAME, "module", RECIPES, arguments)


def test_the_command_without_arguments_measures_and_says_where(runner, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(spread, "measure", lambda *arguments: measure(*arguments, folder=tmp_path))
    command(NAME, "module", RECIPES, [])
    assert capsys.readouterr().out == f"stored: {tmp_path / NAME}.json\n"
    assert len(runner.log) == 16
