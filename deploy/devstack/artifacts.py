"""Brings the programs that are no Python packages into a cache of the user's, each checked by its SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import requests
from jgo.maven import MavenContext

from deploy.devstack.failures import Failure

PARALLEL_DOWNLOADS = 4
ATTEMPTS = 3
TIMEOUT_SECONDS = 60
SPARE_BYTES = 200_000_000

Report = Callable[[str], None]
"""Takes one line about a long step, for the user."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of the Maven world: `group:name:version`, its size in bytes and its SHA-256 in hexadecimal."""

    coordinates: str
    size: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name in the cache, `name-version.jar`."""
        _, name, version = self.coordinates.split(":")
        return f"{name}-{version}.jar"


def cache_directory() -> Path:
    """The folder shared by all clones of one user: `$XDG_CACHE_HOME/gemeinsam`, by default `~/.cache/gemeinsam`."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    directory = Path(base) / "gemeinsam"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@cache
def _listed() -> dict[str, list[Artifact]]:
    raw = json.loads(Path(__file__).with_name("artifacts.json").read_text(encoding="utf-8"))
    return {group: [Artifact(**row) for row in rows] for group, rows in raw.items()}


def artifacts(group: str) -> list[Artifact]:
    """The files of a group in `artifacts.json`: `kafka`, `traces-page`, `postgres` (the one for this processor)."""
    name = f"postgres-{platform.machine()}" if group == "postgres" else group
    if name not in _listed():
        raise Failure(
            f"There is no build of {group} for this processor ({platform.machine()}).",
            "Point the settings at servers of your own: KAFKA=host:port and DATABASE_URL_…",
        )
    return _listed()[name]


def fetch(groups: list[str], report: Report = print) -> dict[str, list[Path]]:
    """Bring all files of the groups into the cache, where they are not there yet; answers their paths by group.

    A file appears under its name only when it is whole and its SHA-256 is the listed one. Raises `Failure` without
    network or space, and when a file is not what the list says.
    """
    directory = cache_directory() / "artifacts"
    directory.mkdir(exist_ok=True)
    wanted = {group: artifacts(group) for group in groups}
    missing = [a for rows in wanted.values() for a in rows if not (directory / a.file_name).exists()]
    if missing:
        _download(missing, directory, report)
    return {group: [directory / a.file_name for a in rows] for group, rows in wanted.items()}


def _download(missing: list[Artifact], directory: Path, report: Report) -> None:
    total = sum(a.size for a in missing)
    require_space(directory, total + SPARE_BYTES)
    # `requests` looks at its own variable only; behind a proxy of the house the common one names the authorities.
    if os.environ.get("SSL_CERT_FILE"):
        os.environ.setdefault("REQUESTS_CA_BUNDLE", os.environ["SSL_CERT_FILE"])
    report(f"fetching {len(missing)} files, {total / 1e6:.0f} MB, into {directory} (once; all clones share it)")
    got, next_tenth = 0, 1
    with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
        for artifact in pool.map(lambda a: _download_one(a, directory), missing):
            got += artifact.size
            if got * 5 >= total * next_tenth:
                report(f"  {got / 1e6:.0f} of {total / 1e6:.0f} MB")
                next_tenth = got * 5 // total + 1


def _download_one(artifact: Artifact, directory: Path) -> Artifact:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _download_checked(artifact, directory)
            return artifact
        except (requests.RequestException, RuntimeError) as error:
            if attempt == ATTEMPTS:
                raise Failure(
                    f"{artifact.file_name} could not be fetched: {_cause(error)}",
                    "The first start needs the network, later ones do not. Check the connection (and HTTPS_PROXY), "
                    "then start again: what is already there is kept.",
                ) from None
    return artifact


def _cause(error: Exception) -> str:
    if isinstance(error, requests.ConnectionError):
        return "no connection to the Maven repository"
    return type(error).__name__


def _download_checked(artifact: Artifact, directory: Path) -> None:
    group, name, version = artifact.coordinates.split(":")
    with tempfile.TemporaryDirectory(prefix=".incoming-", dir=directory) as incoming:
        context = MavenContext(repo_cache=Path(incoming), local_repos=[], timeout=TIMEOUT_SECONDS)
        path = context.resolver.download(context.project(group, name).at_version(version).artifact())
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path else "nothing"
        if path is None or found != artifact.sha256:
            raise Failure(
                f"{artifact.file_name} is not the file that was pinned (SHA-256 {found}).",
                "Something between here and the repository changes files. Nothing of it was kept or run.",
            )
        os.replace(path, directory / artifact.file_name)


def require_space(directory: Path, needed: int) -> None:
    """Raise `Failure` if fewer than `needed` bytes are free where `directory` is."""
    free = shutil.disk_usage(directory).free
    if free < needed:
        raise Failure(
            f"Too little disk: {free / 1e6:.0f} MB are free in {directory}, {needed / 1e6:.0f} MB are needed.",
            "Make room there, or choose another place (XDG_CACHE_HOME for programs, DEVSTACK_HOME for data).",
        )


def unpack_once(jar: Path, target: Path, unpack: Callable[[zipfile.ZipFile, Path], None]) -> Path:
    """Unpack a jar by `unpack(archive, folder)`, unless `target` is there; it appears whole or not at all."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=target.parent) as incoming:
            folder = Path(incoming) / "content"
            folder.mkdir()
            with zipfile.ZipFile(jar) as archive:
                unpack(archive, folder)
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():
                    raise
    return target
