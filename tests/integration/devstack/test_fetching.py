"""Files are fetched from a repository of the Maven kind: whole, as pinned, or not at all."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core

from deploy.devstack import artifacts
from deploy.devstack.artifacts import Artifact, fetch, unpack_once
from deploy.devstack.failures import Failure

CONTENT = b"a jar" * 1000
PATH = Path("org", "example", "thing", "1.0", "thing-1.0.jar")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository of our own on this machine, and an empty cache."""
    folder = tmp_path / "repository"
    (folder / PATH).parent.mkdir(parents=True)
    (folder / PATH).write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield folder
    server.shutdown()
    server.server_close()


def listed(monkeypatch: pytest.MonkeyPatch, sha256: str) -> None:
    monkeypatch.setattr(
        artifacts, "_listed", lambda: {"kafka": [Artifact("org.example:thing:1.0", len(CONTENT), sha256)]}
    )


def test_a_file_is_fetched_once_and_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, hashlib.sha256(CONTENT).hexdigest())
    said: list[str] = []
    (path,) = fetch(["kafka"], said.append)["kafka"]
    assert path.read_bytes() == CONTENT
    assert "fetching 1 files" in said[0]
    (repository / PATH).unlink()
    assert fetch(["kafka"], said.append)["kafka"] == [path]
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_not_the_pinned_one_is_refused_and_nothing_of_it_kept(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, "0" * 64)
    with pytest.raises(Failure, match=r"thing-1.0.jar is not the file that was pinned"):
        fetch(["kafka"], lambda _: None)
    assert list((artifacts.cache_directory() / "artifacts").iterdir()) == []


def test_without_a_connection_it_is_said_that_the_first_start_needs_one(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, "0" * 64)
    monkeypatch.setitem(_core.DEFAULT_REMOTE_REPOS, "central", "http://127.0.0.1:9")
    with pytest.raises(Failure, match=r"(?s)thing-1.0.jar could not be fetched: no connection.*needs the network"):
        fetch(["kafka"], lambda _: None)


def test_what_is_unpacked_is_there_whole_or_not_at_all(repository: Path, tmp_path: Path) -> None:
    jar, target = tmp_path / "some.jar", tmp_path / "place" / "some"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("a", "1")

    def broken(archive: zipfile.ZipFile, folder: Path) -> None:
        archive.extractall(folder)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        unpack_once(jar, target, broken)
    assert list(target.parent.iterdir()) == []
    unpack_once(jar, target, lambda archive, folder: archive.extractall(folder))
    assert (target / "a").read_text() == "1"
