"""Writes described by several stores and made as one statement."""

from __future__ import annotations

import asyncpg
import pytest

from shared.writes import Change, Copy, write

ADD = "INSERT INTO {} (number, word) SELECT * FROM unnest($1::int[], $2::text[])"
SAY = "UPDATE right_ones SET word = $2 WHERE number = $1 RETURNING number, word"


@pytest.fixture
async def connection(database_url: str):
    connection = await asyncpg.connect(database_url)
    for table in ("left_ones", "right_ones"):
        await connection.execute(f"CREATE TABLE {table} (number int PRIMARY KEY, word text)")
    yield connection
    await connection.close()


async def words(connection, table: str) -> dict[int, str]:
    return {row["number"]: row["word"] for row in await connection.fetch(f"SELECT * FROM {table}")}


async def test_each_change_gets_its_own_arguments_and_the_last_one_answers(connection):
    await connection.execute("INSERT INTO right_ones VALUES (1, 'one')")
    more = list(range(12, 24))  # places of more than one digit
    rows = await write(
        connection,
        [
            Change(ADD.format("left_ones"), [[1, 2], ["a", "b"]]),
            Change("UPDATE left_ones SET word = $1 WHERE number = $2", ["never", 1]),
            Change(f"DELETE FROM right_ones WHERE number IN ({', '.join(f'${n}' for n in range(1, 13))})", more),
            Change(SAY, [1, "uno"]),
        ],
    )
    assert [tuple(row) for row in rows] == [(1, "uno")]
    assert await words(connection, "right_ones") == {1: "uno"}
    # None of them sees what another has done.
    assert await words(connection, "left_ones") == {1: "a", 2: "b"}


async def test_copies_come_first_and_alone_need_no_statement(connection):
    many = [(number, str(number)) for number in range(100)]
    assert await write(connection, [Copy("left_ones", ("number", "word"), many)]) == []
    rows = await write(connection, [Change(SAY, [7, "seven"]), Copy("right_ones", ("number", "word"), many)])
    assert [row["word"] for row in rows] == ["seven"]
    assert len(await words(connection, "left_ones")) == 100


async def test_nothing_to_write_asks_nothing():
    assert await write(None, []) == []


async def test_all_or_none(connection):
    await connection.execute("INSERT INTO right_ones VALUES (1, 'one')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await write(
            connection,
            [
                Change(ADD.format("left_ones"), [[5], ["five"]]),
                Change(ADD.format("right_ones"), [[1], ["another"]]),
            ],
        )
    assert await words(connection, "left_ones") == {}
