"""Every row is judged by itself, and the receipt says what became of it."""

from __future__ import annotations

from tests.integration.enrollment.running import Emitter


def test_a_sound_fact_is_accepted(emitter: Emitter) -> None:
    receipt = emitter.report(emitter.event(emitter.pseudonym(), "e1"))
    assert receipt["state"] == "complete"
    assert (receipt["received"], receipt["accepted"]) == (1, 1)
    assert receipt["rejections"] == []
