"""Files over the running service: forms and raw bodies, workbooks and bombs, and a kill in the middle."""

from __future__ import annotations

import io
import os
import signal
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from deploy.devstack.postgres import Postgres
from tests.integration.enrollment.running import KOELN, Emitter, Enrollment, Issuer, bearer, running

MAPPING = {
    "person": {"column": "Aktenzeichen"},
    "events": [
        {
            "type": "gemeinsam.measure.started.v1",
            "fields": {
                "municipality": {"column": "AGS", "mend_ags": True},
                "rechtskreis": {"constant": "SGB2"},
                "legal_basis": {"constant": "SGB2_16"},
                "purpose": {"constant": "CASE_MANAGEMENT"},
                "measure_id": {"column": "Nr", "prefix": "jc-"},
                "type": {"constant": "IK_ALLG"},
                "provider": {"constant": "vhs-koeln"},
                "started_on": {"column": "Beginn"},
            },
        }
    ],
}
HEAD = ["Aktenzeichen", "AGS", "Nr", "Beginn"]
DONE_SECONDS = 90


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[str]:
    yield postgres.create_database("enrollment_files")
    postgres.drop_database("enrollment_files")


def table(rows: int) -> bytes:
    lines = [";".join(HEAD), *(f"P{n % 500};{KOELN};{n};31.12.2020" for n in range(rows))]
    return "\r\n".join(lines).encode()


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Teilnehmer"
    for row in [HEAD, *rows]:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def bomb() -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook())) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet>" + b" " * 20_000_000
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return written.getvalue()


def save(emitter: Emitter, name: str = "kurse", **changes: Any) -> httpx.Response:
    client, url = emitter.enrollment.client, emitter.enrollment.url
    return client.put(f"{url}/v1/mappings/{name}", json=MAPPING | changes, headers=emitter.headers)


def send(emitter: Emitter, content: bytes, *, english: bool = False, **parameters: Any) -> httpx.Response:
    return emitter.enrollment.client.post(
        f"{emitter.enrollment.url}/v1/files",
        params={"mapping": "kurse", "wait_seconds": 30} | parameters,
        content=content,
        headers=emitter.headers | {"Content-Type": "text/csv", "Accept-Language": "en" if english else "de"},
    )


def notes(emitter: Emitter, import_id: str) -> list[dict[str, Any]]:
    url = f"{emitter.enrollment.url}/v1/files/{import_id}/notes"
    return emitter.enrollment.client.get(url, headers=emitter.headers).json()["notes"]


def looked(emitter: Emitter, import_id: str) -> dict[str, Any]:
    url = f"{emitter.enrollment.url}/v1/files/{import_id}"
    return emitter.enrollment.client.get(url, headers=emitter.headers).json()


def test_files_over_http(database: str, issuer: Issuer, fresh_topics: str, tmp_path: Path) -> None:
    with running(database, issuer, tmp_path / "log", kafka=fresh_topics) as service:
        emitter = service.emitter()
        saving_a_mapping(emitter)
        sending_workbooks(emitter)
        refusing_what_is_no_table(emitter)
        keeping_to_oneself(service, emitter)


def saving_a_mapping(emitter: Emitter) -> None:
    assert send(emitter, table(1)).status_code == 404
    flawed = save(emitter, events=[{"type": "gemeinsam.measure.started.v1", "fields": {"colour": {"column": "A"}}}])
    assert flawed.status_code == 422
    assert {flaw["field"] for flaw in flawed.json()["flaws"]} >= {"events.0.fields.colour", "events.0.fields.provider"}
    assert save(emitter, person={"kolumne": "A"}).status_code == 422
    assert [save(emitter).status_code, save(emitter).status_code, save(emitter, "Nein").status_code] == [201, 204, 422]


