"""What is for an outsider's topic that nobody has made stops nothing that comes after it."""

from __future__ import annotations

from shared.messaging import outbox


async def test_what_is_for_a_missing_topic_of_an_outsider_becomes_a_dead_letter_and_the_rest_goes_on(start, until):
    host, ledger = await start()
    async with host.db.transaction() as connection:
        await outbox.put(
            connection,
            [
                outbox.Message("intake.nobody.replies", "k", "P1", b"lost"),
                outbox.Message("enrollment.persons", "P1/s/1", "P1", b"found"),
            ],
        )
    await until(lambda: "found" in ledger.taken, seconds=120)
    async with host.db.reading() as connection:
        letter = await connection.fetchrow("SELECT topic, value, reason FROM dead_letters")
    assert tuple(letter) == ("intake.nobody.replies", b"lost", "topic_missing")
