"""The ledger of one pseudonym: its facts as they came, in any order, each once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from services.reporting.domain.facts import ORDER, RELEASED, RESTRICTED, RETRACTED, Fact

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Fact]).decode

EMPTY = "[]"


def pack(facts: Iterable[Fact]) -> str:
    """The ledger as JSON text."""
    return _encode(list(facts)).decode()


def unpack(ledger: str) -> list[Fact]:
    """The facts of a ledger."""
    return _decode(ledger)


def added(held: list[Fact], new: Iterable[Fact]) -> list[Fact] | None:
    """The facts with the new ones, None if there are none; of two with one key the one recorded earlier holds."""
    by_key = {fact.key: fact for fact in held}
    changed = False
    for fact in new:
        before = by_key.get(fact.key)
        if before is None or (fact.seconds, fact.fraction) < (before.seconds, before.fraction):
            by_key[fact.key] = fact
            changed = True
    return list(by_key.values()) if changed else None


def removed(held: list[Fact], person_id: str, keys: set[str]) -> list[Fact] | None:
    """The facts without those whose record keys (`<pseudonym>/<source>/<id>`) are given, None if there are none."""
    left = [fact for fact in held if f"{person_id}/{fact.source}/{fact.id}" not in keys]
    return left if len(left) < len(held) else None


def is_restricted(facts: Iterable[Fact]) -> bool:
    """Whether this pseudonym is not to be counted (Art. 18 DSGVO): of what was said about that the latest holds."""
    said = [fact for fact in facts if fact.kind in (RESTRICTED, RELEASED)]
    return bool(said) and max(said, key=ORDER).kind == RESTRICTED


def holding(facts: list[Fact]) -> list[Fact]:
    """The facts that are not retracted, in their order. A retraction takes back facts of its own source only.

    It may itself be taken back by a later one, so the latest are looked at first.
    """
    ordered = sorted(facts, key=ORDER)
    retractions = [fact for fact in reversed(ordered) if fact.kind == RETRACTED]
    if not retractions:
        return ordered
    by_key = {fact.key: fact for fact in ordered}
    gone: set[tuple[str, str]] = set()
    for fact in retractions:
        source, id = fact.kept["retracts"]
        target = by_key.get((source, id))
        if fact.key in gone or target is None or source != fact.source:
            continue
        if target.kind != RETRACTED or ORDER(target) < ORDER(fact):
            gone.add(target.key)
    return [fact for fact in ordered if fact.key not in gone]
