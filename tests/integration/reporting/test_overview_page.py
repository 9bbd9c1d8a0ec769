"""The overview as each role sees it, and the stream that keeps it fresh."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from fastapi import Response

from services.reporting.app import build
from services.reporting.pages import READERS, Bell
from services.reporting.settings import Settings
from services.reporting.usecases import UseCases
from shared.auth import Principal, Role
from shared.host import Host
from shared.migrate import migrate
from tests.integration.reporting.test_projecting import BONN, KOELN, career, facts, finding, findings

Look = Callable[..., Awaitable[str]]


@pytest.fixture
async def host(database_url: str) -> AsyncIterator[Host]:
    """Seven persons in Köln, three in Bonn; one of Bonn's with a critical finding; counted once."""
    await migrate(database_url, Path("services/reporting/migrations"))
    settings = Settings(
        database_url=database_url,
        kafka="127.0.0.1:1",
        http_port=0,
        root_path="/reporting",
        public_url="http://gemeinsam.test",
        issuer_url="http://127.0.0.1:1",
        session_secret="s" * 32,
        today="2026-06-01",
    )
    host = build(settings)
    await host.db.open()
    usecases = UseCases(host.db, host.clock, complementary=False)
    records = [record for number in range(10) for record in career(f"P{number}", KOELN if number < 7 else BONN)]
    await usecases.project_facts(facts(*records))
    await usecases.project_findings(findings(finding("P8", severity="critical", municipality=BONN)))
    await usecases.publish()
    yield host
    await host.db.close()


@pytest.fixture
def look(host: Host) -> Look:
    """Opens a page as somebody with a role and areas."""

    async def as_somebody(path: str, role: Role, *areas: str, status: int = 200) -> str:
        response = Response()
        host.app.state.web.cookies.begin(response, Principal("somebody", role, areas), None)
        cookie = response.headers["set-cookie"].partition(";")[0]
        transport = httpx.ASGITransport(host.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gemeinsam.test") as client:
            page = await client.get(path, headers={"cookie": cookie, "accept": "text/html"})
        assert page.status_code == status
        return page.text

    return as_somebody


def row(page: str, name: str) -> list[str]:
    """The numbers in the row of an area, a suppressed one as `·`."""
    (found,) = re.findall(rf'<th scope="row">{name}.*?</tr>', page, re.DOTALL)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", found, re.DOTALL)
    return [re.sub(r"<span class=\"hidden\">.*?</span>|<[^>]+>|\s", "", cell) for cell in cells]


async def test_the_ministry_sees_protected_numbers(look: Look) -> None:
    page = await look("/", Role.MINISTRY)
    assert row(page, "Köln") == ["7", "7", "0", "0", "0"]
    assert row(page, "Bonn") == ["·", "·", "·", "0", "0"]
    assert "genau" not in row(page, "Bonn")


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT])
async def test_a_municipality_sees_its_own_exact_numbers_and_no_others(look: Look, role: Role) -> None:
    own = await look("/", role, BONN)
    assert row(own, "Bonn") == ["3", "3", "1", "0", "0"]
    assert "Bonn: Ihre genauen Zahlen" in own
    assert row(await look("/", role, KOELN), "Bonn") == ["·", "·", "·", "0", "0"]


@pytest.mark.parametrize("role", sorted(set(Role) - set(READERS)))
async def test_roles_without_business_here_see_a_friendly_page(look: Look, role: Role) -> None:
    assert "Das ist für Ihre Rolle nicht freigegeben" in await look("/", role, KOELN, status=403)


async def test_the_page_is_found_in_english_with_the_fixed_date(look: Look) -> None:
    page = await look("/?lang=en", Role.MINISTRY)
    assert '<html lang="en">' in page
    assert "The business date is set to 1 Jun 2026" in page
    assert "number below 5, not shown" in page


async def test_a_search_narrows_the_table_and_keeps_what_was_typed(look: Look) -> None:
    page = await look("/?search=bon&sort=persons&down=1", Role.MINISTRY)
    assert "Bonn" in page
    assert ">Köln" not in page
    assert 'value="bon"' in page
    assert '<th scope="col" aria-sort="descending" class="num">' in page


async def test_what_is_typed_comes_back_as_text_only(look: Look) -> None:
    page = await look("/?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&sort=%3Cx&level=%3Cy", Role.MINISTRY)
    assert "<script>alert" not in page


async def test_districts_can_be_shown_instead(look: Look) -> None:
    page = await look("/?level=district", Role.MINISTRY)
    assert row(page, "Köln")[0] == "7"


async def test_nobody_sees_anything_without_login(host: Host) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(host.app), base_url="http://gemeinsam.test") as client:
        page = await client.get("/", headers={"accept": "text/html"})
        stream = await client.get("/live", headers={"accept": "text/event-stream"})
    assert (page.status_code, page.headers["location"]) == (303, "/reporting/login?next=%2Freporting%2F")
    assert stream.status_code == 401


async def test_an_open_page_is_told_of_what_it_has_not_seen(host: Host) -> None:
    usecases = UseCases(host.db, host.clock, complementary=False)
    bell = Bell(usecases, lambda: host.stopping)
    late = [chunk async for chunk in _first(bell.ring(0), 2)]
    assert late == [b"retry: 1000\n\n", b"event: changed\nid: 1\ndata: 1\n\n"]
    stream = bell.ring(1)
    assert await anext(stream) == b"retry: 1000\n\n"
    await usecases.project_findings(findings(finding("P9", municipality=BONN)))
    await usecases.publish()
    assert await anext(stream) == b"event: changed\nid: 2\ndata: 2\n\n"


async def test_a_stream_ends_when_the_service_is_stopped(host: Host) -> None:
    host.stopping = True
    bell = Bell(UseCases(host.db, host.clock, complementary=False), lambda: host.stopping)
    assert [chunk async for chunk in bell.ring(None)] == [b"retry: 1000\n\n"]


async def _first(stream: AsyncIterator[bytes], number: int) -> AsyncIterator[bytes]:
    for _ in range(number):
        yield await anext(stream)
