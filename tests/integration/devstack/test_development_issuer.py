"""The development issuer, in its own process: strict in all but the password, and its tokens hold for the services."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from deploy.devstack.people import PEOPLE
from deploy.devstack.ports import free_port, listens
from deploy.devstack.processes import Child, Command
from shared.auth import Role, TokenVerifier
from shared.web.oidc import challenge_of

ORIGIN = "http://127.0.0.1:9999"
REDIRECT = f"{ORIGIN}/reporting/login/callback"
VERIFIER = "v" * 64
PERSON = "fallmanagement-koeln"


@pytest.fixture(scope="module")
def issuer_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("issuer"), free_port()
    arguments = ["-m", "deploy.devstack.issuer", f"--port={port}", f"--key={home / 'key.json'}", f"--origin={ORIGIN}"]
    command = Command(
        name="issuer", arguments=[sys.executable, *arguments, "--service=reporting"], log=home / "issuer.log"
    )
    child = Child(command)
    try:
        child.wait_ready(lambda: listens(port), seconds=60)
        assert (home / "key.json").stat().st_mode & 0o777 == 0o600
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop(5)


@pytest.fixture
async def client(issuer_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=issuer_url, timeout=10) as made:
        yield made


def asked(**changed: str | None) -> dict[str, str]:
    usual: dict[str, str | None] = {
        "client_id": "gemeinsam",
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": "openid",
        "state": "s t/ä",
        "nonce": "n0nce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


async def code_for(client: httpx.AsyncClient, person: str = PERSON) -> str:
    answer = await client.post("/authorize", data=asked() | {"person": person})
    assert answer.status_code == 303
    where = urlsplit(answer.headers["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == REDIRECT
    said = parse_qs(where.query)
    assert said["state"] == ["s t/ä"]
    return said["code"][0]


def trade(code: str, **changed: str) -> dict[str, str]:
    usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": "gemeinsam"}
    return usual | {"code_verifier": VERIFIER} | changed


async def test_a_login_gives_tokens_that_hold_and_say_role_areas_and_body(
    client: httpx.AsyncClient, issuer_url: str
) -> None:
    page = await client.get("/authorize", params=asked())
    assert all(person.name in page.text for person in PEOPLE)
    answer = await client.post("/token", data=trade(await code_for(client)))
    assert answer.status_code == 200
    verifier = TokenVerifier(issuer_url, "gemeinsam")
    principal = await verifier.verify(answer.json()["access_token"])
    assert (principal.role, principal.areas, principal.body) == (Role.CASE_MANAGER, ("05315000",), "JOBCENTER")
    assert (await verifier.claims(answer.json()["id_token"]))["nonce"] == "n0nce"


async def test_there_is_somebody_for_every_role() -> None:
    assert {person.role for person in PEOPLE} == set(Role)


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": f"{ORIGIN}/reporting/login/callback/"},
        {"client_id": "somebody"},
        {"grant_type": "password"},
        {"code": "guessed"},
    ],
)
async def test_a_code_is_traded_only_by_who_asked_for_it(client: httpx.AsyncClient, changed: dict[str, str]) -> None:
    answer = await client.post("/token", data=trade(await code_for(client)) | changed)
    assert answer.status_code == 400
    assert "access_token" not in answer.text


async def test_a_code_is_good_once_and_is_spent_by_a_wrong_try(client: httpx.AsyncClient) -> None:
    code = await code_for(client)
    assert (await client.post("/token", data=trade(code))).status_code == 200
    assert (await client.post("/token", data=trade(code))).json()["error"] == "invalid_grant"
    tried = await code_for(client)
    assert (await client.post("/token", data=trade(tried, code_verifier="w" * 64))).status_code == 400
    assert (await client.post("/token", data=trade(tried))).status_code == 400


@pytest.mark.parametrize(
    "changed", [{"redirect_uri": f"{ORIGIN}/evil"}, {"redirect_uri": None}, {"client_id": "somebody"}]
)
async def test_a_browser_is_sent_to_registered_addresses_only(
    client: httpx.AsyncClient, changed: dict[str, str | None]
) -> None:
    for answer in (
        await client.get("/authorize", params=asked(**changed)),
        await client.post("/authorize", data=asked(**changed) | {"person": PERSON}),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
    ],
)
async def test_what_is_missing_is_told_to_the_page_that_asked(
    client: httpx.AsyncClient, changed: dict[str, str | None], error: str
) -> None:
    answer = await client.get("/authorize", params=asked(**changed))
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (said["error"], said["state"]) == ([error], ["s t/ä"])


async def test_the_end_of_a_session_leads_back_to_registered_addresses_only(client: httpx.AsyncClient) -> None:
    back = await client.get("/logout", params={"post_logout_redirect_uri": f"{ORIGIN}/reporting/logged-out"})
    assert (back.status_code, back.headers["location"]) == (303, f"{ORIGIN}/reporting/logged-out")
    away = await client.get("/logout", params={"post_logout_redirect_uri": "https://evil.example/"})
    assert away.status_code == 200
    assert "location" not in away.headers


async def test_the_key_set_has_a_key_id_and_no_private_part(client: httpx.AsyncClient) -> None:
    (key,) = (await client.get("/jwks")).json()["keys"]
    assert key["kid"]
    assert key.keys() <= {"kty", "n", "e", "kid", "use", "alg"}
