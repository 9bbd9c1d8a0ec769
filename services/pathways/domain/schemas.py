"""The types of facts about persons and their own data fields: name, form, whether it must be there."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Form(IntEnum):
    """What a value must be. LOOSE values are kept as sent and no rule looks at them."""

    TEXT = 0
    DATE = 1
    NUMBER = 2
    MONTH = 3
    TARGET = 4
    LOOSE = 5


class Kind(IntEnum):
    """Number of a type in the stored form: never reuse one."""

    UNKNOWN = 0
    REGISTERED = 1
    MOVED = 2
    MERGED = 3
    SPLIT = 4
    ERASED = 5
    STATUS = 6
    BENEFIT = 7
    NEED = 8
    GOAL = 9
    CONTACT = 10
    REFERRED = 11
    REFUSED = 12
    NO_SHOW = 13
    STARTED = 14
    EXTENDED = 15
    ENDED = 16
    CORRECTED = 17
    CANCELLED = 18
    TESTED = 19
    CERTIFICATE = 20
    EMPLOYMENT_STARTED = 21
    EMPLOYMENT_ENDED = 22
    TRAINING_STARTED = 23
    TRAINING_ENDED = 24
    RETRACTED = 25
    CONSENT_GIVEN = 26
    CONSENT_WITHDRAWN = 27
    RESTRICTED = 28
    RELEASED = 29


class Schema(NamedTuple):
    """One type: `fields` are (name, form, required); `nullable`: a `null` says that the value is removed."""

    kind: int
    type: str
    fields: tuple[tuple[str, Form, bool], ...]
    nullable: bool = False


COMMON = ("municipality", "rechtskreis", "legal_basis", "purpose")
"""The data fields common to all facts about a person; they may be absent here, intake asks for them."""

_FORMS = {"d": Form.DATE, "n": Form.NUMBER, "m": Form.MONTH, "r": Form.TARGET, "l": Form.LOOSE}


def _schema(kind: Kind, thing: str, fields: str, nullable: bool = False) -> Schema:
    """`fields`: names in order, `?` = optional, `:d` date, `:n` number, `:m` month, `:r` reference, `:l` loose."""
    parsed = []
    for word in fields.split():
        name, _, form = word.partition(":")
        parsed.append((name.rstrip("?"), _FORMS.get(form, Form.TEXT), not name.endswith("?")))
    return Schema(int(kind), f"gemeinsam.{thing}.v1", tuple(parsed), nullable)


_SCHEMAS = (
    _schema(
        Kind.REGISTERED,
        "person.registered",
        "registered_on:d birth_month?:m sex?:l residence_class?:l school_leaving?:l",
    ),
    _schema(Kind.MOVED, "person.moved", "moved_on:d to_municipality?"),
    _schema(Kind.MERGED, "person.merged", "other effective_on:d"),
    _schema(Kind.SPLIT, "person.split", "other effective_on:d"),
    _schema(Kind.ERASED, "person.erased", "reason:l"),
    _schema(Kind.STATUS, "status.changed", "changed_on:d residence_class:l"),
    _schema(Kind.BENEFIT, "benefit.changed", "changed_on:d from_benefit? to_benefit"),
    _schema(Kind.NEED, "need.recorded", "recorded_on:d need:l"),
    _schema(Kind.GOAL, "goal.set", "recorded_on:d goal"),
    _schema(Kind.CONTACT, "contact.held", "held_on:d contact_kind:l body:l"),
    _schema(
        Kind.REFERRED, "measure.referred", "measure_id type referred_on:d planned_start_on?:d offer_id?:l bridge_to?"
    ),
    _schema(Kind.REFUSED, "measure.refused", "measure_id refused_on:d"),
    _schema(Kind.NO_SHOW, "measure.no_show", "measure_id no_show_on:d"),
    _schema(
        Kind.STARTED,
        "measure.started",
        "measure_id type provider started_on:d planned_end_on?:d hours?:n offer_id?:l bridge_to?",
    ),
    _schema(Kind.EXTENDED, "measure.extended", "measure_id planned_end_on:d"),
    _schema(Kind.ENDED, "measure.ended", "measure_id ended_on:d exit destination? hours?:n"),
    _schema(
        Kind.CORRECTED,
        "measure.corrected",
        "measure_id type? bridge_to? referred_on?:d provider? started_on?:d planned_end_on?:d hours?:n"
        " ended_on?:d exit? destination? planned_start_on?:d offer_id?:l",
        nullable=True,
    ),
    _schema(Kind.CANCELLED, "measure.cancelled", "measure_id cancelled_on?:d reason?:l"),
    _schema(Kind.TESTED, "language.tested", "test_id tested_on:d level test_source"),
    _schema(Kind.CERTIFICATE, "certificate.obtained", "certificate_id obtained_on:d certificate"),
    _schema(Kind.EMPLOYMENT_STARTED, "employment.started", "spell_id started_on:d kind"),
    _schema(Kind.EMPLOYMENT_ENDED, "employment.ended", "spell_id ended_on:d kind"),
    _schema(Kind.TRAINING_STARTED, "training.started", "spell_id started_on:d kind"),
    _schema(Kind.TRAINING_ENDED, "training.ended", "spell_id ended_on:d kind"),
    _schema(Kind.RETRACTED, "fact.retracted", "retracts:r"),
    _schema(
        Kind.CONSENT_GIVEN,
        "consent.given",
        "consent_id:l categories:l recipients:l purpose:l valid_from:d valid_to?:d",
    ),
    _schema(Kind.CONSENT_WITHDRAWN, "consent.withdrawn", "consent_id:l withdrawn_on:d"),
    _schema(Kind.RESTRICTED, "person.restricted", "reason:l"),
    _schema(Kind.RELEASED, "person.released", ""),
)

BY_TYPE = {schema.type: schema for schema in _SCHEMAS}
BY_KIND = {schema.kind: schema for schema in _SCHEMAS}
