"""The programme's golden way in a browser, from interest to funding, each page looked over for barriers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.readers import BERLIN, PDF, Reader, day, declare, reader
from tests.e2e.running import Running, wait_for

KOELN, BERGKAMEN, UNNA, DORTMUND, BIELEFELD = "05315000", "05978004", "05978000", "05913000", "05711000"


async def test_from_interest_to_funding(stack: Running, browser: Browser, axe: Axe, login: Login):
    ministry = await reader(browser, stack, axe, login, "Henrike Sommer")
    await set_the_dates(ministry)
    await say_what_members_may_get(ministry)
    koeln = await reader(browser, stack, axe, login, "Mirjam Odenthal")
    await keep_who_gets_mails(koeln)
    await declare_interest_and_go_to_a_workshop(koeln, await reader(browser, stack, axe, login, "Deniz Albrecht"))
    await declare_and_complete(koeln)
    await work_on_the_alliance(koeln)
    await publish_change_and_close_an_offer(koeln)
    await share_a_practice(stack, ministry, koeln, await reader(browser, stack, axe, login, "Jonas Vahle"))
    await a_town_joins_with_its_kreis(stack, await reader(browser, stack, axe, login, "Petra Schulte"))
    await hold_a_starter_workshop(stack, await reader(browser, stack, axe, login, "Carla Reinders"))
    await be_counted_and_funded(ministry, koeln)
    they_were_mailed(stack)
    await see_what_was_mailed(koeln)
    await leave_again(await reader(browser, stack, axe, login, "Jonas Vahle"), ministry)


async def set_the_dates(ministry: Reader) -> None:
    await ministry.open("funding")
    dates = {"begins_on": -60, "deadline_on": 30, "planning_until": 60, "ends_on": 900}
    dates |= {"development_from": -5, "development_until": 40, "funding_from": 0}
    for name, days in dates.items():
        await ministry.page.fill(f"#{name}", day(days))
    await ministry.page.locator("form[action$='/funding/programme'] button").click()
    await ministry.told("Termine sind gespeichert")


async def say_what_members_may_get(ministry: Reader) -> None:
    page = ministry.page
    await page.locator("summary", has_text="Szenario anlegen").click()
    await page.fill("#code", "REISE")
    steps = ((1, "1000"), (2, "2000"), (3, "3000"), (4, "4000"), (5, "5000"))
    for row, (members, amount) in enumerate(steps):
        if row == 4:
            await ministry.press("Weitere Zeilen")
            await ministry.sound()
        await page.fill(f"#from_members_{row}", str(members))
        await page.fill(f"#amount_{row}", amount)
    await page.locator("form[action$='/funding/scenario'] button").first.click()
    await ministry.told("Szenario ist gespeichert")
    await expect(page.locator("tr", has_text="REISE")).to_contain_text("ab 5: 5.000,00")


async def keep_who_gets_mails(koeln: Reader) -> None:
    page = koeln.page
    await koeln.open_at("notifications/boxes")
    await page.fill("#contacts-address", "zweites-postfach@koeln.example")
    await page.locator("form[action$='/boxes/contacts'] button").click()
    await koeln.told("Postfach ist eingetragen")
    await page.get_by_role("link", name="English").click()
    await koeln.sound()
    await page.get_by_role("link", name="Deutsch").click()


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
    await rows.nth(0).get_by_text("Vertretung", exact=True).click()
    await rows.nth(0).locator("input[name=name]").fill("Cem Beispiel")
    await rows.nth(0).locator("input[name=address]").fill("cem@koeln.example")
    await rows.nth(0).get_by_role("button", name="Vertretung eintragen").click()
    await koeln.told("Buchung ist geändert")
    await koeln.page.get_by_role("button", name="Stornieren Cem Beispiel").click()
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
    await page.set_input_files("#n-document", PDF)
    await page.locator("form[action$='/needs'] button").click()
    await koeln.told("Analyse ist eingereicht")
    await page.locator("summary", has_text="Eigenen Baustein").click()
    own = {"code": "K1", "title_de": "Wohnen", "title_en": "Housing", "valid_from": day(0)}
    for name, value in own.items():
        await page.fill(f"#{name}", value)
    await page.locator("form[action$='/bausteine'] button").click()
    await koeln.told("Verzeichnis ist ergänzt")
    await page.get_by_label("K1 Wohnen").check()
    await page.fill("#a-title", "Eine Anlaufstelle für alle")
    await page.fill("#a-summary", "Gemeinsam über die Rechtskreise hinweg")
    await page.get_by_label("B1 Lokale Bündnisse bilden").check()
    await page.locator("form[action$='/approach'] button").click()
    await koeln.told("Handlungsansatz ist eingereicht")
    await koeln.sound()


async def publish_change_and_close_an_offer(koeln: Reader) -> None:
    await koeln.go("offers")
    page = koeln.page
    for seats, said in (("12", "Angebot ist veröffentlicht"), ("15", "Angebot ist geändert")):
        if seats == "12":
            await koeln.fill(title="Kurs der Reise", provider="vhs-koeln", place="Köln", starts_on=day(20))
        else:
            await page.get_by_role("link", name="Ändern Kurs der Reise").click()
        await koeln.fill(seats=seats)
        await koeln.press("Speichern")
        await koeln.told(said)
    await expect(page.locator("tr", has_text="Kurs der Reise")).to_contain_text("15")
    await koeln.press("Schließen Kurs der Reise")
    await koeln.told("Angebot ist geschlossen")
    await koeln.sound()


async def share_a_practice(stack: Running, ministry: Reader, koeln: Reader, bielefeld: Reader) -> None:
    await koeln.go("practices")
    await koeln.fill(title="Lotsen der Reise", summary="Seit 2016 erprobt")
    await koeln.press("Einreichen")
    declare(stack, BIELEFELD)
    await ministry.go("practices")
    await ministry.press("Veröffentlichen Lotsen der Reise")
    await bielefeld.go("practices")
    await bielefeld.press("Bielefeld übernimmt dies")
    await expect(bielefeld.page.locator("section", has_text="Lotsen der Reise")).to_contain_text("Bielefeld")
    await bielefeld.sound()


async def hold_a_starter_workshop(stack: Running, jmd: Reader) -> None:
    """Asked for and booked over the interface, taken on, dated and held on the pages."""
    declare(stack, DORTMUND)
    url, headers = f"{stack.url}/enrollment/v1/workshops", stack.bearer("managing_body", DORTMUND)
    asked = httpx.post(url, json={"kind": "STARTER", "municipality": DORTMUND}, headers=headers).raise_for_status()
    workshop = asked.json()["workshop_id"]
    await jmd.go(f"workshops/{workshop}")
    await jmd.press("Übernehmen")
    await jmd.told("Gespeichert")
    now = datetime.now(BERLIN)
    await jmd.fill(title="Starter der Reise", place="Rathaus", venue=DORTMUND, seats="4")
    await jmd.fill(starts_at=f"{now:%Y-%m-%d}T00:00", ends_at=f"{now:%Y-%m-%d}T23:59")
    await jmd.press("Speichern")
    await jmd.told("Termin und Ort sind gespeichert")
    person = {"municipality": DORTMUND, "address": "dana@dortmund.example", "name": "Dana Beispiel"}
    httpx.post(f"{url}/{workshop}/bookings", json=person, headers=headers).raise_for_status()
    await jmd.go(f"workshops/{workshop}")
    await jmd.press("Hat stattgefunden")
    await jmd.press("Anwesend Dana Beispiel")
    await expect(jmd.page.locator("tr", has_text="Dana Beispiel").locator(".badge.info")).to_have_text("Anwesend")
    await jmd.sound()


async def see_what_was_mailed(koeln: Reader) -> None:
    await koeln.open_at("notifications/")
    await expect(koeln.page.locator("section[aria-labelledby=programme]")).to_contain_text("Nachgerückt: Köln")


async def leave_again(bielefeld: Reader, ministry: Reader) -> None:
    await bielefeld.go(f"declarations/{BIELEFELD}")
    await bielefeld.page.locator("summary", has_text="Mitgliedschaft beenden").click()
    await bielefeld.fill(withdrawn_on=day(1))
    await bielefeld.press("Zurückziehen")
    await expect(bielefeld.page.get_by_role("alert")).to_contain_text("Der Tag liegt in der Zukunft.")
    await bielefeld.fill(withdrawn_on=day(0))
    await bielefeld.press("Zurückziehen")
    await bielefeld.told("Zurückgezogen")
    await ministry.open("?show=withdrawn")
    await expect(ministry.page.locator("tr", has_text="Bielefeld")).to_contain_text("zurückgezogen")


async def a_town_joins_with_its_kreis(stack: Running, kreis: Reader) -> None:
    declare(stack, BERGKAMEN)
    await kreis.open("")
    await kreis.page.get_by_role("link", name="Bergkamen").click()
    await expect(kreis.page.locator("main")).to_contain_text("Einvernehmen fehlt")
    await kreis.press("Einvernehmen erteilen")
    await kreis.told("Einvernehmen ist vermerkt")
    await expect(kreis.page.locator(".badge").first).to_have_text("beigetreten")
    await kreis.sound()


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
    personal = {
        "anna": {"Workshop gebucht: Köln", "Ihr Platz wurde weitergegeben: Köln"},
        "ben": {"Warteliste: Köln", "Nachgerückt: Köln"},
        "cem": {"Workshop gebucht: Köln", "Buchung storniert: Köln"},
        "zweites-postfach": own,
    }
    for name, wanted in personal.items():
        wait_for(lambda name=name, wanted=wanted: wanted <= to_person(stack, name), what=f"the mails to {name}")
    wait_for(lambda: stack.mails(to="jmd@05913000.example"), what="the mail to the Jugendmigrationsdienst")
    promoted = next(one for one in stack.mails(to="ben@koeln.example") if one["subject"] == "Nachgerückt: Köln")
    raw = httpx.get(f"{stack.mail}/api/messages/{promoted['id']}/raw").raise_for_status().text
    assert 'filename="workshop.ics"' in raw


def to_person(stack: Running, name: str) -> set[str]:
    return {one["subject"] for one in stack.mails(to=f"{name}@koeln.example")}


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
