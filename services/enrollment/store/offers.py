"""SQL about offers."""

from __future__ import annotations

import asyncpg

from services.enrollment.domain.offer import Offer

_COLUMNS = "offer_id, type, provider, ags, title, place, seats, starts_on, language_from, language_to, closed_on"


async def lock(connection: asyncpg.Connection, offer_id: str) -> Offer | None:
    """An offer, locked: its changes are told in their order."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM offers WHERE offer_id = $1 FOR UPDATE", offer_id)
    return Offer(*row.values()) if row else None


async def find(connection: asyncpg.Connection, offer_id: str) -> Offer | None:
    """An offer."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM offers WHERE offer_id = $1", offer_id)
    return Offer(*row.values()) if row else None


async def listed(connection: asyncpg.Connection, area: str | None = None) -> list[Offer]:
    """Open offers first, then closed ones; with `area` those there, a Kreis standing for its Gemeinden."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM offers WHERE $1::text IS NULL OR ags = $1"
        " OR (right($1, 3) = '000' AND left(ags, 5) = left($1, 5))"
        " ORDER BY closed_on IS NOT NULL, starts_on DESC, offer_id LIMIT 1000",
        area,
    )
    return [Offer(*row.values()) for row in rows]


async def put(connection: asyncpg.Connection, offer: Offer) -> None:
    """Add or change an offer."""
    await connection.execute(
        f"INSERT INTO offers ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        f" ON CONFLICT (offer_id) DO UPDATE SET ({_COLUMNS}) ="
        f" ROW({', '.join(f'EXCLUDED.{name}' for name in _COLUMNS.split(', '))})",
        *(getattr(offer, name) for name in Offer.__slots__),
    )
