"""Statements about offers of integration, and about who takes their seats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from services.pathways.domain.offers import Offer


class Told(NamedTuple):
    """A word on an offer; one that closes it says nothing else, which stays as it was told before."""

    offer_id: str
    told_at: datetime
    event_id: str
    type: str | None
    provider: str | None
    area: str | None
    seats: int | None
    starts_on: date | None
    language_from: str | None
    language_to: str | None
    closed_on: date | None


class Place(NamedTuple):
    """A person's measure at an offer."""

    person_id: str
    measure_id: str
    offer_id: str


_COLUMNS = ", ".join(Told._fields)


async def put(connection: asyncpg.Connection, told: Sequence[Told]) -> None:
    """Hold what was told, each offer once; an earlier word changes nothing."""
    await connection.executemany(
        f"INSERT INTO offers AS held ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (offer_id) DO UPDATE SET told_at = excluded.told_at, event_id = excluded.event_id,"
        " type = coalesce(excluded.type, held.type), provider = coalesce(excluded.provider, held.provider),"
        " area = coalesce(excluded.area, held.area), seats = coalesce(excluded.seats, held.seats),"
        " starts_on = coalesce(excluded.starts_on, held.starts_on), closed_on = excluded.closed_on,"
        " language_from = CASE WHEN excluded.type IS NULL THEN held.language_from ELSE excluded.language_from END,"
        " language_to = CASE WHEN excluded.type IS NULL THEN held.language_to ELSE excluded.language_to END"
        " WHERE (held.told_at, held.event_id) < (excluded.told_at, excluded.event_id)",
        [tuple(one) for one in told],
    )


async def open_in(
    connection: asyncpg.Connection, districts: Collection[str], *, first: date, last: date
) -> list[Offer]:
    """The offers in some Kreise (first five digits of their keys) that are open on `first` and begin by `last`."""
    rows = await connection.fetch(
        "SELECT o.offer_id, o.type, o.provider, o.area, o.seats - (SELECT count(DISTINCT p.person_id)::integer"
        " FROM offer_places p WHERE p.offer_id = o.offer_id AND NOT p.gone) AS free, o.starts_on, o.language_from,"
        " o.language_to FROM offers o WHERE left(o.area, 5) = ANY($1::text[])"
        " AND o.starts_on BETWEEN $2 AND $3 AND (o.closed_on IS NULL OR o.closed_on > $2)",
        list(districts),
        first,
        last,
    )
    return [Offer(*row) for row in rows]


async def take_places(connection: asyncpg.Connection, places: Sequence[Place]) -> None:
    """Write down who was referred to an offer or begins there, each measure once; who has gone stays gone."""
    await connection.execute(
        "INSERT INTO offer_places (person_id, measure_id, offer_id)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
        " ON CONFLICT (person_id, measure_id) DO UPDATE SET offer_id = excluded.offer_id",
        *(list(column) for column in zip(*places, strict=True)),
    )


async def leave_places(connection: asyncpg.Connection, measures: Collection[tuple[str, str]]) -> None:
    """Free the seats of persons' measures that came to nothing or ended."""
    await connection.execute(
        "UPDATE offer_places SET gone = true FROM unnest($1::text[], $2::text[]) AS left_ (person_id, measure_id)"
        " WHERE (offer_places.person_id, offer_places.measure_id) = (left_.person_id, left_.measure_id)",
        *(list(column) for column in zip(*measures, strict=True)),
    )


async def forget_persons(connection: asyncpg.Connection, persons: Collection[str]) -> None:
    """Delete the seats of erased persons."""
    await connection.execute("DELETE FROM offer_places WHERE person_id = ANY($1::text[])", list(persons))
