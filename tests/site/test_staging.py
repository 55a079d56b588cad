"""The steps before Sphinx: the repository's address, staging, the vendored files. No browser is needed."""

import copy
import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from lib.ledger import titles
from repository import find_repository, git_remote, normalise
from stage import ROOT, resolve_config, resolve_toc, stage

VENDOR = ROOT / "chapters" / "_site" / "vendor"
ADDRESS = "https://github.com/someone/book"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text())
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
BUTTONS = ("use_repository_button", "use_edit_page_button", "use_issues_button")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://github.com/someone/book", ADDRESS),
        ("https://github.com/someone/book.git", ADDRESS),
        ("git@github.com:someone/book.git", ADDRESS),
        ("ssh://git@github.com/someone/book.git", ADDRESS),
        ("https://x-token:s3cret@github.com/someone/book.git", ADDRESS),
        ("https://github.com/someone/book.with.dots/", "https://github.com/someone/book.with.dots"),
        ("/home/someone/book", ""),
        ("https://example.org/someone/book", ""),
    ],
)
def test_addresses_are_understood_and_never_carry_a_token(given, expected):
    assert normalise(given) == expected


def test_address_is_looked_for_in_the_documented_order():
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "fork/book"}
    everything = {"BOOK_REPOSITORY": "https://github.com/chosen/book", **github}
    remote, configured = "git@github.com:remote/book.git", "https://github.com/configured/book"
    assert find_repository(everything, remote, configured) == "https://github.com/chosen/book"
    assert find_repository(github, remote, configured) == "https://github.com/fork/book"
    assert find_repository({}, remote, configured) == "https://github.com/remote/book"
    assert find_repository({}, "/srv/git/book.git", configured) == configured
    assert find_repository({}, "", "") == ""


def test_unusable_address_is_an_error_that_names_it():
    with pytest.raises(ValueError, match=r"BOOK_REPOSITORY.*'book'.*https://github.com/owner/name"):
        find_repository({"BOOK_REPOSITORY": "book"}, "", "")


def test_remote_of_an_enclosing_repository_is_not_taken(tmp_path):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for command in (["init", "-q"], ["remote", "add", "origin", f"{ADDRESS}.git"]):
        subprocess.run(["git", "-C", tmp_path, *command], check=True, env=environment)
    inner = tmp_path / "unpacked"
    inner.mkdir()
    assert git_remote(tmp_path) == f"{ADDRESS}.git"
    assert git_remote(inner) == ""


def test_known_address_switches_every_button_on():
    resolved = resolve_config(CONFIG, ADDRESS, Path("/somewhere"))
    assert resolved["repository"]["url"] == ADDRESS
    assert resolved["repository"]["path_to_book"] == "chapters"
    assert [resolved["html"][button] for button in BUTTONS] == [True] * 3
    assert resolved["launch_buttons"]["colab_url"] == "https://colab.research.google.com"
    assert resolved["launch_buttons"]["binderhub_url"] == "https://mybinder.org"


def test_unknown_address_leaves_the_buttons_out():
    before = copy.deepcopy(CONFIG)
    resolved = resolve_config(CONFIG, "", Path("/somewhere"))
    assert [resolved["html"][button] for button in BUTTONS] == [False] * 3
    assert not resolved["launch_buttons"]["colab_url"] and not resolved["launch_buttons"]["binderhub_url"]
    assert before == CONFIG


def test_contents_hold_the_chapters_that_exist_and_no_empty_part(tmp_path):
    folder = tmp_path / "chapters"
    folder.mkdir()
    (folder / "08_the_gan_game.ipynb").touch()
    (folder / "ledger.md").touch()
    resolved = resolve_toc(TOC, folder)
    assert resolved["root"] == "index"
    assert [[entry["file"] for entry in part["chapters"]] for part in resolved["parts"]] == [
        ["08_the_gan_game"],
        ["ledger"],
    ]


