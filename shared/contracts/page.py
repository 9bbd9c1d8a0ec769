"""The page that shows the published language to integrators: every topic and event, without any script."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from shared.contracts.catalogue import EventType, of_topic
from shared.contracts.fields import AREA, AREA_OR_NONE, IDENTIFIER, MONTH
from shared.contracts.schemas import examples, schema_of
from shared.contracts.topics import DEAD_LETTERS, INTAKE_REPLIES, TOPICS, Topic

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "title": "Ereignisse und Topics",
        "intro": "Alles, was gemeldet und veröffentlicht wird. Umschlag: CloudEvents 1.0. Alle Codelisten sind offen: "
        "ein unbekannter Code wird mit Hinweis angenommen.",
        "contents": "Inhalt",
        "topic": "Topic",
        "subject": "Subject",
        "key": "Schlüssel",
        "partitions": "Partitionen",
        "kept": "Aufbewahrung",
        "for_ever": "verdichtet, dauerhaft",
        "days": "Tage",
        "field": "Feld",
        "form": "Form",
        "needed": "Pflicht",
        "yes": "ja",
        "no": "nein",
        "codes": "bekannte Codes",
        "example": "Beispiel",
        "document": "AsyncAPI-Dokument",
        "or": "oder",
        "list": "Liste aus",
        "fields": "Felder von",
        IDENTIFIER: "Kennung oder Code",
        AREA: "AGS, 8 Ziffern",
        AREA_OR_NONE: "AGS oder leer",
        MONTH: "JJJJ-MM",
        "date": "JJJJ-MM-TT",
        "date-time": "Zeitpunkt (RFC 3339)",
        "string": "Text",
        "number": "Zahl",
        "integer": "ganze Zahl",
        "boolean": "ja oder nein",
        "null": "leer",
    },
    "en": {
        "title": "Events and topics",
        "intro": "All that is reported and published. Envelope: CloudEvents 1.0. All code lists are open: an unknown "
        "code is taken with a warning.",
        "contents": "Contents",
        "topic": "Topic",
        "subject": "Subject",
        "key": "Record key",
        "partitions": "Partitions",
        "kept": "Kept",
        "for_ever": "compacted, for ever",
        "days": "days",
        "field": "Field",
        "form": "Form",
        "needed": "Required",
        "yes": "yes",
        "no": "no",
        "codes": "known codes",
        "example": "Example",
        "document": "AsyncAPI document",
        "or": "or",
        "list": "list of",
        "fields": "Fields of",
        IDENTIFIER: "identifier or code",
        AREA: "AGS, 8 digits",
        AREA_OR_NONE: "AGS or empty",
        MONTH: "YYYY-MM",
        "date": "YYYY-MM-DD",
        "date-time": "instant (RFC 3339)",
        "string": "text",
        "number": "number",
        "integer": "whole number",
        "boolean": "true or false",
        "null": "null",
    },
}

_SHOWN = (*TOPICS, INTAKE_REPLIES)

STYLE = """
article { border-top: 1px solid; padding-top: 1rem; margin-top: 1.5rem; }
nav > ul { columns: 20rem; }
nav li { break-inside: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { overflow-x: auto; font-size: .85rem; }
td { overflow-wrap: anywhere; min-width: 8rem; }
details, .scroll { margin: 0 0 1rem; }
:target { scroll-margin-top: 1rem; }
"""
"""What the page adds to a stylesheet that has `card` and `scroll`."""


@lru_cache(maxsize=8)
def events_page(lang: str, *, stylesheet: str | None = None, document_url: str | None = None) -> str:
    """The whole HTML page in `de` or `en`. It loads nothing but `stylesheet` and can link the AsyncAPI document."""
    texts = _TEXTS["de" if lang == "de" else "en"]
    shown = examples()
    style = f'<link rel="stylesheet" href="{escape(stylesheet)}">' if stylesheet else ""
    link = f'<p><a href="{escape(document_url)}">{texts["document"]}</a></p>' if document_url else ""
    sections = "".join(_topic(topic, texts, lang, shown) for topic in _SHOWN)
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{texts['title']}</title>{style}</head>"
        f"<body><main><h1>{texts['title']}</h1><p>{texts['intro']}</p>{link}"
        f'<nav class="card" aria-label="{texts["contents"]}">{_contents(lang)}</nav>{sections}</main></body></html>'
    )


def _contents(lang: str) -> str:
    def events(topic: Topic) -> str:
        links = (f'<li><a href="#{e.type}">{escape(e.name(lang))}</a></li>' for e in of_topic(topic))
        return f"<ul>{''.join(links)}</ul>" if of_topic(topic) else ""

    rows = (f'<li><a href="#{escape(topic.name)}">{escape(topic.name)}</a>{events(topic)}</li>' for topic in _SHOWN)
    return f"<ul>{''.join(rows)}</ul>"


def _topic(topic: Topic, texts: Mapping[str, str], lang: str, shown: Mapping[str, Any]) -> str:
    kept = texts["for_ever"] if topic.retention_days is None else f"{topic.retention_days} {texts['days']}"
    facts = {
        texts["subject"]: topic.subject,
        texts["key"]: topic.key,
        texts["partitions"]: str(topic.partitions),
        texts["kept"]: kept,
    }
    if topic in DEAD_LETTERS.values():
        del facts[texts["subject"]]
    listed = "".join(f"<dt>{name}</dt><dd><code>{escape(value)}</code></dd>" for name, value in facts.items())
    events = "".join(_event(event, texts, lang, shown) for event in of_topic(topic))
    head = f"<h2>{texts['topic']} {escape(topic.name)}</h2><dl>{listed}</dl>"
    return f'<section class="card" id="{escape(topic.name)}">{head}{events}</section>'


def _event(event: EventType, texts: Mapping[str, str], lang: str, shown: Mapping[str, Any]) -> str:
    schema = schema_of(event)
    required = set(schema.get("required", ()))
    heads = "".join(f'<th scope="col">{texts[name]}</th>' for name in ("field", "needed", "form", "codes"))
    rows = "".join(
        f'<tr><th scope="row"><code>{name}</code></th><td>{texts["yes" if name in required else "no"]}</td>'
        f"<td>{escape(_form(field, texts))}</td><td>{escape(', '.join(_codes(field)))}</td></tr>"
        for name, field in schema["properties"].items()
    )
    example = escape(json.dumps(shown[event.type], ensure_ascii=False, indent=2)) if event.type in shown else ""
    return (
        f'<article id="{event.type}"><h3>{escape(event.name(lang))}</h3><p><code>{event.type}</code></p>'
        f'<p lang="en">{escape(event.description)}</p>'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{texts["fields"]} {event.model.__name__}">'
        f"<table><caption>{texts['fields']} {event.model.__name__}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        f"<details><summary>{texts['example']}</summary><pre>{example}</pre></details></article>"
    )


def _form(field: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    if "anyOf" in field:
        forms: Iterable[str] = (_form(one, texts) for one in field["anyOf"])
        return f" {texts['or']} ".join(dict.fromkeys(forms))
    kind = str(field.get("format") or field.get("type", ""))
    if kind == "array":
        return f"{texts['list']} {_form(field.get('items', {}), texts)}".strip()
    if kind == "object":
        return "{" + ", ".join(field.get("properties", {})) + "}"
    return texts.get(field.get("pattern", ""), texts.get(kind, kind))


def _codes(field: Mapping[str, Any]) -> list[str]:
    found = list(field.get("x-open-codes", ()))
    for one in (*field.get("anyOf", ()), *([field["items"]] if "items" in field else [])):
        found += _codes(one) if isinstance(one, dict) else []
    return found
