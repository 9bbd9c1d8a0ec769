"""Judges reported facts row by row: what a row is, whether this source may say it, and what became of it.

In three steps, so that the database is asked once a chunk: `judge` looks at the row alone, `admit` at what its source
and area may say, `settle` at what is already known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import jiter
import msgspec

from services.enrollment.domain.lines import Row
from services.enrollment.domain.person import is_pseudonym
from services.enrollment.domain.receipt import Note, Outcome
from services.enrollment.domain.source import Emitter
from shared.contracts import envelope, persons
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.fields import IS_IDENTIFIER

BERLIN = ZoneInfo("Europe/Berlin")
LONGEST_FIELD_NAME = 80
NOT_REPORTED_HERE = frozenset(CATALOGUE) - frozenset(persons.EVENTS)  # known, but no facts about persons
ABOUT = ("measure_id", "spell_id", "test_id", "certificate_id")

Mandates = Mapping[str, Sequence[tuple[date, date | None]]]


class Candidate(NamedTuple):
    """A row that is sound by itself. `about` is what its id names, for ids compared across sources.

    `area` and `data` (declared fields only) are None for an event of an unknown type, `event` (JSON text of the whole)
    for one of a known type.
    """

    row: int
    envelope: envelope.Envelope
    recorded_at: datetime
    content: bytes
    area: str | None
    data: dict[str, Any] | None
    about: str | None
    event: str | None
    warnings: tuple[Note, ...]


@dataclass(slots=True)
class Admitted:
    """The rows of a chunk by what may become of them: the first of each id, its repeats, and those not allowed."""

    firsts: dict[str, Candidate] = field(default_factory=dict)
    repeats: list[Candidate] = field(default_factory=list)
    refused: list[tuple[Candidate, Note]] = field(default_factory=list)


def judge(row: Row, emitter: Emitter) -> Candidate | Note:
    """What a row is by itself: a candidate, or the note that rejects it."""
    if row.raw is None:
        return Note(row.number, "row", "line_too_long")
    try:
        sent = jiter.from_json(row.raw, catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError as error:
        return Note(row.number, "row", why_unreadable(row.raw, str(error)))
    return judge_event(row.number, sent if row.attributes is None else {**row.attributes, "data": sent}, emitter)


def judge_event(row: int, event: object, emitter: Emitter) -> Candidate | Note:
    """What a parsed event is by itself: a candidate, or the note that rejects it."""
    try:
        head, data = envelope.from_structured(event)
    except envelope.Malformed as malformed:
        return Note(row, malformed.field, malformed.reason)
    if not IS_IDENTIFIER(head.id):
        return Note(row, "id", "bad_identifier")
    if head.source != emitter.source:
        return Note(row, "source", "foreign_source")
    if (note := _bad_chain(row, head)) is not None:
        return note
    try:
        content = envelope.content_hash(head.type, head.subject, data)
    except ValueError:
        return Note(row, "data", "bad_number")
    try:
        checked = persons.check(head.type, data)
    except persons.Refused as refused:
        return Note(row, _path(refused.field), refused.code)
    except persons.UnknownType:
        if head.type in NOT_REPORTED_HERE:
            return Note(row, "type", "not_reported_here")
        text = msgspec.json.encode(event).decode()
        return Candidate(row, head, head.recorded_at, content, None, None, None, text, ())
    area = checked.data["municipality"]
    if not emitter.covers(area):
        return Note(row, "data.municipality", "area_not_yours")
    warnings = _warnings(row, checked) if checked.dropped or checked.warnings else ()
    return Candidate(row, head, head.recorded_at, content, area, checked.data, _about(checked.data), None, warnings)


def why_unreadable(raw: bytes, message: str) -> str:
    """The code for bytes the strict parser refuses, from its message and the bytes."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "invalid_utf8"
    if "duplicate key" in message:
        return "duplicate_key"
    if "recursion limit" in message:
        return "too_deep"
    if "hex escape" in message or "surrogate" in message:
        return "lone_surrogate"
    try:
        jiter.from_json(raw, allow_inf_nan=True)
    except ValueError:
        return "not_json"
    return "bad_number"  # NaN and Infinity are readable to a lax parser only


