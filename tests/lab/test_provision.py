"""The layer runs, is installed, or says that it did not run; and its requirements fit those of the book."""

import re
import subprocess

import provision

PIN = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def test_layer_runs_where_jupyterlab_is(monkeypatch):
    monkeypatch.setattr(provision, "find_spec", lambda name: object())
    assert provision.missing() == ""


def test_layer_names_the_remedy_where_it_is_not(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(provision, "find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda *command, **options: 1 / 0)
    assert "NOT RUN" in provision.missing() and "requirements-lab.txt" in provision.missing()


def test_continuous_integration_installs_it_first(monkeypatch):
    commands = []
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(provision, "find_spec", lambda name: None)
    monkeypatch.setattr(subprocess, "run", lambda command, check: commands.append(command))
    assert provision.missing() == ""
    assert commands[0][-2:] == ["-r", str(provision.REQUIREMENTS)]


def test_lab_pins_nothing_that_the_book_pins_and_leaves_myst_out():
    book = dict(PIN.findall(provision.REQUIREMENTS.with_name("requirements.txt").read_text()))
    lab = dict(PIN.findall(provision.REQUIREMENTS.read_text()))
    assert "jupyterlab" in lab and len(book) > 50
    assert set(lab) & set(book) == set()
    assert "jupyterlab-myst" not in {name.lower().replace("_", "-") for name in lab}
