"""The trust office's pages in a real browser: near matches decided, a case number resolved, a person erased."""

from __future__ import annotations

import secrets

import pytest
from playwright.async_api import Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running, wait_for
from tests.e2e.test_erasure import HAGEN, call, register, report

CLERK = "Ines Kaminski"
WAIT_MS = 30_000


def near(stack: Running) -> tuple[str, str, str]:
    """Two case numbers with one AZR number, and the first one's family name."""
    name = f"Vogelnest{''.join(chr(ord('a') + byte % 26) for byte in secrets.token_bytes(8))}"
    azr_number = f"{secrets.randbelow(10**12):012}"
    one = register(stack, secrets.token_hex(6), azr_number=azr_number, family_name=name, given_name="Rosa")
    return one, register(stack, secrets.token_hex(6), azr_number=azr_number), name


async def look_up(page: Page, stack: Running, case: str) -> None:
    await page.goto(f"{stack.url}/enrollment/vault")
    await page.get_by_role("textbox", name="Aktenzeichen").fill(case)
    await page.get_by_role("button", name="Nachsehen").click()


async def test_a_clerk_compares_both_sides_decides_and_splits_again(stack: Running, page: Page, login: Login) -> None:
    one, other, name = near(stack)
    pair = " – ".join(sorted((one, other)))
    await login(page, "/enrollment/vault", CLERK)
    assert name not in await page.content()
    await page.get_by_role("link", name=pair).click()
    await expect(page.get_by_text(name)).to_be_visible()
    await page.get_by_label("Grundlage").select_option(label="Unterlagen gesehen")
    await page.get_by_role("button", name="Dieselbe Person").click()
    await expect(page.get_by_role("status")).to_have_text("Die Entscheidung ist festgehalten.")
    await expect(page.get_by_role("link", name=pair)).to_have_count(0)
    await look_up(page, stack, other.lower())
    await expect(page.get_by_text(f"Dieselbe Person wie {one}")).to_be_visible()
    assert other not in page.url
    await page.get_by_role("link", name=pair).click()
    await page.get_by_role("button", name="Doch zwei Personen: trennen").click()
    await expect(page.get_by_role("status")).to_be_visible()


async def test_a_clerk_erases_a_person_and_sees_the_proofs_arrive(stack: Running, page: Page, login: Login) -> None:
    one, _, _ = near(stack)
    await login(page, "/enrollment/vault", CLERK)
    await look_up(page, stack, one)
    await page.get_by_label("Ich habe verstanden").check()
    await page.get_by_role("button", name="Person endgültig löschen").click()
    await expect(page.get_by_role("status")).to_be_visible()
    row = page.get_by_role("row", name=one)
    for _ in range(30):
        if "noch keine Antwort" not in await row.inner_text():
            break
        await page.wait_for_timeout(1000)
        await page.reload()
    for service in ("enrollment", "pathways", "notifications", "reporting"):
        await expect(row).to_contain_text(f"{service}: ")
    await expect(row).not_to_contain_text("noch keine Antwort")
    await look_up(page, stack, one)
    await expect(page.get_by_role("alert")).to_contain_text("Diese Person wurde gelöscht.")


async def test_a_person_who_asks_gets_everything_held_in_plain_german(
    stack: Running, page: Page, login: Login, axe: Axe
) -> None:
    one, other, name = near(stack)
    clerk = stack.bearer("vault_clerk")
    merge = {"decision": "merge", "reason": "DOCUMENTS"}
    call(stack, "POST", f"vault/matches/{one}/{other}", clerk, json=merge).raise_for_status()
    assert report(stack, one, secrets.token_hex(4))["accepted"] == 3

    def events() -> list[str]:
        answer = call(stack, "GET", f"persons/{other}/report", clerk).raise_for_status().json()
        return [event["name"] for event in answer["events"]]

    wait_for(lambda: len(events()) >= 5, what="the facts, the merge and the finding")
    told = [events() for _ in range(5)]
    assert {"Maßnahme begonnen", "Befund erkannt"} <= set(told[0])
    assert all(again == told[0] for again in told)
    await login(page, "/enrollment/vault", CLERK)
    await look_up(page, stack, other)
    await page.get_by_role("button", name="Auskunft zusammenstellen").click()
    await expect(page.locator("h1")).to_have_text(f"Auskunft nach Art. 15 DSGVO: {other}")
    for text in (name, "Arbeitsgelegenheit", "Hagen", "beendet am"):
        await expect(page.locator("main")).to_contain_text(text)
    assert await axe(page) == []


