"""The AsyncAPI 3 document of all topics, made from the catalogue."""

from typing import Any

from shared.contracts import dead_letters
from shared.contracts.catalogue import CATALOGUE, EventType, of_topic
from shared.contracts.schemas import examples, schema_of
from shared.contracts.topics import DEAD_LETTERS, INDICATORS, INTAKE_REPLIES, TOPICS, Topic

DAY_MS = 86_400_000
_SAYS = {
    "enrollment.persons": "Facts about persons, as municipal systems report them: the memory of the system.",
    "enrollment.municipalities": "How municipalities join, work together and are funded.",
    "enrollment.workshops": "Development and starter workshops, and their seats.",
    "enrollment.offers": "Offers of integration: published, changed, closed.",
    "enrollment.erasures": "That a person has been erased, and each service's proof that it holds nothing any more.",
    "pathways.findings": "What follows from the facts: the last record of a key is the state of a finding.",
    "pathways.referrals": "Referrals whose start would make a warning, said before they begin; mails follow from it.",
    "notifications.deliveries": "Messages that were delivered or given up.",
    "reporting.indicators": "Protected figures, free for every consumer: the last record of a key is the cell's value.",
}


def document() -> dict[str, Any]:
    """The whole AsyncAPI 3.0.0 document. Schemas are written so that draft-07 readers understand them too."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Gemeinsam: events",
            "version": "1.0.0",
            "description": "All topics and events. CloudEvents 1.0 in Kafka's binary mode; the value is the data "
            "as JSON. Outsiders read reporting.indicators and their own intake topics.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": {**{_key(t.name): _channel(t) for t in TOPICS}, **_intake_channels()},
        "operations": {
            **{f"say.{_key(t.name)}": _operation("send", _key(t.name)) for t in TOPICS},
            **_intake_operations(),
        },
        "components": {
            "messages": {**{e.type: _message(e) for e in CATALOGUE.values()}, "dead-letter": _dead_letter()},
            "schemas": {e.type: _draft_07(schema_of(e)) for e in CATALOGUE.values()} | {"attributes": _attributes()},
        },
    }


def _key(name: str) -> str:
    return name.replace(".", "-")


def _channel(topic: Topic) -> dict[str, Any]:
    names = ["dead-letter"] if topic in DEAD_LETTERS.values() else [event.type for event in of_topic(topic)]
    who = "everybody" if topic == INDICATORS else "the services only"
    return {
        "address": topic.name,
        "description": _SAYS.get(topic.name, "Records this service could never use, with the reason."),
        "messages": {_key(name): {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"kafka": _kafka(topic)},
        "x-subject": topic.subject,
        "x-record-key": topic.key,
        "x-read-by": who,
    }


def _kafka(topic: Topic) -> dict[str, Any]:
    configuration: dict[str, Any] = {"cleanup.policy": [topic.cleanup]}
    if topic.retention_days is not None:
        configuration["retention.ms"] = topic.retention_days * DAY_MS
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": configuration,
        "bindingVersion": "0.5.0",
    }


def _operation(action: str, channel: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _intake_channels() -> dict[str, Any]:
    parameters = {"source": {"description": "The registered source as a topic name, e.g. koeln.example.jobcenter"}}
    persons = [event for event in CATALOGUE.values() if event.topic.name == "enrollment.persons"]
    messages = {_key(e.type): {"$ref": f"#/components/messages/{e.type}"} for e in persons}
    return {
        "intake": {
            "address": "intake.{source}",
            "description": "What a source sends over Kafka instead of HTTP. One principal writes.",
            "parameters": parameters,
            "messages": messages,
        },
        "intake-replies": {
            "address": "intake.{source}.replies",
            "description": "Each record that was refused, and why. One principal reads.",
            "parameters": parameters,
            "messages": {_key(e.type): {"$ref": f"#/components/messages/{e.type}"} for e in of_topic(INTAKE_REPLIES)},
        },
    }


def _intake_operations() -> dict[str, Any]:
    return {"hear.intake": _operation("receive", "intake"), "say.intake-replies": _operation("send", "intake-replies")}


def _message(event: EventType) -> dict[str, Any]:
    example = examples()[event.type]
    return {
        "name": event.type,
        "title": event.name_en,
        "summary": event.name_de,
        "description": event.description,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/attributes"},
        "payload": {"$ref": f"#/components/schemas/{event.type}"},
        "examples": [{"name": event.model.__name__, "payload": example["data"]}],
    }


def _attributes() -> dict[str, Any]:
    names = ["specversion", "id", "source", "type", "subject", "time"]
    return {
        "type": "object",
        "required": [f"ce_{name}" for name in names] + ["content-type"],
        "properties": {
            **{f"ce_{name}": {"type": "string"} for name in [*names, "correlationid", "causationid"]},
            "content-type": {"const": "application/json"},
            "traceparent": {"type": "string", "description": "W3C Trace Context"},
        },
    }


def _dead_letter() -> dict[str, Any]:
    return {
        "name": "dead-letter",
        "title": "Dead letter",
        "description": "The original bytes, key and headers, and where and why they were put aside.",
        "headers": {
            "type": "object",
            "required": sorted(dead_letters.NAMES),
            "properties": {name: {"type": "string"} for name in sorted(dead_letters.NAMES)},
        },
        "payload": {},
    }


def _draft_07(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_draft_07(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    names = {"prefixItems": "items"}
    return {names.get(k, k): _draft_07(v) for k, v in schema.items() if k not in ("$schema", "$id")}
