"""No command loses what was there before it: notebooks, vendored files, cached data, the stamp."""

import errno
import io
import json
import os
import tarfile
from pathlib import Path

import nbformat
import pytest

import address
import build
import vendor
import writing
from lib import downloads
from tests.unit.errors import refused


class Full:
    """A disk on which every file ends after ten bytes."""

    def __init__(self, monkeypatch):
        original = Path.open

        def open_full(path, mode="r", **kwargs):
            file = original(path, mode, **kwargs)
            if "w" not in mode:
                return file
            file.write(b"x" * 10)
            file.close()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

        monkeypatch.setattr(Path, "open", open_full)


def test_a_file_is_replaced_in_one_step_and_only_if_it_changes(tmp_path):
    path = tmp_path / "folder" / "page ü.txt"
    assert writing.write(path, "ü\n")
    before = path.stat()
    assert not writing.write(path, "ü\n")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)
    with path.open("rb") as reader:  # who has it open keeps the old one whole
        assert writing.write(path, "new\n")
        assert reader.read() == "ü\n".encode()
    assert path.read_bytes() == b"new\n" and list(path.parent.iterdir()) == [path]


def test_a_full_disk_changes_nothing_and_is_named(tmp_path, monkeypatch):
    path = tmp_path / "page.txt"
    path.write_text("old")
    Full(monkeypatch)
    with pytest.raises(OSError) as caught:
        writing.write(path, "new")
    assert caught.value.filename == str(path) and caught.value.errno == errno.ENOSPC
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with refused(ValueError, str(tmp_path / "file/below"), "Not a directory", remedy="owner"):
        writing.require_writable(tmp_path / "file/below")
    writing.require_writable(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_chapter_survives_an_address_that_cannot_be_written(tmp_path, monkeypatch):
    """It was written in place: killed in the middle, half a notebook was left."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", id=address.BOOTSTRAP)])
    path = tmp_path / "01_first.ipynb"
    nbformat.write(book, path)
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        Full(patch)
        with pytest.raises(OSError):
            address.write_address(path, "https://example.org/owner/name")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
    assert address.write_address(path, "https://example.org/owner/name")
    assert "https://example.org/owner/name" in path.read_text()
    assert not address.write_address(path, "https://example.org/owner/name")


# Vendored files

PACKAGE = vendor.Package("pack", "1.0", "pack", "MIT", "package/", ("*.js",))


def tarball(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of vendored files that holds an earlier version."""
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    (tmp_path / "vendor/pack").mkdir(parents=True)
    (tmp_path / "vendor/pack/old.js").write_text("old")
    return tmp_path / "vendor"


def everything(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in files}


def test_the_new_files_replace_the_old_ones(shelf, tmp_path):
    members = ("package/new.js", b"new"), ("package/deep/er.js", b"er"), ("package/a.txt", b"")
    archive = tarball(tmp_path / "pack.tgz", *members)
    assert vendor.unpack(PACKAGE, archive) == [shelf / "pack/deep/er.js", shelf / "pack/new.js"]
    assert everything(shelf) == {"pack/new.js": "new", "pack/deep/er.js": "er"}


@pytest.mark.parametrize("name", ["package/../../../out.js", "package/x/../../../out.js", "package//out.js"])
def test_a_member_that_leads_out_is_refused_and_nothing_changes(shelf, tmp_path, name):
    archive = tarball(tmp_path / "pack.tgz", ("package/new.js", b"new"), (name, b"out"))
    with pytest.raises(RuntimeError, match=r"pack 1\.0: .*out\.js' leads out"):
        vendor.unpack(PACKAGE, archive)
    assert everything(shelf) == {"pack/old.js": "old"}
    assert not list(tmp_path.rglob("out.js"))


def test_a_package_of_another_layout_leaves_the_old_one(shelf, tmp_path):
    archive = tarball(tmp_path / "pack.tgz", ("package/readme.txt", b""))
    with pytest.raises(RuntimeError, match="nothing matches"):
        vendor.unpack(PACKAGE, archive)
    (tmp_path / "cut.tgz").write_bytes(archive.read_bytes()[:40])
    with pytest.raises((tarfile.TarError, EOFError, OSError)):
        vendor.unpack(PACKAGE, tmp_path / "cut.tgz")
    assert everything(shelf) == {"pack/old.js": "old"}


# The site


@pytest.mark.parametrize("left", [None, "", '{"chapters/_site/style', "[", b"\xff\xfe"])
def test_half_a_stamp_is_no_stamp(tmp_path, monkeypatch, left):
    """A full disk left one behind, and every later build ended in a traceback until it was deleted."""
    monkeypatch.setattr(build, "STAMP", tmp_path / ".site.json")
    if left is not None:
        (tmp_path / ".site.json").write_bytes(left if isinstance(left, bytes) else left.encode())
    assert build.rendered_before() == {}
    (tmp_path / ".site.json").write_text(json.dumps({"style.css": "abc"}))
    assert build.rendered_before() == {"style.css": "abc"}


# Data


@pytest.mark.parametrize("problem", [errno.EMFILE, errno.EIO, errno.EACCES])
def test_a_copy_that_cannot_be_read_now_is_kept(tmp_path, monkeypatch, capsys, problem):
    """It was deleted: too many open files were taken for a damaged file."""
    kept = tmp_path / "cache/set/numbers.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a good copy")
    monkeypatch.setattr(downloads, "book_data", lambda: None)
    monkeypatch.setattr(downloads, "cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(downloads, "temporary", lambda: tmp_path / "temporary")
    monkeypatch.setattr(downloads, "_download", lambda file: b"from the network")

    def unreadable(path):
        raise OSError(problem, os.strerror(problem), str(path))

    file = downloads.RemoteFile("set", "numbers.gz", "0" * 32, ("http://nowhere.invalid/",))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", unreadable)
        assert downloads.fetch(file) == b"from the network"
    assert kept.read_bytes() == b"a good copy"
    said = capsys.readouterr().out
    assert os.strerror(problem) in said and "left as it is" in said
    downloads.fetch(file)  # read, and found to be another file: that is a verdict
    assert not kept.exists()


def test_a_pipe_in_the_readers_folder_does_not_hang(tmp_path, monkeypatch):
    (tmp_path / "set").mkdir()
    os.mkfifo(tmp_path / "set/numbers.gz")
    monkeypatch.setattr(downloads, "book_data", lambda: tmp_path)
    file = downloads.RemoteFile("set", "numbers.gz", "0" * 32, ("http://nowhere.invalid/",))
    with pytest.raises(downloads.DataDamaged, match=r"numbers\.gz is no ordinary file"):
        downloads.fetch(file)
