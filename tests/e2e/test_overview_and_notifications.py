"""The overview and the notifications in a real browser: live, in both languages, wide and narrow, without barriers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running, wait_for

UNNA = "05978036"
SOURCE = "//kreis-unna.example/jobcenter"
BODY = "JOBCENTER"
WAIT_MS = 30_000


def report(stack: Running, local_ids: list[str], *facts: dict[str, Any]) -> list[str]:
    """Pseudonyms for local ids, and for each of them the facts, over the public interface; gives the pseudonyms."""
    headers = stack.bearer("emitter", "05978000", body=BODY, source=SOURCE)
    rows = [{"local_id": local_id} for local_id in local_ids]
    granted = httpx.post(
        f"{stack.url}/enrollment/v1/persons", json=rows, headers=headers, timeout=30
    ).raise_for_status()
    answered = granted.json()
    persons = [row["pseudonym"] for row in (answered["persons"] if isinstance(answered, dict) else answered)]
    events = [
        {
            "specversion": "1.0",
            "id": f"{person}-{number}",
            "source": SOURCE,
            "subject": person,
            "time": f"2026-01-01T10:00:{number:02d}Z",
            "type": f"gemeinsam.{fact['kind']}.v1",
            "data": {
                "municipality": UNNA,
                "rechtskreis": "SGB2",
                "legal_basis": "SGB2_16",
                "purpose": "CASE_MANAGEMENT",
            }
            | {key: value for key, value in fact.items() if key != "kind"}
            | ({"measure_id": f"{person}/m1"} if fact["kind"].startswith("measure.") else {}),
        }
        for person in persons
        for number, fact in enumerate(facts)
    ]
    answer = httpx.post(
        f"{stack.url}/enrollment/v1/events",
        json=events,
        headers=headers | {"content-type": "application/cloudevents-batch+json"},
        timeout=30,
    )
    receipt = answer.raise_for_status().json()
    assert receipt["accepted"] + receipt["duplicate"] == len(events), receipt
    return persons


def days_ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


async def six_more_than(shown: Locator) -> re.Pattern[str]:
    """What a count shows once six have come: a number, or one of several if it is too small to be shown now."""
    text = await shown.inner_text() if await shown.count() else "0"
    now = [int(text.replace(".", ""))] if text[:1].isdigit() else range(5)
    return re.compile(rf"^({'|'.join(str(number + 6) for number in now)})$")


async def test_facts_sent_are_seen_on_an_open_page_and_mailed(stack: Running, page: Page, login: Login) -> None:
    await login(page, "/reporting/", "Petra Schulte")
    await expect(page.locator("h1")).to_have_text("Nordrhein-Westfalen")
    state = page.locator("#land .tile:has-text('Personen') .value").first
    town = page.locator("#areas tbody tr", has=page.locator("th", has_text=re.compile(r"^\s*Unna\b")))
    await page.fill("#search", "unna")
    await expect(state).not_to_have_text("…")
    in_state, in_town = await six_more_than(state), await six_more_than(town.locator("td").first)
    persons = report(
        stack,
        [f"overview-{number}" for number in range(6)],
        {"kind": "person.registered", "registered_on": days_ago(400)},
        {"kind": "measure.started", "type": "AGH", "provider": "vhs", "started_on": days_ago(300)},
        {"kind": "measure.ended", "ended_on": days_ago(92), "exit": "COMPLETED_NO_RESULT"},
    )
    mails = wait_for(
        lambda: [mail for mail in stack.mails(to=UNNA) if any(person in mail["subject"] for person in persons)],
        seconds=60,
        what="the mails",
    )
    assert mails
    await expect(state).to_have_text(in_state, timeout=WAIT_MS)
    await expect(town.locator("td").first).to_have_text(in_town, timeout=WAIT_MS)
    await page.goto(f"{stack.url}/notifications/")
    told = page.locator("tbody tr", has_text=persons[0])
    await expect(told).to_contain_text("Unna")
    await expect(told).to_contain_text("nicht freigegeben")  # to her body; the Jobcenter's box was mailed all of it


@pytest.mark.parametrize("path", ["/reporting/", "/notifications/"])
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_have_no_barriers_and_no_sideways_scrolling(
    page: Page, login: Login, axe: Axe, *, path: str, width: int, scheme: Any
) -> None:
    await page.set_viewport_size({"width": width, "height": 900})
    await page.emulate_media(color_scheme=scheme)
    await login(page, path, "Petra Schulte")
    for language in ("en", "de"):
        await page.goto(f"{page.url.partition('?')[0]}?lang={language}")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        assert await axe(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_one_login_serves_all_services_until_logout(stack: Running, page: Page, login: Login) -> None:
    await login(page, "/reporting/", "Dr. Henrike Sommer")
    await page.goto(f"{stack.url}/notifications/")
    await expect(page.locator("h1")).to_have_text("Benachrichtigungen")
    await page.get_by_role("button", name="Abmelden").click()
    await page.wait_for_url(f"{stack.url}/notifications/logged-out")
    await page.goto(f"{stack.url}/reporting/")
    assert page.url.startswith(stack.issuer)


async def test_the_keyboard_reaches_the_content_first_by_the_skip_link(page: Page, login: Login) -> None:
    await login(page, "/reporting/", "Dr. Henrike Sommer")
    await page.keyboard.press("Tab")
    await expect(page.locator("a.skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
