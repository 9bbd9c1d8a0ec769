"""A case manager's day in a real browser: the list that renews itself, a person's pathway, the pre-check, decisions."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running

KOELN = "05315000"
SOURCE = "//koeln.example/jobcenter"
WAIT_MS = 120_000


def ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


CAREER: list[dict[str, Any]] = [
    {"kind": "person.registered", "registered_on": ago(900), "birth_month": ago(21 * 365)[:7]},
    {"kind": "contact.held", "held_on": ago(890), "contact_kind": "professional", "body": "JOBCENTER"},
    {"kind": "measure.started", "measure_id": "m1", "type": "MAT", "provider": "p1", "started_on": ago(700)},
    {"kind": "measure.ended", "measure_id": "m1", "ended_on": ago(600), "exit": "COMPLETED_NO_RESULT"},
    {"kind": "measure.started", "measure_id": "m2", "type": "AGH", "provider": "p2", "started_on": ago(500)},
    {"kind": "measure.ended", "measure_id": "m2", "ended_on": ago(380), "exit": "COMPLETED_NO_RESULT"},
    {"kind": "measure.started", "measure_id": "m3", "type": "BVB", "provider": "p3", "started_on": ago(300)},
    {"kind": "measure.ended", "measure_id": "m3", "ended_on": ago(100), "exit": "COMPLETED_NO_RESULT"},
]


def report(stack: Running, local_id: str, facts: list[dict[str, Any]], *, first: int = 0) -> str:
    """The facts about one person over the public interface; gives the pseudonym."""
    headers = stack.bearer("emitter", KOELN, body="JOBCENTER", source=SOURCE)
    granted = httpx.post(
        f"{stack.url}/enrollment/v1/persons", json=[{"local_id": local_id}], headers=headers, timeout=30
    )
    answered = granted.raise_for_status().json()
    (row,) = answered["persons"] if isinstance(answered, dict) else answered
    person = str(row["pseudonym"])
    common = {
        "municipality": KOELN,
        "rechtskreis": "SGB2",
        "legal_basis": "SGB2_16",
        "purpose": "CASE_MANAGEMENT",
    }
    events = []
    for number, fact in enumerate(facts, start=first):
        data = common | {name: value for name, value in fact.items() if name != "kind"}
        if "measure_id" in data:
            data["measure_id"] = f"{person}/{data['measure_id']}"
        on = next(value for name, value in fact.items() if name.endswith("_on"))
        events.append(
            {
                "specversion": "1.0",
                "id": f"{person}-{number}",
                "source": SOURCE,
                "subject": person,
                "time": f"{on}T10:00:{number:02d}Z",
                "type": f"gemeinsam.{fact['kind']}.v1",
                "data": data,
            }
        )
    answer = httpx.post(
        f"{stack.url}/enrollment/v1/events",
        json=events,
        headers=headers | {"content-type": "application/cloudevents-batch+json"},
        timeout=30,
    )
    receipt = answer.raise_for_status().json()
    assert receipt["accepted"] + receipt["duplicate"] == len(events), receipt
    return person


async def open_case(stack: Running, page: Page, person: str) -> None:
    await page.goto(f"{stack.url}/pathways/persons/{person}")
    reason = page.get_by_role("heading", name="Warum sehen Sie diesen Fall an?")
    if await reason.is_visible():
        await page.get_by_label("Einen Befund prüfen").check()
        await page.get_by_role("button", name="Fall öffnen").click()
    await expect(page.locator("h1")).to_have_text(f"Fall {person}")


async def test_a_finding_comes_to_an_open_list_and_goes_by_itself(stack: Running, page: Page, login: Login) -> None:
    person = report(stack, "list-1", CAREER[:2])
    await login(page, "/pathways/", "Ayşe Brandt")
    await page.goto(f"{stack.url}/pathways/?person={person}")
    await expect(page.get_by_text("Hier ist nichts offen")).to_be_visible()
    report(stack, "list-1", CAREER[2:], first=2)
    row = page.locator("tr", has_text="Anschlusslücke")
    await expect(row).to_be_visible(timeout=WAIT_MS)
    await expect(row.locator(".badge")).to_have_text("Warnung")
    started = {"kind": "measure.started", "measure_id": "m4", "type": "EQ", "provider": "p4", "started_on": ago(1)}
    report(stack, "list-1", [started], first=8)
    await expect(row).to_have_count(0, timeout=WAIT_MS)


async def test_a_case_is_opened_with_a_reason_drawn_checked_and_handled(
    stack: Running, page: Page, login: Login
) -> None:
    person = report(stack, "case-1", CAREER)
    await login(page, "/pathways/", "Ayşe Brandt")
    await page.goto(f"{stack.url}/pathways/?person={person}&order=age")
    await page.locator("tr", has_text="Maßnahmekarriere").get_by_role("link", name=person).click()
    await page.get_by_label("Einen Befund prüfen").check()
    await page.get_by_role("button", name="Fall öffnen").click()
    await expect(page.locator("h1")).to_have_text(f"Fall {person}")
    await expect(page.locator(".chart .item.lit")).to_have_count(3)
    await page.locator("#known").fill("200")
    await expect(page.locator("#known-day")).to_contain_text("Bekannt am", timeout=WAIT_MS)
    await expect(page.locator(".chart .k-episode")).to_have_count(1)
    await page.get_by_role("link", name="Zurück zu heute").click()
    await page.get_by_label("Maßnahmeart").select_option("MAT")
    await page.get_by_role("button", name="Prüfen").click()
    await expect(page.locator(".outcome .said")).to_contain_text("mindestens eine Warnung")
    await expect(page.locator(".chart .item.would")).to_have_count(1)
    finding = page.locator("li.one", has_text="Maßnahmekarriere")
    await finding.get_by_text("Was geschieht mit diesem Befund?").click()
    await finding.get_by_label("Grund").select_option("IN_PROGRESS")
    await finding.get_by_role("button", name="Zur Kenntnis nehmen").click()
    await expect(page.get_by_text("Zur Kenntnis genommen: 1")).to_be_visible()
    await page.goto(f"{stack.url}/pathways/?person={person}&show=acknowledged")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await expect(page.locator("tbody tr")).to_contain_text("wird bearbeitet")


async def test_pointing_at_a_finding_lights_up_its_evidence_by_keyboard_too(
    stack: Running, page: Page, login: Login
) -> None:
    person = report(stack, "keys-1", CAREER)
    await login(page, "/pathways/", "Ayşe Brandt")
    await open_case(stack, page, person)
    gap = page.locator(".chart a.finding", has_text="Anschlusslücke").last
    item = page.locator(".chart .k-episode", has_text="Berufsvorbereitende")
    other = page.locator(".chart .k-episode", has_text="Arbeitsgelegenheit")
    await gap.focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    await expect(gap).to_be_focused()
    await expect(item).to_have_css("opacity", "1")
    await expect(other).to_have_css("opacity", "0.4")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Hervorgehoben: Anschlusslücke")).to_be_visible()


async def test_the_list_is_worked_with_the_keyboard_and_asks_for_what_is_missing(
    stack: Running, page: Page, login: Login
) -> None:
    person = report(stack, "keys-2", CAREER)
    await login(page, "/pathways/", "Ayşe Brandt")
    await page.goto(f"{stack.url}/pathways/?person={person}")
    boxes = page.locator("input[name=finding]")
    await expect(boxes.first).to_be_visible(timeout=WAIT_MS)
    for _ in range(10):  # the list may renew itself under the very key stroke
        await page.locator("#every").press("Space")
        if await page.locator("#every").is_checked():
            break
    assert all([await box.is_checked() for box in await boxes.all()])
    await page.get_by_role("button", name="Zur Kenntnis nehmen").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#reason")).to_be_focused()
    assert await boxes.first.is_checked()
    await page.locator("#reason").select_option("PLANNED")
    await page.get_by_role("button", name="Zur Kenntnis nehmen").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".said.good")).to_contain_text("Zur Kenntnis genommen")


async def test_a_reader_without_release_learns_nothing_more(stack: Running, page: Page, login: Login) -> None:
    person = report(stack, "masked-1", CAREER)
    await login(page, "/pathways/", "Mirjam Odenthal")
    await page.goto(f"{stack.url}/pathways/?person={person}")
    await expect(page.get_by_text("Liegt vor, Einzelheiten nicht freigegeben").first).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator("input[name=finding]")).to_have_count(0)
    answer = await page.goto(f"{stack.url}/pathways/persons/{person}")
    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_have_no_barriers_and_no_sideways_scrolling(
    stack: Running, page: Page, login: Login, axe: Axe, *, width: int, scheme: Any
) -> None:
    person = report(stack, "axe-1", CAREER)
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme=scheme)
    await login(page, "/pathways/", "Ayşe Brandt")
    await open_case(stack, page, person)
    paths = [
        "",
        "patterns",
        "patterns/M08",
        f"persons/{person}?type=MAT&starts_on={ago(-14)}",
        f"persons/{person}/reason",
    ]
    for path in paths:
        for language in ("en", "de"):
            mark = "&" if "?" in path else "?"
            await page.goto(f"{stack.url}/pathways/{path}{mark}lang={language}")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
            assert await axe(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    assert not re.search("style=", await page.content())
