"""JSON Schemas made from the models, and what of them a reader or a sender may rely on from one release to the next."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import CATALOGUE, EventType
from shared.contracts.fields import IDENTIFIER

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ROOT = Path(__file__).parent

Fingerprint = dict[str, dict[str, Any]]


def schema_of(event: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the event's data, with nested models written in place."""
    schema = event.model.model_json_schema(mode="validation")
    definitions = schema.pop("$defs", {})
    return {
        "$schema": DIALECT,
        "$id": f"urn:gemeinsam:{event.type}",
        **_plain(schema, definitions),
        "title": event.model.__name__,
        "description": event.description,
    }


def envelope_schema() -> dict[str, Any]:
    """The JSON Schema of an event in structured mode, whatever its type."""
    text = {"type": "string", "minLength": 1, "maxLength": 512}
    return {
        "$schema": DIALECT,
        "$id": "urn:gemeinsam:envelope",
        "title": "Envelope",
        "description": "A CloudEvents 1.0 event in structured mode. (id, source) is the idempotency key.",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "pattern": IDENTIFIER, "maxLength": 80},
            "source": {**text, "format": "uri-reference"},
            "type": {**text, "x-open-codes": list(CATALOGUE)},
            "subject": text,
            "time": {**text, "format": "date-time"},
            "correlationid": {"type": "string", "maxLength": 512},
            "causationid": {"type": "string", "maxLength": 512},
            "datacontenttype": {"type": "string"},
            "data": {"type": "object"},
        },
    }


def examples() -> dict[str, dict[str, Any]]:
    """The hand-made example of each event in structured mode, by type."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "examples").glob("*.json"))
    }


def fingerprint() -> Fingerprint:
    """What the released language promises: of each type its fields, whether each must be there, and its form."""
    return {type_: _promises(schema_of(event)) for type_, event in CATALOGUE.items()}


def breaches(released: Fingerprint, now: Fingerprint) -> list[str]:
    """What in `now` breaks a promise of `released`, one sentence each; additions break none.

    A type or a field that is gone, a field whose form changed, one that became required (senders leave it out) or
    optional (readers count on it), and a new field that is required. A code list may grow, and not shrink.
    """
    return [breach for type_ in released for breach in _breaches_of(type_, released[type_], now.get(type_))]


def _breaches_of(type_: str, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> list[str]:
    if new is None:
        return [f"{type_} is gone"]
    found = [f"{type_}: {name} is gone" for name in old if name not in new]
    found += [f"{type_}: {name} is new and required" for name in new if name not in old and new[name]["required"]]
    for name in old.keys() & new.keys():
        before, after = old[name], new[name]
        if before["required"] != after["required"]:
            found.append(f"{type_}: {name} was {'required' if before['required'] else 'optional'}")
        if before["form"] != after["form"]:
            found.append(f"{type_}: {name} changed its form")
        if lost := set(before["codes"]) - set(after["codes"]):
            found.append(f"{type_}: {name} lost the codes {', '.join(sorted(lost))}")
    return sorted(found)


def _promises(schema: Mapping[str, Any]) -> dict[str, Any]:
    required = set(schema.get("required", ()))
    return {
        name: {"required": name in required, "form": _form(field), "codes": _codes(field)}
        for name, field in schema["properties"].items()
    }


def _form(field: Any) -> Any:
    if isinstance(field, dict):
        left_out = {"title", "description", "default", "x-open-codes", "examples"}
        return {k: v if k == "properties" else _form(v) for k, v in sorted(field.items()) if k not in left_out}
    return [_form(one) for one in field] if isinstance(field, list) else field


def _codes(field: Any) -> list[str]:
    if isinstance(field, dict):
        own = field.get("x-open-codes", [])
        return sorted({*own, *(code for below in field.values() for code in _codes(below))})
    if isinstance(field, list):
        return sorted({code for below in field for code in _codes(below)})
    return []


def _plain(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Without references and without the titles that only repeat a field's name."""
    if isinstance(schema, list):
        return [_plain(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _plain(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    made = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: _plain(field, definitions) for name, field in value.items()}
        elif key != "title" or not isinstance(value, str):
            made[key] = _plain(value, definitions)
    return made
