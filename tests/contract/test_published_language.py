"""The published language: generated files are current, promises are kept, each event has an example that holds."""

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from shared.contracts import envelope, topics
from shared.contracts.catalogue import CATALOGUE, of_topic
from shared.contracts.generate import generated, released
from shared.contracts.page import events_page
from shared.contracts.schemas import breaches, envelope_schema, examples, fingerprint, schema_of

FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER
TYPES = sorted(CATALOGUE)
GENERATED = generated()


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_generated_file_is_what_the_models_say(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == GENERATED[path], "run python -m shared.contracts.generate"


def test_no_schema_lies_about_that_belongs_to_no_event() -> None:
    folder = next(iter(GENERATED)).parent
    assert set(folder.glob("*.json")) <= GENERATED.keys()


def test_every_promise_of_the_released_language_is_kept() -> None:
    assert breaches(released(), fingerprint()) == []


@pytest.mark.parametrize("type_", TYPES)
def test_every_schema_is_a_json_schema(type_: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(CATALOGUE[type_]))


@pytest.mark.parametrize("type_", TYPES)
def test_every_event_has_an_example_that_model_and_schema_accept(type_: str) -> None:
    event = examples()[type_]
    jsonschema.validate(event, envelope_schema(), jsonschema.Draft202012Validator, format_checker=FORMATS)
    jsonschema.validate(
        event["data"], schema_of(CATALOGUE[type_]), jsonschema.Draft202012Validator, format_checker=FORMATS
    )
    sent, data = envelope.from_structured(event)
    read = CATALOGUE[type_].model.model_validate(data)
    assert sent.type == type_
    assert read.to_data().keys() == data.keys(), "an example shows declared fields only"
    assert CATALOGUE[type_].model.model_validate(read.to_data()) == read


@pytest.mark.parametrize("type_", TYPES)
def test_every_example_has_a_key_of_its_subject_on_its_topic(type_: str) -> None:
    sent, data = envelope.from_structured(examples()[type_])
    key = CATALOGUE[type_].topic.record_key(sent.subject, sent.source, sent.id, data)
    assert topics.subject_of_key(key) == sent.subject


def test_every_topic_but_the_dead_letters_has_events() -> None:
    silent = [topic.name for topic in topics.TOPICS if not of_topic(topic)]
    assert silent == [topic.name for topic in topics.DEAD_LETTERS.values()]


@pytest.mark.parametrize("type_", TYPES)
def test_readers_ignore_a_field_they_do_not_know(type_: str) -> None:
    data = examples()[type_]["data"]
    model = CATALOGUE[type_].model
    assert model.model_validate({**data, "added_later": {"deep": [1]}}) == model.model_validate(data)


def _planted(change: str) -> dict:
    language = copy.deepcopy(fingerprint())
    fields = language["gemeinsam.measure.started.v1"]
    match change:
        case "a type goes":
            del language["gemeinsam.measure.started.v1"]
        case "a field goes":
            del fields["provider"]
        case "an optional field becomes required":
            fields["hours"]["required"] = True
        case "a required field becomes optional":
            fields["started_on"]["required"] = False
        case "a field changes its form":
            fields["hours"]["form"] = {"type": "string"}
        case "a code goes":
            fields["type"]["codes"].remove("IK_ALLG")
        case "a required field is new":
            fields["room"] = {"required": True, "form": {"type": "string"}, "codes": []}
    return language


@pytest.mark.parametrize(
    "change",
    [
        "a type goes",
        "a field goes",
        "an optional field becomes required",
        "a required field becomes optional",
        "a field changes its form",
        "a code goes",
        "a required field is new",
    ],
)
def test_a_breach_is_noticed_when(change: str) -> None:
    assert len(breaches(fingerprint(), _planted(change))) == 1


def test_a_new_optional_field_a_new_code_and_a_new_type_break_nothing() -> None:
    language = copy.deepcopy(fingerprint())
    language["gemeinsam.measure.started.v1"]["room"] = {"required": False, "form": {"type": "string"}, "codes": []}
    language["gemeinsam.measure.started.v1"]["type"]["codes"].append("NEW")
    language["gemeinsam.measure.paused.v1"] = {}
    assert breaches(fingerprint(), language) == []


def test_the_asyncapi_document_is_valid_by_asyncapis_own_schema() -> None:
    own = json.loads((Path(__file__).parent / "asyncapi" / "asyncapi-3.0.0.schema.json").read_text(encoding="utf-8"))
    document = json.loads(next(p for p in GENERATED if p.name == "asyncapi.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(own)
    assert [error.message for error in validator.iter_errors(document)] == []
    document["channels"]["enrollment-persons"]["messages"] = ["planted"]
    assert list(validator.iter_errors(document))


def test_the_asyncapi_document_has_every_topic_and_event_and_no_dangling_reference() -> None:
    document = json.loads(next(p for p in GENERATED if p.name == "asyncapi.json").read_text(encoding="utf-8"))
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert {topic.name for topic in topics.TOPICS} | {"intake.{source}", "intake.{source}.replies"} == addresses
    assert set(CATALOGUE) < set(document["components"]["messages"])
    for reference in _references(document):
        at = document
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        return [v for k, v in node.items() if k == "$ref"] + [r for v in node.values() for r in _references(v)]
    return [r for v in node for r in _references(v)] if isinstance(node, list) else []


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_shows_every_event_and_loads_nothing_foreign(lang: str) -> None:
    page = events_page(lang, stylesheet="/static/styles.css", document_url="/docs/asyncapi.json")
    assert [type_ for type_ in CATALOGUE if f'id="{type_}"' not in page] == []
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert f'<html lang="{lang}">' in page


def test_no_example_or_schema_has_a_field_for_a_name_or_free_text_in_facts_about_persons() -> None:
    for event in of_topic(topics.PERSONS):
        for name, field in schema_of(event)["properties"].items():
            assert name not in {"name", "first_name", "last_name", "address", "email", "phone", "note", "birth_date"}
            assert _bounded(field), f"{event.type}: {name} takes any text"


def _bounded(field: object) -> bool:
    if isinstance(field, list):
        return all(map(_bounded, field))
    if not isinstance(field, dict):
        return True
    if field.get("type") == "string" and "pattern" not in field:
        return False
    below = [
        *field.get("anyOf", []),
        *([field["items"]] if "items" in field else []),
        *field.get("properties", {}).values(),
    ]
    return all(map(_bounded, below))
