"""The addresses of the embedded PostgreSQL: the network for everybody, a socket where its name has room."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.devstack import postgres
from deploy.devstack.postgres import Postgres


def server(folder: str) -> Postgres:
    return Postgres(data=Path(folder), log=Path("/tmp/log"), port=9401, password="p")


@pytest.fixture(autouse=True)
def _where_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(postgres, "unprivileged_ids", lambda: None)


def test_by_the_network_and_by_the_socket():
    one = server("/home/a b/pg")
    assert one.url("reporting", user="reporting", password="x") == "postgresql://reporting:x@127.0.0.1:9401/reporting"
    by_socket = one.url("reporting", user="reporting", password="x", by_socket=True)
    assert by_socket == "postgresql://reporting:x@/reporting?host=/home/a%20b/pg&port=9401"


@pytest.mark.parametrize("folder", ["/" + "long/" * 20 + "pg", "/home/a,b/pg", '/home/"/pg', "/" + "ö" * 45 + "/pg"])
def test_where_a_socket_has_no_name_it_is_the_network(folder):
    one = server(folder)
    assert one.url("reporting", by_socket=True) == one.url("reporting")
    assert "--unix_socket_directories=" in one._options()
