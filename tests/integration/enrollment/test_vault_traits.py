"""The same person from another source has the same pseudonym; traits lie encrypted, and keys change while it runs."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.integration.enrollment.running import Emitter, Enrollment, running

_numbers = itertools.count(1)


def unique() -> dict[str, str]:
    """Traits nobody else in these tests has; the name is one no log would hold by chance."""
    number = next(_numbers)
    name = "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}")
    return {
        "azr_number": f"9900{os.getpid() % 10_000:04}{number:04}",
        "family_name": f"Zarathu{name}b",
        "given_name": "Xoanalib",
        "birth_date": "1999-07-08",
    }


def ask(emitter: Emitter, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer = emitter.enrollment.client.post(
        f"{emitter.enrollment.url}/v1/persons", json=list(rows), headers=emitter.headers
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def register(emitter: Emitter, local_id: str, **traits: str) -> str:
    return ask(emitter, {"local_id": local_id, "traits": traits})[0]["pseudonym"]


def rows_of(enrollment: Enrollment, query: str, *arguments: Any) -> list[asyncpg.Record]:
    async def fetch() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(enrollment.database_url)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def pair_of(enrollment: Enrollment, one: str, other: str) -> tuple[str, set[str]] | None:
    found = rows_of(
        enrollment, "SELECT state, agreed FROM vault.pairs WHERE one = $1 AND other_one = $2", *sorted((one, other))
    )
    return (found[0]["state"], set(found[0]["agreed"])) if found else None


def test_the_azr_number_and_one_other_trait_make_the_same_pseudonym(enrollment: Enrollment) -> None:
    jobcenter, school, office = enrollment.emitter(), enrollment.emitter(), enrollment.emitter()
    traits = unique()
    first = register(jobcenter, "1", **traits)
    assert register(school, "A-7", **traits | {"given_name": "Other"}) == first
    assert register(office, "x", azr_number=traits["azr_number"], birth_date=traits["birth_date"]) == first
    assert ask(school, {"local_id": "A-7"}) == [{"local_id": "A-7", "pseudonym": first}]


def test_two_rows_of_one_request_can_be_one_person(emitter: Emitter) -> None:
    traits = unique()
    answers = ask(emitter, *({"local_id": str(number), "traits": traits} for number in range(3)))
    assert len({row["pseudonym"] for row in answers}) == 1


def test_near_matches_get_pseudonyms_of_their_own_and_wait(enrollment: Enrollment) -> None:
    one, other = enrollment.emitter(), enrollment.emitter()
    traits = unique()
    first = register(one, "1", **traits)
    by_number = register(other, "1", azr_number=traits["azr_number"])
    by_name = register(other, "2", **{name: traits[name] for name in ("family_name", "given_name", "birth_date")})
    assert len({first, by_number, by_name}) == 3
    assert pair_of(enrollment, first, by_number) == ("waiting", {"azr_number"})
    assert pair_of(enrollment, first, by_name) == ("waiting", {"name", "birth_date"})
    assert register(other, "3", birth_date=traits["birth_date"]) not in {first, by_number, by_name}


def test_a_record_that_turns_out_to_be_somebody_is_merged_and_said_so(enrollment: Enrollment) -> None:
    one, other = enrollment.emitter(), enrollment.emitter()
    traits = unique()
    first = register(one, "1", **traits)
    second = other.pseudonym("1")
    assert register(other, "1", **traits) == second, "a pseudonym once given stays"
    assert pair_of(enrollment, first, second) == ("merged", {"azr_number", "name", "birth_date"})
    said = rows_of(enrollment, "SELECT key, value, headers FROM outbox WHERE subject = $1", first)
    assert [json.loads(row["value"])["other"] for row in said] == [second]
    assert json.loads(said[0]["headers"])["ce_type"] == "gemeinsam.person.merged.v1"
    assert said[0]["key"].startswith(f"{first}///gemeinsam/vault/".encode())
    register(other, "1", **traits)
    assert len(rows_of(enrollment, "SELECT 1 FROM outbox WHERE subject = $1", first)) == 1


def test_two_sources_that_register_one_person_at_once_get_one_pseudonym(enrollment: Enrollment) -> None:
    emitters = [enrollment.emitter() for _ in range(6)]
    traits = unique()
    with ThreadPoolExecutor(6) as threads:
        found = set(threads.map(lambda emitter: register(emitter, "1", **traits), emitters))
    assert len(found) == 1


def test_traits_stand_in_no_table_log_metric_or_answer(enrollment: Enrollment) -> None:
    emitter = enrollment.emitter()
    traits = unique()
    answer = ask(emitter, {"local_id": "1", "traits": traits}, {"local_id": "2", "traits": traits | {"x": "1"}})
    ask(emitter, {"local_id": "3", "traits": traits | {"birth_date": traits["family_name"]}})
    dump = json.dumps(answer) + enrollment.log.read_text() + enrollment.client.get(f"{enrollment.url}/metrics").text
    tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('vault', 'public')"
    for table in rows_of(enrollment, tables):
        rows = rows_of(enrollment, f"SELECT t::text FROM {table['schemaname']}.{table['tablename']} AS t")
        dump += "\n".join(row[0] for row in rows)
    for value in (traits["azr_number"], traits["family_name"], traits["given_name"]):
        assert value.lower() not in dump.lower()
        assert value.encode().hex() not in dump


def test_without_a_key_traits_are_refused_and_records_without_them_taken(
    enrollment: Enrollment, database_url: str, tmp_path: Path
) -> None:
    with running(database_url, enrollment.issuer, tmp_path / "log", vault_keys=str(tmp_path / "nowhere")) as keyless:
        refused, taken = ask(keyless.emitter(), {"local_id": "1", "traits": unique()}, {"local_id": "2"})
    assert (refused["field"], refused["code"]) == ("traits", "vault_without_key")
    assert taken["pseudonym"]


def rotate(enrollment: Enrollment, *arguments: str) -> str:
    environment = os.environ | {
        "ENROLLMENT_DATABASE_URL": enrollment.database_url,
        "ENROLLMENT_KAFKA": "127.0.0.1:1",
        "ENROLLMENT_PUBLIC_URL": enrollment.url,
        "ENROLLMENT_ISSUER_URL": enrollment.issuer.url,
        "ENROLLMENT_SESSION_SECRET": "0123456789abcdef0123456789abcdef",
        "ENROLLMENT_VAULT_KEYS": str(enrollment.log.parent / "vault-keys.json"),
    }
    command = [sys.executable, "-m", "services.enrollment", "rotate-keys", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def test_keys_change_while_people_are_being_registered(enrollment: Enrollment) -> None:
    keys = Path(enrollment.log.parent / "vault-keys.json")
    before = json.loads(keys.read_text())["current"]
    people = [unique() for _ in range(40)]
    known = dict(zip(range(40), (register(enrollment.emitter(), "1", **one) for one in people), strict=True))
    stop, seen = threading.Event(), []

    def register_again() -> None:
        emitter = enrollment.emitter()
        for number in itertools.cycle(range(40)):
            if stop.is_set():
                return
            seen.append((number, register(emitter, f"{len(seen)}", **people[number])))

    with ThreadPoolExecutor(2) as threads:
        at_work = [threads.submit(register_again) for _ in range(2)]
        said = rotate(enrollment)
        stop.set()
        for one in at_work:
            one.result()
    assert "with key" in said
    assert seen
    assert all(known[number] == pseudonym for number, pseudonym in seen)
    now = json.loads(keys.read_text())["current"]
    assert now != before
    assert {row["key_id"] for row in rows_of(enrollment, "SELECT DISTINCT key_id FROM vault.traits")} == {now}
    assert "forgot the keys" in rotate(enrollment, "--forget-old")
    assert register(enrollment.emitter(), "1", **people[0]) == known[0]


@pytest.mark.parametrize("traits", [{"azr_number": "1"}, {"birth_date": "2001-13-01"}])
def test_a_refusal_names_the_trait_and_not_its_value(emitter: Emitter, traits: dict[str, str]) -> None:
    row = ask(emitter, {"local_id": "1", "traits": traits})[0]
    (name,) = traits
    assert row["field"] == f"traits.{name}"
    assert traits[name] not in json.dumps(row | {"row": None})
