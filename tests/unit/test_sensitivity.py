"""The tool that measures how sharp a chapter's checks are: its changes, what it runs, and how it judges."""

import ast
import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sensitivity"))

import judged
import measuring
import trial
from cells import after, code_cells, needed, supplied, with_state
from changes import changes
from judged import Judged
from trial import Trials


def names(source: str) -> list[str]:
    return [change.name for change in changes("cell", source)]


@pytest.mark.parametrize(
    "source, expected",
    [
        ("y = a + b", ["+ → −"]),
        ("y = a / 2", ["÷ → ×", "2 → 3"]),
        ("y = 0.5 * a", ["× → ÷", "0.5 → 0.535"]),
        ("y = np.max(a, axis=1)", ["max → min", "axis 1 → 0"]),
        ("y = a.abs()", [".abs() dropped"]),
        ("y = np.sqrt(a)", ["sqrt dropped"]),
        ("y = -a", ["minus dropped"]),
        ("y = a.T", [".T dropped"]),
        ("y = a < b", ["comparison turned"]),
        ("y = -1", []),  # a number, not an operation
        ("y = a[2 * k]", []),  # a place
        ("y = np.linspace(0, 2 * a, 3)", []),  # a size
        ("claim(x, 1, atol=2 * tiny)", []),  # what is allowed
        ("def f(x, y=1 + 1):\n    return x", []),  # a default
        ("print(f'{a + b}')", []),
        ("y = 'a' + b", []),
    ],
)
def test_small_changes_of_a_line(source, expected):
    assert sorted(names(source)) == sorted(expected)


def test_a_change_runs_otherwise_and_the_next_one_starts_from_the_original():
    found = {}
    for change in changes("cell", "y = 6 + a / 2"):
        namespace = {"a": 2.0}
        exec(change.code, namespace)
        found[change.name] = namespace["y"]
    assert found == {"+ → −": 5.0, "6 → 7": 8.0, "÷ → ×": 10.0, "2 → 3": 6 + 2 / 3}


def notebook(path: Path, *sources: str, hidden: tuple[int, ...] = (), folded: tuple[int, ...] = ()) -> Path:
    tags = {k: ["hide-input"] for k in hidden}
    tags |= {k: ["hide-input", "nbval-check-output"] for k in folded}  # what it prints is compared
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{k}",
            "source": source,
            "metadata": {"tags": tags[k]} if k in tags else {},
        }
        for k, source in enumerate(sources)
    ]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def test_only_what_a_cell_needs_is_run_before_it_and_only_what_it_reaches_after_it(tmp_path):
    sources = (
        "x = 1",
        "y = 2",
        "def f(t):\n    return x * t",
        "z = f(3)",
        "x = 9\nassert x",  # from here on x is another one
        "assert x == 9",
        "assert z == 3",
    )
    cells = code_cells(notebook(tmp_path / "n.ipynb", *sources))
    assert needed(cells, {3}) == [0, 2, 3]
    assert after(cells, 0, frozenset()) == [2, 3, 6]
    assert after(cells, 1, frozenset()) == []
    assert after(cells, 4, frozenset()) == [5]


def test_a_cell_that_moves_a_generator_on_is_run_before_others_that_use_it(tmp_path):
    sources = "draw = np.random.default_rng(0)", "a = draw.normal()", "b = 1", "c = draw.normal()"
    cells = code_cells(notebook(tmp_path / "n.ipynb", *sources))
    assert needed(cells, {3}) == [0, 1, 3] and needed(cells, {2}) == [2]


def test_a_cell_that_draws_is_run_when_its_names_are_needed_but_not_changed(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "x = 1 + 1", "w = x + 1", "assert w == 3", hidden=(1,))
    cells = code_cells(path)
    assert [cell.tried for cell in cells] == [True, False, True]
    assert needed(cells, {2}) == [0, 1, 2] and after(cells, 0, frozenset()) == [1, 2]


def test_a_folded_cell_of_claims_is_changed_and_run_as_an_open_one(tmp_path):
    path = notebook(tmp_path / "n.ipynb", "x = 1 + 1", "assert x == 2", "y = x", hidden=(2,), folded=(1,))
    cells = code_cells(path)
    assert [cell.tried for cell in cells] == [True, True, False]
    assert after(cells, 0, frozenset()) == [1]


