"""Which lines of a file can be read."""

import json

from tests.oracle.days import birthday, day, instant

REQUIRED = {
    "person.registered": ["registered_on"],
    "person.moved": ["moved_on"],
    "person.merged": ["other", "effective_on"],
    "person.split": ["other", "effective_on"],
    "person.erased": ["reason"],
    "status.changed": ["changed_on", "residence_class"],
    "benefit.changed": ["changed_on", "to_benefit"],
    "need.recorded": ["recorded_on", "need"],
    "goal.set": ["recorded_on", "goal"],
    "contact.held": ["held_on", "contact_kind", "body"],
    "measure.referred": ["measure_id", "type", "referred_on"],
    "measure.refused": ["measure_id", "refused_on"],
    "measure.no_show": ["measure_id", "no_show_on"],
    "measure.started": ["measure_id", "type", "provider", "started_on"],
    "measure.extended": ["measure_id", "planned_end_on"],
    "measure.ended": ["measure_id", "ended_on", "exit"],
    "measure.corrected": ["measure_id"],
    "measure.cancelled": ["measure_id"],
    "language.tested": ["test_id", "tested_on", "level", "test_source"],
    "certificate.obtained": ["certificate_id", "obtained_on", "certificate"],
    "employment.started": ["spell_id", "started_on", "kind"],
    "employment.ended": ["spell_id", "ended_on", "kind"],
    "training.started": ["spell_id", "started_on", "kind"],
    "training.ended": ["spell_id", "ended_on", "kind"],
    "fact.retracted": ["retracts"],
    "consent.given": ["consent_id", "categories", "recipients", "purpose", "valid_from"],
    "consent.withdrawn": ["consent_id", "withdrawn_on"],
}
OPTIONAL_DATES = {
    "measure.referred": ["planned_start_on"],
    "measure.started": ["planned_end_on"],
    "measure.corrected": ["referred_on", "planned_start_on", "started_on", "planned_end_on", "ended_on"],
    "measure.cancelled": ["cancelled_on"],
    "consent.given": ["valid_to"],
}


def kind_of(event):
    """`measure.started` of `gemeinsam.measure.started.v1`; None if the type is not one of the table."""
    words = event["type"].split(".")
    kind = ".".join(words[1:-1])
    return kind if words[0] == "gemeinsam" and words[-1] == "v1" and kind in REQUIRED else None


def check(event):
    """Raise ValueError with the reason if the event cannot be read."""
    if not isinstance(event, dict):
        raise ValueError("not an object")
    if event.get("specversion") != "1.0":
        raise ValueError("specversion")
    for name in ("id", "source", "type", "subject", "time"):
        if not isinstance(event.get(name), str):
            raise ValueError(name)
    instant(event["time"])
    kind = kind_of(event)
    if kind is not None:
        check_data(kind, event.get("data"))


def check_data(kind, data):
    """Raise ValueError if a required own field is missing or a date is impossible."""
    if not isinstance(data, dict):
        raise ValueError("data")
    for name in REQUIRED[kind]:
        if data.get(name) is None:
            raise ValueError(name)
    if kind == "fact.retracted":
        named = data["retracts"]
        if not isinstance(named, dict) or named.get("source") is None or named.get("id") is None:
            raise ValueError("retracts")
    dates = [name for name in REQUIRED[kind] if name.endswith("_on") or name == "valid_from"]
    for name in dates + OPTIONAL_DATES.get(kind, []):
        if data.get(name) is not None:
            day(data[name])
    if kind == "person.registered" and data.get("birth_month") is not None:
        birthday(data["birth_month"], 0)


def refuse(name):
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def read(lines):
    """Events of the lines that can be read, and the numbers of those that cannot."""
    events, unread = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line, parse_constant=refuse)
            check(event)
        except ValueError:
            unread.append(number)
        else:
            events.append(event)
    return events, unread
