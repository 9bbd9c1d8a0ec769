"""The ministry tries a rule set and puts one in force; small numbers stay hidden, and nobody else may."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from playwright.async_api import Page

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running

MINISTRY = "Dr. Henrike Sommer"
CASE_MANAGER = "Ayşe Brandt"


def changed_rules(room: Path) -> Path:
    text = Path("services/pathways/rules/1.toml").read_text(encoding="utf-8")
    place = room / "new.toml"
    text = text.replace('version = "1"', 'version = "e2e-2"').replace("warning_starts = 3", "warning_starts = 2")
    place.write_text(text, encoding="utf-8")
    return place


async def looked_over(page: Page, axe: Axe) -> None:
    """No barrier, no horizontal scrolling on a phone."""
    for width in (1280, 375):
        await page.set_viewport_size({"width": width, "height": 800})
        assert await axe(page) == []
        assert not await page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), (page.url, width)
    await page.set_viewport_size({"width": 1280, "height": 900})


async def test_a_rule_set_is_tried_in_the_background_and_shown_protected(
    stack: Running, page: Page, axe: Axe, login: Login, tmp_path: Path
) -> None:
    await login(page, "/pathways/whatif", MINISTRY)
    await page.get_by_role("button", name="Ausprobieren").click()
    assert "Wählen Sie eine Datei" in await page.get_by_role("alert").inner_text()
    await page.set_input_files("#rules", changed_rules(tmp_path))
    await page.get_by_role("button", name="Ausprobieren").click()
    await page.wait_for_url("**/pathways/whatif/*")
    address = page.url
    await looked_over(page, axe)
    async with asyncio.timeout(180):
        while not await page.locator("#by-pattern").count():  # the page renews itself
            await asyncio.sleep(0.5)
    await looked_over(page, axe)
    for language, text in (("de", "Regelwerk e2e-2 statt"), ("en", "rule set e2e-2 instead of")):
        await page.goto(f"{address}?lang={language}")
        assert text in await page.locator("main").inner_text()
    answer = await page.request.get(f"{address}/json")
    document = json.loads(await answer.text())
    assert document["rules_tried"] == "e2e-2"
    for cell in document["cells"]:
        assert cell["before"] is None or cell["before"] == 0 or cell["before"] >= 5
    await page.goto(f"{stack.url}/pathways/whatif?lang=de")
    await looked_over(page, axe)


async def test_a_rule_set_is_put_in_force_from_a_date_shown_with_the_patterns_and_withdrawn(
    stack: Running, page: Page, axe: Axe, login: Login, tmp_path: Path
) -> None:
    await login(page, "/pathways/rules", MINISTRY)
    await page.set_input_files("#rules", changed_rules(tmp_path))
    await page.get_by_role("button", name="In Kraft setzen").click()
    row = page.get_by_role("row", name="e2e-2").filter(has_text="geplant")
    await row.wait_for()
    await looked_over(page, axe)
    await page.goto(f"{stack.url}/pathways/patterns/M02")
    assert "Regelwerk e2e-2" in await page.locator("main").inner_text()
    assert await axe(page) == []
    await page.goto(f"{stack.url}/pathways/rules?lang=en")
    await looked_over(page, axe)
    await page.get_by_role("button", name="Withdraw rule set e2e-2").click()
    await page.get_by_role("row", name="e2e-2").filter(has_text="withdrawn").wait_for()
    await page.goto(f"{stack.url}/pathways/patterns/M02?lang=de")
    assert "Regelwerk e2e-2" not in await page.locator("main").inner_text()


async def test_case_management_may_do_neither(stack: Running, page: Page, login: Login) -> None:
    await login(page, "/pathways/patterns", CASE_MANAGER)
    for path in ("whatif", "whatif/1", "rules"):
        answer = await page.goto(f"{stack.url}/pathways/{path}")
        assert answer is not None
        assert answer.status == 403
