"""SQL about registries, funding scenarios and decisions."""

from __future__ import annotations

import asyncpg

from services.enrollment.domain.funding import Decision, Scenario, Step
from services.enrollment.domain.reference import AreaKind
from services.enrollment.domain.registry import Entry


async def bausteine(connection: asyncpg.Connection) -> list[Entry]:
    """The registry of Bausteine in the order of adding."""
    rows = await connection.fetch(
        "SELECT baustein, title_de, title_en, valid_from, valid_to, scope FROM bausteine ORDER BY position"
    )
    return [Entry(*row.values()) for row in rows]


async def put_baustein(connection: asyncpg.Connection, entry: Entry) -> bool:
    """Add a Baustein or change its titles and validity; says whether it is new."""
    return await connection.fetchval(
        "INSERT INTO bausteine (baustein, title_de, title_en, valid_from, valid_to, scope)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (baustein) DO UPDATE SET title_de = EXCLUDED.title_de,"
        " title_en = EXCLUDED.title_en, valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to"
        " RETURNING xmax = 0",
        entry.code,
        entry.title_de,
        entry.title_en,
        entry.valid_from,
        entry.valid_to,
        entry.scope,
    )


async def blocks(connection: asyncpg.Connection) -> list[Entry]:
    """The registry of funding blocks in the order of adding."""
    rows = await connection.fetch(
        "SELECT block AS code, title_de, title_en, valid_from, valid_to FROM funding_blocks ORDER BY position"
    )
    return [Entry(**dict(row)) for row in rows]


async def put_block(connection: asyncpg.Connection, entry: Entry) -> bool:
    """Add a funding block or change its titles and validity; says whether it is new."""
    return await connection.fetchval(
        "INSERT INTO funding_blocks (block, title_de, title_en, valid_from, valid_to)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (block) DO UPDATE SET title_de = EXCLUDED.title_de,"
        " title_en = EXCLUDED.title_en, valid_from = EXCLUDED.valid_from, valid_to = EXCLUDED.valid_to"
        " RETURNING xmax = 0",
        entry.code,
        entry.title_de,
        entry.title_en,
        entry.valid_from,
        entry.valid_to,
    )


async def scenarios(connection: asyncpg.Connection) -> list[Scenario]:
    """All funding scenarios by code."""
    rows = await connection.fetch(
        "SELECT scenario, from_members, kind, amount FROM funding_scenarios ORDER BY scenario, from_members, kind"
    )
    steps: dict[str, list[Step]] = {}
    for row in rows:
        kind = AreaKind(row["kind"]) if row["kind"] else None
        steps.setdefault(row["scenario"], []).append(Step(row["from_members"], row["amount"], kind))
    return [Scenario(code, tuple(of_code)) for code, of_code in steps.items()]


async def put_scenario(connection: asyncpg.Connection, scenario: Scenario) -> None:
    """Set the steps of a scenario, replacing those it had; the deleting part sees only what was there before."""
    await connection.execute(
        "WITH wanted AS (SELECT * FROM unnest($2::int[], $3::text[], $4::numeric[]) AS s (from_members, kind, amount)),"
        " gone AS (DELETE FROM funding_scenarios f WHERE scenario = $1 AND NOT EXISTS"
        " (SELECT 1 FROM wanted w WHERE w.from_members = f.from_members AND w.kind = f.kind))"
        " INSERT INTO funding_scenarios (scenario, from_members, kind, amount)"
        " SELECT $1, from_members, kind, amount FROM wanted"
        " ON CONFLICT (scenario, from_members, kind) DO UPDATE SET amount = EXCLUDED.amount",
        scenario.code,
        [step.from_members for step in scenario.steps],
        [str(step.kind) if step.kind else "" for step in scenario.steps],
        [step.amount for step in scenario.steps],
    )


async def add_decision(connection: asyncpg.Connection, decision: Decision) -> None:
    """Keep a funding decision."""
    await connection.execute(
        "INSERT INTO funding_decisions (funding_id, ags, block, decided_on, amount, granted_from, granted_until)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        decision.funding_id,
        decision.municipality,
        decision.block,
        decision.decided_on,
        decision.amount,
        decision.granted_from,
        decision.granted_until,
    )


async def decisions(connection: asyncpg.Connection, ags: str | None = None) -> list[Decision]:
    """All funding decisions, or a municipality's, the newest first."""
    rows = await connection.fetch(
        "SELECT funding_id, ags, block, decided_on, amount, granted_from, granted_until FROM funding_decisions"
        " WHERE $1::text IS NULL OR ags = $1 ORDER BY decided_on DESC, funding_id",
        ags,
    )
    return [Decision(*row.values()) for row in rows]
