"""Runs a real PostgreSQL server as a child process, with a database and a role of its own for each who needs one."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import shutil
import signal
import stat
import tarfile
import tempfile
import threading
import zipfile
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg

from deploy.devstack.artifacts import Report, cache_directory, fetch, unpack_once
from deploy.devstack.ports import HOST, listens
from deploy.devstack.processes import Child, Command, run_once, unprivileged_ids

START_SECONDS = 60.0
SUPERUSER = "postgres"
OF_HOME = ".home"
_SOCKET_NAME_BYTES = 103


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """Where a server keeps its data and logs, its port, and the superuser's password."""

    data: Path
    log: Path
    port: int
    password: str
    durable: bool = True
    """False saves the disk's work in tests that do not ask what outlives a power cut."""

    def url(self, database: str, *, user: str = SUPERUSER, password: str | None = None, by_socket: bool = False) -> str:
        """The address of one database, `postgresql://…`; by its socket, where it has one, a statement costs less."""
        login = f"{user}:{password or self.password}"
        if by_socket and (folder := self._socket_folder()):
            return f"postgresql://{login}@/{database}?host={quote(folder)}&port={self.port}"
        return f"postgresql://{login}@{HOST}:{self.port}/{database}"

    def _socket_folder(self) -> str:
        """The folder of the cluster, which nobody else may enter; empty where it cannot be said or is too long."""
        folder = str(self.place())
        name = os.fsencode(f"{folder}/.s.PGSQL.{self.port}")
        return folder if len(name) <= _SOCKET_NAME_BYTES and not {",", '"'} & set(folder) else ""

    def spawn(self, report: Report = print) -> Child:
        """Start the server (creating its cluster the first time) and answer at once; see `wait_ready`."""
        programs = _programs(fetch(["postgres"], report)["postgres"][0])
        data = self.place()
        if not (data / "PG_VERSION").exists():
            self._initialise(programs, data)
        return Child(
            Command(
                name="postgres",
                arguments=[str(programs / "bin" / "postgres"), "-D", str(data), *self._options()],
                log=self.log,
                directory=data,
                unprivileged=True,
                stop_signal=signal.SIGINT,
                orphan_signal=signal.SIGQUIT,
            )
        )

    def wait_ready(self, child: Child) -> None:
        """Wait until the server takes connections; raises `Failure` if it dies or needs too long."""
        child.wait_ready(lambda: listens(self.port) and self._takes_connections(), seconds=START_SECONDS)

    def place(self) -> Path:
        """The folder of the cluster: `data`, or one in the temporary area if PostgreSQL's user could not walk there."""
        if unprivileged_ids() is None or _walkable(self.data.parent):
            return self.data
        return _temporary_area() / f"cluster-{hashlib.sha256(str(self.data).encode()).hexdigest()[:16]}"

    def remove(self) -> None:
        """Delete the cluster with all its databases."""
        place = self.place()
        shutil.rmtree(place, ignore_errors=True)
        if place != self.data:
            place.with_suffix(OF_HOME).unlink(missing_ok=True)

    def _options(self) -> list[str]:
        durable = "on" if self.durable else "off"
        options = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": self._socket_folder(),
            "max_connections": "200",
            "max_wal_size": "1GB",
            "fsync": durable,
            "synchronous_commit": durable,
            "full_page_writes": durable,
            "log_min_messages": "warning",
            "timezone": "UTC",
        }
        return [f"--{name}={value}" for name, value in options.items()]

    def _initialise(self, programs: Path, data: Path) -> None:
        shutil.rmtree(data, ignore_errors=True)
        if data != self.data:
            _forget_clusters_without_home()
            data.with_suffix(OF_HOME).write_text(str(self.data.parent), encoding="utf-8")
        data.mkdir(parents=True, mode=0o700)
        _give_to_server(data)
        descriptor, name = tempfile.mkstemp(prefix="gemeinsam-")
        try:
            os.write(descriptor, self.password.encode())
            os.close(descriptor)
            _give_to_server(Path(name))
            run_once(
                Command(
                    name="initdb",
                    arguments=[str(programs / "bin" / "initdb"), "-D", str(data), *_initdb_options(name)],
                    log=self.log,
                    directory=data,
                    unprivileged=True,
                )
            )
        finally:
            os.unlink(name)

    def _takes_connections(self) -> bool:
        try:
            run_in_thread(self._connect_once())
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    async def _connect_once(self) -> None:
        connection = await asyncpg.connect(self.url("postgres"), timeout=2)
        await connection.close()

    def create_database(self, name: str) -> str:
        """Create an empty database unless it is there; answers the superuser's address of it."""
        run_in_thread(self._administer(f'create database "{name}"', unless_exists=name))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whoever is connected to it."""
        run_in_thread(self._administer(f'drop database if exists "{name}" with (force)'))

    def create_tenant(self, name: str, password: str) -> str:
        """Create a database with a role of the same name that owns it and sees no other; answers the role's address."""
        run_in_thread(self._create_tenant(name, password))
        return self.url(name, user=name, password=password)

    async def _create_tenant(self, name: str, password: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", name):
                await connection.execute(f'create role "{name}" login')
            await connection.execute(f"alter role \"{name}\" password '{password}'")
            if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
                await connection.execute(f'create database "{name}" owner "{name}"')
                await connection.execute(f'revoke connect on database "{name}" from public')
        finally:
            await connection.close()

    async def _administer(self, statement: str, *, unless_exists: str | None = None) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            exists = await connection.fetchval("select 1 from pg_database where datname = $1", unless_exists)
            if not exists:
                await connection.execute(statement)
        finally:
            await connection.close()


def new_password() -> str:
    """A random password of letters, digits, `-` and `_`, safe inside an address."""
    return secrets.token_urlsafe(24)


def run_in_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread of its own, whatever event loop the caller has; raises what it raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def _initdb_options(password_file: str) -> list[str]:
    return [
        f"--username={SUPERUSER}",
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--no-sync",
        "--no-instructions",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    ]


def _programs(jar: Path) -> Path:
    """The unpacked programs, in the cache; in the temporary area if PostgreSQL's user could not walk to the cache."""
    home = cache_directory()
    if unprivileged_ids() is not None and not _walkable(home):
        home = _temporary_area()
    return unpack_once(jar, home / jar.stem, _unpack)


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    folder.chmod(0o755)
    name = next(entry for entry in archive.namelist() if entry.endswith(".txz"))
    with archive.open(name) as packed, tarfile.open(fileobj=packed, mode="r|xz") as content:
        content.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        content.extractall(folder)


def _temporary_area() -> Path:
    """A folder of root's that everybody can walk through, outliving a restart of the machine."""
    area = Path("/var/tmp/gemeinsam")
    area.mkdir(mode=0o755, exist_ok=True)
    if area.stat().st_uid != os.geteuid() or area.is_symlink():
        raise PermissionError(f"{area} belongs to somebody else")
    area.chmod(0o755)
    return area


def _forget_clusters_without_home() -> None:
    """Delete the clusters in the temporary area whose home is gone: nobody will ask for them again."""
    for note in _temporary_area().glob(f"cluster-*{OF_HOME}"):
        if not Path(note.read_text(encoding="utf-8")).exists():
            shutil.rmtree(note.with_suffix(""), ignore_errors=True)
            note.unlink(missing_ok=True)


def _walkable(path: Path) -> bool:
    """Whether everybody may walk through the folder and all above it."""
    folder = path.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in [folder, *folder.parents] if step.exists())


def _give_to_server(path: Path) -> None:
    identity = unprivileged_ids()
    if identity is not None:
        os.chown(path, *identity)
