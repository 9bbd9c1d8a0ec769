"""Login, session and forms of the pages, against the real development issuer."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import SecretStr

from deploy.devstack.issuer import Issuer, app_of
from deploy.devstack.ports import free_port
from deploy.devstack.tokens import signing_key
from shared.auth import Role, require
from shared.clock import Clock
from shared.http import create_app
from shared.settings import ServiceSettings
from shared.web import CsrfChecked, Visitor, install

ORIGIN = "http://gemeinsam.test"
HTML = {"accept": "text/html"}
ROOM = Path(__file__).parent


@pytest.fixture(scope="module")
def issuer_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    issuer = Issuer(
        url,
        signing_key(tmp_path_factory.mktemp("issuer") / "key.json"),
        redirects=frozenset({f"{ORIGIN}/one/login/callback", f"{ORIGIN}/two/login/callback"}),
        returns=frozenset({f"{ORIGIN}/one/logged-out"}),
    )
    server = uvicorn.Server(uvicorn.Config(app_of(issuer, ORIGIN), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield url
    server.should_exit = True
    thread.join(10)


def service(issuer_url: str, name: str, *, origin: str = ORIGIN) -> FastAPI:
    settings = ServiceSettings(
        database_url="postgresql://nowhere",
        kafka="nowhere:1",
        http_port=0,
        root_path=f"/{name}",
        public_url=origin,
        issuer_url=issuer_url,
        session_secret=SecretStr("s" * 32),
    )
    app = create_app(settings, service=name, title=name)
    web = install(app, settings, Clock(), room=ROOM, texts={"de": {}, "en": {}})

    @app.get("/")
    async def page(request: Request, visitor: Visitor) -> Response:
        return web.say(request, "logged_out", detail=f"{visitor.subject} {visitor.role} {','.join(visitor.areas)}")

    @app.get("/ministry")
    async def ministry(request: Request, visitor: Visitor) -> Response:
        require(visitor, Role.MINISTRY)
        return Response("for the ministry")

    @app.post("/change", dependencies=[CsrfChecked])
    async def change(visitor: Visitor) -> Response:
        return Response("changed")

    return app


class Gateway(httpx.AsyncBaseTransport):
    """The one origin before both services: strips the prefix, as the real one does; other hosts are really asked."""

    def __init__(self, **apps: FastAPI) -> None:
        self._apps = {name: httpx.ASGITransport(app) for name, app in apps.items()}
        self._world = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "gemeinsam.test":
            return await self._world.handle_async_request(request)
        name, _, rest = request.url.raw_path.decode().removeprefix("/").partition("/")
        inner = httpx.Request(
            request.method,
            request.url.copy_with(raw_path=f"/{rest}".encode()),
            headers=request.headers,
            stream=request.stream,
        )
        return await self._apps[name].handle_async_request(inner)


@pytest.fixture
async def browser(issuer_url: str) -> AsyncIterator[httpx.AsyncClient]:
    gateway = Gateway(one=service(issuer_url, "one"), two=service(issuer_url, "two"))
    async with httpx.AsyncClient(transport=gateway, base_url=ORIGIN, headers=HTML) as client:
        yield client


async def asked(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    """What the service asks the issuer for when the browser opens a path."""
    to_login = await browser.get(path)
    to_issuer = await browser.get(to_login.headers["location"])
    assert to_issuer.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlparse(to_issuer.headers["location"]).query).items()}


async def choose(browser: httpx.AsyncClient, issuer_url: str, said: dict[str, str], person: str) -> str:
    """Choose a person at the issuer; the address it sends the browser to."""
    answer = await browser.post(f"{issuer_url}/authorize", data=said | {"person": person})
    assert answer.status_code == 303
    return answer.headers["location"]


async def login(
    browser: httpx.AsyncClient, issuer_url: str, path: str = "/one/", person: str = "ministerium"
) -> httpx.Response:
    said = await asked(browser, path)
    return await browser.get(await choose(browser, issuer_url, said, person))


async def test_a_page_asks_for_login_and_comes_back_to_it(browser: httpx.AsyncClient, issuer_url: str) -> None:
    back = await login(browser, issuer_url, "/one/ministry?search=Köln&x=1")
    assert (back.status_code, back.headers["location"]) == (303, "/one/ministry?search=K%C3%B6ln&x=1")
    page = await browser.get(back.headers["location"])
    assert page.text == "for the ministry"


async def test_the_code_flow_uses_pkce_s256_state_and_nonce(browser: httpx.AsyncClient) -> None:
    one, two = await asked(browser, "/one/"), await asked(browser, "/one/")
    assert one["code_challenge_method"] == "S256"
    assert one["redirect_uri"] == f"{ORIGIN}/one/login/callback"
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 32
        assert one[name] != two[name]


async def test_one_login_serves_all_services_of_the_origin(browser: httpx.AsyncClient, issuer_url: str) -> None:
    await login(browser, issuer_url, "/one/", "fallmanagement-koeln")
    page = await browser.get("/two/")
    assert "fallmanagement-koeln case_manager 05315000" in page.text


async def test_a_wrong_role_sees_a_friendly_page(browser: httpx.AsyncClient, issuer_url: str) -> None:
    await login(browser, issuer_url, "/one/", "fallmanagement-koeln")
    page = await browser.get("/one/ministry")
    assert page.status_code == 403
    assert "Das ist für Ihre Rolle nicht freigegeben" in page.text
    as_data = await browser.get("/one/ministry", headers={"accept": "application/json"})
    assert as_data.json()["code"] == "forbidden"


async def test_a_script_without_session_gets_401_and_no_redirect(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/one/", headers={"accept": "text/event-stream"})
    assert answer.status_code == 401


async def test_an_answer_to_a_login_not_begun_here_is_not_taken(browser: httpx.AsyncClient, issuer_url: str) -> None:
    said = await asked(browser, "/one/")
    location = await choose(browser, issuer_url, said, "ministerium")
    browser.cookies.clear()
    page = await browser.get(location)
    assert page.status_code == 401
    assert "Die Anmeldung hat nicht geklappt" in page.text
    assert (await browser.get("/one/")).status_code == 303


async def test_a_foreign_state_is_not_taken(browser: httpx.AsyncClient, issuer_url: str) -> None:
    said = await asked(browser, "/one/")
    location = await choose(browser, issuer_url, said | {"state": "x" * 32}, "ministerium")
    assert (await browser.get(location)).status_code == 401


async def test_an_answer_is_good_once(browser: httpx.AsyncClient, issuer_url: str) -> None:
    location = await choose(browser, issuer_url, await asked(browser, "/one/"), "ministerium")
    assert (await browser.get(location)).status_code == 303
    assert (await browser.get(location)).status_code == 401


async def test_a_token_of_another_login_is_not_taken(browser: httpx.AsyncClient, issuer_url: str) -> None:
    said = await asked(browser, "/one/")
    location = await choose(browser, issuer_url, said | {"nonce": "another"}, "ministerium")
    assert (await browser.get(location)).status_code == 401


async def test_two_tabs_may_log_in_at_once(browser: httpx.AsyncClient, issuer_url: str) -> None:
    first, second = await asked(browser, "/one/"), await asked(browser, "/one/")
    for said in (first, second):
        assert (await browser.get(await choose(browser, issuer_url, said, "ministerium"))).status_code == 303


async def test_a_planted_session_is_worth_nothing_after_login(browser: httpx.AsyncClient, issuer_url: str) -> None:
    await login(browser, issuer_url, person="ministerium")
    planted = browser.cookies["gemeinsam"]
    csrf_before = token_in((await browser.get("/one/")).text)
    await login_again(browser, issuer_url)
    assert browser.cookies["gemeinsam"] != planted
    assert token_in((await browser.get("/one/")).text) != csrf_before


async def login_again(browser: httpx.AsyncClient, issuer_url: str) -> None:
    to_issuer = await browser.get("/one/login")
    said = {name: values[0] for name, values in parse_qs(urlparse(to_issuer.headers["location"]).query).items()}
    await browser.get(await choose(browser, issuer_url, said, "fallmanagement-koeln"))


async def test_a_cookie_that_was_changed_or_signed_elsewhere_is_no_session(
    browser: httpx.AsyncClient, issuer_url: str
) -> None:
    await login(browser, issuer_url)
    signed = browser.cookies["gemeinsam"]
    browser.cookies.clear()
    for bad in (signed[:-2] + "xx", "x" + signed, "", "e30.x.y"):
        answer = await browser.get("/one/", cookies={"gemeinsam": bad})
        assert answer.status_code == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: httpx.AsyncClient, issuer_url: str
) -> None:
    back = await login(browser, issuer_url)
    (cookie,) = [line for line in back.headers.get_list("set-cookie") if line.startswith("gemeinsam=")]
    for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=28800"):
        assert part in cookie
    assert len(cookie) < 4096


async def test_over_https_cookies_are_secure_and_bound_to_the_host(issuer_url: str) -> None:
    app = service(issuer_url, "one", origin="https://gemeinsam.test")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gemeinsam.test") as client:
        answer = await client.get("/login")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-gemeinsam-login-")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example", "x"],
)
async def test_login_leads_to_no_other_host(browser: httpx.AsyncClient, issuer_url: str, target: str) -> None:
    to_issuer = await browser.get("/one/login", params={"next": target})
    said = {name: values[0] for name, values in parse_qs(urlparse(to_issuer.headers["location"]).query).items()}
    back = await browser.get(await choose(browser, issuer_url, said, "ministerium"))
    assert back.headers["location"] == "/one/"


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found.group(1)


async def test_a_form_needs_the_token_of_its_session(browser: httpx.AsyncClient, issuer_url: str) -> None:
    assert (await browser.post("/one/change")).status_code == 303
    await login(browser, issuer_url)
    token = token_in((await browser.get("/one/")).text)
    assert (await browser.post("/one/change")).status_code == 403
    assert (await browser.post("/one/change", data={"csrf_token": "0" * 64})).status_code == 403
    assert (await browser.post("/two/change", data={"csrf_token": token})).text == "changed"
    foreign = await browser.post("/one/change", data={"csrf_token": token}, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    await login_again(browser, issuer_url)
    assert (await browser.post("/one/change", data={"csrf_token": token})).status_code == 403


async def test_logout_ends_the_session_here_and_at_the_issuer(browser: httpx.AsyncClient, issuer_url: str) -> None:
    await login(browser, issuer_url)
    assert (await browser.get("/one/logout")).status_code == 405
    assert (await browser.post("/one/logout")).status_code == 403
    token = token_in((await browser.get("/one/")).text)
    page = await browser.post("/one/logout", data={"csrf_token": token})
    leave = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    assert leave
    assert leave.group(1).startswith(f"{issuer_url}/logout?")
    back = await browser.get(leave.group(1).replace("&amp;", "&"))
    assert back.headers["location"] == f"{ORIGIN}/one/logged-out"
    assert (await browser.get("/one/")).status_code == 303
    assert "Sie sind abgemeldet" in (await browser.get("/one/logged-out")).text


async def test_the_language_is_chosen_by_link_then_kept_then_by_the_browser(browser: httpx.AsyncClient) -> None:
    async def language(**headers: str) -> str:
        page = await browser.get("/one/logged-out", headers=headers)
        found = re.search(r'<html lang="(\w+)"', page.text)
        assert found
        return found.group(1)

    assert await language() == "de"
    assert await language(**{"accept-language": "fr;q=0.9, en-GB;q=0.8, de;q=0.1"}) == "en"
    assert await language(**{"accept-language": ";;q=x,,"}) == "de"
    await browser.get("/one/logged-out?lang=en")
    assert await language() == "en"
    await browser.get("/two/logged-out?lang=xx")
    assert await language() == "en"


async def test_static_files_are_named_by_their_hash_and_kept_by_browsers(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/one/logged-out")).text
    names = re.findall(r'(?:href|src)="(/one/static/[^"]+)"', page)
    assert len(names) >= 3
    for name in names:
        assert re.search(r"\.[0-9a-f]{10}\.(css|js|svg)$", name)
        answer = await browser.get(name)
        assert "immutable" in answer.headers["cache-control"]
    assert (await browser.get("/one/static/styles.0000000000.css")).status_code == 404
    assert (await browser.get("/one/static/..%2f..%2fpages.py")).status_code == 404


async def test_pages_run_no_inline_script_or_style_and_are_not_cached(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/one/logged-out")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", answer.text)
    assert answer.headers["cache-control"] == "no-store"


async def test_an_unknown_page_is_a_readable_404(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/one/nowhere")
    assert page.status_code == 404
    assert "Diese Seite gibt es nicht" in page.text


async def test_an_issuer_that_is_away_is_a_readable_503(issuer_url: str) -> None:
    app = service(f"http://127.0.0.1:{free_port()}", "one")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, headers=HTML) as client:
        page = await client.get("/login")
    assert page.status_code == 503
    assert "Zurzeit nicht erreichbar" in page.text
