"""The first pages a user sees: start page, login, mail, traces, and what is said while a service is away."""

from playwright.async_api import Page, expect

from tests.e2e.chromium import Axe
from tests.e2e.running import Running


async def test_the_start_page_leads_everywhere_in_both_languages(stack: Running, page: Page, axe: Axe) -> None:
    await page.goto(stack.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Gemeinsam klappt’s")
    for name in ("Zum Überblick", "Zu den Verläufen", "Zu den Kommunen", "Zu den Ereignissen", "Zum Postfach"):
        await expect(page.get_by_role("link", name=name)).to_be_visible()
    assert await axe(page) == []
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("link", name="To the overview")).to_be_visible()
    assert await axe(page) == []


async def test_the_start_page_fits_a_telephone(stack: Running, page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto(stack.url)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_the_mail_page_and_the_login_page_have_no_barriers(stack: Running, page: Page, axe: Axe) -> None:
    await page.goto(stack.mail)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Postfach")
    assert await axe(page) == []
    await page.goto(f"{stack.url}/reporting/")
    await expect(page.get_by_role("button", name="Ayşe Brandt")).to_be_visible()
    assert await axe(page) == []


async def test_the_trace_viewer_shows_its_page(stack: Running, page: Page) -> None:
    await page.goto(stack.traces)
    await expect(page.get_by_text("Find a trace").first).to_be_visible(timeout=20_000)