async def test_a_clerk_restricts_a_person_and_lifts_it_and_takes_two_people_apart(
    stack: Running, page: Page, login: Login, axe: Axe
) -> None:
    one, _, name = near(stack)
    await login(page, "/enrollment/vault", CLERK)
    await look_up(page, stack, one)
    await page.get_by_label("Grund der Einschränkung").select_option(label="Richtigkeit bestritten")
    await page.get_by_role("button", name="Verarbeitung einschränken").click()
    await expect(page.get_by_role("status")).to_have_text("Die Verarbeitung ist eingeschränkt.")
    await expect(page.get_by_role("region", name="Eingeschränkte Personen", exact=True)).to_contain_text(one)
    assert await axe(page) == []
    await look_up(page, stack, one)
    await expect(page.get_by_text("Niemand außer der Vertrauensstelle")).to_be_visible()
    await expect(page.get_by_text(name)).to_be_visible()
    assert await axe(page) == []
    await page.get_by_role("button", name="Einschränkung aufheben").click()
    await expect(page.get_by_role("status")).to_have_text("Die Einschränkung ist aufgehoben.")
    shared = secrets.token_hex(6)
    traits = {"azr_number": f"{secrets.randbelow(10**12):012}", "family_name": name, "given_name": "Rosa"}
    person = register(stack, shared, **traits)
    other_office = stack.bearer("emitter", HAGEN, body="SCHOOL", source="//hagen-school.example/school")
    rows = [{"local_id": shared, "traits": traits}]
    answer = call(stack, "POST", "persons", other_office, json=rows).raise_for_status().json()
    assert answer[0]["pseudonym"] == person
    await look_up(page, stack, person)
    await page.get_by_label("//hagen-school.example/school").check()
    assert await axe(page) == []
    await page.get_by_role("button", name="Aktenzeichen auf zwei Personen aufteilen").click()
    await expect(page.get_by_role("status")).to_contain_text("neues Aktenzeichen")
    assert call(stack, "POST", "persons", other_office, json=rows).json()[0]["pseudonym"] != person


async def test_who_is_no_clerk_sees_no_vault(stack: Running, page: Page, login: Login) -> None:
    await login(page, "/enrollment/vault", "Rafael Thiel")
    await expect(page.get_by_role("button", name="Nachsehen")).to_have_count(0)
    await page.goto(f"{stack.url}/enrollment/")
    await expect(page.get_by_role("link", name="Vertrauensstelle")).to_have_count(0)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_the_pages_have_no_barriers(
    stack: Running, page: Page, login: Login, axe: Axe, language: str, width: int
) -> None:
    one, other, _ = near(stack)
    await page.set_viewport_size({"width": width, "height": 900})
    await login(page, f"/enrollment/vault?lang={language}", CLERK)
    assert await axe(page) == []
    await page.goto(f"{stack.url}/enrollment/vault/pairs/{one}/{other}")
    assert await axe(page) == []
    await page.goto(f"{stack.url}/enrollment/vault")
    await page.locator("#case").fill(one)
    await page.locator("main form button").first.click()
    await expect(page.locator("h1")).to_have_text(one)
    assert await axe(page) == []
    await expect(page.locator("body")).to_have_js_property("scrollWidth", width)