def test_a_planted_fault_is_tried_with_what_its_claims_need(tmp_path):
    """Without `w` the claim could not be run, and the fault in `x` would seem to be noticed by nothing."""
    claims = 'claim("X26", x, w)', 'claim("X26", x, 2)'
    cells = code_cells(notebook(tmp_path / "n.ipynb", "w = 2", "x = 1 + 1", "y = x", *claims))
    below = partial(measuring.Measurement._claims_below, SimpleNamespace(cells=cells))
    assert below(1) == 3 and below(2) == 2
    assert needed(cells, {1}) == [1] and needed(cells, {1, below(1)}) == [0, 1, 3]


def test_a_function_or_a_number_is_not_moved_on_by_the_cell_that_takes_it():
    names = {"expit": expit, "n": np.int64(3), "x": np.ones(2), "nothing": None, "law": (1, 2)}
    moved = {"draw": np.random.default_rng(0), "found": [], "table": {}}
    assert with_state(names | moved) == set(moved)


def test_what_a_function_adds_to_is_its_own_and_what_a_cell_adds_to_comes_from_before(tmp_path):
    inside = "def f(t):\n    s = 0\n    for k in range(t):\n        s += k\n    return s"
    cells = code_cells(notebook(tmp_path / "n.ipynb", inside, "for k in range(3):\n    s += k"))
    assert cells[0].reads == frozenset() and "s" in cells[1].reads
    assert supplied(cells, [0], set()) == [0]


def test_the_variable_of_a_loop_and_what_its_body_sets_are_its_own(tmp_path):
    """Otherwise a cell would be run for every loop before it that had a variable of the same name."""
    sources = (
        "for name, k in pairs:\n    row = f(k)\n    total += row * scale\n    print(name, row)",
        "with opened(path) as text:\n    print(text)",
        "for k in range(k):\n    print(left)\n    left = k\nelse:\n    print(k)",  # k and left from before
        "for x[place] in values:\n    pass",
        "name = 1",
        "for name in names:\n    print(name)",
    )
    cells = code_cells(notebook(tmp_path / "n.ipynb", *sources))
    expected = [
        {"pairs", "f", "total", "scale"},
        {"opened", "path"},
        {"k", "left"},
        {"x", "place", "values"},
        set(),
        {"names"},
    ]
    assert [set(cell.reads) for cell in cells] == expected
    assert {"name", "k", "row", "total"} <= cells[0].writes and "text" in cells[1].writes
    assert after(cells, 4, frozenset()) == []


def test_a_later_cell_that_lacks_a_name_is_not_run_and_counts_for_nothing(monkeypatch, tmp_path):
    path = notebook(tmp_path / "n.ipynb", "a = 1", "b = 2 + 3", "assert a < b", "for k in [b]:\n    c = k")
    cells = code_cells(path)
    assert supplied(cells, [2, 3], {"b"}) == [3] and supplied(cells, [2, 3], {"a", "b"}) == [2, 3]
    assert measured(monkeypatch, path, "cell-1")["cell-1: 2 → 3"] == "survived"


def measured(monkeypatch, path: Path, *chosen: str) -> dict[str, str]:
    monkeypatch.setattr(measuring, "chapter", lambda number: path)
    trial = measuring.Measurement(1, chosen, jobs=1, budget=5)
    return {f"{change.cell}: {change.name}": verdict for change, verdict in trial.small_changes()}


def test_verdicts_of_a_chapter_made_by_hand(monkeypatch, tmp_path):
    path = notebook(
        tmp_path / "n.ipynb",
        "x = 1 + 2",  # noticed by the next cell
        "assert x == 3",
        "y = x - 5",  # nobody looks at y but for its sign
        "assert y * 2 < 0",
        "w = x / (y + 1)",  # with 2 for 1 the division fails
    )
    found = measured(monkeypatch, path)
    assert found["cell-0: + → −"] == "red" == found["cell-0: 2 → 3"]
    assert found["cell-2: 5 → 6"] == "survived" and found["cell-2: − → +"] == "red"
    assert found["cell-3: 2 → 3"] == "survived" and found["cell-3: comparison turned"] == "red"
    assert found["cell-4: 1 → 2"] == "crash"
    assert {name[:6] for name in measured(monkeypatch, path, "cell-4")} == {"cell-4"}


