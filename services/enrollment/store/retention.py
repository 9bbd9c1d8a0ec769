"""What enrollment deletes when its time is over: a condition on `$1`, the instant before which it must have been."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import asyncpg

from services.enrollment.store import receipts
from shared.retention import Forget, deleting

_MEMBER = (
    "EXISTS (SELECT FROM membership_versions AS version WHERE version.ags = {ags} AND version.known_until IS NULL"
    " AND (version.ended_on IS NULL OR version.ended_on > $1::timestamptz))"
)
_NOT_NEEDED = (
    "uploaded_at < $1::timestamptz"
    " AND NOT EXISTS (SELECT FROM declarations AS one WHERE one.ags = documents.ags"
    " AND documents.sha256 IN (one.evidence, one.concurrence_evidence))"
    " AND NOT EXISTS (SELECT FROM needs_analyses AS one WHERE one.document = documents.sha256)"
    " AND NOT EXISTS (SELECT FROM approaches AS one WHERE one.document = documents.sha256)"
)


async def forget_raw_files(connection: asyncpg.Connection, before: datetime, limit: int) -> int:
    """Give up files nobody has decided about, and delete what is left of those received before; gives how many."""
    done: str = await connection.execute(
        "WITH old AS (SELECT import_id FROM imports WHERE received_at < $1 AND state NOT IN ('waiting', 'running')"
        " AND EXISTS (SELECT FROM vault.file_parts AS part WHERE part.import_id = imports.import_id)"
        " ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED),"
        " undecided AS (UPDATE imports SET state = 'discarded', finished_at = now() FROM old"
        " WHERE imports.import_id = old.import_id AND imports.state IN ('receiving', 'braked'))"
        " DELETE FROM vault.file_parts USING old WHERE file_parts.import_id = old.import_id",
        before,
        limit,
    )
    return int(done.split()[-1])


FORGET: Mapping[str, Forget] = {
    "receipts": receipts.forget,
    "imports": deleting("imports", "finished_at < $1::timestamptz"),
    "raw_files": forget_raw_files,
    "set_aside": deleting(
        "set_aside",
        "EXISTS (SELECT FROM facts WHERE facts.source_number = set_aside.source_number"
        " AND facts.fact_id = set_aside.fact_id AND facts.taken_at < $1::timestamptz)",
    ),
    "vault_read_log": deleting("vault.read_log", "read_at < $1::timestamptz"),
    "erasure_proofs": deleting("vault.proofs", "confirmed_at < $1::timestamptz"),
    "municipal_audit": deleting("told_facts", "recorded_at < $1::timestamptz"),
    "funding": deleting("funding_decisions", "decided_on < $1::timestamptz AND granted_until < $1::timestamptz"),
    "declarations": deleting(
        "declarations", f"received_on < $1::timestamptz AND NOT {_MEMBER.format(ags='declarations.ags')}"
    ),
    "documents": deleting("documents", _NOT_NEEDED),
}
"""By category of `retention.csv`."""
