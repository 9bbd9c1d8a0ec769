"""SQL about what is known of persons: who belongs together, what they add, and the findings about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.reporting.domain.groups import Link

_LINKS_LOCK = 0x6C69_6E6B  # "link"


@dataclass(frozen=True, slots=True)
class Person:
    """One pseudonym's row; `ledger` is JSON."""

    person_id: str
    ledger: str
    erased: bool
    changes_on: date | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement about a pair; `said_at`, `source`, `event_id` order statements as text."""

    link: Link
    said_at: str
    source: str
    event_id: str


@dataclass(frozen=True, slots=True)
class FindingState:
    """The last revision of a finding."""

    person_id: str
    pattern: str
    anchor: str
    revision: int
    severity: str
    municipality: str | None
    is_open: bool


async def hold_links(connection: asyncpg.Connection) -> None:
    """Let no merge or split happen until the transaction ends: who belongs together must not change meanwhile."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", _LINKS_LOCK)


async def lock_links(connection: asyncpg.Connection) -> None:
    """Be the only one who reads or changes who belongs together, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LINKS_LOCK)


async def put_links(connection: asyncpg.Connection, statements: Sequence[Statement]) -> None:
    """Keep statements about pairs, per pair the latest; several about one pair must not be in one call.

    One about a person the vault has had forgotten comes too late and is passed over.
    """
    links = [(*sorted((one.link.kept, one.link.other)), one.link.kept, one.link.merged) for one in statements]
    rows = [(*link, one.said_at, one.source, one.event_id) for link, one in zip(links, statements, strict=True)]
    await connection.execute(
        "INSERT INTO links (one, other_one, kept, merged, said_at, source, event_id)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[])"
        " AS given (one, other_one) WHERE NOT EXISTS (SELECT FROM persons WHERE persons.forgotten"
        " AND persons.person_id IN (given.one, given.other_one))"
        " ON CONFLICT (one, other_one) DO UPDATE SET kept = excluded.kept, merged = excluded.merged,"
        " said_at = excluded.said_at, source = excluded.source, event_id = excluded.event_id"
        " WHERE (links.said_at, links.source, links.event_id) < (excluded.said_at, excluded.source, excluded.event_id)",
        *map(list, zip(*rows, strict=True)),
    )


async def linked_persons(connection: asyncpg.Connection, persons: Iterable[str]) -> list[str]:
    """The persons and all who were ever linked with them, however far, in the order of locking.

    Split pairs count too: who has just been split must be counted anew as well.
    """
    rows = await connection.fetch(
        "WITH RECURSIVE found (person_id) AS ("
        " SELECT unnest($1::text[])"
        " UNION SELECT CASE WHEN links.one = found.person_id THEN links.other_one ELSE links.one END"
        " FROM found JOIN links ON found.person_id IN (links.one, links.other_one))"
        " SELECT person_id FROM found ORDER BY person_id",
        list(persons),
    )
    return [row["person_id"] for row in rows]


async def links_among(connection: asyncpg.Connection, persons: Sequence[str]) -> list[Link]:
    """The latest statements about pairs of these persons."""
    rows = await connection.fetch("SELECT one, other_one, kept, merged FROM links WHERE one = ANY($1::text[])", persons)
    return [
        Link(row["kept"], row["other_one"] if row["kept"] == row["one"] else row["one"], row["merged"]) for row in rows
    ]


async def add_persons(connection: asyncpg.Connection, persons: Sequence[str]) -> None:
    """Make a row for each person that has none; `persons` in the order of locking."""
    await connection.execute(
        "INSERT INTO persons (person_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", persons
    )


async def lock_persons(connection: asyncpg.Connection, persons: Sequence[str]) -> list[Person]:
    """The persons' rows, locked in one order for all so that two batches wait instead of meeting head-on."""
    rows = await connection.fetch(
        "SELECT person_id, ledger, erased, changes_on FROM persons WHERE person_id = ANY($1::text[])"
        " ORDER BY person_id FOR UPDATE",
        persons,
    )
    return [Person(**row) for row in rows]


async def save_persons(connection: asyncpg.Connection, persons: Sequence[Person]) -> None:
    """Save rows locked before."""
    await connection.execute(
        "UPDATE persons SET ledger = given.ledger, erased = given.erased, changes_on = given.changes_on"
        " FROM unnest($1::text[], $2::text[], $3::boolean[], $4::date[]) AS given (person_id, ledger, erased,"
        " changes_on)"
        " WHERE persons.person_id = given.person_id",
        [one.person_id for one in persons],
        [one.ledger for one in persons],
        [one.erased for one in persons],
        [one.changes_on for one in persons],
    )


