"""Compares a snapshot with what the last ones said: what was started, ended, corrected or must be retracted.

A snapshot is the whole state within a declared scope: the mapping's kinds of facts, and a range of days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.enrollment.domain.mapping.checking import COMMON, IDS, declared
from shared.contracts.envelope import canonical
from shared.contracts.fields import Kind

USUAL_BRAKE_LIMIT = 0.2  # of a source that has none of its own
RETRACTED = "gemeinsam.fact.retracted.v1"
CORRECTED = "gemeinsam.measure.corrected.v1"
_CORRECTABLE = frozenset(f"gemeinsam.measure.{name}.v1" for name in ("referred", "started", "ended"))
_LASTING = ("measure_id", "spell_id")

Key = tuple[str, str, str]
"""A record: the pseudonym, the thing (`measure_id`, … or the type of a fact without an id), and its id."""


class Step(StrEnum):
    """What a fact of the comparison means for the record."""

    STARTED = "started"
    ENDED = "ended"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Stated:
    """A fact as a row of the snapshot states it."""

    row: int
    subject: str
    type: str
    data: Mapping[str, Any]


@dataclass(slots=True)
class Record:
    """What is known of one thing: its facts' data by type (`facets`), and the facts told that are in force, by id."""

    facets: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """The days a snapshot speaks for, both included."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Move:
    """A fact to be told. Once it is, `after` is what the record's facet holds (None: it is no more)."""

    key: Key
    step: Step
    type: str
    data: dict[str, Any]
    row: int
    facet: str
    after: Mapping[str, Any] | None
    retracts: str | None = None


@dataclass(slots=True)
class Plan:
    """What a snapshot changes. `compared`: records known before within its scope; `changed`: those of them it corrects
    or takes back; `withheld`: what is not taken back because rows could not be read; `refused`: (row, code)."""

    moves: list[Move] = field(default_factory=list)
    compared: int = 0
    changed: int = 0
    withheld: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share of known records that it corrects or takes back: what the brake looks at."""
        return self.changed / self.compared if self.compared else 0.0

    def counts(self) -> dict[str, int]:
        """The number of facts by their step."""
        return {str(step): sum(move.step is step for move in self.moves) for step in Step}


def key_of(subject: str, type_: str, data: Mapping[str, Any]) -> Key:
    """The record a fact belongs to; one without an id stands for itself."""
    for name in IDS:
        if name in data:
            return subject, name, str(data[name])
    return subject, type_, hashlib.sha256(canonical(dict(data))).hexdigest()[:32]


def compare(
    old: Mapping[Key, Record], new: Iterable[Stated], scope: Scope, *, source: str, types: frozenset[str], whole: bool
) -> Plan:
    """The plan that makes of the old records the new ones.

    `types`: those the mapping makes; other facets are left alone. `whole`: every row could be read; if not, nothing is
    taken back, as what seems missing may stand in a row that was not understood.
    """
    plan = Plan()
    records = _grouped(new, plan)
    whole = whole and not plan.refused
    for key, record in records.items():
        if not _within(key, record, scope):
            plan.refused += [(row, "outside_scope") for row in record.rows.values()]
            continue
        known = old.get(key)
        moves = _told_anew(key, record) if known is None else _changed(key, known, record, types, source=source)
        _add(plan, moves, whole)
    for key, known in old.items():
        facets = {type_: data for type_, data in known.facets.items() if type_ in types}
        if not facets or not _within(key, known, scope):
            continue
        plan.compared += 1
        if key not in records:
            _add(plan, _taken_back(key, known, known.told, source=source), whole)
    plan.changed = len({m.key for m in plan.moves if m.step in (Step.CORRECTED, Step.RETRACTED) and m.key in old})
    return plan


def _add(plan: Plan, moves: list[Move], whole: bool) -> None:
    for move in moves:
        if whole or move.after is not None:
            plan.moves.append(move)
        else:
            plan.withheld += 1


def _grouped(new: Iterable[Stated], plan: Plan) -> dict[Key, Record]:
    records: dict[Key, Record] = {}
    for stated in new:
        record = records.setdefault(key_of(stated.subject, stated.type, stated.data), Record())
        if record.facets.setdefault(stated.type, stated.data) != stated.data:
            plan.refused.append((stated.row, "contradicts_itself"))
        record.rows.setdefault(stated.type, stated.row)
    return records


def _within(key: Key, record: Record, scope: Scope) -> bool:
    days = [
        date.fromisoformat(data[name])
        for type_, data in record.facets.items()
        for name, said in declared(type_).items()
        if said.kind is Kind.DATE and not name.startswith(("planned", "valid")) and data.get(name)
    ]
    if not days:
        return True
    is_open = key[1] in _LASTING and not any(type_.endswith(".ended.v1") for type_ in record.facets)
    return min(days) <= scope.until and (is_open or max(days) >= scope.since)


def _told_anew(key: Key, record: Record) -> list[Move]:
    return [
        Move(key, _step(type_), type_, dict(data), record.rows[type_], type_, data)
        for type_, data in sorted(record.facets.items(), key=lambda facet: record.rows[facet[0]])
    ]


def _step(type_: str) -> Step:
    return Step.ENDED if type_.endswith(".ended.v1") else Step.STARTED


def _changed(key: Key, known: Record, record: Record, types: frozenset[str], *, source: str) -> list[Move]:
    moves: list[Move] = []
    for type_, data in record.facets.items():
        before = known.facets.get(type_)
        row = record.rows[type_]
        if before is None:
            moves.append(Move(key, _step(type_), type_, dict(data), row, type_, data))
        elif before != data:
            own = _own_changes(type_, before, data, record) if type_ in _CORRECTABLE else {}
            told = (CORRECTED, _common(data, key) | own) if own else (type_, dict(data))
            moves.append(Move(key, Step.CORRECTED, told[0], told[1], row, type_, data))
    row = min(record.rows.values())
    for type_ in sorted((known.facets.keys() & types) - record.facets.keys()):
        before = known.facets[type_]
        if type_ in _CORRECTABLE:
            told_data = _common(before, key) | _own_changes(type_, before, {}, record)
            moves.append(Move(key, Step.CORRECTED, CORRECTED, told_data, row, type_, None))
        else:
            wrong = {fact_id: told for fact_id, told in known.told.items() if told == type_}
            moves += _taken_back(key, known, wrong, source=source, row=row)
    return moves


def _common(data: Mapping[str, Any], key: Key) -> dict[str, Any]:
    return {name: data[name] for name in COMMON if name in data} | {key[1]: key[2]}


def _own_changes(type_: str, before: Mapping[str, Any], after: Mapping[str, Any], record: Record) -> dict[str, Any]:
    """The fields of the facet with their right values; null for one that no facet of the record gives any more."""
    changes: dict[str, Any] = {}
    for name in before.keys() | after.keys():
        if name in COMMON or name in IDS or before.get(name) == after.get(name):
            continue
        others = [data[name] for other, data in record.facets.items() if other != type_ and name in data]
        changes[name] = after[name] if name in after else others[0] if others else None
    return dict(sorted(changes.items()))


def _taken_back(key: Key, known: Record, told: Mapping[str, str], *, source: str, row: int = 0) -> list[Move]:
    moves = []
    for fact_id, type_ in told.items():
        facet = next(iter(known.facets.values()), {})
        data = {name: facet[name] for name in COMMON if name in facet} | {"retracts": {"source": source, "id": fact_id}}
        moves.append(Move(key, Step.RETRACTED, RETRACTED, data, row, type_, None, fact_id))
    return moves
