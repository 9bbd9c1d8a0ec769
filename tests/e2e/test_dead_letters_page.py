"""An operator finds what could not be taken, sees its shape and not its content, and decides."""

from __future__ import annotations

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from playwright.async_api import Page, expect

from tests.e2e.chromium import Axe, Login
from tests.e2e.running import Running, wait_for

OPERATOR = "Rafael Thiel"


@pytest.fixture
async def laid_aside(stack: Running) -> dict:
    """A record that is no event, put straight on the topic of persons' facts."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.kafka)
    await producer.start()
    sent = await producer.send_and_wait("enrollment.persons", b'{"name": "Quittenbusch"}', key=b"x", partition=1)
    await producer.stop()

    def found() -> dict | None:
        letters = httpx.get(
            f"{stack.url}/pathways/v1/dead-letters", headers=stack.bearer("operator"), timeout=10
        ).json()
        return next((one for one in letters if one["partition"] == 1 and one["offset"] == sent.offset), None)

    return wait_for(found, seconds=90, what="the dead letter")


async def test_a_dead_letter_is_shown_masked_and_discarded_with_a_reason(
    stack: Running, page: Page, login: Login, axe: Axe, laid_aside: dict
) -> None:
    await login(page, "/pathways/operations", OPERATOR)
    assert await axe(page) == []
    await page.get_by_role("link", name=str(laid_aside["dead_letter_id"]), exact=True).click()
    await expect(page.locator("pre")).to_contain_text('"name": "text"')
    assert "Quittenbusch" not in await page.content()
    assert await axe(page) == []
    await page.get_by_label("Begründung").fill("ein Versuch von Hand")
    await page.get_by_role("button", name="Verwerfen").click()
    await expect(page.locator("dl")).to_contain_text("verworfen: ein Versuch von Hand")


async def test_the_page_is_the_operators_alone(stack: Running, page: Page, login: Login) -> None:
    await login(page, "/pathways/operations", "Dr. Henrike Sommer")
    await expect(page.locator("h1")).to_contain_text("nicht freigegeben")


async def test_a_decision_without_the_sessions_own_token_is_refused(
    stack: Running, page: Page, login: Login, laid_aside: dict
) -> None:
    await login(page, "/pathways/operations", OPERATOR)
    where = f"{stack.url}/pathways/operations/dead-letters/{laid_aside['dead_letter_id']}"
    answer = await page.request.post(where, form={"action": "discard", "why": "from elsewhere"})
    assert answer.status in (400, 403)
    still = httpx.get(
        f"{stack.url}/pathways/v1/dead-letters/{laid_aside['dead_letter_id']}",
        headers=stack.bearer("operator"),
        timeout=10,
    )
    assert still.json()["state"] == "open"


@pytest.mark.parametrize("action", ["send"])
async def test_a_dead_letter_sent_again_is_taken_once_more(stack: Running, laid_aside: dict, action: str) -> None:
    where = f"{stack.url}/pathways/v1/dead-letters/{laid_aside['dead_letter_id']}"
    bearer = stack.bearer("operator")
    answer = httpx.post(f"{where}/decision", json={"action": action, "why": "tried again"}, headers=bearer, timeout=10)
    assert answer.status_code == 202
    wait_for(lambda: httpx.get(where, headers=bearer, timeout=10).json()["attempts"] == 2, what="the second try")
