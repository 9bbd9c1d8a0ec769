"""Of several events with one source and id in a file, the one that holds (docs/patterns.md, "Which facts hold")."""

from __future__ import annotations

import json
import sys
from array import array
from collections import Counter
from typing import Any

import msgspec
import rfc8785

from services.pathways.domain.facts import BOM, Fact, Unreadable, decode_line
from services.pathways.evaluate_file.job import digest


class _Key(msgspec.Struct, gc=False):
    source: str
    id: str


_key = msgspec.json.Decoder(_Key)


def repeated_differently(keys: array[int], marks: array[int]) -> frozenset[bytes]:
    """The digests that come with different lines; equal lines are one fact whichever of them is taken."""
    if len(set(keys)) == len(keys):
        return frozenset()
    again = {key for key, times in Counter(keys).items() if times > 1}
    lines: dict[int, set[int]] = {}
    for key, mark in zip(keys, marks, strict=True):
        if key in again:
            lines.setdefault(key, set()).add(mark)
    return frozenset([key.to_bytes(8, sys.byteorder, signed=True) for key, found in lines.items() if len(found) > 1])


def first_of_repeats(path: str, repeated: frozenset[bytes]) -> dict[tuple[str, str], Fact]:
    """By (source, id), the fact with the earlier time, on equal time with the lesser canonical JSON of its line."""
    first: dict[tuple[str, str], tuple[Fact, int, int]] = {}
    with open(path, "rb") as file, open(path, "rb") as again:

        def line_at(place: int, length: int) -> bytes:
            again.seek(place)
            return again.read(length)

        place = 0
        for line in file:
            fact = _fact(line, repeated)
            if fact is not None:
                key = (fact.source, fact.id)
                held = first.get(key)
                if held is None or _before(fact, line, held[0], line_at(held[1], held[2])):
                    first[key] = (fact, place, len(line))
            place += len(line)
    return {key: fact for key, (fact, _, _) in first.items()}


def _fact(line: bytes, repeated: frozenset[bytes]) -> Fact | None:
    """The fact of a line if it is one of the repeated."""
    try:
        key = _key.decode(line.removeprefix(BOM))
        return decode_line(line) if digest(key.source, key.id) in repeated else None
    except (Unreadable, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _before(fact: Fact, line: bytes, held: Fact, held_line: bytes) -> bool:
    one, other = (fact.at, fact.fraction), (held.at, held.fraction)
    if one != other or line == held_line:
        return one < other
    return _content(line) < _content(held_line)


def _content(line: bytes) -> str:
    return canonical(msgspec.json.decode(line.removeprefix(BOM)))


def canonical(event: Any) -> str:
    """Canonical JSON (RFC 8785) as text, to be compared by code point; its numbers are doubles."""
    try:
        return rfc8785.dumps(_in_doubles(event)).decode()
    except rfc8785.CanonicalizationError:
        return json.dumps(event, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _in_doubles(value: Any) -> Any:
    if type(value) is int and abs(value) > 2**53:
        return float(value)
    if type(value) is dict:
        return {key: _in_doubles(inner) for key, inner in value.items()}
    return [_in_doubles(inner) for inner in value] if type(value) is list else value