def sending_workbooks(emitter: Emitter) -> None:
    content = workbook(
        ["A1", 5315000.0, 17.0, date(2020, 12, 31)],
        [],
        ["A2", "05315000", 18, 44196],
        ["A3", KOELN, "x y", "31.12.2020 "],
    )
    client, url = emitter.enrollment.client, f"{emitter.enrollment.url}/v1/files"
    asked = {"mapping": "kurse", "wait_seconds": 30}
    answer = client.post(
        url, params=asked | {"dry_run": True}, files={"file": ("Kurse März.xlsx", content)}, headers=emitter.headers
    )
    assert answer.status_code == 200, answer.text
    dry = answer.json()
    assert (dry["state"], dry["file_name"], dry["counts"]["accepted"]) == ("done", "Kurse März.xlsx", 2)
    done = client.post(url, params=asked, files={"file": ("a.xlsx", content)}, headers=emitter.headers).json()
    assert (done["counts"]["accepted"], done["counts"]["rejected"], done["rows"]) == (2, 1, 3)
    said = notes(emitter, done["id"])
    assert [(one["sheet"], one["row"], one["column"], one["column_name"], one["code"]) for one in said] == [
        ("Teilnehmer", 2, "B", "AGS", "zero_mended"),
        ("Teilnehmer", 5, "C", "Nr", "bad_identifier"),
    ]
    assert send(emitter, content).json()["counts"]["duplicate"] == 2
    csv = send(emitter, "\ufeffAktenzeichen,AGS,Nr,Beginn\nA1,05315000,17,31.12.2020\n".encode()).json()
    assert csv["counts"]["duplicate"] == 1


def refusing_what_is_no_table(emitter: Emitter) -> None:
    refused = {
        "too_large_unpacked": bomb(),
        "broken_workbook": workbook()[:-200],
        "old_or_encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
        "not_a_table": b"%PDF-1.7\n",
        "column_missing": b"A;B\n1;2\n",
    }
    for code, content in refused.items():
        file = send(emitter, content, english=True).json()
        assert (file["state"], file["failure"]) == ("failed", code)
        assert file["sentence"].endswith(".")
    assert send(emitter, b"").status_code == 422
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    url = f"{emitter.enrollment.url}/v1/files?mapping=kurse"
    broken = emitter.enrollment.client.post(url, content=b"no form", headers=emitter.headers | form)
    assert broken.status_code == 400


def keeping_to_oneself(service: Enrollment, emitter: Emitter) -> None:
    file = send(emitter, table(3)).json()
    other = service.emitter()
    assert service.client.get(f"{service.url}/v1/files/{file['id']}", headers=other.headers).status_code == 404
    assert service.client.get(f"{service.url}/v1/files", headers=other.headers).json() == []
    clerk = bearer(service.issuer.token("case_manager", areas=[KOELN]))
    assert service.client.get(f"{service.url}/v1/files", headers=clerk).status_code == 403
    assert service.client.get(f"{service.url}/v1/files/held", headers=clerk).status_code == 403
    body = bearer(service.issuer.token("managing_body", areas=[KOELN]))
    assert service.client.get(f"{service.url}/v1/files/held", headers=body).json() == []


def test_a_file_goes_on_where_a_killed_process_left_it(
    database: str, issuer: Issuer, fresh_topics: str, tmp_path: Path
) -> None:
    rows = 4_000
    settings = {"kafka": fresh_topics, "files_chunk_rows": "100", "files_lease_seconds": "2"}
    with running(database, issuer, tmp_path / "first.log", **settings) as service:
        emitter = service.emitter()
        save(emitter)
        begun = send(emitter, table(rows), wait_seconds=0)
        assert begun.status_code == 202
        file = begun.json()
        deadline = time.monotonic() + DONE_SECONDS
        while not 100 <= looked(emitter, file["id"])["rows_done"] < rows:
            assert time.monotonic() < deadline
        os.kill(service.pid, signal.SIGKILL)
    with running(database, issuer, tmp_path / "second.log", **settings) as service:
        emitter.enrollment = service
        while (done := looked(emitter, file["id"]))["state"] != "done":
            assert time.monotonic() < deadline, done
            time.sleep(0.1)
        assert done["counts"] == {"accepted": rows, "duplicate": 0, "set_aside": 0, "rejected": 0, "unreadable": 0}
        again = send(emitter, table(rows), wait_seconds=60).json()
        assert again["counts"]["duplicate"] == rows