def admit(
    candidates: Iterable[Candidate], granted: Collection[str], mandates: Mandates, *, erased: Collection[str] = ()
) -> Admitted:
    """Sort candidates by grant, mandate and repeats within the chunk.

    `granted`: the pseudonyms among the subjects that the source was granted; `erased`: those whose person has been
    erased. An event of an unknown type needs a grant only if its subject is a pseudonym.
    """
    result = Admitted()
    for candidate in candidates:
        head = candidate.envelope
        if head.id in result.firsts:
            result.repeats.append(candidate)
        elif head.subject not in granted and (candidate.event is None or is_pseudonym(head.subject)):
            code = "erased" if head.subject in erased else "not_granted"
            result.refused.append((candidate, Note(candidate.row, "subject", code)))
        elif candidate.area is not None and not has_mandate(mandates, candidate.area, recorded_on(candidate)):
            result.refused.append((candidate, Note(candidate.row, "data.municipality", "not_a_member")))
        else:
            result.firsts[head.id] = candidate
    return result


def settle(
    admitted: Admitted, new: Collection[str], known: Mapping[str, bytes], *, broken: Sequence[Note] = ()
) -> tuple[list[Candidate], Outcome]:
    """The facts to be published and what became of every row.

    `new`: the ids that were not known before; `known`: the content of those that were; `broken`: notes of rows that
    were no candidates. The same content is a duplicate whatever else is wrong with the row by now.
    """
    taken: list[Candidate] = []
    duplicate = 0
    rejections = list(broken)
    later = [*admitted.repeats]
    for fact_id, candidate in admitted.firsts.items():
        if fact_id in new:
            taken.append(candidate)
        else:
            later.append(candidate)
    for candidate in later:
        fact_id = candidate.envelope.id
        stands = known[fact_id] if fact_id in known else admitted.firsts[fact_id].content
        if candidate.content == stands:
            duplicate += 1
        else:
            rejections.append(Note(candidate.row, "id", "id_reused"))
    for candidate, note in admitted.refused:
        if known.get(candidate.envelope.id) == candidate.content:
            duplicate += 1
        else:
            rejections.append(note)
    rejections.sort(key=lambda note: note.row)
    published = [candidate for candidate in taken if candidate.event is None]
    warnings = tuple(note for candidate in taken for note in candidate.warnings)
    return taken, Outcome(len(published), duplicate, len(taken) - len(published), tuple(rejections), warnings)


def has_mandate(mandates: Mandates, area: str, on: date) -> bool:
    """Whether the Gemeinde or its Kreis is a member on the date; `until` is the first day it is none any more."""
    for ags in (area, area[:5] + "000"):
        for since, until in mandates.get(ags, ()):
            if since <= on and (until is None or on < until):
                return True
    return False


def recorded_on(candidate: Candidate) -> date:
    """The date of recording in Europe/Berlin; at the calendar's ends, where there is none, the date in UTC."""
    try:
        return candidate.recorded_at.astimezone(BERLIN).date()
    except OverflowError:
        return candidate.recorded_at.date()


def shared_notes(candidates: Iterable[Candidate], shared: Collection[tuple[str, str]]) -> tuple[Note, ...]:
    """Warnings for facts whose id another source has used for the same person: (`subject`, `about`) in `shared`."""
    return tuple(
        Note(candidate.row, f"data.{next(name for name in ABOUT if name in (candidate.data or ()))}", "shared_id")
        for candidate in candidates
        if candidate.about is not None and (candidate.envelope.subject, candidate.about) in shared
    )


def _bad_chain(row: int, head: envelope.Envelope) -> Note | None:
    for name, value in (("correlationid", head.correlationid), ("causationid", head.causationid)):
        if value is not None and not IS_IDENTIFIER(value):
            return Note(row, name, "bad_identifier")
    return None


def _about(data: Mapping[str, Any]) -> str | None:
    for name in ABOUT:
        if name in data:
            return f"{name[0]}:{data[name]}"
    return None


def _warnings(row: int, checked: persons.Checked) -> tuple[Note, ...]:
    dropped = [Note(row, _path(_shown(name)), "field_dropped") for name in checked.dropped]
    return (*dropped, *(Note(row, _path(warned.field), warned.code) for warned in checked.warnings))


def _path(name: str) -> str:
    return name if name == "type" else f"data.{name}"


def _shown(name: str) -> str:
    # PostgreSQL takes no NUL, a terminal no control characters, and a name may be a megabyte long.
    printable = "".join(character if character.isprintable() else "?" for character in name[:LONGEST_FIELD_NAME])
    return printable if len(name) <= LONGEST_FIELD_NAME else printable + "…"
