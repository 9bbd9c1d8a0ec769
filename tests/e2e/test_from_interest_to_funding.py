"""The programme's golden way in a browser, from interest to funding, each page looked over for barriers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import Browser, Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running, wait_for

KOELN, BERGKAMEN, UNNA = "05315000", "05978004", "05978000"
PDF = {"name": "erklaerung.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n"}
NARROW = {"width": 375, "height": 800}
BERLIN = ZoneInfo("Europe/Berlin")


def day(days: int) -> str:
    return (datetime.now(BERLIN) + timedelta(days=days)).date().isoformat()


class Reader:
    """Somebody logged in: opens pages, fills forms, and looks every page over."""

    def __init__(self, page: Page, stack: Running, axe: Axe) -> None:
        self.page = page
        self._stack = stack
        self._axe = axe

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self._stack.url}/enrollment/{path}")
        await self.sound()

    async def sound(self) -> None:
        """No barrier on this page, nor on a telephone, where nothing sticks out to the side."""
        assert await self._axe(self.page) == [], self.page.url
        usual = self.page.viewport_size
        await self.page.set_viewport_size(NARROW)
        assert await self._axe(self.page) == [], f"narrow: {self.page.url}"
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], self.page.url
        await self.page.set_viewport_size(usual)

    async def fill(self, **values: str) -> None:
        for label, value in values.items():
            await self.page.locator(f"[id$='{label}']").first.fill(value)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def told(self, text: str) -> None:
        await expect(self.page.get_by_role("status")).to_contain_text(text)


async def reader(browser: Browser, stack: Running, axe: Axe, login: Login, person: str) -> Reader:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    page = await context.new_page()
    await login(page, "/enrollment/", person)
    return Reader(page, stack, axe)


async def test_from_interest_to_funding(stack: Running, browser: Browser, axe: Axe, login: Login):
    ministry = await reader(browser, stack, axe, login, "Henrike Sommer")
    await set_the_dates(ministry)
    koeln = await reader(browser, stack, axe, login, "Mirjam Odenthal")
    await declare_interest_and_go_to_a_workshop(koeln, await reader(browser, stack, axe, login, "Deniz Albrecht"))
    await declare_and_complete(koeln)
    await work_on_the_alliance(koeln)
    await a_town_joins_with_its_kreis(stack, await reader(browser, stack, axe, login, "Petra Schulte"))
    await be_counted_and_funded(ministry, koeln)
    they_were_mailed(stack)


async def set_the_dates(ministry: Reader) -> None:
    await ministry.open("funding")
    dates = {"begins_on": -60, "deadline_on": 30, "planning_until": 60, "ends_on": 900}
    dates |= {"development_from": -5, "development_until": 40, "funding_from": 0}
    for name, days in dates.items():
        await ministry.page.fill(f"#{name}", day(days))
    await ministry.page.locator("form[action$='/funding/programme'] button").click()
    await ministry.told("Termine sind gespeichert")


async def declare_interest_and_go_to_a_workshop(koeln: Reader, laki: Reader) -> None:
    await koeln.open(f"declarations/{KOELN}")
    await koeln.press("Interesse bekunden")
    await koeln.told("Interesse ist vermerkt")
    await laki.open("workshops")
    await laki.fill(title="Entwicklungs-Workshop der Reise", place="Rathaus", venue=KOELN, seats="1")
    await laki.fill(starts_at=f"{day(7)}T10:00", ends_at=f"{day(7)}T15:00")
    await laki.press("Anbieten")
    await laki.told("angeboten")
    await koeln.open("workshops")
    await koeln.page.get_by_role("link", name="Entwicklungs-Workshop der Reise").click()
    await book(koeln, "Anna Beispiel", "anna@koeln.example")
    await koeln.sound()
    await book(koeln, "Ben Beispiel", "ben@koeln.example")
    rows = koeln.page.locator("tbody tr")
    await expect(rows.nth(1)).to_contain_text("Warteliste")
    async with koeln.page.expect_download() as download:
        await rows.nth(0).get_by_role("link", name="Kalenderdatei").click()
    assert (await download.value).suggested_filename == "workshop.ics"
    await koeln.page.get_by_role("button", name="Stornieren Anna Beispiel").click()
    await expect(rows).to_have_count(1)
    await expect(rows.nth(0)).to_contain_text("Platz gebucht")


async def book(koeln: Reader, name: str, address: str) -> None:
    await koeln.page.fill("#name", name)
    await koeln.page.fill("#address", address)
    await koeln.press("Buchen")
    await koeln.told("Buchung ist vermerkt")


async def declare_and_complete(koeln: Reader) -> None:
    await koeln.open(f"declarations/{KOELN}")
    page = koeln.page
    await page.set_input_files("#document", {**PDF, "buffer": b"<html>no</html>"})
    await koeln.press("Beitritt erklären")
    await expect(page.get_by_role("alert")).to_contain_text("PDF-, PNG- oder JPEG-Datei")
    await koeln.sound()
    await page.set_input_files("#document", PDF)
    await koeln.fill(signed_on=day(-1), signatory_name="Erika Beispiel", signatory_function="Beigeordnete")
    await page.get_by_label("Mitglied des Verwaltungsvorstands").check()
    await koeln.press("Beitritt erklären")
    await koeln.told("Erklärung ist eingegangen")
    await expect(page.locator("main")).to_contain_text("die Stelle, die mit der Geschäftsführung beauftragt wird")
    await koeln.sound()
    await koeln.fill(
        managing_body_kind="KI", managing_body_name="Integrationszentrum", managing_body_contact="ki@k.nrw"
    )
    await koeln.press("Änderung einreichen")
    await expect(page.locator(".badge").first).to_have_text("beigetreten")
    await expect(page.locator(".history")).to_contain_text("Mitgliedschaft begonnen")


async def work_on_the_alliance(koeln: Reader) -> None:
    await koeln.open(f"alliances/{KOELN}")
    page = koeln.page
    await koeln.fill(organisation="Jobcenter Köln")
    await page.get_by_label("SGB II", exact=True).check()
    await koeln.press("Aufnehmen")
    await koeln.told("Partner ist aufgenommen")
    await page.fill("#needs", "Sprachkurse am Abend")
    await page.locator("form[action$='/needs'] button").click()
    await koeln.told("Analyse ist eingereicht")
    await page.fill("#a-title", "Eine Anlaufstelle für alle")
    await page.fill("#a-summary", "Gemeinsam über die Rechtskreise hinweg")
    await page.get_by_label("B1 Lokale Bündnisse bilden").check()
    await page.locator("form[action$='/approach'] button").click()
    await koeln.told("Handlungsansatz ist eingereicht")
    await koeln.sound()


async def a_town_joins_with_its_kreis(stack: Running, kreis: Reader) -> None:
    declare(stack, BERGKAMEN)
    await kreis.open("")
    await kreis.page.get_by_role("link", name="Bergkamen").click()
    await expect(kreis.page.locator("main")).to_contain_text("Einvernehmen fehlt")
    await kreis.press("Einvernehmen erteilen")
    await kreis.told("Einvernehmen ist vermerkt")
    await expect(kreis.page.locator(".badge").first).to_have_text("beigetreten")
    await kreis.sound()


def declare(stack: Running, ags: str) -> None:
    """A town declares over the interface."""
    base, headers = f"{stack.url}/enrollment/v1/declarations/{ags}", stack.bearer("managing_body", ags)
    files = {"document": (PDF["name"], PDF["buffer"])}
    sha256 = httpx.post(f"{base}/documents", files=files, headers=headers).raise_for_status().json()["sha256"]
    sent: dict[str, Any] = {
        "evidence": sha256,
        "signed_on": datetime.now(UTC).date().isoformat(),
        "signatory": {"name": "E. Beispiel", "function": "Bürgermeisterin", "is_board_member": True},
        "managing_body": {"kind": "SOZIALAMT", "name": "Sozialamt", "contact": "amt@stadt.example"},
    }
    httpx.put(base, json=sent, headers=headers).raise_for_status()


async def be_counted_and_funded(ministry: Reader, koeln: Reader) -> None:
    await ministry.open("members")
    await expect(ministry.page.locator("main")).to_contain_text("Bergkamen")
    await ministry.open("funding")
    page = ministry.page
    await page.locator("#decisions").scroll_into_view_if_needed()
    await page.select_option("#municipality", KOELN)
    await page.fill("#amount", "50.000")
    await page.fill("#granted_from", day(0))
    await page.fill("#granted_until", day(365))
    await ministry.press("Förderung bewilligen")
    await ministry.told("Förderung ist bewilligt")
    await ministry.open(f"declarations/{KOELN}")
    await expect(page.locator(".badge").first).to_have_text("gefördert")
    await koeln.open("")
    await expect(koeln.page.locator("main")).to_contain_text("gefördert")
    await koeln.page.get_by_role("link", name="English").click()
    await expect(koeln.page.locator("main")).to_contain_text("funded")
    await koeln.sound()


def they_were_mailed(stack: Running) -> None:
    """Who had to act was mailed: of the receipt, of the seat with its date, of the Einvernehmen."""
    own = {"Beitrittserklärung eingegangen: Köln", "Workshop gebucht: Köln", "Warteliste: Köln", "Nachgerückt: Köln"}
    wait_for(lambda: own <= subjects(stack, KOELN), what="the mails to Köln")
    wait_for(lambda: "Einvernehmen erbeten: Bergkamen" in subjects(stack, UNNA), what="the mail to the Kreis")
    wait_for(lambda: "Beitritt angenommen: Bergkamen" in subjects(stack, BERGKAMEN), what="the mail to Bergkamen")
    promoted = next(one for one in mails_to(stack, KOELN) if one["subject"] == "Nachgerückt: Köln")
    raw = httpx.get(f"{stack.mail}/api/messages/{promoted['id']}/raw").raise_for_status().text
    assert 'filename="workshop.ics"' in raw


def mails_to(stack: Running, ags: str) -> list[dict[str, Any]]:
    return [one for box in ("geschaeftsstelle", "kreis") for one in stack.mails(to=f"{box}@{ags}.example")]


def subjects(stack: Running, ags: str) -> set[str]:
    return {one["subject"] for one in mails_to(stack, ags)}


EVERYBODY = {
    "Ayşe Brandt": "case_manager",
    "Carla Reinders": "jmd",
    "Deniz Albrecht": "laki",
    "Lutz Amberg": "science",
    "Ines Kaminski": "vault_clerk",
    "Rafael Thiel": "operator",
}


async def test_every_role_finds_the_common_pages_and_only_the_ministry_its_own(
    stack: Running, browser: Browser, login: Login
):
    for person, role in EVERYBODY.items():
        context = await browser.new_context(locale="en-GB")
        page = await context.new_page()
        await login(page, "/enrollment/", person)
        for path in ("", "members", "workshops", "offers", "practices"):
            answer = await page.goto(f"{stack.url}/enrollment/{path}")
            assert answer is not None
            assert answer.status == 200, (role, path)
        for path in ("funding", f"declarations/{KOELN}"):
            answer = await page.goto(f"{stack.url}/enrollment/{path}")
            assert answer is not None
            assert answer.status == 403, (role, path)
        await context.close()
