"""Files come from the reader's folder, the cache or the network, are always checked, and nothing is lost."""

import errno
import gzip
import hashlib
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from lib import downloads

CONTENT = bytes(range(256)) * 40
GOOD = gzip.compress(CONTENT, mtime=0)
MD5 = hashlib.md5(CONTENT).hexdigest()
WRONG = gzip.compress(b"something else", mtime=0)
PAGE = b"\n<!DOCTYPE html><html><body>Please log in</body></html>"


class Server(ThreadingHTTPServer):
    """Serves a list of replies one after the other, the last one for ever, and counts the requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies, self.requests, self.delay = [GOOD], 0, 0.0

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/set/"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        reply = self.server.replies[min(self.server.requests, len(self.server.replies) - 1)]
        self.server.requests += 1
        time.sleep(self.server.delay)
        if isinstance(reply, int):
            self.send_error(reply)
            return
        cut = reply == "cut"
        body = GOOD[:100] if cut else reply
        self.send_response(200)
        # A connection that breaks off has promised more than it sends.
        self.send_header("Content-Length", str(len(GOOD) if cut else len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """Folders of the test's own, with a space and accents in their names, and no BOOK_DATA."""
    monkeypatch.delenv("BOOK_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "cache", lambda: tmp_path / "caché ü")
    monkeypatch.setattr(downloads, "temporary", lambda: tmp_path / "temporary one")
    return tmp_path


def remote(*homes: str) -> downloads.RemoteFile:
    return downloads.RemoteFile("set", "numbers.gz", MD5, homes)


def files(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_download_is_kept_and_used_again(server, places, capsys):
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert files(places) == ["caché ü/set/numbers.gz"]
    assert capsys.readouterr().out == f"downloading {server.home}numbers.gz\n"
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert server.requests == 1
    assert capsys.readouterr().out == ""


def test_a_file_that_the_server_unpacks_on_the_way_is_the_same_file(server):
    server.replies = [CONTENT]
    assert downloads.fetch(remote(server.home)) == CONTENT


@pytest.mark.parametrize("bad", [WRONG, GOOD[:-30], GOOD[:5], "cut", PAGE, b"", b"\x1f\x8b" + bytes(50)])
def test_a_damaged_download_is_deleted_and_tried_once_more(server, places, bad):
    server.replies = [bad, GOOD]
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert server.requests == 2
    assert files(places) == ["caché ü/set/numbers.gz"]
    assert gzip.decompress((places / "caché ü/set/numbers.gz").read_bytes()) == CONTENT


@pytest.mark.parametrize(
    "bad, problem",
    [
        (WRONG, f"unpacked md5 {hashlib.md5(b'something else').hexdigest()}"),
        (GOOD[:-30], "is truncated"),
        ("cut", "was truncated: the connection ended after"),
        (PAGE, "a web page (HTML)"),
        (GOOD[:10] + bytes(20), "cannot be unpacked"),
    ],
)
def test_a_download_that_stays_damaged_is_an_error_and_leaves_nothing(server, places, bad, problem):
    server.replies = [bad]
    with pytest.raises(downloads.DataUnavailable) as caught:
        downloads.fetch(remote(server.home))
    assert server.requests == 2
    assert files(places) == []
    assert problem in str(caught.value)
    assert caught.value.reason == f"127.0.0.1:{server.server_port}: damaged"


def test_the_error_names_both_ways(places, monkeypatch):
    nobody = "http://127.0.0.1:1/set/"  # nothing listens on port 1
    with pytest.raises(downloads.DataUnavailable) as caught:
        downloads.fetch(remote(nobody))
    for part in ("BOOK_DATA", "set/numbers.gz", "it is not set now", nobody, str(places / "caché ü")):
        assert part in str(caught.value)
    assert caught.value.reason == "127.0.0.1:1: ConnectionError"
    monkeypatch.setenv("BOOK_DATA", str(places / "nowhere"))
    with pytest.raises(downloads.DataUnavailable, match="nowhere, which does not hold it now"):
        downloads.fetch(remote(nobody))
    assert not (places / "nowhere").exists()


def test_the_next_home_is_tried(server):
    server.replies = [404, GOOD]
    assert downloads.fetch(remote("http://127.0.0.1:1/set/", server.home, server.home)) == CONTENT
    assert server.requests == 2


def test_an_absent_page_is_not_asked_for_twice(server):
    server.replies = [404]
    with pytest.raises(downloads.DataUnavailable) as caught:
        downloads.fetch(remote(server.home))
    assert server.requests == 1
    assert caught.value.reason.endswith(": HTTPError 404")


def test_a_damaged_copy_in_the_cache_is_replaced(server, places, capsys):
    kept = places / "caché ü" / "set" / "numbers.gz"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(GOOD[:200])
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert kept.read_bytes() == GOOD
    said = capsys.readouterr().out
    assert str(kept) in said and "truncated" in said and "downloaded again" in said


@pytest.mark.parametrize("name, content", [("numbers.gz", GOOD), ("numbers", CONTENT)])
def test_the_readers_folder_comes_first(server, places, monkeypatch, name, content):
    own = places / "my data" / "set" / name
    own.parent.mkdir(parents=True)
    own.write_bytes(content)
    monkeypatch.setenv("BOOK_DATA", str(places / "my data"))
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert server.requests == 0
    assert files(places) == [f"my data/set/{name}"]


def test_the_readers_folder_may_be_relative_or_begin_with_a_tilde(places, monkeypatch):
    monkeypatch.chdir(places)
    monkeypatch.setenv("BOOK_DATA", "mine")
    assert downloads.book_data() == places / "mine"
    monkeypatch.setenv("HOME", str(places))
    monkeypatch.setenv("BOOK_DATA", "~/mine")
    assert downloads.book_data() == places / "mine"
    monkeypatch.setenv("BOOK_DATA", "")
    assert downloads.book_data() is None


@pytest.mark.parametrize("content", [WRONG, GOOD[:-30], PAGE, b""])
def test_a_wrong_file_of_the_readers_is_an_error_and_stays(server, places, monkeypatch, content):
    own = places / "set" / "numbers.gz"
    own.parent.mkdir()
    own.write_bytes(content)
    monkeypatch.setenv("BOOK_DATA", str(places))
    with pytest.raises(downloads.DataDamaged) as caught:
        downloads.fetch(remote(server.home))
    assert str(own) in str(caught.value) and MD5 in str(caught.value)
    assert "Put the published file there, or remove this one" in str(caught.value)
    if content == WRONG:
        assert hashlib.md5(b"something else").hexdigest() in str(caught.value)
    assert own.read_bytes() == content and files(places) == ["set/numbers.gz"]
    assert server.requests == 0


def test_something_unreadable_in_the_readers_folder_is_an_error(places, monkeypatch):
    (places / "set" / "numbers.gz").mkdir(parents=True)
    monkeypatch.setenv("BOOK_DATA", str(places))
    with pytest.raises(downloads.DataDamaged, match="is no ordinary file"):
        downloads.fetch(remote())


def blocked(places: Path) -> Path:
    """A folder that nobody can make, not even the superuser: its parent is a file."""
    (places / "a file").write_bytes(b"")
    return places / "a file" / "cache"


def test_without_a_writable_cache_downloads_go_to_the_readers_folder(server, places, monkeypatch, capsys):
    cache = blocked(places)
    monkeypatch.setattr(downloads, "cache", lambda: cache)
    own = places / "own"
    (own / "set").mkdir(parents=True)
    (own / "set" / "other.gz").write_bytes(b"the reader's")
    monkeypatch.setenv("BOOK_DATA", str(own))
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert files(own) == ["set/numbers.gz", "set/other.gz"]
    assert (own / "set" / "other.gz").read_bytes() == b"the reader's"
    said = capsys.readouterr().out
    assert f"cannot write to {cache}" in said and f"Keeping downloads in {own / 'set'} instead" in said


@pytest.mark.parametrize("book_data", [None, "missing"])
def test_without_either_downloads_go_to_the_temporary_folder(server, places, monkeypatch, capsys, book_data):
    cache = blocked(places)
    monkeypatch.setattr(downloads, "cache", lambda: cache)
    if book_data:
        monkeypatch.setenv("BOOK_DATA", str(places / book_data))
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert files(places) == ["a file", "temporary one/set/numbers.gz"]
    assert f"Keeping downloads in {places / 'temporary one' / 'set'} instead" in capsys.readouterr().out
    assert downloads.fetch(remote(server.home)) == CONTENT
    assert server.requests == 1


def test_without_any_writable_folder_the_error_lists_them(server, places, monkeypatch):
    cache = blocked(places)
    monkeypatch.setattr(downloads, "cache", lambda: cache)
    monkeypatch.setattr(downloads, "temporary", lambda: cache.parent / "temporary")
    with pytest.raises(downloads.DataUnavailable, match="no folder to keep it in can be written") as caught:
        downloads.fetch(remote(server.home))
    assert str(cache) in str(caught.value) and "Not a directory" in str(caught.value)
    assert server.requests == 0


def test_a_full_disk_names_path_and_bytes_and_leaves_nothing(places, monkeypatch):
    def fill(self, url, output_file, _):
        Path(output_file).write_bytes(bytes(1234))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", fill)
    with pytest.raises(downloads.DataUnavailable) as caught:
        downloads.fetch(remote("http://127.0.0.1:1/set/"))
    folder = places / "caché ü" / "set"
    assert f"the disk is full: {folder} took 1234 bytes of numbers.gz and has" in str(caught.value)
    assert files(places) == []


def test_an_interrupted_download_leaves_nothing(places, monkeypatch):
    def interrupt(self, url, output_file, _):
        Path(output_file).write_bytes(GOOD[:50])
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        downloads.fetch(remote("http://127.0.0.1:1/set/"))
    assert files(places) == []


def test_two_processes_at_once_both_succeed(server, places):
    server.delay = 0.5
    script = (
        "import sys; from pathlib import Path; from lib import downloads\n"
        "downloads.cache = lambda: Path(sys.argv[1])\n"
        "downloads.temporary = lambda: Path(sys.argv[1]) / 'no'\n"
        "file = downloads.RemoteFile('set', 'numbers.gz', sys.argv[2], (sys.argv[3],))\n"
        "assert len(downloads.fetch(file)) == int(sys.argv[4])\n"
    )
    command = [sys.executable, "-c", script, str(places / "both"), MD5, server.home, str(len(CONTENT))]
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    for process in pair:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said.decode()
    assert files(places) == ["both/set/numbers.gz"]
    assert downloads.verified(places / "both/set/numbers.gz", MD5) == CONTENT


def test_the_slower_of_two_downloads_does_not_touch_the_faster_ones_file(places, monkeypatch):
    kept = places / "caché ü" / "set" / "numbers.gz"

    def slower(self, url, output_file, _):
        assert Path(output_file).parent == kept.parent  # or the last step would not be atomic
        Path(output_file).write_bytes(GOOD)
        kept.write_bytes(CONTENT)  # another process finishes first, with its own packing

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", slower)
    assert downloads.fetch(remote("http://127.0.0.1:1/set/")) == CONTENT
    assert kept.read_bytes() == CONTENT and len(files(places)) == 1


def test_the_usual_folders_belong_to_the_book(monkeypatch):
    monkeypatch.undo()
    assert downloads.cache().name == "gans-from-first-principles"
    assert downloads.temporary().name.startswith("gans-from-first-principles-")
