"""With a role of its own for the vault, the service's usual role cannot read traits, and all goes on working."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

import services.enrollment
from deploy.devstack.postgres import Postgres
from tests.integration.enrollment.running import Enrollment, Issuer, running
from tests.integration.enrollment.test_vault_clerks import call, near
from tests.integration.enrollment.test_vault_traits import register, rotate, rows_of, unique

SERVICE, VAULT, PASSWORD = "enrollment_apart", "enrollment_apart_vault", "apart"


def execute(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


@pytest.fixture(scope="module")
def apart(postgres: Postgres, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Enrollment]:
    """Enrollment with two roles, as the script for administrators sets them up."""
    url = postgres.create_tenant(SERVICE, PASSWORD)
    execute(
        postgres.url(SERVICE),
        f"CREATE ROLE {VAULT} LOGIN PASSWORD '{PASSWORD}'",
        f"GRANT CONNECT ON DATABASE {SERVICE} TO {VAULT}",
    )
    vault_url = postgres.url(SERVICE, user=VAULT, password=PASSWORD)
    script = (Path(services.enrollment.__file__).parent / "vault_role.sql").read_text()
    with running(url, issuer, tmp_path_factory.mktemp("apart") / "log", vault_database_url=vault_url) as service:
        execute(postgres.url(SERVICE), script.replace(':"service"', SERVICE).replace(':"vault"', VAULT))
        yield service
    postgres.drop_database(SERVICE)
    execute(postgres.url("postgres"), f"DROP ROLE {VAULT}")


def test_the_usual_role_cannot_read_traits(apart: Enrollment) -> None:
    register(apart.emitter(), "1", **unique())
    for table in ("vault.traits", "vault.keys"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            rows_of(apart, f"SELECT * FROM {table}")
    assert rows_of(apart, "SELECT * FROM vault.grants")


def test_everything_goes_on_with_two_roles(apart: Enrollment, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, traits = near(apart)
    entry = {"decision": "merge", "reason": "DOCUMENTS"}
    assert call(apart, "POST", f"vault/matches/{one}/{other}", json=entry).status_code == 204
    emitter = apart.emitter()
    assert register(emitter, "5", **traits) == one
    assert emitter.verdict(emitter.event(one, "e1")) == "accepted"
    records = call(apart, "GET", f"persons/{other}/records?reason=MATCHING").json()["records"]
    assert {record["family_name"] for record in records} == {traits["family_name"], None}
    vault_url = apart.database_url.replace(f"{SERVICE}:", f"{VAULT}:")
    monkeypatch.setenv("ENROLLMENT_VAULT_DATABASE_URL", vault_url)
    assert "sealed" in rotate(apart)
    answer = call(apart, "POST", f"persons/{other}/erasure", json={"reason": "REQUESTED"})
    assert answer.json() == {"erased": sorted([one, other])}
    assert emitter.verdict(emitter.event(one, "e1")) == "subject erased"