async def save_contributions(connection: asyncpg.Connection, counted: Mapping[str, tuple[str, int]]) -> bool:
    """Set what persons add to their municipality; True if anything differs from before."""
    done = await connection.execute(
        "INSERT INTO contributions (person_id, municipality, running_measures)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::integer[])"
        " ON CONFLICT (person_id) DO UPDATE SET municipality = excluded.municipality,"
        " running_measures = excluded.running_measures"
        " WHERE (contributions.municipality, contributions.running_measures)"
        " IS DISTINCT FROM (excluded.municipality, excluded.running_measures)",
        list(counted),
        [municipality for municipality, _ in counted.values()],
        [running for _, running in counted.values()],
    )
    return bool(done != "INSERT 0 0")


async def remove_contributions(connection: asyncpg.Connection, persons: Sequence[str]) -> bool:
    """Let persons add nothing; True if one of them did before."""
    done = await connection.execute("DELETE FROM contributions WHERE person_id = ANY($1::text[])", persons)
    return bool(done != "DELETE 0")


async def persons_changing(connection: asyncpg.Connection, today: date, most: int) -> list[str]:
    """Persons whose contribution may have changed by the passing of time."""
    rows = await connection.fetch(
        "SELECT person_id FROM persons WHERE changes_on <= $1 ORDER BY person_id LIMIT $2", today, most
    )
    return [row["person_id"] for row in rows]


async def save_findings(connection: asyncpg.Connection, states: Sequence[FindingState]) -> bool:
    """Keep the states of findings, each only over an older revision; True if anything changed.

    One state an identity, in the order of identities.
    """
    done = await connection.execute(
        "INSERT INTO findings (person_id, pattern, anchor, revision, severity, municipality, is_open)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::boolean[])"
        " AS given (person_id, pattern, anchor, revision, severity, municipality, is_open)"
        " WHERE NOT EXISTS (SELECT FROM persons WHERE persons.person_id = given.person_id AND persons.erased)"
        " ON CONFLICT (person_id, pattern, anchor) DO UPDATE SET revision = excluded.revision,"
        " severity = excluded.severity, municipality = excluded.municipality, is_open = excluded.is_open"
        " WHERE findings.revision < excluded.revision",
        [one.person_id for one in states],
        [one.pattern for one in states],
        [one.anchor for one in states],
        [one.revision for one in states],
        [one.severity for one in states],
        [one.municipality for one in states],
        [one.is_open for one in states],
    )
    return bool(done != "INSERT 0 0")


async def remove_findings(connection: asyncpg.Connection, identities: Sequence[tuple[str, str, str]]) -> bool:
    """Forget erased findings; True if there were any."""
    done = await connection.execute(
        "DELETE FROM findings USING unnest($1::text[], $2::text[], $3::text[]) AS gone (person_id, pattern, anchor)"
        " WHERE findings.person_id = gone.person_id AND findings.pattern = gone.pattern"
        " AND findings.anchor = gone.anchor",
        *map(list, zip(*identities, strict=True)),
    )
    return bool(done != "DELETE 0")


async def held(connection: asyncpg.Connection, persons: Sequence[str]) -> dict[str, int]:
    """How many rows are held of each of these persons, the mark of an erased one not counted."""
    rows = await connection.fetch(
        "SELECT person_id, count(*) AS number FROM (SELECT person_id FROM persons WHERE NOT erased OR ledger <> '[]'"
        " UNION ALL SELECT person_id FROM contributions UNION ALL SELECT person_id FROM findings"
        " UNION ALL SELECT one FROM links UNION ALL SELECT other_one FROM links) AS rows"
        " WHERE person_id = ANY($1::text[]) GROUP BY 1",
        persons,
    )
    return {row["person_id"]: row["number"] for row in rows}


async def forget_persons(connection: asyncpg.Connection, persons: Sequence[str]) -> None:
    """Delete the findings and links of erased persons, and remember that nothing about them is taken any more."""
    await connection.execute(
        "WITH gone AS (DELETE FROM links WHERE one = ANY($1::text[]) OR other_one = ANY($1::text[])),"
        " marked AS (UPDATE persons SET forgotten = true WHERE person_id = ANY($1::text[]))"
        " DELETE FROM findings WHERE person_id = ANY($1::text[])",
        persons,
    )
