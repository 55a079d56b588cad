"""The layers of the whole check: two run side by side, and none of them loses its words or its failure."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[1] / "run.py"


def load(monkeypatch):
    """`tests/run.py` as a module; its data classes look themselves up by its name."""
    spec = importlib.util.spec_from_file_location("layers_of_the_check", PATH)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def layers(monkeypatch):
    """`tests/run.py` with three layers: two that run side by side, of which one fails, and one alone."""
    module = load(monkeypatch)

    def layer(*codes):
        return lambda verdict: module.commands(verdict, *(("-c", code) for code in codes))

    fake = {
        "lint": ("good", layer("print('first word'); print('last word')")),
        "stale": ("bad", layer("print('it goes wrong'); raise SystemExit(1)", "pass")),
        "site": ("alone", layer("print('alone')")),
    }
    monkeypatch.setattr(module, "LAYERS", fake)
    return module


def test_layers_side_by_side_keep_their_words_together_and_their_failures(layers, capfd):
    verdicts = layers.run_layers(["lint", "stale", "site"])
    assert [(v.passed, v.failed) for v in map(verdicts.get, ("lint", "stale", "site"))] == [
        (1, 0),
        (1, 1),
        (1, 0),
    ]
    assert not verdicts["stale"].good and verdicts["lint"].good
    said = capfd.readouterr().out
    good = said[said.index("=== lint") : said.index("--- lint passed")]
    assert "first word\nlast word" in good and "it goes wrong" not in good
    assert said.index("=== stale") < said.index("it goes wrong") < said.index("--- stale FAILED")
    assert said.index("=== site") > max(said.index("--- lint"), said.index("--- stale"))


def test_every_layer_that_runs_beside_others_is_one(monkeypatch):
    module = load(monkeypatch)
    assert set(module.SIDE_BY_SIDE) <= set(module.LAYERS)


def test_a_layer_that_cannot_run_fails_only_where_it_must(layers):
    assert layers.left_out("site", in_ci=True).failed == 1
    assert layers.left_out("site", in_ci=False).failed == 0
    assert not layers.left_out("site", in_ci=False).good
