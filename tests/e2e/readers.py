"""Somebody logged in, who opens pages, fills forms and looks every page over; and what such journeys share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from playwright.async_api import Browser, Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running

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

    async def go(self, path: str) -> None:
        """Open a page that is looked over elsewhere."""
        await self.page.goto(f"{self._stack.url}/enrollment/{path}")

    async def open_at(self, path: str) -> None:
        await self.page.goto(f"{self._stack.url}/{path}")
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