def test_what_takes_for_ever_is_undecided(monkeypatch, tmp_path):
    path = notebook(tmp_path / "n.ipynb", "x = 1 - 1", "while x:\n    pass")
    monkeypatch.setattr(measuring, "chapter", lambda number: path)
    trial = measuring.Measurement(1, ("cell-0",), jobs=2, budget=1)
    assert {verdict for _, verdict in trial.small_changes()} == {"undecided"}


def ended(budget: int, source: str) -> str:
    """The verdict on a piece of code, tried in a child."""
    verdicts = []
    trials = Trials(1, budget, lambda what, verdict: verdicts.append(verdict))
    trials.start("a change", [compile(source, "<source>", "exec")], {})
    trials.wait()
    return verdicts[0]


def test_the_time_of_a_change_is_what_it_computes_and_not_what_others_take():
    assert ended(1, "import time; time.sleep(1.3)") == "survived"


def test_what_waits_for_ever_is_undecided_too(monkeypatch):
    monkeypatch.setattr(trial, "PATIENCE", 1)
    source = "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()"
    assert ended(1, source) == "undecided"


def test_a_process_that_a_cell_has_started_is_no_change():
    with subprocess.Popen([sys.executable, "-c", "pass"]):
        assert ended(5, "import time; time.sleep(0.5)") == "survived"


def outcome(name: str, verdict: str) -> measuring.Outcome:
    code = compile(ast.parse("0"), "none", "exec")
    return measuring.Outcome(judged.Change("cell", 1, "y = a + b", name, code), verdict)


ENTRY = {"cell": "cell", "code": "a + b", "change": "+ → −", "reason": "either will do"}


@pytest.mark.parametrize(
    "verdicts, entries, share, good",
    [
        (["red"] * 19 + ["survived"], (), 0.95, True),
        (["red"] * 18 + ["survived"], (), 0.95, False),
        (["red", "survived"], (ENTRY,), 1.0, True),  # judged, so not counted
        (["red", "crash", "undecided"], (), 1.0, True),
        (["undecided"], (), 0.0, True),
        (["undecided"], (), 0.5, False),  # nothing was shown
    ],
)
def test_the_share_that_is_noticed_decides(capsys, verdicts, entries, share, good):
    outcomes = [outcome("+ → −", verdict) for verdict in verdicts]
    assert measuring.report("chapter", outcomes, Judged(share, (), entries), share, whole=True) == good
    assert ("survived: cell, line 1" in capsys.readouterr().out) == ("survived" in verdicts and not entries)


def test_a_judgement_without_a_survivor_is_named(capsys):
    measuring.report("chapter", [outcome("+ → −", "red")], Judged(0.5, (), (ENTRY,)), 0.5, whole=True)
    assert "judged, but not among the survivors: cell: '+ → −' in 'a + b'" in capsys.readouterr().out


@pytest.mark.parametrize("number", judged.numbers())
def test_judgements_speak_of_code_that_is_there(number):
    known = judged.read(number)
    cells = {cell.name: cell.source for cell in code_cells(measuring.chapter(number))}
    assert set(known.sample) <= set(cells) and known.threshold >= 0.95
    lost = [entry for entry in known.entries if entry["code"] not in cells.get(entry["cell"], "")]
    assert lost == []
    assert all(len(entry["reason"].split()) > 4 for entry in known.entries)


def test_a_judgement_without_a_reason_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(judged, "FOLDER", tmp_path)
    text = 'threshold = 0.95\nsample = []\n[[judged]]\ncell = "a"\ncode = "b"\nchange = "c"\nreason = ""\n'
    (tmp_path / "judged_07.toml").write_text(text)
    with pytest.raises(ValueError, match=r"judged_07\.toml: the entry .* lacks reason"):
        judged.read(7)


def test_a_chapter_that_is_not_there_is_named():
    with pytest.raises(SystemExit, match=r"CHAPTER: got 99, expected the number of .*08_the_gan_game"):
        measuring.chapter(99)
