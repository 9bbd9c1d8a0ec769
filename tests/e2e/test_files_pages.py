"""A source uploads a table in a browser: mapping, dry run, notes, and the brake that a person releases."""

from __future__ import annotations

import json

import httpx
from playwright.async_api import Browser, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running
from tests.e2e.test_from_interest_to_funding import Reader, reader

HEAD = "Aktenzeichen;AGS;Nr;Art;Beginn;Träger"


def table(*rows: str) -> dict[str, str | bytes]:
    text = "\r\n".join([HEAD, *rows])
    return {"name": "Kurse März.csv", "mimeType": "text/csv", "buffer": text.encode("cp1252")}  # type: ignore[dict-item]


def row(number: int, begin: str = "31.12.2020") -> str:
    return f"e2e-{number};05315000;e2e-{number};Sprachkurs;{begin};VHS"


async def test_files_in_a_browser(stack: Running, browser: Browser, axe: Axe, login: Login):
    stack.token("emitter", "05315000", body="JOBCENTER", source="//koeln.example/jobcenter")
    source = await reader(browser, stack, axe, login, "Fachverfahren Jobcenter Köln")
    await save_mappings(source)
    await try_and_upload(source)
    await hold_and_release(source, await reader(browser, stack, axe, login, "Mirjam Odenthal"))
    await look_at_sources(await reader(browser, stack, axe, login, "Rafael Thiel"))
    await read_a_receipt(stack, source)
    await source.open("files")
    await source.page.get_by_role("link", name="English").click()
    await expect(source.page.locator("main")).to_contain_text("Upload a file")
    await source.sound()


async def read_a_receipt(stack: Running, source: Reader) -> None:
    token = stack.token("emitter", "05315000", body="JOBCENTER", source="//koeln.example/jobcenter")
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": "a-receipt",
    }
    assert httpx.post(f"{stack.url}/enrollment/v1/events", content=b"{}\n", headers=headers).status_code == 200
    await source.open("receipts")
    await source.page.get_by_role("link", name="a-receipt").click()
    await expect(source.page.locator("main")).to_contain_text("specversion: Das Feld fehlt oder ist leer.")
    await source.sound()


async def save_mappings(source: Reader) -> None:
    await map_a_sample(source)
    await source.open("mappings/new/text")
    written = json.loads(await source.page.locator("#written").input_value())
    await source.page.fill("#name", "bestand")
    await source.page.fill("#written", json.dumps({**written, "colour": 1}))
    await source.press("Speichern")
    await expect(source.page.locator("#flaws")).to_be_visible()
    await source.sound()
    await source.page.fill("#written", json.dumps({**written, "snapshot": True}))
    await source.press("Speichern")
    await source.told("Zuordnung ist gespeichert")
    await source.open("mappings/bestand")
    await expect(source.page.locator("#snapshot")).to_be_checked()


async def map_a_sample(source: Reader) -> None:
    """From a sample to a saved mapping, by keyboard where a keyboard does it."""
    page = source.page
    await source.open("files")
    await page.get_by_role("link", name="Neue Zuordnung").click()
    await source.sound()
    await page.set_input_files("#file", {"name": "x.csv", "mimeType": "text/csv", "buffer": b"%PDF-1.4"})
    await source.press("Spalten zeigen")
    await expect(page.get_by_role("alert")).to_contain_text("keine CSV- oder XLSX-Datei")
    await source.sound()
    await page.set_input_files("#file", table(row(1), "e2e-4;5315000;e2e-4;Töpfern;31.12.2020;VHS"))  # type: ignore[arg-type]
    await source.press("Spalten zeigen")
    await expect(page.locator("#person")).to_have_value("Aktenzeichen")
    await page.fill("#name", "kurse")
    await page.select_option("#add_type", "gemeinsam.measure.started.v1")
    await page.get_by_role("button", name="Hinzufügen").press("Enter")
    await expect(page.locator("#e-0-started_on-from")).to_have_value("@Beginn")
    await source.sound()
    await source.press("Speichern")
    flaws = page.locator("section[aria-labelledby=flaws]")
    await expect(flaws).to_contain_text("Maßnahme begonnen: Rechtskreis")
    await source.sound()
    for name, code in (("rechtskreis", "SGB2"), ("legal_basis", "SGB2_16")):
        await page.select_option(f"#e-0-{name}-from", "=")
        await page.select_option(f"#e-0-{name}-value", code)
    await page.fill("#e-0-measure_id-prefix", "jc-")
    await page.get_by_label("Sprachkurs").select_option("IK_ALLG")
    await source.press("Speichern")
    await source.told("Zuordnung ist gespeichert")
    await expect(page.locator("#mapping")).to_have_value("kurse")
    await source.open("mappings/kurse")
    await expect(page.get_by_label("Sprachkurs")).to_have_value("IK_ALLG")


async def upload(source: Reader, mapping: str, *rows: str, dry: bool = False, scope: bool = False) -> None:
    await source.open("files")
    page = source.page
    await page.set_input_files("#file", table(*rows))  # type: ignore[arg-type]
    await page.select_option("#mapping", mapping)
    await page.set_checked("#dry_run", dry)
    if scope:
        await page.fill("#scope_since", "2020-01-01")
        await page.fill("#scope_until", "2020-12-31")
    await source.press("Hochladen")
    await source.told("Datei ist eingegangen")


async def settled(source: Reader, state: str) -> None:
    for _ in range(100):
        if await source.page.locator(".badge", has_text=state).count():
            return
        await source.page.wait_for_timeout(200)
        await source.page.reload()
    raise AssertionError(await source.page.locator("main").inner_text())


async def try_and_upload(source: Reader) -> None:
    rows = [row(1), row(2), row(3, begin="irgendwann"), "e2e-4;5315000;e2e-4;Töpfern;31.12.2020;VHS"]
    await upload(source, "kurse", *rows, dry=True)
    await settled(source, "fertig")
    main = source.page.locator("main")
    await expect(main).to_contain_text("Probelauf")
    await expect(main).to_contain_text("E (Beginn)")
    await expect(main).to_contain_text("D (Art)")
    await expect(main).to_contain_text("führende Null des Gemeindeschlüssels wurde ergänzt")
    await source.sound()
    await upload(source, "kurse", *rows)
    await settled(source, "fertig")
    await expect(main.locator("dl.facts")).to_contain_text("Übernommen")
    await source.open("files")
    await source.page.set_input_files("#file", table(row(1)))  # type: ignore[arg-type]
    await source.page.select_option("#mapping", "bestand")
    await source.press("Hochladen")
    await expect(source.page.get_by_role("alert")).to_contain_text("für welche Tage die Datei vollständig ist")
    await source.sound()


async def hold_and_release(source: Reader, body: Reader) -> None:
    await upload(source, "bestand", *(row(number) for number in range(10, 20)), scope=True)
    await settled(source, "fertig")
    await upload(source, "bestand", row(10), scope=True)
    await settled(source, "angehalten")
    await source.sound()
    await body.open("files")
    await expect(body.page.locator("main")).to_contain_text("90,0 %")
    await body.press("Freigeben")
    await body.told("Datei ist freigegeben")
    await body.sound()
    await source.page.reload()
    await settled(source, "fertig")
    await expect(source.page.locator("main")).to_contain_text("Zurückgenommen")


async def look_at_sources(operator: Reader) -> None:
    await operator.open("sources")
    row = operator.page.locator("tbody tr", has_text="//koeln.example/jobcenter").first
    await expect(row).to_contain_text("meldet im Rhythmus")