def test_contents_name_the_chapters_of_the_ledger_in_order():
    files = [entry["file"] for part in TOC["parts"] for entry in part["chapters"]]
    numbered = [
        name.removeprefix("chapters/") for name in files if name.removeprefix("chapters/")[:2].isdigit()
    ]
    assert numbered == list(titles()) and [int(stem[:2]) for stem in numbered] == list(range(1, 19))
    existing = {
        f"chapters/{path.stem}"
        for path in (ROOT / "chapters").glob("*.*")
        if path.suffix in (".md", ".ipynb")
    }
    assert existing - set(files) == {TOC["root"]}


@pytest.fixture
def small_book(tmp_path):
    """A book of one page and one executed chapter."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "_build" / "executed").mkdir(parents=True)
    for name, content in (("_config.yml", CONFIG), ("_toc.yml", TOC)):
        (tmp_path / name).write_text(yaml.safe_dump(content))
    (tmp_path / "chapters" / "index.md").write_text("# Title\n")
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# The game\n\n# not a title"}
    cell = {
        "cell_type": "code",
        "id": "a-solution",
        "metadata": {},
        "outputs": [],
        "source": "1",
        "execution_count": 1,
    }
    notebook = {"cells": [title, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "chapters" / "08_the_gan_game.ipynb").write_text(json.dumps(notebook))
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
    (tmp_path / "_build" / "executed" / "08_the_gan_game.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "_build" / "executed" / "08_the_gan_game.json").write_text("{}")
    return tmp_path


def test_staging_takes_the_executed_chapter_and_touches_only_what_changed(small_book):
    target = small_book / "_build" / "source"
    assert stage("", small_book, target)
    assert "ran" in (target / "chapters" / "08_the_gan_game.ipynb").read_text()
    assert stage("", small_book, target) == []
    (small_book / "chapters" / "index.md").write_text("# Another title\n")
    assert stage("", small_book, target) == [target / "chapters" / "index.md"]
    assert stage(ADDRESS, small_book, target) == [target / "_config.yml"]


def test_chapters_get_their_number_and_folded_cells_say_what_they_fold(small_book):
    target = small_book / "_build" / "source"
    stage("", small_book, target)
    title, cell = json.loads((target / "chapters" / "08_the_gan_game.ipynb").read_text())["cells"]
    assert title["source"] == "# 8 · The game\n\n# not a title"
    assert cell["metadata"]["mystnb"]["code_prompt_show"] == "Show the solution"


def test_removed_chapter_is_removed_from_the_staged_source(small_book):
    target = small_book / "_build" / "source"
    stage("", small_book, target)
    (small_book / "chapters" / "08_the_gan_game.ipynb").unlink()
    stage("", small_book, target)
    assert list(target.rglob("08*")) == []
    assert "08_the_gan_game" not in (target / "_toc.yml").read_text()


def test_chapter_that_was_not_executed_cannot_be_staged(small_book):
    (small_book / "_build" / "executed" / "08_the_gan_game.ipynb").unlink()
    with pytest.raises(FileNotFoundError, match="08_the_gan_game"):
        stage("", small_book, small_book / "_build" / "source")


def test_vendored_files_are_the_ones_that_were_fetched():
    packages = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    listed = {name: digest for package in packages for name, digest in package["files"].items()}
    found = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    licences = {package["licence_text"] for package in packages}
    assert set(found) - set(listed) == licences | {"manifest.json"}
    for name, digest in listed.items():  # Matplotlib's typefaces lie in the library
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    for package in packages:
        assert package["version"] and package["licence"]
        assert len((VENDOR / package["licence_text"]).read_text()) > 500


def test_vendored_packages_are_the_ones_the_refresh_would_fetch():
    import vendor

    packages = json.loads((VENDOR / "manifest.json").read_text())["packages"]
    listed = {package["name"]: package["version"] for package in packages}
    assert listed == {
        package.name: package.version for package in (*vendor.PACKAGES, *vendor.typefaces.SOURCES)
    }
